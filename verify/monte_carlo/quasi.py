"""Randomised quasi-Monte Carlo: scrambled Sobol points, in independent replicates.

Each replicate is unbiased, and the spread of a few says how far their mean is off:
Student's t. That is asymptotic (the error of a replicate has to be about normal), and
no bound as that of strata is: `gain` measures what these points buy, no verdict is
theirs.

Source: Owen, "Monte Carlo Variance of Scrambled Net Quadrature", 1997; L'Ecuyer,
"Randomized Quasi-Monte Carlo: An Introduction for Practitioners", 2018, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc, t

from verify.monte_carlo.noise import COLUMNS
from verify.monte_carlo.sampling import HERE, Integrands, Place

REPLICATES = 32
BITS = 52  # of a coordinate, which is the middle of its interval


@dataclass(frozen=True)
class Replicated:
    """Means of independent replicates, shape (replicates, integrands)."""

    means: np.ndarray

    def of(self, table: np.ndarray) -> Replicated:
        """Those of sums of integrands: the table has shape (sums, integrands)."""
        return Replicated(self.means @ table.T)

    def __add__(self, other: Replicated) -> Replicated:
        return Replicated(self.means + other.means)

    @property
    def mean(self) -> np.ndarray:
        """Over the replicates, shape (integrands,)."""
        return self.means.mean(0)

    @property
    def standard_error(self) -> np.ndarray:
        """Of that mean."""
        return self.means.std(0, ddof=1) / np.sqrt(len(self.means))

    def tolerance(self, each: float) -> np.ndarray:
        """Student's quantile for a two-sided probability, times the standard error."""
        return float(t.isf(each / 2, len(self.means) - 1)) * self.standard_error


def points(size: int, count: int, seed: int, replicate: int) -> np.ndarray:
    """Scrambled points as normals, shape (count, 12): `size` columns are in use.

    count  a power of two

    The same in every process; the other columns are 0.
    """
    rng = np.random.default_rng((seed, 3, replicate))
    net = qmc.Sobol(size, scramble=True, bits=BITS, rng=rng)
    found = np.zeros((count, COLUMNS))
    at = net.random_base2(count.bit_length() - 1) + 2.0 ** -(BITS + 1)
    found[:, :size] = ndtri(at)
    return found


def replicated(
    source: Integrands,
    size: int,
    count: int,
    seed: int,
    place: Place = HERE,
    replicates: int = REPLICATES,
) -> Replicated:
    """The means of all integrands over each replicate.

    size   how many coordinates of a draw the source looks at
    count  points of a replicate, a power of two
    """
    on = import_module(f"verify.monte_carlo.{place.framework}_arrays")
    found = {}
    for number in range(place.team.rank, replicates, place.team.size):
        draws = on.moved(points(size, count, seed, number), place.device)
        sums, _ = on.sums(source.integrands(draws, on, place.device), count)
        found[number] = sums / count
    whole = {n: row for part in place.team.gathered(found) for n, row in part.items()}
    return Replicated(np.array([whole[number] for number in range(replicates)]))
