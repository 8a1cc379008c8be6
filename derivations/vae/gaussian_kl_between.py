"""The divergence of one diagonal Gaussian from another, in closed form.

In nats, as the expectation of the log density ratio under the first law, for a symbolic
number k of coordinates. With mu2 = 0 and sigma2 = 1 it is `gaussian_kl`.

Main results
  gaussian_kl_between            KL(N(mu1, diag sigma1^2) || N(mu2, diag sigma2^2))
  gaussian_kl_between_by_rules   the same first line, and rules alone

Limits: sigma1_i and sigma2_i are positive. It is +oo in the limit sigma1_i -> 0, and
where sigma2_i -> 0 while the first law stays.

Reference: Kullback, "Information Theory and Statistics", 1959, chapter 9, section 1.
"""

from __future__ import annotations

from sympy import IndexedBase, Product, Sum, log

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.laws import Normal
from derivations.vae.setting import each, i, k, z

mu1 = IndexedBase("mu1", real=True)
mu2 = IndexedBase("mu2", real=True)
sigma1 = IndexedBase("sigma1", positive=True)
sigma2 = IndexedBase("sigma2", positive=True)
first = Normal(z, mu1, sigma1)
second = Normal(z, mu2, sigma2)

density1 = Product(first.density(z[i]), each)
density2 = Product(second.density(z[i]), each)
logs = Sum(log(sigma2[i]) - log(sigma1[i]), each)
own = Sum(((z[i] - mu1[i]) / sigma1[i]) ** 2, each)
other = Sum(((z[i] - mu2[i]) / sigma2[i]) ** 2, each)


@derivation
def gaussian_kl_between():
    """KL(N(mu1, diag sigma1^2) || N(mu2, diag sigma2^2)) in nats, in R^k."""
    yield E(log(density1) - log(density2), first)
    yield E(logs - own / 2 + other / 2, first), rules.logarithms
    yield logs - E(own, first) / 2 + E(other, first) / 2, rules.linearity
    apart = (sigma1[i] ** 2 + (mu1[i] - mu2[i]) ** 2) / sigma2[i] ** 2
    yield logs - k / 2 + Sum(apart, each) / 2, rules.moments
    ratio = log(sigma2[i] ** 2 / sigma1[i] ** 2)
    yield Sum(ratio - 1 + apart, each) / 2, rules.logarithms


@derivation
def gaussian_kl_between_by_rules():
    """The same divergence, the closed form made by the rules."""
    yield E(log(density1) - log(density2), first)
    yield rules.logarithms, rules.linearity
    yield rules.moments
