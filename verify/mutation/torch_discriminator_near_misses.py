"""Losses of discriminators that people wrote wrong; all are (batch, size)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from verify.mutation.near_miss import NearMiss
from verify.mutation.torch_generator_near_misses import of, to

BOTH = ("real_logits", "fake_logits")
BOTH_CHANCES = ("real_probabilities", "fake_probabilities")
DISCRIMINATOR = "discriminator_loss"


def _together(real: Tensor, fake: Tensor) -> Tensor:
    h = torch.cat([real.flatten(), fake.flatten()])
    labels = torch.cat(
        [torch.ones_like(real.flatten()), torch.zeros_like(fake.flatten())]
    )
    return 2 * binary_cross_entropy_with_logits(h, labels)


NEAR_MISSES = (
    NearMiss(
        "real and fake exchanged",
        "the order of two arguments",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: to(0.0, real) + to(1.0, fake),
        "mean",
    ),
    NearMiss(
        "half of the sum",
        "(real + fake) / 2 in many tutorials",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: (to(1.0, real) + to(0.0, fake)) / 2,
        "mean",
    ),
    NearMiss(
        "both minus signs missing",
        "the objective that is maximised",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: -to(1.0, real) - to(0.0, fake),
        "mean",
    ),
    NearMiss(
        "one minus sign missing",
        "-log D(x) + log(1 - D(G(z)))",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: to(1.0, real) - to(0.0, fake),
        "mean",
    ),
    NearMiss(
        "ones for the fake too",
        "a tensor of labels used again",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: to(1.0, real) + to(1.0, fake),
        "mean",
    ),
    NearMiss(
        "real samples alone",
        "a backward call forgotten",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: to(1.0, real) + 0 * fake.sum(),
        "mean",
    ),
    NearMiss(
        "one mean over both batches",
        "weighs by their sizes",
        DISCRIMINATOR,
        BOTH,
        _together,
        "mean",
    ),
    NearMiss(
        "summed over the batch",
        "reduction='sum'",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: (
            softplus(-real, threshold=1e3).sum() + softplus(fake, threshold=1e3).sum()
        ),
        "mean",
    ),
    NearMiss(
        "1e-8 inside both logs",
        "against log 0",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: (
            -torch.log(torch.sigmoid(real) + 1e-8).mean()
            - torch.log(torch.sigmoid(-fake) + 1e-8).mean()
        ),
        "mean",
    ),
    NearMiss(
        "cross-entropies of sigmoids",
        "clamped at 100 by the library",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: of(1.0, torch.sigmoid(real)) + of(0.0, torch.sigmoid(fake)),
        "mean",
    ),
    NearMiss(
        "real labels of 0.9",
        "one-sided smoothing, inside the function",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: to(0.9, real) + to(0.0, fake),
        "mean",
    ),
    NearMiss(
        "the fake logits detached",
        "right for the generator, wrong for the logits",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: to(1.0, real) + to(0.0, fake.detach()),
        "mean",
    ),
    NearMiss(
        "softplus of the wrong sides",
        "softplus(real) + softplus(-fake)",
        DISCRIMINATOR,
        BOTH,
        lambda real, fake: softplus(real).mean() + softplus(-fake).mean(),
        "mean",
    ),
    NearMiss(
        "cross-entropies of probabilities",
        "clamped at 100 by the library",
        DISCRIMINATOR,
        BOTH_CHANCES,
        lambda real, fake: of(1.0, real) + of(0.0, fake),
        "mean",
    ),
)
