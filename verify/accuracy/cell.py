"""One cell of the table: the worst of many results, and what was worse than wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from verify.accuracy.errors import Errors

Point = tuple[float, ...]


@dataclass
class Cell:
    """What was found of the value, of the gradient or of the second derivatives.

    units   the largest distance from the truth, in units in the last place, of all
            results that are numbers of the right sign
    where   which derivative that is, and at which point
    counts  how many results were nan, a false infinity, a false 0, of the wrong sign
    first   of each of these the most ordinary point, with its derivative
    """

    units: float = 0.0
    where: tuple[str, Point] | None = None
    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, tuple[str, Point]] = field(default_factory=dict)

    def take(
        self, label: str, found: Errors, columns: Sequence[np.ndarray], of: np.ndarray
    ) -> None:
        """Add the errors of one derivative at the points of which `of` holds."""
        plain = np.where(found.faulty | ~of, -1.0, found.units)
        worst = int(np.argmax(plain))
        if plain[worst] >= 0 and (self.where is None or plain[worst] > self.units):
            self.units = float(plain[worst])
            self.where = (label, _at(columns, worst))
        for kind, places in found.kinds.items():
            chosen = np.flatnonzero(places & of)
            if len(chosen):
                self.counts[kind] = self.counts.get(kind, 0) + len(chosen)
                nearest = chosen[np.argmin(_oddness(columns, chosen))]
                self.first.setdefault(kind, (label, _at(columns, int(nearest))))

    def within(self, bound: float) -> bool:
        """Whether no result is further off, or of another kind."""
        return not self.counts and self.units <= bound

    def as_data(self) -> dict:
        """The same as plain data, for JSON."""
        return {
            "ulp": self.units if np.isfinite(self.units) else "inf",
            "where": _as_data(self.where),
            "faults": {
                kind: {"count": count, **(_as_data(self.first[kind]) or {})}
                for kind, count in self.counts.items()
            },
        }


def _as_data(where: tuple[str, Point] | None) -> Mapping | None:
    """JSON has no infinity, and no nan."""
    if where is None:
        return None
    at = [x if np.isfinite(x) else str(x) for x in where[1]]
    return {"derivative": where[0], "at": at}


def _at(columns: Sequence[np.ndarray], n: int) -> Point:
    return tuple(float(column[n]) for column in columns)


def _oddness(columns: Sequence[np.ndarray], chosen: np.ndarray) -> np.ndarray:
    """How far the sizes of the coordinates are from 1; a 0 is as good as 1."""
    total = np.zeros(len(chosen))
    for column in columns:
        size = np.abs(column[chosen])
        with np.errstate(divide="ignore"):
            total += np.where(size == 0, 0.0, np.abs(np.log2(size)))
    return total
