"""No step that is false is proved, whichever names, signs and ranges it plays with.

The balls are left out here: `proves` is alone. Each row of FALSE is a chain that was
proved once, or that a near miss of a rule would prove; it has to be refused, as a line
without form, as a rule that may not be cited so, or as a step that does not follow. A
row of OWED is true under a hypothesis that has to be printed. Random expressions are
compared with what arithmetic and the rules of algebra make of them, at random points.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random

import mpmath
import pytest
from sympy import (
    Abs,
    Derivative,
    Eq,
    Expr,
    Function,
    I,
    IndexedBase,
    Integral,
    KroneckerDelta,
    Le,
    Limit,
    Piecewise,
    Rational,
    S,
    Sum,
    Symbol,
    conjugate,
    exp,
    lambdify,
    log,
    oo,
    pi,
    re,
    sign,
    sqrt,
    symbols,
)

from derivations import E, Law, Normal, Uniform, at_most, rules, sigmoid, softplus
from derivations.chain import Derivation, derivation
from derivations.normal_form import Undefined, normal
from verify.proof import proves

x, y, a, b, t, u = symbols("x y a b t u", real=True)
v, w = symbols("v w", positive=True)
negative, weak = Symbol("negative", negative=True), Symbol("weak", nonnegative=True)
whole = Symbol("whole", integer=True)
k = Symbol("k", integer=True, positive=True)
i, j = symbols("i j", integer=True, positive=True)
even = Symbol("even", even=True)
counted = Symbol("counted", integer=True, nonnegative=True)
complex_ = Symbol("c")
f, g, h = (Function(name, real=True) for name in "fgh")
positive = Function("F", positive=True)
mu, theta = IndexedBase("mu", real=True), IndexedBase("theta", real=True)
vector_x, vector_y = IndexedBase("x", real=True), IndexedBase("y", real=True)
sigma = IndexedBase("sigma", positive=True)
z = IndexedBase("z", real=True)
q = Normal(z, mu, sigma)
each = (i, 1, k)
data = Law("p", x)
shadowed = Piecewise((1, u < Rational(1, 3)), (0, True))
WITHOUT_LIMIT = Symbol("N", extended_positive=True)
A, B = symbols("A B", commutative=False)


def chain(*lines: object) -> Derivation:
    @derivation
    def steps():
        yield from lines

    return steps


def cited(lemma: Derivation, values: dict | None = None) -> object:
    return rules.lemma(lemma, values)


def only_for_the_positive() -> Derivation:
    given = rules.substitute({x: w})
    return chain(Abs(x), (w, given), (x, given))


total_of = chain(Sum(x, each), k * x)
mean_of = chain(E(x + y, Normal(x, 0, 1)), (y, rules.linearity, rules.moments))
slope_of = chain(
    Derivative(f(x) * y, x), (y * Derivative(f(x), x), rules.differentiate)
)
picked = chain(Sum(KroneckerDelta(2, j) * f(j), (j, 1, k + 1)), (f(2), rules.sifting))
lipschitz = chain(Abs(softplus(x) - softplus(y)), at_most(Abs(x - y)))

# name -> the lines; made late, since a rule may refuse to be cited
FALSE: dict[str, Callable[[], tuple]] = {
    "a user's name is one of the machine's, index": lambda: (
        Sum(Symbol("_i0", integer=True, positive=True) * mu[i], each),
        Sum(i * mu[i], each),
    ),
    "a user's name is one of the machine's, drawn": lambda: (
        E(Symbol("_z0", real=True) * x, data),
        E(x**2, data),
    ),
    "an index over negative numbers is called positive": lambda: (
        Sum(Abs(whole), (whole, -k, k)),
        Sum(whole, (whole, -k, k)),
    ),
    "an index is declared nonnegative": lambda: (
        -Sum(counted, (counted, -k, 0)),
        (at_most(S.Zero), rules.sign),
    ),
    "an index is declared even": lambda: (Sum((-1) ** even, (even, 1, k)), k),
    "a variable of integration is declared positive": lambda: (
        Integral(log(v**2), (v, -1, 1)),
        (Integral(2 * log(v), (v, -1, 1)), rules.logarithms),
    ),
    "the variable of a limit is declared positive": lambda: (
        Limit(log(v**2) - 2 * log(v), v, -oo),
        (S.Zero, rules.logarithms, rules.limit),
    ),
    "a complex draw is called real": lambda: (
        E(re(complex_), Law("p", complex_)),
        E(complex_, Law("p", complex_)),
    ),
    "a law of real numbers becomes one of positive numbers": lambda: (
        E(f(y), Law("p", y)),
        E(f(v), Law("p", v)),
    ),
    "a complex path is called real": lambda: (
        Integral(conjugate(complex_), (complex_, 0, I)),
        Integral(complex_, (complex_, 0, I)),
    ),
    "a sum that may be infinite is taken apart": lambda: (
        Sum(1 / i - 1 / (i + 1), (i, 1, WITHOUT_LIMIT)),
        Sum(1 / i, (i, 1, WITHOUT_LIMIT)) - Sum(1 / (i + 1), (i, 1, WITHOUT_LIMIT)),
    ),
    "a square of a linear form without its covariance": lambda: (
        E(Sum(z[i], each) ** 2, q),
        (Sum(mu[i] ** 2 + sigma[i] ** 2, each), rules.moments),
    ),
    "two linear forms over two ranges": lambda: (
        E(Sum(z[i], each) * Sum(z[i], (i, 2, k)), q),
        (
            Sum(mu[i], each) * Sum(mu[i], (i, 2, k)) + Sum(sigma[i] ** 2, each),
            rules.moments,
        ),
    ),
    "a linear form beside one that is not": lambda: (
        E(Sum(z[i], each) * Sum(z[i] ** 2, each), q),
        (
            Sum(mu[i], each) * Sum(mu[i] ** 2 + sigma[i] ** 2, each),
            rules.moments,
        ),
    ),
    "a linear form that counts down": lambda: (
        E(Sum(z[i], (i, 1, whole)) ** 2, q),
        (
            Sum(mu[i], (i, 1, whole)) ** 2 + Sum(sigma[i] ** 2, (i, 1, whole)),
            rules.moments,
        ),
    ),
    "an infinite sum is taken apart by sifting": lambda: (
        Sum(KroneckerDelta(i, 3) * f(i) + 1 / i - 1 / (i + 1), (i, 1, oo)),
        (
            Sum(KroneckerDelta(i, 3) * f(i), (i, 1, oo))
            + Sum(1 / i, (i, 1, oo))
            + Sum(-1 / (i + 1), (i, 1, oo)),
            rules.sifting,
        ),
    ),
    "an expectation is split by at_most": lambda: (
        E(f(x) + g(x), data),
        at_most(E(f(x), data) + E(g(x), data)),
    ),
    "factors that do not commute": lambda: (A * B, B * A),
    "a letter is a number and a vector": lambda: (
        E(x * vector_x[1], data) + E(y * vector_y[1], Law("p", y)),
        2 * E(y * vector_y[1], Law("p", y)),
    ),
    "a name is bound and free": lambda: (
        i + Sum(j, (j, 1, k)),
        i + Sum(i, each),
    ),
    "a relation loses a factor with a pole": lambda: (
        Eq(y * x**2, 0),
        Eq(y * (x**2 + 1), 0),
    ),
    "a relation is at most another": lambda: (Le(x, y), at_most(Le(x, y + 1))),
    "the mean value with a name in use": lambda: (
        u * b,
        (u * a + (b - a) * E(u, Uniform(u)), rules.mean_value(u * x, x, a, b, u)),
    ),
    "the mean value across a pole": lambda: (
        log(b) - log(a),
        (
            (b - a) * E(1 / (a + u * (b - a)), Uniform(u)),
            rules.mean_value(log(v), v, a, b, u),
        ),
    ),
    "pieces of another variable of the same name": lambda: (
        E(E(shadowed, Law("p", u)), Uniform(u)),
        (
            Integral(E(1, Law("p", u)), (u, 0, Rational(1, 3)))
            + Integral(E(0, Law("p", u)), (u, Rational(1, 3), 1)),
            rules.pieces,
        ),
    ),
    "two relations for the coordinates of one vector": lambda: (
        Sum(sigma[i], each),
        (k, rules.substitute({sigma[i]: S.One})),
        (Sum(sigma[i], each), rules.substitute({sigma[i]: S.One})),
        (2 * k, rules.substitute({sigma[j]: S(2)})),
    ),
    "functions defined by each other": lambda: (
        f(x),
        (g(x), rules.definition(Eq(f(x), g(x)))),
        (f(x) + 1, rules.definition(Eq(g(x), f(x) + 1))),
    ),
    "a positive function is defined to be any number": lambda: (
        log(positive(x) ** 2),
        (2 * log(positive(x)), rules.logarithms),
        (2 * log(x), rules.definition(Eq(positive(x), x))),
    ),
    "a definition moves its argument": lambda: (
        f(a, a),
        (Derivative(h(a, a), a), rules.definition(Eq(f(x, y), Derivative(h(x, y), x)))),
    ),
    "a lemma's sum takes a value in": lambda: (
        i + Sum(j, (j, 1, k)),
        (i + k * i, cited(total_of, {x: i})),
    ),
    "a lemma's expectation takes a value in": lambda: (
        a + E(2 * x, Normal(x, 0, 1)),
        (a + x, cited(mean_of, {y: x})),
    ),
    "a lemma's derivative moves a value": lambda: (
        Derivative(f(x) * x, x),
        (x * Derivative(f(x), x), cited(slope_of, {y: x})),
    ),
    "a lemma's derivative is renamed to a name in use": lambda: (
        Derivative(f(y) * y, y),
        (y * Derivative(f(y), y), cited(slope_of, {x: y})),
    ),
    "a lemma with a number for one value of a function": lambda: (
        Sum(KroneckerDelta(2, j) * f(j), (j, 1, k + 1)),
        (S(3), cited(picked, {f(2): S(3)})),
    ),
    "a lemma's hypothesis under an expectation": lambda: (
        E(Abs(x), Normal(x, 0, 1)),
        (E(x, Normal(x, 0, 1)), cited(only_for_the_positive())),
    ),
    "noise that the law depends on": lambda: (
        y + E(x, Normal(x, y, 1)),
        (y + E(2 * y, Normal(y, 0, 1)), rules.reparametrise(y)),
    ),
    "noise beside a function of the whole vector": lambda: (
        E(f(z), q),
        (E(f(z), Normal(z, 0, 1)), rules.reparametrise(z)),
    ),
    "a density with a complex mean": lambda: (
        Integral(Abs(x) * exp(-(x**2) / 2 + I * a * x), (x, -oo, oo)),
        (
            sqrt(2 * pi) * exp(-(a**2) / 2) * E(Abs(y + I * a), Normal(y, 0, 1)),
            rules.density,
            rules.reparametrise(y),
        ),
    ),
    "a slope in an integer": lambda: (
        Derivative(x * (-1) ** (2 * k), k),
        (S.Zero, rules.differentiate),
    ),
    "a slope in a coordinate that is not there": lambda: (
        Derivative(Sum(theta[i], each), theta[k + 1]),
        (S.One, rules.differentiate),
    ),
    "a slope in a coordinate of a longer sum": lambda: (
        Sum(Derivative(Sum(theta[i], each), theta[j]), (j, 1, 2 * k)),
        (2 * k, rules.differentiate),
    ),
}


def proved(lines: Callable[[], tuple]) -> bool:
    """Whether all steps are; a chain or a rule that is refused is not."""
    try:
        steps = chain(*lines()).steps
    except (TypeError, ValueError):
        return False
    return all(proves(above.expression, step) for above, step in pairwise(steps))


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_not_proved(name: str) -> None:
    assert not proved(FALSE[name])


def test_a_sum_up_to_the_index_of_another_has_form() -> None:
    nested = Sum(Sum(x, (j, 1, i)), each)
    assert proved(lambda: (nested, x * Sum(i, each)))
    assert not proved(lambda: (nested, k * x * Sum(1, each)))


def test_a_limit_that_differs_from_side_to_side_is_left() -> None:
    kept = Limit(sigmoid(1 / x), x, 0, "+-")
    assert rules.limit.rewrite(kept) == kept


def test_every_rule_is_listed_and_says_what_it_needs_and_owes() -> None:
    listed = [getattr(rules, name) for name in rules.__all__]
    kinds = {made if isinstance(made, type) else type(made) for made in listed}
    family = {rules.Rule}
    while family < (grown := family.union(*(kind.__subclasses__() for kind in family))):
        family = grown
    own = {kind for kind in family if kind.__module__.startswith("derivations.rules")}
    concrete = {kind for kind in own if not kind.__subclasses__()}
    assert concrete <= kinds
    for kind in concrete:
        words = kind.__doc__ or ""
        missing = [word for word in ("Needs:", "Owes:") if word not in words]
        assert not missing, f"{kind.__name__}: {words}"


inner, outer = Law("r", y), data
OWED: dict[str, tuple[tuple, set[str]]] = {
    "the chain rule through two arguments": (
        (Derivative(f(x, x**2), x), (rules.differentiate,)),
        {"f is totally differentiable at [x, x**2]"},
    ),
    "two derivatives are interchanged": (
        (Derivative(E(f(x, a), data), a, a), (rules.interchange,)),
        {"I for f(x, a) near a", "I for Derivative(f(x, a), a) at a"},
    ),
    "one inside the other": (
        (
            Derivative(E(E(f(x, y, a), inner), outer), a),
            (E(E(Derivative(f(x, y, a), a), inner), outer), rules.interchange),
        ),
        {"I for E(f(x, y, a), Law('r', y)) at a", "I for f(x, y, a) at a"},
    ),
    "a loss with something added": (
        (
            Derivative(E(softplus(f(x, a)) + g(x, a), data), a),
            (rules.interchange(lipschitz),),
        ),
        {"I for g(x, a) + softplus(f(x, a)) at a"},
    ),
    "a negative number": ((Abs(negative * x), (rules.algebra,)), {"negative < 0"}),
    "a nonnegative number": ((Abs(weak * x), (rules.algebra,)), {"weak >= 0"}),
    "a positive function": (
        (log(positive(x) ** 2), (rules.logarithms,)),
        {"F > 0"},
    ),
    "a law of positive numbers": (
        (E(2 * log(v**2), Law("r", v)), (rules.logarithms,)),
        {"v > 0"},
    ),
    "a real function whose meaning need not be": (
        (f(x), (rules.definition(Eq(f(x), log(g(x)))),)),
        {"f(x) := log(g(x)), a real number"},
    ),
}


@pytest.mark.parametrize("name", OWED)
def test_what_a_step_rests_on_is_printed(name: str) -> None:
    (above, cited_here), words = OWED[name]
    made = chain(above, cited_here)
    (step,) = made.steps[1:]
    assert proves(above, step)
    assert words <= {str(hypothesis) for hypothesis in made.hypotheses}


def test_what_a_bound_splits_is_printed() -> None:
    bound = rules.monotone(f(x) <= g(x) + h(x))
    split = at_most(E(g(x), data) + E(h(x), data))
    owed = {
        str(o) for o in chain(E(f(x), data), (split, bound, rules.linearity)).hypotheses
    }
    assert {"E|g(x)| < oo under Law('p', x)", "E|h(x)| < oo under Law('p', x)"} <= owed


def test_a_lemma_leaves_the_signs_of_what_it_met_on_the_way() -> None:
    way = only_for_the_positive()
    assert "w > 0" in {str(o) for o in chain(Abs(x), (x, cited(way))).hypotheses}


NAMES = (x, y, v, w, negative, weak, whole, k, even, complex_)
SEEDS = range(6)
EXPRESSIONS = 50


def random_number(name: Symbol, rng: Random) -> mpmath.mpf:
    """A value that the name may have; zero and plus or minus one more often."""
    number = rng.choice([0, 1, -1, 2, -2, rng.uniform(-3, 3), rng.uniform(-3, 3)])
    if name.is_integer:
        number = rng.randint(-3, 3) * (2 if name.is_even else 1)
    if name.is_nonnegative:
        number = abs(number)
    if name.is_positive or name.is_negative:
        number = (abs(number) or 1) * (1 if name.is_positive else -1)
    if name.is_real is None:
        return mpmath.mpc(number, rng.uniform(-3, 3))
    return mpmath.mpf(number)


def random_expression(depth: int, rng: Random) -> Expr:
    """An expression over NAMES with at most `depth` levels."""
    if depth == 0 or rng.random() < 0.15:
        numbers = [S(rng.randint(-3, 3)), Rational(rng.randint(-3, 3), 2), sqrt(2), I]
        return rng.choice([*NAMES, *numbers])
    parts = [random_expression(depth - 1, rng) for _ in range(2)]
    exponents = [S(2), S(-1), Rational(1, 2), Rational(-1, 3), rng.choice(NAMES)]
    makers = [
        lambda: parts[0] + parts[1],
        lambda: parts[0] * parts[1],
        lambda: parts[0] ** rng.choice(exponents),
        lambda: rng.choice([exp, log, Abs, sqrt, sign])(parts[0]),
        lambda: rng.choice([sigmoid, softplus])(parts[0]),
    ]
    return rng.choices(makers, weights=(4, 4, 3, 3, 1))[0]()


def value(expression: Expr, point: dict[Symbol, mpmath.mpf]) -> mpmath.mpc | None:
    """What the expression is worth, to 30 digits; None where it is not defined."""
    plain = rules.definition.rewrite(expression)
    try:
        found = mpmath.mpmathify(
            lambdify(list(point), plain, "mpmath")(*point.values())
        )
    except (ZeroDivisionError, ValueError, OverflowError, TypeError):
        return None
    return found if mpmath.isfinite(found) and abs(found) < 1e12 else None


@pytest.mark.parametrize("seed", SEEDS)
def test_arithmetic_and_algebra_keep_the_value(seed: int) -> None:
    rng = Random(seed)
    changes = (normal, rules.algebra.rewrite, rules.logarithms.rewrite)
    compared = 0
    for _ in range(EXPRESSIONS):
        expression = random_expression(rng.randint(2, 3), rng)
        if expression.has(S.NaN, S.ComplexInfinity, oo, -oo):
            continue
        for change in changes:
            try:
                changed = change(expression)
            except Undefined:
                continue
            if changed == expression:
                continue
            with mpmath.workdps(30):
                for _ in range(4):
                    point = {name: random_number(name, rng) for name in NAMES}
                    one, other = value(expression, point), value(changed, point)
                    if one is None or other is None:
                        continue
                    compared += 1
                    # 30 digits, of which cancellation may take half
                    tolerance = mpmath.mpf(10) ** -15 * (1 + abs(one) + abs(other))
                    assert abs(one - other) <= tolerance, (expression, changed, point)
    assert compared >= EXPRESSIONS / 2
