"""The linear-Gaussian VAE: encoder, decoder and bound, on the derived losses alone.

The encoder gives means that are linear in x and one log-variance for each coordinate,
the decoder means that are linear in z and one log-variance for all. The expectation of
the decoder's loss over z is its closed form, not sampled: `gaussian_nll` is quadratic
in z here, so that its expectation is its value at the mean of z, and what each
coordinate of z adds with its variance.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from derivations import gaussian_kl, gaussian_nll


class LinearVAE(nn.Module):
    """An encoder and a decoder, both linear; float64.

    size    d, the numbers in x
    latent  k, those in z
    source  of the first weights
    """

    def __init__(self, size: int, latent: int, source: torch.Generator) -> None:
        super().__init__()

        def normal(*shape: int) -> nn.Parameter:
            values = torch.randn(shape, generator=source, dtype=torch.float64)
            return nn.Parameter(values / size**0.5)

        def zeros(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.zeros(shape, dtype=torch.float64))

        self.encoder, self.encoder_shift = normal(size, latent), zeros(latent)
        self.log_variance = zeros(latent)
        self.decoder, self.decoder_shift = normal(latent, size), zeros(size)
        self.decoder_log_variance = zeros(1)

    def encoded(self, x: Tensor) -> Tensor:
        """The means of z, shape (n, k)."""
        return x @ self.encoder + self.encoder_shift

    def decoded(self, z: Tensor) -> Tensor:
        """The means of x, shape (..., d)."""
        return z @ self.decoder + self.decoder_shift


def elbo(model: LinearVAE, x: Tensor) -> Tensor:
    """The bound on log p(x) for each datum, exactly, shape (n,), in nats."""
    mu, log_variance = model.encoded(x), model.log_variance
    variance = {"log_variance": model.decoder_log_variance}
    nll = gaussian_nll(model.decoded(mu), x, **variance)
    # z - mu adds its coordinates' quadratic terms, whatever x is: each of them is the
    # loss that far from the target, less the loss at the target
    steps = (log_variance / 2).exp()[:, None] * model.decoder
    origin = torch.zeros_like(steps)
    spread = gaussian_nll(steps, origin, **variance) - gaussian_nll(
        origin, origin, **variance
    )
    return -nll - spread.sum() - gaussian_kl(mu, log_variance=log_variance)
