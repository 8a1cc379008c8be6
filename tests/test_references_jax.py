"""The references on JAX arrays: every transformation, every dtype, either precision."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import reduce

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

import derivations  # noqa: E402
from derivations import (  # noqa: E402
    discriminator_loss,
    gaussian_kl,
    gaussian_kl_between,
    multivariate_gaussian_kl,
    nonsaturating_generator_loss,
    saturating_generator_loss,
)
from derivations.references.reference import Reference  # noqa: E402
from verify.accuracy.errors import errors  # noqa: E402
from verify.accuracy.formats import FORMATS  # noqa: E402
from verify.accuracy.points import points  # noqa: E402
from verify.accuracy.textbook import TERMS  # noqa: E402
from verify.accuracy.truth import truth  # noqa: E402

SCALES = ("sigma", "variance", "log_variance", "log_sigma")
BOUNDS = {"float64": 4.0, "float32": 0.51, "bfloat16": 0.501, "float16": 0.501}
FORMS = {
    form.name: form
    for name in derivations.__all__
    if isinstance(reference := getattr(derivations, name), Reference)
    for form in reference.forms.values()
}
FLUSHES = jax.default_backend() == "cpu"


def along(function, place):
    """The derivative of an elementwise function in one argument."""

    def slope(*arrays):
        at = arrays[place]

        def moved(x):
            return function(*arrays[:place], x, *arrays[place + 1 :])

        return jax.jvp(moved, (at,), (jnp.ones_like(at),))[1]

    return slope


def value_and_derivatives(term):
    """The term's value, gradient and second derivatives, by JAX, in one function."""

    def value(*arrays):
        if len(term.form.parts) == 1:
            return term.form.terms(*arrays)
        others = [jnp.zeros_like(arrays[0]) for _ in term.form.parts]
        others[term.part] = arrays[0]
        return term.form.terms(*others)[term.part]

    return lambda *arrays: {
        order: reduce(along, order, value)(*arrays) for order in term.orders
    }


def sampled(term, dtype, count):
    """Columns of that many coordinates, special ones among them."""
    rng = np.random.default_rng(20261122)
    columns = points(term.arguments, FORMATS[dtype], count, rng)
    size = len(columns[0])
    picked = rng.choice(size, min(count, size), replace=False)
    return [column[picked] for column in columns]


def spared(columns, true, dtype):
    """Where subnormal numbers, which XLA on a CPU takes for 0, may have come in.

    float32 computes in float64, and float16 in float32: there, no step is subnormal.
    """
    form = FORMATS[dtype]
    if not FLUSHES or dtype == "float16":
        return np.zeros(len(columns[0]), bool)
    reach = form.lowest + (0 if dtype == "float32" else form.digits)
    size = np.abs(true.approximately)
    touched = (size < 2.0**reach) & (true.whole + true.part != 0)
    for column in columns:
        touched |= (column != 0) & (np.abs(column) < 2.0**form.lowest)
    return touched


def run(term, dtype, columns, *, x64, jit):
    """What JAX finds, by order of derivative, in float64."""
    with jax.enable_x64(x64):
        arrays = [jnp.asarray(column).astype(dtype) for column in columns]
        function = value_and_derivatives(term)
        found = (jax.jit(function) if jit else function)(*arrays)
        assert {result.dtype.name for result in found.values()} == {dtype}
    return {o: np.asarray(r).astype(np.float64) for o, r in found.items()}


