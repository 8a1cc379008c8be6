"""The divergence between two Gaussians with full covariances, in whitened coordinates.

KL(N(mu1, L1 L1') || N(mu2, L2 L2')), where L1 and L2 are lower triangular with positive
diagonals. Whitened by the second law, w = L2^(-1) (z - mu2) is standard normal under
it, and under the first law it is y + (I + X) S for standard noise S, with

  y = L2^(-1) (mu1 - mu2)   and   X = L2^(-1) (L1 - L2), lower triangular.

Both come from differences by one triangular solve, so they keep their digits where the
laws nearly agree; L2^(-1) L1 - I and traces of products do not. The chain starts there:
the first law's density at w is that of S over the diagonal of I + X, whose product is
the determinant. Below r_i = 1 + x_i = L1_ii/L2_ii is the diagonal, and X(i, j) for
j != i the entry beside it.

Main results
  multivariate_gaussian_kl     a sum of nonnegative terms, for every dimension k
  whitened_diagonal            x_i is (L1_ii - L2_ii)/L2_ii: nothing is added to 1
  whitened_slope_in_shift      y_j
  whitened_slope_in_scale      x_j (1 + 1/(1 + x_j))
  whitened_curvature_in_scale  1 + 1/(1 + x_j)^2; it is 1 in an entry of X

Limits: r_i > 0. The sum over j runs over a whole row; the entries above the diagonal
are 0, and with others there the determinant would be another one.

Reference: Kullback, "Information Theory and Statistics", 1959, chapter 9, section 1;
Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, 2002, chapter 8.
"""

from __future__ import annotations

from sympy import (
    Derivative,
    Function,
    IndexedBase,
    KroneckerDelta,
    Product,
    Sum,
    exp,
    log,
    pi,
    sqrt,
)

from derivations import rules
from derivations.chain import derivation
from derivations.expectation import E
from derivations.functions import psi
from derivations.vae.gaussian_kl_between import sigma1, sigma2
from derivations.vae.setting import S, each, i, j, k, l, noise

X = Function("X", real=True)(i, j)
r = IndexedBase("r", positive=True)
x = IndexedBase("x", real=True)
y = IndexedBase("y", real=True)

row = (j, 1, k)
diagonal = KroneckerDelta(i, j)
beside = 1 - diagonal
w = y[i] + Sum((diagonal * r[i] + beside * X) * S[j], row)
to_scale = rules.substitute({x[i]: r[i] - 1})
of_diagonal = Sum((y[i] ** 2 + r[i] ** 2 - 1) / 2 - log(r[i]), each)


@derivation
def multivariate_gaussian_kl():
    """KL(N(mu1, L1 L1') || N(mu2, L2 L2')) in nats, whitened by the second law."""
    own = Product(noise.density(S[i]) / r[i], each)
    other = Product(exp(-(w**2) / 2) / sqrt(2 * pi), each)
    yield E(log(own) - log(other), noise)
    yield E(Sum(w**2 / 2 - S[i] ** 2 / 2 - log(r[i]), each), noise), rules.logarithms
    squares = Sum((diagonal * r[i] + beside * X) ** 2, row)
    yield Sum((y[i] ** 2 + squares - 1) / 2 - log(r[i]), each), rules.moments
    squares = Sum(diagonal * r[i] ** 2 + beside * X**2, row)
    yield Sum((y[i] ** 2 + squares - 1) / 2 - log(r[i]), each)  # delta^2 = delta
    yield of_diagonal + Sum(Sum(beside * X**2, row) / 2, each), rules.sifting
    of_row = Sum(beside * X**2 / 2, row)
    stable = y[i] ** 2 / 2 + x[i] ** 2 / 2 + psi(1 + x[i]) + of_row
    yield Sum(stable, each), rules.definition, to_scale


@derivation
def whitened_diagonal():
    """What the diagonals sigma1 and sigma2 of L1 and L2 add, in nats."""
    yield Sum(x[i] ** 2 / 2 + psi(1 + x[i]), each)
    apart = (sigma1[i] - sigma2[i]) / sigma2[i]
    change = rules.substitute({x[i]: apart})
    yield Sum(apart**2 / 2 + psi(sigma1[i] / sigma2[i]), each), change


@derivation
def whitened_slope_in_shift():
    """The derivative of the divergence in y_j, in nats."""
    yield Derivative(of_diagonal, y[j])
    yield y[j], rules.differentiate


@derivation
def whitened_slope_in_scale():
    """The derivative of the divergence in r_j = 1 + x_j, in nats."""
    yield Derivative(of_diagonal, r[j])
    yield r[j] - 1 / r[j], rules.differentiate
    yield x[j] * (1 + 1 / (1 + x[j])), to_scale


@derivation
def whitened_curvature_in_scale():
    """The second derivative of the divergence in r_j and r_l, in nats."""
    yield Derivative(of_diagonal, r[j], r[l])
    yield KroneckerDelta(j, l) * (1 + 1 / r[j] ** 2), rules.differentiate
    yield KroneckerDelta(j, l) * (1 + 1 / (1 + x[j]) ** 2), to_scale
