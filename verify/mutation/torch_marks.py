"""What the marks of an expression do to a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function


class _Slope(Function):
    """The value; the gradient multiplied by a tensor or number."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, factor: Any) -> Tensor:
        ctx.factor = factor
        return given.view_as(given)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None]:
        return slope * ctx.factor, None


class _Curvature(Function):
    """Value and gradient; the gradient's own gradient multiplied by a factor."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, factor: Any) -> Tensor:
        ctx.factor = factor
        return given.view_as(given)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None]:
        return _Slope.apply(slope, ctx.factor), None


class _Clipped(Function):
    """The value; the gradient clipped."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, size: float) -> Tensor:
        ctx.size = size
        return given.view_as(given)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None]:
        return slope.clamp(-ctx.size, ctx.size), None


class _Through(Function):
    """Clamped; the gradient as if it were not."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, low: float, high: float) -> Tensor:
        return given.clamp(low, high)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None, None]:
        return slope, None, None


def _narrow(kind: torch.dtype) -> Callable[[Tensor], Tensor]:
    return lambda x: x.to(kind).to(x.dtype)


def _factor(x: Tensor, holds: Tensor, factor: float) -> Tensor:
    """The factor where it holds, 1 elsewhere, in the dtype of the tensor."""
    return torch.where(holds, factor, 1.0).to(x.dtype)


MEANINGS: dict[str, Callable[..., Tensor]] = {
    "detached": lambda x: x.detach(),
    "in_float32": _narrow(torch.float32),
    "in_float16": _narrow(torch.float16),
    "in_bfloat16": _narrow(torch.bfloat16),
    "at_least": lambda x, low: x.clamp(min=low),
    "below": lambda x, high: x.clamp(max=high),
    "clamped_through": lambda x, low, high: _Through.apply(x, low, high),
    "clipped": lambda x, size: _Clipped.apply(x, size),
    "scaled": lambda x, c: _Slope.apply(x, c),
    "scaled_below": lambda x, c, b: _Slope.apply(x, _factor(x, x < b, c)),
    "scaled_above": lambda x, c, b: _Slope.apply(x, _factor(x, x > b, c)),
    "scaled_within": lambda x, c, at, d: _Slope.apply(
        x, _factor(x, (x - at).abs() < d, c)
    ),
    "curved": lambda x, c: _Curvature.apply(x, c),
    "curved_below": lambda x, c, b: _Curvature.apply(x, _factor(x, x < b, c)),
    "curved_within": lambda x, c, at, d: _Curvature.apply(
        x, _factor(x, (x - at).abs() < d, c)
    ),
}
"""By the name of the mark: of the tensor and the mark's numbers."""
