"""The generative adversarial network: G(z, theta), z ~ N(0, I), and D = s(h(x, phi)).

The discriminator's network ends in the logit h; there is no sigmoid in it. A step is
two turns: phi descends `discriminator_loss`, then theta one of the two losses of the
generator. No layer looks at two samples at once, so h of a sample depends on it alone.

Limits: the conv network (DCGAN's shape, without its batch normalisation) needs images
whose sides are multiples of 4.

References: Goodfellow et al., "Generative Adversarial Nets", 2014, section 3; Radford,
Metz and Chintala, "Unsupervised Representation Learning with DCGANs", 2016, section 3,
whence Adam's settings.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from derivations import (
    discriminator_loss,
    nonsaturating_generator_loss,
    saturating_generator_loss,
)
from derivations.references.reference import Reference
from verify.models.image_sides import multiples_of_four
from verify.models.ledger_losses import of_the_ledger
from verify.models.torch_doubled import Doubled
from verify.models.torch_leaky import Leaky

WIDTH = 256
CHANNELS = (32, 64)
LEAK = 0.2
LOSSES: dict[str, Any] = {
    "saturating": saturating_generator_loss,
    "nonsaturating": nonsaturating_generator_loss,
}

DISCRIMINATOR_LOSS: Any = discriminator_loss


class Grey(nn.Module):
    """From any real number into (0, 1), for images.

    In float32 at least: in bfloat16 tanh is 1 beyond 3.5, and its slope exactly 0.
    """

    def forward(self, pixels: Tensor) -> Tensor:
        wide = pixels.to(torch.promote_types(pixels.dtype, torch.float32))
        return (1 + torch.tanh(wide)) / 2


def mlp_generator(latent: int, outputs: int) -> list[nn.Module]:
    """(B, k) to (B, n)."""
    return [
        nn.Linear(latent, WIDTH),
        nn.SiLU(),
        nn.Linear(WIDTH, WIDTH),
        nn.SiLU(),
        nn.Linear(WIDTH, outputs),
    ]


def mlp_discriminator(outputs: int) -> nn.Module:
    """(B, n) to the logit, (B, 1)."""
    return nn.Sequential(
        nn.Linear(outputs, WIDTH),
        Leaky(LEAK),
        nn.Linear(WIDTH, WIDTH),
        Leaky(LEAK),
        nn.Linear(WIDTH, 1),
    )


def conv_generator(latent: int, height: int, width: int) -> list[nn.Module]:
    """(B, k) to (B, height width)."""
    few, many = CHANNELS
    small = (many, height // 4, width // 4)
    return [
        nn.Linear(latent, many * small[1] * small[2]),
        nn.SiLU(),
        nn.Unflatten(1, small),
        nn.ConvTranspose2d(many, few, 4, stride=2, padding=1),
        nn.SiLU(),
        Doubled(few, 1),
        nn.Flatten(),
    ]


def conv_discriminator(height: int, width: int) -> nn.Module:
    """(B, height width) to the logit, (B, 1)."""
    few, many = CHANNELS
    return nn.Sequential(
        nn.Unflatten(1, (1, height, width)),
        nn.Conv2d(1, few, 4, stride=2, padding=1),
        Leaky(LEAK),
        nn.Conv2d(few, many, 4, stride=2, padding=1),
        Leaky(LEAK),
        nn.Flatten(),
        nn.Linear(many * (height // 4) * (width // 4), 1),
    )


class GAN(nn.Module):
    """A generator and a discriminator, trained in turns.

    shape    of one datum: (height, width), of images with values in [0, 1], or (n,)
    latent   k, the dimension of z
    network  "mlp" or "conv"
    loss     "saturating" or "nonsaturating", the generator's

    Raises ValueError for a conv network and a shape it can't have.
    """

    adam: ClassVar[dict[str, Any]] = {"lr": 3e-4, "betas": (0.5, 0.999)}
    turns = ("discriminator", "generator")

    def __init__(
        self, shape: tuple[int, ...], latent: int, network: str, loss: str
    ) -> None:
        super().__init__()
        self.latent, self.kind = latent, loss
        for one in self.losses:
            of_the_ledger(one)
        outputs = torch.Size(shape).numel()
        if network == "conv":
            height, width = multiples_of_four(shape)
            layers = conv_generator(latent, height, width)
            self.discriminator = conv_discriminator(height, width)
        else:
            layers = mlp_generator(latent, outputs)
            self.discriminator = mlp_discriminator(outputs)
        last = [Grey()] if len(shape) == 2 else []
        self.generator = nn.Sequential(*layers, *last)

    @property
    def generator_loss(self) -> Any:
        """What theta descends; nothing else can be put in its place."""
        return LOSSES[self.kind]

    @property
    def discriminator_loss(self) -> Any:
        """What phi descends; likewise."""
        return DISCRIMINATOR_LOSS

    @property
    def losses(self) -> tuple[Reference, ...]:
        """All that the training differentiates."""
        return (self.discriminator_loss, self.generator_loss)

    def player(self, turn: str) -> list[nn.Parameter]:
        """The parameters that a turn improves."""
        network = self.generator if turn == "generator" else self.discriminator
        return list(network.parameters())

    def picture(self, z: Tensor) -> Tensor:
        """G(z), (B, n), in the dtype of z."""
        return self.generator(z).to(z.dtype)

    def logit(self, data: Tensor) -> Tensor:
        """h(x), (B,), in the dtype of the data."""
        return self.discriminator(data).to(data.dtype)[:, 0]

    def objective(
        self, turn: str, data: Tensor, noise: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of one player in nats, and what is logged beside it.

        turn   whose: "discriminator" or "generator"
        data   x, (B, n)
        noise  z, (B, k), standard normal
        """
        if turn == "discriminator":
            with torch.no_grad():
                generated = self.picture(noise)
            real, fake = self.logit(data), self.logit(generated)
            loss = self.discriminator_loss(real, fake)
            seen = {"real_logit": real.detach().mean()}
        else:
            fake = self.logit(self.picture(noise))
            loss = self.generator_loss(fake)
            seen = {"mean_logit": fake.detach().mean()}
        return loss, {f"{turn}_loss": loss.detach(), **seen}
