"""What a function is at the ends of its domain: infinities, 0, nan, beyond the domain.

There the value is the limit of the textbook expression, or nan where an argument that
it depends on is nan. A scale below 0 makes the value nan.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from math import inf, isfinite, isinf, isnan, nan

import numpy as np
from sympy import Expr, Rational, Symbol, limit, oo, zoo
from sympy import nan as no_number

from verify.accuracy.cell import Cell
from verify.accuracy.implementation import Results
from verify.accuracy.textbook import TERMS, Order

REAL = (0.0, 1.0, inf, -inf, nan)
POSITIVE = (0.0, 1.0, inf, nan, -1.0)
WRONG = "limit"


@cache
def limits_of(number: int) -> dict[Order, dict[tuple[float, ...], float]]:
    """For each derivative of a term of TERMS, what it is at which ends."""
    term = TERMS[number]
    ends = [POSITIVE if s.is_positive else REAL for s in term.arguments]
    found: dict[Order, dict[tuple[float, ...], float]] = {}
    for order, expression in term.derivatives.items():
        found[order] = {}
        for at in product(*ends):
            expected = limit_at(expression, dict(zip(term.arguments, at, strict=True)))
            if -1.0 in at and not (order == () and all(map(isfinite, at))):
                continue  # only the value's nan is promised there
            if expected is not None:
                found[order][at] = expected
    return found


def limit_at(expression: Expr, at: dict[Symbol, float]) -> float | None:
    """The limit as the symbols go to their values; None where nothing is promised.

    A symbol goes to its value from inside the domain, infinite ones one after the
    other. No limit is taken where everything is an ordinary number.
    """
    at = {s: value for s, value in at.items() if s in expression.free_symbols}
    if any(isnan(v) or (s.is_positive and v < 0) for s, v in at.items()):
        return nan
    ends = {s: v for s, v in at.items() if isinf(v) or (s.is_positive and v == 0)}
    if not ends:
        return None
    found = expression.xreplace(
        {s: Rational(v) for s, v in at.items() if s not in ends}
    )
    for symbol, value in ends.items():
        end = Rational(0) if value == 0 else oo if value > 0 else -oo
        found = limit(found, symbol, end, "+" if value == 0 else "-")
    if found in (no_number, zoo) or not found.is_number:
        return None
    return float(found)


def ends_of(number: int) -> list[np.ndarray]:
    """Columns of coordinates: every end at which a derivative has a limit."""
    ends = sorted({at for order in limits_of(number).values() for at in order}, key=str)
    return [np.array(column) for column in zip(*ends, strict=True)]


def limits_kept(number: int, results: Results) -> Cell:
    """Where results at the columns of `ends_of` have another value than the limit."""
    term, cell = TERMS[number], Cell()
    ends = list(zip(*(c.tolist() for c in ends_of(number)), strict=True))
    for order, values in results.items():
        expected = limits_of(number)[order]
        for at, value in zip(ends, values.tolist(), strict=True):
            wanted = expected.get(at)
            if wanted is None or value == wanted or (isnan(value) and isnan(wanted)):
                continue
            cell.counts[WRONG] = cell.counts.get(WRONG, 0) + 1
            cell.first.setdefault(WRONG, (f"{term.label(order)} {value}".strip(), at))
    return cell
