"""The siblings in torch: derivatives of two orders, and what torch has of its own."""

from __future__ import annotations

from collections.abc import Callable

import mpmath as mp
import numpy as np
import pytest

import derivations

torch = pytest.importorskip("torch", reason="torch is not installed")
laws = torch.distributions
ROUNDOFF = 2.0**-53
DIGITS = 80
K = 4


def draws(*shape: int, positive: bool = False) -> torch.Tensor:
    """Numbers that ask for a gradient."""
    made = torch.randn(*shape, dtype=torch.float64)
    return (made.exp() if positive else made).requires_grad_()


def scales(name: str, *shape: int) -> torch.Tensor:
    return draws(*shape, positive="log" not in name)


def check(function: Callable, *arrays: torch.Tensor) -> None:
    assert torch.autograd.gradcheck(function, arrays)
    assert torch.autograd.gradgradcheck(function, arrays)


NAMES = ("sigma", "variance", "log_variance", "log_sigma")


@pytest.mark.parametrize("name", NAMES)
def test_the_derivatives_are_those_of_the_value(name: str) -> None:
    torch.manual_seed(0)

    def between(mu1, mu2, one, two):
        pair = {f"{name}1": one, f"{name}2": two}
        return derivations.gaussian_kl_between(mu1, mu2, **pair)

    check(between, draws(2, 3), draws(3), scales(name, 2, 3), scales(name, 2, 1))

    def bound(mean, target, noise, mu, scale):
        given = {f"decoder_{name}": noise, name: scale}
        return derivations.gaussian_elbo(mean, target, mu, **given)

    arrays = draws(2, 3), draws(3), scales(name, 3), draws(2, 2), scales(name, 2, 2)
    check(bound, *arrays)


def test_the_derivatives_of_a_bernoulli_bound_are_those_of_the_value() -> None:
    torch.manual_seed(1)

    def bound(logits, target, mu, scale):
        return derivations.bernoulli_elbo(logits, target, mu, log_variance=scale)

    arrays = draws(2, 3), torch.rand(2, 3, dtype=torch.float64, requires_grad=True)
    check(bound, *arrays, draws(2, 2), draws(2, 2))


def test_the_bound_is_torchs_likelihood_less_torchs_divergence() -> None:
    """Where torch's own is accurate: sigma far from 1, logits of a moderate size."""
    torch.manual_seed(2)
    logits, mu, sigma = draws(5, 3), draws(5, 2), draws(5, 2, positive=True) + 2.0
    target = torch.bernoulli(torch.full((5, 3), 0.5, dtype=torch.float64))
    found = derivations.bernoulli_elbo(logits, target, mu, sigma=sigma)
    likely = laws.Bernoulli(logits=logits, validate_args=False).log_prob(target)
    standard = laws.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    apart = laws.kl_divergence(laws.Normal(mu, sigma), standard)
    expected = likely.sum(-1) - apart.sum(-1)
    sizes = likely.abs().sum(-1) + (mu**2 + sigma**2 + 1 + sigma.log().abs()).sum(-1)
    assert ((found - expected).abs() <= 16 * ROUNDOFF * sizes).all()
    mean, noise = draws(5, 3), draws(5, 3, positive=True)
    nll = derivations.gaussian_nll.terms(mean, target, sigma=noise)
    likely = laws.Normal(mean, noise).log_prob(target)
    sizes = ((target - mean) / noise) ** 2 + noise.log().abs() + 1
    assert ((nll + likely).abs() <= 16 * ROUNDOFF * sizes).all()


def factors(apart: float, rng: np.random.Generator) -> list[np.ndarray]:
    """mu1, L1, mu2, L2, which differ by about one part in 1/apart."""
    lower = np.tril(rng.normal(size=(K, K)), -1) + np.diag(rng.uniform(0.5, 2.0, K))
    mean = rng.normal(size=K)
    moved = lower * (1.0 + apart * rng.uniform(-0.9, 0.9, size=(K, K)))
    return [mean + apart * rng.normal(size=K), moved, mean, lower]


