"""Jets: derivatives by arithmetic with nilpotent generators, e_i**2 = 0.

A variable moved by e_i makes f(x + e_i) = f(x) + f'(x) e_i; the coefficient of e_i is
the derivative, with the enclosure of the balls that it was computed from. Every further
`Derivative`, nested or of higher order, adds a generator. A generator is a bit, a
product of generators a set of bits.
"""

from __future__ import annotations

from flint import acb, arb

from verify.balls.elementary import taylor
from verify.balls.value import Value


class Jet:
    """A polynomial in the generators: `parts[bits]` stands before their product."""

    __slots__ = ("parts",)

    def __init__(self, parts: dict[int, Value]) -> None:
        self.parts = parts

    @property
    def scalar(self) -> Value:
        """The value itself, all generators put to zero."""
        return self.parts.get(0, arb(0))

    @property
    def order(self) -> int:
        """No product of more nilpotents than this is nonzero."""
        used = 0
        for bits in self.parts:
            used |= bits
        return used.bit_count()

    def __add__(self, other: Value) -> Jet:
        parts = dict(self.parts)
        for bits, c in _parts(other).items():
            parts[bits] = parts[bits] + c if bits in parts else c
        return Jet(parts)

    __radd__ = __add__

    def __neg__(self) -> Jet:
        return Jet({bits: -c for bits, c in self.parts.items()})

    def __sub__(self, other: Value) -> Jet:
        return self + (-other)

    def __rsub__(self, other: Value) -> Jet:
        return -self + other

    def __mul__(self, other: Value) -> Jet:
        if not isinstance(other, Jet):
            return Jet({bits: c * other for bits, c in self.parts.items()})
        parts: dict[int, Value] = {}
        for left, a in self.parts.items():
            for right, b in other.parts.items():
                if left & right:
                    continue
                both = left | right
                parts[both] = parts[both] + a * b if both in parts else a * b
        return Jet(parts)

    __rmul__ = __mul__

    def unary(self, name: str) -> Jet:
        """The function of the jet: its Taylor polynomial at the scalar."""
        coefficients = taylor(name, self.scalar, self.order)
        rest = Jet({bits: c for bits, c in self.parts.items() if bits})
        result = Jet({0: coefficients[-1]})
        for c in reversed(coefficients[:-1]):
            result = result * rest + c
        return result


def moved(value: Value, generator: int) -> Jet:
    """The value plus the generator."""
    return Jet({**_parts(value), generator: arb(1)})


def coefficient(value: Value, generator: int) -> Value:
    """What stands before the generator: the derivative along it."""
    if not isinstance(value, Jet):
        return arb(0)
    parts = {bits ^ generator: c for bits, c in value.parts.items() if bits & generator}
    if set(parts) <= {0}:
        return parts.get(0, arb(0))
    return Jet(parts)


def still(value: Value) -> Value:
    """The value with all generators put to zero."""
    return value.scalar if isinstance(value, Jet) else value


def moves(value: Value) -> bool:
    """Whether any generator may act on the value."""
    return isinstance(value, Jet) and any(
        not (isinstance(c, arb | acb) and c == 0)
        for bits, c in value.parts.items()
        if bits
    )


def _parts(value: Value) -> dict[int, Value]:
    return value.parts if isinstance(value, Jet) else {0: value}
