"""Compare two expressions at points: refuted with a witness, or nothing said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import flint
from flint import arb
from sympy import Basic, Expr
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from verify.balls.inventory import Inventory, collect
from verify.balls.outcomes import Blurred, NoEnclosure, Undefined
from verify.balls.point import Point
from verify.balls.scope import Atom, Scope, Vector
from verify.balls.search import points as candidates
from verify.balls.truth import truth
from verify.balls.walk import walk
from verify.balls.work import ENOUGH, OutOfWork, Work

SHARP = 20
"""Balls that overlap count as sharp when their relative radius is below 2**-SHARP."""
DOUBLINGS = 2
SILENT = 4
"""After so many points without a ball, and none with one, the search ends."""
FEW = 2
"""With so many points tried, a comparison that was much work is content."""
PATIENCE = 3
"""So many times `points` are looked at, before too few are found."""


@dataclass(frozen=True)
class Comparison:
    """What the balls say.

    refuted           at `witness` the balls `left` and `right` exclude the relation
    tried             points at which both sides were evaluated
    undefined         points at which a side has no finite real value
    division_by_zero  the denominator that was exactly zero at the last of these, or ""
    unevaluable       the reason of the last point at which no ball was found, or ""
    """

    refuted: bool
    witness: Point | None
    left: arb | None
    right: arb | None
    tried: int
    undefined: int
    division_by_zero: str
    unevaluable: str


REFUTES: dict[str, Callable[[arb, arb], bool]] = {
    "=": lambda left, right: not left.overlaps(right),
    "<=": lambda left, right: left > right,
    ">=": lambda left, right: left < right,
    "<": lambda left, right: left >= right,
    ">": lambda left, right: left <= right,
}


def compare(
    left: Expr,
    right: Expr,
    relation: str = "=",
    *,
    premises: Sequence[Relational] = (),
    bindings: Mapping[Expr, Expr] = {},
    seed: int = 0,
    points: int = 8,
    bits: int = 128,
) -> Comparison:
    """Refuted only if the relation certainly fails at a point that meets the premises.

    left, right  expressions; with "=" both may be statements
    bindings     a change of variable: the key has the value of the expression
    points       evaluate at so many points, bits: the precision to begin with
    """
    try:
        inventory = collect((left, right), premises, bindings)
    except NoEnclosure as none:
        return Comparison(False, None, None, None, 0, 0, "", str(none))
    tried = undefined = silent = 0
    zero = reason = ""
    work = Work()
    for point in _admissible(inventory, premises, bindings, seed, points, bits):
        try:
            sides = _sides(left, right, relation, point, bits, work)
        except Undefined as none:
            undefined, zero = undefined + 1, none.denominator
            continue
        except NoEnclosure as none:
            reason, silent = str(none), silent + 1
            if silent == (SILENT if not tried else points) or isinstance(
                none, OutOfWork
            ):
                break
            continue
        tried += 1
        if REFUTES[relation](*sides):
            return Comparison(True, point, *sides, tried, undefined, zero, reason)
        if tried == points or (tried >= FEW and work.steps > ENOUGH):
            break
    return Comparison(False, None, None, None, tried, undefined, zero, reason)


def evaluate(
    expression: Expr, point: Point, *, bits: int = 128, work: Work | None = None
) -> arb:
    """A ball that contains the value at the point; raises NoEnclosure or Undefined."""
    with flint.ctx.workprec(bits):
        value = walk(expression, point.scope(bits, work))
    if not isinstance(value, arb):
        raise NoEnclosure(f"{type(value).__name__} is not a real ball")
    if not value.is_finite():
        raise Blurred("the ball is not finite")
    return value


def holds(
    statement: Boolean, point: Point, *, bits: int = 128, work: Work | None = None
) -> bool | None:
    """Certainly true, certainly false, or None; raises NoEnclosure or Undefined."""
    with flint.ctx.workprec(bits):
        return truth(statement, point.scope(bits, work))


def _sides(
    left: Basic, right: Basic, relation: str, point: Point, bits: int, work: Work
) -> tuple[arb, arb]:
    """Both sides, at more bits while a decision or a sharper ball may come of it."""
    sides: tuple[arb, arb] | None = None
    for doubling in range(DOUBLINGS + 1):
        try:
            sides = tuple(
                _side(side, point, bits << doubling, work) for side in (left, right)
            )
        except NoEnclosure as none:
            if sides is not None:
                return sides
            if doubling == DOUBLINGS or not isinstance(none, Blurred):
                raise
            continue
        if REFUTES[relation](*sides) or all(map(_sharp, sides)):
            break
    return sides


def _side(side: Basic, point: Point, bits: int, work: Work) -> arb:
    if isinstance(side, Expr):  # a Symbol is a Boolean of SymPy too
        return evaluate(side, point, bits=bits, work=work)
    decided = holds(side, point, bits=bits, work=work)
    if decided is None:
        raise Blurred(f"{side} is not decided")
    return arb(int(decided))


def _sharp(ball: arb) -> bool:
    return ball.rad() <= abs(ball.mid()).max(arb(1)) * arb(2) ** -SHARP


def _admissible(
    inventory: Inventory,
    premises: Sequence[Relational],
    bindings: Mapping[Expr, Expr],
    seed: int,
    count: int,
    bits: int,
) -> Iterator[Point]:
    """Points at which every premise certainly holds, whatever is drawn in it."""
    if not premises:
        return candidates(inventory, bindings, seed, PATIENCE * count)
    names = [(premise, _names(premise)) for premise in premises]

    def admissible(point: Point) -> bool:
        return all(
            _met(premise, free, inventory, point, bits) for premise, free in names
        )

    tuned = tuple(dict.fromkeys(name for _, free in names for name in free))
    return candidates(inventory, bindings, seed, PATIENCE * count, admissible, tuned)


def _names(premise: Relational) -> tuple[Basic, ...]:
    found = collect((premise,))
    return (*found.scalars, *found.free, *found.indices)


def _met(
    premise: Relational, names: tuple, inventory: Inventory, point: Point, bits: int
) -> bool:
    with flint.ctx.workprec(bits):
        scopes = [point.scope(bits)]
        for name in names:
            if name in inventory.drawn:
                scopes = [
                    s for scope in scopes for s in _every_draw(name, inventory, scope)
                ]
            elif inventory.indices.get(name):
                last = min(point.lengths[b] for b in inventory.indices[name])
                scopes = [s.bind(name, i) for s in scopes for i in range(1, last + 1)]
        try:
            return bool(scopes) and all(
                truth(premise, scope) is True for scope in scopes
            )
        except (NoEnclosure, Undefined):
            return False


def _every_draw(name: Basic, inventory: Inventory, scope: Scope) -> list[Scope]:
    """The scopes in which the drawn name takes each of its values; its own too."""
    law = inventory.drawn[name]
    own = [scope] if name in scope.values else []
    if law.name in scope.laws:
        vector = name in inventory.bases
        drawn = scope.laws[law.name](scope.lengths[name] if vector else None)
        return own + [scope.bind(name, value) for _, value in drawn]
    if scope.cut is not None:
        return own + [scope.bind(name, Atom(i)) for i in (0, 1)]
    return [*own, scope.bind(name, Vector(1, {}))]
