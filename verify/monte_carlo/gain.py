"""What even draws buy: measured standard errors, at equal numbers of draws.

Strata decide the verdicts, as their tail bounds are known. Sobol's points are measured
beside them: in one dimension they are strata too, and where coordinates mix they buy
about as much, but only Student's t says how far off they are. That is asymptotic, and
at a nominal 1e-3 it was seen to miss twice as often, so that it refutes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify.losses.convention import Convention
from verify.monte_carlo.noise import independent, stratified
from verify.monte_carlo.plan import probes
from verify.monte_carlo.quasi import replicated
from verify.monte_carlo.sampling import HERE, Place, sampled

REPLICATES = 8
PROBE = 2  # which of a convention's: the third has several coordinates in all of them


@dataclass(frozen=True)
class Gain:
    """How many times smaller the standard errors are than those of independent draws.

    points  of each replicate
    strata  the median over all integrands
    sobol   the same
    """

    points: int
    strata: float
    sobol: float


def gain(convention: Convention, points: int, seed: int, place: Place = HERE) -> Gain:
    """Of one sheet of a convention; `points` is a power of two."""
    sheet = probes(convention, "float64")[PROBE].sheets[0]
    many = independent(REPLICATES * points)
    spread = [sampled(source, many, seed, place) for source in sheet.sources]
    error = np.concatenate([m.deviations for m in spread]) / np.sqrt(points)
    design = stratified(points)
    seeds = range(seed + 1, seed + 1 + REPLICATES)
    even = [
        np.concatenate([sampled(s, design, each, place).means for s in sheet.sources])
        for each in seeds
    ]
    size = max(int(np.max(sheet.noise)) + 1, getattr(sheet, "size", 1))
    scrambled = replicated(sheet, size, points, seed, place, REPLICATES)
    strata = np.std(even, axis=0, ddof=1)
    sobol = scrambled.means.std(0, ddof=1)
    varies = (error > 0) & (strata > 0) & (sobol > 0)
    ratios = [float(np.median((error / s)[varies])) for s in (strata, sobol)]
    return Gain(points, *ratios)
