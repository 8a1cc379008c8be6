"""Where the runs start: a generator, and discriminators that win more and more.

One discriminator is trained against the generator as it starts, and is kept each time
that its mean logit has fallen to the next strength: the lower, the surer it is that
what it sees is generated. The noise is drawn once. What is trained on is the mean over
it, so that expectations are means over these vectors and no draw adds an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

import torch
from torch import Tensor

from derivations import discriminator_loss
from verify.vanish.experiment import StrengthError
from verify.vanish.torch_networks import (
    DISCRIMINATOR,
    GENERATOR,
    LATENT,
    NARROW,
    Layer,
    drawn,
    flat,
    generated,
    logits,
)

STRENGTHS = (-2.0, -4.0, -6.0, -8.0, -10.0, -12.0)
SAMPLES = 128
CENTRE, NOISE = 2.0, 0.1  # data: a circle of radius 1 round (CENTRE, 0), with noise
RATE, PATIENCE = 1e-2, 20_000  # of Adam, with which the discriminator is trained


@dataclass(frozen=True)
class Setting:
    """What is the same for both losses and every optimiser.

    generator       the layers that every run starts with, of one run
    discriminators  the frozen layers, a run for each strength, the weakest first
    z               the noise, shape (SAMPLES, LATENT)
    seed            of the noise, the data and the first weights
    """

    generator: list[Layer]
    discriminators: list[Layer]
    z: Tensor
    seed: int

    @property
    def runs(self) -> int:
        """How many discriminators there are."""
        return len(self.discriminators[0][0])

    def logits(self, generator: Sequence[Layer]) -> Tensor:
        """h of what a generator for each discriminator makes of the noise."""
        return logits(self.discriminators, generated(generator, self.z))


def setting(seed: int, strengths: Sequence[float] = STRENGTHS) -> Setting:
    """Train one discriminator through all strengths.

    strengths  mean logits, falling

    Raises StrengthError if one is not reached in PATIENCE steps.
    """
    source = torch.Generator().manual_seed(seed)
    generator = drawn(GENERATOR, source)
    generator[-1] = (generator[-1][0] * NARROW, generator[-1][1])
    z = torch.randn(SAMPLES, LATENT, generator=source, dtype=torch.float64)
    real, fake = _data(source), generated(generator, z)
    kept = _trained(drawn(DISCRIMINATOR, source), real, fake, strengths)
    stacked = [
        tuple(torch.cat(tensors) for tensors in zip(*layers, strict=True))
        for layers in zip(*kept, strict=True)
    ]
    return Setting(generator, stacked, z, seed)


def _data(source: torch.Generator) -> Tensor:
    """Points on a circle, shape (1, SAMPLES, 2)."""
    angle = 2 * pi * torch.rand(SAMPLES, generator=source, dtype=torch.float64)
    circle = torch.stack([angle.cos() + CENTRE, angle.sin()], -1)
    noise = torch.randn(circle.shape, generator=source, dtype=torch.float64)
    return (circle + NOISE * noise)[None]


def _trained(
    layers: list[Layer], real: Tensor, fake: Tensor, strengths: Sequence[float]
) -> list[list[Layer]]:
    kept: list[list[Layer]] = []
    weights = [tensor.requires_grad_() for tensor in flat(layers)]
    optimiser = torch.optim.Adam(weights, lr=RATE)
    for _ in range(PATIENCE):
        of_fake = logits(layers, fake)
        if float(of_fake.detach().mean()) <= strengths[len(kept)]:
            kept.append([(w.detach().clone(), b.detach().clone()) for w, b in layers])
            if len(kept) == len(strengths):
                return kept
        optimiser.zero_grad()
        discriminator_loss(logits(layers, real), of_fake).backward()
        optimiser.step()
    short = strengths[len(kept)]
    raise StrengthError(f"no mean logit of {short} in {PATIENCE} steps of training")