def textbook(mu1, tril1, mu2, tril2) -> mp.mpf:
    """(tr(S2^-1 S1) - k + d' S2^-1 d + log det S2/det S1)/2."""
    one, two = mp.matrix(tril1.tolist()), mp.matrix(tril2.tolist())
    shift = mp.matrix(mu1.tolist()) - mp.matrix(mu2.tolist())
    inverse = mp.inverse(two * two.T)
    product = inverse * one * one.T
    logs = [2 * mp.log(two[i, i] / one[i, i]) for i in range(K)]
    trace = sum(product[i, i] for i in range(K))
    return (trace - K + (shift.T * inverse * shift)[0] + sum(logs)) / 2


def condition(mu1, tril1, mu2, tril2) -> float:
    """How much a triangular solve may grow a rounding: Higham, 2002, section 8.2."""
    return float(np.linalg.norm(np.abs(np.linalg.inv(tril2)) @ np.abs(tril2), np.inf))


@pytest.mark.parametrize("apart", [1.0, 1e-4, 1e-8, 1e-12])
def test_full_covariances_keep_their_digits_where_the_laws_nearly_agree(
    apart: float,
) -> None:
    rng = np.random.default_rng(7)
    for _ in range(10):
        arrays = factors(apart, rng)
        with mp.workdps(DIGITS):
            true = textbook(*arrays)
        bound = 8 * K * ROUNDOFF * condition(*arrays)
        tensors = [torch.tensor(a) for a in arrays]
        for found in (
            derivations.multivariate_gaussian_kl(*arrays),
            derivations.multivariate_gaussian_kl(*tensors),
        ):
            assert abs(float(found) - true) <= bound * true
        if apart <= 1e-8:  # the bound can say no: torch's own divergence is refused
            mu1, tril1, mu2, tril2 = tensors
            one = laws.MultivariateNormal(mu1, scale_tril=tril1)
            two = laws.MultivariateNormal(mu2, scale_tril=tril2)
            assert abs(float(laws.kl_divergence(one, two)) - true) > bound * true


@pytest.mark.parametrize("apart", [1.0, 1e-8])
def test_the_gradient_of_full_covariances_is_right(apart: float) -> None:
    arrays = factors(apart, np.random.default_rng(8))
    found = derivations.multivariate_gaussian_kl.gradient(*arrays)
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    value = derivations.multivariate_gaussian_kl(*tensors)
    attached = torch.autograd.grad(value, tensors)
    bound = 8 * K * ROUNDOFF * condition(*arrays) ** 2
    with mp.workdps(DIGITS):
        for number, (array, slopes, other) in enumerate(
            zip(arrays, found, attached, strict=True)
        ):
            true = np.zeros_like(array)
            for place in np.ndindex(array.shape):
                if array[place]:
                    true[place] = slope(arrays, number, place)
            assert np.abs(slopes - true).max() <= bound * np.abs(true).max()
            assert np.abs(other.numpy() - true).max() <= bound * np.abs(true).max()


