"""The rule `substitute`: a change of variable."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Indexed, Symbol, sympify

from derivations.rules.rule import Rule
from derivations.scope import bound_names


class Substitute(Rule):
    """Write one variable by another: `rules.substitute({sigma[i]: exp(t[i] / 2)})`.

    The line above and the line that cites the rule are equal where the variables stand in
    the given relation. For a coordinate sigma[i] the relation holds for every index.

    Needs: nothing in the line binds the key; the key is a symbol or a coordinate, and its value does not contain it; the value
    has the sign that the key is declared with.
    Owes: nothing.
    """

    def __init__(self, changes: Mapping[Expr, Expr]) -> None:
        self.changes = {key: sympify(value) for key, value in changes.items()}
        for key, value in self.changes.items():
            _check(key, value)

    @property
    def name(self) -> str:
        return "substitute"

    def rewrite(self, expression: Expr) -> Expr:
        for key, value in self.changes.items():
            name = key.base if isinstance(key, Indexed) else key
            if name not in bound_names(expression):
                expression = _changed(expression, key, value)
        return expression

    @property
    def bindings(self) -> Mapping[Expr, Expr]:
        return self.changes


def _check(key: Expr, value: Expr) -> None:
    if not isinstance(key, Symbol | Indexed):
        raise TypeError(f"substitute: {key} is no symbol and no coordinate")
    name = key.base if isinstance(key, Indexed) else key
    if value.has(name):
        raise ValueError(f"substitute: {value} contains {name}, which it is to replace")
    for sign in ("is_positive", "is_nonnegative", "is_real"):
        if getattr(key, sign) and not getattr(value, sign):
            raise ValueError(f"substitute: {key} {sign.replace('_', ' ')}, and {value} need not be")


def _changed(expression: Expr, key: Expr, value: Expr) -> Expr:
    if isinstance(key, Symbol):
        return expression.subs(key, value)
    (pattern,) = key.indices
    if pattern.is_Symbol:
        return expression.replace(
            lambda e: isinstance(e, Indexed) and e.base == key.base,
            lambda e: value.xreplace({pattern: e.indices[0]}),
        )
    return expression.xreplace({key: value})
