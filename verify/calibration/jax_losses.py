"""The losses in JAX, as people write them, all of them right.

Source of the functions: the manuals of `jax.numpy` and `jax.scipy.stats`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from derivations import gaussian_kl, nonsaturating_generator_loss
from verify.calibration.implementation import Implementation

Array = Any


def appendix(mu: Array, log_variance: Array) -> Array:
    """The usual line."""
    inside = 1 + log_variance - jnp.square(mu) - jnp.exp(log_variance)
    return -0.5 * jnp.sum(inside, axis=-1)


def of_sigma(mu: Array, sigma: Array) -> Array:
    """The textbook's line in sigma."""
    return 0.5 * (mu**2 + sigma**2 - 1) - jnp.log(sigma)


def reference(mu: Array, log_variance: Array) -> Array:
    """The derived one."""
    return gaussian_kl(mu, log_variance=log_variance)


def of_normal(mean: Array, target: Array, sigma: Array) -> Array:
    """jax.scipy.stats.norm."""
    return -norm.logpdf(target, mean, sigma)


def softplus(h: Array) -> Array:
    """jax.nn.softplus."""
    return jax.nn.softplus(-h)


def log_sigmoid(h: Array) -> Array:
    """jax.nn.log_sigmoid."""
    return -jax.nn.log_sigmoid(h)


DOUBLE = ("float64",)  # in float32 the squares on the way leave the range
KL, LOGITS = "gaussian_kl", ("logits",)
ROWS: tuple = (
    ("JAX, appendix B", KL, ("mu", "log_variance"), appendix, "sum", False),
    ("JAX, sigma", KL, ("mu", "sigma"), of_sigma, "sum", True),
    ("lossproof, JAX", KL, ("mu", "log_variance"), reference, "sum", False),
    ("lossproof, JAX", "nonsaturating_generator_loss", LOGITS,
     nonsaturating_generator_loss.terms, "none", True),
    ("jax.nn.softplus", "nonsaturating_generator_loss", LOGITS, softplus, "mean", True),
    ("jax.nn.log_sigmoid", "nonsaturating_generator_loss", LOGITS,
     log_sigmoid, "mean", True),
    ("jax.scipy.stats.norm", "gaussian_nll", ("mean", "target", "sigma"),
     of_normal, "sum", True, DOUBLE),
)  # fmt: skip
IMPLEMENTATIONS = tuple(replace(Implementation(*row), framework="jax") for row in ROWS)
