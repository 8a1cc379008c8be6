"""The determinant of a diagonal matrix is the product of its diagonal, by induction.

SymPy leaves det(diag(v)) of symbolic size as it is, so the induction is written out.
Laplace's expansion along the last row of diag(sigma_1^2, ..., sigma_k^2) is the sum
over j of (-1)^(k+j) times the entry sigma_k^2 delta_kj times its minor. Only the last
minor is not 0; it is the determinant of size k - 1. The beginning is Leibniz' formula
of size 1, and those of size 2 and 3 are there to be looked at.

Main results
  determinant_by_induction       det_k = sigma_k^2 det_(k-1), so det_k = prod sigma_i^2
  determinant_of_size_1, _2, _3  Leibniz' formula with zeros beside the diagonal
  root_of_determinant            det^(1/2) = prod sigma_i

Limits: sigma_i > 0 for the root only; for real sigma_i it is the product of
abs(sigma_i).

Reference: Horn and Johnson, "Matrix Analysis", 2nd edition, sections 0.3.1 and 0.9.1.
"""

from __future__ import annotations

from sympy import (
    ImmutableDenseMatrix,
    KroneckerDelta,
    Product,
    Sum,
    Symbol,
    sqrt,
)

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.vae.setting import each, i, j, k, sigma

smaller = Product(
    sigma[i] ** 2, (i, 1, k - 1)
)  # of size k - 1, by the induction hypothesis
entry = KroneckerDelta(k, j) * sigma[k] ** 2
minor = (
    KroneckerDelta(k, j) * smaller
)  # without row k, and column j < k, a column is zero


@derivation
def determinant_by_induction():
    """If det is the product of the diagonal for size k - 1, then for size k."""
    yield Sum((-1) ** (k + j) * entry * minor, (j, 1, k))
    yield sigma[k] ** 2 * smaller, rules.sifting
    yield Product(sigma[i] ** 2, each), rules.singled_out(k, (1, k))


def determinant_of_size(size: int) -> Derivation:
    """Leibniz' formula for a general matrix, with a diagonal one put in."""
    general = ImmutableDenseMatrix(
        size, size, lambda row, column: Symbol(f"a_{row + 1}{column + 1}", real=True)
    )
    entries = {
        entry: sigma[row + 1] ** 2 if row == column else 0
        for row in range(size)
        for column, entry in enumerate(general[row, :])
    }

    def chain():
        yield general.det(method="berkowitz")
        yield Product(sigma[i] ** 2, (i, 1, size)), rules.substitute(entries)

    chain.__name__ = f"determinant_of_size_{size}"
    chain.__doc__ = f"The determinant of a diagonal {size} x {size} matrix."
    return derivation(chain)


determinant_of_size_1, determinant_of_size_2, determinant_of_size_3 = map(
    determinant_of_size, (1, 2, 3)
)


@derivation
def root_of_determinant():
    """det(sigma^2 I)^(1/2) is the product of the sigma_i."""
    yield sqrt(Product(sigma[i] ** 2, each))
    yield Product(sigma[i], each), rules.algebra
