"""Premises: whether a point meets them, whatever is drawn in them."""

from __future__ import annotations

from collections.abc import Sequence

import flint
from sympy import Basic
from sympy.core.relational import Relational

from verify.balls.collect import collect
from verify.balls.inventory import Inventory
from verify.balls.outcomes import NoEnclosure, Undefined
from verify.balls.point import Point
from verify.balls.scope import Atom, Scope, Vector
from verify.balls.truth import truth


class Premises:
    """The premises of a comparison, and the names that occur in them."""

    def __init__(
        self, premises: Sequence[Relational], inventory: Inventory, bits: int
    ) -> None:
        self.inventory, self.bits = inventory, bits
        self.names = [(premise, _names(premise)) for premise in premises]

    @property
    def tuned(self) -> tuple[Basic, ...]:
        """The names that are varied until the premises hold."""
        return tuple(dict.fromkeys(name for _, free in self.names for name in free))

    def hold(self, point: Point) -> bool:
        """Whether every premise certainly holds at the point."""
        return all(self._met(premise, free, point) for premise, free in self.names)

    def _met(self, premise: Relational, names: tuple[Basic, ...], point: Point) -> bool:
        with flint.ctx.workprec(self.bits):
            scopes = [point.scope(self.bits)]
            for name in names:
                if name in self.inventory.drawn:
                    scopes = [s for scope in scopes for s in self._drawn(name, scope)]
                elif self.inventory.indices.get(name):
                    labels = self.inventory.indices[name]
                    last = min(point.lengths[b] for b in labels)
                    scopes = [
                        s.bind(name, i) for s in scopes for i in range(1, last + 1)
                    ]
            try:
                return bool(scopes) and all(
                    truth(premise, scope) is True for scope in scopes
                )
            except (NoEnclosure, Undefined):
                return False

    def _drawn(self, name: Basic, scope: Scope) -> list[Scope]:
        """The scopes in which the drawn name takes each of its values; its own too."""
        law = self.inventory.drawn[name]
        own = [scope] if name in scope.values else []
        if law.name in scope.laws:
            vector = name in self.inventory.bases
            length = scope.lengths[name] if vector else None
            drawn = scope.laws[law.name](length)
            return own + [scope.bind(name, value) for _, value in drawn]
        if scope.cut is not None:
            return own + [scope.bind(name, Atom(i)) for i in (0, 1)]
        return [*own, scope.bind(name, Vector(1, {}))]


def _names(premise: Relational) -> tuple[Basic, ...]:
    found = collect((premise,))
    return (*found.scalars, *found.free, *found.indices)
