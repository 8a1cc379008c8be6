"""A discriminator of one number with quadratic features, trained on draws.

Its logit is w0 + w1 x + w2 x^2, so that the best discriminator between two normal laws
is one of them. There the gradient's expectation is 0, and its standard error says how
long a Newton step for the draws can be. That bounds how far they move the optimum, by
Kantorovich's theorem: where a Newton step is r long, and K L r <= 1/2, K the norm of
the inverse Hessian and L a Lipschitz constant of the Hessian, a zero of the gradient
lies within 2 r/(1 + sqrt(1 - 2 K L r)) (Ortega and Rheinboldt, "Iterative Solution of
Nonlinear Equations in Several Variables", 1970, theorem 12.6.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor

from derivations import discriminator_loss
from verify.known_answers.gaussian_pair import Pair
from verify.known_answers.paired_draws import (
    EACH,
    STANDARD_ERRORS,
    normal_draws,
    standard_errors,
)
from verify.known_answers.torch_descent import descend

BEND = 1 / (6 * sqrt(3))  # the largest third derivative of softplus, at h = log(2+-√3)
U = 2.0**-53
Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Trained:
    """Where training has come to, and how far from the exact logit that may be.

    pair          both laws
    real          draws of the data, shape (strata, 2)
    fake          draws of the generator, shape (strata, 2)
    more          others of both, that say how far a mean is off, (strata, EACH)
    coefficients  of 1, x and x^2, as trained
    loss          what was lowered, in nats
    allowed       the largest distance from the exact coefficients, computed
    """

    pair: Pair
    real: np.ndarray
    fake: np.ndarray
    more: tuple[np.ndarray, np.ndarray]
    coefficients: np.ndarray
    loss: float
    allowed: float

    @property
    def distance(self) -> float:
        """From the coefficients of the log density ratio."""
        return float(np.linalg.norm(self.coefficients - self.pair.log_ratio))


def features(x: np.ndarray) -> np.ndarray:
    """1, x and x^2, shape (..., 3)."""
    return np.stack([np.ones_like(x), x, x**2], -1)


def trained(
    pair: Pair, strata: int, steps: int, seed: int, loss: Loss = discriminator_loss
) -> Trained:
    """Train from 0 on 2 strata draws of each law.

    loss  what is lowered, (real_logits, fake_logits) to nats; by default the derived
    """
    rng = np.random.default_rng(seed)
    real, fake = _both(pair, strata, rng, 2)
    more = _both(pair, strata, rng, EACH)
    of_real, of_fake = (torch.tensor(features(x.ravel())) for x in (real, fake))

    def lowered(coefficients: Tensor) -> Tensor:
        return loss(of_real @ coefficients, of_fake @ coefficients)

    weights = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    descend(lambda: lowered(weights), [weights], steps)
    found = weights.detach().numpy().copy()
    allowed = _moved(pair, (real, fake), more)
    allowed += _unfinished(lowered, weights, real, fake)
    value = float(lowered(weights).detach())
    return Trained(pair, real, fake, more, found, value, allowed)


def _both(
    pair: Pair, strata: int, rng: np.random.Generator, each: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draws of the data and of the generator."""
    return (
        pair.real_mean + pair.real_sigma * normal_draws(strata, rng, each),
        pair.fake_mean + pair.fake_sigma * normal_draws(strata, rng, each),
    )


def _moved(
    pair: Pair,
    draws: tuple[np.ndarray, np.ndarray],
    more: tuple[np.ndarray, np.ndarray],
) -> float:
    """How far the optimum for the draws can be from that for the laws."""
    hessian = np.zeros((3, 3))
    for phi in (features(x.ravel()) for x in draws):
        d = expit(phi @ pair.log_ratio)
        hessian += (d * (1 - d) * phi.T) @ phi / len(phi)
    # each draw's part of the Newton step; its expectation is 0 over both laws
    of_real, of_fake = (features(x) for x in more)
    steps = [
        -expit(-of_real @ pair.log_ratio)[..., None] * of_real,
        expit(of_fake @ pair.log_ratio)[..., None] * of_fake,
    ]
    error = standard_errors(*(step @ np.linalg.inv(hessian) for step in steps))
    length = STANDARD_ERRORS * float(np.linalg.norm(error))
    return _kantorovich(length, hessian, *draws)


def _unfinished(
    loss: Callable[[Tensor], Tensor], weights: Tensor, *draws: np.ndarray
) -> float:
    """How far training can have ended from the optimum of its own loss."""
    (gradient,) = torch.autograd.grad(loss(weights), weights)
    hessian = torch.autograd.functional.hessian(loss, weights.detach()).numpy()
    if not (np.isfinite(hessian).all() and np.linalg.eigvalsh(hessian)[0] > 0):
        return inf
    length = float(np.linalg.norm(np.linalg.solve(hessian, gradient.numpy())))
    return _kantorovich(length, hessian, *draws)


def _kantorovich(length: float, hessian: np.ndarray, *draws: np.ndarray) -> float:
    """How far a zero is at most, rounding included; inf if the theorem does not apply.

    length  of the Newton step
    """
    sizes = [np.linalg.norm(features(x), axis=-1) for x in draws]
    curving = BEND * sum(float((size**3).mean()) for size in sizes)
    least = float(np.linalg.eigvalsh(hessian)[0])
    # a mean of n products of features and slopes, each at most 1
    rounding = 2 * draws[0].size * U * sum(float(size.mean()) for size in sizes)
    length += rounding / least
    bent = 2 * curving * length / least
    return 2 * length / (1 + sqrt(1 - bent)) if 0 <= bent <= 1 else inf
