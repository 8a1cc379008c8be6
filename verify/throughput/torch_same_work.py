"""Does a plain loop train the same model? A benchmark of other work is none.

Both begin with the same weights, and take the same batches and the same noise, in
float64: after a few steps all parameters are the same but for rounding.

A gradient that should be g comes out as g + d, with abs d at most u sqrt(n) times the
largest gradient, where n sums are rounded one after the other (Higham and Mary, "A New
Approach to Probabilistic Rounding Error Analysis", 2019, theorem 3.1). Adam divides by
what it has seen of g, plus epsilon, so a step moves a parameter by at most
lr abs d/epsilon more or less. That bounds the difference after a step, and the steps
add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt
from typing import Any

import torch
from torch import Tensor

from verify.data.dataset import Dataset
from verify.throughput.torch_plain import Loop, started
from verify.training.options import Options
from verify.training.torch_session import Session, model_of

STEPS = 3
ROUNDING = 2.0**-53
EPSILON = 1e-8  # Adam's, in torch


class Replayed(Session):
    """A session that takes one draw of noise in all turns of a step, and keeps it."""

    draws: list[Tensor]

    def noise(self) -> Tensor:
        """The noise of the step."""
        if len(self.draws) == self.step:
            self.draws.append(super().noise())
        return self.draws[self.step]


def disagreement(options: Options, data: Dataset, loop: Loop) -> str | None:
    """None if the loop and our session train the same model; else what differs."""
    exact = replace(options, dtype="float64", amp=False, compile=False)
    session = Replayed(exact, data)
    session.draws = []
    order = type(session.order)(
        len(session.rows), options.batch, options.seed, session.device
    )
    batches = [session.rows[order.next()] for _ in range(STEPS)]
    largest = 0.0
    for _ in range(STEPS):
        session.advance()
        slopes = [p.grad for p in session.model.parameters() if p.grad is not None]
        largest = max(largest, *(float(slope.abs().max()) for slope in slopes))
    other = started(model_of(exact, data.shape)).to(session.device, torch.float64)
    for _ in loop(other, iter(batches), _again(session.draws)):
        pass
    sums = options.batch * data.outputs
    slope_error = ROUNDING * sqrt(sums) * largest
    allowed = STEPS * session.model.adam["lr"] * slope_error / EPSILON
    return _difference(session.model, other, allowed)


def _again(draws: list[Tensor]) -> Any:
    left: Iterator[Tensor] = iter(draws)

    def draw(like: Tensor) -> Tensor:
        noise = next(left)
        if noise.shape != like.shape:
            raise ValueError(f"noise of shape {noise.shape}, asked for {like.shape}")
        return noise.to(like)

    return draw


def _difference(ours: Any, theirs: Any, allowed: float) -> str | None:
    other = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        gap = float((parameter - other[name]).detach().abs().max())
        if not gap <= allowed:  # nan is no agreement
            return (
                f"{name} differs by {gap:.3g} after {STEPS} steps, rounding explains "
                f"{allowed:.3g}"
            )
    return None
