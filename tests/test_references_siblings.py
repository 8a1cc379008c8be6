"""The siblings of the reference implementations: right to 4 ULP, and differentiable.

The truth is the textbook form at 2,600 bits, differentiated by SymPy; where pieces of a
derivative have opposite signs, an ULP is one of the largest piece.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import mpmath as mp
import numpy as np
import pytest
from sympy import Add, Expr, Mul, diff, exp, expand, lambdify, log

import derivations
from derivations.backends import numpy_backend
from derivations.backends.smooth import Smooth
from derivations.lowered import Lowered
from derivations.vae.gaussian_nll import nll_term
from derivations.vae.kl_between_in import PAIRS
from derivations.vae.parametrisation import PARAMETRISATIONS
from verify.ledger import claims

ULPS = 4.0  # what is promised of float64
HALF_ULP = 0.51  # and of float32
BITS = 2600  # phi(1e-300) keeps 600 of them
NAMES = ("sigma", "variance", "log_variance", "log_sigma")
SIBLINGS = (
    "gaussian_kl_between",
    "multivariate_gaussian_kl",
    "bernoulli_nll",
    "gaussian_nll",
    "bernoulli_elbo",
    "gaussian_elbo",
)
Points = Sequence[tuple[float, ...]]


def between(name: str) -> tuple[Smooth, Expr, set[tuple[int, ...]]]:
    """The lowered terms, the textbook's, and the derivatives that may cancel."""
    form = derivations.gaussian_kl_between.forms[name]
    (pair,) = (p for p in PAIRS if p.name == name)
    textbook = form.reading._in_arrays(pair.term, form.arguments) / 2
    return form.parts[0].terms, textbook, {(3,), (3, 3)}


def of_decoder(name: str) -> tuple[Smooth, Expr, set[tuple[int, ...]]]:
    """The same of the Gaussian decoder, whose value may cancel too."""
    form = derivations.gaussian_nll.forms[name]
    (row,) = (r for r in PARAMETRISATIONS if r.name == name)
    textbook = form.reading._in_arrays(nll_term(row), form.arguments)
    return form.parts[0].terms, textbook, {(), (2,), (2, 2)}


def of_logits() -> tuple[Smooth, Expr, set[tuple[int, ...]]]:
    """The same of the Bernoulli decoder; a grey target's slope may cancel."""
    function = derivations.bernoulli_nll.forms["logits"].parts[0].terms
    h, x = function.arguments
    black, white = log(1 + exp(h)), log(1 + exp(-h))
    return function, x * white + (1 - x) * black, {(0,)}


def pieces(expression: Expr) -> tuple[Expr, ...]:
    """What a sum adds, where a factor of it stands before it."""
    sums = [f for f in Mul.make_args(expression) if f.is_Add]
    if len(sums) != 1:
        return Add.make_args(expand(expression))
    return tuple(term * expression / sums[0] for term in sums[0].args)


def worst(
    function: Smooth, truth: Expr, cancels: bool, points: Points, dtype: type
) -> float:
    """The largest error in units of the last place of the dtype."""
    arrays = [np.array(column, dtype) for column in zip(*points, strict=True)]
    computed = numpy_backend.evaluate(function, arrays)
    parts = pieces(function.expression) if cancels else ()
    modules = [{"phi": _phi, "expm1": mp.expm1, "sigmoid": _sigmoid}, "mpmath"]
    exact = [lambdify(function.arguments, e, modules) for e in (truth, *parts)]
    largest = 0.0
    with mp.workprec(BITS):
        for number, value in enumerate(map(float, computed)):
            point = [mp.mpf(float(array[number])) for array in arrays]
            true, *sizes = (f(*point) for f in exact)
            size = max(map(abs, (true, *sizes)))
            if size >= float(np.finfo(dtype).max):
                assert cancels or value == math.copysign(math.inf, true), point
                continue
            unit = float(np.spacing(dtype(float(size))))
            assert math.isfinite(value), (point, true)
            largest = max(largest, float(abs(value - true) / unit))
    return largest


def _phi(t: mp.mpf) -> mp.mpf:
    return mp.exp(t) - 1 - t


def _sigmoid(h: mp.mpf) -> mp.mpf:
    return 1 / (1 + mp.exp(-h))


def all_orders(
    found: tuple[Smooth, Expr, set[tuple[int, ...]]],
    points: Points,
    dtype: type = np.float64,
) -> dict[tuple[int, ...], float]:
    """The worst of the value, the gradient and the second derivatives."""
    function, textbook, cancelling = found
    names = function.arguments
    errors = {(): worst(function, textbook, () in cancelling, points, dtype)}
    orders = [(n,) for n in range(len(names))]
    orders += [(a, b) for a in range(len(names)) for b in range(a, len(names))]
    for order in orders:
        derived: Smooth | None = function
        truth = textbook
        for place in order:
            derived = derived.partial(place) if derived else None
            truth = diff(truth, names[place])
        if derived is not None and not derived.trivial:
            cancels = order in cancelling
            errors[order] = worst(derived, truth, cancels, points, dtype)
    return errors


