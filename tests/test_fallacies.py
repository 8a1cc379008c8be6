"""Chains that people get wrong: none may be proved, and what is false is refuted.

Each row is a step that looks right: the line above, the line below, the rules cited.
The last column says what the judges owe: REFUTED where a number shows it, otherwise
anything but PROVED.
"""

from __future__ import annotations

import pytest
from sympy import (
    Abs,
    Derivative,
    Eq,
    Function,
    IndexedBase,
    Integral,
    KroneckerDelta,
    Le,
    Limit,
    Max,
    Product,
    Rational,
    S,
    Sum,
    exp,
    log,
    oo,
    sin,
    sqrt,
    symbols,
)

from derivations import E, Law, Normal, Uniform, at_most, rules, sigmoid, softplus
from derivations.chain import Derivation, derivation
from verify.evidence import Verdict
from verify.judge import Judge

x, y, a, b, u = symbols("x y a b u", real=True)
v, w, s = symbols("v w s", positive=True)
k, n = symbols("k n", integer=True, positive=True)
i, j = symbols("i j", integer=True, positive=True)
z = IndexedBase("z", real=True)
mu = IndexedBase("mu", real=True)
sigma = IndexedBase("sigma", positive=True)
q = Normal(z, mu, sigma)
f, g = Function("f", real=True), Function("g", real=True)
each = (i, 1, k)
data = Law("p_data", x)

FALSE = Verdict.REFUTED
REFUTED = {
    "root of a square": (sqrt(x**2), x, ()),
    "root of a square, by algebra": (sqrt(x**2), x, (rules.algebra,)),
    "log of a sum": (log(v + w), log(v) + log(w), (rules.logarithms,)),
    "E of a square is a square of E": (
        E(x**2, Normal(x, a, s)),
        a**2,
        (rules.moments,),
    ),
    "a variance for a standard deviation": (
        E(x**2, Normal(x, a, s)),
        a**2 + s,
        (rules.moments,),
    ),
    "a fourth moment of the standard normal, off by 1e-9": (
        E(x**4, Normal(x, 0, 1)),
        3 + Rational(1, 10**9),
        (rules.moments,),
    ),
    "E of a product of dependent factors": (
        E(x * x, Normal(x, a, s)),
        E(x, Normal(x, a, s)) ** 2,
        (rules.linearity,),
    ),
    "E of a square of a sum": (
        E(Sum(z[i], each) ** 2, q),
        Sum(sigma[i] ** 2 + mu[i] ** 2, each),
        (rules.moments,),
    ),
    "a sum of ones is one": (Sum(1, each), S.One, ()),
    "a square of a sum": (
        Sum(mu[i], each) ** 2,
        Sum(mu[i] ** 2, each),
        (rules.algebra,),
    ),
    "a constant in a product": (
        Product(v * sigma[i], each),
        v * Product(sigma[i], each),
        (rules.algebra,),
    ),
    "one coordinate too few": (
        E(Sum(z[i] ** 2, each), q),
        Sum(sigma[i] ** 2 + mu[i] ** 2, (i, 1, k - 1)),
        (rules.moments,),
    ),
    "wrong from k = 3 on": (
        E(Sum(z[i], each), q),
        Sum(mu[i], each) + Max(k - 2, 0),
        (rules.moments,),
    ),
    "exp of a sum": (exp(x + y), exp(x) + exp(y), (rules.algebra,)),
    "E through the exponential": (E(exp(x), Normal(x, a, s)), exp(a), (rules.moments,)),
    "E through an unknown function": (
        E(f(x), Normal(x, a, s)),
        f(E(x, Normal(x, a, s))),
        (rules.linearity,),
    ),
    "the law is not the same": (
        E(f(x), data),
        E(f(x), Law("p_model", x)),
        (rules.linearity,),
    ),
    "the slope of a square": (Derivative(x**2, x), x, (rules.differentiate,)),
    "a slope without the inner one": (
        Derivative(f(x**2), x),
        Derivative(f(x), x),
        (rules.differentiate,),
    ),
    "the slope of the sigmoid, a factor lost": (
        Derivative(sigmoid(x), x),
        sigmoid(x),
        (rules.differentiate,),
    ),
    "the slope of another coordinate": (
        Derivative(Sum(sigma[i] ** 2, each), sigma[j]),
        Sum(2 * sigma[i], each),
        (rules.differentiate,),
    ),
    "a limit on the wrong side": (Limit(sigmoid(x), x, -oo), S.One, (rules.limit,)),
    "a logarithm in base 2": (
        E(log(v) + x, Normal(x, 0, 1)),
        log(v) / log(2),
        (rules.linearity, rules.moments),
    ),
    "the saturating loss for the other": (
        -log(sigmoid(x)),
        softplus(x),
        (rules.definition, rules.logarithms),
    ),
    "an interval turned round": (
        Integral(2 * x, (x, 0, v)),
        -(v**2),
        (rules.antiderivative(x**2),),
    ),
    "differentiating through a delta": (
        Sum(KroneckerDelta(i, j) * mu[i], (i, 1, k)),
        Sum(mu[i], each),
        (rules.sifting,),
    ),
}

