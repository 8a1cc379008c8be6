"""Series: functions of an expansion as t tends to 0 from the right.

What decreases faster than every power, such as exp(-1/t), is 0 up to O(t**LENGTH).
"""

from __future__ import annotations

from math import factorial

from flint import arb

from verify.balls.elementary import taylor, unary
from verify.balls.expansion import Expansion
from verify.balls.layer import sign_of
from verify.balls.outcomes import NoEnclosure, Undefined
from verify.balls.value import Value

LENGTH = 9
"""So many coefficients are carried along."""
FLAT = ("sigmoid", "tanh", "erf")
"""Functions that tend to their limits at infinity faster than every power."""


class Series(Expansion):
    """An expansion of which functions are taken."""

    __slots__ = ()

    def unary(self, name: str) -> Series:
        """The expansion of a function of f."""
        return self.taylor(name, 0)[0]

    def taylor(self, name: str, order: int) -> list[Value]:
        """Expansions of the Taylor coefficients of `name` at f."""
        if name in ("abs", "sign"):
            return self._kinked(name, order)
        if self.log:
            return self._of_logarithm(name, order)
        if name == "inverse":
            return self._inverses(order)
        if name == "log" and self.start != 0:
            return self._logarithm(order)
        if name == "sqrt" and self.start != 0:
            return [self._root(order)]
        if self.start >= 0:
            return self._composed(name, order)
        return self._at_infinity(name, order)

    def _zero(self) -> Series:
        return self._made(LENGTH, [])

    def _one(self) -> Series:
        return self._made(0, [arb(1)] + [arb(0)] * (LENGTH - 1))

    def _kinked(self, name: str, order: int) -> list[Value]:
        sign = self.sign()
        if sign is None:
            raise NoEnclosure("the sign near a limit point is not certain")
        flat = self._one() * arb(sign)
        first = [self * arb(sign), flat] if name == "abs" else [flat]
        return (first + [self._zero()] * order)[: order + 1]

    def _inverses(self, order: int) -> list[Value]:
        c = self.coefficients
        if not c or sign_of(c[0]) is None:
            raise NoEnclosure("division by what may vanish near a limit point")
        lead = unary("inverse", c[0])
        found = [lead]
        for n in range(1, len(c)):
            total = c[1] * found[n - 1]
            for i in range(2, n + 1):
                total = total + c[i] * found[n - i]
            found.append(-(total * lead))
        inverse = self._made(-self.start, found)
        powers = [inverse]
        for _ in range(order):
            powers.append(-(powers[-1] * inverse))
        return powers

    def _logarithm(self, order: int) -> list[Value]:
        """log(c t**n (1 + ..)) = n log t + log(c (1 + ..))."""
        if not self.coefficients:
            raise NoEnclosure("a logarithm of what may vanish near a limit point")
        found = self._made(0, self.coefficients).unary("log")
        value = self._made(found.start, found.coefficients, self.start)
        return [value, *(self._slopes(order) if order else [])]

    def _slopes(self, order: int) -> list[Value]:
        return [
            p * (arb((-1) ** k) / (k + 1))
            for k, p in enumerate(self._powers_of_inverse(order))
        ]

    def _powers_of_inverse(self, order: int) -> list[Value]:
        """1/f, 1/f**2, .. up to this power."""
        inverse = self.unary("inverse")
        powers = [inverse]
        while len(powers) < order:
            powers.append(powers[-1] * inverse)
        return powers

    def _of_logarithm(self, name: str, order: int) -> list[Value]:
        """exp(n log t + f) = t**n exp(f); the sigmoid and the softplus by exp."""
        if name == "exp":
            rest = self._made(self.start, self.coefficients).unary("exp")
            value = self._made(rest.start + self.log, rest.coefficients)
            found = [value]
            for k in range(1, order + 1):
                found.append(found[-1] * (arb(1) / k))
            return found
        if name == "sigmoid":
            s = ((-self).unary("exp") + 1).unary("inverse")
            return logistic(s, order)
        if name == "softplus":
            slopes = logistic(self.unary("sigmoid"), max(order - 1, 0))
            found = [(self.unary("exp") + 1).unary("log")]
            return found + [slopes[k] * (arb(1) / (k + 1)) for k in range(order)]
        raise NoEnclosure(f"{name} of a logarithm near a limit point")

    def _root(self, order: int) -> Series:
        if order or self.start % 2 or not self.coefficients:
            raise NoEnclosure("sqrt near a limit point")
        inner = self._made(0, self.coefficients)
        outer = inner.unary("sqrt")
        return self._made(outer.start + self.start // 2, outer.coefficients)

    def _composed(self, name: str, order: int) -> list[Value]:
        end = self.end
        if end < 1:
            raise NoEnclosure("an expansion that is too short")
        centre = self.at(0)
        rest = self._made(1, [self.at(n) for n in range(1, end)])
        try:
            known = taylor(name, centre, end - 1 + order)
        except Undefined as none:  # at the limit point itself, which nobody asks for
            raise NoEnclosure(f"{name} near a limit point: {none}") from None
        found = []
        for k in range(order + 1):
            binomial, derivative = 1, []
            for j in range(k, k + end):
                derivative.append(known[j] * arb(binomial))
                binomial = binomial * (j + 1) // (j + 1 - k)
            total = self._made(0, [derivative[-1]] + [arb(0)] * (end - 1))
            for c in reversed(derivative[:-1]):
                total = total * rest + c
            found.append(self._made(0, [total.at(n) for n in range(end)]))
        return found

    def _at_infinity(self, name: str, order: int) -> list[Value]:
        sign = self.sign()
        if sign is None:
            raise NoEnclosure("whether it tends to infinity is not certain")
        zero, one = self._zero(), self._one()
        rest = [zero] * order
        if name == "exp" and sign < 0:
            return [zero, *rest]
        if name == "softplus":
            return [zero, *rest] if sign < 0 else [self, one, *rest][: order + 1]
        if name == "sigmoid" and sign < 0:
            return [zero, *rest]
        if name in FLAT:
            return [one * arb(sign), *rest]
        if name == "atan" and not order:
            return [self.unary("inverse").unary("atan") * arb(-1) + arb.pi() * sign / 2]
        raise NoEnclosure(f"{name} of what tends to infinity")


def logistic(s: Value, order: int) -> list[Value]:
    """The Taylor coefficients of the sigmoid by its value: s' = s (1 - s)."""
    found, p = [s], [0, 1]
    for k in range(1, order + 1):
        slope = [n * c for n, c in enumerate(p)][1:]
        p = [a - b for a, b in zip([0, *slope, 0], [0, 0, *slope], strict=True)]
        total: Value = s * arb(p[-1])
        for c in reversed(p[1:-1]):
            total = (total + arb(c)) * s
        found.append(total * (arb(1) / factorial(k)))
    return found


def from_the_right(level: int) -> Series:
    """t itself."""
    return Series(level, 1, [arb(1)] + [arb(0)] * (LENGTH - 1))
