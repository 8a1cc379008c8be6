"""The two side computations: E S'S = k for the noise, E z'z = sum sigma_i^2 + mu_i^2.

The document takes both from E X^2 = Var X + (E X)^2, and Var X is E(X - E X)^2 here.
Two things in its lines can be read wrongly: "E[X]^2" is (E X)^2, and the sum runs over
both terms. Both wrong readings are worked out.

Main results
  noise_second_moment    E S'S = sum (Var S_i + (E S_i)^2) = sum 1 = k
  second_moment          E z'z = sum (Var z_i + (E z_i)^2) = sum (sigma_i^2 + mu_i^2)
  noise_misread_square   with E(S_i^2) in place of (E S_i)^2 it is k too large
  misread_square         with E(z_i^2) in place of (E z_i)^2, for one coordinate
  misread_scope          with the sum over the variances alone, for k = 2

Limits: none; the second moment of a normal law is finite.

Reference: Billingsley, "Probability and Measure", section 21.
"""

from __future__ import annotations

from sympy import Expr, Indexed, Sum

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.laws import Normal
from derivations.vae.setting import S, each, i, k, mu, noise, q, sigma, square, z


def variance(coordinate: Indexed, law: Normal) -> Expr:
    """Var X = E(X - E X)^2."""
    return E((coordinate - E(coordinate, law)) ** 2, law)


def second_moments(drawn: Indexed, law: Normal) -> Expr:
    """sum E X_i^2."""
    return Sum(E(drawn**2, law), each)


def variances(drawn: Indexed, law: Normal) -> Expr:
    """sum (Var X_i + (E X_i)^2), the document's line with the brackets it needs."""
    return Sum(variance(drawn, law) + E(drawn, law) ** 2, each)


@derivation
def noise_second_moment():
    """E S'S = k for k independent standard normal coordinates."""
    yield E(Sum(S[i] ** 2, each), noise)
    yield second_moments(S[i], noise), rules.linearity
    yield (
        variances(S[i], noise),
        rules.linearity,
        (r"\sum_{i=1}^k \left(\mathrm{Var}[S_i] + E[S_i]^2\right)"),
    )
    yield Sum(1, each), rules.moments
    yield k


@derivation
def second_moment():
    """E z'z for independent normal coordinates."""
    yield E(square, q)
    yield second_moments(z[i], q), rules.linearity
    yield (
        variances(z[i], q),
        rules.linearity,
        (r"\sum_{i=1}^k \left(\mathrm{Var}[z_i] + E[z_i]^2\right)"),
    )
    yield Sum(sigma[i] ** 2 + mu[i] ** 2, each), rules.moments


@derivation
def noise_misread_square():
    """With E(S_i^2) for (E S_i)^2 the sum is 2k."""
    yield Sum(variance(S[i], noise) + E(S[i] ** 2, noise), each)
    yield 2 * k, rules.moments


@derivation
def misread_square():
    """With E(z_i^2) for (E z_i)^2 a coordinate's term is sigma_i^2 too large."""
    wrong = variance(z[i], q) + E(z[i] ** 2, q)
    yield wrong - E(z[i] ** 2, q)
    yield sigma[i] ** 2, rules.moments


@derivation
def misread_scope():
    """Summed over the variances alone, i = 1 in the rest, mu_2^2 is lost at k = 2."""
    both = (i, 1, 2)
    yield E(Sum(z[i] ** 2, both), q) - (Sum(sigma[i] ** 2, both) + mu[1] ** 2)
    yield mu[2] ** 2, rules.moments


@derivation
def noise_misread_scope():
    """For the noise that reading does no harm: E S_1 = 0."""
    yield Sum(variance(S[i], noise), each) + E(S[1], noise) ** 2
    yield k, rules.moments