def slope(arrays: list[np.ndarray], number: int, place: tuple[int, ...]) -> float:
    """The difference quotient of the textbook form at twice the digits of the step."""
    step = mp.mpf(10) ** (-DIGITS // 3)
    values = []
    for sign in (1, -1):
        moved = [
            np.array([mp.mpf(float(x)) for x in a.flat]).reshape(a.shape)
            for a in arrays
        ]
        moved[number][place] += sign * step
        values.append(textbook(*moved))
    return float((values[0] - values[1]) / (2 * step))


def test_full_covariances_have_two_derivatives_in_batches() -> None:
    torch.manual_seed(3)
    arrays = [torch.tensor(a) for a in factors(0.3, np.random.default_rng(9))]
    arrays[0] = arrays[0] + torch.randn(2, K, dtype=torch.float64)
    arrays[1] = torch.stack((arrays[1], 2 * arrays[1]))
    check(derivations.multivariate_gaussian_kl, *(a.requires_grad_() for a in arrays))


def test_full_covariances_compile_with_their_gradient() -> None:
    """Several pieces in one graph: a mark of one is no mark of what follows it."""
    given = [torch.tensor(a) for a in factors(0.3, np.random.default_rng(14))]
    arrays = [a.requires_grad_() for a in given]
    function = derivations.multivariate_gaussian_kl
    compiled = torch.compile(function, fullgraph=True, backend="aot_eager")(*arrays)
    plain = function(*arrays)
    assert compiled == plain
    for found, expected in zip(
        torch.autograd.grad(compiled, arrays),
        torch.autograd.grad(plain, arrays),
        strict=True,
    ):
        assert (found == expected).all()


def test_nothing_above_the_diagonal_is_looked_at() -> None:
    arrays = factors(0.3, np.random.default_rng(10))
    above = np.triu(np.full((K, K), np.nan), 1)
    filled = [a + above if a.ndim == 2 else a for a in arrays]
    value = derivations.multivariate_gaussian_kl
    assert value(*filled) == value(*arrays)
    for plain, other in zip(
        value.gradient(*arrays), value.gradient(*filled), strict=True
    ):
        assert (plain == other).all()


def test_one_law_is_at_distance_zero_from_itself() -> None:
    mu, tril, *_ = factors(0.3, np.random.default_rng(11))
    assert derivations.multivariate_gaussian_kl(mu, tril, mu, tril) == 0.0
    of_law = derivations.multivariate_gaussian_kl.gradient(mu, tril, mu, tril)
    assert all((slopes == 0.0).all() for slopes in of_law)


def test_a_law_on_a_line_has_an_infinite_slope_there_alone() -> None:
    flat = np.array([[0.0, 0.0], [1.0, 1.0]])
    for new in (np.array, torch.tensor):
        arrays = [new(a) for a in (np.zeros(2), flat, np.zeros(2), np.eye(2))]
        _, of_flat, _, _ = derivations.multivariate_gaussian_kl.gradient(*arrays)
        assert of_flat.tolist() == [[-np.inf, 0.0], [1.0, 0.0]]


def test_diagonal_factors_are_two_diagonal_laws() -> None:
    rng = np.random.default_rng(12)
    mu1, mu2, one, two = rng.normal(size=(4, K))
    one, two = np.exp(one), np.exp(two)
    full = derivations.multivariate_gaussian_kl.terms(
        mu1, np.diag(one), mu2, np.diag(two)
    )
    apart = derivations.gaussian_kl_between.terms(mu1, mu2, sigma1=one, sigma2=two)
    assert (np.abs(full - apart) <= 4 * np.spacing(apart)).all()


def test_shapes_that_do_not_fit_are_named() -> None:
    mu, tril, *_ = factors(0.3, np.random.default_rng(13))
    with pytest.raises(ValueError, match=r"tril2 \(3, 3\)"):
        derivations.multivariate_gaussian_kl(mu, tril, mu, tril[:3, :3])
    with pytest.raises(TypeError, match="arrays of one framework"):
        derivations.multivariate_gaussian_kl(mu, tril, torch.tensor(mu), tril)
    with pytest.raises(TypeError, match="arrays of one framework"):
        derivations.bernoulli_elbo(torch.ones(2), torch.ones(2), mu, sigma=1.0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("scale", ["sigma", "variance"])
def test_a_small_ratio_of_scales_is_right_in_sixteen_bits(
    scale: str, dtype: torch.dtype
) -> None:
    """The ratio itself is lost beside 1 in the dtype that is computed in."""
    first = (2.0 ** -torch.arange(0.0, 22.0, dtype=torch.float64)).to(dtype)
    second = torch.full_like(first, 60000.0)
    zero = torch.zeros_like(first)
    given = {f"{scale}1": first, f"{scale}2": second}
    found = derivations.gaussian_kl_between.terms(zero, zero, **given)
    exact = derivations.gaussian_kl_between.terms(
        zero.double(), zero.double(), **{n: v.double() for n, v in given.items()}
    )
    unit = torch.finfo(dtype).eps / 2
    torch.testing.assert_close(found.double(), exact, rtol=1.01 * unit, atol=0.0)
