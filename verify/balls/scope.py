"""What the names of an expression stand for while it is walked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flint import arb
from sympy import Basic

from verify.balls.outcomes import NoEnclosure
from verify.balls.value import Value
from verify.balls.work import Work


@dataclass(frozen=True)
class Atom:
    """A piece of the space of a variable that only undefined functions see."""

    index: int


class Vector:
    """The coordinates of a base: `length` of them, and spare ones beside the ends."""

    __slots__ = ("coordinates", "length")

    def __init__(self, length: int, coordinates: Mapping[int, Value]) -> None:
        self.length = length
        self.coordinates = coordinates

    def __getitem__(self, index: int) -> Value:
        try:
            return self.coordinates[index]
        except KeyError:
            raise NoEnclosure(f"there is no coordinate {index}") from None

    def whole(self) -> list:
        """Coordinates 1..length."""
        return [self[i] for i in range(1, self.length + 1)]

    def replaced(self, index: int, value: Value) -> Vector:
        """The same vector with another value at one coordinate."""
        kept = {i: self[i] for i in self.coordinates}
        return Vector(self.length, {**kept, index: value})

    def mapped(self, change: Callable[[Value], Value]) -> Vector:
        """Every coordinate changed."""
        return Vector(self.length, {i: change(self[i]) for i in self.coordinates})


class Computed:
    """A name that a change of variable defines: `find(scope, indices)` is its value."""

    __slots__ = ("find",)

    def __init__(self, find: Callable) -> None:
        self.find = find


@dataclass(frozen=True)
class Scope:
    """Names and their values, functions and laws; binding a name makes a new scope.

    values      a symbol or the label of a base -> number, Vector, Atom, int or Computed
    placed      an applied function (or the label of a base) that a Derivative has moved
    functions   name -> what stands for the undefined function
    laws        name -> ((weight, number or Vector), ...)
    work        counts the steps of walks
    cut         where normal variables that only undefined functions see are cut
    generators  how many nilpotent generators are in use
    level       how many variables have a layer in their place
    """

    values: Mapping[Basic, Value]
    functions: Mapping[str, Callable]
    laws: Mapping[str, Callable]
    constants: dict
    bits: int
    work: Work = field(default_factory=Work)
    cut: arb | None = None
    lengths: Mapping[Basic, int] = field(default_factory=dict)
    placed: Mapping[Basic, Value] | None = None
    generators: int = 0
    level: int = 0

    def bind(self, name: Basic, value: Value) -> Scope:
        """The scope in which `name` has this value, whatever it had."""
        placed = self.placed
        if placed:
            placed = {k: v for k, v in placed.items() if not k.has(name)}
        return self._with(values={**self.values, name: value}, placed=placed)

    def place(self, applied: Basic, value: Value) -> Scope:
        """The scope in which the applied function itself has this value."""
        return self._with(placed={**(self.placed or {}), applied: value})

    def fresh(self) -> tuple[Scope, int]:
        """The scope with one more generator in use, and that generator."""
        return self._with(generators=self.generators + 1), 1 << self.generators

    def deeper(self) -> Scope:
        """The scope in which one more variable may have a layer in its place."""
        return self._with(level=self.level + 1)

    def changed(self, change: Callable[[Value], Value]) -> Scope:
        """The scope with every number changed, in vectors too."""
        values = {}
        for name, value in self.values.items():
            if isinstance(value, Vector):
                value = value.mapped(change)
            elif not isinstance(value, int | Atom | Computed):
                value = change(value)
            values[name] = value
        return self._with(values=values)

    def _with(self, **changes: Value) -> Scope:
        made = object.__new__(Scope)
        made.__dict__.update(self.__dict__, **changes)
        return made