@pytest.mark.parametrize("dtype", BOUNDS)
@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_values_and_derivatives_are_right_to_the_last_bits(term, dtype):
    columns = sampled(term, dtype, 400)
    found = run(term, dtype, columns, x64=dtype == "float64", jit=True)
    for order, results in found.items():
        true = truth(term.enclosures[order], columns, FORMATS[dtype])
        judged = errors(results, true)
        kept = ~spared(columns, true, dtype)
        wrong = kept & (judged.faulty | ~(judged.units <= BOUNDS[dtype]))
        at = [column[wrong].tolist() for column in columns]
        assert not wrong.any(), (term.label(order), at, judged.units[wrong])
        assert kept.sum() > 200


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("term", TERMS[3:5], ids=lambda term: term.name)
def test_neither_jit_nor_the_precision_outside_changes_a_bit(term, dtype):
    columns = sampled(term, dtype, 400)
    wide = dtype == "float64"
    expected = run(term, dtype, columns, x64=wide, jit=True)
    for x64, jit in {(wide, False), (True, True)} - {(wide, True)}:
        for order, results in run(term, dtype, columns, x64=x64, jit=jit).items():
            true = truth(term.enclosures[order], columns, FORMATS[dtype])
            kept = ~spared(columns, true, dtype)
            np.testing.assert_array_equal(results[kept], expected[order][kept])


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
def test_subnormal_numbers_are_numbers(dtype):
    if FLUSHES:
        pytest.skip("XLA on a CPU takes subnormal numbers for 0, whatever is written")
    with jax.enable_x64(True):
        h = jnp.asarray([-np.log(2.0) * -(FORMATS[dtype].lowest - 2)]).astype(dtype)
        assert nonsaturating_generator_loss.terms(-h)[0] > 0


@pytest.mark.parametrize("name", FORMS)
def test_every_result_is_that_of_numpy(name):
    form = FORMS[name]
    rng = np.random.default_rng(20261122)
    given = [rng.uniform(0.25, 0.75, (4, 3)) for _ in form.arguments]

    def value_and_slopes(*arrays):
        places = tuple(range(len(arrays)))
        slopes = jax.grad(lambda *a: form(*a).sum(), places)(*arrays)
        return form(*arrays), *slopes

    with jax.enable_x64(True):
        found = jax.jit(value_and_slopes)(*map(jnp.asarray, given))
    expected = (form(*given), *form.gradient(*given))
    eight = 8 * np.finfo(np.float64).eps  # 4 units for each of the two
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=eight, atol=0.0)


def test_full_covariances_are_those_of_numpy():
    rng = np.random.default_rng(20261122)
    means = rng.standard_normal((2, 4, 3))
    trils = np.tril(rng.uniform(-0.25, 0.25, (2, 4, 3, 3))) + np.eye(3)
    given = (means[0], trils[0], means[1], trils[1])

    @jax.jit
    def everything(*arrays):
        places = tuple(range(len(arrays)))
        slopes = jax.grad(lambda *a: multivariate_gaussian_kl(*a).sum(), places)
        value = jax.vmap(multivariate_gaussian_kl)(*arrays)
        return value, *multivariate_gaussian_kl.gradient(*arrays), *slopes(*arrays)

    with jax.enable_x64(True):
        found = everything(*map(jnp.asarray, given))
    derived = multivariate_gaussian_kl.gradient(*given)
    expected = (multivariate_gaussian_kl(*given), *derived, *derived)
    # 4 units a term, 3 operations a row of a solve (Higham 2002, theorem 8.5), 3 rows,
    # times the condition of these factors, which are strictly diagonally dominant
    tolerance = (4 + 3 * 3) * 4 * np.finfo(np.float64).eps
    for one, other in zip(found, expected, strict=True):
        largest = abs(other).max()
        np.testing.assert_allclose(one, other, rtol=0.0, atol=tolerance * largest)


@pytest.mark.parametrize("scale", SCALES[::2])
def test_vmap_maps_any_argument(scale):
    mu, s = jnp.linspace(-1.0, 2.0, 12).reshape(4, 3), jnp.linspace(0.5, 2.0, 3)

    def one(m, s):
        return gaussian_kl(m, **{scale: s})

    expected = one(mu, s)
    np.testing.assert_array_equal(jax.vmap(one, (0, None))(mu, s), expected)
    both = jax.vmap(one)(mu, jnp.tile(s, (4, 1)))
    np.testing.assert_array_equal(both, expected)
    slopes = jax.jit(jax.vmap(jax.grad(one, 1), (0, None)))(mu, s)
    (_, whole) = gaussian_kl.gradient(mu, **{scale: s})
    np.testing.assert_array_equal(slopes, whole)


