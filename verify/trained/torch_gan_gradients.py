"""Are both players' gradients the slopes of the chances, pulled back through networks?

The generator's: -s(h_i)/B of the saturating loss and -s(-h_i)/B of the other, through
the discriminator and the generator. The discriminator's: -s(-h_i)/B of the real logits
and s(h_i)/B of the generated ones, added. Autograd differentiates the objective that
was trained on; s comes from enclosures of its definition, and the way back is by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import ceil

import numpy as np
import torch
from torch import Tensor

from verify.accuracy.bounds import BOUNDS
from verify.evidence import Evidence
from verify.trained.chances import chance, missed
from verify.trained.torch_inspected import Inspected
from verify.trained.torch_layers import Bounded, Call
from verify.trained.torch_pullback import Pulled, pulled_back
from verify.trained.torch_shares import Shares, by_name, evidence, not_finite
from verify.trained.torch_trace import of_network, traced
from verify.vanish.torch_escape import Loss

Slope = Callable[[np.ndarray], np.ndarray]
SLOPES: dict[str, Slope] = {
    "saturating": lambda h: -chance(h),
    "nonsaturating": lambda h: -missed(h),
}
GENERATOR = {
    "saturating": "autograd's gradient of L_G is the pullback of -s(h)/B",
    "nonsaturating": "autograd's gradient of L_NS is the pullback of -s(-h)/B",
}
DISCRIMINATOR = (
    "autograd's gradient of L_D is the pullback of -s(-h)/B of the real logits and "
    "s(h)/B of the generated ones"
)

LOGITS = {
    "generator": ("the logits",),
    "discriminator": ("the real logits", "the generated logits"),
}
"""By whose turn it is, the names of what is pulled back."""


class NotFinite(ArithmeticError):
    """A logit, a loss or a gradient is not finite."""


def generator_gradient(
    of: Inspected, name: str = "", loss: Loss | None = None
) -> Evidence:
    """Compare in every logit and every parameter of the generator, in every batch.

    name  of the loss whose slopes are expected; by default the one trained on
    loss  whose gradient is compared; by default the objective that was trained on

    AGREES     no number is off by more than rounding
    REFUTED    one is, or something is not finite
    UNDECIDED  rounding allows a tenth of the median array's gradient
    """
    chosen = name or of.loss

    def objective(data: Tensor, noise: Tensor) -> Tensor:
        if loss is None:
            found: Tensor = of.model.objective("generator", data, noise)[0]
            return found
        return loss(of.model.logit(of.model.picture(noise)))

    def pulled(calls: list[Call]) -> list[Pulled]:
        return [pulled_back(calls, shared(of, calls, SLOPES[chosen]), of.dtype)]

    return _judged(of, GENERATOR[chosen], "generator", objective, pulled)


def discriminator_gradient(of: Inspected) -> Evidence:
    """The same in every parameter of the discriminator."""

    def objective(data: Tensor, noise: Tensor) -> Tensor:
        found: Tensor = of.model.objective("discriminator", data, noise)[0]
        return found

    def pulled(calls: list[Call]) -> list[Pulled]:
        real, fake = of_network(calls, of.model.discriminator)
        return [
            pulled_back(real, shared(of, real, SLOPES["nonsaturating"]), of.dtype),
            pulled_back(fake, shared(of, fake, chance), of.dtype),
        ]

    return _judged(of, DISCRIMINATOR, "discriminator", objective, pulled)


def _judged(
    of: Inspected,
    claim: str,
    turn: str,
    objective: Callable[[Tensor, Tensor], Tensor],
    pulled: Callable[[list[Call]], Sequence[Pulled]],
) -> Evidence:
    started, shares = time.perf_counter(), Shares()
    for number, (data, noise) in enumerate(of.batches):
        with traced(of.model) as calls:
            loss = objective(data, noise)
        try:
            parts = pulled(calls)
        except NotFinite as wrong:
            words = f"batch {number}: {wrong}"
            return not_finite(claim, words, of, time.perf_counter() - started)
        compare(of, turn, loss, parts, shares)
    return evidence(claim, shares, of, time.perf_counter() - started)


def compare(
    of: Inspected, turn: str, loss: Tensor, parts: Sequence[Pulled], shares: Shares
) -> None:
    """Autograd's gradient of a loss, beside the sum of what was pulled back.

    In the logits too: there no layer's rounding is allowed for, and no sample hides
    behind the others.
    """
    network = of.model.get_submodule(turn)
    expected = by_name(network, parts[0].gradients())
    for part in parts[1:]:
        other = by_name(network, part.gradients())
        expected = {
            name: (one + other[name]).rounded(1, of.dtype)
            for name, one in expected.items()
        }
    leaves: dict[str, Tensor] = dict(network.named_parameters())
    for name, part in zip(LOGITS[turn], parts, strict=True):
        leaves[name], expected[name] = part.calls[-1].gave, part.backs[-1]
    found = torch.autograd.grad(loss, [*leaves.values()], materialize_grads=True)
    shares.take_all(dict(zip(leaves, found, strict=True)), expected)


def logits(calls: Sequence[Call]) -> np.ndarray:
    """h of every sample, shape (B,), float64; raises NotFinite."""
    found = calls[-1].gave.detach().double().flatten().cpu().numpy()
    if not np.isfinite(found).all():
        wrong = len(found) - int(np.isfinite(found).sum())
        raise NotFinite(f"{wrong} of {len(found)} logits are not finite")
    return found


def shared(of: Inspected, calls: Sequence[Call], slope: Slope) -> Bounded:
    """The slope at every logit by their number; raises NotFinite."""
    h = logits(calls)
    found = torch.from_numpy(slope(h) / len(h)).to(of.device)
    exact = Bounded(found, torch.zeros_like(found))
    return exact.rounded(slope_roundings(of), of.dtype)


def slope_roundings(of: Inspected) -> int:
    """Of the slope of a loss in its argument, and of its share of a mean."""
    return ceil(2 * BOUNDS[of.dtype_name]) + 2  # a last place is two units
