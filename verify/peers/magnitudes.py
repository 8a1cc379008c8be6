"""How large what is added up is, in a term and its slopes: what rounding goes with.

No way to compute a term from its summands is more exact than some unit roundoffs of the
largest of them (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section
3.1). The sizes are those of the textbook's summands, in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from verify.losses.loss import LOSSES, Part
from verify.peers.measures import changed, stem

Sizes = dict[str, np.ndarray]
"""By "" for the value, and by word for the slope in it; each of the points' shape."""

HALF_LOG_2_PI = 0.5 * float(np.log(2 * np.pi))
LAST = 53 * float(np.log(2))  # of float64: e^h is a unit in the last place of 1
PER_LOG_SIGMA: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigma": lambda s: 1 / s,
    "variance": lambda s: 1 / (2 * s) / s,
    "log_variance": lambda s: np.full_like(s, 0.5),
    "log_sigma": np.ones_like,
}
"""The derivative of log sigma in a word, of sigma."""


def magnitudes(
    part: Part, words: Sequence[str], columns: Sequence[np.ndarray]
) -> Sizes:
    """The sizes at points.

    words    what fills the part's roles, in their order
    columns  one array for each word, float64, all of one shape
    """
    with np.errstate(all="ignore"):  # what is inf is not asked for
        return OF_PARTS[part.name](words, columns)


def _sigma(word: str, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The deviation, and the derivative of its logarithm in the word."""
    sigma = changed(np, column, word, "sigma")
    return sigma, PER_LOG_SIGMA[stem(word)](sigma)


def _raised(sigma: np.ndarray) -> np.ndarray:
    """What a power of sigma is multiplied by if it is raised from a rounded log."""
    return 1 + 2 * np.abs(np.log(sigma))


def _kl(words: Sequence[str], columns: Sequence[np.ndarray]) -> Sizes:
    mu, (sigma, per) = columns[0], _sigma(words[1], columns[1])
    power = sigma**2 * _raised(sigma)
    value = mu**2 / 2 + power / 2 + np.abs(np.log(sigma)) + 0.5
    return {"": value, words[0]: np.abs(mu), words[1]: (power + 1) * per}


def _between(words: Sequence[str], columns: Sequence[np.ndarray]) -> Sizes:
    (sigma1, per1), (sigma2, per2) = map(_sigma, words[2:], columns[2:])
    away = np.abs(columns[0] - columns[1]) / sigma2
    slope = away / sigma2 * _raised(sigma2)
    square = away**2 * _raised(sigma2)
    power = (sigma1 / sigma2) ** 2 * (_raised(sigma1) + _raised(sigma2))
    logs = np.abs(np.log(sigma1)) + np.abs(np.log(sigma2))
    return {
        "": square / 2 + power / 2 + logs + 0.5,
        words[0]: slope,
        words[1]: slope,
        words[2]: (power + 1) * per1,
        words[3]: (square + power + 1) * per2,
    }


def _nll(words: Sequence[str], columns: Sequence[np.ndarray]) -> Sizes:
    sigma, per = _sigma(words[2], columns[2])
    away = np.abs(columns[0] - columns[1]) / sigma
    slope, square = away / sigma * _raised(sigma), away**2 * _raised(sigma)
    return {
        "": square / 2 + np.abs(np.log(sigma)) + HALF_LOG_2_PI,
        words[0]: slope,
        words[1]: slope,
        words[2]: (square + 1) * per,
    }


def _carried(logit: np.ndarray) -> np.ndarray:
    """What a slope is multiplied by if it is raised from a rounded log.

    e^(h - log(1 + e^h)) has the roundoffs of h, until 1 is lost beside e^h.
    """
    return np.minimum(np.abs(logit), LAST) + 1


def _log_d(words: Sequence[str], columns: Sequence[np.ndarray]) -> Sizes:
    (word,), (column,) = words, columns
    if stem(word) == "logits":
        return {"": np.abs(column) + 1, word: _carried(column)}
    return {"": np.abs(np.log(column)) + 1, word: 1 / column}


def _log_one_minus_d(words: Sequence[str], columns: Sequence[np.ndarray]) -> Sizes:
    (word,), (column,) = words, columns
    if stem(word) == "logits":
        return _log_d(words, columns)
    return {"": np.abs(np.log1p(-column)) + 1, word: 1 / (1 - column)}


def _cross_entropy(words: Sequence[str], columns: Sequence[np.ndarray]) -> Sizes:
    word, (column, target) = words[0], columns
    for_one, for_zero = _log_d([word], [column]), _log_one_minus_d([word], [column])
    other = np.abs(1 - target)
    if stem(word) == "logits":  # x h is subtracted, whatever x is
        other = other + 1
    return {
        "": np.abs(target) * for_one[""] + other * for_zero[""],
        word: np.abs(target) * for_one[word] + other * for_zero[word],
        words[1]: for_one[""] + for_zero[""],
    }


OF_PARTS: dict[str, Callable[[Sequence[str], Sequence[np.ndarray]], Sizes]] = {
    "gaussian_kl": _kl,
    "gaussian_kl_between": _between,
    "gaussian_nll": _nll,
    "log_d": _log_d,
    "log_one_minus_d": _log_one_minus_d,
    "bernoulli_nll": _cross_entropy,
}
"""By the names of the parts."""

ALONE = {
    part.name: (loss.name, part.sign)
    for loss in LOSSES.values()
    for part in loss.parts
    if len(loss.parts) == 1 and part.name in OF_PARTS
}
"""The loss that consists of a part alone, and the sign that the part has there."""
