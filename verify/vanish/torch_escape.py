"""Run a generator against frozen discriminators until it has escaped.

The runs of all strengths go side by side. The loss that is stepped on is the sum of
theirs: the mean over all logits, as derived, times the number of runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor

from derivations import nonsaturating_generator_loss, saturating_generator_loss
from verify.vanish.outcome import (
    AWAY,
    NONSATURATING,
    RATES,
    SATURATING,
    SGD,
    Escape,
    Start,
    Tried,
)
from verify.vanish.torch_networks import Layer, copies, flat
from verify.vanish.torch_setting import Setting

Loss = Callable[[Tensor], Tensor]
LOSSES: Mapping[str, Loss] = {
    NONSATURATING: nonsaturating_generator_loss,
    SATURATING: saturating_generator_loss,
}
ALL = tuple((optimiser, loss) for optimiser in RATES for loss in LOSSES)


def gradients(setting: Setting, generator: list[Layer], loss: Loss) -> list[Tensor]:
    """Autograd's gradient of each run's loss, a row for a run: shape (runs, numbers).

    generator  the layers of all runs, which require gradients
    """
    total = setting.runs * loss(setting.logits(generator))
    return list(torch.autograd.grad(total, flat(generator)))


def norms(tensors: list[Tensor]) -> Tensor:
    """The Euclidean norm over all tensors of a run, shape (runs,)."""
    squares = [tensor.square().sum((-2, -1)) for tensor in tensors]
    return torch.stack(squares).sum(0).sqrt()


def starts(setting: Setting) -> list[Start]:
    """The mean logits and the norms of both gradients before the first step."""
    generator = copies(setting.generator, setting.runs)
    means = setting.logits(generator).detach().mean(-1)
    found = {
        name: norms(gradients(setting, generator, LOSSES[name])) for name in LOSSES
    }
    columns = (means, means.exp(), found[SATURATING], found[NONSATURATING])
    rows = torch.stack(columns, -1).tolist()
    return [Start(*row) for row in rows]


def escapes(
    setting: Setting, tried: Tried, limit: int, generator: list[Layer] | None = None
) -> Iterator[Escape]:
    """One `Escape` for each strength, as soon as it is known.

    limit      the most steps
    generator  layers of all runs, which are stepped; by default new copies
    """
    optimiser_name, name = tried
    generator = generator or copies(setting.generator, setting.runs)
    optimiser = _optimiser(optimiser_name, flat(generator))
    inside = set(range(setting.runs))
    for step in range(limit + 1):
        optimiser.zero_grad()
        found = setting.logits(generator)
        for run, mean in enumerate(found.detach().mean(-1).tolist()):
            if run in inside and mean > AWAY:
                inside.remove(run)
                yield Escape(run, tried, step, limit)
        if not inside or step == limit:
            break
        (setting.runs * LOSSES[name](found)).backward()
        optimiser.step()
    for run in sorted(inside):
        yield Escape(run, tried, None, limit)


def _optimiser(name: str, weights: list[Tensor]) -> torch.optim.Optimizer:
    if name == SGD:
        return torch.optim.SGD(weights, lr=RATES[name])
    return torch.optim.Adam(weights, lr=RATES[name])