@pytest.mark.parametrize("scale", SCALES[::2])
def test_hessians_are_diagonal_in_both_modes(scale):
    def value(m, s):
        return gaussian_kl(m, **{scale: s})

    mu, s = jnp.array([0.5, -1.0]), jnp.array([0.25, 3.0])
    curvature = along(along(gaussian_kl.forms[scale].terms, 1), 1)(mu, s)
    for outer, inner in ((jax.jacfwd, jax.jacrev), (jax.jacrev, jax.jacfwd)):
        hessian = jax.jit(outer(inner(value, (0, 1)), (0, 1)))
        ((mm, ms), (sm, ss)) = hessian(mu, s)
        np.testing.assert_array_equal(mm, jnp.eye(2))
        np.testing.assert_array_equal([ms, sm], jnp.zeros((2, 2, 2)))
        np.testing.assert_array_equal(ss, jnp.diag(curvature))


def test_derivatives_of_any_order():
    """d^5/ds^5 of s^2/2 - log s is -24/s^5, that of softplus an odd function."""
    found = reduce(along, (1,) * 5, gaussian_kl.forms["sigma"].terms)
    assert found(jnp.ones(1), jnp.array([2.0])) == pytest.approx(-24 / 2.0**5)
    third = reduce(along, (0,) * 3, nonsaturating_generator_loss.terms)
    at = jnp.array([0.0, 0.75, -0.75])
    np.testing.assert_array_equal(third(at), -third(-at))
    assert third(at)[1] != 0


def test_an_argument_that_does_not_move_counts_for_nothing():
    """At sigma = 0 its own slope is infinite, and the others are still right."""
    mu, sigma = jnp.array([3.0]), jnp.array([0.0])

    def value(m):
        return gaussian_kl.terms(m, sigma=sigma)

    assert jax.jvp(value, (mu,), (jnp.ones(1),))[1] == 3.0
    assert jax.grad(lambda m: value(m).sum())(mu) == 3.0


def test_a_quotient_of_a_quotient_stays_one():
    """1/s^2 is finite here, but s^2 is subnormal: XLA would divide by it."""
    with jax.enable_x64(True):
        sigma = jnp.array([1.0441677023680289e-154])
        curvature = along(along(gaussian_kl.forms["sigma"].terms, 1), 1)
        assert np.isfinite(jax.jit(curvature)(jnp.zeros(1), sigma)).all()


def test_a_constant_is_not_simplified_away():
    """XLA makes b of c - (c - b) for a number c, which is never what is rounded."""
    with jax.enable_x64(True):
        t = jnp.asarray(np.random.default_rng(7).uniform(0.9, 1.1, 1000))

        def terms(c):
            return gaussian_kl_between.terms(0.0, 0.0, log_variance1=c, log_variance2=t)

        constant = jax.jit(lambda: terms(1.0))()
        np.testing.assert_array_equal(constant, jax.jit(terms)(jnp.ones(1000)))


@pytest.mark.parametrize("x64", [False, True])
def test_numbers_take_the_dtype_of_the_arrays(x64):
    with jax.enable_x64(x64):
        mu = jnp.ones((2, 3), jnp.bfloat16)
        for value in (gaussian_kl(mu, sigma=2), jax.jit(gaussian_kl)(mu, sigma=2)):
            assert value.dtype == jnp.bfloat16
            assert value.shape == (2,)
        mixed = gaussian_kl.terms(mu, log_variance=jnp.zeros(3, jnp.float32))
        assert mixed.dtype == jnp.float32
        alone = jax.jit(gaussian_kl)(1, sigma=2.0)
        assert alone.dtype == jnp.result_type(float)
        assert alone.shape == ()


def test_a_tracer_is_an_array():
    mu = jax.ShapeDtypeStruct((7, 3), jnp.float16)
    value, slopes = jax.eval_shape(
        lambda m: (gaussian_kl(m, sigma=m), gaussian_kl.gradient(m, sigma=m)), mu
    )
    assert (value.shape, value.dtype) == ((7,), jnp.float16)
    assert [slope.shape for slope in slopes] == [(7, 3), (7, 3)]
    with pytest.raises(TypeError, match="mu of jax and sigma of numpy"):
        jax.eval_shape(lambda m: gaussian_kl(m, sigma=np.ones(3)), mu)


