"""The simplest discriminator and generator: h(x) = x and G = theta.

There is one logit, theta, and dh = 1. The saturating gradient is -s(theta): small far
out, nowhere 0. The non-saturating one is -(1 - s(theta)): between -1 and 0, nowhere
large.

Main results
  identity_saturating_gradient     -s(theta); -1/2 at 0, -1/(1 + e) at -1
  identity_nonsaturating_gradient  -(1 - s(theta))

Limits: one parameter, no noise. Reference: the chains themselves.
"""

from __future__ import annotations

from sympy import Derivative, Rational, Symbol, exp, log

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import sigmoid
from derivations.laws import Normal

theta = Symbol("theta", real=True)
noise = Normal(Symbol("z", real=True))


@derivation
def identity_saturating_gradient():
    """With h = theta, dL_G/dtheta = -s(theta)."""
    yield Derivative(E(log(1 - sigmoid(theta)), noise), theta)
    yield Derivative(log(1 - sigmoid(theta)), theta), rules.linearity
    yield -sigmoid(theta), rules.differentiate


@derivation
def identity_gradient_at_0():
    """-s(theta) is -1/2 at theta = 0."""
    yield -sigmoid(theta)
    yield -Rational(1, 2), rules.substitute({theta: 0})


@derivation
def identity_gradient_at_minus_1():
    """-s(theta) is -1/(1 + e), about -0.268941, at theta = -1."""
    yield -sigmoid(theta)
    yield -1 / (1 + exp(1)), rules.substitute({theta: -1}), rules.definition


@derivation
def identity_nonsaturating_gradient():
    """With h = theta, dL_NS/dtheta = -(1 - s(theta))."""
    yield Derivative(-E(log(sigmoid(theta)), noise), theta)
    yield Derivative(-log(sigmoid(theta)), theta), rules.linearity
    yield -(1 - sigmoid(theta)), rules.differentiate
