"""The sigmoid is an increasing bijection of the real line onto (0, 1).

Increasing and continuous, it takes every value of (0, 1) at exactly one logit, which is
the logarithm of the odds. A number of (0, 1) is written r/(1 + r) here, r > 0 its odds,
so that its declared sign says where it lies.

Main results
  sigmoid_reflection   s(-x) = 1 - s(x), both positive
  sigmoid_keeps_order  s(x) <= s(y) iff x <= y
  sigmoid_of_log_odds  s(log r) = r/(1 + r): every number of (0, 1) is attained
  sigmoid_at_minus_infinity, sigmoid_at_infinity   the ends 0 and 1, which are not

Limits: in floating point s attains 1 from x = 37 (float64). Reference: Goodfellow,
Bengio and Courville, "Deep Learning", 2016, section 3.10.
"""

from __future__ import annotations

from sympy import Le, Limit, S, Symbol, exp, log, oo

from derivations import rules
from derivations.chain import derivation
from derivations.functions import sigmoid
from derivations.gan.setting import x

y = Symbol("y", real=True)
odds = Symbol("r", positive=True)


@derivation
def sigmoid_reflection():
    """s(-x) = 1 - s(x) for every real x; as both are positive, both are below 1."""
    yield sigmoid(-x)
    yield 1 / (1 + exp(x)), rules.definition
    yield 1 - sigmoid(x), rules.definition


@derivation
def sigmoid_keeps_order():
    """s(x) <= s(y) exactly where x <= y."""
    yield Le(sigmoid(x), sigmoid(y))
    yield Le(x, y), rules.increasing(sigmoid(x), x, y)


@derivation
def sigmoid_of_log_odds():
    """s(log r) = r/(1 + r) for odds r > 0."""
    yield sigmoid(log(odds))
    yield odds / (1 + odds), rules.definition


@derivation
def sigmoid_at_minus_infinity():
    """s(x) -> 0 as x -> -oo."""
    yield Limit(sigmoid(x), x, -oo)
    yield S.Zero, rules.limit


@derivation
def sigmoid_at_infinity():
    """s(x) -> 1 as x -> oo."""
    yield Limit(sigmoid(x), x, oo)
    yield S.One, rules.limit