def test_the_edges_of_the_domain():
    inf, nan = jnp.inf, jnp.nan
    terms = gaussian_kl.terms(jnp.zeros(4), sigma=jnp.array([0.0, -1.0, inf, nan]))
    np.testing.assert_array_equal(terms, [inf, nan, inf, nan])
    terms = gaussian_kl.terms(jnp.zeros(3), log_variance=jnp.array([-inf, inf, nan]))
    np.testing.assert_array_equal(terms, [inf, inf, nan])
    logits = jnp.array([-inf, inf, nan, 0.0])
    terms = saturating_generator_loss.terms(logits)
    np.testing.assert_array_equal(terms[:3], [0.0, -inf, nan])
    slopes = jax.vmap(jax.grad(saturating_generator_loss.terms))(logits)
    np.testing.assert_array_equal(slopes, [0.0, -1.0, nan, -0.5])
    assert gaussian_kl(jnp.zeros((2, 0)), sigma=1.0).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("dtype", BOUNDS)
def test_the_two_generator_losses_mirror_each_other_bit_for_bit(dtype):
    with jax.enable_x64(True):
        h = jnp.linspace(-90.0, 90.0, 5001).astype(dtype)
        mirrored = -saturating_generator_loss.terms(-h)
        np.testing.assert_array_equal(nonsaturating_generator_loss.terms(h), mirrored)


def test_a_mean_is_shared_out_among_more_samples_than_float16_can_count():
    logits = jnp.zeros(70000, jnp.float16)
    (slope,) = saturating_generator_loss.gradient(logits)
    np.testing.assert_array_equal(slope, jnp.float16(-0.5 / 70000))


ONE = jnp.ones(3)
REFUSED = {
    "integers": (
        lambda: gaussian_kl(jnp.arange(3), sigma=1.0),
        TypeError,
        "mu is int32, need one of float64",
    ),
    "complex numbers": (
        lambda: saturating_generator_loss(ONE * 1j),
        TypeError,
        "logits is complex64",
    ),
    "truth values": (
        lambda: jax.jit(saturating_generator_loss)(True),
        TypeError,
        "logits is bool",
    ),
    "shapes": (
        lambda: gaussian_kl(ONE, sigma=jnp.ones(2)),
        ValueError,
        r"broadcast, got mu \(3,\), sigma \(2,\)",
    ),
    "an empty batch": (
        lambda: discriminator_loss(ONE, jnp.ones(0)),
        ValueError,
        r"at least one sample, got shape \(0,\)",
    ),
    "two frameworks": (
        lambda: gaussian_kl(ONE, sigma=np.ones(3)),
        TypeError,
        "mu of jax and sigma of numpy",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_meant_is_refused(case):
    call, error, words = REFUSED[case]
    with pytest.raises(error, match=words):
        call()


def printed(code, **environment):
    """What a fresh interpreter prints."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    ).stdout


def test_two_devices_are_refused():
    code = (
        "import jax, jax.numpy as jnp\n"
        "from derivations import gaussian_kl\n"
        "mu, s = (jax.device_put(jnp.ones(3), d) for d in jax.devices('cpu'))\n"
        "try: gaussian_kl(mu, sigma=s)\n"
        "except ValueError as error: print(error)\n"
        "print(gaussian_kl(mu, sigma=jnp.ones(3)))"
    )
    flags = "--xla_force_host_platform_device_count=2"
    refused, value = printed(code, XLA_FLAGS=flags, JAX_PLATFORMS="cpu").splitlines()
    assert re.search(r"mu on \S+0, sigma on \S+1$", refused)
    assert value == "1.5"


def test_jax_is_imported_when_its_array_is_seen():
    code = (
        "import sys, numpy\n"
        "from derivations import gaussian_kl\n"
        "gaussian_kl(numpy.zeros(3), sigma=1.0); gaussian_kl.gradient(0.5, sigma=1.0)\n"
        "print('jax' in sys.modules)\n"
        "import jax.numpy\n"
        "before = 'derivations.backends.jax_backend' in sys.modules\n"
        "gaussian_kl(jax.numpy.zeros(3), sigma=1.0)\n"
        "print(before, 'derivations.backends.jax_backend' in sys.modules)"
    )
    assert printed(code).split() == ["False", "False", "True"]
