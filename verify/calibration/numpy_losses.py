"""The losses in NumPy and SciPy, as people write them, all of them right: values only.

Source of the functions: the manual of `scipy.special`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import kl_div, log_expit, xlogy

from derivations import discriminator_loss, gaussian_kl
from verify.calibration.implementation import Implementation


def expm1(mu: np.ndarray, log_variance: np.ndarray) -> np.ndarray:
    """expm1(t) - t."""
    return 0.5 * (mu**2 + np.expm1(log_variance) - log_variance)


def squares(mu: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """The textbook's line, with einsum."""
    both = np.einsum("bk,bk->b", mu, mu) + np.einsum("bk,bk->b", sigma, sigma)
    return 0.5 * (both - mu.shape[-1]) - np.log(sigma).sum(-1)


def generalised(mu: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """scipy.special.kl_div(1, v) = v - 1 - log v."""
    return (mu**2 / 2 + kl_div(np.ones_like(variance), variance) / 2).sum(-1)


def reference(mu: np.ndarray, log_sigma: np.ndarray) -> np.ndarray:
    """The derived one."""
    return gaussian_kl(mu, log_sigma=log_sigma)


def softplus(h: np.ndarray) -> np.ndarray:
    """np.logaddexp(0, h)."""
    return np.logaddexp(np.zeros_like(h), h)


def cross_entropy(p: np.ndarray) -> np.ndarray:
    """scipy.special.xlogy, of a one."""
    return -xlogy(np.ones_like(p), p)


def pair(real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """Two means of scipy.special.log_expit."""
    return -log_expit(real).mean() - log_expit(-fake).mean()


KL, PAIR = "gaussian_kl", ("real_logits", "fake_logits")
ROWS: tuple = (
    ("np.expm1", KL, ("mu", "log_variance"), expm1, "sum", True),
    ("np.einsum", KL, ("mu", "sigma"), squares, "sum", False),
    ("scipy.special.kl_div", KL, ("mu", "variance"), generalised, "sum", False),
    ("lossproof, NumPy", KL, ("mu", "log_sigma"), reference, "sum", False),
    ("np.logaddexp", "saturating_generator_loss", ("logits",),
     lambda h: -softplus(h), "mean", True),
    ("scipy.special.log_expit", "nonsaturating_generator_loss", ("logits",),
     lambda h: -log_expit(h), "mean", True),
    ("scipy.special.xlogy", "nonsaturating_generator_loss", ("probabilities",),
     cross_entropy, "mean", True),
    ("scipy.special.log_expit", "discriminator_loss", PAIR, pair, "mean", False),
    ("lossproof, NumPy", "discriminator_loss", PAIR, discriminator_loss, "mean", False),
)  # fmt: skip
IMPLEMENTATIONS = tuple(
    replace(Implementation(*row), framework="numpy") for row in ROWS
)
