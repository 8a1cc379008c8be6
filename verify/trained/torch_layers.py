"""The derivative of one layer, by hand, for every kind of layer that our models have.

A cotangent c of what a layer gave becomes one of what it was given, and one of each of
its parameters. This shares nothing with autograd. Beside each number runs a bound on
how far autograd can be from it: what was off before, through absolute values, and what
this layer's own sums and products round (a running error analysis: Higham, "Accuracy
and Stability of Numerical Algorithms", 2002, sections 3.3 and 3.5).

Slopes of activations are computed by torch from rounded numbers, s(x) and tanh(x), with
errors relative to their parts: the size of a slope is the sum of its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import expm1, log1p, prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.grad import conv2d_input, conv2d_weight

from verify.models.torch_doubled import Doubled
from verify.models.torch_gan import Grey
from verify.models.torch_leaky import Leaky

EACH = 8
"""Roundings of a slope of an activation, and of its product."""
U = 2.0**-53  # unit roundoff of float64, in which everything here is computed
SHAPED = (nn.Flatten, nn.Unflatten)
CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d, Doubled)
Slopes = tuple[Tensor, Tensor]  # the slope at every number, and its size
Linear = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Call:
    """A layer as it was called.

    layer  one without children
    given  what it was given, float64, detached, a batch along its first axis
    gave   what it made of that, still in autograd's graph
    """

    layer: nn.Module
    given: Tensor
    gave: Tensor


@dataclass(frozen=True)
class Bounded:
    """Numbers in float64, and how far from them autograd's can be, of one shape."""

    number: Tensor
    error: Tensor

    def __add__(self, other: Bounded) -> Bounded:
        return Bounded(self.number + other.number, self.error + other.error)

    def times(self, factor: Tensor, count: int, dtype: torch.dtype) -> Bounded:
        """Multiplied by a factor; with so many roundings in the factor and so."""
        return self.through(
            lambda c: c * factor, lambda c: c * factor.abs(), count, dtype
        )

    def rounded(self, count: int, dtype: torch.dtype) -> Bounded:
        """The same with so many roundings more, in a network of a dtype."""
        return self.through(lambda c: c, lambda c: c, count, dtype)

    def through(
        self, exact: Linear, sizes: Linear, count: int, dtype: torch.dtype
    ) -> Bounded:
        """After a linear function.

        exact  the function
        sizes  the same with the absolute value of each of its coefficients
        count  of the roundings of any number: products, sums in any order
        """
        own = rounding(count, dtype) * (self.number.abs() + self.error)
        least = torch.finfo(dtype).tiny  # below it an error is not relative
        return Bounded(exact(self.number), sizes(self.error + own) + count * least)


def rounding(count: int, dtype: torch.dtype) -> float:
    """What so many roundings do, by autograd in a dtype and here in float64.

    (1 - u)^-N - 1 of both, for any N (Higham, 2002, proof of lemma 3.1): his simpler
    N u/(1 - N u) is negative where N u > 1, as of 2^24 sums in float32.
    """
    units = (torch.finfo(dtype).eps / 2, U)
    return sum(expm1(-count * log1p(-u)) for u in units)


def _silu(layer: Any, x: Tensor) -> Slopes:
    s = x.sigmoid()
    return s * (1 + x * (1 - s)), s * (1 + x.abs())


def _leaky(layer: Any, x: Tensor) -> Slopes:
    slope = torch.where(x > 0, torch.ones_like(x), layer.negative_slope)
    return slope, slope


def _grey(layer: Any, x: Tensor) -> Slopes:
    return x.cosh() ** -2 / 2, torch.full_like(x, 0.5)  # of (1 - tanh^2) / 2


ACTIVATIONS: dict[type[nn.Module], Callable[[Any, Tensor], Slopes]] = {
    nn.SiLU: _silu,
    nn.LeakyReLU: _leaky,
    Leaky: _leaky,
    Grey: _grey,
}


def ahead(call: Call, back: Bounded, dtype: torch.dtype) -> Bounded:
    """The cotangent of what the layer was given, of one of what it gave.

    Raises TypeError for a layer that is not known here.
    """
    layer: Any = call.layer
    kind, shape = type(layer), call.given.shape
    if isinstance(layer, SHAPED):
        return Bounded(back.number.reshape(shape), back.error.reshape(shape))
    if kind in ACTIVATIONS:
        slope, size = ACTIVATIONS[kind](layer, call.given)
        own = rounding(EACH, dtype) * size * (back.number.abs() + back.error)
        error = slope.abs() * back.error + own + EACH * torch.finfo(dtype).tiny
        return Bounded(back.number * slope, error)
    if kind not in (nn.Linear, *CONVOLUTIONS):
        raise TypeError(f"no derivative of {kind.__name__} is known here")
    weight = layer.weight.detach().double()
    exact, sizes = (_linear(call, w) for w in (weight, weight.abs()))
    terms = layer.out_features if kind is nn.Linear else _taps(layer)
    return back.through(exact, sizes, terms + 1, dtype)


def _linear(call: Call, weight: Tensor) -> Linear:
    """What a layer with these weights does on the way back."""
    layer: Any = call.layer
    if isinstance(layer, nn.Linear):
        return lambda c: c @ weight
    stride, padding = layer.stride, layer.padding
    if isinstance(layer, nn.ConvTranspose2d):
        return lambda c: nn.functional.conv2d(c, weight, None, stride, padding)
    shape = list(call.given.shape)
    return lambda c: conv2d_input(shape, weight, c, stride, padding)


def _taps(layer: Any) -> int:
    """Products that one number of what a convolution was given has a part in."""
    strides = layer.stride if isinstance(layer, nn.Conv2d) else (1, 1)
    sides = zip(layer.kernel_size, strides, strict=True)
    return int(layer.out_channels) * prod(-(-size // step) for size, step in sides)


def parameters(
    call: Call, back: Bounded, dtype: torch.dtype
) -> dict[nn.Parameter, Bounded]:
    """The cotangents of the layer's parameters, summed over the batch."""
    layer: Any = call.layer
    if isinstance(layer, nn.Linear):
        axes: tuple[int, ...] = (0,)
    elif isinstance(layer, CONVOLUTIONS):
        axes = (0, 2, 3)
    else:
        return {}
    places = max(call.given[0, 0].numel(), call.gave[0, 0].numel())
    count = len(call.given) * places + 1
    exact, sizes = (_outer(call, x) for x in (call.given, call.given.abs()))
    return {
        layer.weight: back.through(exact, sizes, count, dtype),
        layer.bias: back.through(
            lambda c: c.sum(axes), lambda c: c.sum(axes), count, dtype
        ),
    }


def _outer(call: Call, given: Tensor) -> Linear:
    """The cotangent of the weights of a layer that was given this."""
    layer: Any = call.layer
    if isinstance(layer, nn.Linear):
        return lambda c: c.mT @ given
    shape, rest = layer.weight.shape, (layer.stride, layer.padding)
    if isinstance(layer, nn.ConvTranspose2d):
        return lambda c: conv2d_weight(c, shape, given, *rest)
    return lambda c: conv2d_weight(given, shape, c, *rest)
