"""Without hypothesis I even a tiny output leaves a gradient that does not vanish.

u is uniform on (0, 1), d > 0, and softplus(h) = d (2 + sgn(theta) e^(-(d u/theta)^2)),
with softplus(h) = 2 d at theta = 0. Then D <= 3 d at every theta, and dh = 0 at theta =
0 for every u > 0, so that E|dh| = 0 there. Yet the loss L_G = -E softplus(h) has the
derivative -sqrt(pi)/2 at 0, for every d > 0, from the right and from the left.

Main results
  quotient_on_the_right, slope_from_the_right   of L_G at 0: it goes to -sqrt(pi)/2
  quotient_on_the_left, slope_from_the_left     likewise
  pointwise_slope_is_zero    the quotient of softplus(h) goes to 0 for every u > 0
  tiny_output                D = 1 - e^(-softplus(h)) <= 3 d

Limits: what fails is the bound |h_a - h_0| <= M |a| of hypothesis I, with E M < oo.
Reference: Billingsley, "Probability and Measure", 1995, theorem 16.8.
"""

from __future__ import annotations

from sympy import Le, Limit, S, Symbol, erf, exp, pi, sqrt

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import sigmoid, softplus
from derivations.laws import Uniform
from derivations.line import at_most

u = Symbol("u", positive=True)
d = Symbol("d", positive=True)
size = Symbol("t", positive=True)
value = Symbol("v", real=True)
h = Symbol("h", real=True)

exponent = -((d * u / size) ** 2)
bump = exp(exponent)
softplus_right, softplus_at_0, softplus_left = d * (2 + bump), 2 * d, d * (2 - bump)
integral_of_bump = size * sqrt(pi) / 2 * erf(d * u / size)


@derivation
def quotient_on_the_right():
    """(L_G(t) - L_G(0))/t = -sqrt(pi)/2 erf(d/t) for t > 0."""
    yield (-E(softplus_right, Uniform(u)) + softplus_at_0) / size
    yield (
        -sqrt(pi) / 2 * erf(d / size),
        rules.antiderivative(2 * d * u + integral_of_bump),
    )


@derivation
def slope_from_the_right():
    """(L_G(t) - L_G(0))/t -> -sqrt(pi)/2 as t -> 0 from above."""
    yield Limit((-E(softplus_right, Uniform(u)) + softplus_at_0) / size, size, 0)
    yield Limit(-sqrt(pi) / 2 * erf(d / size), size, 0), quotient_on_the_right
    yield -sqrt(pi) / 2, rules.limit


@derivation
def quotient_on_the_left():
    """(L_G(-t) - L_G(0))/(-t) = -sqrt(pi)/2 erf(d/t) for t > 0."""
    yield (-E(softplus_left, Uniform(u)) + softplus_at_0) / -size
    yield (
        -sqrt(pi) / 2 * erf(d / size),
        rules.antiderivative(2 * d * u - integral_of_bump),
    )


@derivation
def slope_from_the_left():
    """(L_G(-t) - L_G(0))/(-t) -> -sqrt(pi)/2 as t -> 0 from above."""
    yield Limit((-E(softplus_left, Uniform(u)) + softplus_at_0) / -size, size, 0)
    yield Limit(-sqrt(pi) / 2 * erf(d / size), size, 0), quotient_on_the_left
    yield -sqrt(pi) / 2, rules.limit


@derivation
def pointwise_slope_is_zero():
    """(softplus(h_t) - softplus(h_0))/t -> 0 at each u > 0, so that dh = 0 there."""
    yield Limit((softplus_right - softplus_at_0) / size, size, 0)
    yield S.Zero, rules.limit


@derivation
def output_from_softplus():
    """D = s(h) = 1 - e^(-softplus(h))."""
    yield sigmoid(h)
    yield 1 - exp(-softplus(h)), rules.definition


@derivation
def tiny_output():
    """D = 1 - e^(-softplus(h)) <= softplus(h) <= 3 d, for theta = t > 0."""
    yield 1 - exp(-value)
    yield at_most(value), rules.tangent(value, 0)
    yield softplus_right, rules.substitute({value: softplus_right})
    yield at_most(3 * d), rules.monotone(Le(exponent, 0, evaluate=False))


@derivation
def tiny_output_on_the_left():
    """D <= softplus(h) <= 2 d, for theta = -t < 0."""
    yield 1 - exp(-value)
    yield at_most(value), rules.tangent(value, 0)
    yield softplus_left, rules.substitute({value: softplus_left})
    yield at_most(2 * d)  # the exponential is positive
