"""Do two candidates compute the same thing? A benchmark of a wrong function is none.

The naive formulas pass through numbers that are larger than their result, so what they
may be off by is counted in roundings of these: u times the sum of their sizes, and for
a sum of n terms sqrt(n) times as much (Higham and Mary, "A New Approach to
Probabilistic Rounding Error Analysis", 2019, theorem 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

Array = Any  # of NumPy

ROUNDING = {"float32": 2.0**-24, "float64": 2.0**-53}
ROUNDINGS = 32
"""Twice the roundings of the longest candidate, torch.distributions with autograd; the
expected numbers are rounded too."""


@dataclass(frozen=True)
class Expected:
    """One result, in float64.

    value   what it should be
    size    the sum of the sizes of the numbers it is made of, in the same shape
    summed  how many terms are added up in it
    """

    value: Array
    size: Array
    summed: int = 1


def disagreement(
    found: Sequence[Array], expected: Sequence[Expected], dtype: str
) -> str | None:
    """None if all results are what they should be up to rounding; else what is not."""
    if len(found) != len(expected):
        return f"{len(found)} results, need {len(expected)}"
    for number, (value, wanted) in enumerate(zip(found, expected, strict=True)):
        if value.shape != wanted.value.shape or value.dtype.name != dtype:
            return (
                f"result {number} is {value.dtype.name} of shape {value.shape}, "
                f"need {dtype} of shape {wanted.value.shape}"
            )
        allowed = ROUNDING[dtype] * (ROUNDINGS + sqrt(wanted.summed)) * wanted.size
        gap = abs(value - wanted.value)
        if not (gap <= allowed).all():  # nan is no agreement
            worst = (gap / allowed).max()
            return f"result {number} is {worst:.3g} times what rounding explains away"
    return None
