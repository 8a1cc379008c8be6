"""Balls, head by head: every row gives the right value and refutes the next one."""

from __future__ import annotations

import signal
import threading

import flint
import pytest
from flint import arb, fmpq
from sympy import (
    Abs,
    Derivative,
    Eq,
    Function,
    Ge,
    IndexedBase,
    Integer,
    Integral,
    Limit,
    Max,
    Min,
    Piecewise,
    Product,
    Rational,
    Subs,
    Sum,
    Symbol,
    cos,
    cosh,
    erf,
    exp,
    factorial,
    gamma,
    log,
    oo,
    pi,
    sign,
    sin,
    sinh,
    sqrt,
    symbols,
    tan,
    tanh,
    zeta,
)
from sympy import (
    E as euler,
)

from derivations.expectation import E
from derivations.functions import expm1, phi, psi, sigmoid, softplus
from derivations.laws import Law, Normal, Uniform
from verify.balls import NoEnclosure, Point, Undefined, compare, evaluate, holds
from verify.balls.growth import variable
from verify.balls.interval import Interval
from verify.balls.singular import near_zero
from verify.balls.walk import HEADS

x, y, a, b = symbols("x y a b", real=True)
u, p = symbols("u p", positive=True)
i, n = symbols("i n", integer=True, positive=True)
theta = Symbol("theta", real=True)
v = IndexedBase("v", real=True)
f = Function("f")
half = Rational(1, 2)
ENOUGH = Rational(1, 10**6)

