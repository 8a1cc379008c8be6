"""A claim: two expressions and a relation between them, at one point after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flint import arb
from sympy import Basic, Expr

from verify.balls.evaluate import evaluate, holds
from verify.balls.outcomes import Blurred, NoEnclosure
from verify.balls.point import Point
from verify.balls.work import Work

SHARP = 20
"""Balls that overlap count as sharp when their relative radius is below 2**-SHARP."""
DOUBLINGS = 2

REFUTES: dict[str, Callable[[arb, arb], bool]] = {
    "=": lambda left, right: not left.overlaps(right),
    "<=": lambda left, right: left > right,
    ">=": lambda left, right: left < right,
    "<": lambda left, right: left >= right,
    ">": lambda left, right: left <= right,
}


@dataclass(frozen=True)
class Claim:
    """`left` stands in the relation to `right`; with "=" both may be statements."""

    left: Basic
    right: Basic
    relation: str
    bits: int

    def refuted_by(self, sides: tuple[arb, arb]) -> bool:
        """Whether these balls of the two sides exclude the relation."""
        return REFUTES[self.relation](*sides)

    def sides(self, point: Point, work: Work) -> tuple[arb, arb]:
        """Both sides, at more bits while a decision or a sharper ball may come of it.

        Raises NoEnclosure or Undefined.
        """
        sides: tuple[arb, arb] | None = None
        for doubling in range(DOUBLINGS + 1):
            bits = self.bits << doubling
            try:
                left = _side(self.left, point, bits, work)
                right = _side(self.right, point, bits, work)
            except NoEnclosure as none:
                if sides is not None:
                    break
                if doubling == DOUBLINGS or not isinstance(none, Blurred):
                    raise
                continue
            if sides is not None:
                left, right = left.intersection(sides[0]), right.intersection(sides[1])
            sides = left, right
            if self.refuted_by(sides) or all(map(_sharp, sides)):
                break
        assert sides is not None
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
