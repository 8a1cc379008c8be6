"""A line of a chain: what a `yield` says, read as a step or refused with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sympy import Expr, Float, S, sympify
from sympy.core.sympify import SympifyError
from sympy.logic.boolalg import Boolean

from derivations.normal_form import normal
from derivations.rules.rule import Rule
from derivations.scope import readable

Line: TypeAlias = Expr | Boolean  # an expression, or a relation


class DerivationError(ValueError):
    """A derivation that has no form: where, what was given and what was needed."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(file, line, message)
        self.file, self.line, self.message = file, line, message

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class at_most:
    """The claim that the line above is at most `expression`."""

    expression: Expr


@dataclass(frozen=True)
class Step:
    """One line of a chain, and what makes it follow from the one above.

    relation    "=" or "<=" to the line above; "" for the first line
    quotation   the document's own line, where SymPy writes it otherwise
    produced    whether the rules made the line, rather than a person
    line        the line of the file on which the `yield` stands
    """

    expression: Line
    relation: str
    rules: tuple[Rule, ...]
    line: int
    quotation: str = ""
    produced: bool = False


@dataclass(frozen=True)
class Place:
    """Where a line is written."""

    file: str
    line: int

    def fault(self, message: str) -> DerivationError:
        """The error to raise for what is written here."""
        return DerivationError(self.file, self.line, message)


def read(parts: tuple[object, ...], above: Sequence[Step], place: Place) -> Step:
    """The step that the parts of a `yield` say below the lines `above`.

    Raises DerivationError where they are no line.
    """
    quotation = " ".join(p for p in parts if isinstance(p, str))
    parts = tuple(p for p in parts if not isinstance(p, str))
    if not parts:
        raise place.fault("yields nothing but a quotation; a line is an expression")
    claim, *reasons = parts
    if isinstance(claim, Rule):
        rules = _cited(parts, place)
        if not above:
            raise place.fault(
                "the first line is a rule; a chain starts with an expression"
            )
        made, relation = _made(above[-1].expression, rules)
        return Step(made, relation, rules, place.line, quotation, produced=True)
    relation = "=" if above else ""
    if isinstance(claim, at_most):
        if not above:
            raise place.fault(
                "the first line is at_most(...): there is no line above it"
            )
        claim, relation = claim.expression, "<="
    rules = _cited(reasons, place)
    return Step(_expression(claim, place), relation, rules, place.line, quotation)


def _cited(reasons: Sequence[object], place: Place) -> tuple[Rule, ...]:
    rules = []
    for rule in reasons:
        if not isinstance(rule, Rule):
            raise place.fault(f"cites {_needed(rule)}")
        rules.append(rule)
    return tuple(rules)


def _needed(wrong: object) -> str:
    if isinstance(wrong, type) and issubclass(wrong, Rule):
        name = wrong.__name__.lower()
        return f"{wrong.__name__} without its arguments; see help(rules.{name})"
    return f"{wrong!r}, need a rule such as rules.linearity, or a derivation"


def _made(above: Line, rules: tuple[Rule, ...]) -> tuple[Line, str]:
    """The line that the rules make of the one above, and how it stands to that."""
    made = above
    for rule in rules:
        made = rule.raised(made) if rule.raises else rule.rewrite(made)
    relation = "<=" if any(rule.raises for rule in rules) else "="
    known = (above, *(i for rule in rules for i in rule.introduces))
    return readable(normal(made), *known), relation


def _expression(claim: object, place: Place) -> Line:
    try:
        expression = sympify(claim, strict=True)
    except SympifyError:
        raise place.fault(
            f"yields {claim!r}, need a SymPy expression, or rules"
        ) from None
    if not isinstance(expression, Expr | Boolean):
        kind = type(expression).__name__
        raise place.fault(f"yields {expression} of type {kind}, need an expression")
    if expression.has(Float):
        (number, *_) = expression.atoms(Float)
        raise place.fault(
            f"{number} is a rounded number; write it exactly, as Rational(1, 10)"
        )
    if expression.has(S.NaN, S.ComplexInfinity):
        raise place.fault(f"the line is {expression}: something was divided by zero")
    return expression
