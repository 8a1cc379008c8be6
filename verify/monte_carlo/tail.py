"""How far a mean of draws can be from its expectation: a bound, for any number of them.

Of a e^2 + b e the cumulants are known (Chernoff's bound); a function with Lipschitz
constant L of a normal draw has at most those of a normal with deviation L (Gaussian
concentration), and so it has given that the draw is in a stratum, whose law is the
image of a normal under a map that brings nothing apart. Sums of independent ones add
their cumulants, and any rate gives a bound, so that the search for the best needs no
care.

Source: Boucheron, Lugosi and Massart, "Concentration Inequalities", 2013, sections 2.2
and 5.4; Caffarelli, "Monotonicity Properties of Optimal Transportation", 2000.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from verify.monte_carlo.noise import Design
from verify.monte_carlo.strata import cumulants, ranges

FINEST, COARSEST, RATES = -6.0, 4.0, 48  # powers of two around the rate of a normal


@dataclass(frozen=True)
class Spread:
    """A mean over draws of a function that is a sum over independent coordinates.

    design     of the draws
    a, b       shape (c,): a coordinate adds a e^2 + b e, and a constant
    lipschitz  shape (c,): another adds something with this Lipschitz constant

    Raises ValueError for a coordinate that adds both: cumulants of two functions of one
    draw do not add up.
    """

    design: Design
    a: np.ndarray
    b: np.ndarray
    lipschitz: np.ndarray

    def __post_init__(self) -> None:
        quadratic = (self.a != 0) | (self.b != 0)
        both = np.flatnonzero(quadratic & (self.lipschitz != 0))
        if both.size:
            raise ValueError(
                f"coordinate {both[0]} has a quadratic and a Lipschitz part, need one "
                "or the other: the parts of one draw are not independent"
            )

    @property
    def needed(self) -> Spread:
        """The same without the coordinates that add nothing."""
        kept = (self.a != 0) | (self.b != 0) | (self.lipschitz != 0)
        return Spread(self.design, self.a[kept], self.b[kept], self.lipschitz[kept])

    @property
    def proxy(self) -> float:
        """A variance proxy of the mean of the Lipschitz part."""
        design, total = self.design, float(np.sum(self.lipschitz**2))
        share = 1.0 if design.strata == 1 else 2 + ranges(design.strata)[1] ** 2 / 4
        return total * min(share, design.strata) * design.rounds / design.draws**2

    @property
    def size(self) -> float:
        """About how large a deviation of the mean is; only sets where to search."""
        parts = np.concatenate([self.a, self.b, self.lipschitz])
        return float(np.sqrt(np.sum(parts**2) * self.design.rounds)) / self.design.draws

    def cumulants(self, rate: np.ndarray, sign: int) -> np.ndarray:
        """A bound on log E exp(rate sign (mean - expectation)), shape (g,)."""
        each = (rate / self.design.draws)[:, None]
        quadratic = cumulants(each, sign * self.a, sign * self.b, self.design.strata)
        return self.design.rounds * quadratic + rate**2 / 2 * self.proxy

    @property
    def last_rate(self) -> float:
        """Where the cumulants of a e^2 end."""
        largest = float(np.max(np.abs(self.a), initial=0.0))
        return self.design.draws / (2 * largest) if largest else np.inf


def tolerance(spreads: Sequence[Spread], odds: float) -> float:
    """t such that the sum of the means is off by more with a probability <= 2 e^-odds.

    spreads  of means that are independent of each other

    The two sides have e^-odds each.
    """
    parts = [spread.needed for spread in spreads]
    size = float(np.sqrt(sum(part.size**2 for part in parts)))
    if size == 0:
        return 0.0
    rates = np.sqrt(2 * odds) / size * np.exp2(np.linspace(FINEST, COARSEST, RATES))
    last = min(part.last_rate for part in parts)
    if np.isfinite(last):
        rates = np.append(rates, last * np.linspace(0.02, 0.995, RATES))
    sides = []
    for sign in (1, -1):
        bound = sum((part.cumulants(rates, sign) for part in parts), np.zeros(1))
        sides.append(float(np.min((odds + bound) / rates)))
    return max(sides)
