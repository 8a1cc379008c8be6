"""Numbers for a batch's outputs pulled back through the layers that made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from verify.trained.torch_layers import Bounded, Call, ahead, parameters


@dataclass(frozen=True)
class Pulled:
    """What came back: for every call the cotangent of what it gave, and the front's.

    front  the cotangent of what the first layer was given
    dtype  in which the network computes
    """

    calls: Sequence[Call]
    backs: Sequence[Bounded]
    front: Bounded
    dtype: torch.dtype

    def gradients(self) -> dict[nn.Parameter, Bounded]:
        """In every parameter of the layers."""
        found: dict[nn.Parameter, Bounded] = {}
        for call, back in zip(self.calls, self.backs, strict=True):
            found |= parameters(call, back, self.dtype)
        return found

    def sample_norms(self, own: set[nn.Parameter]) -> Tensor:
        """The norm of each sample's gradient in some of the parameters, shape (B,)."""
        squares = torch.zeros(len(self.front.number), dtype=torch.float64)
        for call, back in zip(self.calls, self.backs, strict=True):
            if own.isdisjoint(call.layer.parameters()):
                continue
            squares += _squares(call, back.number, self.dtype).cpu()
        return squares.sqrt()


def _squares(call: Call, back: Tensor, dtype: torch.dtype) -> Tensor:
    """Of a sample's gradient in a layer's weights and biases, shape (B,)."""
    if isinstance(call.layer, nn.Linear):  # of an outer product, and of one factor
        of_given = call.given.square().sum(-1) + 1
        return of_given * back.square().sum(-1)
    found = []
    for given, gave, each in zip(
        call.given.split(1), call.gave.split(1), back.split(1), strict=True
    ):
        alone = Bounded(each, torch.zeros_like(each))
        arrays = parameters(Call(call.layer, given, gave), alone, dtype).values()
        found.append(torch.stack([a.number.square().sum() for a in arrays]).sum())
    return torch.stack(found)


def pulled_back(
    calls: Sequence[Call], cotangent: Bounded, dtype: torch.dtype
) -> Pulled:
    """Pull a cotangent of what the last layer gave back to before the first.

    cotangent  in the order of what the last layer gave
    """
    shape = calls[-1].gave.shape
    back = Bounded(cotangent.number.reshape(shape), cotangent.error.reshape(shape))
    backs = []
    for call in reversed(calls):
        backs.append(back)
        back = ahead(call, back, dtype)
    return Pulled(calls, backs[::-1], back, dtype)
