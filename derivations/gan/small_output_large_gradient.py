"""The discriminator's output may be tiny, and the generator's gradient stay near -1.

Two examples in which E|dh| grows as D falls. In the first h(x) = x and G = log theta,
so that D = theta/(1 + theta) -> 0 as theta -> 0. In the second D is small at every
theta at once: h_n(theta) = -n + sin(2 e^n theta)/2 never leaves [-n - 1/2, -n + 1/2].

Main results
  log_generator_output    D -> 0 as theta -> 0
  log_generator_gradient  dL_G/dtheta = -1/(1 + theta), which tends to -1
  oscillating_output      D <= e^(1/2 - n) for every theta
  oscillating_gradient    dL_G/dtheta = -1/(1 + e^-n) at theta = 0, which tends to -1

Limits: they refute "D about 0, so the gradient about 0", not the bound eps E|dh|, which
both of them meet. Reference: the chains themselves.
"""

from __future__ import annotations

from sympy import Derivative, Limit, Rational, S, Symbol, cos, exp, log, oo, sin

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import sigmoid
from derivations.laws import Normal
from derivations.line import at_most

noise = Normal(Symbol("z", real=True))
positive = Symbol("theta", positive=True)
theta = Symbol("theta", real=True)
n = Symbol("n", real=True)
wave = sin(2 * exp(n) * theta)
oscillating = -n + wave / 2


@derivation
def log_generator_output():
    """With h(x) = x and G = log theta the output D goes to 0 as theta -> 0."""
    yield Limit(sigmoid(log(positive)), positive, 0)
    yield Limit(positive / (1 + positive), positive, 0), rules.definition
    yield S.Zero, rules.limit


@derivation
def log_generator_gradient():
    """With h(x) = x and G = log theta, dL_G/dtheta = -1/(1 + theta)."""
    yield Derivative(E(log(1 - sigmoid(log(positive))), noise), positive)
    yield (
        Derivative(-log(1 + positive), positive),
        rules.linearity,
        rules.definition,
        rules.logarithms,
    )
    yield -1 / (1 + positive), rules.differentiate


@derivation
def log_generator_limit():
    """That gradient goes to -1 as theta -> 0, while D goes to 0."""
    yield Limit(-1 / (1 + positive), positive, 0)
    yield S.NegativeOne, rules.limit


@derivation
def oscillating_output():
    """s(-n + sin(2 e^n theta)/2) <= e^(1/2 - n) for every theta."""
    yield sigmoid(oscillating)
    yield at_most(exp(oscillating)), rules.definition
    yield at_most(exp(Rational(1, 2) - n)), rules.monotone(wave <= 1)


@derivation
def oscillating_gradient():
    """For h = -n + sin(2 e^n theta)/2 the gradient at theta = 0 is -1/(1 + e^-n)."""
    yield Derivative(E(log(1 - sigmoid(oscillating)), noise), theta)
    yield Derivative(log(1 - sigmoid(oscillating)), theta), rules.linearity
    yield -sigmoid(oscillating) * exp(n) * cos(2 * exp(n) * theta), rules.differentiate
    yield -sigmoid(-n) * exp(n), rules.substitute({theta: 0})
    yield -1 / (1 + exp(-n)), rules.definition


@derivation
def oscillating_limit():
    """That gradient goes to -1 as n -> oo, while D goes to 0 uniformly in theta."""
    yield Limit(-1 / (1 + exp(-n)), n, oo)
    yield S.NegativeOne, rules.limit
