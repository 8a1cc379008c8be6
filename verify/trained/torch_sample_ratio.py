"""Sample by sample, is the gradient of L_G e^h times that of L_NS?

The slopes of log(1 - s(h)) and -log s(h) are -s(h) and -s(-h), in the ratio e^h. Every
sample goes through both networks alone, and autograd makes the gradient of each loss in
every parameter of the generator. Nothing is allowed but rounding.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from math import exp

import torch
from torch import Tensor

from verify.evidence import Evidence
from verify.models.torch_gan import LOSSES
from verify.trained.chances import chance
from verify.trained.torch_gan_gradients import (
    NotFinite,
    logits,
    shared,
)
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
    names, weights = zip(*of.model.generator.named_parameters(), strict=True)
    times = exp(float(logits(calls)[0]))
    ours, theirs = (
        torch.autograd.grad(losses[name](h), weights, retain_graph=True)
        for name in ("saturating", "nonsaturating")
    )
    pulled = pulled_back([*calls], shared(of, calls, chance), of.dtype)
    errors = pulled.gradients()
    for name, weight, one, other in zip(names, weights, ours, theirs, strict=True):
        number = times * other.double()
        rest = Bounded(number, 2 * errors[weight].error)  # of one pass each
        shares.take(name, one, rest.rounded(EXPONENTIAL, torch.float64))
