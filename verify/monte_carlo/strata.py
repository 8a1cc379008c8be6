"""How far a function of one normal draw can go inside a stratum.

A stratum is one of S intervals of the line, each of probability 1/S. Inside one that is
bounded, a e^2 + b e moves by at most abs(a) times the range of e^2 plus abs(b) times
that of e, so that Hoeffding's lemma bounds its cumulants; in the two that are not, the
cumulants are those of a normal beyond a point, which are known.

Source: Hoeffding, "Probability Inequalities for Sums of Bounded Random Variables",
1963, lemma 1; Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 1",
1994, section 13.10.1 (the truncated normal).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import log_ndtr, ndtri

ROUNDING = 1 + 2.0**-20  # of sums of at most 2^20 ranges, each right to a few units


@cache
def ranges(strata: int) -> tuple[float, float]:
    """The root of the sum of the squared ranges of e^2, and that of e.

    Over the bounded strata of one round; `strata` is a power of two.
    """
    if strata <= 2:
        return 0.0, 0.0
    ends = np.append(ndtri(np.arange(1, strata // 2) / strata), 0.0)
    of_square = 2 * np.sum(np.diff(ends**2) ** 2)
    of_draw = 2 * np.sum(np.diff(ends) ** 2)
    return float(np.sqrt(of_square)) * ROUNDING, float(np.sqrt(of_draw)) * ROUNDING


def cumulants(
    rate: np.ndarray, a: np.ndarray, b: np.ndarray, strata: int
) -> np.ndarray:
    """A bound on log E exp(rate (X - E X)), X the sum over one round of a e^2 + b e.

    rate    shape (g, 1), > 0
    a, b    shape (c,): several independent coordinates, whose bounds are added
    strata  1: a single draw, and the value is exact

    Shape (g,); inf where the expectation is.
    """
    if strata == 1:
        left = 1 - 2 * rate * a
        with np.errstate(all="ignore"):
            found = (rate * b) ** 2 / (2 * left) - np.log(left) / 2 - rate * a
        return np.where(left > 0, found, np.inf).sum(-1)
    of_square, of_draw = ranges(strata)
    within = (rate * (np.abs(a) * of_square + np.abs(b) * of_draw)) ** 2 / 8
    ends = _beyond(rate, a, b, strata) + _beyond(rate, a, -b, strata)
    return (within + ends).sum(-1)


def _beyond(rate: np.ndarray, a: np.ndarray, b: np.ndarray, strata: int) -> np.ndarray:
    """The same of one draw that is known to be in the last stratum."""
    start = -float(ndtri(1 / strata))
    density = np.exp(-(start**2) / 2) / np.sqrt(2 * np.pi) * strata
    mean = a * (1 + start * density) + b * density
    left = 1 - 2 * rate * a
    with np.errstate(all="ignore"):
        root = np.sqrt(left)
        tail = log_ndtr((rate * b - left * start) / root) - log_ndtr(-start)
        square = (rate * b) ** 2 / (2 * left)
        found = square - np.log(left) / 2 + tail - rate * mean
        size = square + np.abs(tail) + np.abs(rate * mean)
    return np.where(left > 0, np.maximum(found, 0.0) + 2.0**-40 * size, np.inf)
