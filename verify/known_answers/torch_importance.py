"""Do the bounds rise with the number of importance weights, up to the likelihood?

L_K is the mean of the log of an average of K weights p(x, z)/q(z | x). L_1 is the ELBO,
L_K rises with K, and none is above log p(x), which is exact here: the decoder is
linear. The encoder is a wrong one on purpose: with the right one all bounds are equal.
Every bound has draws of its own, so that the order is not there by construction; and
each has to be seen above the one before it, or a mean of logs would do for all of them.

Source: Burda, Grosse and Salakhutdinov, "Importance Weighted Autoencoders", 2016,
theorem 1.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, log

import numpy as np
import torch
from torch import Tensor

from derivations import gaussian_nll
from verify.evidence import Evidence, Verdict
from verify.known_answers.paired_draws import STANDARD_ERRORS
from verify.known_answers.principal_components import log_likelihood
from verify.known_answers.torch_linear_vae import LinearVAE, elbo

WEIGHTS = (1, 8, 64)  # K
IMAGES, DRAWS = 8, 2**12  # of z for each image and each K
LATENT = 3
SPREAD = 4.0  # the wider the encoder, the farther the bounds are apart
COARSE = 0.1  # of how far the likelihood is above the ELBO: else a pass says nothing
Weigh = Callable[[LinearVAE, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Estimate:
    """A bound, and the standard error of it; both in nats."""

    name: str
    value: float
    error: float = 0.0


def log_weights(model: LinearVAE, x: Tensor, noise: Tensor) -> Tensor:
    """log p(x, z) - log q(z | x) of z = mu + sigma noise, shape (draws, images).

    x      shape (images, d)
    noise  shape (draws, images, k)
    """
    mu, log_variance = model.encoded(x), model.log_variance
    z = mu + (log_variance / 2).exp() * noise
    origin = torch.zeros_like(z)
    return (
        gaussian_nll(mu, z, log_variance=log_variance)
        - gaussian_nll(origin, z, log_variance=torch.zeros_like(log_variance))
        - gaussian_nll(model.decoded(z), x, log_variance=model.decoder_log_variance)
    )


def importance_bounds(
    data: np.ndarray, *, seed: int, draws: int = DRAWS, weigh: Weigh = log_weights
) -> Evidence:
    """Estimate the bounds for the first of some data, shape (n, d).

    draws  of z for each datum and each K, a multiple of 64 and at least 128
    weigh  the logarithms of the weights; by default from the derived losses

    AGREES     L_1 is the exact ELBO and none is above the likelihood, both within
               standard errors; and L_K rises by more than those
    REFUTED    one falls, or differs, by more than them
    UNDECIDED  a rise is not seen, or the errors are too large to say anything

    Raises ValueError if draws is another number.
    """
    most = max(WEIGHTS)
    if draws < 2 * most or draws % most:
        raise ValueError(f"draws is {draws}, need a multiple of {most}, two at least")
    started = time.perf_counter()
    rows = data[:IMAGES]
    source = torch.Generator().manual_seed(seed)
    model = _wrong_encoder(LinearVAE(rows.shape[1], LATENT, source))
    x = torch.tensor(rows, dtype=torch.float64)
    with torch.no_grad():
        exact = Estimate("ELBO", float(elbo(model, x).mean()))
        bounds = [_bound(model, x, k, draws, source, weigh) for k in WEIGHTS]
    best = Estimate("log p", float(_likelihood(model, rows).mean()))
    chain = [*bounds, best]
    held, seen, widest = _ordered(exact, chain)
    held_to = STANDARD_ERRORS * bounds[0].error
    seen = seen and widest <= COARSE * (best.value - exact.value)
    told = [f"{one.name} {one.value:.4f}" for one in (exact, *chain)]
    verdict = Verdict.AGREES if seen else Verdict.UNDECIDED
    return Evidence(
        claim="ELBO <= importance-weighted bounds <= log-likelihood, in this order",
        method="models",
        verdict=verdict if held else Verdict.REFUTED,
        figure=f"{', '.join(told)} nats, the mean of {len(rows)} images; L_1 is the "
        f"ELBO, sampled: they may be {held_to:.2g} apart",
        resolution=f"{widest:.2g} nats out of order",
        seed=seed,
        seconds=time.perf_counter() - started,
    )


def _ordered(exact: Estimate, chain: list[Estimate]) -> tuple[bool, bool, float]:
    """Whether nothing is out of order, whether all but the last rise; what is allowed.

    The first has to be the exact ELBO, the last is the likelihood. The third number is
    the largest of what the comparisons allow, in nats.
    """
    first = chain[0]
    allowed = [STANDARD_ERRORS * first.error]
    held, seen = abs(first.value - exact.value) <= allowed[0], True
    for before, after in pairwise(chain):
        rise = after.value - before.value
        allowed.append(STANDARD_ERRORS * hypot(before.error, after.error))
        held = held and rise >= -allowed[-1]
        seen = seen and (after is chain[-1] or rise > allowed[-1])
    return held, seen, max(allowed)


def _wrong_encoder(model: LinearVAE) -> LinearVAE:
    """The exact encoder of a linear decoder, with SPREAD times its variances."""
    with torch.no_grad():
        model.decoder *= model.decoder.shape[1] ** 0.5 / 4
        model.decoder_log_variance.fill_(log(0.25))
        variance = model.decoder_log_variance.exp()
        precision = model.decoder @ model.decoder.T + variance * torch.eye(LATENT)
        inverse = torch.linalg.inv(precision)
        model.encoder.copy_(model.decoder.T @ inverse)
        model.log_variance.copy_((SPREAD * variance * inverse.diagonal()).log())
    return model


def _bound(
    model: LinearVAE,
    x: Tensor,
    count: int,
    draws: int,
    source: torch.Generator,
    weigh: Weigh,
) -> Estimate:
    """L_K, K = count: the mean over images and independent replicates."""
    shape = (draws, len(x), LATENT)
    noise = torch.randn(shape, generator=source, dtype=torch.float64)
    weights = weigh(model, x, noise).reshape(-1, count, len(x))
    each = weights.logsumexp(1) - log(count)
    error = (each.var(0) / len(each)).sum().sqrt() / len(x)
    return Estimate(f"L_{count}", float(each.mean()), float(error))


def _likelihood(model: LinearVAE, rows: np.ndarray) -> np.ndarray:
    weights, shift = (
        tensor.detach().numpy() for tensor in (model.decoder, model.decoder_shift)
    )
    variance = float(model.decoder_log_variance.detach().exp())
    return log_likelihood(rows, weights, shift, variance)
