"""What NumPyro has of the losses."""

from __future__ import annotations

from typing import Any

from numpyro.distributions import Bernoulli, Normal, kl_divergence

from verify.peers.jax_peers import FRAMEWORK, MODULE, standard
from verify.peers.peer import Witness

Array = Any


def normals(mu1: Array, mu2: Array, sigma1: Array, sigma2: Array) -> Array:
    """Of one coordinate each."""
    return kl_divergence(Normal(mu1, sigma1), Normal(mu2, sigma2))


def to_standard(mu: Array, sigma: Array) -> Array:
    """From the standard normal."""
    zero, one = standard(mu, sigma)
    return normals(mu, zero, sigma, one)


def log_prob(mean: Array, target: Array, sigma: Array) -> Array:
    """Less the log-density."""
    return -Normal(mean, sigma).log_prob(target)


def bernoulli(h: Array, x: Array) -> Array:
    """Less the log-probability."""
    return -Bernoulli(logits=h).log_prob(x)


NAME = "kl_divergence(Normal, Normal)"
BETWEEN = ("mu", "mu", "sigma", "sigma")
DATA = ("mean", "target", "sigma")
WITNESSES = (
    Witness(NAME, "gaussian_kl", ("mu", "sigma"), to_standard),
    Witness(NAME, "gaussian_kl_between", BETWEEN, normals),
    Witness("Normal.log_prob", "gaussian_nll", DATA, log_prob),
    Witness("Bernoulli.log_prob", "bernoulli_nll", ("logits", "target"), bernoulli),
)
__all__ = ["FRAMEWORK", "MODULE", "WITNESSES"]
