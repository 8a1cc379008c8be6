"""An expression at values: numbers for symbols, sequences for indexed symbols.

What a symbol is declared to be, its value has to be; a sequence has as many numbers as
the sums over it have terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Basic, Expr, Indexed, IndexedBase, S, Sum, Symbol, Tuple, sympify

from derivations.line import Line
from derivations.scope import Name

DECLARED = ("real", "integer", "positive", "nonnegative", "negative", "nonzero")


def at_values(
    line: Line, symbols: Mapping[str, Name], given: Mapping[str, Any]
) -> Line:
    """The line at values by name, its sums written out; see `Derivation.at`."""
    scalars: dict[Basic, Any] = {}
    rows: dict[IndexedBase, tuple[Expr, ...]] = {}
    for name, value in given.items():
        symbol = symbols[name]
        plain = value.tolist() if hasattr(value, "tolist") else value
        if isinstance(symbol, IndexedBase):
            rows[symbol] = _row(symbol, plain)
        elif isinstance(symbol, Symbol):
            scalars[symbol] = _number(name, symbol, plain)
        else:
            scalars[symbol] = sympify(plain)
    for base, row in rows.items():
        _check_length(line, base, row, scalars)
    result = line.subs(scalars)
    result = result.replace(lambda e: isinstance(e, Sum), lambda e: e.doit())
    coordinates: dict[Basic, Expr] = {}
    for base, row in rows.items():
        coordinates |= _coordinates(result, base, row)
    return result.subs(coordinates)


def _row(base: IndexedBase, value: object) -> tuple[Expr, ...]:
    if not isinstance(value, tuple | list | Tuple):
        needed = "a sequence of numbers, one for each coordinate"
        raise TypeError(f"{base} needs {needed}, got {value!r}")
    return tuple(
        _number(f"{base}[{n}]", base.label, one) for n, one in enumerate(value, 1)
    )


def _number(name: str, symbol: Basic, value: object) -> Expr:
    """The value, where it is what the symbol is declared to be."""
    found = None if isinstance(value, tuple | list | Tuple) else sympify(value)
    if not isinstance(found, Expr):
        raise TypeError(f"{name} needs a number, got {value!r}")
    for fact in DECLARED:
        refuted = getattr(found, f"is_{fact}") is False or found is S.NaN
        if fact == "integer" and found.is_Number:
            refuted = not found.is_Integer
        if getattr(symbol, f"is_{fact}") and refuted:
            declared = [f for f in DECLARED if getattr(symbol, f"is_{f}")]
            said = ", ".join(declared)
            raise ValueError(f"{name} is {said}, got {value!r}")
    return found


def _check_length(
    line: Line, base: IndexedBase, row: tuple[Expr, ...], scalars: Mapping[Basic, Any]
) -> None:
    for limits in {limits for s in line.atoms(Sum) for limits in s.limits}:
        index, _, last = limits
        if not any(e.base == base and index in e.indices for e in line.atoms(Indexed)):
            continue
        size = last.subs(scalars)
        if size.is_Integer and size != len(row):
            raise ValueError(f"{base} needs {last} = {size} numbers, got {len(row)}")
        if not size.is_Integer:
            names = ", ".join(sorted(map(str, size.free_symbols)))
            raise ValueError(f"{base} has {last} coordinates: give {names} too")


def _coordinates(
    result: Line, base: IndexedBase, row: tuple[Expr, ...]
) -> dict[Basic, Expr]:
    """The numbers for the coordinates of the base that the result has."""
    found: dict[Basic, Expr] = {}
    for coordinate in result.atoms(Indexed):
        if coordinate.base != base:
            continue
        if len(coordinate.indices) > 1:
            raise ValueError(f"{coordinate} has several indices, need one")
        (index,) = coordinate.indices
        if not index.is_Integer:
            raise ValueError(f"{coordinate} needs a number for {index} too")
        if not 1 <= index <= len(row):
            raise ValueError(f"{base} needs {index} numbers, got {len(row)}")
        found[coordinate] = row[index - 1]
    return found
