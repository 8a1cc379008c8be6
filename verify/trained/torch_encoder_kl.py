"""The KL of what the encoder makes of images: by draws, and beside the truth.

Beside the truth every coordinate's divergence and both of its slopes are compared, in
units in the last place, on the very numbers that the encoder gave; and the sum over
coordinates with the sum of the truths.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from derivations import gaussian_kl
from verify.accuracy.bounds import BOUNDS
from verify.accuracy.errors import errors
from verify.accuracy.textbook import Order
from verify.data.dataset import Dataset
from verify.evidence import Evidence, Verdict
from verify.trained.divergences import IN_MU, IN_SCALE, VALUE, true_terms
from verify.trained.kl_sampled import kl_sampled
from verify.trained.torch_inspected import Inspected
from verify.trained.torch_shares import METHOD, not_finite

CLAIM = "the KL of the encoder's outputs and its slopes are right to the last place"
IMAGES = 2000  # at most
NUMBERS = 16_000  # of mu, at most: each is enclosed by a ball
LABELS = {VALUE: "value", IN_MU: "slope in mu", IN_SCALE: "slope in log sigma^2"}
Divergence = Callable[..., Tensor]
"""Of mu and log_variance=, summed over the last axis."""


def outputs(of: Inspected, data: Dataset) -> tuple[Tensor, Tensor, str]:
    """mu and log sigma^2 of all images, or of evenly many; (N, k), and which they are.

    Rows to train on and rows to judge by.
    """
    rows = np.concatenate([data.train, data.test])
    most = min(IMAGES, max(1, NUMBERS // of.model.latent))
    step = -(-len(rows) // most)
    chosen = torch.from_numpy(rows[::step]).to(of.device, of.dtype)
    with torch.no_grad():
        mu, log_variance = of.model.encode(chosen)
    which = "all" if step == 1 else f"one in {step} of"
    words = f"{which} {len(rows)} rows of {data.name}, {of.words}"
    return mu, log_variance, words


def sampled_kl(
    of: Inspected, data: Dataset, divergence: Divergence = gaussian_kl
) -> Evidence:
    """Every image's KL beside the mean of log q - log p over draws.

    divergence  by default the derived one
    """
    mu, log_variance, words = outputs(of, data)
    values = divergence(mu, log_variance=log_variance)
    arrays = [t.double().cpu().numpy() for t in (mu, log_variance, values)]
    return kl_sampled(*arrays, dtype=of.dtype_name, words=words, seed=of.seed)


def true_kl(
    of: Inspected, data: Dataset, divergence: Divergence = gaussian_kl
) -> Evidence:
    """Every coordinate's divergence and slopes beside the truth.

    AGREES   all are within the bound of `python -m verify accuracy`, and every sum
             within that and its own roundings
    REFUTED  one is not, or something is not finite
    """
    started = time.perf_counter()
    mu, log_variance, words = outputs(of, data)
    if not all(bool(t.isfinite().all()) for t in (mu, log_variance)):
        wrong = "what the encoder gave is not finite"
        return not_finite(CLAIM, wrong, of, time.perf_counter() - started)
    shape = (*mu.shape, 1)  # a coordinate by itself: a last axis of one
    leaves = [t.reshape(shape).detach().requires_grad_() for t in (mu, log_variance)]
    values = divergence(leaves[0], log_variance=leaves[1])
    slopes = torch.autograd.grad(values.sum(), leaves)
    found: dict[Order, Tensor] = {VALUE: values, IN_MU: slopes[0], IN_SCALE: slopes[1]}
    given = [t.double().cpu().numpy() for t in (mu, log_variance)]
    true = true_terms(given[0], given[1], of.dtype_name)
    units = {
        LABELS[order]: float(errors(_flat(array), true[order]).units.max())
        for order, array in found.items()
    }
    sums = _flat(divergence(mu, log_variance=log_variance))
    exact = true[VALUE].approximately.reshape(given[0].shape).sum(-1)
    share = _of_sum(sums, exact, of)
    bound = BOUNDS[of.dtype_name]
    held = share <= 1 and all(size <= bound for size in units.values())
    told = ", ".join(f"{label} {size:.3g}" for label, size in units.items())
    return Evidence(
        claim=f"{CLAIM}; {words}",
        method=METHOD,
        verdict=Verdict.AGREES if held else Verdict.REFUTED,
        figure=f"{told} units of {bound:g}; sums {share:.2g} of what is allowed",
        resolution=f"{bound:g} units in the last place, in {mu.numel()} coordinates",
        seed=of.seed,
        seconds=time.perf_counter() - started,
    )


def _flat(tensor: Tensor) -> np.ndarray:
    found: np.ndarray = tensor.detach().double().cpu().numpy().ravel()
    return found


def _of_sum(sums: np.ndarray, exact: np.ndarray, of: Inspected) -> float:
    """The largest error of an image's sum as a share of what is allowed.

    No term is negative: the bound of a term, and a rounding for each that is added.
    """
    info = torch.finfo(of.dtype)
    count = 2 * BOUNDS[of.dtype_name] + of.model.latent + 1
    allowed = count * (info.eps / 2 * exact + info.tiny)
    shares = np.abs(sums - exact) / allowed
    return float(np.nan_to_num(shares, nan=np.inf).max())
