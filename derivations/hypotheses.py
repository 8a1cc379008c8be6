"""Hypotheses: what a result rests on, and what has been discharged of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Basic, IndexedBase, Symbol
from sympy.logic.boolalg import Boolean


@dataclass(frozen=True)
class Hypothesis:
    """A condition that a rule needs and that SymPy's assumptions do not settle.

    words          the condition as a reader sees it
    rule           the rule that left it
    statement      the condition as a relation, where it is one
    discharged_by  the derivation that proves it; empty while it is assumed
    """

    words: str
    rule: str
    statement: Boolean | None = None
    discharged_by: str = ""

    def __str__(self) -> str:
        return (
            self.words
            if not self.discharged_by
            else f"{self.words} ({self.discharged_by})"
        )


def of_symbols(names: Iterable[Basic]) -> tuple[Hypothesis, ...]:
    """The signs that the symbols were declared with, beside dimensions and indices."""
    return tuple(
        Hypothesis(f"{name} > 0", "symbols")
        for name in sorted(names, key=str)
        if isinstance(name, Symbol | IndexedBase)
        and name.is_positive
        and not name.is_integer
    )
