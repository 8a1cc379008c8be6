"""Laws: what a random variable is drawn from, and nothing that is computed of it.

A law binds its variable: in `E(body, Normal(z, mu, sigma))` the z of the body is the
drawn one. A variable that is an `IndexedBase` has independent coordinates, any number
of them; its mean and its standard deviation are then an `IndexedBase` too, or one
number for all coordinates.

Limits: no correlated normal, no law on the integers. Reference: Billingsley,
"Probability and Measure", sections 16 and 20.
"""

from __future__ import annotations

from sympy import (
    Basic,
    Expr,
    Indexed,
    IndexedBase,
    Symbol,
    exp,
    pi,
    sqrt,
    sympify,
)
from sympy.core.symbol import Str
from sympy.printing.printer import Printer


class NotALaw(TypeError):
    """Something was given where a law was needed."""


class Law(Basic):
    """A law of which nothing is known but its name: `Law("p_data", x)`."""

    def __new__(cls, name: str | Str, variable: Symbol | IndexedBase) -> Law:
        return super().__new__(cls, Str(str(name)), bound(variable))

    @property
    def name(self) -> str:
        """What the law is called."""
        return str(self.args[0])

    @property
    def variable(self) -> Symbol | IndexedBase:
        """What is drawn: a symbol, or the base of independent coordinates."""
        return self.args[1]

    @property
    def parameters(self) -> tuple[Expr, ...]:
        """What the law depends on; the variable is not among them."""
        return ()

    @property
    def free_symbols(self) -> set[Basic]:
        return (
            set().union(*(p.free_symbols for p in self.parameters)) - self.own_symbols
        )

    @property
    def own_symbols(self) -> set[Basic]:
        """The symbols that the law binds."""
        if isinstance(self.variable, IndexedBase):
            return {self.variable.label}
        return {self.variable}

    def _sympystr(self, printer: Printer) -> str:
        shown = ", ".join(
            repr(str(a)) if isinstance(a, Str) else printer._print(a) for a in self.args
        )
        return f"{type(self).__name__}({shown})"

    def renamed(self, variable: Symbol | IndexedBase) -> Law:
        """The same law with another name for what is drawn."""
        return self.func(*(variable if a == self.variable else a for a in self.args))


class Normal(Law):
    """N(mean, sigma^2): `sigma` is the standard deviation, not checked to be positive.

    variable   a real Symbol, or an IndexedBase for independent coordinates
    mean       an expression; an IndexedBase gives every coordinate its own
    sigma      likewise
    """

    def __new__(
        cls, variable: Symbol | IndexedBase, mean: Expr | int = 0, sigma: Expr | int = 1
    ) -> Normal:
        bound(variable)
        mean, sigma = sympify(mean), sympify(sigma)
        for given, word in ((mean, "mean"), (sigma, "sigma")):
            if not isinstance(given, Expr):
                raise NotALaw(
                    f"Normal: {word} is {given!r}, need an expression or an IndexedBase"
                )
            if given.has(variable):
                raise NotALaw(
                    f"Normal: {word} {given} depends on what is drawn, {variable}"
                )
            if isinstance(given, IndexedBase) and not isinstance(variable, IndexedBase):
                raise NotALaw(
                    f"Normal: {word} {given} has coordinates and {variable} has none; "
                    f"draw an IndexedBase, or give {word} as {given}[i]"
                )
        _attains(
            variable, Symbol("x", real=True), "N(mean, sigma^2) draws any real number"
        )
        return Basic.__new__(cls, variable, mean, sigma)

    @property
    def name(self) -> str:
        return "N"

    @property
    def variable(self) -> Symbol | IndexedBase:
        return self.args[0]

    @property
    def parameters(self) -> tuple[Expr, ...]:
        return self.args[1:]

    @property
    def mean(self) -> Expr:
        """The mean, as given."""
        return self.args[1]

    @property
    def sigma(self) -> Expr:
        """The standard deviation, as given."""
        return self.args[2]

    def of(self, drawn: Expr) -> tuple[Expr, Expr]:
        """Mean and standard deviation of `drawn`: the variable or a coordinate z[i]."""
        if not isinstance(drawn, Indexed):
            return self.mean, self.sigma
        return tuple(
            p[drawn.indices] if isinstance(p, IndexedBase) else p
            for p in self.parameters
        )

    def density(self, drawn: Expr) -> Expr:
        """The density of the variable, or of the coordinate z[i], at itself."""
        mean, sigma = self.of(drawn)
        return exp(-(((drawn - mean) / sigma) ** 2) / 2) / (sqrt(2 * pi) * sigma)


class Uniform(Law):
    """The uniform law on the interval (0, 1)."""

    def __new__(cls, variable: Symbol) -> Uniform:
        if not isinstance(bound(variable), Symbol):
            raise NotALaw(f"Uniform: the variable is {variable!r}, need a Symbol")
        _attains(variable, Symbol("x", positive=True), "U(0, 1) draws positive numbers")
        return Basic.__new__(cls, variable)

    @property
    def name(self) -> str:
        return "U"

    @property
    def variable(self) -> Symbol:
        return self.args[0]


def _attains(variable: Symbol | IndexedBase, values: Symbol, words: str) -> None:
    """Raise NotALaw where the variable is declared to be more than the law draws."""
    for word, declared in variable.assumptions0.items():
        if declared is not None and values.assumptions0.get(word) is not declared:
            known = word if declared else f"not {word}"
            raise NotALaw(f"{variable} is declared {known}, and {words}")


def bound(variable: object) -> Symbol | IndexedBase:
    """`variable`, if a law can bind it; raises NotALaw otherwise."""
    if not isinstance(variable, Symbol | IndexedBase):
        raise NotALaw(
            f"a law draws a Symbol or an IndexedBase, and was given {variable!r}"
        )
    return variable