def drawn(name: str, count: int, rng: np.random.Generator) -> Points:
    """Means and a scale twice: far apart, near each other, equal, tiny and huge."""
    points = []
    for kind in np.resize(np.arange(6), count):
        means = rng.normal(size=2) * 10.0 ** rng.uniform(-100, 100)
        if kind % 3 == 1:
            means = rng.normal() + np.array([0.0, 10.0 ** rng.uniform(-18, 0)])
        elif kind % 3 == 2:
            means = rng.normal(size=2) * 10.0 ** rng.uniform(-3, 0)
        scales = rng.normal(size=2) * (1.0 if kind % 2 else 170.0)
        if "log" not in name:
            scales = np.exp(scales)
        if kind >= 3:
            near = rng.choice([0.0, 10.0 ** rng.uniform(-16, 0)])
            scales[1] = scales[0] * (1.0 + near)
        points.append((*means, *scales))
    return points


SPECIAL = {
    "sigma": [(1.0, 1.0), (1.0, 1.0 + 1e-12), (1e-150, 1e150), (1e150, 1e-150)],
    "log": [(0.0, 0.0), (0.0, 1e-12), (-690.0, 690.0), (700.0, -7.0), (0.0, 1e-150)],
}


def special(name: str) -> Points:
    """Equal, one part in 10^12 apart, and 300 orders of magnitude apart."""
    scales = SPECIAL["log" if "log" in name else "sigma"]
    return [(*means, *s) for means in ((0.0, 0.0), (0.5, -1e-9)) for s in scales]


@pytest.mark.parametrize("name", NAMES)
def test_the_divergence_between_is_right_to_four_units(name: str) -> None:
    points = (*special(name), *drawn(name, 120, np.random.default_rng(3)))
    errors = all_orders(between(name), points)
    assert max(errors.values()) <= ULPS, errors


@pytest.mark.parametrize("name", NAMES)
def test_a_gaussian_decoder_is_right_to_four_units_of_its_largest_term(
    name: str,
) -> None:
    points = [(a, b, s) for a, b, _, s in drawn(name, 120, np.random.default_rng(4))]
    errors = all_orders(of_decoder(name), points)
    assert max(errors.values()) <= ULPS, errors


def test_a_bernoulli_decoder_is_right_to_four_units() -> None:
    rng = np.random.default_rng(5)
    logits = rng.normal(size=200) * 10.0 ** rng.uniform(-20, 2.8, size=200)
    targets = rng.choice([0.0, 1.0, 0.3, 1e-300, 1.0 - 2.0**-53], size=200)
    points = tuple(zip(logits, targets, strict=True))
    errors = all_orders(of_logits(), points)
    assert max(errors.values()) <= ULPS, errors


@pytest.mark.parametrize("name", ["logits", *NAMES])
def test_float32_is_rounded_nearly_as_it_should_be(name: str) -> None:
    rng = np.random.default_rng(6)
    scales = rng.normal(size=(60, 2)) * 3.0
    scales = scales if "log" in name else np.exp(scales)
    points = [(*rng.normal(size=2), *row) for row in scales.astype(np.float32)]
    if name == "logits":
        found, points = of_logits(), [(m, abs(x) % 1.0) for x, _, m, _ in points]
        assert max(all_orders(found, points, np.float32).values()) <= HALF_ULP
        return
    errors = all_orders(between(name), points, np.float32)
    assert max(errors.values()) <= HALF_ULP, errors


def test_a_plain_textbook_form_fails_here() -> None:
    """The measure can say no: sigma^2 - 1 - log sigma^2 has lost its digits."""
    function, textbook, _ = between("sigma")
    plain = Smooth("plain", function.arguments, textbook, {})
    assert worst(plain, textbook, False, special("sigma")[:2], np.float64) > 1e6


def test_an_infinite_logit_has_the_limit() -> None:
    logits = np.array([np.inf, -np.inf, np.inf, -np.inf])
    targets = np.array([1.0, 0.0, 0.0, 1.0])
    found = derivations.bernoulli_nll.terms(logits, targets)
    assert found.tolist() == [0.0, 0.0, np.inf, np.inf]
    slopes, _ = derivations.bernoulli_nll.gradient(logits, targets)
    assert slopes.tolist() == [0.0, 0.0, 1.0, -1.0]


def test_what_is_computed_is_proved() -> None:
    proved = {d.name for claim in claims() for d in claim.statements}
    for name in SIBLINGS:
        chains = [d.name for d in getattr(derivations, name).derivations]
        assert set(chains) <= proved, {*chains} - proved


def test_nothing_is_typed() -> None:
    """Each form's code is that of its chain's last line."""
    for name in SIBLINGS:
        for form in getattr(derivations, name).forms.values():
            assert isinstance(form, Lowered)
            assert form.chain in getattr(derivations, name).derivations
            assert f"def {form.chain.name}(" in form.source()


