"""The order of Taylor's remainder: 2 and 3 where derivatives are right, else less."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from verify.autograd.sheets import line  # noqa: E402
from verify.autograd.taylor import Remainders, remainders  # noqa: E402
from verify.losses.candidate import Candidate  # noqa: E402
from verify.losses.convention import convention  # noqa: E402
from verify.losses.loss import LOSSES  # noqa: E402

SAID = convention("gaussian_kl", ("mu", "log_variance"), "sum")


def kl(mu: Tensor, t: Tensor) -> Tensor:
    return 0.5 * (mu**2 + t.exp() - 1 - t).sum(-1)


def slope_of(value: Tensor, like: Tensor) -> Tensor:
    return value.detach() + like - like.detach()


def orders(function, dtype: str = "float64") -> tuple[Remainders, ...]:
    return remainders(Candidate("a loss", function, SAID, dtype))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_right_derivatives_leave_remainders_of_the_second_and_third_order(
    dtype: str,
) -> None:
    first, second = orders(kl, dtype)
    assert not first.wrong
    assert not second.wrong
    if dtype == "float64":
        assert abs(np.median(first.orders) - 2) < 0.1
        assert abs(np.median(second.orders) - 3) < 0.1


@pytest.mark.parametrize("error", [-2.0, 1.0, 1e-2, 1e-4])
def test_a_wrong_gradient_leaves_one_of_the_first_order(error: float) -> None:
    first, _ = orders(lambda mu, t: slope_of(kl(mu, t), (1 + error) * kl(mu, t)))
    assert first.wrong
    assert abs(np.median(first.orders) - 1) < 0.1
    assert "order 1.0" in str(first)


def test_a_wrong_second_derivative_leaves_one_of_the_second_order() -> None:
    def half(mu: Tensor, t: Tensor) -> Tensor:
        slopes = torch.autograd.grad(kl(mu, t).sum(), (mu, t))
        moved = (mu - mu.detach(), t - t.detach())
        return kl(mu, t).detach() + sum(
            (s * m + m * m / 8).sum(-1) for s, m in zip(slopes, moved, strict=True)
        )

    def loss(mu: Tensor, t: Tensor) -> Tensor:
        if not mu.requires_grad:
            return kl(mu, t)
        return half(mu, t)

    first, second = orders(loss)
    assert not first.wrong
    assert second.wrong
    assert abs(np.median(second.orders) - 2) < 0.1


def test_a_wrong_formula_with_its_own_gradient_passes() -> None:
    """Consistency is not truth: the comparison with the definition is for that."""
    for found in orders(lambda mu, t: 2 * kl(mu, t) + mu.sin().sum(-1)):
        assert not found.wrong


def test_a_value_that_is_no_number_is_wrong() -> None:
    first, *_ = orders(lambda mu, t: kl(mu, t) / 0.0)
    assert first.wrong


def test_one_odd_ratio_is_not_enough() -> None:
    """A remainder that passes 0 between two steps shows any order there."""
    steps = 0.5 ** np.arange(12)
    passing = Remainders(2, abs(steps**2 - 300 * steps**3), np.full(12, 1e-12))
    assert not passing.wrong
    assert Remainders(2, steps, np.full(12, 1e-12)).wrong
    assert not Remainders(2, steps, np.full(12, 1.0)).wrong  # all below rounding


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_steps_along_a_line_are_exact(loss: str, dtype: str) -> None:
    """x + s v has no rounding, down to a step of the square root of the roundoff."""
    sheet, *_ = line(convention(loss), dtype, 0)
    digits = 53 if dtype == "float64" else 24
    kind = np.float64 if dtype == "float64" else np.float32
    smallest = 0.5 ** (digits // 2 - 1)
    for word, start in sheet.given[0].items():
        move = smallest * sheet.directions[0][word]
        moved = start.astype(kind) + move.astype(kind)
        assert (moved.astype(np.float64) - start == move).all(), word
