"""Sample by sample, is the gradient of L_G e^h times that of L_NS?

The slopes of log(1 - s(h)) and -log s(h) are -s(h) and -s(-h), in the ratio e^h. Every
sample goes through both networks alone, and autograd makes the gradient of each loss in
the logit and in every parameter of the generator. Nothing is allowed but rounding.
The shorter of the two is compared with e^-|h| times the longer: so nothing overflows,
and what underflows is not made larger.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from math import exp

import torch
from torch import Tensor

from verify.evidence import Evidence
from verify.models.torch_gan import LOSSES
from verify.trained.torch_gan_gradients import SLOPES, NotFinite, logits, shared
from verify.trained.torch_inspected import Inspected
from verify.trained.torch_layers import Bounded
from verify.trained.torch_pullback import pulled_back
from verify.trained.torch_shares import Shares, evidence, not_finite
from verify.trained.torch_trace import traced
from verify.vanish.torch_escape import Loss

CLAIM = "per sample, the gradient of L_G is e^h times that of L_NS"
SAMPLES = 8  # of each batch
EXPONENTIAL = 4  # roundings: e^h to one in the last place, a product


def sample_ratio(of: Inspected, losses: Mapping[str, Loss] = LOSSES) -> Evidence:
    """Compare for the first samples of every batch.

    losses  "saturating" and "nonsaturating"; by default the derived ones

    AGREES     every number is e^h times the other within the rounding
    REFUTED    one is not, or something is not finite
    UNDECIDED  rounding allows a tenth of the median array's gradient
    """
    started, shares = time.perf_counter(), Shares()
    for _, noise in of.batches:
        for one in noise[:SAMPLES].split(1):
            try:
                _take(of, one, losses, shares)
            except NotFinite as wrong:
                words = str(wrong)
                return not_finite(CLAIM, words, of, time.perf_counter() - started)
    return evidence(CLAIM, shares, of, time.perf_counter() - started)


def _take(
    of: Inspected, noise: Tensor, losses: Mapping[str, Loss], shares: Shares
) -> None:
    with traced(of.model) as calls:
        h = of.model.logit(of.model.picture(noise))
    exponent = float(logits(calls)[0])
    leaves: dict[str, Tensor] = {"the logit": calls[-1].gave}
    leaves |= dict(of.model.generator.named_parameters())
    order = ("nonsaturating", "saturating")  # the longer gradient of h < 0 first
    times, pairs = exp(-abs(exponent)), []
    for name in order if exponent < 0 else order[::-1]:
        found = torch.autograd.grad(
            losses[name](h), [*leaves.values()], retain_graph=True
        )
        pulled = pulled_back([*calls], shared(of, calls, SLOPES[name]), of.dtype)
        errors = {calls[-1].gave: pulled.backs[-1], **pulled.gradients()}
        off = [errors[leaf].error for leaf in leaves.values()]
        pairs.append(zip(found, off, strict=True))
    for name, (longer, one), (shorter, other) in zip(leaves, *pairs, strict=True):
        number = Bounded(times * longer.double(), times * one + other)
        shares.take(name, shorter, number.rounded(EXPONENTIAL, torch.float64))
