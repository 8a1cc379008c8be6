"""The ratio q/p: it is finite, and its logarithm is integrable.

A divergence needs q to be absolutely continuous to p, and log(q/p) to be integrable
under q. The first holds because q(z) = r(z) p(z) with a finite r written out, so that q
gives mass 0 to every set to which p does. The second holds because abs(log r) is at
most a quadratic polynomial, whose expectation is finite.

Main results
  log_density_ratio        log(q/p) in nats, the document's line
  absolutely_continuous    q = r p, r an exponential of a polynomial
  log_ratio_bound          abs(log(q/p)) is at most a polynomial
  log_ratio_is_integrable  E abs(log(q/p)) is at most a number

Limits: sigma_i > 0.

Reference: Kullback and Leibler, "On Information and Sufficiency", 1951, section 2.
"""

from __future__ import annotations

from sympy import Abs, Product, Sum, exp, log, pi

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.line import at_most
from derivations.vae.setting import (
    density_p,
    density_q,
    each,
    i,
    k,
    logs,
    mu,
    q,
    quadratic,
    sigma,
    square,
)

rest = k * log(2 * pi) / 2


@derivation
def log_density_ratio():
    """log(q(z)/p(z)) in nats, at every point z."""
    yield log(density_q / density_p)
    yield log(density_q) - log(density_p), rules.logarithms
    log_q, log_p = -rest - logs - quadratic / 2, -rest - square / 2
    yield log_q - log_p, rules.logarithms
    yield (
        -logs - quadratic / 2 + square / 2,
        (
            r"-\frac{k}{2} \log 2\pi - \sum_{i=1}^k \log \sigma_i - \frac{1}{2}"
            r" (z-\mu)^T \left(\frac{1}{\sigma^2} I_k\right) (z-\mu)"
            r" + \frac{k}{2} \log 2\pi + \frac{1}{2} z^T z"
        ),
    )


@derivation
def absolutely_continuous():
    """q(z) is p(z) times a finite factor, so q is absolutely continuous to p."""
    yield density_q
    ratio = exp(square / 2 - quadratic / 2) / Product(sigma[i], each)
    yield ratio * density_p, rules.algebra


@derivation
def log_ratio_bound():
    """abs(log(q/p)) in nats is at most a quadratic polynomial, at every point z."""
    yield Abs(log(density_q) - log(density_p))
    yield Abs(-logs - quadratic / 2 + square / 2), rules.logarithms
    yield at_most(Abs(logs) + quadratic / 2 + square / 2), rules.triangle


@derivation
def log_ratio_is_integrable():
    """E abs(log(q/p)) under q, in nats, is at most a number."""
    yield E(Abs(log(density_q) - log(density_p)), q)
    bound = Abs(logs) + quadratic / 2 + square / 2
    yield at_most(E(bound, q)), rules.monotone(log_ratio_bound)
    yield Abs(logs) + k / 2 + Sum(sigma[i] ** 2 + mu[i] ** 2, each) / 2, rules.moments
