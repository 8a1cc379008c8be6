"""z ~ N(mu, diag(sigma^2)) says that the z_i ~ N(mu_i, sigma_i^2) are independent.

A diagonal covariance makes the joint density a product of one factor for each
coordinate (`derivations.vae.densities.diagonal_density`). Each factor integrates to 1,
so that what is left after all other coordinates are integrated out is the density of
one; and the expectation of a product of functions of two coordinates is the product of
expectations. The converse of "z is normal, so each z_i is" needs the independence.

Main results
  factor_integrates_to_one  the integral of one factor
  marginal_density          all other coordinates integrated out
  marginal_law              E f(z_i) under the joint law
  independent_coordinates   E f(z_i) g(z_(i+m)) is the product of expectations
  zero_covariance, coordinate_variance, coordinate_mean

Limits: f and g are nonnegative, indicators for instance, which is enough for the laws.
For others E abs(f g) has to be finite.

Reference: Billingsley, "Probability and Measure", sections 18 and 20.
"""

from __future__ import annotations

from sympy import Function, Integral, Product, Symbol, oo

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.laws import Normal
from derivations.vae.setting import i, j, m, mu, q, sigma, z

f, g = Function("f", nonnegative=True), Function("g", nonnegative=True)
t, s = Symbol("t", real=True), Symbol("s", real=True)
coordinate = Normal(t, mu[i], sigma[i])
other = Normal(s, mu[i + m], sigma[i + m])
line = (t, -oo, oo)
others = Symbol(
    "r", integer=True, nonnegative=True
)  # coordinates after z_j, of k = j + r


@derivation
def factor_integrates_to_one():
    """The density of one coordinate integrates to 1."""
    yield Integral(coordinate.density(t), line)
    yield E(1, coordinate), rules.density
    yield 1, rules.linearity


@derivation
def marginal_density():
    """The joint density with all coordinates but z_j integrated out is that of z_j."""
    own = q.density(z[j])
    integral = Integral(coordinate.density(t), line)
    yield (
        Product(integral, (i, 1, j - 1))
        * own
        * Product(integral, (i, j + 1, j + others))
    )
    yield own, rules.density, rules.linearity, rules.algebra


@derivation
def marginal_law():
    """Under the joint law z_i is N(mu_i, sigma_i^2)."""
    yield E(f(z[i]), q)
    yield E(f(t), coordinate), rules.coordinates


@derivation
def independent_coordinates():
    """E f(z_i) g(z_(i+m)) is the product of the two expectations, for m > 0."""
    yield E(f(z[i]) * g(z[i + m]), q)
    yield E(f(t), coordinate) * E(g(s), other), rules.coordinates


@derivation
def coordinate_mean():
    """E z_i = mu_i."""
    yield E(z[i], q)
    yield mu[i], rules.moments


@derivation
def coordinate_variance():
    """Var z_i = sigma_i^2."""
    yield E((z[i] - mu[i]) ** 2, q)
    yield sigma[i] ** 2, rules.moments


@derivation
def zero_covariance():
    """Cov(z_i, z_(i+m)) = 0 for m > 0."""
    yield E((z[i] - mu[i]) * (z[i + m] - mu[i + m]), q)
    yield 0, rules.coordinates, rules.moments
