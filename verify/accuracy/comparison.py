"""Every implementation of one term in one dtype, beside the truth.

After the points that are drawn there is a search: around the worst points of ours, at
all distances, from which the next round goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from verify.accuracy.bounds import BOUNDS
from verify.accuracy.formats import FORMATS, Format
from verify.accuracy.implementation import implementations
from verify.accuracy.measurement import COLUMNS, Cell, Measurement
from verify.accuracy.points import around, points
from verify.accuracy.textbook import TERMS, Order, Term
from verify.accuracy.truth import Truth, truth

Data: TypeAlias = dict[str, Any]
LIMITS = COLUMNS.index("limits")  # the derivatives stand before it
SEARCHED = ("float64",)  # the others are rounded once, at the end: nothing to climb


@dataclass(frozen=True)
class Line:
    """A row of the table: an implementation, with a cell for each of COLUMNS."""

    name: str
    ours: bool
    cells: tuple[Cell | None, ...]

    def within(self, bound: float) -> bool:
        """Whether all of its results are."""
        return all(cell is None or cell.within(bound) for cell in self.cells)

    @property
    def measured(self) -> bool:
        """Whether results were judged of the value and of both derivatives."""
        return all(cell and (cell.where or cell.counts) for cell in self.cells[:LIMITS])

    def as_data(self) -> Data:
        """The same as plain data, for JSON."""
        cells = (cell and cell.as_data() for cell in self.cells)
        return {
            "implementation": self.name,
            "ours": self.ours,
            **dict(zip(COLUMNS, cells, strict=True)),
        }


@dataclass(frozen=True)
class Comparison:
    """The rows of one term in one dtype; how many points were tried, and the bound."""

    term: str
    symbols: tuple[str, ...]
    dtype: str
    points: int
    lines: tuple[Line, ...]
    missing: dict[str, str]

    @property
    def bound(self) -> float:
        """In units in the last place, for what is ours."""
        return BOUNDS[self.dtype]

    @property
    def kept(self) -> bool:
        """Whether every row of ours keeps the bound."""
        return all(line.within(self.bound) for line in self.lines if line.ours)

    @property
    def measured(self) -> bool:
        """Whether a row of ours has a value, a gradient and a second derivative."""
        return any(line.measured for line in self.lines if line.ours)

    def as_data(self) -> Data:
        """The same as plain data, for JSON."""
        return {
            "function": self.term,
            "arguments": list(self.symbols),
            "dtype": self.dtype,
            "points": self.points,
            "bound": self.bound,
            "kept": self.kept,
            "measured": self.measured,
            "rows": [line.as_data() for line in self.lines],
            "missing": self.missing,
        }


def compared(
    number: int,
    dtypes: Sequence[str],
    *,
    count: int,
    seed: int,
    rounds: int = 0,
    slow: bool = False,
) -> list[Comparison]:
    """Measure the term of a number in TERMS, in some dtypes, on `count` random points.

    Beside these there are always the special points; of a type of 16 bits, every
    finite number. Then ours go through `rounds` of the search.
    """
    term = TERMS[number]
    found, missing = implementations(slow)
    comparisons = []
    for dtype in dtypes:
        form = FORMATS[dtype]
        rows = [
            Measurement(row, number, form)
            for row in found
            if term.subject in row.covers and dtype in row.dtypes
        ]
        rng = np.random.default_rng([seed, number])
        columns = points(term.arguments, form, count, rng)
        _measure(rows, term, columns, form)
        tried, ours = len(columns[0]), [row for row in rows if row.implementation.ours]
        for _ in range(rounds if dtype in SEARCHED else 0):
            _measure(ours, term, _further(ours, term, columns, rng), form)
            tried += len(columns[0])
        lines = (Line(r.name, r.implementation.ours, tuple(r.cells)) for r in rows)
        symbols = tuple(map(str, term.arguments))
        comparisons.append(
            Comparison(term.name, symbols, dtype, tried, tuple(lines), missing)
        )
    return comparisons


def _measure(
    rows: Sequence[Measurement], term: Term, columns: list[np.ndarray], form: Format
) -> None:
    true = truths(term, form, columns)
    for row in rows:
        row.take(columns, true)


def _further(
    ours: Sequence[Measurement],
    term: Term,
    columns: Sequence[np.ndarray],
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """As many points as there were at first, around the worst of ours."""
    kept = {at for row in ours for worst in row.worst.values() for _, at in worst}
    parents = [np.array(column) for column in zip(*sorted(kept), strict=True)]
    if not parents:
        return list(columns)
    return around(parents, term.arguments, ours[0].form, len(columns[0]), rng)


def truths(
    term: Term, form: Format, columns: Sequence[np.ndarray]
) -> dict[Order, Truth]:
    """The truth of every derivative, once for each value of what it depends on."""
    found = {}
    for order, expression in term.derivatives.items():
        free = [s in expression.free_symbols for s in term.arguments]
        grid = np.stack(
            [c if f else np.ones_like(c) for c, f in zip(columns, free, strict=True)]
        )
        once, back = np.unique(grid, axis=1, return_inverse=True)
        one = truth(term.enclosures[order], list(once), form)
        back = back.ravel()
        found[order] = Truth(form, one.whole[back], one.part[back], one.unit[back])
    return found
