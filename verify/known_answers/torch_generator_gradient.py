"""Against the best discriminator, is the generator's gradient the derived one?

G(z) = mean + sigma z. Autograd differentiates L_G through the trained discriminator and
G; what it should be comes from the densities, without any logit being differentiated:
at the best D the gradient of the integral of b log(1 - D) is that of b alone, as in
E[-s(h) dh]. It is also the gradient of 2 JS, because D is the best.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor

from derivations import saturating_generator_loss
from verify.evidence import Evidence, Verdict
from verify.known_answers.gaussian_pair import Pair
from verify.known_answers.paired_draws import (
    EACH,
    STANDARD_ERRORS,
    normal_draws,
    standard_error,
)
from verify.known_answers.torch_discriminator import Trained, U, features, trained
from verify.known_answers.torch_optimal_discriminator import COARSE, STRATA


def generator_gradient(
    *,
    steps: int,
    seed: int,
    pair: Pair | None = None,
    loss: Callable[[Tensor], Tensor] = saturating_generator_loss,
) -> Evidence:
    """Compare the gradient in the generator's mean and sigma.

    loss  of the generator, of logits; by default the derived L_G

    AGREES     both numbers are within the computed distance
    REFUTED    one is not
    UNDECIDED  within it, but it is too wide to say anything
    """
    started = time.perf_counter()
    found = trained(pair or Pair(), STRATA, steps, seed)
    z = normal_draws(STRATA, np.random.default_rng([seed, 1]))
    exact, error = found.pair.best_gradient()
    seen = _seen(found, z, loss)
    more = normal_draws(STRATA, np.random.default_rng([seed, 2]), EACH)
    allowed = _allowed(found, z, more) + error
    held = bool((np.abs(seen - exact) <= allowed).all())
    wide = not (allowed <= COARSE * np.abs(exact)).all()
    told = ", ".join(
        f"{a:.6f} of {b:.6f}, {c:.1e} is allowed"
        for a, b, c in zip(seen, exact, allowed, strict=True)
    )
    verdict = Verdict.UNDECIDED if wide else Verdict.AGREES
    return Evidence(
        claim="at the best discriminator the generator's gradient is the derived one",
        method="models",
        verdict=verdict if held else Verdict.REFUTED,
        figure=f"in mean and sigma: {told}",
        resolution=f"{float(allowed.max()):.1e} in a derivative",
        seed=seed,
        seconds=time.perf_counter() - started,
    )


def _seen(
    found: Trained, z: np.ndarray, loss: Callable[[Tensor], Tensor]
) -> np.ndarray:
    """What autograd gives through the trained discriminator, in mean and sigma."""
    law = [found.pair.fake_mean, found.pair.fake_sigma]
    mean, sigma = (
        torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in law
    )
    x = mean + sigma * torch.tensor(z.ravel())
    w0, w1, w2 = torch.tensor(found.coefficients)
    gradient = torch.autograd.grad(loss(w0 + w1 * x + w2 * x**2), (mean, sigma))
    return np.array([float(number) for number in gradient])


def _allowed(found: Trained, z: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Standard errors, what the discriminator's distance makes, and rounding.

    more  other draws of z, that say how far a mean is off, shape (strata, EACH)
    """
    phi, slopes, of_law = _pieces(found, z)
    dh = slopes @ found.pair.log_ratio
    size, size_of_slopes = (np.linalg.norm(a, axis=-1) for a in (phi, slopes))
    # s(h) dh changes by at most this for each unit of the coefficients on the way
    steep = np.abs(dh) + found.distance * size_of_slopes
    change = (size * steep / 4 + size_of_slopes)[..., None] * np.abs(of_law)
    count = 2 * z.size + 32
    rounding = count * U * np.abs(steep[..., None] * of_law).mean((0, 1))
    moved = found.distance * change.mean((0, 1))
    phi, slopes, of_more = _pieces(found, more)
    each = expit(phi @ found.pair.log_ratio) * (slopes @ found.pair.log_ratio)
    error = standard_error(each[..., None] * of_more)
    return STANDARD_ERRORS * error + moved + rounding


def _pieces(found: Trained, z: np.ndarray) -> tuple[np.ndarray, ...]:
    """The features of x = mean + sigma z, their slopes in x, those of x in the law."""
    x = found.pair.fake_mean + found.pair.fake_sigma * z
    slopes = np.stack([np.zeros_like(x), np.ones_like(x), 2 * x], -1)
    return features(x), slopes, np.stack([np.ones_like(z), z], -1)
