"""Does a linear VAE arrive at the likelihood of probabilistic principal components?

At the optimum the bound is tight and equals the best log-likelihood, which is exact
from the eigenvalues. Training has to come to an end: to where no more is left to gain,
to second order, than the rounding of that number, and where no direction bends down.
Then the bound has to be there within twice what is left, and rounding. It has no other
maxima to end in (Lucas, Tucker, Grosse and Norouzi, "Don't Blame the ELBO!", 2019,
theorem 1; Tipping and Bishop, 1999, appendix A).

The bound of a linear VAE is quadratic in x. So its mean over the data is that over few
points of the same mean and covariance, and training sees those; what is compared with
the optimum is the mean over all data.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import log, pi

import numpy as np
import torch
from torch import Tensor

from verify.evidence import Evidence, Verdict
from verify.known_answers.allowance import said, seen
from verify.known_answers.principal_components import (
    Optimum,
    U,
    optimum,
    same_moments,
)
from verify.known_answers.torch_descent import descend
from verify.known_answers.torch_linear_vae import LinearVAE, elbo
from verify.known_answers.torch_newton import finish

LATENT = 3
FIRST = 100  # of the steps are L-BFGS's, the others are Newton's
COARSE = 0.1  # of the worth of a latent coordinate: wider, a pass would say nothing
EACH = 32  # roundings of a term, beside those of the sums that it is in
MARGIN = 2.0  # times what is left to second order (Boyd and Vandenberghe, 9.6.3)
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

    steps  at most, of L-BFGS and then of Newton
    bound  what is raised, (model, x) to nats for each datum, quadratic in x; by default
           the derived one

    AGREES     training has come to an end, and the optimum less the bound is 0 within
               the computed distance
    REFUTED    it has, and it is not; or the bound is above the optimum by more than
               rounding, or not a number, wherever training is
    UNDECIDED  training has not come to an end: more steps are needed, or there is no
               end; or the distance is too wide to say anything
    """
    started = time.perf_counter()
    known = optimum(data, latent)
    x, few = (torch.tensor(rows) for rows in (data, same_moments(data)))
    model = LinearVAE(x.shape[1], latent, torch.Generator().manual_seed(seed))
    weights = list(model.parameters())

    def loss() -> Tensor:
        return -bound(model, few).mean()

    descend(loss, weights, min(steps, FIRST))
    rest = finish(loss, weights, steps - FIRST, known.rounding)
    reached = bound(model, x).detach()
    rounding = known.rounding + _rounding(model, x)
    seconds = time.perf_counter() - started
    return _evidence(known, float(reached.mean()), rest, rounding, seed, seconds)


def _rounding(model: LinearVAE, x: Tensor) -> float:
    """A bound on the error of the mean bound over x, shape (n, d), by sizes of terms.

    Rounding moves a mean of x by its inner sums' terms, and so a square of x - mean.
    """
    with torch.no_grad():
        mu, logs = model.encoded(x).abs(), model.log_variance
        log_v, variances = model.decoder_log_variance, logs.exp()
        inner = x.abs() @ model.encoder.abs() + model.encoder_shift.abs()
        means = inner @ model.decoder.abs() + model.decoder_shift.abs()
        off = (x - model.decoded(model.encoded(x))).abs()
        spread = (variances[:, None] * model.decoder**2).sum()
        squares = ((off * (x.abs() + means)).sum(-1) + spread) / log_v.exp()
        volume = x.shape[1] * (log_v.abs() + log(2 * pi))
        kl = (mu * inner + variances + logs.abs() + 1).sum(-1)
    count = len(x) + 2 * (x.shape[1] + len(logs)) + EACH
    return count * U * float((squares + volume + kl).mean())


def _evidence(
    known: Optimum, reached: float, rest: float, rounding: float, *run: float
) -> Evidence:
    gap, allowed = known.log_likelihood - reached, MARGIN * rest + rounding
    seed, seconds = run
    ended = rest <= known.rounding and allowed <= COARSE * known.worth
    if not gap >= -rounding or (ended and gap > allowed):
        verdict = Verdict.REFUTED
    else:
        verdict = Verdict.AGREES if ended else Verdict.UNDECIDED
    return Evidence(
        claim="the linear VAE's bound arrives at the likelihood of probabilistic PCA",
        method="models",
        verdict=verdict,
        figure=f"{reached:.9f} of {known.log_likelihood:.9f} nats: {gap:.2e} below, "
        f"{said(allowed)}",
        resolution=f"{seen(allowed, 'nats')}; one latent coordinate is worth "
        f"{known.worth:.2g}",
        seed=int(seed),
        seconds=seconds,
    )
