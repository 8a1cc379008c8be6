"""When a body is a polynomial in what is drawn: then a normal law integrates it."""

from __future__ import annotations

from sympy import Add, Expr, Indexed, IndexedBase, Mul, Pow, Sum, Symbol

from derivations.expectation import depends


def degree(body: Expr, drawn: Symbol | IndexedBase) -> int | None:
    """The degree of `body` in the drawn variable; None where it is no polynomial."""
    if not depends(body, drawn):
        return 0
    if body == drawn or (isinstance(body, Indexed) and body.base == drawn):
        return 1
    match body:
        case Add() | Mul():
            found = [degree(a, drawn) for a in body.args]
            degrees = [d for d in found if d is not None]
            if len(degrees) < len(found):
                return None
            return max(degrees) if isinstance(body, Add) else sum(degrees)
        case Pow() if body.exp.is_Integer and body.exp.is_positive:
            inner = degree(body.base, drawn)
            return None if inner is None else inner * int(body.exp)
        case Sum():
            ends = (end for limit in body.limits for end in limit[1:])
            if not any(depends(end, drawn) for end in ends):
                return degree(body.function, drawn)
    return None
