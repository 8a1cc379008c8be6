"""The near misses of all losses, as mutants: no words of a proof, only a function."""

from __future__ import annotations

from verify.losses.convention import convention
from verify.mutation import (
    torch_bound_near_misses,
    torch_discriminator_near_misses,
    torch_generator_near_misses,
    torch_kl_near_misses,
    torch_likelihood_near_misses,
    torch_two_law_near_misses,
)
from verify.mutation.mutant import Mutant
from verify.mutation.near_miss import NearMiss

NEAR_MISSES: tuple[NearMiss, ...] = (
    *torch_kl_near_misses.NEAR_MISSES,
    *torch_two_law_near_misses.NEAR_MISSES,
    *torch_generator_near_misses.NEAR_MISSES,
    *torch_discriminator_near_misses.NEAR_MISSES,
    *torch_likelihood_near_misses.NEAR_MISSES,
    *torch_bound_near_misses.NEAR_MISSES,
)


def near_misses(loss: str, kind: str) -> tuple[Mutant, ...]:
    """Those of a loss, as mutants of this class."""
    rows = [one for one in NEAR_MISSES if one.loss == loss]
    return tuple(_mutant(one, kind, n) for n, one in enumerate(rows, start=1))


def _mutant(one: NearMiss, kind: str, number: int) -> Mutant:
    said = convention(one.loss, one.inputs, one.reduction)
    name, words = f"{one.loss}/{kind}/{number}", f"{one.name}: {one.why}"
    return Mutant(name, kind, words, said, one.dtype, lambda: one.function)
