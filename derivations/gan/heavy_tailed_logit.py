"""The heavy-tailed example of `interchange_fails` has a logit.

softplus takes every positive value, so h exists where softplus(h) = u^(-1/2) + theta^3
u^(-2) e^(-theta^2/u) is positive. The second term, over the first, has the size t^(3/2)
e^(-t) with t = theta^2/u, and that is at most (3/2)^(3/2) e^(-3/2), about 0.40992, with
equality at t = 3/2. So softplus(h) lies between 0.59008 and 1.40992 times u^(-1/2), for
either sign of theta.

Main results
  heavy_tailed_ratio   |theta|^3 u^(-3/2) e^(-theta^2/u) <= (3/2)^(3/2) e^(-3/2) <= 1/2
  softplus_inverse     softplus(log(e^y - 1)) = y for y > 0

Limits: theta is not 0; there the ratio is 0. Reference: Gelbaum and Olmsted,
"Counterexamples in Analysis", 1964, chapter 9, has the function.
"""

from __future__ import annotations

from sympy import Rational, Symbol, exp, log, sqrt

from derivations import rules
from derivations.chain import derivation
from derivations.functions import softplus
from derivations.line import at_most

size, u = Symbol("s", positive=True), Symbol("u", positive=True)
t, y = Symbol("t", positive=True), Symbol("y", positive=True)
x = Symbol("x", real=True)
half = Rational(3, 2)


@derivation
def exponential_above_tangent():
    """-e^x <= -3/2 - (3/2) (x - log(3/2)), with equality at e^x = 3/2."""
    yield -exp(x)
    yield at_most(-half - half * (x - log(half))), rules.tangent(x, log(half))


@derivation
def heavy_tailed_ratio():
    """|theta|^3 u^(-3/2) e^(-theta^2/u) <= (3/2)^(3/2) e^(-3/2) <= 1/2, s = |theta|."""
    yield size**3 * u**-half * exp(-(size**2) / u)
    yield t**half * exp(-t), rules.substitute({size: sqrt(t * u)})
    yield exp(half * x - exp(x)), rules.substitute({t: exp(x)})
    yield at_most(half**half * exp(-half)), rules.monotone(exponential_above_tangent)
    yield at_most(Rational(1, 2))


@derivation
def softplus_inverse():
    """softplus(log(e^y - 1)) = y for y > 0."""
    yield softplus(log(exp(y) - 1))
    yield y, rules.definition
