"""What a framework must supply: the elementwise functions that the atoms are built from.

`+ - * /` are the array's own and round to nearest, as IEEE 754 says; nothing may contract
or reorder them. Everything else an atom needs is named here, and nothing here branches on
a value, so that a kit can be traced, compiled and vectorised.
"""

from __future__ import annotations

from typing import Any, Protocol

Array = Any
"""An array of the backend; inside the atoms its elements are float64."""


class Kit(Protocol):
    """Elementwise functions of float64 arrays of one shape; nan goes through them all."""

    def absolute(self, x: Array) -> Array:
        """|x|, exactly."""

    def sign(self, x: Array) -> Array:
        """-1, 0 or 1 as a float."""

    def clip(self, x: Array, low: float, high: float) -> Array:
        """The nearest number to x in [low, high]."""

    def nearest(self, x: Array) -> Array:
        """The integer nearest to x, as a float."""

    def where(self, condition: Array, x: Array, y: Array) -> Array:
        """x where the condition holds, else y."""

    def power_of_two(self, k: Array) -> Array:
        """2^k for whole -1022 <= k <= 1023, infinity for k = 1024."""

    def leading(self, x: Array) -> Array:
        """x without its lowest 27 bits: a number of 26 bits, whose square is exact."""

    def binade(self, x: Array) -> tuple[Array, Array]:
        """Whole k and m, x = 2^k m with 0.7071 <= m < 1.4143, for normal x > 0."""

    def like(self, x: Array, value: float) -> Array:
        """An array of x's shape full of one number."""

    def exp(self, x: Array) -> Array:
        """The framework's own e^x, within 2 ULP."""

    def expm1(self, x: Array) -> Array:
        """The framework's own e^x - 1, within 4 ULP."""

    def log(self, x: Array) -> Array:
        """The framework's own log, within 4 ULP."""

    def log1p(self, x: Array) -> Array:
        """The framework's own log(1 + x), within 4 ULP."""

    def sqrt(self, x: Array) -> Array:
        """The square root; nan below 0."""
