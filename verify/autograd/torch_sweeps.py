"""torch's own derivatives of a definition: reverse, twice, and forward mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import forward_ad

from verify.autograd.sheet import Arrays, Sheet


@dataclass(frozen=True)
class Sweeps:
    """A value and its derivatives, or what bounds the error of each; float64.

    value   one array for each result
    slopes  by leaf, of the weighted sum of the results; reverse mode
    second  by leaf, of the slopes times the direction; reverse mode twice
    pushed  one array for each result: its derivative along the direction; forward mode
    """

    value: tuple[np.ndarray, ...]
    slopes: Arrays
    second: Arrays | None
    pushed: tuple[np.ndarray, ...] | None


def differentiated(sheet: Sheet) -> Sweeps:
    """The definition's value and derivatives, at float64."""
    leaves = {n: tensor(a).requires_grad_() for n, a in sheet.leaves.items()}
    found = defined(sheet, leaves)
    weights = [tensor(w) for w in sheet.weights]
    direction = {n: tensor(d) for n, d in sheet.direction.items()}
    slopes, second = reversed_twice(found, weights, leaves, direction)
    with forward_ad.dual_level():
        duals = {
            n: forward_ad.make_dual(leaf.detach(), direction[n])
            for n, leaf in leaves.items()
        }
        pushed = tuple(tangent(r) for r in defined(sheet, duals))
    return Sweeps(numbers(found), by_name(slopes), by_name(second), pushed)


def defined(sheet: Sheet, leaves: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
    """What the definition returns for tensors."""
    noise = sheet.constants.get("noise")
    draws = None if noise is None else tensor(noise)
    return sheet.results(strips(sheet, leaves), draws)


def strips(sheet: Sheet, leaves: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """By word, float64; what a network makes is rounded to the candidate's dtype.

    Rounded, and differentiated as if it were not, so that the candidate gets the same.
    """
    if not sheet.network:
        return leaves
    constants = {n: tensor(a) for n, a in sheet.constants.items()}
    dtype = getattr(torch, sheet.dtype)
    return {
        word: made + (made.detach().to(dtype).to(made.dtype) - made).detach()
        for word, made in sheet.strips(leaves, constants).items()
    }


def reversed_twice(
    found: Sequence[Tensor],
    weights: Sequence[Tensor],
    leaves: Mapping[str, Tensor],
    direction: Mapping[str, Tensor],
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The slopes of the weighted sum, and of the slopes times the direction."""
    total = sum((w * r).sum() for w, r in zip(weights, found, strict=True))
    slopes = _gradient(total, leaves, further=True)
    along = sum((s * direction[n]).sum() for n, s in slopes.items())
    return slopes, _gradient(along, leaves)


def _gradient(
    total: Any, leaves: Mapping[str, Tensor], further: bool = False
) -> dict[str, Tensor]:
    found = torch.autograd.grad(
        total,
        [*leaves.values()],
        create_graph=further,
        retain_graph=True,
        materialize_grads=True,
    )
    return dict(zip(leaves, found, strict=True))


def tensor(array: np.ndarray) -> Tensor:
    """In float64."""
    return torch.tensor(array, dtype=torch.float64)


def tangent(dual: Tensor) -> np.ndarray:
    """What forward mode has carried along; 0 where it is nothing."""
    primal, found = forward_ad.unpack_dual(dual)
    return (torch.zeros_like(primal) if found is None else found).detach().numpy()


def numbers(tensors: Sequence[Tensor]) -> tuple[np.ndarray, ...]:
    """As arrays."""
    return tuple(t.detach().numpy() for t in tensors)


def by_name(tensors: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """As arrays."""
    return {n: t.detach().numpy() for n, t in tensors.items()}
