"""What a trained model makes of the data: figures, and arrays to draw pictures of."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from verify.data.dataset import Dataset
from verify.training.frechet import squared_frechet_distance
from verify.training.principal import error_of_components
from verify.training.seeds import seed_of
from verify.training.torch_session import Session

Rows = NDArray[np.floating]
SAMPLES = 2048
"""Generated for the Fréchet distance, and for pictures of points."""
SHOWN = 32
COORDINATES = 8
"""At most so many coordinates of z are traversed, one in a row of the picture,"""
REACH = torch.linspace(-2, 2, 9)
"""from two standard deviations below the mean to two above."""


@dataclass(frozen=True)
class Outcome:
    """Figures by name, and rows by the picture they belong to.

    samples          (SAMPLES, n), from z ~ N(0, I); of a VAE of points drawn from
                     p(x | z), of images the mean of p(x | z), as is usual
    traversals       (coordinates, len(REACH), n): one coordinate of z moves in each
    places           where it is then, (len(REACH),)
    originals        (SHOWN, n) of the test rows, and
    reconstructions  what the VAE makes of them; None for the GAN
    """

    figures: dict[str, float]
    samples: Rows
    traversals: Rows
    places: Rows
    originals: Rows | None = None
    reconstructions: Rows | None = field(default=None)


@torch.no_grad()
def outcome(session: Session, data: Dataset) -> Outcome:
    """Judge the model by the test rows; the session's random numbers are not touched.

    Figures: `squared_frechet_distance` of samples and test rows; and of a VAE
    `test_error`, the mean squared error of the reconstructions from the means of
    q(z | x), `pca_test_error`, that of as many principal components, and `test_elbo`,
    the mean of one estimate a row, in nats.
    """
    seed = seed_of(session.options.seed, "judging")  # no noise that it was trained on
    generator = torch.Generator().manual_seed(seed)
    rows = torch.from_numpy(data.test)
    if len(rows) < 2:  # no covariance
        raise ValueError(f"{data.name}: one test row, need 2")

    def normal(*shape: int) -> Tensor:
        numbers = torch.randn(shape, generator=generator, dtype=torch.float64)
        return numbers.to(session.device, session.rows.dtype)

    latent = session.options.latent
    drawn = session.model.picture(normal(SAMPLES, latent))
    if session.options.model == "vae" and not data.image:
        scale = torch.exp(session.model.decoder_log_variance / 2)
        drawn = drawn + scale * normal(*drawn.shape)
    samples = _array(drawn)
    distance = squared_frechet_distance(samples, data.test)
    figures = {"squared_frechet_distance": distance}
    traversals = _traversals(session)
    if session.options.model == "gan":
        return Outcome(figures, samples, *traversals)
    test = rows.to(session.device, session.rows.dtype)
    mu, log_variance = session.model.encode(test)
    made = _array(session.model.picture(mu))
    z = mu + torch.exp(log_variance / 2) * normal(len(test), latent)
    bound = session.model.elbo(session.model.decode(z), test, mu, log_variance)
    figures |= {
        "test_error": float(np.square(made - data.test).mean()),
        "pca_test_error": error_of_components(data.train, data.test, latent),
        "test_elbo": float(bound.mean()),
    }
    return Outcome(figures, samples, *traversals, data.test[:SHOWN], made[:SHOWN])


def _traversals(session: Session) -> tuple[Rows, Rows]:
    """Each coordinate of z from -2 to 2, the others 0; and where it is."""
    count = min(session.options.latent, COORDINATES)
    z = torch.zeros(count, len(REACH), session.options.latent)
    for place in range(count):
        z[place, :, place] = REACH
    flat = z.flatten(0, 1).to(session.device, session.rows.dtype)
    made = _array(session.model.picture(flat))
    return made.reshape(count, len(REACH), -1), _array(REACH)


def _array(rows: Tensor) -> Rows:
    found: Rows = rows.double().cpu().numpy()
    return found
