"""The setting of exercise 2: a diagonal Gaussian q and the standard normal p in R^k.

The point x at which the encoder is read is fixed throughout, so mu(x) and sigma(x) are
mu and sigma. sigma is a standard deviation, positive in each coordinate; without that
the divergence is infinite. The document's (1/sigma^2) I_k is diag(1/sigma_i^2).
"""

from __future__ import annotations

from sympy import IndexedBase, Product, Sum, Symbol, log

from derivations.laws import Normal

k = Symbol("k", integer=True, positive=True)
i = Symbol("i", integer=True, positive=True)
j = Symbol("j", integer=True, positive=True)
l = Symbol("l", integer=True, positive=True)
m = Symbol("m", integer=True, positive=True)
each = (i, 1, k)

z = IndexedBase("z", real=True)
S = IndexedBase("S", real=True)
mu = IndexedBase("mu", real=True)
sigma = IndexedBase("sigma", positive=True)

q = Normal(z, mu, sigma)
p = Normal(z, 0, 1)
noise = Normal(S, 0, 1)

density_q = Product(q.density(z[i]), each)
density_p = Product(p.density(z[i]), each)

logs = Sum(log(sigma[i]), each)
quadratic = Sum((z[i] - mu[i]) ** 2 / sigma[i] ** 2, each)
square = Sum(z[i] ** 2, each)
