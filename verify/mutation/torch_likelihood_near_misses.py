"""Negative log-likelihoods that people wrote wrong; all are (batch, size)."""

from __future__ import annotations

from math import log, pi

import torch
from torch import Tensor
from torch.distributions import Normal
from torch.nn.functional import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    gaussian_nll_loss,
)

from verify.mutation.near_miss import NearMiss

SIGMA, VARIANCE = ("mean", "target", "sigma"), ("mean", "target", "variance")
LOG = ("mean", "target", "log_variance")
LOGITS = ("logits", "target")
GAUSSIAN, BERNOULLI = "gaussian_nll", "bernoulli_nll"
CONSTANT = log(2 * pi) / 2


def nll(mean: Tensor, x: Tensor, s: Tensor) -> Tensor:
    """What each output adds, right, of a standard deviation."""
    return ((x - mean) / s) ** 2 / 2 + s.log() + CONSTANT


def bce(h: Tensor, x: Tensor) -> Tensor:
    """What each output adds, right."""
    return binary_cross_entropy_with_logits(h, x, reduction="none")


def _weighted(mean: Tensor, x: Tensor, v: Tensor) -> Tensor:
    right = nll(mean, x, v.sqrt())
    weight = v.sqrt().detach()
    return (right.detach() + weight * (right - right.detach())).sum(-1)


def _chances(h: Tensor, x: Tensor, low: float) -> Tensor:
    p = torch.sigmoid(h).clamp(low, 1 - low)
    return -(x * p.log() + (1 - x) * (1 - p).log()).sum(-1)


GAUSSIANS = (
    NearMiss(
        "without log(2 pi)",
        "a constant has no gradient",
        GAUSSIAN,
        SIGMA,
        lambda m, x, s: (nll(m, x, s) - CONSTANT).sum(-1),
    ),
    NearMiss(
        "log(2 pi) not halved",
        "the root of 2 pi sigma^2",
        GAUSSIAN,
        SIGMA,
        lambda m, x, s: (nll(m, x, s) + CONSTANT).sum(-1),
    ),
    NearMiss(
        "a library's, without its constant",
        "full=False by default",
        GAUSSIAN,
        VARIANCE,
        lambda m, x, v: gaussian_nll_loss(m, x, v, reduction="none").sum(-1),
    ),
    NearMiss(
        "a library's, with its floor",
        "eps=1e-6 clamps the variance",
        GAUSSIAN,
        VARIANCE,
        lambda m, x, v: gaussian_nll_loss(m, x, v, full=True, reduction="none").sum(-1),
    ),
    NearMiss(
        "sigma given, a variance meant",
        "a scale by its name",
        GAUSSIAN,
        SIGMA,
        lambda m, x, s: nll(m, x, s.sqrt()).sum(-1),
    ),
    NearMiss(
        "a variance given, sigma meant",
        "the scale of a normal law is sigma",
        GAUSSIAN,
        VARIANCE,
        lambda m, x, v: -Normal(m, v, validate_args=False).log_prob(x).sum(-1),
    ),
    NearMiss(
        "half the squared error alone",
        "a unit variance, silently",
        GAUSSIAN,
        SIGMA,
        lambda m, x, s: ((x - m) ** 2 / 2).sum(-1) + 0 * s.sum(-1),
    ),
    NearMiss(
        "the log-variance not halved",
        "t for t/2",
        GAUSSIAN,
        LOG,
        lambda m, x, t: (nll(m, x, (t / 2).exp()) + t / 2).sum(-1),
    ),
    NearMiss(
        "the precision upside down",
        "e^t for e^-t",
        GAUSSIAN,
        LOG,
        lambda m, x, t: ((x - m) ** 2 * t.exp() / 2 + t / 2 + CONSTANT).sum(-1),
    ),
    NearMiss(
        "the decoder's log-variance in [-10, 10]",
        "a clamp of the head",
        GAUSSIAN,
        LOG,
        lambda m, x, t: nll(m, x, (t.clamp(-10.0, 10.0) / 2).exp()).sum(-1),
    ),
    NearMiss(
        "mean over the outputs",
        "reduction='mean'",
        GAUSSIAN,
        SIGMA,
        lambda m, x, s: nll(m, x, s).mean(-1),
    ),
    NearMiss(
        "1e-3 added to the decoder's sigma",
        "against a zero scale",
        GAUSSIAN,
        SIGMA,
        lambda m, x, s: nll(m, x, s + 1e-3).sum(-1),
    ),
    NearMiss(
        "gradients weighted by sigma",
        "the beta-likelihood of regression",
        GAUSSIAN,
        VARIANCE,
        _weighted,
    ),
    NearMiss(
        "the likelihood's sign",
        "log p for -log p",
        GAUSSIAN,
        SIGMA,
        lambda m, x, s: -nll(m, x, s).sum(-1),
    ),
)
BERNOULLIS = (
    NearMiss(
        "mean over the pixels",
        "reduction='mean' beside a summed divergence",
        BERNOULLI,
        LOGITS,
        lambda h, x: bce(h, x).mean(-1),
    ),
    NearMiss(
        "the library's, of sigmoid(h)",
        "its logs are clamped at -100",
        BERNOULLI,
        LOGITS,
        lambda h, x: binary_cross_entropy(torch.sigmoid(h), x, reduction="none").sum(
            -1
        ),
    ),
    NearMiss(
        "logits and targets exchanged",
        "the order of two arguments",
        BERNOULLI,
        LOGITS,
        lambda h, x: bce(x, h).sum(-1),
    ),
    NearMiss(
        "the targets made binary",
        "x > 1/2 for a grey",
        BERNOULLI,
        LOGITS,
        lambda h, x: bce(h, (x > 0.5).to(x.dtype) + 0 * x).sum(-1),
    ),
    NearMiss(
        "1e-8 inside the logs",
        "against log 0",
        BERNOULLI,
        LOGITS,
        lambda h, x: (
            -(
                x * (torch.sigmoid(h) + 1e-8).log()
                + (1 - x) * (torch.sigmoid(-h) + 1e-8).log()
            ).sum(-1)
        ),
    ),
    NearMiss(
        "probabilities in [1e-7, 1 - 1e-7]",
        "a clamp before the logs",
        BERNOULLI,
        LOGITS,
        lambda h, x: _chances(h, x, 1e-7),
    ),
    NearMiss(
        "ones weighted twice",
        "pos_weight left in",
        BERNOULLI,
        LOGITS,
        lambda h, x: (bce(h, x) - x * torch.nn.functional.logsigmoid(h)).sum(-1),
    ),
    NearMiss(
        "squared errors",
        "another likelihood",
        BERNOULLI,
        LOGITS,
        lambda h, x: ((torch.sigmoid(h) - x) ** 2).sum(-1),
    ),
    NearMiss(
        "the black pixels left out",
        "-x log s alone",
        BERNOULLI,
        LOGITS,
        lambda h, x: -(x * torch.nn.functional.logsigmoid(h)).sum(-1),
    ),
    NearMiss(
        "probabilities taken for logits",
        "the sigmoid applied twice",
        BERNOULLI,
        ("probabilities", "target"),
        lambda p, x: bce(p, x).sum(-1),
    ),
)
NEAR_MISSES = (*GAUSSIANS, *BERNOULLIS)
