"""Where two computations of the same value and derivatives differ most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from verify.autograd.expected import Expected
from verify.autograd.torch_sweeps import Sweeps

QUANTITIES = ("value", "gradient", "second derivative", "forward mode")


@dataclass(frozen=True)
class Difference:
    """The worst number of an array.

    quantity  one of QUANTITIES
    share     the error over what rounding explains; inf for a nan
    found     what the candidate has
    wanted    what the definition has
    where     in words
    """

    quantity: str
    share: float
    found: float
    wanted: float
    where: str

    @property
    def wrong(self) -> bool:
        """Whether rounding does not explain it."""
        return self.share > 1

    def __str__(self) -> str:
        return (
            f"{self.quantity}: {self.found:.9g} for {self.wanted:.9g} {self.where}, "
            f"{self.share:.3g} times what rounding explains"
        )


def differences(found: Sweeps, expected: Expected) -> Iterator[Difference]:
    """The worst of each array that the candidate has; quantity after quantity."""
    rows = zip(_arrays(found), _arrays(expected.wanted), strict=True)
    bounds = _arrays(expected.allowed)
    for (one, other), bound in zip(rows, bounds, strict=True):
        if one[2] is not None and one[2].size:
            yield _worst(one, other[2], bound[2], expected)


Row = tuple[str, str | int, np.ndarray | None]


def _arrays(sweeps: Sweeps) -> Iterator[Row]:
    """(quantity, which, array) of everything; None for what is not there."""
    value, gradient, second, forward = QUANTITIES
    for number, array in enumerate(sweeps.value):
        yield value, number, array
    for name, array in sweeps.slopes.items():
        yield gradient, name, array
    for name in sweeps.slopes:
        yield second, name, None if sweeps.second is None else sweeps.second[name]
    for number in range(len(sweeps.value)):
        yield forward, number, None if sweeps.pushed is None else sweeps.pushed[number]


def _worst(
    row: Row, wanted: np.ndarray | None, bound: np.ndarray | None, expected: Expected
) -> Difference:
    quantity, which, found = row
    assert found is not None
    assert wanted is not None
    assert bound is not None
    shares = _shares(found, wanted, bound).ravel()
    place = int(np.argmax(shares))
    return Difference(
        quantity,
        float(shares[place]),
        float(found.ravel()[place]),
        float(wanted.ravel()[place]),
        _where(which, place, expected),
    )


def _shares(found: np.ndarray, wanted: np.ndarray, bound: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        error = np.abs(found - wanted)
        shares = np.where(error == 0, 0.0, error / bound)
    return np.where(np.isnan(shares), np.inf, shares)


def _where(which: str | int, place: int, expected: Expected) -> str:
    sheet = expected.sheet
    if isinstance(which, str):
        beside = sheet.beside(which, place)
        at = ", ".join(f"{word} = {x!r}" for word, x in beside.items())
        return f"in {which} at {at}" if at else f"in {which}, number {place}"
    batch = sheet.batches[which // len(sheet.batches[0].weights)]
    given = ", ".join(f"{word} {cut.shape}" for word, cut in batch.cuts.items())
    behind = " behind networks" if sheet.network else ""
    return f"in number {place} of a result of {given}{behind}"


@cache
def resolution(quantity: str, expected: tuple[Expected, ...]) -> float:
    """The relative error that half of the numbers of a quantity would show."""
    found = []
    for one in expected:
        pairs = zip(_arrays(one.wanted), _arrays(one.allowed), strict=True)
        for (name, _, wanted), (_, _, bound) in pairs:
            if name == quantity and wanted is not None and bound is not None:
                asked = (wanted != 0) & np.isfinite(bound)
                found.append((bound[asked] / np.abs(wanted[asked])).ravel())
    return float(np.median(np.concatenate(found)))
