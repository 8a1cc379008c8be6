"""Sample by sample, is the one loss's gradient e^h times the other's?

The slopes of log(1 - s(h)) and -log s(h) are -s(h) and -s(-h), in the ratio e^h. It is
checked on the slopes that the losses give, of which the second is held against -s(-h),
so that no factor that both have stays unseen; and on what autograd makes of them
through both networks, in every number of the generator. Nothing is allowed but
rounding: that of the slopes, as `python -m verify accuracy` bounds it, of e^h, and of
the two passes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from verify.accuracy.bounds import BOUNDS
from verify.evidence import Evidence, Verdict
from verify.vanish.outcome import NONSATURATING, SATURATING
from verify.vanish.torch_escape import LOSSES
from verify.vanish.torch_networks import copies, flat
from verify.vanish.torch_setting import Setting
from verify.vanish.torch_slopes import U, of_sample, pulled_back, roundings

CLAIM = "per sample, the gradient of L_G is e^h times that of L_NS, which is -s(-h) dh"
EXPONENTIAL = 4  # units: e^h to one in the last place, a product or sum, a quotient
SLOPES = 2 * 2 * BOUNDS["float64"] + EXPONENTIAL  # in units of roundoff; two slopes


@dataclass
class Largest:
    """The largest difference found, as a share of what is allowed, and where."""

    share: float = 0.0
    words: str = "nothing was compared"
    relative: float = 0.0  # the largest that is allowed, relative to the gradient
    compared: int = 0

    def take(self, difference: Tensor, allowed: Tensor, words: str) -> None:
        """Count numbers that were compared, all of one shape."""
        shares = torch.where(difference == 0, 0.0, difference / allowed)
        self.compared += difference.numel()
        worst = float(shares.nan_to_num(nan=np.inf).max())
        if worst >= self.share:
            self.share, self.words = worst, words


def ratio(setting: Setting, losses: dict[str, Any] | None = None) -> Evidence:
    """Compare both gradients at the start, for every discriminator and sample.

    losses  both, by name; by default the derived ones. Each has `terms`.

    AGREES   every number is e^h times the other, and L_NS's slope is -s(-h), within
             the rounding
    REFUTED  one is not
    """
    started, largest = time.perf_counter(), Largest()
    named = losses or dict(LOSSES)
    generator = copies(setting.generator, setting.runs)
    logits = setting.logits(generator)
    slopes = {name: _slopes(loss, logits) for name, loss in named.items()}
    exponential = logits.detach().exp()
    plain = (-logits.detach()).sigmoid()
    units = 2 * BOUNDS["float64"] + EXPONENTIAL
    off = (slopes[NONSATURATING] + plain).abs()
    largest.take(off, units * U * plain, "slopes of L_NS in h")
    ours, theirs = slopes[SATURATING], exponential * slopes[NONSATURATING]
    largest.take((ours - theirs).abs(), SLOPES * U * theirs.abs(), "slopes in h")
    sizes = pulled_back(setting, generator, theirs, absolute=True)
    passes = 2 * roundings(setting, generator, samples=1) + SLOPES * U
    for sample in range(logits.shape[1]):
        weights = flat(generator)
        first, second = (
            torch.autograd.grad(
                named[name].terms(logits)[:, sample].sum(), weights, retain_graph=True
            )
            for name in (SATURATING, NONSATURATING)
        )
        times = exponential[:, sample, None, None]
        bounds = of_sample(sizes, sample)
        for one, other, size in zip(first, second, bounds, strict=True):
            words = f"sample {sample}, an array of shape {tuple(one.shape[1:])}"
            largest.take((one - times * other).abs(), passes * size, words)
        largest.relative = max(largest.relative, _relative(bounds, first) * passes)
    return _evidence(largest, setting, time.perf_counter() - started)


def _slopes(loss: Any, logits: Tensor) -> Tensor:
    """The derivative of each term in its own logit."""
    leaf = logits.detach().requires_grad_()
    (found,) = torch.autograd.grad(loss.terms(leaf).sum(), leaf)
    return found


def _relative(sizes: list[Tensor], gradient: tuple[Tensor, ...]) -> float:
    """The largest norm of sizes by that of the gradient, over the runs."""
    whole = [
        torch.stack([t.square().sum((-2, -1)) for t in tensors]).sum(0).sqrt()
        for tensors in (sizes, list(gradient))
    ]
    return float((whole[0] / whole[1]).max())


def _evidence(largest: Largest, setting: Setting, seconds: float) -> Evidence:
    return Evidence(
        claim=CLAIM,
        method="models",
        verdict=Verdict.AGREES if largest.share <= 1 else Verdict.REFUTED,
        figure=f"{largest.share:.2g} of what rounding allows at most, over "
        f"{largest.compared} numbers; {largest.words}",
        resolution=f"a relative error of {largest.relative:.1e} in a sample's gradient",
        seed=setting.seed,
        seconds=seconds,
    )
