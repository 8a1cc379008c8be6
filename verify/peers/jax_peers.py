"""What JAX has of the losses: jax.nn and jax.scipy.stats."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from verify.peers.peer import Witness

Array = Any


def logpdf(mean: Array, target: Array, sigma: Array) -> Array:
    """Less the log-density."""
    return -norm.logpdf(target, mean, sigma)


def cross_entropy(h: Array, x: Array) -> Array:
    """Both logarithms of log_sigmoid."""
    return -x * jax.nn.log_sigmoid(h) - (1 - x) * jax.nn.log_sigmoid(-h)


def standard(mu: Array, sigma: Array) -> tuple[Array, Array]:
    """The mean and the deviation of the standard normal, in the shapes of these."""
    return jnp.zeros_like(mu), jnp.ones_like(sigma)


GENERATOR, SATURATING = "nonsaturating_generator_loss", "saturating_generator_loss"
LOGITS = ("logits",)
WITNESSES = (
    Witness("jax.nn.softplus", GENERATOR, LOGITS, lambda h: jax.nn.softplus(-h)),
    Witness("jax.nn.softplus", SATURATING, LOGITS, lambda h: -jax.nn.softplus(h)),
    Witness("jax.nn.log_sigmoid", GENERATOR, LOGITS, lambda h: -jax.nn.log_sigmoid(h)),
    Witness("jax.nn.log_sigmoid", SATURATING, LOGITS, lambda h: jax.nn.log_sigmoid(-h)),
    Witness("jax.nn.log_sigmoid", "bernoulli_nll", ("logits", "target"), cross_entropy),
    Witness(
        "jax.scipy.stats.norm.logpdf",
        "gaussian_nll",
        ("mean", "target", "sigma"),
        logpdf,
    ),
)
FRAMEWORK, MODULE = "jax", jnp