NOT_PROVED = {
    "log of a square of either sign": (log(x**2), 2 * log(x), (rules.logarithms,)),
    "log of a product of negatives": (log(x * y), log(x) + log(y), (rules.logarithms,)),
    "an integral over a pole": (
        Integral(1 / (x - Rational(1, 2)) ** 2, (x, 0, 1)),
        S(-4),
        (rules.antiderivative(-1 / (x - Rational(1, 2))),),
    ),
    "the same from right to left": (
        Integral(1 / (x - Rational(1, 2)) ** 2, (x, 1, 0)),
        S(4),
        (rules.antiderivative(-1 / (x - Rational(1, 2))),),
    ),
    "a telescope that diverges": (
        Sum(1 / n - 1 / (n + 1), (n, 1, oo)),
        Sum(1 / n, (n, 1, oo)) - Sum(1 / (n + 1), (n, 1, oo)),
        (),
    ),
    "a division by zero": (1 / (Sum(mu[i], each) - Sum(mu[j], (j, 1, k))), S.One, ()),
    "an interchange that is not cited": (
        Derivative(E(f(x, a), Normal(x, 0, 1)), a),
        E(Derivative(f(x, a), a), Normal(x, 0, 1)),
        (rules.differentiate,),
    ),
    "a sum taken out of E without linearity": (
        E(f(x) + g(x), data),
        E(f(x), data) + E(g(x), data),
        (),
    ),
    "a constant taken out of E without linearity": (
        E(f(x) + a, data),
        E(f(x), data) + a,
        (),
    ),
    "a definition that is not cited": (softplus(x), log(1 + exp(x)), ()),
    "a logarithm that is not cited": (log(v**2), 2 * log(v), ()),
    "a moment that is not cited": (
        E(x**2, Normal(x, a, s)),
        a**2 + s**2,
        (rules.linearity,),
    ),
    "an increase that only looks linear near zero": (
        softplus(100 + v),
        100 + v,
        (rules.algebra,),
    ),
    "the right line for a wrong reason": (
        sin(x) ** 2,
        1 - sin(x + S.Pi / 2) ** 2,
        (rules.algebra,),
    ),
}


def chain(above: object, below: object, cited: tuple) -> Derivation:
    @derivation
    def step():
        yield above
        yield (below, *cited)

    return step


@pytest.mark.parametrize("name", REFUTED)
def test_a_false_step_is_refuted(name: str) -> None:
    judgement = Judge()(chain(*REFUTED[name]))
    assert judgement.verdict is Verdict.REFUTED, judgement.reason
    assert judgement.steps[0].refuted


