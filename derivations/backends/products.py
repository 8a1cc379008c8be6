"""The order of operations in a product, so that nothing overflows before the product.

Each divisor goes to a factor, the same number to each, and divides it before factors
are multiplied: x^2/s^3 is (x/s/s) (x/s). A factor that has a quotient inside is left
whole, as it may be as large as the product is; where it is the only one, the divisors
go to each of its terms. An exponential goes half to each factor of a square.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Mul, Pow, exp


def has_quotient(factor: Expr) -> bool:
    """Whether something is divided inside."""
    return any(power.exp.is_negative for power in factor.atoms(Pow))


def dealt(
    above: Sequence[Expr], below: Sequence[Expr]
) -> list[tuple[Expr, tuple[Expr, ...]]]:
    """Each factor above with the divisors that it takes, in turn."""
    takers = [n for n, f in enumerate(above) if not has_quotient(f)] or range(
        len(above)
    )
    taken: dict[int, list[Expr]] = {n: [] for n in range(len(above))}
    for number, divisor in enumerate(below):
        taken[takers[number % len(takers)]].append(divisor)
    return [(factor, tuple(taken[n])) for n, factor in enumerate(above)]


def has_sum_of_quotients(above: Sequence[Expr], below: Sequence[Expr]) -> bool:
    """Whether one sum is divided, which has quotients inside."""
    only = len(above) == 1 and above[0].is_Add and bool(below)
    return only and has_quotient(above[0])


def split_growth(above: Sequence[Expr]) -> tuple[Expr, tuple[Expr, ...]] | None:
    """The exponential among factors, and the others; None if one of these lacks."""
    growths = [factor for factor in above if isinstance(factor, exp)]
    others = tuple(factor for factor in above if not isinstance(factor, exp))
    return (growths[0], others) if len(growths) == 1 and others else None


def root_of(factors: Sequence[Expr]) -> Expr | None:
    """The expression whose square the product is, if each factor is there twice."""
    twice, rest = factors[::2], factors[1::2]
    return Mul(*twice) if tuple(twice) == tuple(rest) else None


def over_both(factor: Expr, divisors: Sequence[Expr]) -> tuple[Expr, Expr] | None:
    """a and b, if what is divided is a - b, and by a and b."""
    if len(divisors) != 2 or not factor.is_Add:
        return None
    for a, b in (tuple(divisors), tuple(divisors[::-1])):
        if factor == a - b:
            return a, b
    return None


def apart(argument: Expr) -> tuple[Expr, Expr, Expr] | None:
    """a, b and c > 0 if the argument is c (a - b), for two symbols."""
    if not argument.is_Add or len(argument.args) != 2:
        return None
    (first, a), (second, b) = (term.as_coeff_Mul() for term in argument.args)
    if first != -second or not (a.is_Symbol and b.is_Symbol):
        return None
    return (a, b, first) if first.is_positive else (b, a, second)
