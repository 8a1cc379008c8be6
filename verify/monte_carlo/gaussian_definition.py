"""The Gaussian integrands: log densities written out, at reparametrised draws.

Each has the pieces whose sum it is, so that their magnitudes are known; nothing is
simplified. Derivatives are those of the integrand along z = mu + sigma e, in mu and
sigma, by the chain rule over the densities.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log, pi
from types import ModuleType
from typing import Any

Pieces = tuple[Any, ...]
HALF_LOG_TWO_PI = log(2 * pi) / 2


def log_density(z: Any, mean: Any, sigma: Any, on: ModuleType) -> Pieces:
    """log N(z; mean, sigma^2)."""
    return (
        -((z - mean) ** 2) / (2 * sigma**2),
        -on.log(sigma),
        -HALF_LOG_TWO_PI + 0 * sigma,
    )


def score(z: Any, mean: Any, sigma: Any) -> Any:
    """Its derivative in z; minus it, that in the mean."""
    return -(z - mean) / sigma**2


def in_sigma(z: Any, mean: Any, sigma: Any) -> Pieces:
    """Its derivative in sigma."""
    return (z - mean) ** 2 / sigma**3, -1 / sigma


def minus(pieces: Pieces) -> Pieces:
    """Each piece with the other sign."""
    return tuple(-piece for piece in pieces)


def log_ratio(e: Any, given: Mapping[str, Any], on: ModuleType) -> dict[str, Pieces]:
    """log q1(z) - log q2(z) at z = mu1 + sigma1 e, and its derivatives.

    e      standard normal, shape (draws, elements)
    given  mu1, scale1 (sigma), mu2, scale2, shape (elements,)
    """
    mu1, sigma1, mu2, sigma2 = (
        given[name] for name in ("mu1", "scale1", "mu2", "scale2")
    )
    z = mu1 + sigma1 * e
    along = score(z, mu1, sigma1), -score(z, mu2, sigma2)
    return {
        "value": log_density(z, mu1, sigma1, on)
        + minus(log_density(z, mu2, sigma2, on)),
        "mu1": (*along, -score(z, mu1, sigma1)),
        "scale1": (*(part * e for part in along), *in_sigma(z, mu1, sigma1)),
        "mu2": (score(z, mu2, sigma2),),
        "scale2": minus(in_sigma(z, mu2, sigma2)),
    }


def log_ratio_to_standard(
    e: Any, given: Mapping[str, Any], on: ModuleType
) -> dict[str, Pieces]:
    """log q(z) - log p(z), p standard normal: given mu and scale (sigma)."""
    one = given["scale"] / given["scale"]
    both = {"mu1": given["mu"], "scale1": given["scale"], "mu2": 0 * one, "scale2": one}
    found = log_ratio(e, both, on)
    return {"value": found["value"], "mu": found["mu1"], "scale": found["scale1"]}


def nll(e: Any, given: Mapping[str, Any], on: ModuleType) -> dict[str, Pieces]:
    """-log N(x; mean, sigma^2) at a target x = centre + width e.

    given  mean, scale (sigma), centre and width of the targets' own law, (elements,)

    Under "role*e" the derivative in a role times the draw, where that is quadratic.
    """
    mean, sigma = given["mean"], given["scale"]
    target = given["centre"] + given["width"] * e
    slope = score(target, mean, sigma)
    return {
        "value": minus(log_density(target, mean, sigma, on)),
        "mean": (slope,),
        "target": (-slope,),
        "scale": minus(in_sigma(target, mean, sigma)),
        "mean*e": (slope * e,),
        "target*e": (-slope * e,),
    }
