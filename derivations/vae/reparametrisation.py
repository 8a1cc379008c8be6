"""z = mu + sigma S, for each coordinate: equal in law, and equal for one choice of S.

S ~ N(0, I) drawn on its own gives mu + sigma S the law of z; nothing is said of the
point z that is already there. For S := (z - mu)/sigma the equation holds at every
point. The document's (z-mu)' diag(1/sigma^2) (z-mu) = S'S is the second reading: with
an S of its own it is false (`unrelated_noise`), and its expectation is right in both.

Main results
  reparametrised_density  q at mu + sigma s, times the Jacobian, is the standard density
  reparametrised_law      E f(z_i) = E f(mu_i + sigma_i S_i) for every f
  reparametrised_point    mu_i + sigma_i S_i is z_i for S_i = (z_i - mu_i)/sigma_i
  quadratic_is_square     the quadratic form is S'S, pointwise
  mean_quadratic          its expectation is k, by the law alone
  unrelated_noise         z = 1, mu = 0, sigma = 1, S = 0: they differ by 1

Limits: sigma_i > 0; for sigma_i = 0 the first reading stays, the second does not.

Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, section 2.4.
"""

from __future__ import annotations

from sympy import Function, Product, Sum

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.vae.setting import (
    S,
    density_q,
    each,
    i,
    k,
    mu,
    noise,
    q,
    quadratic,
    sigma,
    z,
)

f = Function("f", real=True)
density_s = Product(noise.density(S[i]), each)
square_of_noise = Sum(S[i] ** 2, each)
of_noise = {z[i]: mu[i] + sigma[i] * S[i]}
to_noise = {S[i]: (z[i] - mu[i]) / sigma[i]}


@derivation
def reparametrised_density():
    """q(mu + sigma s) times the Jacobian prod sigma_i is the standard density at s."""
    yield density_q * Product(sigma[i], each)
    yield density_s, rules.substitute(of_noise), rules.algebra


@derivation
def reparametrised_law():
    """E f(z_i) = E f(mu_i + sigma_i S_i) for every f of a coordinate."""
    yield E(f(z[i]), q)
    yield E(f(mu[i] + sigma[i] * S[i]), noise), rules.reparametrise(S)


@derivation
def reparametrised_point():
    """mu_i + sigma_i S_i is z_i itself for S = (z - mu)/sigma."""
    yield mu[i] + sigma[i] * S[i]
    yield z[i], rules.substitute(to_noise)


@derivation
def quadratic_is_square():
    """(z-mu)' diag(1/sigma^2) (z-mu) is S'S where z = mu + sigma S."""
    yield quadratic
    yield square_of_noise, rules.substitute(of_noise)


@derivation
def square_is_quadratic():
    """S'S is (z-mu)' diag(1/sigma^2) (z-mu) where S = (z - mu)/sigma."""
    yield square_of_noise
    yield quadratic, rules.substitute(to_noise)


@derivation
def mean_quadratic():
    """E (z-mu)' diag(1/sigma^2) (z-mu) = E S'S = k: equality in law suffices."""
    yield E(quadratic, q)
    yield E(square_of_noise, noise), rules.reparametrise(S)
    yield k, rules.moments


@derivation
def unrelated_noise():
    """With z = 1, mu = 0, sigma = 1 and S = 0 the quadratic form exceeds S'S by 1."""
    there = {z[1]: 1, mu[1]: 0, sigma[1]: 1, S[1]: 0}
    yield (z[1] - mu[1]) ** 2 / sigma[1] ** 2 - S[1] ** 2
    yield 1, rules.substitute(there)
