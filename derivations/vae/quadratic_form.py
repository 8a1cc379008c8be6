"""Inner products and quadratic forms with a diagonal matrix, entry by entry.

diag(v) has the entries v_i delta_ij with Kronecker's delta, so the matrix products of
the document are double sums, of which the delta leaves the diagonal. This is how the
document's "(1/sigma^2) I_k" is read: diag(1/sigma_i^2).

Main results
  inverse_of_diagonal   diag(sigma^2) diag(1/sigma^2) = I, entry by entry
  quadratic_form        (z-mu)' diag(1/sigma^2) (z-mu) = sum (z_i-mu_i)^2/sigma_i^2
  inner_product         z'z = sum z_i^2, and the same for S; _written_out for k = 3

Limits: sigma_i is not 0. A free index of an entry is between 1 and k.

Reference: Horn and Johnson, "Matrix Analysis", 2nd edition, section 0.9.1.
"""

from __future__ import annotations

from sympy import Expr, IndexedBase, KroneckerDelta, Le, Sum, Symbol

from derivations import rules
from derivations.chain import Derivation, derivation
from derivations.vae.setting import S, each, i, j, k, l, mu, quadratic, sigma, z

over_j = (j, 1, k)


def diagonal(entry: Expr, row: Symbol, column: Symbol) -> Expr:
    """The entry in `row` and `column` of the diagonal matrix of `entry`, given at i."""
    return KroneckerDelta(row, column) * entry.xreplace({i: row})


@derivation
def inverse_of_diagonal():
    """diag(sigma^2) times diag(1/sigma^2) has the entries of the identity."""
    product = diagonal(sigma[i] ** 2, i, j) * diagonal(1 / sigma[i] ** 2, j, l)
    yield Sum(product, over_j)
    yield KroneckerDelta(i, l), rules.sifting(Le(i, k))


@derivation
def quadratic_form():
    """(z-mu)' diag(1/sigma^2) (z-mu) is a sum of squares over variances."""
    matrix = diagonal(1 / sigma[i] ** 2, i, j)
    yield Sum(Sum((z[i] - mu[i]) * matrix * (z[j] - mu[j]), over_j), each)
    yield quadratic, rules.sifting


def inner_product(vector: IndexedBase) -> Derivation:
    """The chain v'v = v' I v = sum v_i^2 for the vector."""

    def chain():
        yield (
            Sum(Sum(vector[i] * KroneckerDelta(i, j) * vector[j], over_j), each),
            (rf"{vector}^T {vector}"),
        )
        yield Sum(vector[i] ** 2, each), rules.sifting

    chain.__name__ = f"inner_product_of_{vector}"
    chain.__doc__ = f"{vector}'{vector} is the sum of the squares of its coordinates."
    return derivation(chain)


def written_out(vector: IndexedBase) -> Derivation:
    """The chain sum v_i^2 = v_1^2 + v_2^2 + v_3^2 for the vector."""

    def chain():
        yield Sum(vector[i] ** 2, (i, 1, 3))
        yield vector[1] ** 2 + vector[2] ** 2 + vector[3] ** 2

    chain.__name__ = f"inner_product_of_{vector}_written_out"
    chain.__doc__ = (
        f"The sum of the squares of three coordinates of {vector}, term by term."
    )
    return derivation(chain)


inner_product_of_S, inner_product_of_z = inner_product(S), inner_product(z)
inner_product_of_S_written_out, inner_product_of_z_written_out = (
    written_out(S),
    written_out(z),
)
