"""Places where some way to compute a loss leaves the range, or meets a floor.

Each is a set of points, by the dtype and the arguments in their natural measures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from verify.accuracy.formats import Format
from verify.losses.magnitudes import exponents, is_real, kind_of
from verify.peers.natural import Natural

Region: TypeAlias = Callable[[Format, Natural], np.ndarray]

USUAL, FAR = 70.0, 1e6
"""The largest logits and log-variances, and the largest means, that are compared."""
HEADROOM = 4.0  # a step on the way is at most so many times what it leads to
NEARLY = 1.001  # a floor is met by what rounds to it


def _root(form: Format, power: float) -> float:
    """The largest number whose power is no normal number any more."""
    return 2.0 ** (form.lowest / power)


def small_variance(form: Format, at: Natural) -> np.ndarray:
    """One whose digits are lost, or all of it."""
    return at["scale"] < _root(form, 2)


def small_ratio(form: Format, at: Natural) -> np.ndarray:
    """The ratio of two variances, or one of them."""
    ratio = at["scale1"] / at["scale2"]
    few = np.minimum(np.minimum(ratio, at["scale1"]), at["scale2"])
    return (few < _root(form, 2)) | _beyond(form, at["scale2"])


def _beyond(form: Format, sigma: np.ndarray) -> np.ndarray:
    """Deviations whose squares are beyond the largest number, or next to it."""
    return sigma > (form.largest / HEADROOM) ** 0.5 / HEADROOM


def slope_of_square(form: Format, at: Natural) -> np.ndarray:
    """The slope of a square in a deviation that it is divided by is too large."""
    away = np.abs(at["mu1"] - at["mu2"]) / at["scale2"]
    most = np.maximum(away, at["scale1"] / at["scale2"])
    least = np.minimum(at["scale1"], at["scale2"])
    return most * (most / least) > form.largest / HEADROOM


def variance_leaves(form: Format, at: Natural) -> np.ndarray:
    """The variance is no normal number."""
    return (at["scale"] < _root(form, 2)) | _beyond(form, at["scale"])


def square_of_variance(form: Format, at: Natural) -> np.ndarray:
    """The variance's square, or what is divided by it, is no normal number."""
    scale = at["scale"]
    away = np.abs(at["mean"] - at["target"]) / scale
    over = (away / scale) ** 2 > form.largest / HEADROOM
    return variance_leaves(form, at) | (scale < _root(form, 4)) | over


def floored(form: Format, at: Natural) -> np.ndarray:
    """Below F.gaussian_nll_loss's floor of the variance."""
    return (at["scale"] < 1.001e-3) | _beyond(form, at["scale"])


def towards(side: str) -> Callable[[Format, Natural], np.ndarray]:
    """Logits for which the loss is large, between the threshold and float64's end."""
    sign = -1 if side == "nonsaturating_generator_loss" else 1
    return lambda form, at: (sign * at["logits"] > 19.9) & (sign * at["logits"] < 38)


def clamped(form: Format, at: Natural) -> np.ndarray:
    """A chance or its complement whose logarithm is below -100."""
    return np.minimum(at["chance"], at["other"]) < 1.001 * np.exp(-100)


def floored_slope(form: Format, at: Natural) -> np.ndarray:
    """A product of chance and complement below 1e-12."""
    return at["chance"] * at["other"] < 1.001e-12


def no_chance(form: Format, at: Natural) -> np.ndarray:
    """A chance, or its complement, that is no normal number."""
    return np.abs(at["logits"]) > -np.log(2.0**form.lowest) - 1


def usual(words: Sequence[str], columns: Sequence[np.ndarray]) -> np.ndarray:
    """Where peers are compared: not where the ends of the range decide, off all models.

    words, columns  as a convention has them; shape (count,) each
    """
    kept = np.ones(len(columns[0]), bool)
    for word, column in zip(words, columns, strict=True):
        limit = 2 * np.log(FAR) if is_real(kind_of(word)) else USUAL
        kept &= np.abs(exponents(word, column)) <= limit
    return kept
