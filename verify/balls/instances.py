"""What stands for an undefined function, and for a law known by its name alone.

An instance is a polynomial (of degree at most 2, or with a sine) of all coordinates of
all its arguments, with small distinct rational coefficients; for a positive function
the exponential or the sigmoid of one. The coefficients are drawn anew for every atom
among the arguments and for every coordinate of the output, so that a function of an
abstract drawn variable takes unrelated values on the pieces of its space.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from flint import arb, fmpq

from verify.balls.elementary import unary
from verify.balls.scope import Atom, Vector
from verify.balls.value import Value

SIZES = [
    fmpq(*pair)
    for pair in ((1, 2), (1, 3), (2, 3), (3, 4), (5, 4), (3, 2), (1, 4), (2, 5))
]
STYLES = ("sum", "affine", "quadratic", "sine")
SPARE = 2
"""Coordinates beyond the last one, so that a sum that runs too far has a value."""


@dataclass
class Instance:
    """A concrete analytic function.

    style     "sum": the sum of the coordinates (h(x) = x), plus the index of the atom;
              "affine", "quadratic", "sine": with drawn coefficients
    level     a constant added, to meet a premise such as D <= eps
    sign      1 or -1 where all values must be positive, or negative; else 0
    """

    name: str
    style: str
    seed: int
    level: fmpq
    sign: int
    drawn: dict = field(default_factory=dict)

    def __call__(self, arguments: list, component: int | None) -> Value:
        """The value at the arguments, of one coordinate of the output if it has any."""
        coordinates, atoms = flatten(arguments)
        constant, *forms = self.forms(len(coordinates), atoms, component)
        values = [_form(f, coordinates) for f in forms]
        total = arb(constant + self.level)
        if values:
            total = values[0] + total
        if len(values) == 3:
            product = values[1] * values[2]
            total = total + (unary("sin", product) if self.style == "sine" else product)
        return unary(self.head, total) * arb(self.sign) if self.sign else total

    @property
    def head(self) -> str:
        """What makes values positive: once it is bounded, so that averages exist."""
        return "sigmoid" if self.style == "sine" else "exp"

    def forms(self, count: int, atoms: tuple[int, ...], component: int | None) -> list:
        """The constant, then the coefficients of one linear form, or of three."""
        key = (count, atoms, component)
        found = self.drawn.get(key)
        if found is None:
            found = self.drawn[key] = self._draw(*key)
        return found

    def _draw(self, count: int, atoms: tuple[int, ...], component: int | None) -> list:
        if self.style == "sum":
            shift = sum(2 * a - 1 for a in atoms) + (component or 1) - 1
            return [fmpq(shift), [fmpq(1)] * count] if count else [fmpq(shift)]
        rng = Random(f"{self.seed} {self.name} {count} {atoms} {component}")
        constant = _coefficient(rng)
        if not count:
            return [constant]
        rows = 1 if self.style == "affine" else 3
        return [constant] + [
            [_coefficient(rng) for _ in range(count)] for _ in range(rows)
        ]

    def text(
        self, names: list[str], atoms: tuple[int, ...], component: int | None
    ) -> str:
        """The formula, with `names` for the coordinates of the arguments."""
        constant, *forms = self.forms(len(names), atoms, component)
        parts = [_text(f, names) for f in forms]
        constant += self.level
        shown = parts[:1] + ([str(constant)] if constant != 0 or not parts else [])
        if len(parts) == 3:
            product = f"({parts[1]})*({parts[2]})"
            shown.append(f"sin({product})" if self.style == "sine" else product)
        total = " + ".join(shown).replace("+ -", "- ")
        return f"{'-' * (self.sign < 0)}{self.head}({total})" if self.sign else total


def flatten(arguments: list) -> tuple[list, tuple[int, ...]]:
    """All coordinates of all arguments in a row, and the atoms among the arguments."""
    coordinates: list[Value] = []
    atoms: tuple[int, ...] = ()
    for argument in arguments:
        if isinstance(argument, Atom):
            atoms += (argument.index,)
        elif isinstance(argument, list):
            coordinates += argument
        else:
            coordinates.append(argument)
    return coordinates, atoms


def named_law(name: str, seed: int, size: int) -> Value:
    """A discrete law of `size` rational atoms with unequal rational weights.

    Called with a length (None: a number is drawn) it gives (weight, atom) pairs.
    """

    def atoms(length: int | None) -> list:
        rng = Random(f"{seed} law {name} {length}")
        whole = size * (size + 1) // 2
        found = []
        for piece in range(1, size + 1):
            if length is None:
                value = arb(_coefficient(rng) + piece - 1)
            else:
                near = range(length + SPARE + 1)
                value = Vector(
                    length, {i: arb(_coefficient(rng) * piece) for i in near}
                )
            found.append((arb(fmpq(piece, whole)), value))
        return found

    return atoms


def _coefficient(rng: Random) -> fmpq:
    return rng.choice(SIZES) * rng.choice((1, 1, -1))


def _form(coefficients: list, coordinates: list) -> Value:
    total = coordinates[0] * arb(coefficients[0])
    for c, x in zip(coefficients[1:], coordinates[1:], strict=True):
        total = total + x * arb(c)
    return total


def _text(coefficients: list, names: list[str]) -> str:
    terms = [
        n if c == 1 else f"{c}*{n}" for c, n in zip(coefficients, names, strict=True)
    ]
    return " + ".join(terms).replace("+ -", "- ")
