"""The sampled means of a convention, taken once for all callables that have it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from verify.losses.convention import Convention
from verify.monte_carlo.noise import Design
from verify.monte_carlo.plan import probes
from verify.monte_carlo.probe import Probe, Source
from verify.monte_carlo.sampling import HERE, Place, sampled


@dataclass(frozen=True, eq=False)
class Means:
    """What the answers to a probe should be.

    probe     what is asked
    expected  the means, shape (answers,)
    design    the draws
    """

    probe: Probe[Any]
    expected: np.ndarray
    design: Design


@lru_cache(maxsize=256)
def averaged(sheet: Source, design: Design, seed: int, place: Place) -> np.ndarray:
    """The means of a sheet's integrands; kept, as all reductions need the same."""
    found = [sampled(source, design, seed, place).means for source in sheet.sources]
    return np.concatenate(found)


@lru_cache(maxsize=64)
def truth(
    convention: Convention,
    dtype: str,
    designs: tuple[Design, ...],
    seed: int,
    place: Place = HERE,
) -> tuple[Means, ...]:
    """Of all probes of a convention; kept, as every callable is judged by them."""
    found = []
    for probe, design in zip(probes(convention, dtype), designs, strict=True):
        parts = [averaged(sheet, design, seed, place) for sheet in probe.sheets]
        found.append(Means(probe, probe.expected(parts), design))
    return tuple(found)
