"""The rectifier that is differentiated from its value gives torch's numbers."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from verify.models.torch_leaky import FromValue, Leaky  # noqa: E402

LEAK = 0.2
EDGES = (0.0, -0.0, 5e-324, -5e-324, 1e-300, -1e-300, 1e300, -1e300)


def value_and_slope(function: Any, given: Any) -> tuple[Any, Any]:
    given = given.clone().requires_grad_()
    value = function(given)
    (slope,) = torch.autograd.grad(value, given, torch.full_like(value, 3.0))
    return value.detach(), slope


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_compiled_or_not_it_is_torchs_to_the_bit(dtype: str) -> None:
    """Also where the value is rounded to 0, and the slope is a all the same."""
    draws = torch.randn(1000, generator=torch.Generator().manual_seed(1)).double()
    given = torch.cat([torch.tensor(EDGES).double(), draws, 1e-38 * draws])
    given = given.to(getattr(torch, dtype))
    wanted = value_and_slope(nn.LeakyReLU(LEAK), given)
    for ours in (Leaky(LEAK), lambda x: FromValue.apply(x, LEAK)):
        for one, other in zip(value_and_slope(ours, given), wanted, strict=True):
            assert torch.equal(one, other)


def test_a_slope_of_another_side_would_be_seen() -> None:
    given = torch.tensor([-1.0, 1.0])
    wanted = value_and_slope(nn.LeakyReLU(LEAK), given)[1]
    assert not torch.equal(value_and_slope(nn.LeakyReLU(1 / LEAK), given)[1], wanted)
    assert torch.equal(value_and_slope(Leaky(LEAK), given)[1], wanted)
