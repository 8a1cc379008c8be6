"""The end of training by Newton's steps, and how much is left to gain there.

To second order a loss can fall by g' H^-1 g / 2 from where its gradient is g and its
Hessian H. Each step solves with H whole, by its eigenvalues: a negative one is turned
round, so that every step goes down, and is halved until the loss falls.

Source: Boyd and Vandenberghe, "Convex Optimization", 2004, sections 9.5.1 and 9.5.2;
Nocedal and Wright, "Numerical Optimization", 2006, section 3.4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

U = 2.0**-53
BLOCK = 64  # rows of a Hessian at a time, for the memory
HALVINGS = 40  # of a step: beyond them no direction lowers the loss


@dataclass(frozen=True)
class Curvature:
    """A loss to second order, along the eigenvectors of its Hessian.

    slopes   the gradient along each of them
    bends    the eigenvalues, rising
    vectors  in columns
    flat     an eigenvalue of that size may be 0: it is rounding
    """

    slopes: Tensor
    bends: Tensor
    vectors: Tensor
    flat: float

    @property
    def left(self) -> float:
        """What the loss can still fall by; inf where it bends down somewhere.

        Along what is flat it counts as bent by the rounding, so that nothing that a
        slope promises there is left out.
        """
        if not float(self.bends[0]) >= -self.flat:  # so too where it is not a number
            return float("inf")
        return float((self.slopes.square() / self.bends.clamp(min=self.flat)).sum() / 2)

    @property
    def step(self) -> Tensor:
        """Newton's, by the eigenvalues' sizes: it goes down; 0 where it is flat."""
        sizes = self.bends.abs()
        along = torch.where(sizes > self.flat, self.slopes / sizes, 0.0)
        return -self.vectors @ along


def curvature(loss: Callable[[], Tensor], weights: Sequence[Tensor]) -> Curvature:
    """The gradient and the Hessian where the weights are.

    loss     the loss as a function of the weights, in nats
    weights  what it is differentiated in
    """
    slopes = torch.autograd.grad(loss(), weights, create_graph=True)
    gradient = torch.cat([slope.reshape(-1) for slope in slopes])
    each = torch.eye(len(gradient), dtype=gradient.dtype)
    hessian = torch.cat([_rows(gradient, weights, some) for some in each.split(BLOCK)])
    if not bool(hessian.isfinite().all()):
        nothing = torch.full_like(gradient.detach(), float("nan"))
        return Curvature(nothing, nothing, torch.zeros_like(each), 0.0)
    bends, vectors = torch.linalg.eigh((hessian + hessian.T) / 2)
    # the eigenvalues are off by so much (Higham, "Accuracy and Stability of Numerical
    # Algorithms", 2002, section 3.5, for sums of as many numbers)
    flat = 2 * len(bends) * U * float(bends.abs().max())
    return Curvature(vectors.T @ gradient.detach(), bends, vectors, flat)


def _rows(gradient: Tensor, weights: Sequence[Tensor], some: Tensor) -> Tensor:
    """Products of the Hessian with some vectors, in rows."""
    found = torch.autograd.grad(
        *(gradient, weights, some),
        retain_graph=True,
        is_grads_batched=True,
        materialize_grads=True,
    )
    return torch.cat([row.reshape(len(some), -1) for row in found], 1)


def finish(
    loss: Callable[[], Tensor], weights: Sequence[Tensor], steps: int, enough: float
) -> float:
    """Step until no more than enough is left, or the steps are spent; what is left.

    enough  in nats
    """
    at = curvature(loss, weights)
    for _ in range(steps):
        if at.left <= enough or not _lowered(loss, weights, at.step):
            break
        at = curvature(loss, weights)
    return at.left


def _lowered(
    loss: Callable[[], Tensor], weights: Sequence[Tensor], step: Tensor
) -> bool:
    """Go as far along the step as lowers the loss; False if no part of it does."""
    parts = step.split([weight.numel() for weight in weights])
    starts = [weight.detach().clone() for weight in weights]
    with torch.no_grad():
        before = loss()
        for halved in range(HALVINGS):
            for weight, start, part in zip(weights, starts, parts, strict=True):
                weight.copy_(start + 0.5**halved * part.reshape(weight.shape))
            if bool(loss() < before):
                return True
        for weight, start in zip(weights, starts, strict=True):
            weight.copy_(start)
    return False
