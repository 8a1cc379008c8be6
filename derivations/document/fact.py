"""Rows that the document does not have: what is proved, printed from the derivation."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, latex

from derivations.chain import Derivation
from derivations.document.claim import Claim, Expected
from derivations.document.exercise_2 import STANDING

INDICES = frozenset({"j <= k", "l <= k", "j <= n", "l <= n"})


def own_words(*derivations: Derivation) -> frozenset[str]:
    """What the change of variable of the derivations says: the notation of the row."""
    rules = ("substitute", "symbols")
    return frozenset(
        h.words for d in derivations for h in d.hypotheses if h.rule in rules
    )


def fact(id_: str, text: str, *derivations: Derivation, reading: str = "") -> Claim:
    """A row that is proved for all values."""
    return Claim(
        id_,
        text,
        Expected.PROVED,
        reading=reading,
        statements=derivations,
        standing=STANDING | INDICES | own_words(*derivations),
    )


def under(id_: str, text: str, *derivations: Derivation) -> Claim:
    """A row that is proved under the hypotheses that its derivations leave."""
    return Claim(id_, text, Expected.PROVED_UNDER, statements=derivations)


def slope_text(result: Derivation, *coordinates: Expr, of: str = "D_{KL}") -> str:
    """The derivative of `of` in the coordinates, and what it is."""
    order = "" if len(coordinates) == 1 else f"^{len(coordinates)}"
    moved = " ".join(rf"\partial {latex(c)}" for c in coordinates)
    return rf"\frac{{\partial{order} {of}}}{{{moved}}} = {latex(result.rhs)}"


def slopes_text(results: Iterable[Derivation], of: str = "D_{KL}") -> str:
    """All derivatives that are not 0 everywhere, in the coordinates they move."""
    return r", \quad ".join(
        slope_text(r, *r.lhs.variables, of=of) for r in results if r.rhs != 0
    )


def equations(*derivations: Derivation) -> str:
    """Each derivation's first line and its last, as equations."""
    return r", \quad ".join(f"{latex(d.lhs)} = {latex(d.rhs)}" for d in derivations)
