"""Train on everything at once, until nothing moves or the steps are spent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def descend(loss: Callable[[], Tensor], weights: Sequence[Tensor], steps: int) -> None:
    """Lower a deterministic loss by L-BFGS with a strong Wolfe line search.

    steps  iterations at most; it ends before where no direction lowers the loss

    Source: Nocedal and Wright, "Numerical Optimization", 2006, sections 3.5 and 7.2.
    """
    optimiser = torch.optim.LBFGS(
        weights,
        max_iter=steps,
        max_eval=2 * steps,
        history_size=50,
        tolerance_grad=0,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        optimiser.zero_grad()
        found = loss()
        found.backward()
        return found

    optimiser.step(closure)