EQUAL = {
    "Add, Mul, Pow": ((x + y) ** 3, x**3 + 3 * x**2 * y + 3 * x * y**2 + y**3),
    "negative power": (p**-3, 1 / (p * p**2)),
    "rational power": (p ** Rational(2, 3), exp(2 * log(p) / 3)),
    "real power": (p**y, exp(y * log(p))),
    "sqrt": (sqrt(x**2), Abs(x)),
    "exp(1)": (euler, exp(x) * exp(1 - x)),
    "sin, cos": (sin(x) ** 2 + cos(x) ** 2, Integer(1)),
    "pi": (sin(pi * x / 2) ** 2, (1 - cos(pi * x)) / 2),
    "tan": (tan(x) * cos(x), sin(x)),
    "sinh, cosh": (cosh(x) ** 2 - sinh(x) ** 2, Integer(1)),
    "tanh": (tanh(x), 2 * sigmoid(2 * x) - 1),
    "sigmoid": (sigmoid(x), 1 / (1 + exp(-x))),
    "softplus": (softplus(x), softplus(-x) + x),
    "expm1": (expm1(x), exp(x) - 1),
    "phi": (phi(x), exp(x) - 1 - x),
    "psi": (psi(p), p - 1 - log(p)),
    "derivative of phi": (Derivative(phi(x), x), expm1(x)),
    "derivative of psi": (Derivative(psi(p), p), (p - 1) / p),
    "second derivative of phi": (Derivative(phi(x), x, x), exp(x)),
    "erf": (erf(-x), -erf(x)),
    "gamma": (gamma(p + 1), p * gamma(p)),
    "factorial": (factorial(n), gamma(n + 1)),
    "Abs, sign": (Abs(x), x * sign(x)),
    "Max": (Max(x, y), (x + y + Abs(x - y)) / 2),
    "Min": (Min(x, y), -Max(-x, -y)),
    "Piecewise": (Piecewise((x, x > 0), (-x, True)), Abs(x)),
    "Sum": (Sum(v[i], (i, 1, n)) - Sum(v[i], (i, 2, n)), v[1]),
    "Product": (Product(exp(v[i]), (i, 1, n)), exp(Sum(v[i], (i, 1, n)))),
    "derivative": (Derivative(sin(x**2), x), 2 * x * cos(x**2)),
    "second derivative": (Derivative(exp(x**2), x, x), (2 + 4 * x**2) * exp(x**2)),
    "mixed derivative": (Derivative(f(x * y), x, y), Derivative(f(x * y), y, x)),
    "nested derivative": (
        Derivative(x * Derivative(x**3, x), x),
        9 * x**2,
    ),
    "derivative of tanh": (Derivative(tanh(x), x), 1 - tanh(x) ** 2),
    "derivative of softplus": (Derivative(softplus(x), x), sigmoid(x)),
    "derivative of a power": (Derivative(p**y, y), p**y * log(p)),
    "Subs": (Derivative(f(2 * x), x), 2 * Subs(Derivative(f(y), y), y, 2 * x)),
    "product rule": (
        Derivative(f(x) * sigmoid(x), x),
        f(x) * sigmoid(x) * (1 - sigmoid(x)) + sigmoid(x) * Derivative(f(x), x),
    ),
    "compact integral": (Integral(cos(y), (y, 0, x)), sin(x)),
    "derivative of an end": (Derivative(Integral(sin(y), (y, 0, x)), x), sin(x)),
    "derivative inside": (
        Derivative(Integral(exp(x * y), (y, 0, 1)), x),
        Integral(y * exp(x * y), (y, 0, 1)),
    ),
    "integral over the line": (Integral(exp(-(y**2) / 2), (y, -oo, oo)), sqrt(2 * pi)),
    "integral over a half-line": (Integral(y * exp(-(y**2)), (y, 0, oo)), half),
    "moment": (E((x - a) ** 4, Normal(x, a, p)), 3 * p**4),
    "sixth moment": (E(x**6, Normal(x)), Integer(15)),
    "derivative through nodes": (
        Derivative(E(x**3, Normal(x, a, p)), a),
        3 * a**2 + 3 * p**2,
    ),
    "exponential moment": (E(exp(x), Normal(x)), exp(half)),
    "tails": (E(tanh(x) ** 2, Normal(x)), 1 - E(1 / cosh(x) ** 2, Normal(x))),
    "softplus under E": (
        E(log(1 - sigmoid(x + b)), Normal(x)),
        -E(softplus(x + b), Normal(x)),
    ),
    "kink under E": (E(Abs(x), Normal(x)), sqrt(2 / pi)),
    "sum under E": (
        E(Sum(cos(v[i]), (i, 1, n)), Normal(v)),
        n * exp(-half),
    ),
    "derivative under tails": (
        E(Derivative(softplus(x + y), y), Normal(x)),
        E(sigmoid(x + y), Normal(x)),
    ),
    "uniform": (E(u**2, Uniform(u)), Rational(1, 3)),
    "uniform, root": (E(sqrt(u), Uniform(u)), Rational(2, 3)),
    "uniform, singular": (E(1 / sqrt(u), Uniform(u)), Integer(2)),
    "uniform, cube root": (E(u ** Rational(-1, 3), Uniform(u)), Rational(3, 2)),
    "uniform, logarithm": (E(log(u), Uniform(u)), Integer(-1)),
    "mean value": (
        softplus(a) - softplus(b),
        E(sigmoid(b + u * (a - b)) * (a - b), Uniform(u)),
    ),
    "discrete law": (E(f(x) + 1, Law("data", x)), 1 + E(f(x), Law("data", x))),
    "limit of sigmoid": (Limit(sigmoid(x), x, -oo), Integer(0)),
    "limit of softplus": (Limit(softplus(x), x, -oo), Integer(0)),
    "limit with a parameter": (Limit(a + exp(-x) * b, x, oo), a),
    "limit of sigmoid at infinity": (Limit(sigmoid(x), x, oo), Integer(1)),
    "limit at minus infinity": (Limit(1 / (x - 3) + exp(x), x, -oo), Integer(0)),
    "limit from the left": (Limit(exp(1 / x), x, 0, "-"), Integer(0)),
    "limit at a point": (Limit(sin(1) + x**2, x, 2), sin(1) + 4),
}

SPECIAL = ("Equivalent", "Relational")


@pytest.mark.parametrize("name", EQUAL)
def test_the_value_is_right_and_the_next_one_is_not(name):
    left, right = EQUAL[name]
    for seed in range(3):
        found = compare(left, right, seed=seed, points=4)
        assert not found.refuted, str(found.witness)
        assert found.tried, found.unevaluable
    assert compare(left, right + ENOUGH).refuted
    assert compare(left + ENOUGH, right, "<=").refuted
    assert not compare(left - ENOUGH, right, "<=").refuted


def test_every_head_occurs_in_this_table():
    """A row without a line above is a row that nobody has seen work."""
    seen = {
        type(node) for pair in EQUAL.values() for side in pair for node in _all(side)
    }
    rows = {kind.__name__ for kind in HEADS}
    named = {base.__name__ for kind in seen for base in kind.__mro__}
    assert rows - named <= {"Dummy", "KroneckerDelta", "atan", "Rational", "Integral"}


