"""A callable that is judged, with its convention, framework and dtype."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from verify.accuracy.formats import FORMATS, Format
from verify.losses.convention import Convention

FRAMEWORKS = ("torch", "numpy", "jax")


@dataclass(frozen=True)
class Candidate:
    """Somebody's loss.

    name        what reports call it
    function    called with one array for each word of the convention, in that order
    convention  what it takes and returns
    dtype       of the arrays it is given: a key of FORMATS
    framework   whose arrays: torch, numpy or jax; NumPy has no gradients
    place       "module:function", where it has one to be imported from
    """

    name: str
    function: Callable[..., Any]
    convention: Convention
    dtype: str = "float64"
    framework: str = "torch"
    place: str = ""

    @property
    def format(self) -> Format:
        """Digits and range of its dtype."""
        return FORMATS[self.dtype]
