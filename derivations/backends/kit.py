"""What a framework must supply to the atoms, and what it gets with them.

`+ - * /` and comparisons are the array's own. Nothing here branches on a value, so that
a kit can be traced, compiled and vectorised, and no value is ever looked at.
"""

from __future__ import annotations

from math import ceil, exp, log
from typing import Any

from derivations.backends.atoms import Growth, Logistic, Remainder
from derivations.backends.precision import Precision

Array = Any
"""An array of the backend, of the kit's inner dtype."""


SWITCH = 1e30
"""Times this, the smallest difference is 1 or more."""


class Kit:
    """Elementwise functions for one precision; a backend supplies those without code.

    exp, log   within 1 ULP or so; log is -inf at 0, nan below
    log1p      log(1 + x), with all its digits near 0
    sqrt       nan below 0
    absolute   |x|
    at_least   the larger of x and a number; nan stays nan
    at_most    the smaller of x and a number; nan stays nan
    where      of a condition and two values, the first where it holds
    """

    exp: Any
    log: Any
    log1p: Any
    sqrt: Any
    absolute: Any
    at_least: Any
    at_most: Any
    where: Any

    def __init__(self, precision: Precision) -> None:
        self.precision = precision

    def clip(self, x: Array, low: float, high: float) -> Array:
        """The nearest number to x in [low, high]; nan stays nan."""
        return self.at_most(self.at_least(x, low), high)

    def scaled_exp(self, t: Array, c: float) -> Array:
        """c e^t for c < 1, finite as long as it can be."""
        step = float(ceil(-log(c)))
        far = self.at_most(self.at_least((t - step) * SWITCH, 0.0), 1.0)  # 0 or 1
        grown = self.exp(t - step * far)  # t - step is exact where far is 1
        return grown * (c + (c * exp(step) - c) * far)

    def decay_below(self, h: Array, decay: Array) -> Array:
        """e^h where h < 0, else 1, from e^-|h|."""
        return self.where(h < 0.0, decay, 1.0)

    def polynomial(self, coefficients: tuple[float, ...], x: Array) -> Array:
        """The polynomial at x, highest coefficient first (Horner)."""
        total = coefficients[0]
        for coefficient in coefficients[1:]:
            total = total * x + coefficient
        return total

    def growth(self, t: Array) -> Growth:
        """e^t and its remainders, from one exponential."""
        return Growth(self, t)

    def remainder(self, v: Array, less_one: Array) -> Remainder:
        """psi(v), where v - 1 is known as exactly as v is."""
        return Remainder(self, v, less_one)

    def logistic(self, h: Array) -> Logistic:
        """The sigmoid and the softplus of h and of -h, from one exponential."""
        return Logistic(self, h)
