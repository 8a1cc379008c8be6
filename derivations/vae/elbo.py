"""The evidence lower bound: a reconstruction, and the divergence beside it.

For a decoder that gives the data the likelihood f(z) > 0, the bound is the mean of
log f(z) p(z)/q(z) under q. The logarithm takes it apart: the divergence has a closed
form, summed without cancellation, and the mean of log f(z) is what draws of z estimate.
Minus log f(z) is `bernoulli_nll` or `gaussian_nll_in_...` of what the decoder makes of
z.

Main results
  elbo    E_q log f(z) - KL(q || p)

Limits: log f(z) is integrable under q, the hypothesis that the chain leaves. In nats,
for one datum and one q(z | x) with a deviation sigma_i > 0 in each coordinate.

Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, section 2.2.
"""

from __future__ import annotations

from sympy import Function, log

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.vae.setting import density_p, density_q, q, z
from derivations.vae.stable_kl import stable_kl_in_sigma

likelihood = Function("f", positive=True)(z)


@derivation
def elbo():
    """E_q log(f(z) p(z)/q(z)) = E_q log f(z) - KL(q || p), in nats."""
    yield E(log(likelihood * density_p / density_q), q)
    divergence = stable_kl_in_sigma
    reconstruction = E(log(likelihood), q)
    yield reconstruction - divergence.lhs, rules.logarithms, rules.linearity
    yield reconstruction - divergence.rhs, divergence
