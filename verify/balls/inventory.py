"""Inventory: what occurs in a comparison, and must have a value at a point."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from sympy import (
    Abs,
    Basic,
    Integral,
    Max,
    Min,
    cos,
    erf,
    sin,
    tanh,
)
from sympy.core.function import AppliedUndef

from derivations.expectation import E
from derivations.functions import sigmoid, softplus
from derivations.laws import Law
from verify.balls.drawn import label_of, only_functions_see
from verify.balls.outcomes import NoEnclosure

CURVED = (sigmoid, softplus, tanh, erf, sin, cos, Abs, Max, Min)


PARTICULAR = ("even", "odd", "prime", "composite")
"""Assumptions that the sizes and indices of a point do not look at."""


@dataclass
class Inventory:
    """Names by what they are; a dictionary keeps the order in which they were met.

    scalars     free symbols that stand for numbers
    sizes       symbols that count the coordinates of a base or the terms of a sum
    indices     free symbols in an index -> the bases that they index
    bases       label -> the sizes that go with it
    free        labels of the bases that have a value of their own
    functions   name -> its applications, undefined
    laws        names of the laws of which nothing else is known
    drawn       label -> the law that binds it
    counts      those of `sizes` that are a limit or a shape as they stand
    moving      names with respect to which something is differentiated
    continuous  names that an undefined function sees vary over an interval
    averages    expectations under a normal law; `integrals`
    ties        pairs of bases with as many coordinates
    """

    scalars: dict[Basic, None] = field(default_factory=dict)
    sizes: dict[Basic, None] = field(default_factory=dict)
    indices: dict[Basic, set] = field(default_factory=dict)
    bases: dict[Basic, set] = field(default_factory=dict)
    free: dict[Basic, None] = field(default_factory=dict)
    functions: dict[str, list[AppliedUndef]] = field(default_factory=dict)
    laws: dict[str, None] = field(default_factory=dict)
    drawn: dict[Basic, Law] = field(default_factory=dict)
    counts: set = field(default_factory=set)
    moving: set = field(default_factory=set)
    continuous: set = field(default_factory=set)
    averages: list[E] = field(default_factory=list)
    integrals: list[Integral] = field(default_factory=list)
    ties: list[tuple[Basic, Basic]] = field(default_factory=list)

    def settle(self) -> None:
        """Every integer name is one thing: j in Sum(.., (i, 1, j - 1)) is an index."""
        for name in list(self.sizes):
            if name in self.counts:
                self.indices.pop(name, None)
            elif name in self.indices:
                self.sizes.pop(name)
        for name in (*self.sizes, *self.indices):
            self.scalars.pop(name, None)
            if any(getattr(name, f"is_{word}") is not None for word in PARTICULAR) or (
                name.is_positive is False
            ):
                raise NoEnclosure(f"{name} is not any positive integer")

    @cached_property
    def groups(self) -> dict[Basic, tuple[Basic, ...]]:
        """Label -> the sizes of it and of all bases tied to it; or itself."""
        together: dict[Basic, set] = {label: {label} for label in self.bases}
        for left, right in self.ties:
            if left in together and right in together:
                joined = together[left] | together[right]
                for label in joined:
                    together[label] = joined
        found = {}
        for label, joined in together.items():
            sizes = set().union(*(self.bases[one] for one in joined)) & set(self.sizes)
            own = min(joined, key=str)
            found[label] = tuple(sorted(sizes, key=str)) or (own,)
        return found

    @cached_property
    def curved(self) -> bool:
        """Whether an integral over something other than a polynomial is likely."""
        bodies = [*self.integrals, *(e.body for e in self.averages)]
        return bool(self.integrals) or any(body.has(*CURVED) for body in bodies)

    @cached_property
    def normal(self) -> frozenset:
        """The labels that are drawn from normal laws."""
        return frozenset(label_of(e.law.variable) for e in self.averages)

    @cached_property
    def atomic(self) -> bool:
        """Whether the normal variables that functions see may be cut into pieces.

        A function of such a variable is a step function then. That is one and the same
        function everywhere only if nothing else looks at its values on an interval.
        """
        if self.continuous or self.moving & set(self.drawn):
            return False
        return all(
            only_functions_see(e.body, e.law.variable)
            for e in self.averages
            if functions_see(e.body, label_of(e.law.variable))
        )


def functions_see(body: Basic, label: Basic) -> bool:
    """Whether an undefined function in the body has the name in its arguments."""
    return any(f.has(label) for f in body.atoms(AppliedUndef))
