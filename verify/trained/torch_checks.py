"""All that is checked of a trained model, in the order in which it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import torch

from verify.data.dataset import Dataset
from verify.evidence import Evidence
from verify.trained.torch_amp import bfloat16
from verify.trained.torch_elbo_gradient import elbo_gradient
from verify.trained.torch_encoder_kl import sampled_kl, true_kl
from verify.trained.torch_gan_gradients import (
    discriminator_gradient,
    generator_gradient,
)
from verify.trained.torch_gradient_norm import gradient_norm
from verify.trained.torch_inspected import Inspected, exactly_as_named, inspected
from verify.trained.torch_sample_ratio import sample_ratio
from verify.training.torch_session import Session

Check = Callable[[Inspected], Evidence]
DTYPES = (torch.float32, torch.float64)
GAN: tuple[Check, ...] = (
    generator_gradient,
    discriminator_gradient,
    gradient_norm,
    sample_ratio,
)


def devices(asked: str) -> tuple[str, ...]:
    """cpu or cuda; for "auto" every one that there is."""
    if asked != "auto":
        return (asked,)
    return ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)


def checks(
    session: Session,
    data: Dataset,
    *,
    batches: int,
    seed: int,
    on: tuple[str, ...] = ("cpu",),
) -> list[Callable[[], Evidence]]:
    """What is to be called, one after the other; the session is left as it is.

    batches  how many are inspected
    seed     of their choice, the noise and the draws
    on       the devices
    """
    found: list[Callable[[], Evidence]] = []
    for device in on:
        for dtype in DTYPES:
            of = inspected(
                session, data, batches=batches, seed=seed, dtype=dtype, device=device
            )
            chosen = GAN if of.kind == "gan" else _of_vae(data, dtype)
            found += [partial(check, of) for check in chosen]
            if dtype is torch.float32:
                found.append(partial(bfloat16, of))
    return found


def _of_vae(data: Dataset, dtype: torch.dtype) -> tuple[Check, ...]:
    """Draws are made once: what they see is far coarser than either dtype."""
    sampled = (partial(sampled_kl, data=data),) if dtype is torch.float32 else ()
    return (elbo_gradient, *sampled, partial(true_kl, data=data))


def found_by(chosen: list[Callable[[], Evidence]]) -> Iterator[Evidence]:
    """Each piece of evidence as it is found."""
    with exactly_as_named():
        for check in chosen:
            yield check()
