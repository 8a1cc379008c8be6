"""Under bfloat16: is everything finite, and do the losses see float32?

The networks compute in bfloat16 where torch thinks it right, as `train --amp` has it;
what a loss is given is in the dtype of the data.
"""

from __future__ import annotations

import time
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor

from verify.evidence import Evidence, Verdict
from verify.trained.torch_inspected import Inspected
from verify.trained.torch_shares import METHOD
from verify.trained.torch_trace import traced
from verify.training.torch_devices import precision

CLAIM = "under bfloat16 nothing is NaN or infinite, and the losses see float32"
LOSSES = {"gan": ("discriminator_loss", "generator_loss"), "vae": ("loss",)}
"""Where a model has what it differentiates."""
UNCALLED = "nothing"
"""What a loss has seen that the model does not use."""


class Seen:
    """A loss that remembers the dtypes of the tensors it was given, and of its result.

    loss  what computes
    """

    def __init__(self, loss: Any) -> None:
        self.loss = loss
        self.dtypes: set[torch.dtype] = set()

    def __call__(self, *given: Any, **named: Any) -> Any:
        result = self.loss(*given, **named)
        tensors = [
            t for t in (*given, *named.values(), result) if isinstance(t, Tensor)
        ]
        self.dtypes |= {tensor.dtype for tensor in tensors}
        return result


def bfloat16(of: Inspected) -> Evidence:
    """One evaluation of every objective and its gradients, in every batch.

    of  in float32

    AGREES     every layer's output, loss and gradient is finite, and each loss was
               given float32, and nothing else
    REFUTED    this is not so
    UNDECIDED  no layer computed in bfloat16, so that nothing was tried
    """
    started, model = time.perf_counter(), deepcopy(of.model)
    losses = {name: Seen(getattr(model, name)) for name in LOSSES[of.kind]}
    # the model lets nobody put a loss in its place; one of its own kind may look on
    model.__class__ = type(type(model).__name__, (type(model),), dict(losses))
    wrong: dict[str, int] = {}
    short, numbers = 0, 0
    names = {layer: name for name, layer in model.named_modules()}
    for data, noise in of.batches:
        for turn in model.turns:
            with precision(torch.device(of.device), True), traced(model) as calls:
                loss, _ = model.objective(turn, data, noise)
            player = model.player(turn)
            gradients = torch.autograd.grad(loss, player)
            arrays = [(f"the loss of {turn}", loss)]
            arrays += [(f"a gradient of {turn}", gradient) for gradient in gradients]
            arrays += [(names[call.layer], call.gave) for call in calls]
            for name, array in arrays:
                bad = array.numel() - int(array.isfinite().sum())
                numbers += array.numel()
                wrong |= {name: wrong.get(name, 0) + bad} if bad else {}
            short += sum(call.gave.dtype is torch.bfloat16 for call in calls)
    seen = {
        str(dtype).removeprefix("torch.")
        for one in losses.values()
        for dtype in one.dtypes or {UNCALLED}
    }
    return _evidence(of, wrong, short, numbers, seen, time.perf_counter() - started)


def _evidence(
    of: Inspected,
    wrong: dict[str, int],
    short: int,
    numbers: int,
    seen: set[str],
    seconds: float,
) -> Evidence:
    right = not wrong and seen == {"float32"}
    verdict = Verdict.AGREES if short else Verdict.UNDECIDED
    told = [f"{count} not finite in {name}" for name, count in wrong.items()]
    told = told or [f"{numbers} numbers are finite"]
    listed = ", ".join(sorted(seen))
    return Evidence(
        claim=f"{CLAIM}; on {of.device}",
        method=METHOD,
        verdict=verdict if right else Verdict.REFUTED,
        figure=f"{'; '.join(told)}; the losses see {listed}; {short} calls of layers "
        "in bfloat16",
        resolution="one number that is not finite, one tensor of another dtype",
        seed=of.seed,
        seconds=seconds,
    )
