"""The variational autoencoder: q(z | x) = N(mu(x), diag sigma(x)^2), p(z) = N(0, I).

The encoder gives mu and log sigma^2, the decoder gives logits (Bernoulli) or means
(Gaussian, with one variance for all outputs, learned). What is minimised is minus the
mean of `bernoulli_elbo` or `gaussian_elbo`, with one draw z = mu + sigma eps a datum.

Limits: the conv network needs images whose sides are multiples of 4, a Bernoulli
decoder data in [0, 1].

Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix C.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from derivations import bernoulli_elbo, gaussian_elbo, gaussian_kl
from derivations.references.reference import Reference
from verify.models.image_sides import multiples_of_four
from verify.models.ledger_losses import of_the_ledger
from verify.models.torch_doubled import Doubled

WIDTH = 256
CHANNELS = (32, 64)
DECODERS: dict[str, Any] = {"bernoulli": bernoulli_elbo, "gaussian": gaussian_elbo}


def mlp_encoder(outputs: int, latent: int) -> nn.Module:
    """(B, n) to mu and log sigma^2 side by side, (B, 2k)."""
    return nn.Sequential(
        nn.Linear(outputs, WIDTH),
        nn.SiLU(),
        nn.Linear(WIDTH, WIDTH),
        nn.SiLU(),
        nn.Linear(WIDTH, 2 * latent),
    )


def mlp_decoder(outputs: int, latent: int) -> nn.Module:
    """(B, k) to logits or means, (B, n)."""
    return nn.Sequential(
        nn.Linear(latent, WIDTH),
        nn.SiLU(),
        nn.Linear(WIDTH, WIDTH),
        nn.SiLU(),
        nn.Linear(WIDTH, outputs),
    )


def conv_encoder(height: int, width: int, latent: int) -> nn.Module:
    """(B, height width) to mu and log sigma^2 side by side, (B, 2k)."""
    few, many = CHANNELS
    return nn.Sequential(
        nn.Unflatten(1, (1, height, width)),
        nn.Conv2d(1, few, 4, stride=2, padding=1),
        nn.SiLU(),
        nn.Conv2d(few, many, 4, stride=2, padding=1),
        nn.SiLU(),
        nn.Flatten(),
        nn.Linear(many * (height // 4) * (width // 4), 2 * latent),
    )


def conv_decoder(height: int, width: int, latent: int) -> nn.Module:
    """(B, k) to logits or means, (B, height width)."""
    few, many = CHANNELS
    small = (many, height // 4, width // 4)
    return nn.Sequential(
        nn.Linear(latent, many * small[1] * small[2]),
        nn.SiLU(),
        nn.Unflatten(1, small),
        nn.ConvTranspose2d(many, few, 4, stride=2, padding=1),
        nn.SiLU(),
        Doubled(few, 1),
        nn.Flatten(),
    )


class VAE(nn.Module):
    """An encoder and a decoder, trained together.

    shape    of one datum: (height, width) or (n,)
    latent   k, the dimension of z
    network  "mlp" or "conv"
    decoder  "bernoulli" or "gaussian"

    Raises ValueError for a conv network and a shape it can't have.
    """

    adam: ClassVar[dict[str, Any]] = {"lr": 1e-3, "betas": (0.9, 0.999)}
    turns = ("vae",)  # whose parameters are improved, one after the other

    def __init__(
        self, shape: tuple[int, ...], latent: int, network: str, decoder: str
    ) -> None:
        super().__init__()
        of_the_ledger(DECODERS[decoder])
        self.latent, self.likelihood = latent, decoder
        if network == "conv":
            height, width = multiples_of_four(shape)
            self.encoder = conv_encoder(height, width, latent)
            self.decoder = conv_decoder(height, width, latent)
        else:
            outputs = torch.Size(shape).numel()
            self.encoder = mlp_encoder(outputs, latent)
            self.decoder = mlp_decoder(outputs, latent)
        if decoder == "gaussian":
            self.decoder_log_variance = nn.Parameter(torch.zeros(()))

    @property
    def loss(self) -> Any:
        """The bound whose mean is maximised; nothing else can be put in its place."""
        return DECODERS[self.likelihood]

    @property
    def losses(self) -> tuple[Reference, ...]:
        """All that the training differentiates."""
        return (self.loss,)

    def player(self, turn: str) -> list[nn.Parameter]:
        """The parameters that a turn improves: all of them."""
        return list(self.parameters())

    def encode(self, data: Tensor) -> tuple[Tensor, Tensor]:
        """mu(x) and log sigma(x)^2, each (B, k), in the dtype of the data."""
        mu, log_variance = self.encoder(data).to(data.dtype).chunk(2, dim=-1)
        return mu, log_variance

    def decode(self, z: Tensor) -> Tensor:
        """What the decoder makes of z, (B, n): logits or means, in the dtype of z."""
        return self.decoder(z).to(z.dtype)

    def objective(
        self, turn: str, data: Tensor, noise: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Minus the mean ELBO in nats, and what is logged beside it.

        data   x, (B, n)
        noise  eps, (B, k), standard normal
        """
        mu, log_variance = self.encode(data)
        z = mu + torch.exp(log_variance / 2) * noise
        loss = -self.elbo(self.decode(z), data, mu, log_variance).mean()
        with torch.no_grad():
            kl = gaussian_kl(mu, log_variance=log_variance).mean()
        return loss, {"loss": loss.detach(), "kl": kl}

    def elbo(
        self, decoded: Tensor, data: Tensor, mu: Tensor, log_variance: Tensor
    ) -> Tensor:
        """One estimate of the bound a datum, in nats, (B,)."""
        if self.likelihood == "bernoulli":
            bound: Tensor = self.loss(decoded, data, mu, log_variance=log_variance)
            return bound
        scales = {
            "decoder_log_variance": self.decoder_log_variance,
            "log_variance": log_variance,
        }
        bound = self.loss(decoded, data, mu, **scales)
        return bound

    def picture(self, z: Tensor) -> Tensor:
        """The mean of p(x | z), (B, n)."""
        decoded = self.decode(z)
        return torch.sigmoid(decoded) if self.likelihood == "bernoulli" else decoded
