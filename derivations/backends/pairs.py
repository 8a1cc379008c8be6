"""Sums, squares and quotients of float64 with what their rounding left out.

A pair (high, low) stands for the real number high + low. Rounding it once at the end
costs half a ULP, however many pairs went in. The facts used: the error of a sum is a
float and six operations find it (Knuth, TAOCP 2, 4.2.2, theorem B), three if the first
summand is the larger one (Dekker 1971, Numerische Mathematik 18, 4.7); the product of
two numbers of 26 bits is exact.
"""

from __future__ import annotations

from .kit import Array, Kit

Pair = tuple[Array, Array]


def sum_of(a: Array, b: Array) -> Pair:
    """a + b exactly, as the rounded sum and its error; error nan if the sum overflows."""
    total = a + b
    share = total - a
    return total, (a - (total - share)) + (b - share)


def sum_of_ordered(a: Array, b: Array) -> Pair:
    """a + b exactly, where |a| >= |b| or a = 0 or a = -b; three operations less."""
    total = a + b
    return total, b - (total - a)


def half_square(kit: Kit, x: Array, rest: Array | float = 0.0) -> Pair:
    """(x + rest)^2 / 2 for |rest| <= ULP(x): finite up to the last binade.

    The relative error is below 2^-76, and below half of 5e-324 each in two roundings
    where the result is subnormal. Infinite x gives (inf, nan): see `rounded`.
    """
    top = kit.leading(x)
    low = x - top
    return (0.5 * top) * top, (0.5 * (x + top)) * low + x * rest


def product(kit: Kit, a: Pair, b: Pair) -> Pair:
    """a b with a relative error below 2^-100, while nothing over- or underflows."""
    left, right = kit.leading(a[0]), kit.leading(b[0])
    rest_left, rest_right = a[0] - left, b[0] - right
    high = a[0] * b[0]
    low = ((left * right - high) + left * rest_right + rest_left * right) + (
        rest_left * rest_right
    )
    return high, low + (a[0] * b[1] + a[1] * b[0])


def quotient(kit: Kit, a: Pair, b: Pair) -> Pair:
    """a/b with a relative error below 2^-100, while nothing over- or underflows."""
    guess = a[0] / b[0]
    back = product(kit, (guess, 0.0), b)
    return guess, (((a[0] - back[0]) - back[1]) + a[1]) / b[0]


def add(a: Pair, b: Pair) -> Pair:
    """a + b with an error below 2^-100 (|a| + |b|)."""
    high, low = sum_of(a[0], b[0])
    return high, low + (a[1] + b[1])


def rounded(kit: Kit, pair: Pair) -> Array:
    """The float nearest to the pair, to within 2^-50 ULP; high where low is nan.

    An infinite sum has no error term (it is nan), and its high part is the answer.
    """
    total = pair[0] + pair[1]
    return kit.where(total == total, total, pair[0])
