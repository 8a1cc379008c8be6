"""What the activations of a step were, layer by layer: least, greatest, not finite."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from verify.training.torch_session import Session

Range = dict[str, Any]


def ranges_of_next_step(session: Session) -> list[Range]:
    """Make one step, and say what every layer gave, in the order of the calls.

    A range is `layer`, `least`, `greatest` (of the finite values; nan without any) and
    `not_finite`, the number of the others. Uncompiled, so that layers are seen.
    """
    session.objective = session.eager
    with _watched(session.model) as found:
        session.advance()
    return found


def of_all(parts: Sequence[list[Range]]) -> list[Range]:
    """The ranges of several processes, each of its own part of the rows, as one."""
    return [
        {
            "layer": same[0]["layer"],
            "least": _found(min, [one["least"] for one in same]),
            "greatest": _found(max, [one["greatest"] for one in same]),
            "not_finite": sum(one["not_finite"] for one in same),
        }
        for same in zip(*parts, strict=True)
    ]


def _found(end: Callable[[list[float]], float], values: list[float]) -> float:
    return end([value for value in values if value == value] or [math.nan])


@contextmanager
def _watched(model: Any) -> Iterator[list[Range]]:
    found: list[Range] = []
    handles = [
        layer.register_forward_hook(
            lambda _, __, output, name=name: found.append(_range(name, output))
        )
        for name, layer in model.named_modules()
        if not list(layer.children())
    ]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def _range(name: str, output: Tensor) -> Range:
    values = output.detach()
    finite = values[torch.isfinite(values)]
    ends = (finite.min(), finite.max()) if finite.numel() else (torch.nan, torch.nan)
    return {
        "layer": name,
        "least": float(ends[0]),
        "greatest": float(ends[1]),
        "not_finite": values.numel() - finite.numel(),
    }
