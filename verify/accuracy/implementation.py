"""Who computes: the rows of the table, ours and what people use, by framework.

A framework that is not installed has a reason in place of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TypeAlias

import numpy as np

from verify.accuracy.textbook import Order, Term

Results: TypeAlias = dict[Order, np.ndarray]
"""What was computed, by derivative: shape (n,), float64. A missing one is not had."""

FRAMEWORKS = ("numpy", "torch", "jax")
EVERY_DTYPE = ("float64", "float32", "float16", "bfloat16")
WIDE = ("float64", "float32")


@dataclass(frozen=True)
class Implementation:
    """One way to compute some of the terms.

    name     what the table says
    ours     whether the bounds hold for it
    covers   the subjects of terms that it computes
    run      of a term, a dtype and the columns of coordinates, in float64
    dtypes   those it has
    flushes  whether it takes subnormal numbers, its own results too, for 0
    slow     whether it has to be asked for
    raises   whether it refuses nan
    """

    name: str
    ours: bool
    covers: tuple[str, ...]
    run: Callable[[Term, str, Sequence[np.ndarray]], Results]
    dtypes: tuple[str, ...] = WIDE
    flushes: bool = False
    slow: bool = False
    raises: bool = False


def implementations(slow: bool = False) -> tuple[list[Implementation], dict[str, str]]:
    """All that can run here, and for each framework that cannot, why."""
    found: list[Implementation] = []
    missing: dict[str, str] = {}
    for framework in FRAMEWORKS:
        if find_spec(framework) is None:
            missing[framework] = "not installed"
            continue
        module = import_module(f"verify.accuracy.{framework}_backend")
        found += [row for row in module.ROWS if slow or not row.slow]
    return found, missing
