"""Is the saturating gradient at most the largest D times the mean size of dh?

The norm of a mean is at most the mean of norms, and a sample's gradient is -D dh. So
the norm of the gradient of L_G, by autograd, is at most max D mean |dh|, where the dh
are pulled back by hand. What is allowed beyond it is the rounding of the passes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch

from verify.evidence import Evidence, Verdict
from verify.vanish.outcome import SATURATING
from verify.vanish.torch_escape import LOSSES, Loss, gradients, norms
from verify.vanish.torch_networks import Layer, copies
from verify.vanish.torch_setting import Setting
from verify.vanish.torch_slopes import pulled_back, roundings, sample_norms

CLAIM = "the norm of the gradient of L_G is at most max D times the mean norm of dh"


def bound(
    setting: Setting,
    reached: Sequence[list[Layer]] = (),
    loss: Loss = LOSSES[SATURATING],
) -> Evidence:
    """Compare at the start, and where runs have come to.

    reached  layers of all runs, for each place beside the start
    loss     by default the derived L_G

    AGREES   no norm is above its bound by more than rounding
    REFUTED  one is
    """
    started, shares = time.perf_counter(), []
    for generator in (copies(setting.generator, setting.runs), *reached):
        found = norms(gradients(setting, generator, loss))
        logits = setting.logits(generator).detach()
        ones = torch.ones_like(logits)
        mean = sample_norms(pulled_back(setting, generator, ones)).mean(-1)
        limit = logits.max(-1).values.sigmoid() * mean
        sizes = sample_norms(pulled_back(setting, generator, ones, absolute=True))
        passes = roundings(setting, generator, samples=logits.shape[1])
        rounding = 2 * passes * logits.max(-1).values.sigmoid() * sizes.mean(-1)
        shares.append(found / (limit + rounding))
    share = torch.stack(shares)
    holds = bool((share <= 1).all())  # not where one of them is not a number
    return Evidence(
        claim=CLAIM,
        method="models",
        verdict=Verdict.AGREES if holds else Verdict.REFUTED,
        figure=f"{float(share.min()):.2g} to {float(share.max()):.6g} of the bound, at "
        f"the start and where runs had come to: {share.numel()} gradients",
        resolution=f"a gradient {1 / float(share.max()):.6g} times as long",
        seed=setting.seed,
        seconds=time.perf_counter() - started,
    )
