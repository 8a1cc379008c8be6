"""Hypotheses: what a result rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sympy import Basic
from sympy.logic.boolalg import Boolean


@dataclass(frozen=True)
class Hypothesis:
    """A condition that a rule needs and that SymPy's assumptions do not settle.

    words      the condition as a reader sees it
    rule       the rule that left it
    statement  the condition as a relation, where it is one
    """

    words: str
    rule: str
    statement: Boolean | None = None

    def __str__(self) -> str:
        return self.words


def of_symbols(names: Iterable[Basic]) -> tuple[Hypothesis, ...]:
    """What the names were declared to be, beside reals, dimensions and indices."""
    return tuple(
        Hypothesis(words.format(name), "symbols")
        for name in sorted(names, key=str)
        for words in _declared(name)
    )


DECLARED = {  # each with what it says of a name, and what says more
    "zero": ("{} = 0", ()),
    "positive": ("{} > 0", ("zero",)),
    "negative": ("{} < 0", ("zero",)),
    "nonnegative": ("{} >= 0", ("zero", "positive")),
    "nonpositive": ("{} <= 0", ("zero", "negative")),
    "nonzero": ("{} != 0", ("positive", "negative")),
    "even": ("{} is even", ("zero",)),
    "odd": ("{} is odd", ()),
    "prime": ("{} is a prime", ()),
    "composite": ("{} is composite", ()),
    "irrational": ("{} is irrational", ()),
}


def _declared(name: Basic | type) -> Iterator[str]:
    """The words for what a symbol, a base or an unknown function is declared to be."""
    known = {word for word in DECLARED if getattr(name, f"is_{word}", None) is True}
    whole = getattr(name, "is_integer", None) is True
    for word, (says, stronger) in DECLARED.items():
        counted = whole and word in ("positive", "nonnegative", "nonzero")
        if word in known and not counted and not known & set(stronger):
            yield says
