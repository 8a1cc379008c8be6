"""Answers of a callable beside sampled means: how far apart, in what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from verify.monte_carlo.family_wise import FamilyWise
from verify.monte_carlo.truth import Means

SURE = 2.0  # tolerances: an error of so many is seen with the probability 1 - rate


@dataclass(frozen=True)
class Compared:
    """What came out at one probe.

    share  the largest difference, as a share of what is allowed
    words  which it is, in words
    count  comparisons
    """

    share: float
    words: str
    count: int


@lru_cache(maxsize=1024)
def allowed(means: Means, chosen: FamilyWise) -> np.ndarray:
    """How far off the answers may be, (answers,): what sampling does, and rounding."""
    return means.probe.tolerances(means.design, chosen.odds) + means.probe.rounding


@lru_cache(maxsize=1024)
def sight(means: Means, chosen: FamilyWise) -> tuple[float, float]:
    """The least relative errors that would be seen, in a value and in a derivative.

    inf where there is none.
    """
    gradient, size = means.probe.gradient, np.abs(means.expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        least = np.where(size > 0, SURE * allowed(means, chosen) / size, np.inf)
    kinds = (~gradient, gradient)
    of_value, of_slope = (float(np.min(least[k], initial=np.inf)) for k in kinds)
    return of_value, of_slope


def compared(means: Means, answers: np.ndarray, chosen: FamilyWise) -> Compared:
    """Every answer with its mean; answers that are not there are not compared."""
    count = len(answers)
    expected, width = means.expected[:count], allowed(means, chosen)[:count]
    shares = _shares(answers, expected, width)
    at = int(np.argmax(shares))
    what = f"{means.probe.rows[at].what}: {answers[at]:.9g}"
    known = f"{expected[at]:.9g} within {width[at]:.2g}"
    said = f"{what}, the mean over {means.design.draws} draws is {known}"
    return Compared(float(shares[at]), said, count)


def _shares(answers: np.ndarray, expected: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Differences by what is allowed; inf for an answer that is no finite number."""
    apart = np.abs(answers - expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(apart == 0, 0.0, apart / width)
    return np.where(np.isfinite(answers), found, np.inf)
