"""Even draws of a law, in pairs: each stratum of equal probability has two.

Their mean is nearer to the expectation than that of independent draws, and the two in a
stratum tell how near: half the squared difference estimates the variance there.

Source: Cochran, "Sampling Techniques", 1977, sections 5.3 and 5.6.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from scipy.special import ndtri

STANDARD_ERRORS = 6.2
"""A normal variable is farther from its mean with a probability of 6e-10."""


def normal_draws(strata: int, rng: np.random.Generator) -> np.ndarray:
    """Draws of the standard normal law, shape (strata, 2)."""
    places = np.arange(strata)[:, None] + rng.uniform(size=(strata, 2))
    return ndtri(np.clip(places / strata, 2.0**-53, 1 - 2.0**-53))


def standard_error(values: np.ndarray) -> np.ndarray:
    """The standard error of the mean over all draws, shape (...).

    values  what is averaged, for each draw, shape (strata, 2, ...)
    """
    within = (values[:, 0] - values[:, 1]) ** 2 / 2
    return np.sqrt(within.sum(0) / 2) / len(values)


def standard_errors(*means: np.ndarray) -> float:
    """That of a sum of independent means, from what each of them averages."""
    return sqrt(sum(float(standard_error(values)) ** 2 for values in means))
