"""An excerpt: consecutive lines of a chain, judged by themselves.

A claim of the document is often one line of a longer chain. The lines and their rules
are the chain's own, so that nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Generator

from sympy import sympify

from derivations.chain import Derivation, derivation
from derivations.line import at_most


def excerpt(whole: Derivation, first: int, last: int, doc: str) -> Derivation:
    """The lines `first` to `last` of `whole`, counted from 0, under their own rules.

    Raises ValueError unless that is at least one step of the chain.
    """

    def chain() -> Generator[object, None, None]:
        if not 0 <= first < last < len(whole.steps):
            had, asked = f"0 to {len(whole.steps) - 1}", f"{first} to {last}"
            raise ValueError(f"{whole.name} has lines {had}, and was asked for {asked}")
        start, *steps = whole.steps[first : last + 1]
        yield start.expression, start.quotation
        for step in steps:
            claim = at_most if step.relation == "<=" else sympify
            yield claim(step.expression), *step.rules, step.quotation

    chain.__name__ = f"{whole.name}_{first}_to_{last}"
    chain.__doc__ = doc
    return derivation(chain)
