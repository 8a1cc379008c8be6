"""What a callable computed beside the truth: errors in shares of what rounding allows.

Allowed are 8 unit roundoffs of the sizes of the summands (see `definitions`), and the
smallest normal number, below which the dtype underflows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from verify.accuracy.formats import Format
from verify.losses.call import Results
from verify.losses.candidate import Candidate
from verify.losses.magnitudes import INSIDE
from verify.oracle.expected import Expected
from verify.oracle.truth import Exact

ROUNDOFFS = 8.0
"""How many unit roundoffs of the summands' sizes an error may have."""
QUANTITIES = ("value", "gradient", "second")
VISIBLE = 2.0**-100  # of the summands' sizes: the truth is known to 2^-140
HEADROOM = 4.0  # a step on the way is at most so many times the summands' sizes


@dataclass(frozen=True)
class Worst:
    """Where one quantity is furthest off, in one batch or in all.

    share  the error over what is allowed; inf for what is not finite and should be
    label  which derivative: "d/dmu"
    found  what was computed
    true   what is true
    where  the arguments, by word
    batch  the batch that it was in
    """

    share: float
    label: str
    found: float
    true: float
    where: dict[str, float] = field(compare=False)
    batch: Expected = field(compare=False)

    @property
    def wrong(self) -> bool:
        """Whether rounding cannot explain it."""
        return self.share > 1

    @property
    def plain(self) -> bool:
        """Whether anybody sees it: not finite, or right to three digits at most."""
        return not isfinite(self.found) or self.size * 1e-3 < abs(
            self.found - self.true
        )

    @property
    def size(self) -> float:
        """Of the true number."""
        return abs(self.true)

    @property
    def words(self) -> str:
        """What was found, for what, and where."""
        at = ", ".join(f"{word} = {x:.6g}" for word, x in self.where.items())
        return f"{self.found:.3g} for {self.true:.3g} at {at}"


@dataclass(frozen=True)
class Compared:
    """One result, slope or second derivative of a batch, beside the truth.

    quantity  one of QUANTITIES
    factor    the weights that it was multiplied by
    excused   where it is wrong beyond the range
    """

    quantity: str
    label: str
    found: np.ndarray
    true: Exact
    factor: np.ndarray
    batch: Expected
    share: np.ndarray
    error: np.ndarray
    excused: np.ndarray

    @property
    def overflow(self) -> Worst | None:
        """Where it is wrong so far out that it is no refutation."""
        return self._at(int(np.argmax(self.excused))) if self.excused.any() else None

    @property
    def worst(self) -> Worst:
        """Where it is furthest off."""
        return self._at(int(np.argmax(self.share)))

    def lost(self, form: Format) -> Worst | None:
        """The largest true number of which no digit is right, by rounding alone."""
        size = np.abs(self.true.high)
        seen = size > np.maximum(form.smallest, VISIBLE * self.true.size)
        hidden = (self.error > size / 2) & seen & (self.share <= 1) & ~self.excused
        if not hidden.any():
            return None
        return self._at(int(np.argmax(np.where(hidden, size, 0.0))))

    def _at(self, place: int) -> Worst:
        where = _where(
            self.batch, np.unravel_index(place, self.share.shape), self.share
        )
        numbers = (self.share, self.found, self.true.high, self.factor)
        share, found, true, factor = (float(n.flat[place]) for n in numbers)
        return Worst(
            share, self.label, found / factor, true / factor, where, self.batch
        )


def compared(results: Results, batch: Expected, said: Candidate) -> Iterator[Compared]:
    """Each quantity that was computed."""
    for quantity, label, found, true, factor in _pairs(results, batch):
        share, error = shares(found, true, said.format)
        far = batch.case.reach(found.shape) > _limit(quantity, said)
        excused = far & (share > 1)
        share = np.where(excused, 0.0, share)
        yield Compared(
            quantity, label, found, true, factor, batch, share, error, excused
        )


def _limit(quantity: str, said: Candidate) -> float:
    """Up to which reach nothing may leave the range: where a step multiplies, less."""
    times = QUANTITIES.index(quantity)
    steps = 1 + times if said.convention.loss.divides else max(times, 1)
    return INSIDE[said.dtype] / steps


def shares(
    found: np.ndarray, true: Exact, form: Format
) -> tuple[np.ndarray, np.ndarray]:
    """The errors over what is allowed, and the errors.

    Where the summands leave the range of the dtype nothing is asked for.
    """
    with np.errstate(all="ignore"):
        error = np.abs((found - true.high) - true.low)
        size = np.maximum(true.size, np.abs(true.high))
        allowed = ROUNDOFFS * 2.0**-form.digits * size + 2.0**form.lowest
        share = np.where(np.isfinite(found), error / allowed, np.inf)
        reachable = size <= form.largest / HEADROOM
        error = np.where(np.isfinite(found), error, np.inf)
    return np.where(reachable, share, 0.0), np.where(reachable, error, 0.0)


def _pairs(
    results: Results, batch: Expected
) -> Iterator[tuple[str, str, np.ndarray, Exact, np.ndarray]]:
    for found, true in zip(results.value, batch.value, strict=True):
        yield "value", "", found, true, np.ones_like(found)
    for word, slope in results.slopes.items():
        truth = batch.slopes[word]
        yield "gradient", f"d/d{word}", slope, truth, batch.factors[word]
    for pair, second in results.seconds.items():
        label = "d/d{} d{}".format(*pair)
        yield "second", label, second, batch.seconds[pair], batch.factors[pair]


def _where(
    batch: Expected, place: tuple[np.intp, ...], of: np.ndarray
) -> dict[str, float]:
    """The arguments at a place; the sample's first ones where it has but one number."""
    found = {}
    for word, array in batch.case.arrays.items():
        inside = of.ndim and len(array) == len(of)
        if of.shape == array.shape[: of.ndim]:
            found[word] = float(np.ravel(array[place])[0])
        else:
            found[word] = float(np.ravel(array[place[0]] if inside else array)[0])
    return found
