"""Does a linear VAE arrive at the likelihood of probabilistic principal components?

At the optimum the bound is tight and equals the best log-likelihood, which is exact
from the eigenvalues. How near training has to come is computed where it ends: twice
what is left to gain to second order, and rounding.

The bound of a linear VAE is quadratic in x. So its mean over the data is that over few
points of the same mean and covariance, and training sees those; what is compared with
the optimum is the mean over all data.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from verify.evidence import Evidence, Verdict
from verify.known_answers.principal_components import (
    Optimum,
    U,
    optimum,
    same_moments,
)
from verify.known_answers.torch_descent import descend
from verify.known_answers.torch_linear_vae import LinearVAE, elbo
from verify.known_answers.torch_newton import left

LATENT = 3
COARSE = 0.1  # of the worth of a latent coordinate, for a pass; of the gap, for a no
MARGIN = 2.0  # times what is left to second order: the third does not double it
Bound = Callable[[LinearVAE, Tensor], Tensor]


def best_bound(
    data: np.ndarray,
    *,
    latent: int = LATENT,
    steps: int,
    seed: int,
    bound: Bound = elbo,
) -> Evidence:
    """Train on data of shape (n, d), and compare with the optimum.

    steps  of L-BFGS
    bound  what is raised, (model, x) to nats for each datum, quadratic in x; by default
           the derived one

    AGREES     the optimum less the bound is 0 within the computed distance
    REFUTED    it is ten times the distance or more, or the bound is above the optimum
               by more than rounding
    UNDECIDED  the distance is too wide, or the second order does not account for what
               is missing: more steps are needed
    """
    started = time.perf_counter()
    known = optimum(data, latent)
    x, few = (torch.tensor(rows) for rows in (data, same_moments(data)))
    model = LinearVAE(x.shape[1], latent, torch.Generator().manual_seed(seed))
    weights = list(model.parameters())

    def loss() -> Tensor:
        return -bound(model, few).mean()

    descend(loss, weights, steps)
    reached = bound(model, x).detach()
    # a datum's bound adds d terms, and its mean n numbers
    count = len(x) + 2 * x.shape[1]
    rounding = known.rounding + count * U * float(reached.abs().mean() + x.shape[1])
    rest = left(loss, weights)
    seconds = time.perf_counter() - started
    return _evidence(known, float(reached.mean()), rest, rounding, seed, seconds)


def _evidence(
    known: Optimum, reached: float, rest: float, rounding: float, *run: float
) -> Evidence:
    gap, allowed = known.log_likelihood - reached, MARGIN * rest + rounding
    seed, seconds = run
    if not gap >= -rounding or COARSE * gap > allowed:
        verdict = Verdict.REFUTED
    elif allowed <= COARSE * known.worth and gap <= allowed:
        verdict = Verdict.AGREES
    else:
        verdict = Verdict.UNDECIDED
    return Evidence(
        claim="the linear VAE's bound arrives at the likelihood of probabilistic PCA",
        method="models",
        verdict=verdict,
        figure=f"{reached:.9f} of {known.log_likelihood:.9f} nats: {gap:.2e} below, "
        f"where {allowed:.2e} is allowed",
        resolution=f"{allowed:.2e} nats; one latent coordinate is worth "
        f"{known.worth:.2g}",
        seed=int(seed),
        seconds=seconds,
    )
