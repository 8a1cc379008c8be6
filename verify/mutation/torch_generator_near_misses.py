"""Losses of generators that people wrote wrong; h and p are (batch, size)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    logsigmoid,
    softplus,
)

from verify.mutation.near_miss import NearMiss

LOGITS, CHANCES = ("logits",), ("probabilities",)
SATURATING, NONSATURATING = "saturating_generator_loss", "nonsaturating_generator_loss"


def to(label: float, h: Tensor) -> Tensor:
    """The cross-entropy of logits to one label."""
    return binary_cross_entropy_with_logits(h, torch.full_like(h, label))


def of(label: float, p: Tensor) -> Tensor:
    """The cross-entropy of probabilities to one label."""
    return binary_cross_entropy(p, torch.full_like(p, label))


NEAR_MISSES = (
    NearMiss(
        "log(1 - sigmoid(h)) as it is written",
        "-inf from h = 37 on",
        SATURATING,
        LOGITS,
        lambda h: torch.log(1 - torch.sigmoid(h)).mean(),
        "mean",
    ),
    NearMiss(
        "1e-12 inside log(1 - D)",
        "against log 0",
        SATURATING,
        LOGITS,
        lambda h: torch.log(1 - torch.sigmoid(h) + 1e-12).mean(),
        "mean",
    ),
    NearMiss(
        "1e-8 inside log(1 - D), in float32",
        "against log 0",
        SATURATING,
        LOGITS,
        lambda h: torch.log(1 - torch.sigmoid(h) + 1e-8).mean(),
        "mean",
        "float32",
    ),
    NearMiss(
        "-log(1 - D) minimised",
        "the cross-entropy to 0 has the other sign",
        SATURATING,
        LOGITS,
        lambda h: to(0.0, h),
        "mean",
    ),
    NearMiss(
        "the other generator loss",
        "-log D where log(1 - D) is announced",
        SATURATING,
        LOGITS,
        lambda h: to(1.0, h),
        "mean",
    ),
    NearMiss(
        "log D",
        "a label flipped",
        SATURATING,
        LOGITS,
        lambda h: logsigmoid(h).mean(),
        "mean",
    ),
    NearMiss(
        "log(1 - p + 1e-8) of probabilities",
        "against log 0",
        SATURATING,
        CHANCES,
        lambda p: torch.log(1 - p + 1e-8).mean(),
        "mean",
    ),
    NearMiss(
        "log(1 - h) of logits",
        "the sigmoid forgotten",
        SATURATING,
        LOGITS,
        lambda h: torch.log(1 - h).mean(),
        "mean",
    ),
    NearMiss(
        "1e-12 inside log D",
        "against log 0",
        NONSATURATING,
        LOGITS,
        lambda h: -torch.log(torch.sigmoid(h) + 1e-12).mean(),
        "mean",
    ),
    NearMiss(
        "a non-saturating loss that saturates",
        "log(1 - D) under the other's name",
        NONSATURATING,
        LOGITS,
        lambda h: -to(0.0, h),
        "mean",
    ),
    NearMiss(
        "labels swapped",
        "the cross-entropy to 0 in place of 1",
        NONSATURATING,
        LOGITS,
        lambda h: to(0.0, h),
        "mean",
    ),
    NearMiss(
        "the minus is missing",
        "log D maximised is not minimised",
        NONSATURATING,
        LOGITS,
        lambda h: logsigmoid(h).mean(),
        "mean",
    ),
    NearMiss(
        "in bits",
        "log2 for log",
        NONSATURATING,
        LOGITS,
        lambda h: to(1.0, h) / torch.log(torch.tensor(2.0, dtype=h.dtype)),
        "mean",
    ),
    NearMiss(
        "the cross-entropy of sigmoid(h)",
        "clamped at 100 by the library",
        NONSATURATING,
        LOGITS,
        lambda h: of(1.0, torch.sigmoid(h)),
        "mean",
    ),
    NearMiss(
        "the cross-entropy of probabilities",
        "clamped at 100 by the library",
        NONSATURATING,
        CHANCES,
        lambda p: of(1.0, p),
        "mean",
    ),
    NearMiss(
        "sigmoid applied twice",
        "a network that ends in a sigmoid, and a loss of logits",
        NONSATURATING,
        LOGITS,
        lambda h: to(1.0, torch.sigmoid(h)),
        "mean",
    ),
    NearMiss(
        "a loss of logits for probabilities",
        "the same, with its words",
        NONSATURATING,
        CHANCES,
        lambda p: to(1.0, p),
        "mean",
    ),
    NearMiss(
        "labels smoothed to 0.9",
        "a trick of the training, inside the function",
        NONSATURATING,
        LOGITS,
        lambda h: to(0.9, h),
        "mean",
    ),
    NearMiss(
        "softplus with its threshold",
        "linear from 20 on: wrong by 2e-9",
        NONSATURATING,
        LOGITS,
        lambda h: softplus(-h).mean(),
        "mean",
    ),
    NearMiss(
        "softplus with a threshold of 5",
        "a larger step where it becomes linear",
        NONSATURATING,
        LOGITS,
        lambda h: softplus(-h, threshold=5.0).mean(),
        "mean",
    ),
    NearMiss(
        "softplus with a beta of 2",
        "a sharper softplus",
        NONSATURATING,
        LOGITS,
        lambda h: softplus(-h, beta=2.0).mean(),
        "mean",
    ),
    NearMiss(
        "logits clamped to [-15, 15]",
        "against overflow",
        NONSATURATING,
        LOGITS,
        lambda h: to(1.0, h.clamp(-15.0, 15.0)),
        "mean",
    ),
    NearMiss(
        "the hinge loss's generator",
        "-h under another's name",
        NONSATURATING,
        LOGITS,
        lambda h: -h.mean(),
        "mean",
    ),
    NearMiss(
        "least squares",
        "(D - 1)^2 under another's name",
        NONSATURATING,
        LOGITS,
        lambda h: ((torch.sigmoid(h) - 1) ** 2).mean(),
        "mean",
    ),
    NearMiss(
        "the log of the mean",
        "-log E D for -E log D",
        NONSATURATING,
        LOGITS,
        lambda h: -torch.log(torch.sigmoid(h).mean()),
        "mean",
    ),
    NearMiss(
        "logits detached",
        "no gradient reaches the generator",
        NONSATURATING,
        LOGITS,
        lambda h: to(1.0, h.detach()) + 0 * h.sum(),
        "mean",
    ),
    NearMiss(
        "averaged over the batch alone",
        "a patch discriminator has several logits",
        NONSATURATING,
        LOGITS,
        lambda h: softplus(-h, threshold=1e3).sum(-1).mean(),
        "mean",
    ),
)
