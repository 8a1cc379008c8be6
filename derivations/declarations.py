"""What a name is declared to be must be what it is.

SymPy simplifies by the declared assumptions before anybody looks: for an even index e
it writes 1 for (-1)**e, and the sum over e = 1, 2, 3 is then another one. So a bound
name is declared to be no more than its range makes it, and a free one to be a finite
number that commutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import (
    Basic,
    Derivative,
    Expr,
    IndexedBase,
    Integral,
    Limit,
    Product,
    Sum,
    Symbol,
)
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions import MatrixExpr

from derivations.scope import bound_names, free_names


def misdeclared(line: Basic) -> Iterator[str]:
    """What is wrong with the declarations of the names of a line, a message each."""
    yield from _numbers(line)
    for total in line.atoms(Sum, Product, Integral):
        for index, *ends in total.limits:
            if len(ends) != 2:
                continue
            runs = _between(*ends) if isinstance(total, Integral) else _from(*ends)
            if words := _beyond(index, runs):
                shown = f"{total} runs it from {ends[0]}"
                yield f"{index} is declared {words}, and {shown}"
    for variable in {v for d in line.atoms(Derivative) for v in d.variables}:
        if variable.is_rational is not None:
            yield f"{variable} is declared to be isolated, and a derivative moves it"
    for limit in line.atoms(Limit):
        _, variable, point, side = limit.args
        if words := _beyond(variable, _near(point, str(side))):
            yield f"{variable} is declared {words}, and {limit} takes it to {point}"


def _numbers(line: Basic) -> Iterator[str]:
    for part in sorted(line.atoms(AppliedUndef, MatrixExpr, Symbol), key=str):
        if part.is_commutative is False:
            yield f"{part} does not commute; the arithmetic here is that of numbers"
    for name in sorted(free_names(line) | bound_names(line), key=str):
        if not isinstance(name, Symbol | IndexedBase) or name.is_finite:
            continue
        if name.is_extended_real or name.is_infinite:
            yield f"{name} may be infinite as it is declared; declare it real"


def two_kinds(lines: Sequence[Basic]) -> Iterator[str]:
    """A letter that is a number in one place and a vector in another."""
    names = set().union(*(free_names(line) | bound_names(line) for line in lines))
    for base in sorted((n for n in names if isinstance(n, IndexedBase)), key=str):
        if base.label in names:
            yield f"{base} is a number in one place and a vector in another"


def _beyond(name: Symbol, attains: Symbol) -> str:
    """A word that `name` is declared with and `attains` does not have; "" for none."""
    wrong = [
        word if declared else f"not {word}"
        for word, declared in name.assumptions0.items()
        if attains.assumptions0.get(word) is not declared
    ]
    return "positive" if "positive" in wrong else min(wrong, key=len, default="")


def _from(lower: Expr, upper: Expr) -> Symbol:
    """An index that runs from one end to the other."""
    if lower.is_nonnegative:
        return Symbol("i", integer=True, **_signed(positive=lower.is_positive))
    if upper.is_nonpositive:
        return Symbol("i", integer=True, **_signed(negative=upper.is_negative))
    return Symbol("i", integer=True)


def _signed(**strict: bool | None) -> dict[str, bool]:
    """A sign, or the weak one where the strict one is not known."""
    weak = {"positive": "nonnegative", "negative": "nonpositive"}
    return {word if known else weak[word]: True for word, known in strict.items()}


def _between(*ends: Expr) -> Symbol:
    """A variable of integration; what it is at the ends does not matter."""
    if all(end.is_extended_nonnegative for end in ends):
        return Symbol("x", positive=True)
    if all(end.is_extended_nonpositive for end in ends):
        return Symbol("x", negative=True)
    if all(end.is_extended_real for end in ends):
        return Symbol("x", real=True)
    return Symbol("x")


def _near(point: Expr, side: str) -> Symbol:
    """A variable that tends to a point; to infinity it may go in integers."""
    whole = {"integer": True} if point.is_infinite else {}
    if point.is_extended_positive or (point.is_zero and side == "+"):
        return Symbol("x", positive=True, **whole)
    if point.is_extended_negative or (point.is_zero and side == "-"):
        return Symbol("x", negative=True, **whole)
    if point.is_zero:
        return Symbol("x", real=True, nonzero=True)
    return Symbol("x", real=True) if point.is_real else Symbol("x")
