"""The non-saturating gradient can vanish where the saturating one does not.

z is standard normal. The logit is -log 2 + theta where z < 0 and -log 5 - 4 theta/5
elsewhere, each with probability 1/2; at theta = 0 the outputs are 1/3 and 1/6. There
the two non-saturating slopes cancel in the expectation, the saturating ones do not: the
ratio e^h is one of integrands only.

Main results
  two_atom_nonsaturating_loss, two_atom_saturating_loss   in closed form
  two_atom_nonsaturating_gradient  0 at theta = 0
  two_atom_saturating_gradient     -1/10 at theta = 0

Limits: at theta = 0; elsewhere neither is 0. Reference: the chains themselves.
"""

from __future__ import annotations

from sympy import (
    Derivative,
    Integral,
    Piecewise,
    Rational,
    S,
    Symbol,
    erf,
    log,
    oo,
    sqrt,
)

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import sigmoid, softplus
from derivations.laws import Normal

z, theta = Symbol("z", real=True), Symbol("theta", real=True)
left = -log(2) + theta
right = -log(5) - Rational(4, 5) * theta
logit = Piecewise((left, z < 0), (right, True))
density = Normal(z).density(z)
primitive = erf(z / sqrt(2)) / 2


@derivation
def two_atom_nonsaturating_loss():
    """L_NS = E softplus(-h) is the mean of its values on the two halves of the line."""
    yield E(softplus(-logit), Normal(z))
    yield (
        (
            Integral(softplus(-left) * density, (z, -oo, 0))
            + Integral(softplus(-right) * density, (z, 0, oo))
        ),
        rules.pieces,
    )
    yield (
        softplus(-left) / 2 + softplus(-right) / 2,
        rules.antiderivative(softplus(-left) * primitive),
        rules.antiderivative(softplus(-right) * primitive),
    )


@derivation
def two_atom_nonsaturating_gradient():
    """dL_NS/dtheta = -s(-left)/2 + (4/5) s(-right)/2, which is 0 at theta = 0."""
    yield Derivative(E(softplus(-logit), Normal(z)), theta)
    yield (
        Derivative(softplus(-left) / 2 + softplus(-right) / 2, theta),
        two_atom_nonsaturating_loss,
    )
    yield -sigmoid(-left) / 2 + Rational(2, 5) * sigmoid(-right), rules.differentiate
    yield (
        -sigmoid(log(2)) / 2 + Rational(2, 5) * sigmoid(log(5)),
        rules.substitute({theta: 0}),
    )
    yield S.Zero, rules.definition


@derivation
def two_atom_saturating_loss():
    """L_G = -E softplus(h) is the mean of its values on the two halves of the line."""
    yield E(-softplus(logit), Normal(z))
    yield (
        (
            Integral(-softplus(left) * density, (z, -oo, 0))
            + Integral(-softplus(right) * density, (z, 0, oo))
        ),
        rules.pieces,
    )
    yield (
        -softplus(left) / 2 - softplus(right) / 2,
        rules.antiderivative(-softplus(left) * primitive),
        rules.antiderivative(-softplus(right) * primitive),
    )


@derivation
def two_atom_saturating_gradient():
    """dL_G/dtheta = -s(left)/2 + (4/5) s(right)/2, which is -1/10 at theta = 0."""
    yield Derivative(E(-softplus(logit), Normal(z)), theta)
    yield (
        Derivative(-softplus(left) / 2 - softplus(right) / 2, theta),
        two_atom_saturating_loss,
    )
    yield -sigmoid(left) / 2 + Rational(2, 5) * sigmoid(right), rules.differentiate
    yield (
        -sigmoid(-log(2)) / 2 + Rational(2, 5) * sigmoid(-log(5)),
        rules.substitute({theta: 0}),
    )
    yield -Rational(1, 10), rules.definition