@pytest.mark.parametrize("name", NOT_PROVED)
def test_a_step_without_its_reason_is_not_proved(name: str) -> None:
    judgement = Judge()(chain(*NOT_PROVED[name]))
    assert judgement.verdict in (Verdict.AGREES, Verdict.UNDECIDED, Verdict.REFUTED)


INEQUALITIES = {
    "a bound on a factor of unknown sign": (
        E(sigmoid(x) * f(x), data),
        at_most(E(f(x), data)),
        (rules.monotone(sigmoid(x) <= 1),),
    ),
    "the triangle turned round": (
        E(Abs(f(x)), data),
        at_most(Abs(E(f(x), data))),
        (rules.triangle,),
    ),
    "minus an absolute value": (
        -Abs(E(f(x), data)),
        at_most(-E(Abs(f(x)), data)),
        (rules.triangle,),
    ),
    "a tangent above a convex function": (
        exp(x),
        at_most(1 + x),
        (rules.tangent(x, 0),),
    ),
    "a tangent across a pole": (
        -1 / x**2,
        at_most(-1 + 2 * (x - 1)),
        (rules.tangent(x, 1),),
    ),
    "a term of unknown sign dropped": (x**2 - x, at_most(x**2), (rules.sign,)),
    "a smaller bound": (
        E(sigmoid(x) * Abs(f(x)), data),
        at_most(E(Abs(f(x)), data) / 2),
        (rules.monotone(sigmoid(x) <= 1),),
    ),
}


@pytest.mark.parametrize("name", INEQUALITIES)
def test_a_false_bound_is_not_proved(name: str) -> None:
    assert Judge()(chain(*INEQUALITIES[name])).verdict is Verdict.REFUTED


def test_two_definitions_of_one_function_are_no_chain() -> None:
    @derivation
    def both():
        yield f(x)
        yield S.One, rules.definition(Eq(f(x), 1))
        yield f(x), rules.definition(Eq(f(x), 1))
        yield S(2), rules.definition(Eq(f(x), 2))

    with pytest.raises(ValueError, match="defined twice"):
        _ = both.steps


def test_substitutions_that_contradict_are_no_chain() -> None:
    @derivation
    def both():
        yield x
        yield a + 1, rules.substitute({x: a + 1})
        yield x + 2, rules.substitute({a: x + 1})

    with pytest.raises(ValueError, match="in a circle"):
        _ = both.steps


def test_a_substitution_is_printed_as_a_hypothesis() -> None:
    assert [
        str(h) for h in chain(x, S.One, (rules.substitute({x: S.One}),)).hypotheses
    ] == ["x = 1"]


def test_a_lemma_is_not_stretched_beyond_its_signs() -> None:
    lemma = chain(log(v**2), 2 * log(v), (rules.logarithms,))
    with pytest.raises(ValueError, match="need not be"):
        rules.lemma(lemma, {v: x})


@pytest.mark.parametrize("declared", ["positive", "integer", "nonnegative"])
def test_a_drawn_variable_is_not_declared_to_be_more_than_the_law_draws(
    declared: str,
) -> None:
    narrow = symbols("t", **{declared: True})
    with pytest.raises(TypeError, match="is declared"):
        Normal(narrow, 0, 1)


def test_contradictory_premises_prove_nothing() -> None:
    judgement = Judge()(chain(x, at_most(S(-1)), (rules.monotone(Le(x, -1)),)))
    assert judgement.verdict is Verdict.PROVED
    assert [str(h) for h in judgement.derivation.hypotheses] == ["x <= -1"]

    @derivation
    def nothing():
        yield S.One
        yield at_most(x), rules.monotone(Le(1, x))
        yield at_most(S(-1)), rules.monotone(Le(x, -1))

    assert Judge()(nothing).verdict is not Verdict.PROVED


def test_a_uniform_integral_by_its_antiderivative() -> None:
    right = chain(
        E(u**2, Uniform(u)), Rational(1, 3), (rules.antiderivative(u**3 / 3),)
    )
    assert Judge()(right).verdict is Verdict.PROVED
