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
def seen(means: Means, chosen: FamilyWise) -> tuple[np.ndarray, np.ndarray]:
    """The relative error of each number that would be seen: values, derivatives.

    inf where no relative error would be: the number is 0, or a tolerance is none.
    """
    gradient, size = means.probe.gradient, np.abs(means.expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(size > 0, SURE * allowed(means, chosen) / size, np.inf)
    error = np.where(np.isnan(error), np.inf, error)
    return error[~gradient], error[gradient]


def sight(means: Means, chosen: FamilyWise) -> tuple[float, float]:
    """The least relative errors that would be seen, in a value and in a derivative.

    inf where there is none.
    """
    of_value, of_slope = (
        float(np.min(errors, initial=np.inf)) for errors in seen(means, chosen)
    )
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
    """Differences by what is allowed; inf where a number that it takes is none.

    An answer has to be finite; beside a mean or a tolerance that is nan no answer
    agrees.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(answers - expected)
        found = np.where(apart == 0, 0.0, apart / width)
    known = np.isfinite(answers) & ~np.isnan(found) & ~np.isnan(width)
    return np.where(known, found, np.inf)
