"""The divergence is an integral of q log(q/p), and that integral is an expectation.

For k coordinates the integral runs over R^k. It is written here in the three ways that
one can calculate with: on the line, in the plane as an iterated integral, and for every
k as the sum of one integral for each coordinate, because the log ratio is such a sum.

Main results
  kl_on_the_line     k = 1: the integral is E log(q/p) under q
  kl_in_the_plane    k = 2: the iterated integral is that expectation
  kl_by_coordinates  every k: the expectation is a sum of integrals on the line

Limits: sigma_i > 0. The integrals exist: `derivations.vae.density_ratio`.

Reference: Kullback and Leibler, "On Information and Sufficiency", 1951, sections 2 and
4.
"""

from __future__ import annotations

from sympy import Expr, Integral, Sum, Symbol, log, oo

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.laws import Normal
from derivations.vae.setting import density_p, density_q, each, i, mu, p, q, sigma, z

s, t = Symbol("s", real=True), Symbol("t", real=True)


def law(drawn: Symbol, index: Expr) -> Normal:
    """The law of one coordinate of z."""
    return Normal(drawn, mu[index], sigma[index])


def density_at(drawn: Symbol, index: Expr) -> Expr:
    """The density of one coordinate of z under q."""
    return law(drawn, index).density(drawn)


def standard_at(drawn: Symbol) -> Expr:
    """The density of one coordinate of z under p."""
    return Normal(drawn).density(drawn)


@derivation
def kl_on_the_line():
    """For k = 1 the integral of q log(q/p) is the expectation of log(q/p), in nats."""
    ratio = log(density_at(t, 1) / standard_at(t))
    yield Integral(density_at(t, 1) * ratio, (t, -oo, oo))
    yield E(ratio, law(t, 1)), rules.density
    yield E(log(q.density(z[1]) / p.density(z[1])), q), rules.coordinates


@derivation
def kl_in_the_plane():
    """For k = 2 the iterated integral is the expectation of log(q/p), in nats."""
    ratio = log(density_at(s, 1) * density_at(t, 2) / (standard_at(s) * standard_at(t)))
    inner = Integral(density_at(t, 2) * ratio, (t, -oo, oo))
    yield Integral(density_at(s, 1) * inner, (s, -oo, oo))
    yield E(E(ratio, law(t, 2)), law(s, 1)), rules.density
    both = q.density(z[1]) * q.density(z[2]) / (p.density(z[1]) * p.density(z[2]))
    # logarithms make the body a polynomial: so it is integrable, and nothing is owed
    yield E(log(both), q), rules.logarithms, rules.coordinates


@derivation
def kl_by_coordinates():
    """For every k the expectation of log(q/p) is a sum of integrals, in nats."""
    own = log(q.density(z[i])) - log(p.density(z[i]))
    yield E(log(density_q / density_p), q)
    yield Sum(E(own, q), each), rules.logarithms, rules.linearity
    ratio = t**2 / 2 - (t - mu[i]) ** 2 / (2 * sigma[i] ** 2) - log(sigma[i])
    yield Sum(E(ratio, law(t, i)), each), rules.logarithms, rules.coordinates
    yield Sum(Integral(density_at(t, i) * ratio, (t, -oo, oo)), each), rules.density
