"""Derivative and expectation are linear, and still do not commute.

Two generators whose loss is differentiable, with a derivative that is not the
expectation of the integrand's. In the first, u is uniform on (0, 1) and softplus(h) =
u^(-1/2) + theta^3 u^(-2) e^(-theta^2/u): smooth in theta at every u. The second is
quantised: G = 1[z < theta] for a standard normal z, and h = c (2 G - 1), so that the
integrand's derivative in theta is 0 at every z but one.

Main results
  heavy_tailed_loss, heavy_tailed_slope   L_G = -2 - theta e^(-theta^2), so L_G'(0) = -1
  heavy_tailed_quotient                   the same at 0, as a limit of quotients
  heavy_tailed_slope_inside               the expectation of the derivative at 0 is 0
  quantised_loss                          in closed form
  quantised_slope                         L_G' = -c times the normal density

Limits: hypothesis I is what both lack: there is no M with a finite expectation in the
first, and a jump, so no Lipschitz bound at all, in the second.

Reference: Billingsley, "Probability and Measure", 1995, theorem 16.8; Gelbaum and
Olmsted, "Counterexamples in Analysis", 1964, chapter 9.
"""

from __future__ import annotations

from sympy import (
    Derivative,
    Integral,
    Limit,
    Piecewise,
    Rational,
    S,
    Symbol,
    erf,
    exp,
    oo,
    pi,
    sqrt,
)

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import softplus
from derivations.laws import Normal, Uniform

u = Symbol("u", positive=True)
theta = Symbol("theta", real=True)
moved = Symbol("theta", real=True, nonzero=True)

z, c = Symbol("z", real=True), Symbol("c", real=True)
below, above = -softplus(c), -softplus(-c)
normal_cdf = (1 + erf(theta / sqrt(2))) / 2


def softplus_of_logit(at):
    """softplus(h) of the first example at a parameter that is not 0."""
    return u ** Rational(-1, 2) + at**3 * u**-2 * exp(-(at**2) / u)


def antiderivative(at):
    """An antiderivative in u of the same, which is finite at both ends."""
    return 2 * sqrt(u) + at * exp(-(at**2) / u)


@derivation
def heavy_tailed_loss():
    """L_G = -E softplus(h) = -2 - theta e^(-theta^2), for theta other than 0."""
    yield -E(softplus_of_logit(moved), Uniform(u))
    yield -2 - moved * exp(-(moved**2)), rules.antiderivative(antiderivative(moved))


@derivation
def heavy_tailed_loss_at_0():
    """-L_G(0) = E softplus(h) = 2: the closed form holds at 0 as well."""
    yield E(u ** Rational(-1, 2), Uniform(u))
    yield S(2), rules.antiderivative(2 * sqrt(u))


@derivation
def heavy_tailed_slope():
    """The derivative of -2 - theta e^(-theta^2) is -1 at theta = 0."""
    yield Derivative(-2 - theta * exp(-(theta**2)), theta)
    yield -exp(-(theta**2)) + 2 * theta**2 * exp(-(theta**2)), rules.differentiate
    yield S.NegativeOne, rules.substitute({theta: 0})


@derivation
def heavy_tailed_quotient():
    """(L_G(theta) - L_G(0))/theta -> -1 as theta -> 0 from either side."""
    difference = -E(softplus_of_logit(moved), Uniform(u)) + E(
        u ** Rational(-1, 2), Uniform(u)
    )
    yield Limit(difference / moved, moved, 0, "+-")
    yield (
        Limit(-exp(-(moved**2)), moved, 0, "+-"),
        heavy_tailed_loss,
        heavy_tailed_loss_at_0,
    )
    yield S.NegativeOne, rules.limit


@derivation
def heavy_tailed_slope_inside():
    """At theta = 0 the derivative of softplus(h) is 0 for every u: its mean is 0."""
    yield -E(Derivative(softplus_of_logit(theta), theta), Uniform(u))
    yield (
        -E(
            (3 * theta**2 / u**2 - 2 * theta**4 / u**3) * exp(-(theta**2) / u),
            Uniform(u),
        ),
        rules.differentiate,
    )
    yield S.Zero, rules.substitute({theta: 0})


@derivation
def quantised_loss():
    """L_G = -softplus(c) P(z < theta) - softplus(-c) P(z > theta)."""
    h = Piecewise((c, z < theta), (-c, True))
    density = Normal(z).density(z)
    yield E(-softplus(h), Normal(z))
    yield (
        Integral(below * density, (z, -oo, theta))
        + Integral(above * density, (z, theta, oo)),
        rules.pieces,
    )
    yield (
        below * normal_cdf + above * (1 - normal_cdf),
        rules.antiderivative(below * erf(z / sqrt(2)) / 2),
        rules.antiderivative(above * erf(z / sqrt(2)) / 2),
    )


@derivation
def quantised_slope():
    """For h = c (2 1[z < theta] - 1): L_G' = -c e^(-theta^2/2)/sqrt(2 pi)."""
    yield Derivative(below * normal_cdf + above * (1 - normal_cdf), theta)
    yield (below - above) * exp(-(theta**2) / 2) / sqrt(2 * pi), rules.differentiate
    yield (
        -c * exp(-(theta**2) / 2) / sqrt(2 * pi),
        rules.definition,
        rules.logarithms,
    )
