"""A smooth function of several numbers, its partial derivatives, and code for both.

The derivatives that a chain proves are given with it; any further one, for instance a
third, is SymPy's own derivative of the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from sympy import Expr, Symbol, diff

from derivations.backends.emitter import compiled, emitted

Order = tuple[int, ...]
"""Which argument, once for every derivative: (0, 1) is d^2/(dx_0 dx_1)."""


class Smooth:
    """An expression in symbols, with the code that evaluates it and its derivatives.

    name         a Python name for the code
    arguments    the symbols, in the order of the arrays
    expression   the value
    known        derivatives in stable form, by the arguments they are taken in
    """

    def __init__(
        self,
        name: str,
        arguments: tuple[Symbol, ...],
        expression: Expr,
        known: Mapping[Order, Expr],
        order: Order = (),
    ) -> None:
        self.name, self.arguments, self.expression = name, arguments, expression
        self.known, self.order = known, order
        self._partials: dict[int, Smooth | None] = {}
        self._kernels: dict[tuple[int, ...], Callable] = {}
        self.attached: dict[str, object] = {}  # what a backend made of it

    def partial(self, place: int) -> Smooth | None:
        """The derivative in one argument; None if it is 0 everywhere."""
        if place not in self._partials:
            self._partials[place] = self._derived(place)
        return self._partials[place]

    def _derived(self, place: int) -> Smooth | None:
        order = tuple(sorted((*self.order, place)))
        expression = self.known.get(order)
        if expression is None:
            expression = diff(self.expression, self.arguments[place])
        if expression == 0:
            return None
        name = f"{self.name}_d{self.arguments[place].name}"
        return Smooth(name, self.arguments, expression, self.known, order)

    @cached_property
    def partials(self) -> tuple[Smooth | None, ...]:
        """The gradient."""
        return tuple(self.partial(n) for n in range(len(self.arguments)))

    @cached_property
    def shared(self) -> tuple[int, ...]:
        """The arguments whose derivatives are made with the value."""
        return tuple(
            n for n, slope in enumerate(self.partials) if slope and not slope.trivial
        )

    @property
    def trivial(self) -> bool:
        """Whether it is a constant or one of its arguments."""
        return self.expression.is_number or self.expression.is_Symbol

    def source(self, slopes: tuple[int, ...] = ()) -> str:
        """Python for the value, then for the derivatives in the arguments named."""
        outputs = [self.expression]
        for place in slopes:
            slope = self.partial(place)
            outputs.append(slope.expression if slope else self.expression * 0)
        return emitted(self.name, self.arguments, outputs)

    def kernel(self, slopes: tuple[int, ...] = ()) -> Callable:
        """The function that this source defines."""
        if slopes not in self._kernels:
            self._kernels[slopes] = compiled(self.source(slopes), self.name)
        return self._kernels[slopes]
