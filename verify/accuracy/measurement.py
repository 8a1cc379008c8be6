"""The cells of one implementation, filled by as many runs as one likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from verify.accuracy.cell import Cell
from verify.accuracy.errors import errors
from verify.accuracy.formats import Format
from verify.accuracy.implementation import Implementation
from verify.accuracy.limits import ends_of, limits_kept
from verify.accuracy.textbook import TERMS, Order
from verify.accuracy.truth import Truth

COLUMNS = ("value", "gradient", "second derivative", "limits")
KEPT = 12  # points of a derivative from which the search goes on
UNSEEN = 14  # 2^-14 of a unit in the last place is less than any bound can tell


class Measurement:
    """What is known of an implementation of a term, in a dtype.

    cells  one for each of COLUMNS; None where the implementation has no such
           derivative, or refuses nan
    worst  for each derivative the points of its largest errors, with these
    """

    def __init__(self, implementation: Implementation, number: int, form: Format):
        self.implementation, self.number, self.form = implementation, number, form
        self.cells: list[Cell | None] = [None] * len(COLUMNS)
        self.worst: dict[Order, list[tuple[float, tuple[float, ...]]]] = {}

    @property
    def name(self) -> str:
        """The implementation's, with a star where subnormal numbers are left out."""
        flushes = self.implementation.flushes
        return f"{self.implementation.name}*" if flushes else self.implementation.name

    def take(self, columns: Sequence[np.ndarray], true: Mapping[Order, Truth]) -> None:
        """Run it at the points, and at the ends of the domain.

        columns  shape (n,) each, float64 that hold numbers of the dtype
        true     the truth of every derivative there
        """
        term, row, tried = TERMS[self.number], self.implementation, len(columns[0])
        given = list(columns)
        if not row.raises:
            ends = ends_of(self.number)
            given = [np.concatenate(pair) for pair in zip(columns, ends, strict=True)]
        results = row.run(term, self.form.name, given)
        for order, values in results.items():
            found = errors(values[:tried], true[order])
            of = np.ones(tried, bool)
            if row.flushes:
                of = _normal(columns, true[order], self.form)
            cell = self.cells[len(order)] = self.cells[len(order)] or Cell()
            cell.take(term.label(order), found, columns, of)
            self._keep(order, np.where(found.faulty | ~of, 0.0, found.units), columns)
        if not row.raises:
            at_ends = {order: values[tried:] for order, values in results.items()}
            self.cells[-1] = limits_kept(self.number, at_ends)

    def _keep(
        self, order: Order, units: np.ndarray, columns: Sequence[np.ndarray]
    ) -> None:
        far = np.argsort(-units, kind="stable")[:KEPT]
        found = [(float(units[n]), tuple(float(c[n]) for c in columns)) for n in far]
        found = [(size, at) for size, at in found if size > 0]
        ranked = sorted({*self.worst.get(order, []), *found}, key=lambda one: -one[0])
        self.worst[order] = ranked[:KEPT]


def _normal(columns: Sequence[np.ndarray], true: Truth, form: Format) -> np.ndarray:
    """Where no coordinate is subnormal, and no summand that is one can be seen."""
    least = 2.0**form.lowest
    inputs = [(c == 0) | (np.abs(c) >= least) for c in columns]
    large = np.abs(true.approximately) >= np.ldexp(least, form.digits + UNSEEN)
    return np.logical_and.reduce([*inputs, large | (true.whole + true.part == 0)])