def at_scale(function: str, name: str, *scales: float, apart: float) -> float:
    """The value of one coordinate, the means some way apart."""
    names = (name,) if len(scales) == 1 else (f"{name}1", f"{name}2")
    given = dict(zip(names, map(np.array, scales), strict=True))
    with np.errstate(all="ignore"):
        mean = np.array([apart])
        return float(getattr(derivations, function)(mean, np.zeros(1), **given))


def test_scales_at_their_ends_are_as_the_documentation_says() -> None:
    between, inf, nan = "gaussian_kl_between", math.inf, math.nan
    for name in NAMES:
        log = "log" in name
        none, one = (-inf, 0.0) if log else (0.0, 1.0)
        for scales, apart, expected in (
            ((none, one), 0.0, inf),
            ((one, none), 1.0, inf),
            ((one, none), 0.0, inf if log else nan),
            ((one, inf), 0.0, nan if name == "sigma" else inf),
            ((none, none), 1.0, nan),
            ((inf, inf), 1.0, nan),
        ):
            found = at_scale(between, name, *scales, apart=apart)
            assert repr(found) == repr(expected), (name, scales, apart)
        assert math.isnan(at_scale("gaussian_nll", name, none, apart=1.0))
        found = at_scale("gaussian_nll", name, none, apart=0.0)
        assert repr(found) == repr(-inf if log else nan)
    for name in ("sigma", "variance"):
        for scales in ((-1.0, 1.0), (1.0, -1.0)):
            assert math.isnan(at_scale(between, name, *scales, apart=0.0))
        assert math.isfinite(at_scale(between, name, -2.0, -1.0, apart=0.0))
    assert at_scale(between, "variance", -2.0, -1.0, apart=3.0) < 0
    assert math.isnan(at_scale("gaussian_nll", "sigma", -1.0, apart=0.0))


def test_no_coordinates_are_no_divergence() -> None:
    mean, factor = np.zeros((3, 0)), np.zeros((0, 0))
    given = (mean, factor, mean, factor)
    assert derivations.multivariate_gaussian_kl(*given).tolist() == [0.0] * 3
    of_mean, of_factor, *_ = derivations.multivariate_gaussian_kl.gradient(*given)
    assert (of_mean.shape, of_factor.shape) == ((3, 0), (3, 0, 0))


def test_a_bound_names_its_own_keywords() -> None:
    one, bound = np.ones(2), derivations.gaussian_elbo
    needs = "gaussian_elbo needs one of decoder_sigma, decoder_variance, .*; got"
    for call in (bound, bound.terms, bound.gradient):
        with pytest.raises(TypeError, match=f"{needs} none of them"):
            call(one, one, one, sigma=1.0)
        with pytest.raises(
            TypeError, match=f"{needs} decoder_sigma and decoder_variance"
        ):
            call(*(one, one, one), decoder_sigma=1.0, decoder_variance=1.0, sigma=1.0)
        with pytest.raises(
            TypeError, match=r"gaussian_elbo needs one of sigma, .*none"
        ):
            call(one, one, one, decoder_sigma=1.0)
    with pytest.raises(TypeError, match="bernoulli_elbo needs one of sigma"):
        derivations.bernoulli_elbo(one, one, one)


def test_batches_of_a_bound_have_to_broadcast() -> None:
    four, two, row = np.ones((4, 3)), np.ones((2, 5)), np.ones((1, 5))
    gaussian, bernoulli = derivations.gaussian_elbo, derivations.bernoulli_elbo
    words = r"shapes that broadcast, got .*mu \(2, 5\)"
    for what in ("__call__", "terms", "gradient"):
        with pytest.raises(ValueError, match=f"gaussian_elbo.*{words}"):
            getattr(gaussian, what)(four, four, two, decoder_sigma=1.0, sigma=1.0)
        with pytest.raises(ValueError, match=f"bernoulli_elbo.*{words}"):
            getattr(bernoulli, what)(four, four, two, sigma=1.0)
    assert bernoulli(four, four, row, sigma=1.0).shape == (4,)
    assert bernoulli(four[None], four, two[:, None], sigma=1.0).shape == (2, 4)


def test_wrong_calls_say_what_is_needed() -> None:
    one = np.ones(2)
    with pytest.raises(
        TypeError, match=r"sigma1 and sigma2, or .*; got sigma1 and var"
    ):
        derivations.gaussian_kl_between(one, one, sigma1=one, variance2=one)
    with pytest.raises(TypeError, match="got none of them"):
        derivations.gaussian_kl_between(one, one)
    with pytest.raises(TypeError, match="needs one of sigma"):
        derivations.gaussian_nll(one, one)
    with pytest.raises(ValueError, match="shapes that broadcast"):
        derivations.bernoulli_nll(one, np.ones(3))
    with pytest.raises(TypeError, match="int64"):
        derivations.bernoulli_nll(one, np.ones(2, dtype=np.int64))
