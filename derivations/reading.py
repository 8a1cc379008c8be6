"""What a chain's last line says of arrays: its sums and means, one number of each.

A sum to the axis is over one coordinate of every array at a time; another coordinate
than the one that is summed, a constant beside the sums, or a symbol that no argument
stands for can not be meant, and raises LoweringError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from keyword import iskeyword
from typing import TypeAlias

from sympy import (
    Add,
    Basic,
    Expr,
    Indexed,
    IndexedBase,
    KroneckerDelta,
    Mul,
    S,
    Sum,
    Symbol,
)

from derivations.backends.emitter import LoweringError
from derivations.backends.smooth import Order, Smooth
from derivations.expectation import E

Meaning: TypeAlias = Expr | IndexedBase | tuple[Expr | IndexedBase, ...]


@dataclass(frozen=True)
class Part:
    """One sum or mean of the result.

    reduction   "sum" over the last axis, "mean" over everything, or "none"
    places      which of the function's arguments its terms depend on
    terms       the terms, as a function of these
    """

    reduction: str
    places: tuple[int, ...]
    terms: Smooth


@dataclass(frozen=True)
class Reading:
    """A line, read as a function of arrays.

    name        what the generated functions and the errors are called
    line        the line
    meanings    what each argument stands for
    axis        the symbol to which coordinates are summed
    known       lines for derivatives, by the arguments that they are taken in
    """

    name: str
    line: Expr
    meanings: Mapping[str, tuple[Expr | IndexedBase, ...]]
    axis: Symbol | None
    known: Mapping[tuple[str, ...], Expr]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments' names, in order."""
        return tuple(self.meanings)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The sums and means that the result is made of."""
        bodies: dict[object, Expr] = {}
        for term in Add.make_args(self.line):
            key, body = self._reduced(term)
            bodies[key] = bodies.get(key, S.Zero) + body
        if "none" in bodies and (len(bodies) > 1 or bodies["none"].is_number):
            raise LoweringError(
                f"{self.name}: {bodies['none']} stands outside of every sum and "
                "expectation; write it inside"
            )
        return tuple(self._part(key, body) for key, body in bodies.items())

    def _reduced(self, term: Expr) -> tuple[object, Expr]:
        """How the term is reduced, and what stands under it with its coefficient."""
        whole = [f for f in Mul.make_args(term) if isinstance(f, Sum | E)]
        if len(whole) != 1:
            return "none", self._in_arrays(term, self.arguments, at=())
        (inner,) = whole
        coefficient = self._in_arrays(term / inner, self.arguments, at=())
        if isinstance(inner, E):
            body = self._in_arrays(inner.body, self.arguments, at=())
            return ("mean", inner.law), coefficient * body
        index, low, high = inner.limits[0]
        if len(inner.limits) > 1 or low != 1 or high != self.axis:
            raise LoweringError(
                f"{self.name}: {inner} is no sum to the axis {self.axis}"
            )
        body = self._in_arrays(inner.function, self.arguments, at=(index,))
        return "sum", coefficient * body

    def _part(self, key: object, expression: Expr) -> Part:
        reduction = key if isinstance(key, str) else "mean"
        symbols = tuple(self._symbols.values())
        places = tuple(n for n, s in enumerate(symbols) if s in expression.free_symbols)
        if reduction == "sum":  # a derivative may depend on arguments that it does not
            places = tuple(range(len(symbols)))
        self._check(expression, set(symbols))
        held = tuple(symbols[n] for n in places)
        name = self.name
        if reduction == "mean" and len(self.arguments) > 1:
            name = "_of_".join((name, *(s.name for s in held)))
        terms = Smooth(name, held, expression, self._known(places))
        return Part(reduction, places, terms)

    def _check(self, expression: Expr, symbols: set[Symbol]) -> None:
        if strange := expression.free_symbols - symbols:
            names = ", ".join(sorted(map(str, strange)))
            raise LoweringError(
                f"{self.name} depends on {names} too: say in `arguments` what is what"
            )

    def _known(self, places: tuple[int, ...]) -> dict[Order, Expr]:
        """The derivatives that chains give, of the part with these arguments."""
        names = [self.arguments[n] for n in places]
        known: dict[Order, Expr] = {}
        for moved, line in self.known.items():
            if set(moved) <= set(names):
                order = tuple(sorted(names.index(n) for n in moved))
                known[order] = self._in_arrays(line, names)
                self._check(known[order], {self._symbols[n] for n in names})
        return known

    @cached_property
    def _symbols(self) -> dict[str, Symbol]:
        """One number of each array, with what is known of its sign."""
        return {
            name: Symbol(name, positive=True)
            if all(_positive(m) for m in meanings)
            else Symbol(name, real=True)
            for name, meanings in self.meanings.items()
        }

    def _in_arrays(
        self, expression: Expr, names: Sequence[str], at: tuple[Expr, ...] | None = None
    ) -> Expr:
        """The expression with one number of each named array for what it means.

        `at` is the index of the sum that it stands under, () outside of a sum. In a
        derivative (None) it is the index that the derivative is taken at: with a delta
        of two, which is 1 where the derivative is not 0, either of them.
        """
        exact: dict[Basic, Symbol] = {}
        bases: dict[Basic, Symbol] = {}
        for name in names:
            for meaning in self.meanings[name]:
                target = bases if isinstance(meaning, IndexedBase) else exact
                target[meaning] = self._symbols[name]
        changed = expression.xreplace(exact)
        found = [c for c in changed.atoms(Indexed) if c.base in bases]
        deltas = changed.atoms(KroneckerDelta)
        used = {c.indices for c in found}
        if at is None:
            pairs = [{(i,) for i in delta.args} for delta in deltas]
            fits = len(used) <= 1 or any(used <= pair for pair in pairs)
        else:
            fits = used <= {at} and not deltas
        if not fits:
            raise LoweringError(
                f"{self.name}: {expression} has other coordinates than the one that "
                "is summed: an array is known one coordinate at a time"
            )
        numbers = {coordinate: bases[coordinate.base] for coordinate in found}
        return changed.xreplace({**numbers, **dict.fromkeys(deltas, S.One)})


def meanings_of(name: str, meaning: Meaning) -> tuple[Expr | IndexedBase, ...]:
    """What an argument means in the chains; raises LoweringError if it can't be one."""
    if not name.isidentifier() or iskeyword(name) or name == "kit":
        raise LoweringError(f"an argument can not be called {name!r}")
    meanings = meaning if isinstance(meaning, tuple) else (meaning,)
    for one in meanings:
        if not isinstance(one, Expr | IndexedBase):
            raise LoweringError(
                f"{name} means {one!r}, need an IndexedBase, a symbol or an expression"
            )
    return meanings


def _positive(meaning: Expr | IndexedBase) -> bool:
    known = meaning.label if isinstance(meaning, IndexedBase) else meaning
    return bool(meaning.is_positive or known.is_positive)
