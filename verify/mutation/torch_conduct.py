"""Wrong conduct round a right loss: samples mixed, chance, inputs written to, dtypes.

Each row is (class, words, what makes the wrong function of the right one).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Loss = Callable[..., Any]
Row = tuple[str, str, Callable[[Loss], Loss]]


def on_inputs(change: Callable[[Tensor], Tensor]) -> Callable[[Loss], Loss]:
    """The loss of changed inputs."""
    return lambda loss: lambda *given: loss(*map(change, given))


def on_first(change: Callable[[Tensor], Tensor]) -> Callable[[Loss], Loss]:
    """The loss of a changed first input."""
    return lambda loss: lambda first, *rest: loss(change(first), *rest)


def on_result(change: Callable[[Tensor], Any]) -> Callable[[Loss], Loss]:
    """The loss's result, changed; each of them where there are two."""

    def wrong(loss: Loss) -> Loss:
        def function(*given: Tensor) -> Any:
            found = loss(*given)
            if isinstance(found, tuple):
                return tuple(map(change, found))
            return change(found)

        return function

    return wrong


def first_written(write: Callable[[Tensor], Any]) -> Callable[[Loss], Loss]:
    """The loss, after the first input was written to."""

    def wrong(loss: Loss) -> Loss:
        def function(first: Tensor, *rest: Tensor) -> Any:
            found = loss(first, *rest)
            write(first.detach())
            return found

        return function

    return wrong


def _noise(size: float) -> Callable[[Tensor], Tensor]:
    """Random errors of this relative size."""
    return lambda found: found * (1 + size * torch.randn_like(found))


def _every_other(loss: Loss) -> Loss:
    """A little more at every other call."""
    calls = 0

    def function(*given: Tensor) -> Any:
        nonlocal calls
        calls += 1
        found = loss(*given)
        more = 1.0 + 1e-6 * (calls % 2)
        return (
            tuple(f * more for f in found) if isinstance(found, tuple) else found * more
        )

    return function


def _remembered(loss: Loss) -> Loss:
    """The first result for every shape, again and again."""
    known: dict[tuple, Any] = {}

    def function(*given: Tensor) -> Any:
        key = tuple(g.shape for g in given)
        if key not in known:
            known[key] = loss(*given)
        return known[key]

    return function


def _leaking(loss: Loss) -> Loss:
    """A millionth of the next sample in each."""
    return on_inputs(lambda x: x + 1e-6 * (x.roll(1, 0) - x))(loss)


def _running(loss: Loss) -> Loss:
    """The first input less the mean of all that was seen."""
    seen: list[Tensor] = []

    def function(first: Tensor, *rest: Tensor) -> Any:
        seen.append(first.detach().mean())
        return loss(first - 1e-3 * torch.stack(seen).mean(), *rest)

    return function


SORTED = "the first input sorted along the batch"
TURNED = "the first input turned round in the batch"
UNSEEN = {(how, words) for how in ("mean", "sum_mean") for words in (SORTED, TURNED)}
"""An order that a mean over the batch forgets: no error where terms are added up."""
MIXING: tuple[Row, ...] = (
    (
        "sample mixing",
        "the batch mean subtracted from the first input",
        on_first(lambda x: x - x.mean(0)),
    ),
    ("sample mixing", SORTED, on_first(lambda x: x.sort(0).values)),
    (
        "sample mixing",
        "the first sample used for all",
        on_first(lambda x: x[:1].expand_as(x)),
    ),
    ("sample mixing", TURNED, on_first(lambda x: x.flip(0))),
    ("sample mixing", "a millionth of the neighbour in each sample", _leaking),
    (
        "sample mixing",
        "from 8 samples on, the ninth counts as the first",
        on_first(
            lambda x: (
                torch.cat([x[:8], x[:1].expand(len(x) - 8, -1)]) if len(x) > 8 else x
            )
        ),
    ),
    (
        "sample mixing",
        "gradients averaged over the batch",
        on_first(lambda x: x.detach() + (x - x.detach()).mean(0)),
    ),
)
CHANCE: tuple[Row, ...] = (
    *(
        (
            "chance",
            f"noise of {size:.0e} of the result",
            on_result(_noise(size)),
        )
        for size in (1e-1, 1e-3, 1e-6, 1e-9)
    ),
    (
        "chance",
        "a tenth of the first input dropped out",
        on_first(lambda x: torch.nn.functional.dropout(x, 0.1)),
    ),
    ("chance", "a millionth more at every other call", _every_other),
    ("chance", "the first result for a shape remembered", _remembered),
    ("chance", "a running mean of the first input subtracted", _running),
)
WRITING: tuple[Row, ...] = (
    (
        "in place",
        "the first input halved where it lies",
        first_written(lambda x: x.mul_(0.5)),
    ),
    (
        "in place",
        "the first input clamped where it lies",
        first_written(lambda x: x.clamp_(-1, 1)),
    ),
    ("in place", "the first input set to 0", first_written(lambda x: x.zero_())),
    (
        "in place",
        "the last number of the first input set to 0",
        first_written(lambda x: x[-1, -1:].zero_()),
    ),
    (
        "in place",
        "a billionth added where it lies",
        first_written(lambda x: x.mul_(1 + 1e-9)),
    ),
)
KEEPING: tuple[Row, ...] = (
    ("dtype", "the result in float32", on_result(lambda f: f.float())),
    ("dtype", "the result in float16", on_result(lambda f: f.half())),
    ("dtype", "the result in bfloat16", on_result(lambda f: f.bfloat16())),
    ("dtype", "the result as Python numbers", on_result(lambda f: f.tolist())),
    ("dtype", "the result as a NumPy array", on_result(lambda f: f.detach().numpy())),
)
CONDUCT = (*MIXING, *CHANCE, *WRITING, *KEEPING)
