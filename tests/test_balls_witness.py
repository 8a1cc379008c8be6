"""Balls: the witness is one that a reader can check by hand; the work is bounded."""

from __future__ import annotations

import pytest
from sympy import (
    Abs,
    Derivative,
    Function,
    Ge,
    IndexedBase,
    Integer,
    Limit,
    Lt,
    Max,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    sqrt,
    symbols,
    tanh,
)

from derivations.expectation import E
from derivations.functions import sigmoid
from derivations.laws import Normal
from verify.balls import compare
from verify.balls.work import ENOUGH, MOST, Work

x, y, theta = symbols("x y theta", real=True)
p = Symbol("p", positive=True)
i, j, k, m = symbols("i j k m", integer=True, positive=True)
v, z = (IndexedBase(name, real=True) for name in ("v", "z"))
f, G = Function("f"), Function("G")
half = Rational(1, 2)

WITNESSES = {
    "the sign of a root": (sqrt(x**2), x, "x = -1"),
    "only where x is large": (Max(x, 1), Integer(1), "x = 2"),
    "only far from 0 and 1": (Abs(x) * Abs(x - 1) * Abs(x - 2), Integer(0), "x = 1/2"),
    "positive numbers": (log(p) * (p - 2), Integer(0), "p = 1/2"),
    "from two coordinates on": (
        Sum(v[i], (i, 1, k)),
        v[1],
        "k = 2, v = (0, 1)",
    ),
    "from three coordinates on": (
        Sum((i - 1) * (i - 2) * v[i], (i, 1, k)),
        Integer(0),
        "k = 3, v = (0, 0, 1)",
    ),
    "a function": (f(x) ** 2, f(x**2), "x = 2, f(x) = x + 1"),
    "nothing free": (Limit(exp(-x), x, 0), Integer(2), ""),
}


@pytest.mark.parametrize("name", WITNESSES)
@pytest.mark.parametrize("seed", range(3))
def test_the_witness_is_small(name, seed):
    left, right, shown = WITNESSES[name]
    found = compare(left, right, seed=seed)
    assert found.refuted
    if name == "a function":
        assert len(str(found.witness)) < 40
    else:
        assert str(found.witness) == shown


def test_the_witness_meets_the_premises():
    found = compare(x**2, 4 * x, "<=", premises=[Ge(x, 5)])
    assert found.refuted
    found = compare(exp(x), y, bindings={y: exp(x) + Max(0, x - 1)})
    assert str(found.witness) == "x = 2"
    found = compare(x, x + Max(0, x - 2) * p, premises=[Lt(x, 4), Ge(x, 3)])
    assert str(found.witness) == "x = 3, p = 1"


def test_the_witness_of_a_wrong_law_says_where_the_function_steps():
    average = E(f(z), Normal(z))
    shown = str(compare(average, 2 * average).witness)
    assert shown == "f(z) = -1 where z[1] < 1, f(z) = 1 where z[1] >= 1"


def test_the_same_seed_has_the_same_end():
    costly = E(tanh(7 * x) ** 2 * sigmoid(3 * x + theta), Normal(x))
    first, second = (compare(costly, costly * 1, seed=5) for _ in range(2))
    assert (first.tried, first.unevaluable) == (second.tried, second.unevaluable)


def test_work_ends_a_comparison():
    hopeless = E(tanh(10**6 * (x - half)), Normal(x))
    assert not compare(hopeless, hopeless + 1).refuted
    assert ENOUGH < MOST
    work = Work(3)
    for _ in range(3):
        work.step()
    with pytest.raises(Exception, match="more than 3 steps"):
        work.step()


def test_an_index_of_a_kind_of_its_own_is_not_judged():
    even = Symbol("k", integer=True, positive=True, even=True)
    found = compare(Sum((-1) ** i, (i, 1, even)), Integer(0))
    assert (found.refuted, found.tried) == (False, 0)


def test_an_index_is_shrunk_with_its_vector():
    wrong = Derivative(Sum(v[i] ** 3, (i, 1, k)), v[j])
    assert str(compare(wrong, v[j] ** 2).witness) == "k = 1, j = 1, v = (1)"
