"""The references on NumPy arrays: shapes, dtypes, edges, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from derivations import (
    discriminator_loss,
    gaussian_kl,
    nonsaturating_generator_loss,
    saturating_generator_loss,
)

SCALES = ("sigma", "variance", "log_variance", "log_sigma")
NEUTRAL = {"sigma": 1.0, "variance": 1.0, "log_variance": 0.0, "log_sigma": 0.0}
rng = np.random.default_rng(20261122)


@pytest.mark.parametrize("scale", SCALES)
def test_it_is_zero_at_the_standard_normal_and_there_only(scale: str) -> None:
    neutral = NEUTRAL[scale]
    assert gaussian_kl(np.zeros(4), **{scale: neutral}) == 0.0
    for other in (np.nextafter(neutral, -9.0), np.nextafter(neutral, 9.0), 1e-150):
        if other != neutral and abs(other - neutral) > 1e-160:
            assert gaussian_kl(np.zeros(1), **{scale: np.array([other])}) > 0.0
    assert gaussian_kl(np.array([1e-150]), **{scale: neutral}) > 0.0


@pytest.mark.parametrize("scale", SCALES)
def test_it_is_never_negative(scale: str) -> None:
    near = NEUTRAL[scale] + rng.standard_normal(20000) * 10.0 ** rng.uniform(
        -17, -1, 20000
    )
    assert (gaussian_kl.terms(np.zeros(20000), **{scale: near}) >= 0.0).all()


def test_the_four_parametrisations_agree() -> None:
    mu, t = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    values = [
        gaussian_kl(mu, log_variance=t),
        gaussian_kl(mu, log_sigma=t / 2),
        gaussian_kl(mu, variance=np.exp(t)),
        gaussian_kl(mu, sigma=np.exp(t / 2)),
    ]
    for value in values:
        assert value.shape == (5,)
        np.testing.assert_allclose(value, values[0], rtol=1e-14)


def test_numbers_broadcast_and_take_the_dtype_of_the_arrays() -> None:
    mu = np.ones((2, 3), np.float32)
    value = gaussian_kl(mu, sigma=2)
    assert value.dtype == np.float32
    assert value.shape == (2,)
    assert gaussian_kl(0.5, sigma=2.0) == gaussian_kl.terms(0.5, sigma=2.0)
    assert isinstance(gaussian_kl(0.5, sigma=2.0), np.float64)
    half = gaussian_kl.terms(mu.astype(np.float16), variance=1.0)
    assert half.dtype == np.float16
    mixed = gaussian_kl.terms(mu, log_variance=np.zeros(3))
    assert mixed.dtype == np.float64


def test_strides_are_those_of_a_ufunc() -> None:
    mu = np.asfortranarray(rng.standard_normal((40, 300)))
    t = np.asfortranarray(rng.standard_normal((40, 300)))
    terms = gaussian_kl.terms(mu, log_variance=t)
    assert terms.flags.f_contiguous
    expected = gaussian_kl.terms(mu.copy("C"), log_variance=t.copy("C"))
    np.testing.assert_array_equal(terms, expected)
    part = gaussian_kl.terms(mu[::3, ::-2], log_variance=t[::3, ::-2])
    np.testing.assert_array_equal(part, expected[::3, ::-2])


LAYOUTS = {
    "broadcast rows": lambda x: np.broadcast_to(x[0], x.shape),
    "broadcast columns": lambda x: np.broadcast_to(x[:, :1], x.shape),
    "turned": lambda x: np.asfortranarray(x),
    "reversed": lambda x: x[::-1, ::-1],
    "every other": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "a middle axis": lambda x: np.broadcast_to(x[:, None, :], (4, 3, 6)).copy("F"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_numbers_do_not_depend_on_the_layout(layout: str) -> None:
    x = LAYOUTS[layout](rng.uniform(0.25, 3.0, (4, 6)))
    copied = x.copy("C")
    for found, expected in (
        (nonsaturating_generator_loss.terms(x), saturating_of_minus(copied)),
        (gaussian_kl.terms(x, sigma=x), gaussian_kl.terms(copied, sigma=copied)),
        (gaussian_kl(x, variance=x), gaussian_kl(copied, variance=copied)),
        (
            saturating_generator_loss.gradient(x)[0],
            saturating_generator_loss.gradient(copied)[0],
        ),
    ):
        np.testing.assert_array_equal(found, expected)


def saturating_of_minus(x: np.ndarray) -> np.ndarray:
    return -saturating_generator_loss.terms(-x)


def test_sums_and_means_of_narrow_types_do_not_stop_counting() -> None:
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    for dtype, digits in ((bfloat16, 8), (np.float16, 11), (np.float32, 24)):
        half = 2.0**-digits
        loss = nonsaturating_generator_loss(np.zeros(100000, dtype))
        assert loss.dtype == dtype
        assert abs(float(loss) - np.log(2)) <= 2 * half * np.log(2)
        value = gaussian_kl(np.ones(1000, dtype), sigma=1.0)
        assert abs(float(value) - 500.0) <= half * 500


def test_nothing_given_is_changed() -> None:
    mu, sigma = rng.standard_normal(9), rng.uniform(0.5, 2.0, 9)
    before = mu.copy(), sigma.copy()
    gaussian_kl.gradient(mu, sigma=sigma)[0][:] = 7.0
    np.testing.assert_array_equal(mu, before[0])
    np.testing.assert_array_equal(sigma, before[1])


def test_the_edges_of_the_domain() -> None:
    inf, nan = np.inf, np.nan
    with np.errstate(all="raise"):
        terms = gaussian_kl.terms(np.zeros(4), sigma=np.array([0.0, -1.0, inf, nan]))
        np.testing.assert_array_equal(terms, [inf, nan, inf, nan])
        terms = gaussian_kl.terms(np.zeros(3), log_variance=np.array([-inf, inf, nan]))
        np.testing.assert_array_equal(terms, [inf, inf, nan])
        logits = np.array([-inf, inf, nan])
        terms = saturating_generator_loss.terms(logits)
        np.testing.assert_array_equal(terms, [0.0, -inf, nan])
        slopes = saturating_generator_loss.gradient(np.array([-inf, 0.0, inf]))[0]
        np.testing.assert_array_equal(slopes, [0.0, -0.5 / 3, -1.0 / 3])
    assert gaussian_kl(np.zeros((2, 0)), sigma=1.0).tolist() == [0.0, 0.0]


def test_the_last_value_before_overflow() -> None:
    last = 710.4758600739439  # e^t/2 is finite up to there
    terms = gaussian_kl.terms(np.zeros(2), log_variance=np.array([last, 710.476]))
    assert np.isfinite(terms[0])
    assert np.isinf(terms[1])
    assert np.isfinite(gaussian_kl.terms(np.array([1.89e154]), sigma=1.0)).all()


def test_the_two_generator_losses_mirror_each_other_bit_for_bit() -> None:
    h = rng.standard_normal(30001) * 10.0 ** rng.uniform(-9, 3, 30001)
    for dtype in (np.float64, np.float32, np.float16):
        x = h.astype(dtype)
        np.testing.assert_array_equal(
            nonsaturating_generator_loss.terms(x), -saturating_generator_loss.terms(-x)
        )


def test_the_gradient_is_that_of_the_mean() -> None:
    h = rng.standard_normal((3, 4))
    (slope,) = saturating_generator_loss.gradient(h)
    np.testing.assert_allclose(slope, -1 / (1 + np.exp(-h)) / 12, rtol=1e-15)
    real, fake = discriminator_loss.gradient(h, h[0])
    np.testing.assert_allclose(real, -1 / (1 + np.exp(h)) / 12, rtol=1e-15)
    np.testing.assert_allclose(fake, 1 / (1 + np.exp(-h[0])) / 4, rtol=1e-15)


ONE = np.ones(3)
REFUSED = {
    "no second argument": (lambda: gaussian_kl(ONE), TypeError, "got none of them"),
    "two of them": (
        lambda: gaussian_kl(ONE, sigma=ONE, variance=ONE),
        TypeError,
        "one of sigma, variance, log_variance, log_sigma; got sigma and variance",
    ),
    "an unknown keyword": (
        lambda: gaussian_kl(ONE, std=ONE),
        TypeError,
        "unexpected keyword argument 'std'",
    ),
    "shapes": (
        lambda: gaussian_kl(ONE, sigma=np.ones(2)),
        ValueError,
        r"broadcast, got mu \(3,\), sigma \(2,\)",
    ),
    "integers": (
        lambda: gaussian_kl(np.arange(3), sigma=1.0),
        TypeError,
        "mu is int64, need one of float64",
    ),
    "complex numbers": (
        lambda: saturating_generator_loss(ONE * 1j),
        TypeError,
        "logits is complex128",
    ),
    "a list": (
        lambda: saturating_generator_loss([0.0, 1.0]),
        TypeError,
        r"logits: list \[0.0, 1.0\] is no array of NumPy, torch or JAX",
    ),
    "a masked array": (
        lambda: saturating_generator_loss(np.ma.masked_array(ONE, [0, 1, 0])),
        TypeError,
        "logits is a masked array",
    ),
    "an empty batch": (
        lambda: discriminator_loss(ONE, np.ones(0)),
        ValueError,
        r"at least one sample, got shape \(0,\)",
    ),
    "an unknown framework": (
        lambda: gaussian_kl.source("mxnet"),
        ValueError,
        "no backend 'mxnet'; there are jax, numpy, torch",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_meant_is_refused(case: str) -> None:
    call, error, words = REFUSED[case]
    with pytest.raises(error, match=words):
        call()


def test_two_frameworks_are_refused() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match="mu of numpy and sigma of torch"):
        gaussian_kl(ONE, sigma=torch.ones(3))
