"""The divergence of a diagonal Gaussian from the standard normal, in closed form.

In nats, as the expectation of the log density ratio under q, which is what a Monte
Carlo estimate averages. It is the document's own derivation, line by line, for a
symbolic number k of coordinates.

Main results
  gaussian_kl           the document's chain
  gaussian_kl_by_rules  the same first line, and rules alone

Limits: sigma_i -> 0 sends it to infinity. The document announces the result with
log sigma_i in place of log sigma_i^2; that is `printed_kl`, and it is refuted.

Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, appendix B.
"""

from __future__ import annotations

from sympy import Sum, log

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
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


@derivation
def gaussian_kl():
    """KL(N(mu, diag sigma^2) || N(0, I_k)) in nats, for every dimension k."""
    yield E(log(density_q) - log(density_p), q)
    yield (
        E(-logs - quadratic / 2 + square / 2, q),
        rules.logarithms,
        (
            r"E\left[-\frac{k}{2} \log 2\pi - \sum_{i=1}^k \log \sigma_i - \frac{1}{2}"
            r" (z-\mu)^T \left(\frac{1}{\sigma^2} I_k\right) (z-\mu)"
            r" + \frac{k}{2} \log 2\pi + \frac{1}{2} z^T z\right]"
        ),
    )
    yield E(-logs, q) - E(quadratic, q) / 2 + E(square, q) / 2, rules.linearity
    yield -logs - E(quadratic, q) / 2 + E(square, q) / 2, rules.linearity
    yield -logs - k / 2 + Sum(sigma[i] ** 2 + mu[i] ** 2, each) / 2, rules.moments
    term = -log(sigma[i] ** 2) - 1 + sigma[i] ** 2 + mu[i] ** 2
    yield Sum(term, each) / 2, rules.logarithms


@derivation
def gaussian_kl_by_rules():
    """The same divergence, the closed form made by the rules."""
    yield E(log(density_q) - log(density_p), q)
    yield rules.logarithms, rules.linearity
    yield rules.moments
