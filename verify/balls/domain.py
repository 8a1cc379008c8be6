"""The arithmetic that all stand-ins for a number share.

A `Degree`, a `Growth`, a `Singular` or an `Interval` takes the place of a number in the
walk. Beside a `Jet` each of them is a coefficient, so the jet does the arithmetic: a
stand-in that swallowed a jet would lose its derivative.
"""

from __future__ import annotations

from typing import Self

from verify.balls.jets import Jet
from verify.balls.value import Value


class Domain:
    """Operators, from `plus`, `times` and `negated`."""

    __slots__ = ()

    def plus(self, other: Value) -> Self:
        """The sum with a number or another stand-in."""
        raise NotImplementedError

    def times(self, other: Value) -> Self:
        """The product with a number or another stand-in."""
        raise NotImplementedError

    def negated(self) -> Self:
        """The negative."""
        raise NotImplementedError

    def __add__(self, other: Value) -> Self:
        return NotImplemented if isinstance(other, Jet) else self.plus(other)

    def __mul__(self, other: Value) -> Self:
        return NotImplemented if isinstance(other, Jet) else self.times(other)

    def __sub__(self, other: Value) -> Self:
        return NotImplemented if isinstance(other, Jet) else self.plus(-other)

    def __rsub__(self, other: Value) -> Self:
        return self.negated().plus(other)

    def __neg__(self) -> Self:
        return self.negated()

    __radd__ = __add__
    __rmul__ = __mul__
