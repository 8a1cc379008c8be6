"""Value: what a walk gives, a ball or whatever stands for one.

A union cannot be written: flint has no types, and every stand-in (`Jet`, `Degree`,
`Growth`, `Singular`, `Interval`, `Series`, `ExponentialSum`) does its own arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Value: TypeAlias = Any
Integrand: TypeAlias = Callable[[Value], Value]
