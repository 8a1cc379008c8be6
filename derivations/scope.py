"""Names: what an expression uses, what it binds, and how it can be read by a person."""

from __future__ import annotations

from typing import TypeAlias

from sympy import (
    Basic,
    Dummy,
    Expr,
    Indexed,
    IndexedBase,
    Integral,
    Limit,
    Product,
    Subs,
    Sum,
    Symbol,
)
from sympy.core.function import AppliedUndef, UndefinedFunction

from derivations.expectation import E

Name: TypeAlias = Basic | UndefinedFunction

# what a mathematician calls an index, where the lines above have none to take over
USUAL = (
    *(Symbol(name, integer=True, positive=True) for name in "imlrs"),
    *(Symbol(name, integer=True) for name in "imlrs"),  # a sum may start at 0
)


def free_names(expression: Basic) -> set[Name]:
    """The symbols, bases and functions that `expression` takes from outside."""
    match expression:
        case E():
            law = expression.law
            outside = set().union(*(free_names(p) for p in law.parameters))
            return outside | (free_names(expression.body) - {law.variable})
        case Sum() | Product() | Integral():
            return _of_limits(expression)
        case Subs():
            body, variables, point = expression.args
            return (free_names(body) - set(variables)) | free_names(point)
        case Limit():
            body, variable, point, _ = expression.args
            return (free_names(body) - {variable}) | free_names(point)
        case IndexedBase():
            return _of_base(expression)
    if expression.is_Symbol:
        return {expression}
    found = set().union(*(free_names(a) for a in expression.args))
    if isinstance(expression, AppliedUndef):
        found.add(expression.func)
    return found


def _of_limits(expression: Expr) -> set[Name]:
    found = free_names(expression.function)
    for index, *limits in expression.limits:  # the innermost stands first
        found.discard(index)
        found = found.union(*(free_names(limit) for limit in limits))
    return found


def _of_base(base: IndexedBase) -> set[Name]:
    shape = set().union(*(free_names(s) for s in base.shape or ()))
    if base.label.is_Symbol:
        return {base} | shape
    return free_names(base.label) | shape


def bound_names(expression: Basic) -> set[Name]:
    """The indices and the drawn variables that `expression` binds somewhere inside."""
    inside = (bound_names(a) for a in expression.args)
    return bound_here(expression).union(*inside)


def bound_here(expression: Basic) -> set[Name]:
    """The names that the head of `expression` itself binds."""
    match expression:
        case E():
            return {expression.law.variable}
        case Sum() | Product() | Integral():
            return {limit[0] for limit in expression.limits}
        case Limit():
            return {expression.args[1]}
        case Subs():
            return set(expression.variables)
    return set()


def ranges(*lines: Basic) -> dict[IndexedBase, set[Expr]]:
    """Where the sums over the coordinates of each base end."""
    uppers: dict[IndexedBase, set[Expr]] = {}
    for total in (t for line in lines for t in line.atoms(Sum, Product)):
        for index, _, upper in (limit for limit in total.limits if len(limit) == 3):
            for base in {a.base for a in total.atoms(Indexed) if a.indices == (index,)}:
                uppers.setdefault(base, set()).add(upper)
    return uppers


def readable(expression: Expr, *like: Expr) -> Expr:
    """`expression` with the bound names that its reader knows from the lines `like`."""
    known = sorted(set().union(*(bound_names(line) for line in like)), key=str)
    taken = free_names(expression)
    for own in sorted(bound_names(expression), key=str):
        if own in known or not _made_by_machine(own):
            continue
        used = taken | bound_names(expression)
        fitting = [n for n in (*known, *USUAL) if n not in used and _alike(n, own)]
        if fitting:
            expression = expression.xreplace({own: fitting[0]})
    return expression


def _made_by_machine(name: Name) -> bool:
    label = name.label if isinstance(name, IndexedBase) else name
    return isinstance(label, Dummy) or str(label).startswith("_")


def _alike(one: Name, other: Name) -> bool:
    if isinstance(one, IndexedBase) or isinstance(other, IndexedBase):
        return one.func == other.func and one.shape == other.shape
    return one.is_integer == other.is_integer and one.is_positive == other.is_positive
