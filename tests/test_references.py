"""What people import is the derived expression: proved, emitted, never typed."""

from __future__ import annotations

import ast
import pickle
import subprocess
import sys
from pathlib import Path

import mpmath
import numpy as np
import pytest
from sympy import Add, IndexedBase, KroneckerDelta, Sum, Symbol, exp, zeta

import derivations
from derivations import derivation, gaussian_kl, lower
from derivations.backends.emitter import LoweringError
from derivations.backends.precision import DOUBLE, HALF, SINGLE
from derivations.document.beside import BESIDE
from derivations.document.exercise_1 import EXERCISE_1
from derivations.document.exercise_2 import EXERCISE_2
from derivations.functions import phi
from derivations.lowered import Lowered
from derivations.references.reference import Reference

LINEAR = ("elbo.py", "multivariate_gaussian_kl.py")  # sums of what is lowered
ROOT = Path(derivations.__file__).parent
REFERENCES = {
    name: getattr(derivations, name)
    for name in derivations.__all__
    if isinstance(getattr(derivations, name), Reference)
}
FORMS = {
    f"{name}, {key}": form
    for name, reference in REFERENCES.items()
    for key, form in reference.forms.items()
}
i, k = (
    Symbol("i", integer=True, positive=True),
    Symbol("k", integer=True, positive=True),
)
a = IndexedBase("a", real=True)


def test_the_four_of_the_document_are_importable() -> None:
    assert {
        "gaussian_kl",
        "saturating_generator_loss",
        "nonsaturating_generator_loss",
        "discriminator_loss",
    } <= set(REFERENCES)


@pytest.mark.parametrize("name", REFERENCES)
def test_every_chain_that_is_computed_from_is_in_the_ledger(name: str) -> None:
    judged = {d.name for c in (*EXERCISE_1, *EXERCISE_2, *BESIDE) for d in c.statements}
    missing = {d.name for d in REFERENCES[name].derivations} - judged
    assert not missing


@pytest.mark.parametrize("name", FORMS)
def test_a_changed_chain_changes_what_is_computed(name: str) -> None:
    """The value is emitted from the last line: doubled there, it is doubled here."""
    form = FORMS[name]

    @derivation
    def doubled():
        yield Add(*(2 * term for term in Add.make_args(form.chain.rhs)))

    meanings = {n: m if len(m) > 1 else m[0] for n, m in form._meanings.items()}
    other = lower(doubled, arguments=meanings, axis=form.axis)
    arrays = [np.full(3, 0.375) for _ in form.arguments]
    assert other(*arrays) == pytest.approx(2 * form(*arrays), rel=1e-12)


@pytest.mark.parametrize("name", FORMS)
def test_a_changed_derivative_changes_the_gradient(name: str) -> None:
    form = FORMS[name]
    argument = form.arguments[-1]
    slope = form._gradient[argument]

    @derivation
    def tripled():
        yield 3 * slope.rhs

    other = Lowered(
        form.chain,
        dict(form._meanings),
        form.axis,
        {**form._gradient, argument: tripled},
        form._hessian,
    )
    arrays = [np.full(3, 0.375) for _ in form.arguments]
    expected = 3 * form.gradient(*arrays)[-1]
    assert other.gradient(*arrays)[-1] == pytest.approx(expected, rel=1e-12)


def test_no_arithmetic_is_typed_beside_the_chains() -> None:
    """The classes of `references` choose and pass on; only a chain has a formula."""
    for path in sorted((ROOT / "references").glob("*.py")):
        linear = (ast.Add, ast.Sub, ast.MatMult) if path.name in LINEAR else ()
        allowed = (ast.BitOr, *linear)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.BinOp):
                assert isinstance(node.op, allowed), f"{path.name}:{node.lineno}"


def test_the_backends_know_no_result_by_name() -> None:
    words = ("gaussian", "kl_", "generator", "discriminator", "bernoulli", "elbo")
    for path in sorted((ROOT / "backends").glob("*.py")):
        text = path.read_text(encoding="utf-8").lower()
        assert not [w for w in words if w in text], path.name


