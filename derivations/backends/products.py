"""The order of operations in a product, so that nothing overflows before the product.

Each divisor goes to a factor, the same number to each, and divides it before factors
are multiplied: x^2/s^3 is (x/s/s) (x/s). A factor that has a quotient inside is left
whole, as it may be as large as the product is; where it is the only one, the divisors
go to each of its terms. An exponential goes half to each factor of a square.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sympy import Add, Expr, Mul, Pow, S, Symbol, exp

from derivations.functions import sigmoid, softplus

if TYPE_CHECKING:
    from derivations.backends.emitter import Writer


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


def both_ways(above: Sequence[Expr]) -> Expr | None:
    """x, if the product is s(x) s(-x)."""
    if len(above) != 2 or not all(isinstance(factor, sigmoid) for factor in above):
        return None
    (first,), (second,) = (factor.args for factor in above)
    if first != -second:
        return None
    return second if first.could_extract_minus_sign() else first


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


def number(value: Expr) -> str:
    """The float nearest to the constant."""
    if value.is_Integer and abs(int(value)) < 2**53:
        return f"{int(value)}.0"
    return repr(float(value.evalf(40)))


def times(constant: Expr, code: str) -> str:
    """A constant times what the code is worth."""
    sign = "-" if constant.is_negative else ""
    return sign + (code if abs(constant) == 1 else f"{number(abs(constant))} * {code}")


def grown(
    writer: Writer, constant: Expr, growth: Expr, others: tuple[Expr, ...]
) -> str:
    """The others times e^t, within its own range; half of t for each of a square."""
    root = root_of(others)
    argument = growth.args[0] / (2 if root else 1)
    factor = root or Mul(*others)
    pair = apart(factor)
    a, b = pair[:2] if pair and pair[2] == 1 else (factor, S.Zero)
    inside = ", ".join(map(writer.code, (a, b, argument)))
    code = writer.named((factor, argument), "grown", f"kit.grown({inside})")
    if root is None:
        return times(constant, f"{code}.value()")
    return square(constant, code)


def square(constant: Expr, code: str) -> str:
    """A constant times the square of a `Grown` or a `Quotient`."""
    size = "" if abs(constant) == 1 else number(abs(constant))
    return f"{'-' if constant.is_negative else ''}{code}.square({size})"


def weighted(writer: Writer, above: list[Expr]) -> str:
    """A softplus, which may be inf, by weights that may be 0."""
    (atom, *more) = sorted(above, key=lambda f: not isinstance(f, softplus))
    return f"kit.weighted({writer.code(Mul(*more))}, {writer.code(atom)})"


def spread(writer: Writer, constant: Expr, total: Add, below: list[Expr]) -> str:
    """A sum by its divisors; where it overflows, a number in it counts for nothing."""
    counts = [term for term in total.args if not term.is_number]
    terms = writer.code(Add(*(constant * term / Mul(*below) for term in counts)))
    if len(counts) == len(total.args):
        return f"({terms})"
    code = writer.named(total, "total", writer.code(total))
    over = times(constant, code)
    for n, divisor in enumerate(below):
        over = divided(writer, over, divisor, again=n > 0)
    return f"kit.quotient_of_sum({code}, {over}, {terms})"


def with_limit(
    writer: Writer, above: list[Expr], below: list[Expr]
) -> tuple[list[Expr], list[Expr]]:
    """(x - 1)/x with the largest number for x = inf, where it is 1 and not nan."""
    if len(above) == len(below) == 1 and below[0].is_Symbol:
        x, shift = below[0], above[0] - below[0]
        if shift.is_number and shift != 0:
            code = f"kit.at_most({writer.code(x)}, kit.largest)"
            finite = Symbol(writer.named(("finite", x), "finite", code))
            return [finite + shift], [finite]
    return above, below


def ratio(writer: Writer, above: Expr, below: Expr) -> str:
    """A quotient with a name of its own."""
    code = f"{writer.factor(above)} / {writer.factor(below)}"
    return writer.named((above, below), "ratio", code)


def rounded(writer: Writer, above: Expr, below: Expr) -> str:
    """A quotient of a difference that knows what it rounds off."""
    pair = apart(above)
    a, b = pair[:2] if pair and pair[2] == 1 else (above, S.Zero)
    inside = ", ".join(map(writer.code, (a, b, below)))
    return writer.named(
        ("rounded", above, below), "quotient", f"kit.quotient({inside})"
    )


def quotient(
    writer: Writer, constant: Expr, above: list[Expr], below: list[Expr]
) -> str:
    """Several factors or divisors, each divided before it is multiplied."""
    if above == above[:1] * 2 and below == below[:1] * 2:
        return square(constant, rounded(writer, above[0], below[0]))
    parts = []
    for factor, divisors in dealt(above, below):
        code = writer.factor(factor)
        if both := over_both(factor, divisors):
            inside = ", ".join(map(writer.code, both))
            code = writer.named(("both", *both), "ratio", f"kit.over_both({inside})")
            divisors = ()
        for n, divisor in enumerate(divisors):
            key = (factor, divisors[: n + 1]) if n else (factor, divisor)
            code = divided(writer, code, divisor, again=n > 0)
            code = writer.named(key, "ratio", code)
        parts.append(code)
    return times(constant, " * ".join(parts))


def divided(writer: Writer, code: str, divisor: Expr, again: bool) -> str:
    """A quotient; one that is divided again, a compiler must not rearrange."""
    if again:
        return f"kit.divided({code}, {writer.code(divisor)})"
    return f"{code} / {writer.factor(divisor)}"
