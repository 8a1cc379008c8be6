"""Is the norm of the gradient of L_G at most max D times the mean norm of dh?

The norm of a mean is at most the mean of norms, and a sample's gradient is -D dh. So
the norm of the gradient of L_G, by autograd, is at most max D mean |dh|, where the dh
are pulled back by hand. What is allowed beyond it is the rounding of the passes.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import torch

from derivations import saturating_generator_loss
from verify.evidence import Evidence, Verdict
from verify.trained.chances import chance
from verify.trained.torch_gan_gradients import NotFinite, logits, shared
from verify.trained.torch_inspected import Inspected
from verify.trained.torch_layers import Bounded, Call
from verify.trained.torch_pullback import pulled_back
from verify.trained.torch_shares import COARSE, METHOD, not_finite
from verify.trained.torch_trace import traced
from verify.vanish.torch_escape import Loss

CLAIM = "the norm of the gradient of L_G is at most max D times the mean norm of dh"

UNDERFLOW = 1e-150  # of a norm: the squares of smaller numbers are lost in float64


def gradient_norm(of: Inspected, loss: Loss = saturating_generator_loss) -> Evidence:
    """Compare in every batch.

    loss  by default the derived L_G, whichever the generator was trained on

    AGREES     no norm is above its bound by more than rounding
    REFUTED    one is, or something is not finite
    UNDECIDED  rounding allows a tenth of the bound, in the median batch
    """
    started, found, rounded = time.perf_counter(), [], []
    weights = list(of.model.generator.parameters())
    for number, (_, noise) in enumerate(of.batches):
        with traced(of.model) as calls:
            h = of.model.logit(of.model.picture(noise))
        try:
            largest = float(chance(logits(calls).max()[None])[0])
        except NotFinite as wrong:
            words = f"batch {number}: {wrong}"
            return not_finite(CLAIM, words, of, time.perf_counter() - started)
        gradient = torch.autograd.grad(loss(h), weights)
        norm = torch.stack([g.double().square().sum() for g in gradient]).sum().sqrt()
        bound, error = largest * _mean_norm(of, calls), _error(of, calls)
        found.append(float(norm) / (bound + error))
        rounded.append(error / (bound + error))
    share, coarse = np.array(found), float(np.median(rounded))
    holds = bool((share <= 1).all())  # not where one of them is not a number
    seen = Verdict.AGREES if coarse <= COARSE else Verdict.UNDECIDED
    return Evidence(
        claim=f"{CLAIM}; {of.words}",
        method=METHOD,
        verdict=seen if holds else Verdict.REFUTED,
        figure=f"{share.min():.2g} to {share.max():.4g} of the bound, of which "
        f"rounding is {coarse:.1g}; batches: {len(share)}",
        resolution=_resolution(float(share.max())),
        seed=of.seed,
        seconds=time.perf_counter() - started,
    )


def _resolution(share: float) -> str:
    return f"a gradient {1 / share:.4g} times as long" if share else "nothing"


def _mean_norm(of: Inspected, calls: list[Call]) -> float:
    """The mean of the norms of dh in the generator's parameters, sample by sample.

    With what float64 can have rounded away.
    """
    ones = torch.ones(len(calls[-1].gave), dtype=torch.float64, device=of.device)
    own = set(of.model.generator.parameters())
    exact = pulled_back(calls, Bounded(ones, 0 * ones), torch.float64)
    errors = [Bounded(back.error, 0 * back.error) for back in exact.backs]
    off = replace(exact, backs=errors)
    return float((exact.sample_norms(own) + off.sample_norms(own)).mean())


def _error(of: Inspected, calls: list[Call]) -> float:
    """The norm of what rounding can do to the gradient."""
    own = set(of.model.generator.parameters())
    pulled = pulled_back(calls, shared(of, calls, lambda h: -chance(h)), of.dtype)
    errors = [b.error for p, b in pulled.gradients().items() if p in own]
    norm = torch.stack([e.square().sum() for e in errors]).sum().sqrt()
    return float(norm) + UNDERFLOW
