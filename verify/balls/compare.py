"""Compare two expressions at points: refuted with a witness, or nothing said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flint import arb
from sympy import Basic, Expr
from sympy.core.relational import Relational

from verify.balls.claim import Claim
from verify.balls.collect import collect
from verify.balls.inventory import Inventory
from verify.balls.outcomes import NoEnclosure, Undefined
from verify.balls.point import Point
from verify.balls.premises import Premises
from verify.balls.search import points as candidates
from verify.balls.shrink import shrunk
from verify.balls.work import ENOUGH, OutOfWork, Work

SILENT = 4
"""After so many points without a ball, and none with one, the search ends."""
FEW = 2
"""With so many points tried, a comparison that was much work is content."""
PATIENCE = 3
"""So many times `points` are looked at, before too few are found."""

Sides = tuple[arb, arb]


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


def compare(
    left: Basic,
    right: Basic,
    relation: str = "=",
    *,
    premises: Sequence[Relational] = (),
    bindings: Mapping[Expr, Expr] = {},
    seed: int = 0,
    points: int = 8,
    bits: int = 64,
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
    claim, given = Claim(left, right, relation, bits), None
    if premises:
        given = Premises(premises, inventory, bits)
    tried = undefined = silent = 0
    zero = reason = ""
    work = Work()
    for point in _points(inventory, given, bindings, seed, PATIENCE * points):
        try:
            sides = claim.sides(point, work)
        except Undefined as none:
            undefined, zero = undefined + 1, none.denominator
            continue
        except NoEnclosure as none:
            reason, silent = str(none), silent + 1
            enough = SILENT if not tried else points
            if silent == enough or isinstance(none, OutOfWork):
                break
            continue
        tried += 1
        if claim.refuted_by(sides):
            point, sides = _smallest(claim, point, sides, inventory, given)
            return Comparison(True, point, *sides, tried, undefined, zero, reason)
        if tried == points or (tried >= FEW and work.steps > ENOUGH):
            break
    return Comparison(False, None, None, None, tried, undefined, zero, reason)


def _points(
    inventory: Inventory,
    given: Premises | None,
    bindings: Mapping[Expr, Expr],
    seed: int,
    count: int,
) -> Iterator[Point]:
    """Points at which every premise certainly holds."""
    if given is None:
        return candidates(inventory, bindings, seed, count)
    return candidates(inventory, bindings, seed, count, given.hold, given.tuned)


def _smallest(
    claim: Claim,
    point: Point,
    sides: Sides,
    inventory: Inventory,
    given: Premises | None,
) -> tuple[Point, Sides]:
    """The simplest point nearby at which the claim fails too."""
    work = Work(ENOUGH)

    def fails(simpler: Point) -> Sides | None:
        try:
            if given is not None and not given.hold(simpler):
                return None
            found = claim.sides(simpler, work)
        except (NoEnclosure, Undefined):
            return None
        return found if claim.refuted_by(found) else None

    return shrunk(point, sides, inventory, fails)