def _all(expression):
    yield expression
    for argument in expression.args:
        yield from _all(argument)


SILENT = {
    "no growth certificate": E(1 / x**2, Normal(x)),
    "too heavy a tail": E(exp(x**2), Normal(x)),
    "two coordinates at once": E(tanh(v[1] * v[2]), Normal(v)),
    "limit of a difference of infinities": Limit(exp(x) - x, x, oo),
    "an infinite sum": Sum(1 / i**2, (i, 1, oo)),
    "not integrable": E(1 / u, Uniform(u)),
    "an indefinite integral": Integral(x, x),
    "a head without a row": zeta(2 + x**2),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_cannot_be_enclosed_is_not_judged(name):
    found = compare(SILENT[name], Integer(12345))
    assert not found.refuted
    assert found.tried == 0


TRAP = u**-half + theta**3 * u**-2 * exp(-(theta**2) / u)
DERIVATIVE_OUTSIDE = Derivative(E(TRAP, Uniform(u)), theta)
DERIVATIVE_INSIDE = E(Derivative(TRAP, theta), Uniform(u))


def test_the_value_of_claim_1_13_is_enclosed():
    value = 2 + theta * exp(-(theta**2))
    assert not compare(E(TRAP, Uniform(u)), value, points=2).refuted
    at = Point(numbers={theta: fmpq(1)})
    ball = evaluate(E(TRAP, Uniform(u)), at)
    assert ball.overlaps(evaluate(value, at))
    assert ball.rad() < 0.001


def test_a_derivative_does_not_pass_a_singular_end_unseen():
    """At theta = 0 the derivative of E is 1, the E of the derivative is 0."""
    at = Point(numbers={theta: fmpq(0)})
    with pytest.raises(NoEnclosure):
        evaluate(DERIVATIVE_OUTSIDE, at)
    assert evaluate(DERIVATIVE_INSIDE, at) == 0
    slope = (1 - 2 * theta**2) * exp(-(theta**2))
    found = compare(DERIVATIVE_OUTSIDE, slope)
    assert (found.refuted, found.tried) == (False, 8)
    assert compare(DERIVATIVE_OUTSIDE, slope + ENOUGH).refuted
    found = compare(DERIVATIVE_INSIDE, DERIVATIVE_OUTSIDE)
    assert (found.refuted, found.tried) == (False, 8)


def test_a_derivative_through_tails_has_no_value():
    moved = Derivative(E(tanh(x + theta), Normal(x)), theta)
    assert compare(moved, Integer(5)).tried == 0


def test_a_derivative_where_a_piece_ends_has_no_value():
    """max(x, 0) has no derivative at 0, though one piece applies there."""
    ramp = Derivative(Piecewise((x, x >= 0), (0, True)), x)
    with pytest.raises(NoEnclosure):
        evaluate(ramp, Point(numbers={x: fmpq(0)}))
    assert evaluate(ramp, Point(numbers={x: fmpq(1)})) == 1


def test_only_the_coordinate_that_moves_has_a_derivative():
    j = Symbol("j", integer=True, positive=True)
    total = Derivative(Sum(i * v[i] ** 2, (i, 1, n)), v[j])
    assert not compare(total, 2 * j * v[j]).refuted
    assert compare(total, 2 * v[j]).refuted


def test_a_partial_derivative_is_not_the_total_one():
    g = IndexedBase(Function("G")(theta), shape=(n,))
    q = Function("h")(g, theta)
    m = Symbol("m", integer=True, positive=True)
    through = Sum(Derivative(q, g[m]) * Derivative(g[m], theta), (m, 1, n))
    assert compare(Derivative(q, theta), through).refuted


@pytest.mark.parametrize("wrong", [Integer(1), half, -ENOUGH])
def test_a_wrong_limit_is_refuted(wrong):
    assert compare(Limit(sigmoid(x), x, -oo), wrong).refuted


def test_holds_is_certain_or_none():
    at = Point(numbers={x: fmpq(1, 3), y: fmpq(1, 3)})
    assert holds(x < y + 1, at) is True
    assert holds(Ge(x, y + 1), at) is False
    assert holds(Eq(sin(x), sin(y)), at) is None
    assert holds((x < y) | (x < 1), at) is True


def test_evaluate_says_why_there_is_no_value():
    at = Point(numbers={x: fmpq(0)})
    with pytest.raises(Undefined) as raised:
        evaluate(1 / (x * pi), at)
    assert raised.value.denominator == "x"
    with pytest.raises(Undefined):
        evaluate(log(x), at)


def test_the_precision_of_others_is_left_alone():
    before = flint.ctx.prec
    compare(E(tanh(x), Normal(x)), Integer(1), bits=300)
    assert flint.ctx.prec == before


class _Late(Exception):
    pass


def _for_ever():
    while True:
        compare(E(tanh(3 * x) ** 2, Normal(x)), Integer(1))


def test_an_exception_from_outside_passes_through_an_integral():
    """A time limit is a signal: it may strike inside the integrand, and must arrive."""

    def late(*_):
        raise _Late

    before = signal.signal(signal.SIGALRM, late)
    done = threading.Event()
    threads = [threading.Thread(target=done.wait, daemon=True) for _ in range(4)]
    for thread in threads:  # the system may hand the signal to any of them
        thread.start()
    try:
        for delay in (0.003, 0.01, 0.02, 0.03, 0.05) * 4:
            signal.setitimer(signal.ITIMER_REAL, delay)
            with pytest.raises(_Late):
                _for_ever()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        done.set()


ONE, THREE = arb(1), arb(3)
BOUNDED = [
    lambda t: t * t + t * THREE - ONE,
    lambda t: (t * THREE + ONE).unary("exp"),
    lambda t: (t * t * arb(-0.5)).unary("exp") * (t + ONE),
    lambda t: (t * THREE).unary("softplus"),
    lambda t: (ONE - (t * THREE - ONE).unary("sigmoid")).unary("log"),
    lambda t: (ONE + t.unary("exp")).unary("inverse"),
    lambda t: (ONE + t.unary("exp")).unary("sqrt"),
    lambda t: (t.unary("sin") * t).unary("abs"),
]


class _Number:
    """A number with the operations of a certificate."""

    def __init__(self, value):
        self.value = arb(value)

    def unary(self, name):
        from verify.balls.elementary import unary

        return _Number(unary(name, self.value))

    def __add__(self, other):
        return _Number(self.value + getattr(other, "value", other))

    def __mul__(self, other):
        return _Number(self.value * getattr(other, "value", other))

    def __sub__(self, other):
        return _Number(self.value - getattr(other, "value", other))

    def __rsub__(self, other):
        return _Number(other - self.value)

    __radd__, __rmul__ = __add__, __mul__


@pytest.mark.parametrize(
    "function", BOUNDED, ids=[f"function {n}" for n in range(len(BOUNDED))]
)
def test_a_growth_certificate_bounds_the_function(function):
    certificate = function(variable())
    c, rate, decay = certificate.bound
    for step in range(-60, 61):
        t = arb(step) / 5
        value = function(_Number(t)).value
        bound = c * (rate * abs(t) - decay * t * t).exp()
        assert abs(value) <= bound * (1 + arb(2) ** -40)
        if certificate.log is not None:
            alpha, beta, square = certificate.log
            bound = alpha + beta * abs(t) + square * t * t
            assert abs(value.log()) <= bound + arb(2) ** -20


def test_a_singular_bound_bounds_the_function():
    cases = [
        lambda s: s.unary("sqrt").unary("inverse"),
        lambda s: s.unary("log") * s,
        lambda s: (s.unary("inverse") * arb(-2)).unary("exp"),
        lambda s: s.unary("inverse") * (s.unary("inverse") * arb(-1)).unary("exp"),
    ]
    for function in cases:
        bound = near_zero(function)
        for step in range(1, 40):
            at = arb(2) ** -step
            limit = bound.size * at**bound.rate
            assert abs(function(_Number(at)).value) <= limit * (1 + arb(2) ** -30)


def test_intervals_know_their_infinite_ends():
    far = Interval(arb(5), arb.pos_inf())
    assert (-far).unary("exp").hi <= arb(-5).exp().upper()
    assert far.unary("inverse").lo == 0
    assert (far * far).hi > 10**9
    with pytest.raises(NoEnclosure):
        (far - far).ball()
    with pytest.raises(NoEnclosure):
        Interval(arb(-1), arb(1)).unary("inverse")
