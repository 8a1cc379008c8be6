"""A point: one concrete value for every name of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import flint
from flint import arb, fmpq
from sympy import Basic, Expr, Indexed, IndexedBase
from sympy.core.function import AppliedUndef

from verify.balls.instances import Instance, named_law
from verify.balls.jets import moves
from verify.balls.outcomes import NoEnclosure
from verify.balls.scope import Computed, Scope, Vector
from verify.balls.value import Value
from verify.balls.walk import walk
from verify.balls.work import Work


@dataclass(frozen=True)
class Point:
    """What every name stands for; `str` shows it as a reader would write it.

    integers   sizes and indices
    numbers    symbols
    vectors    labels of bases -> index -> coordinate
    lengths    labels of bases -> number of coordinates
    functions  name -> instance; `applied` name -> an application, to show it
    laws       name -> number of atoms
    drawn      labels of the normal variables; `cut`: where one is cut, if they are
    """

    integers: Mapping[Basic, int] = field(default_factory=dict)
    numbers: Mapping[Basic, fmpq] = field(default_factory=dict)
    vectors: Mapping[Basic, Mapping[int, fmpq]] = field(default_factory=dict)
    lengths: Mapping[Basic, int] = field(default_factory=dict)
    functions: Mapping[str, Instance] = field(default_factory=dict)
    applied: Mapping[str, AppliedUndef] = field(default_factory=dict)
    laws: Mapping[str, int] = field(default_factory=dict)
    bindings: Mapping[Expr, Expr] = field(default_factory=dict)
    drawn: frozenset = frozenset()
    cut: fmpq | None = None
    seed: int = 0

    def scope(self, bits: int, work: Work | None = None) -> Scope:
        """The values as balls of `bits` bits, ready to walk."""
        with flint.ctx.workprec(bits):
            values: dict[Basic, Value] = dict(self.integers)
            values.update((name, arb(value)) for name, value in self.numbers.items())
            for name, coordinates in self.vectors.items():
                balls = {i: arb(c) for i, c in coordinates.items()}
                values[name] = Vector(self.lengths[name], balls)
            laws = {
                name: named_law(name, self.seed, size)
                for name, size in self.laws.items()
            }
            for label, entries in _grouped(self.bindings).items():
                values[label] = Computed(_finder(label, entries))
            cut = None if self.cut is None else arb(self.cut)
        return Scope(
            values, self.functions, laws, {}, bits, work or Work(), cut, self.lengths
        )

    def __str__(self) -> str:
        shown = [f"{name} = {value}" for name, value in self.integers.items()]
        shown += [f"{name} = {value}" for name, value in self.numbers.items()]
        for name, coordinates in self.vectors.items():
            listed = ", ".join(
                str(coordinates[i]) for i in range(1, self.lengths[name] + 1)
            )
            shown.append(f"{name} = ({listed})")
        for name in self.functions:
            shown += self._formulas(name)
        return ", ".join(shown)

    def _formulas(self, name: str) -> list[str]:
        applied, instance = self.applied[name], self.functions[name]
        labels = [a.label if isinstance(a, IndexedBase) else a for a in applied.args]
        unseen = [self.cut is not None and label in self.drawn for label in labels]
        names = []
        for argument, label, hidden in zip(applied.args, labels, unseen, strict=True):
            if not hidden:
                names += self._names(argument, label)
        pieces = [(0,), (1,)] if sum(unseen) == 1 else [()]
        if sum(unseen) > 1:
            return [f"{name} drawn with seed {instance.seed}"]
        outputs = self.lengths.get(applied)
        shown = []
        for piece in pieces:
            where = self._where(applied, unseen, piece)
            for m in range(1, outputs + 1) if outputs else (None,):
                called = f"{name}({', '.join(self._heads(applied, labels, names))})"
                called += f"[{m}]" if m else ""
                shown.append(f"{called} = {instance.text(names, piece, m)}{where}")
        return shown

    def _where(self, applied: AppliedUndef, unseen: list, piece: tuple) -> str:
        if not piece:
            return ""
        hidden = applied.args[unseen.index(True)]
        name = str(hidden) + "[1]" * isinstance(hidden, IndexedBase)
        return f" where {name} {'>=' if piece[0] else '<'} {self.cut}"

    def _heads(
        self, applied: AppliedUndef, labels: list, names: list[str]
    ) -> list[str]:
        if len(labels) == 1 and len(names) == 1:
            return names
        return [_short(label) for label in labels]

    def _names(self, argument: Basic, label: Basic) -> list[str]:
        short = _short(label)
        if not isinstance(argument, IndexedBase):
            return [short]
        length = self.lengths.get(label, 1)
        return (
            [short] if length == 1 else [f"{short}[{i}]" for i in range(1, length + 1)]
        )


def _short(label: Basic) -> str:
    return str(label) if label.is_Symbol else "x"


def _grouped(bindings: Mapping[Expr, Expr]) -> dict[Basic, list]:
    grouped: dict[Basic, list] = {}
    for key, value in bindings.items():
        indices = key.indices if isinstance(key, Indexed) else ()
        label = key.base.label if isinstance(key, Indexed) else key
        grouped.setdefault(label, []).append((indices, value))
    return grouped


def _finder(label: Basic, entries: list) -> Value:
    def find(scope: Scope, wanted: tuple[int, ...]) -> Value:
        for indices, value in entries:
            inner = scope
            for index, number in zip(indices, wanted, strict=True):
                if index.is_Symbol:
                    inner = inner.bind(index, number)
                elif index != number:
                    break
            else:
                found = walk(value, inner)
                if moves(found):
                    raise NoEnclosure(f"{label} is defined by what a derivative moves")
                return found
        raise NoEnclosure(f"{label} has no value at {wanted}")

    return find
