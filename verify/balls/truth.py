"""Certainly true, certainly false, or not decided: relations and their combinations."""

from __future__ import annotations

from flint import arb
from sympy import And, Equivalent, Implies, Not, Or, Piecewise
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanFalse, BooleanTrue

from verify.balls.jets import moves, still
from verify.balls.layer import Layer, sign_of
from verify.balls.outcomes import Blurred, NoEnclosure, Undefined
from verify.balls.scope import Scope
from verify.balls.value import Value
from verify.balls.walk import head, walk


def truth(statement: Boolean, scope: Scope) -> bool | None:
    """True or False where the balls decide it, else None.

    A relation that a derivative moves counts only where it holds with room.
    """
    if isinstance(statement, BooleanTrue | BooleanFalse):
        return bool(statement)
    if isinstance(statement, Relational):
        return _relation(statement, scope)
    if isinstance(statement, Not):
        return _negation(truth(statement.args[0], scope))
    if isinstance(statement, Implies):
        premise, conclusion = (truth(a, scope) for a in statement.args)
        return _any([_negation(premise), conclusion])
    parts = [truth(a, scope) for a in statement.args]
    if isinstance(statement, And):
        return _negation(_any([_negation(p) for p in parts]))
    if isinstance(statement, Or):
        return _any(parts)
    if isinstance(statement, Equivalent):
        return None if None in parts else len(set(parts)) == 1
    raise NoEnclosure(f"{type(statement).__name__} has no row")


def _negation(value: bool | None) -> bool | None:
    return None if value is None else not value


def _any(values: list[bool | None]) -> bool | None:
    if True in values:
        return True
    return None if None in values else False


def _relation(statement: Relational, scope: Scope) -> bool | None:
    left, right = (walk(a, scope) for a in statement.args)
    room_needed = moves(left - right)
    left, right = still(left), still(right)
    if isinstance(left, Layer) or isinstance(right, Layer):
        difference = sign_of(left - right)
        if difference is None:
            raise NoEnclosure(f"{statement} is not decided near a limit point")
        left, right = arb(difference), arb(0)
    if not (isinstance(left, arb) and isinstance(right, arb)):
        raise NoEnclosure(f"{statement} compares what is not a number")
    sign = statement.rel_op
    if left < right:
        return sign in ("<", "<=", "!=")
    if left > right:
        return sign in (">", ">=", "!=")
    if room_needed:
        return None
    if left.is_exact() and right.is_exact():
        return sign in ("<=", ">=", "==")
    if left <= right and sign in ("<=", ">"):
        return sign == "<="
    if left >= right and sign in (">=", "<"):
        return sign == ">="
    return None


@head(Piecewise)
def _piecewise(node: Piecewise, scope: Scope) -> Value:
    for value, condition in node.args:
        decided = truth(condition, scope)
        if decided is None:
            raise Blurred(f"{condition} is not decided")
        if decided:
            return walk(value, scope)
    raise Undefined("no piece of a Piecewise applies")
