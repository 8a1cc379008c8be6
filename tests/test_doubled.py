"""The layer that doubles height and width is torch's, but for rounding."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from verify.models.torch_doubled import Doubled  # noqa: E402

U = 2.0**-53
SIZES = [(1, 1, 1, 1), (3, 1, 2, 2), (32, 1, 4, 4), (5, 3, 2, 3)]


def layers(channels: int, made: int) -> tuple[Any, Any]:
    """Ours and torch's, each begun at the same seed."""
    found = []
    for make in (
        lambda: Doubled(channels, made),
        lambda: nn.ConvTranspose2d(channels, made, 4, stride=2, padding=1),
    ):
        with torch.random.fork_rng():
            torch.manual_seed(7)
            found.append(make().double())
    return found[0], found[1]


def values_and_slopes(layer: Any, given: Any, weight: Any) -> list[Any]:
    given = given.clone().requires_grad_()
    made = layer(given)
    slopes = torch.autograd.grad(
        (made * weight).sum(), [given, layer.weight, layer.bias]
    )
    return [made.detach(), *slopes]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_its_values_and_slopes_are_those_of_a_transposed_convolution(
    size: tuple[int, int, int, int],
) -> None:
    """Two sums of n products in any order differ by 2 n u times the sum of sizes."""
    channels, made, height, width = size
    ours, theirs = layers(channels, made)
    draws = torch.Generator().manual_seed(3)
    batch = 2
    given = torch.randn(batch, channels, height, width, generator=draws).double()
    weight = torch.randn(batch, made, 2 * height, 2 * width, generator=draws).double()
    sizes = layers(channels, made)[1]
    with torch.no_grad():
        for parameter in sizes.parameters():
            parameter.abs_()
    bounds = values_and_slopes(sizes, given.abs(), weight.abs())
    products = 16 * max(channels, made) + batch * 4 * height * width + 1
    found = values_and_slopes(ours, given, weight)
    wanted = values_and_slopes(theirs, given, weight)
    for one, other, bound in zip(found, wanted, bounds, strict=True):
        assert one.shape == other.shape
        assert bool(((one - other).abs() <= 2 * products * U * bound).all())


def test_it_begins_as_torchs_layer_does_and_is_saved_as_it() -> None:
    ours, theirs = layers(4, 2)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, tensor in ours.state_dict().items():
        assert torch.equal(tensor, theirs.state_dict()[name])
    shared = ours.as_torch_has_it()
    assert type(shared) is nn.ConvTranspose2d
    assert shared.weight is ours.weight
    assert shared.bias is ours.bias


def test_another_size_is_refused() -> None:
    layer = Doubled(1, 1)
    with pytest.raises(ValueError, match="need None"):
        layer(torch.zeros(1, 1, 2, 2), [5, 5])