@pytest.mark.parametrize("name", FORMS)
def test_the_source_is_what_runs(name: str) -> None:
    form = FORMS[name]
    scope: dict[str, object] = {}
    exec(form.source("numpy"), scope)
    arrays = [np.linspace(0.25, 3.0, 7) for _ in form.arguments]
    terms = form.terms(*arrays)
    for part, expected in zip(
        form.parts, terms if isinstance(terms, tuple) else (terms,), strict=True
    ):
        held = [arrays[n] for n in part.places]
        with np.errstate(all="ignore"):
            (value,) = scope[part.terms.name](scope["kit"], *held)
        np.testing.assert_array_equal(value, expected)


@pytest.mark.parametrize(
    "precision", [DOUBLE, SINGLE, HALF], ids=["double", "single", "half"]
)
def test_the_polynomials_are_fitted_and_not_typed(precision) -> None:
    low, high = precision.near_zero
    ends = [((v - 1) / (v + 1)) ** 2 for v in precision.near_one]
    cases = (
        (exponential_rest, low, high, precision.exponential),
        (logarithmic_rest, 0.0, max(ends), precision.logarithm),
    )
    for rest, start, end, coefficients in cases:
        with mpmath.workdps(50):
            smallest = min(abs(rest(mpmath.mpf(x))) for x in (start, end))
            for fewer in (0, 1):
                fit, error = mpmath.chebyfit(
                    rest, [start, end], len(coefficients) - fewer, error=True
                )
                enough = error <= smallest * mpmath.mpf(2) ** -precision.wanted
                assert enough is (fewer == 0)
                if not fewer:
                    assert tuple(float(c) for c in fit) == coefficients


def exponential_rest(t):
    if t == 0:
        return mpmath.mpf(1) / 3
    return (2 * (mpmath.exp(t) - 1 - t) - t**2) / t**3


def logarithmic_rest(z):
    if z == 0:
        return mpmath.mpf(2) / 3
    s = mpmath.sqrt(z)
    return 2 * (mpmath.atanh(s) - s) / s**3


def test_the_symbolic_side_is_the_derivation() -> None:
    from derivations.vae.gaussian_kl import gaussian_kl as statement

    assert gaussian_kl.rhs == statement.rhs
    assert gaussian_kl.symbols["mu"] == statement.symbols["mu"]
    assert gaussian_kl.at(k=3) == statement.at(k=3)
    assert gaussian_kl.latex() == statement.latex()
    assert "nats" in (gaussian_kl.__doc__ or "")


def test_anyones_chain_can_be_lowered() -> None:
    @derivation
    def energy():
        yield Sum(a[i] ** 2, (i, 1, k)) / 2 + Sum(exp(a[i]), (i, 1, k))
        yield Sum(a[i] ** 2 / 2 + exp(a[i]), (i, 1, k))

    function = lower(energy, arguments={"a": a}, axis=k)
    x = np.array([[0.0, 1.0], [2.0, -3.0]])
    np.testing.assert_allclose(function(x), (x**2 / 2 + np.exp(x)).sum(-1), rtol=1e-15)
    np.testing.assert_allclose(function.gradient(x)[0], x + np.exp(x), rtol=1e-15)
    assert function(a=x).shape == (2,)


def test_what_cannot_be_lowered_says_why() -> None:
    @derivation
    def strange():
        yield Sum(zeta(2 + a[i] ** 2), (i, 1, k))

    @derivation
    def free():
        yield Sum(a[i] * Symbol("weight", real=True), (i, 1, k))

    with pytest.raises(LoweringError, match="zeta has no function"):
        lower(strange, arguments={"a": a}, axis=k)(np.ones(2))
    with pytest.raises(LoweringError, match="depends on weight too"):
        lower(free, arguments={"a": a}, axis=k)(np.ones(2))
    with pytest.raises(LoweringError, match="no sum to the axis"):
        lower(free, arguments={"a": a})(np.ones(2))
    with pytest.raises(LoweringError, match="has no argument b; it has a"):
        lower(free, arguments={"a": a}, gradient={"b": strange})


