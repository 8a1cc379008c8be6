"""Counts, sums and squared deviations that are put together without any rounding.

A block's sums are floating-point numbers, and so rational ones: added as such, the
result does not depend on how many processes made them, nor on the order.

Source: Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for
Computing Sample Variances", 1979, here in exact arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True)
class Moments:
    """What is known of the means of several quantities.

    count    draws
    totals   of each quantity
    squares  of each: the deviations within blocks, plus total^2/count of each block
    """

    count: int
    totals: tuple[Fraction, ...]
    squares: tuple[Fraction, ...]

    @classmethod
    def of_block(cls, count: int, sums: np.ndarray, deviations: np.ndarray) -> Moments:
        """Of one block: sums and squared deviations from the block's mean, (p,)."""
        totals = tuple(map(Fraction, sums.tolist()))
        within = map(Fraction, deviations.tolist())
        squares = tuple(w + t * t / count for w, t in zip(within, totals, strict=True))
        return cls(count, totals, squares)

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.count + other.count,
            tuple(a + b for a, b in zip(self.totals, other.totals, strict=True)),
            tuple(a + b for a, b in zip(self.squares, other.squares, strict=True)),
        )

    @property
    def means(self) -> np.ndarray:
        """Shape (p,), each rounded once."""
        return np.array([float(t / self.count) for t in self.totals])

    @property
    def deviations(self) -> np.ndarray:
        """Standard deviations, shape (p,); nan of a single draw."""
        if self.count < 2:
            return np.full(len(self.totals), np.nan)
        pairs = zip(self.squares, self.totals, strict=True)
        apart = [float((s - t * t / self.count) / (self.count - 1)) for s, t in pairs]
        return np.sqrt(np.maximum(apart, 0.0))
