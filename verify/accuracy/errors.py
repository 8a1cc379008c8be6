"""Distance to the truth, in units in the last place, and results of another kind.

The unit is Goldberg's: of the binade in which the truth lies; below the normal numbers,
the smallest subnormal; above the last finite value, that value's unit.

Source: Muller et al., "Handbook of Floating-Point Arithmetic", 2nd edition, 2018,
section 2.3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify.accuracy.truth import Truth

KINDS = ("nan", "inf", "zero", "sign")
"""What a result can be that no distance tells.

nan   the truth is a number
inf   the truth rounds to a finite one
zero  the truth is the smallest subnormal, or larger
sign  the truth has the other sign, or is 0
"""


@dataclass(frozen=True)
class Errors:
    """What is wrong with results, each an array of shape (n,).

    units  the distance in units in the last place; inf for nan and for false infinities
    kinds  for each of KINDS, where it is so
    """

    units: np.ndarray
    kinds: dict[str, np.ndarray]

    @property
    def faulty(self) -> np.ndarray:
        """Where a result is of one of the kinds."""
        return np.logical_or.reduce(list(self.kinds.values()))


def errors(results: np.ndarray, truth: Truth) -> Errors:
    """Compare results, float64 that hold values of the truth's format, with it.

    An infinity is right where the truth rounds to it: from half a unit beyond the last
    finite value on.
    """
    form = truth.format
    with np.errstate(all="ignore"):
        end = np.ldexp(form.largest, -truth.unit)  # in units, where truth is near it
        size = np.abs(truth.whole)
        beyond = (size > end) | ((size == end) & (np.abs(truth.part) >= 0.5))
        positive = truth.whole + truth.part > 0
        negative = truth.whole + truth.part < 0
        right = np.isinf(results) & beyond & ((results > 0) == positive)
        distance = np.abs(np.ldexp(results, -truth.unit) - truth.whole - truth.part)
    units = np.where(right, 0.0, distance)
    finite = np.isfinite(results)
    units[~finite & ~right] = np.inf
    kinds = {
        "nan": np.isnan(results),
        "inf": np.isinf(results) & ~right,
        "zero": (results == 0) & (size >= 1),
        "sign": finite & (((results > 0) & ~positive) | ((results < 0) & ~negative)),
    }
    return Errors(units, kinds)