b = IndexedBase("b", positive=True)


def lowered(term, **arguments):
    @derivation
    def chain():
        yield Sum(term, (i, 1, k))

    return lower(chain, arguments=arguments or {"a": a, "b": b}, axis=k)


def test_two_atoms_of_one_argument_are_two() -> None:
    x, y = np.array([0.1257]), np.array([1.923])
    value = lowered((-exp(a[i]) + phi(2 * a[i])) / b[i])(x, y)
    truth = (-np.exp(x) + np.exp(2 * x) - 1 - 2 * x) / y
    assert value == pytest.approx(truth[0], rel=1e-14)


@pytest.mark.parametrize("name", ["ratio", "growth", "quotient", "finite", "s"])
def test_an_argument_may_be_called_as_a_local_variable(name: str) -> None:
    function = lowered(a[i] ** 2 / b[i] ** 2 + exp(b[i]), a=a, **{name: b})
    x, y = np.array([1.0, 2.0]), np.array([0.5, 3.0])
    np.testing.assert_allclose(function(x, y), (x**2 / y**2 + np.exp(y)).sum())
    np.testing.assert_allclose(function.gradient(x, y)[0], 2 * x / y**2)
    np.testing.assert_allclose(function.gradient(x, y)[1], -2 * x**2 / y**3 + np.exp(y))


OTHER_COORDINATES = {
    "turned round": Sum(a[i] * a[k + 1 - i], (i, 1, k)),
    "the first": Sum(a[i] * a[1], (i, 1, k)),
    "the next": Sum(a[i] * a[i + 1], (i, 1, k)),
    "a delta": Sum(a[i] * KroneckerDelta(i, 1), (i, 1, k)),
    "outside": a[1] + Sum(a[i] ** 2, (i, 1, k)),
}


@pytest.mark.parametrize("name", OTHER_COORDINATES)
def test_other_coordinates_are_not_taken_for_the_one_that_is_summed(name) -> None:
    @derivation
    def chain():
        yield OTHER_COORDINATES[name]

    with pytest.raises(LoweringError, match="other coordinates"):
        lower(chain, arguments={"a": a}, axis=k)(np.array([1.0, 2.0, 5.0]))


def test_a_constant_or_a_weight_goes_inside() -> None:
    beta = Symbol("beta", positive=True)

    @derivation
    def shifted():
        yield Sum(a[i] ** 2, (i, 1, k)) + 1

    @derivation
    def weighted():
        yield beta * Sum(a[i] ** 2, (i, 1, k))

    with pytest.raises(LoweringError, match="1 stands outside of every sum"):
        lower(shifted, arguments={"a": a}, axis=k)(np.ones(2))
    function = lower(weighted, arguments={"a": a, "beta": beta}, axis=k)
    assert function(np.array([1.0, 2.0]), 0.5) == 2.5


@pytest.mark.parametrize("name", ["a b", "class", "kit", ""])
def test_what_no_argument_can_be_called_is_said_at_once(name: str) -> None:
    with pytest.raises(LoweringError, match="can not be called"):
        lowered(a[i] ** 2, **{name: a})
    with pytest.raises(LoweringError, match="a means 'a', need an IndexedBase"):
        lowered(a[i] ** 2, a="a")
    with pytest.raises(TypeError, match="needs a derivation, got Sum"):
        lower(Sum(a[i], (i, 1, k)), arguments={"a": a}, axis=k)


@pytest.mark.parametrize("name", REFERENCES)
def test_pickle_finds_the_object_again(name: str) -> None:
    assert pickle.loads(pickle.dumps(REFERENCES[name])) is REFERENCES[name]


def test_no_framework_is_imported_before_its_array_is_seen() -> None:
    code = (
        "import sys\n"
        "from derivations import gaussian_kl\n"
        "import numpy\n"
        "print(gaussian_kl(numpy.zeros(3), sigma=1.0))\n"
        "print([m for m in ('torch', 'jax') if m in sys.modules])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout.split("\n")[:2] == ["0.0", "[]"]
