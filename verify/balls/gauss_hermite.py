"""Gauss-Hermite nodes and weights as balls: exact for polynomials under the normal law.

With n nodes, E p(Z) = sum of w_i p(x_i) for every polynomial p of degree up to 2n - 1,
Z ~ N(0, 1); the x_i are the roots of He_n, w_i = n! / (n He_{n-1}(x_i))**2.
Reference: Abramowitz and Stegun, 25.4.46, rescaled.
"""

from __future__ import annotations

from functools import lru_cache
from math import factorial

import flint
from flint import arb, fmpz_poly


@lru_cache(maxsize=256)
def nodes(count: int, bits: int) -> tuple[tuple[arb, arb], ...]:
    """(node, weight) pairs, `count` of them, enclosed at `bits` bits."""
    lower, upper = fmpz_poly([1]), fmpz_poly([0, 1])
    for n in range(1, count):
        lower, upper = upper, fmpz_poly([0, 1]) * upper - n * lower
    with flint.ctx.workprec(bits):
        found = []
        for root, _ in upper.complex_roots():
            node = root.real
            slope = arb(0)
            for c in reversed(lower.coeffs()):
                slope = slope * node + arb(c)
            found.append((node, arb(factorial(count)) / (count * slope) ** 2))
        return tuple(found)
