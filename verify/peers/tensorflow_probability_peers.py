"""What TensorFlow Probability has of the losses, on JAX's arrays."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from verify.peers.jax_peers import FRAMEWORK, MODULE, standard
from verify.peers.peer import Witness

Array = Any
LIBRARY = "tensorflow_probability"
laws = import_module(f"{LIBRARY}.substrates.jax").distributions


def normals(mu1: Array, mu2: Array, sigma1: Array, sigma2: Array) -> Array:
    """Of one coordinate each."""
    return laws.Normal(mu1, sigma1).kl_divergence(laws.Normal(mu2, sigma2))


def to_standard(mu: Array, sigma: Array) -> Array:
    """From the standard normal."""
    zero, one = standard(mu, sigma)
    return normals(mu, zero, sigma, one)


def log_prob(mean: Array, target: Array, sigma: Array) -> Array:
    """Less the log-density."""
    return -laws.Normal(mean, sigma).log_prob(target)


def bernoulli(h: Array, x: Array) -> Array:
    """Less the log-probability."""
    return -laws.Bernoulli(logits=h).log_prob(x)


NAME = "Normal.kl_divergence"
BETWEEN = ("mu", "mu", "sigma", "sigma")
DATA = ("mean", "target", "sigma")
WITNESSES = (
    Witness(NAME, "gaussian_kl", ("mu", "sigma"), to_standard),
    Witness(NAME, "gaussian_kl_between", BETWEEN, normals),
    Witness("Normal.log_prob", "gaussian_nll", DATA, log_prob),
    Witness("Bernoulli.log_prob", "bernoulli_nll", ("logits", "target"), bernoulli),
)
__all__ = ["FRAMEWORK", "MODULE", "WITNESSES"]
