"""How far a loss of a network can be from the exact one, by rounding, to first order.

A rounding error e of a number y moves the loss by e dL/dy. Where products are added up,
|e| is at most n u (|W| |x| + |b|) for n summands in unit roundoff u; where numbers are
first rounded to a narrower type (bfloat16, TF32), each such rounding is at most its
unit times the number, and those of different numbers are taken to be independent, with
mean 0: then the sum of all leaves LAMBDA times the root of the sum of their squares
with a probability of 2 exp(-LAMBDA^2/2), which is 3e-14.

Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.1;
Higham and Mary, "A New Approach to Probabilistic Rounding Error Analysis", 2019,
section 2 (Hoeffding's inequality); Linnainmaa, "Taylor Expansion of the Accumulated
Rounding Error", 1976.
"""

from __future__ import annotations

from contextlib import nullcontext
from copy import deepcopy
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn

LAMBDA = 8.0
OPERATIONS = 8  # roundings of one number outside of the layers, or in an activation


def absolute(layer: nn.Module) -> nn.Module:
    """The layer with the absolute values of its weights."""
    made = deepcopy(layer)
    for parameter in made.parameters():
        parameter.data.abs_()
    return made


def summands(layer: Any) -> int:
    """How many products a number of its output is the sum of."""
    return layer.weight.numel() // layer.bias.numel() + 1


def bound_of_loss(
    model: Any, turn: str, rows: Tensor, noise: Tensor, unit: float, narrow: float
) -> float:
    """For a model in float64 on the CPU, whose loss is exact beside that bound.

    unit    the roundoff in which sums are made
    narrow  that of the type to which what a layer takes and gives is rounded, or 0
    """
    layers = [m for m in model.modules() if not list(m.children())]
    sizes = {m: absolute(m) for m in layers if hasattr(m, "weight")}
    seen: list[tuple[Any, Tensor, Tensor]] = []

    def watch(layer: Any, given: tuple[Tensor, ...], output: Tensor) -> None:
        for tensor in (*given, output):
            if tensor.requires_grad and not tensor.is_leaf:
                tensor.retain_grad()
        seen.append((layer, given[0], output))

    handles = [layer.register_forward_hook(watch) for layer in layers]
    model.zero_grad()
    with patch.object(torch, "no_grad", nullcontext):  # what a GAN's turn holds fixed
        loss, _ = model.objective(turn, rows, noise)
    loss.backward()
    for handle in handles:
        handle.remove()
    adding, squares = 0.0, 0.0
    with torch.no_grad():
        for layer, given, output in seen:
            if output.grad is None:  # only logged
                continue
            count, size = OPERATIONS, output.abs()
            if layer in sizes:
                count, size = summands(layer), sizes[layer](given.abs())
            adding += count * unit * float((output.grad.abs() * size).sum())
            squares += float((narrow * output.grad * output).square().sum())
            if given.requires_grad and given.grad is not None:
                beside = 1 + given.abs()  # z is a sum of two numbers about 1
                adding += OPERATIONS * unit * float((given.grad.abs() * beside).sum())
                squares += float((narrow * given.grad * given).square().sum())
        for parameter in model.parameters():
            if parameter.grad is not None:
                slope = narrow * parameter.grad * parameter
                squares += float(slope.square().sum())
    added = rows.shape[-1] + len(rows) + OPERATIONS
    return adding + LAMBDA * squares**0.5 + 2 * added * unit * abs(loss.item())
