"""A number with its sensitivity to every rounding on its way, by differentiation.

A majorant runs through the same program as a tensor, and carries beside the value a
size: a tensor that equals abs(value), and whose derivatives are the sums of the
absolute values of all that adds to the value's derivatives. Every operation multiplies
its size by 1 + n delta, n being how often it rounds. At delta = 0 this changes no
size; but the derivative of a size in delta is, in units of the roundoff and to first
order, a bound on the value's error (a running error analysis: Higham, "Accuracy and
Stability of Numerical Algorithms", 2002, section 3.3), and the derivative in delta of
a slope of the size bounds the slope's error: the part of each rounding of a partial
derivative, and of the error of the number at which it is taken.

A size has derivatives up to the third, in whatever it was made of: a function of one
number is replaced by its Taylor polynomial with absolute coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

ULP = 2
"""Roundings in an elementary function: a unit in the last place, as the documentation
of SLEEF says of those that torch takes from it."""


class Rounding:
    """The relative error of one operation.

    delta  a tensor without axes, 0
    """

    def __init__(self, delta: Any) -> None:
        self.delta = delta
        self._factors: dict[int, Any] = {}

    def times(self, count: int) -> Any:
        """1 + count delta, made once."""
        if count not in self._factors:
            self._factors[count] = 1 + count * self.delta
        return self._factors[count]


class Majorant:
    """A value, and its size.

    value     a tensor, float64
    size      a tensor equal to abs(value), with the derivatives that bound it
    rounding  of one operation
    """

    def __init__(self, value: Any, size: Any, rounding: Rounding) -> None:
        self.value, self.size, self.rounding = value, size, rounding

    @property
    def shape(self) -> Any:
        """The value's."""
        return self.value.shape

    def _like(self, value: Any, size: Any) -> Majorant:
        return Majorant(value, size, self.rounding)

    def _made(self, value: Any, size: Any, roundings: int = 1) -> Majorant:
        """The result of an operation: `size` has its derivatives, not its value."""
        size = value.abs() + (size - size.detach())
        return self._like(value, size * self.rounding.times(roundings))

    def _of(self, other: Any) -> tuple[Any, Any]:
        if isinstance(other, Majorant):
            return other.value, other.size
        return other, abs(other)

    def __add__(self, other: Any) -> Majorant:
        value, size = self._of(other)
        return self._made(self.value + value, self.size + size)

    __radd__ = __add__

    def __neg__(self) -> Majorant:
        return self._like(-self.value, self.size)

    def __sub__(self, other: Any) -> Majorant:
        return self + (-other)

    def __rsub__(self, other: Any) -> Majorant:
        return -self + other

    def __mul__(self, other: Any) -> Majorant:
        value, size = self._of(other)
        return self._like(self.value * value, self.size * size * self.rounding.times(1))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Majorant:
        if not isinstance(other, Majorant):
            return self * (1 / other)
        return self * other.reciprocal()

    def __matmul__(self, other: Any) -> Majorant:
        value, size = self._of(other)
        terms = self.value.shape[-1]
        return self._made(self.value @ value, self.size @ size, terms)

    def __getitem__(self, place: Any) -> Majorant:
        return self._like(self.value[place], self.size[place])

    def reshape(self, *shape: int) -> Majorant:
        """The same numbers in another shape."""
        return self._like(self.value.reshape(*shape), self.size.reshape(*shape))

    def sum(self, axis: int) -> Majorant:
        """Over an axis, in any order: as many roundings as there are sums."""
        terms = self.value.shape[axis]
        return self._made(self.value.sum(axis), self.size.sum(axis), max(terms - 1, 0))

    def mean(self, axis: int | None = None) -> Majorant:
        """Over an axis, or over everything."""
        if axis is None:
            return self.reshape(-1).mean(0)
        return self.sum(axis) / self.value.shape[axis]

    def square(self) -> Majorant:
        """Its product with itself."""
        return self * self

    def reciprocal(self) -> Majorant:
        """One over it."""
        y = 1 / self.value
        return self._function(y, (y**2, 2 * y**3, 6 * y**4))

    def log(self) -> Majorant:
        """The natural logarithm."""
        y = 1 / self.value
        slopes = (y, y**2, 2 * y**3)
        return self._function(self.value.log(), slopes, roundings=ULP)

    def exp(self) -> Majorant:
        """The exponential."""
        y = self.value.exp()
        return self._function(y, (y, y, y), roundings=ULP)

    def sqrt(self) -> Majorant:
        """The square root."""
        y, x = self.value.sqrt(), self.value
        return self._function(y, (1 / (2 * y), 1 / (4 * x * y), 3 / (8 * x**2 * y)))

    def sigmoid(self) -> Majorant:
        """The logistic function, 1 / (1 + e^-x).

        Its slope is computed as y (1 - y) from a rounded y: the error of 1 - y is one
        of y, absolute and not relative.
        """
        y = self.value.sigmoid()
        first = y * (1 - y)
        second, third = first * (1 - 2 * y), first * (1 - 6 * first)
        lost = (y, y, 2 * y)
        return self._function(y, (first, second, third), lost, ULP + 2)

    def tanh(self) -> Majorant:
        """The hyperbolic tangent; its slope 1 - y^2 loses digits as the sigmoid's."""
        y = self.value.tanh()
        first = 1 - y**2
        second, third = -2 * y * first, first * (6 * y**2 - 2)
        one = y * 0 + 1
        lost = (one, 4 * one, 16 * one)
        return self._function(y, (first, second, third), lost, ULP)

    def _function(
        self,
        value: Any,
        slopes: Sequence[Any],
        lost: Sequence[Any] = (0, 0, 0),
        roundings: int = 1,
    ) -> Majorant:
        """A function of one number with its derivatives, of the orders 1 to 3.

        lost  by how much each of these is off, in units of the roundoff, beyond what
              an error of the number and a relative one of its own explain
        """
        away = self.size - self.size.detach()
        first, second, third = (
            slope.abs() + error * self.rounding.delta
            for slope, error in zip(slopes, lost, strict=True)
        )
        size = away * (first + away * (second / 2 + away * third / 6))
        return self._made(value, size, roundings)
