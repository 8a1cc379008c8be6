"""The divergence is at least half a squared distance, so 0 at one point alone.

log sigma <= sigma - 1, the tangent at 1, makes the term of a coordinate at least
(mu_i^2 + (sigma_i - 1)^2)/2. The sum of these is half the squared distance from (mu,
sigma) to (0, 1), and half the squared Wasserstein distance between q and p: it is
Talagrand's inequality for these two laws. A sum of squares is at least each of its
terms, and so the divergence is 0 only if every mu_j = 0 and every sigma_j = 1. Chains
run upwards, so they are written for minus the divergence.

Main results
  minus_kl_below_distance  -KL <= -(1/2) sum (mu_i^2 + (sigma_i - 1)^2)
  minus_kl_nonpositive     -KL <= 0
  minus_kl_below_one_term  -KL <= -(mu_j^2 + (sigma_j - 1)^2)/2, so KL = 0 fixes both
  kl_of_standard_normal    KL = 0 at mu = 0, sigma = 1
  kl_as_squares            KL = (1/2) sum (mu_i^2 + w_i (sigma_i^2 - 1)^2), w_i > 0
  term_is_remainder        what w_i is

Limits: sigma_i > 0; j is between 1 and k.

Reference: Talagrand, "Transportation cost for Gaussian and other product measures",
1996; Cover and Thomas, "Elements of Information Theory", 2nd edition, theorem 8.6.1.
"""

from __future__ import annotations

from sympy import Expr, Sum, Symbol, log

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.laws import Uniform
from derivations.line import at_most
from derivations.vae.gaussian_kl import gaussian_kl
from derivations.vae.setting import each, i, j, k, mu, sigma

x = Symbol("x", positive=True)
u = Symbol("u", positive=True)  # drawn from (0, 1)
distance = Sum(mu[i] ** 2 + (sigma[i] - 1) ** 2, each)


@derivation
def log_below_tangent():
    """log x <= x - 1 for x > 0."""
    yield log(x)
    yield at_most(x - 1), rules.tangent(x, 1)


@derivation
def log_sigma_below_tangent():
    """log sigma_i <= sigma_i - 1."""
    yield log(sigma[i])
    yield at_most(sigma[i] - 1), rules.lemma(log_below_tangent, {x: sigma[i]})


@derivation
def minus_kl_below_distance():
    """KL(q || p) in nats is at least half the squared distance to (0, 1)."""
    yield -gaussian_kl.lhs
    yield -gaussian_kl.rhs, gaussian_kl
    yield (
        Sum(log(sigma[i]) + (1 - sigma[i] ** 2 - mu[i] ** 2) / 2, each),
        rules.logarithms,
    )
    yield (
        at_most(Sum(sigma[i] - 1 + (1 - sigma[i] ** 2 - mu[i] ** 2) / 2, each)),
        rules.monotone(log_sigma_below_tangent),
    )
    yield -distance / 2


@derivation
def minus_kl_nonpositive():
    """Gibbs: KL(q || p) is never negative."""
    yield -gaussian_kl.lhs
    yield at_most(-distance / 2), minus_kl_below_distance
    yield at_most(0), rules.sign


@derivation
def minus_kl_below_one_term():
    """KL(q || p) in nats is at least (mu_j^2 + (sigma_j - 1)^2)/2, for every j."""
    yield -gaussian_kl.lhs
    yield at_most(-distance / 2), minus_kl_below_distance
    yield at_most(-(mu[j] ** 2 + (sigma[j] - 1) ** 2) / 2), rules.one_term(j, (1, k))


@derivation
def kl_of_standard_normal():
    """KL(q || p) = 0 where mu = 0 and sigma = 1."""
    yield gaussian_kl.lhs
    yield gaussian_kl.rhs, gaussian_kl
    yield 0, rules.substitute({mu[i]: 0, sigma[i]: 1})


def remainder(value: Expr) -> Expr:
    """(value - 1)^2 times a positive average: Taylor's remainder of -log at 1."""
    return E((value - 1) ** 2 * u / (1 + u * (value - 1)), Uniform(u))


@derivation
def term_is_remainder():
    """x - 1 - log x is (x - 1)^2 times a positive average, so 0 at 1 alone."""
    yield remainder(x)
    yield x - 1 - log(x), rules.antiderivative(u * (x - 1) - log(1 + u * (x - 1)))


@derivation
def kl_as_squares():
    """KL(q || p) in nats is half a sum of squares with positive weights."""
    yield gaussian_kl.lhs
    yield gaussian_kl.rhs, gaussian_kl
    yield (
        Sum(mu[i] ** 2 + remainder(sigma[i] ** 2), each) / 2,
        rules.lemma(term_is_remainder, {x: sigma[i] ** 2}),
    )
