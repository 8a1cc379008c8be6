"""How far rounding can move the value and the derivatives of a definition.

Bounds of first order in the roundoff, computed: see `verify.autograd.majorant`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.autograd import forward_ad

from verify.accuracy.formats import FORMATS
from verify.autograd.definitions import Program
from verify.autograd.majorant import Majorant, Rounding
from verify.autograd.rewritten import PROGRAMS
from verify.autograd.sheet import Sheet
from verify.autograd.torch_sweeps import (
    Sweeps,
    reversed_twice,
    tangent,
    tensor,
)

ONCE = 4
"""Roundings of an operation that is differentiated, for each of its own: its partial
derivative is made (at most two), multiplied by what comes from behind, and added."""
TWICE = 2 * ONCE  # the partial derivative's own derivative, in the same way
NOISE = 2  # roundings of a standardised draw: its second moment is 1 to within these
FREEDOM = 2
"""A candidate may compute otherwise than the definition: with twice its roundings."""


def allowed(sheet: Sheet) -> Sweeps:
    """The largest differences that rounding explains, in a candidate and here.

    The definition rounds in float64, in all that it does. A candidate rounds in its own
    dtype from the arguments on, and as `verify.autograd.rewritten` says: it gets
    nothing for draws, nor for the networks, which run in float64 on both sides.
    """
    ours, theirs = _sensitivity(sheet), _sensitivity(sheet, PROGRAMS)
    here = 2.0 ** -FORMATS["float64"].digits
    there = FREEDOM * 2.0 ** -FORMATS[sheet.dtype].digits

    def both(one: np.ndarray, other: np.ndarray, times: int) -> np.ndarray:
        return times * (here * one + there * other)

    pairs = zip(ours.value, theirs.value, strict=True)
    ahead = zip(ours.pushed or (), theirs.pushed or (), strict=True)
    second, further = ours.second or {}, theirs.second or {}
    return Sweeps(
        tuple(both(a, b, 1) for a, b in pairs),
        {n: both(a, theirs.slopes[n], ONCE) for n, a in ours.slopes.items()},
        {n: both(a, further[n], TWICE) for n, a in second.items()},
        tuple(both(a, b, ONCE) for a, b in ahead),
    )


def _sensitivity(sheet: Sheet, written: Mapping[str, Program] | None = None) -> Sweeps:
    """The derivatives, in the relative error of all operations at once, of all sizes.

    written  of other programs than the definitions, if given; then the way to the
             arguments does not count
    """
    with forward_ad.dual_level():
        zero = torch.zeros((), dtype=torch.float64)
        rounding = Rounding(forward_ad.make_dual(zero, torch.ones_like(zero)))
        before = rounding if written is None else Rounding(zero)
        sizes = {n: tensor(abs(a)).requires_grad_() for n, a in sheet.leaves.items()}
        leaves = {
            n: Majorant(tensor(a), sizes[n], before) for n, a in sheet.leaves.items()
        }
        constants = {n: _constant(a, rounding) for n, a in sheet.constants.items()}
        strips = {
            word: Majorant(strip.value, strip.size, rounding)
            for word, strip in sheet.strips(leaves, constants).items()
        }
        draws = constants.get("noise" if written is None else "nodes")
        found = sheet.results(strips, draws, written)
        weights = [tensor(abs(w)).requires_grad_() for w in sheet.weights]
        direction = {n: tensor(abs(d)) for n, d in sheet.direction.items()}
        ends = [result.size for result in found]
        slopes, second = reversed_twice(ends, weights, sizes, direction)
        pushed = _pushed(slopes, direction, weights)
        return Sweeps(
            tuple(tangent(end) for end in ends),
            {n: tangent(s) for n, s in slopes.items()},
            {n: tangent(s) for n, s in second.items()},
            tuple(tangent(p) for p in pushed),
        )


def _constant(array: np.ndarray, rounding: Rounding) -> Majorant:
    value = tensor(array)
    return Majorant(value, value.abs() * rounding.times(NOISE), rounding)


def _pushed(
    slopes: Mapping[str, Tensor],
    direction: Mapping[str, Tensor],
    weights: list[Tensor],
) -> tuple[Tensor, ...]:
    """Along the direction: what the slopes' sum is of each result's weight."""
    along = sum((s * direction[n]).sum() for n, s in slopes.items())
    return torch.autograd.grad(along, weights, retain_graph=True)
