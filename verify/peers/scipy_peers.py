"""What SciPy has of the losses: values only.

`multivariate_normal` takes one covariance at a time, so that it is a loop here.
"""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.special import expit, kl_div, log_expit, rel_entr, xlog1py, xlogy

from verify.peers.peer import Witness

Array = np.ndarray


def by_kl_div(mu: Array, variance: Array) -> Array:
    """kl_div(1, v) = v - 1 - log v."""
    return mu**2 / 2 + kl_div(np.ones_like(variance), variance) / 2


def by_rel_entr(mu: Array, variance: Array) -> Array:
    """rel_entr(1, v) = -log v."""
    squares = mu**2 + (variance - 1)
    return squares / 2 + rel_entr(np.ones_like(variance), variance) / 2


def norm(mean: Array, target: Array, sigma: Array) -> Array:
    """Less the log-density, which is float64 for every dtype."""
    return -stats.norm.logpdf(target, mean, sigma).astype(mean.dtype)


def multivariate_normal(mean: Array, target: Array, variance: Array) -> Array:
    """Less the log-density of vectors of one coordinate."""
    rows = zip(*(np.ravel(a) for a in (target, mean, variance)), strict=True)
    law = stats.multivariate_normal
    found = [-law.logpdf([x], [m], [[v]]) if 0 < v < np.inf else np.nan
             for x, m, v in rows]  # fmt: skip
    return np.array(found, mean.dtype).reshape(mean.shape)


def cross_entropy(h: Array, x: Array) -> Array:
    """Both logarithms of log_expit."""
    return -x * log_expit(h) - (1 - x) * log_expit(-h)


def of_chances(p: Array, x: Array) -> Array:
    """xlogy and xlog1py, for which 0 log 0 is 0."""
    return -xlogy(x, p) - xlog1py(1 - x, -p)


def by_expit(h: Array) -> Array:
    """The logarithm of the probability."""
    return -np.log(expit(h))


GENERATOR, SATURATING = "nonsaturating_generator_loss", "saturating_generator_loss"
LOGITS, CHANCES = ("logits",), ("probabilities",)
WITNESSES = (
    Witness("special.kl_div", "gaussian_kl", ("mu", "variance"), by_kl_div),
    Witness("special.rel_entr", "gaussian_kl", ("mu", "variance"), by_rel_entr),
    Witness("stats.norm.logpdf", "gaussian_nll", ("mean", "target", "sigma"), norm),
    Witness("stats.multivariate_normal.logpdf", "gaussian_nll",
            ("mean", "target", "variance"), multivariate_normal),
    Witness("special.log_expit", GENERATOR, LOGITS, lambda h: -log_expit(h)),
    Witness("special.log_expit", SATURATING, LOGITS, lambda h: log_expit(-h)),
    Witness("special.expit", GENERATOR, LOGITS, by_expit),
    Witness("special.expit", SATURATING, LOGITS, lambda h: -by_expit(-h)),
    Witness("special.xlogy", GENERATOR, CHANCES, lambda p: -xlogy(np.ones_like(p), p)),
    Witness("special.xlog1py", SATURATING, CHANCES,
            lambda p: xlog1py(np.ones_like(p), -p)),
    Witness("special.log_expit", "bernoulli_nll", ("logits", "target"), cross_entropy),
    Witness("special.xlogy", "bernoulli_nll", ("probabilities", "target"), of_chances),
)  # fmt: skip
FRAMEWORK, MODULE = "numpy", np
