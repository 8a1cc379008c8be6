"""The chain rule through the outputs of G needs more than partial derivatives of h.

h(x, y) = x^2 y/(x^2 + y^2), with h(0, 0) = 0, and G(theta) = (theta, theta). At the
origin both partial derivatives of h are 0, so the chain rule would give 0 for
dh/dtheta; h(G) is theta/2, with the derivative 1/2. h is not totally differentiable
there.

Main results
  partial_in_x, partial_in_y   the quotients along the axes, 0 for every step
  along_the_diagonal           the quotient along G, 1/2 for every step

Limits: away from the origin h is smooth, and the chain rule holds.
Reference: Rudin, "Principles of Mathematical Analysis", 1976, exercise 9.14, with x^3
in place of x^2 y.
"""

from __future__ import annotations

from sympy import Rational, S, Symbol

from derivations import rules
from derivations.chain import derivation

x, y, theta = (Symbol(name, real=True, nonzero=True) for name in ("x", "y", "theta"))
other = Symbol("w", real=True)


def h(at_x, at_y):
    """The logit, away from the origin; at the origin it is 0."""
    return at_x**2 * at_y / (at_x**2 + at_y**2)


@derivation
def partial_in_x():
    """(h(x, 0) - h(0, 0))/x = 0 for every x other than 0: dh/dx = 0 at the origin."""
    yield h(x, other) / x
    yield S.Zero, rules.substitute({other: 0})


@derivation
def partial_in_y():
    """(h(0, y) - h(0, 0))/y = 0 for every y other than 0: dh/dy = 0 at the origin."""
    yield h(other, y) / y
    yield S.Zero, rules.substitute({other: 0})


@derivation
def along_the_diagonal():
    """(h(G(theta)) - h(G(0)))/theta = 1/2 for every theta other than 0."""
    yield h(x, y) / theta
    yield Rational(1, 2), rules.substitute({x: theta, y: theta})
