"""The atoms' operations in torch: compiled or on a device, and in eager CPU blocks.

The two differ in what is cheap: a compiled choice costs no more than a sum, an eager
one as much as ten; an eager kernel costs its call, whatever it does.
"""

from __future__ import annotations

from functools import cache
from math import ceil, exp, log
from typing import Any

import torch
from torch import Tensor

from derivations.backends.kit import LATE, Kit
from derivations.backends.precision import OF_DTYPE


class TorchKit(Kit):
    """The atoms' operations in torch."""

    exp = staticmethod(torch.exp)
    log = staticmethod(torch.log)
    sqrt = staticmethod(torch.sqrt)
    absolute = staticmethod(torch.abs)
    where = staticmethod(torch.where)

    def polynomial(self, coefficients: tuple[float, ...], x: Tensor) -> Tensor:
        """Estrin's scheme: a compiled Horner's rule would wait for its own results."""
        parts: list[Any] = list(coefficients[::-1])
        while len(parts) > 1:
            pairs = zip(parts[::2], parts[1::2], strict=False)
            joined = [low + high * x for low, high in pairs]
            parts = joined + parts[2 * len(joined) :]
            x = x * x
        return parts[0]

    def log1p(self, x: Tensor) -> Tensor:
        """torch's own is 0 at 5e-324; below 2^-60, x is right to the last bit."""
        return torch.where(torch.abs(x) < 2.0**-60, x, torch.log1p(x))

    def scaled_exp(self, t: Tensor, c: float) -> Tensor:
        """c e^t: a choice is cheaper than arithmetic."""
        step = float(ceil(-log(c)))
        far = t > LATE[self.precision.inner]
        grown = torch.exp(torch.where(far, t - step, t))
        return grown * torch.where(far, c * exp(step), torch.full_like(t, c))

    def at_least(self, x: Tensor, bound: float) -> Tensor:
        """Compiled, a choice is several times as fast as clamp."""
        return torch.where(x < bound, bound, x)

    def at_most(self, x: Tensor, bound: float) -> Tensor:
        """See `at_least`."""
        return torch.where(x > bound, bound, x)


class BlockKit(TorchKit):
    """For eager blocks on a CPU, where a choice costs as much as ten sums."""

    choice_is_cheap = False

    def at_least(self, x: Tensor, bound: float) -> Tensor:
        """clamp keeps nan."""
        return torch.clamp(x, min=bound)

    def at_most(self, x: Tensor, bound: float) -> Tensor:
        """clamp keeps nan."""
        return torch.clamp(x, max=bound)

    def clip(self, x: Tensor, low: float, high: float) -> Tensor:
        """One kernel."""
        return torch.clamp(x, low, high)

    def log1p(self, x: Tensor) -> Tensor:
        """For x >= 0: log(1 + x) is at least x - x^2, and there where they meet."""
        return torch.maximum(torch.log1p(x), torch.addcmul(x, x, x, value=-1.0))

    def product(self, c: float, x: Tensor, y: Tensor) -> Tensor:
        """One kernel, which multiplies c by x first."""
        return torch.addcmul(constant(0.0, x.dtype), x, y, value=c)

    def plus_product(self, total: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """One kernel."""
        return torch.addcmul(total, x, y)

    def plus_multiple(self, total: Tensor, c: float, x: Tensor) -> Tensor:
        """One kernel."""
        return torch.add(total, x, alpha=c)

    def scaled_exp(self, t: Tensor, c: float) -> Tensor:
        """c e^t: a look at the largest is cheaper than care that is not needed."""
        if not t.numel() or t.amax().item() <= LATE[self.precision.inner]:
            return torch.exp(t).mul_(c)
        return super().scaled_exp(t, c)

    def decay_below(self, h: Tensor, decay: Tensor) -> Tensor:
        """An exponential is cheaper than a choice, and gives the same bits."""
        return torch.exp(torch.clamp(h, max=0.0))

    def polynomial(self, coefficients: tuple[float, ...], x: Tensor) -> Tensor:
        """Horner's rule by addcmul, which rounds twice as well."""
        first, *rest = (constant(c, x.dtype) for c in coefficients)
        result = first
        for coefficient in rest:
            result = torch.addcmul(coefficient, result, x)
        return result


@cache
def constant(value: float, dtype: torch.dtype) -> Tensor:
    """A number as a tensor without axes, made once."""
    return torch.tensor(value, dtype=dtype)


KITS = {name: TorchKit(precision) for name, precision in OF_DTYPE.items()}
BLOCK_KITS = {name: BlockKit(precision) for name, precision in OF_DTYPE.items()}
