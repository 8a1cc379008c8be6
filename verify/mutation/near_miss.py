"""A wrong loss that people really wrote, and the line that says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class NearMiss:
    """Somebody's mistake.

    name      in a few words; no two alike
    why       who makes it, and of what it comes
    loss      which loss it was meant to be
    inputs    its words
    function  in torch, of these
    reduction what it was meant to return
    dtype     of its arrays
    """

    name: str
    why: str
    loss: str
    inputs: tuple[str, ...]
    function: Callable[..., Any] = field(repr=False)
    reduction: str = "sum"
    dtype: str = "float64"
