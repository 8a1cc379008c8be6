"""What the definition says on each sheet, and how near a candidate has to come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from verify.autograd.sheet import Sheet
from verify.autograd.sheets import sheets
from verify.autograd.torch_bounds import allowed
from verify.autograd.torch_sweeps import Sweeps, differentiated
from verify.budget import Budget
from verify.losses.convention import Convention


@dataclass(frozen=True, eq=False)
class Expected:
    """A sheet, the definition's value and derivatives, and what rounding explains."""

    sheet: Sheet
    wanted: Sweeps
    allowed: Sweeps


def expectations(
    convention: Convention, dtype: str, seed: int, budget: Budget
) -> tuple[Expected, ...]:
    """One for each sheet of a convention, the same for the same arguments."""
    return tuple(map(expected, sheets(convention, dtype, seed, budget)))


@cache
def expected(sheet: Sheet) -> Expected:
    """The definition differentiated, once."""
    return Expected(sheet, differentiated(sheet), _free(sheet, allowed(sheet)))


def _free(sheet: Sheet, bounds: Sweeps) -> Sweeps:
    """Above the diagonal of a factor nothing is asked: its numbers are not used."""

    def free(name: str, bound: np.ndarray) -> np.ndarray:
        if not name.startswith("tril"):
            return bound
        below = np.tril(np.ones(bound.shape, bool))
        return np.where(below, bound, np.inf)

    slopes = {n: free(n, b) for n, b in bounds.slopes.items()}
    second = {n: free(n, b) for n, b in (bounds.second or {}).items()}
    return replace(bounds, slopes=slopes, second=second)
