"""What the comparison stands on: exact moments, bounds that hold, pull-backs."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import derivations  # noqa: E402
from verify.autograd import noise  # noqa: E402
from verify.autograd.comparison import differences  # noqa: E402
from verify.autograd.expected import expectations  # noqa: E402
from verify.autograd.majorant import Majorant, Rounding  # noqa: E402
from verify.autograd.torch_candidates import computed  # noqa: E402
from verify.autograd.torch_sweeps import strips, tensor  # noqa: E402
from verify.budget import Budget  # noqa: E402
from verify.losses.candidate import Candidate  # noqa: E402
from verify.losses.convention import Convention, convention  # noqa: E402
from verify.losses.loss import SCALES  # noqa: E402

UNIT = 2.0**-53


def expected(said: Convention, dtype: str = "float64") -> tuple:
    return expectations(said, dtype, 0, Budget.STANDARD)


def test_the_moments_of_the_noise_are_exact_to_rounding() -> None:
    rng = np.random.default_rng(1)
    flat = noise.standardised((3, 50), rng)
    assert (flat[: noise.PAIRS] == -flat[noise.PAIRS :]).all()
    assert (abs((flat**2).mean(0) - 1) <= len(flat) * UNIT).all()
    white = noise.whitened(4, rng)[:, 0]
    covariance = white.T @ white / len(white)
    assert (abs(covariance - np.eye(4)) <= 4 * len(white) * UNIT).all()
    raw = rng.standard_normal((8, 50))  # what the draws are before: no such moments
    assert (abs((raw**2).mean(0) - 1) > 1e-6).all()


@pytest.mark.parametrize("word", SCALES)
def test_the_mean_over_draws_is_the_expectation(word: str) -> None:
    """The closed form, where the definition has seen nothing but densities."""
    for one in expected(convention("gaussian_kl", ("mu", word), "none")):
        mu, scale = (tensor(one.sheet.leaves[w]) for w in ("mu", word))
        terms = derivations.gaussian_kl.terms(mu, **{word: scale}).numpy()
        for batch, value, bound in zip(
            one.sheet.batches, one.wanted.value, one.allowed.value, strict=True
        ):
            assert (abs(value - batch.cuts["mu"].of(terms)) <= bound).all()


@pytest.mark.parametrize("word", SCALES)
def test_the_derived_gradient_is_that_of_the_definition(word: str) -> None:
    (one,) = expected(convention("gaussian_kl", ("mu", word), "none"))
    mu, scale = (tensor(one.sheet.leaves[w]) for w in ("mu", word))
    derived = derivations.gaussian_kl.gradient(mu, **{word: scale})
    weights = np.concatenate([w.ravel() for w in one.sheet.weights])
    for name, slope in zip(("mu", word), derived, strict=True):
        error = abs(weights * slope.numpy() - one.wanted.slopes[name])
        assert (error <= one.allowed.slopes[name]).all()
        assert (
            one.allowed.slopes[name] <= 1e-9 * (1 + abs(slope.numpy()))
        ).mean() > 0.9


@pytest.mark.parametrize("loss", ["saturating", "nonsaturating"])
def test_the_derived_gradient_is_pulled_back_through_networks(loss: str) -> None:
    name = f"{loss}_generator_loss"
    _, behind = expected(convention(name, None, "none"))
    reference, sheet = getattr(derivations, name), behind.sheet
    leaves = {n: tensor(a).requires_grad_() for n, a in sheet.leaves.items()}
    row = strips(sheet, leaves)["logits"]
    for batch, middle in zip(sheet.batches, (-8.0, 0.0, 8.0), strict=True):
        logits = batch.cuts["logits"].of(row)
        assert abs(logits.mean().item() - middle) < 5
        (slope,) = reference.gradient(logits.detach())
        upstream = tensor(batch.weights[0]) * slope * logits.numel()
        logits.backward(upstream, retain_graph=True)
    for weight, leaf in leaves.items():
        error = abs(leaf.grad.numpy() - behind.wanted.slopes[weight])
        assert (error <= behind.allowed.slopes[weight]).all(), weight


def test_a_bound_covers_what_rounding_does_and_not_much_more() -> None:
    """The same program in float32, which rounds 2^29 times as coarsely."""
    generator = torch.Generator().manual_seed(3)
    x = torch.rand(2000, generator=generator) * 4 + 0.1

    def program(x):
        return ((x.square() + 1).log() - (x / 3).exp()).tanh() / x.sqrt() - x.sigmoid()

    double = x.double()
    from torch.autograd import forward_ad

    with forward_ad.dual_level():
        delta = forward_ad.make_dual(*(torch.tensor(v).double() for v in (0.0, 1.0)))
        bound = program(Majorant(double, double.abs(), Rounding(delta))).size
        bound = forward_ad.unpack_dual(bound).tangent * 2.0**-24
    error = (program(x).double() - program(double)).abs()
    assert (error <= bound).all()
    assert error.max() > bound.min() / 10


@pytest.mark.parametrize("error", [1e-3, 1e-6, 1e-9, 1e-12])
def test_errors_of_any_size_above_rounding_are_seen(error: float) -> None:
    said = convention("gaussian_kl", ("mu", "log_variance"), "sum")
    assert _share(said, error) > 1
    assert _share(said, 0.0) < 1
    assert _share(said, 2 * UNIT) < 1  # and it says nothing of what is rounding


def _share(said: Convention, error: float) -> float:
    def off(mu, t):
        return (1 + error) * derivations.gaussian_kl(mu, log_variance=t)

    (one,) = expected(said)
    found = computed(Candidate("off", off, said), one.sheet)
    return max(d.share for d in differences(found.sweeps, one))
