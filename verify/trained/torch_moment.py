"""What models show that are trained for a moment, in memory: for the grid.

A GAN and a VAE on the digits, a hundred steps each, then one batch in float32; and the
model h = theta, whose steps are held to the derived times of the gradient flow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from derivations import nonsaturating_generator_loss, saturating_generator_loss
from verify.data.named import dataset
from verify.evidence import Evidence
from verify.grid.printed import PRINTED
from verify.trained.torch_elbo_gradient import elbo_gradient
from verify.trained.torch_encoder_kl import sampled_kl, true_kl
from verify.trained.torch_gan_gradients import (
    discriminator_gradient,
    generator_gradient,
)
from verify.trained.torch_gradient_norm import gradient_norm
from verify.trained.torch_inspected import exactly_as_named, inspected
from verify.trained.torch_sample_ratio import sample_ratio
from verify.training.options import completed
from verify.training.torch_session import Session

STEPS = 100
IMAGES = 60  # on which the KL is judged: so many to train on, and as many others
Checks = Mapping[str, Callable[[], Evidence]]


def gan(seed: int) -> Checks:
    """By the names in `verify.grid.models`, what is to be called."""
    of = inspected(
        *_trained("gan", seed),
        **{"batches": 1, "seed": seed, "dtype": torch.float32, "device": "cpu"},
    )
    zero = PRINTED["printed_zero_gradient"]()

    def gradient(name: str, loss: Any) -> Callable[[], Evidence]:
        return lambda: generator_gradient(of, name, loss)

    return {
        "gradient of L_G": gradient("saturating", saturating_generator_loss),
        "printed gradient of L_G": gradient("saturating", zero),
        "gradient of L_NS": gradient("nonsaturating", nonsaturating_generator_loss),
        "gradient of L_D": lambda: discriminator_gradient(of),
        "norm": lambda: gradient_norm(of),
        "ratio": lambda: sample_ratio(of),
    }


def vae(seed: int) -> Checks:
    """The same of a VAE."""
    session, data = _trained("vae", seed)
    few = replace(data, train=data.train[:IMAGES], test=data.test[:IMAGES])
    of = inspected(
        *(session, data),
        **{"batches": 1, "seed": seed, "dtype": torch.float32, "device": "cpu"},
    )
    printed = PRINTED["printed_kl"]()

    def in_words(mu: Tensor, *, log_variance: Tensor) -> Tensor:
        found: Tensor = printed(mu, (log_variance / 2).exp())
        return found

    return {
        "sampled KL": lambda: sampled_kl(of, few),
        "printed KL": lambda: sampled_kl(of, few, in_words),
        "true KL": lambda: true_kl(of, few),
        "gradient of the ELBO": lambda: elbo_gradient(of),
    }


def judged(checks: Checks) -> dict[str, Evidence]:
    """All of them, by name."""
    with exactly_as_named():
        return {name: check() for name, check in checks.items()}


def _trained(model: str, seed: int) -> tuple[Session, Any]:
    data = dataset("digits")
    given = {"model": model, "data": "digits", "device": "cpu", "seed": seed}
    session = Session(completed(given, data), data)
    for _ in range(STEPS):
        session.advance()
    return session, data
