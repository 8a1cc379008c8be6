"""How much is left to gain at the end of training: half the Newton decrement squared.

To second order a loss can fall by g' H^-1 g / 2 from where its gradient is g and its
Hessian H (Boyd and Vandenberghe, "Convex Optimization", 2004, section 9.5.1). Conjugate
gradients solve H s = g with products of H and a vector, which autograd gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

ENOUGH = 1e-3  # the residual's share: it decides digits of an estimate, no verdict
FACTOR = 3  # products with H, for each number that is trained, at most


def left(loss: Callable[[], Tensor], weights: Sequence[Tensor]) -> float:
    """What the loss can still fall by, to second order; inf where H is not positive.

    loss     the loss as a function of the weights, in nats
    weights  what it is differentiated in
    """
    slopes = torch.autograd.grad(loss(), weights, create_graph=True)
    gradient = _row(slopes).detach()

    def product(vector: Tensor) -> Tensor:
        found = torch.autograd.grad(_row(slopes) @ vector, weights, retain_graph=True)
        return _row(found)

    step, residual = torch.zeros_like(gradient), gradient.clone()
    direction, square = residual.clone(), residual @ residual
    enough = ENOUGH**2 * square
    for _ in range(FACTOR * len(gradient)):
        if square <= enough:
            break
        image = product(direction)
        curvature = direction @ image
        if curvature <= 0:
            return float("inf")
        length = square / curvature
        step = step + length * direction
        residual = residual - length * image
        last, square = square, residual @ residual
        direction = residual + square / last * direction
    return float(gradient @ step) / 2


def _row(tensors: Sequence[Tensor]) -> Tensor:
    return torch.cat([tensor.reshape(-1) for tensor in tensors])
