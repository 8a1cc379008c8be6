"""What a framework must supply to the atoms, and what it gets with them.

`+ - * /` and comparisons are the array's own. Nothing here branches on a value, so that
a kit can be traced, compiled and vectorised.
"""

from __future__ import annotations

from math import ceil, exp, log
from typing import Any

from derivations.backends.atoms import (
    LARGEST,
    SWITCH,
    Growth,
    Logistic,
    Remainder,
)
from derivations.backends.between import (
    Grown,
    GrowthBetween,
    Quotient,
    RemainderBetween,
    over_both,
    quotient_of_sum,
    weighted,
)
from derivations.backends.precision import Precision

Array = Any
"""An array of the backend, of the kit's inner dtype."""


LATE = {"float64": 700.0, "float32": 80.0}
"""e^t is finite up to there with room to spare, by the dtype to compute in."""


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
    choice_is_cheap = True
    """Whether `where` costs no more than a few sums: so compiled, and on a GPU."""

    def __init__(self, precision: Precision) -> None:
        self.precision = precision

    @property
    def largest(self) -> float:
        """The largest finite number of the dtype that is computed in."""
        return LARGEST[self.precision.inner]

    def clip(self, x: Array, low: float, high: float) -> Array:
        """The nearest number to x in [low, high]; nan stays nan."""
        return self.at_most(self.at_least(x, low), high)

    def product(self, c: float, x: Array, y: Array) -> Array:
        """(c x) y: where x y overflows, it need not."""
        return (c * x) * y

    def plus_product(self, total: Array, x: Array, y: Array) -> Array:
        """total + x y, rounded twice."""
        return total + x * y

    def plus_multiple(self, total: Array, c: float, x: Array) -> Array:
        """total + c x, rounded twice."""
        return total + c * x

    def settled(self, x: Array) -> Array:
        """x as it is rounded: what follows is not simplified together with it."""
        return x

    def divided(self, quotient: Array, divisor: Array) -> Array:
        """quotient / divisor: what was divided before is not divided by a product."""
        return self.settled(quotient) / divisor

    def scaled_exp(self, t: Array, c: float) -> Array:
        """c e^t for c < 1, finite as long as it can be."""
        step = float(ceil(-log(c)))
        late = LATE[self.precision.inner]
        far = self.clip((t - late) * SWITCH, 0.0, 1.0)  # 0 or 1
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

    def growth(self, x: Array, factor: float = 1.0) -> Growth:
        """e^t and its remainders at t = factor x, from one exponential."""
        return Growth(self, x, factor)

    def remainder(self, v: Array, less_one: Array | None = None) -> Remainder:
        """psi(v); v - 1 is given where it is known better than v."""
        return Remainder(self, v, less_one)

    def logistic(self, h: Array) -> Logistic:
        """The sigmoid and the softplus of h and of -h, from one exponential."""
        return Logistic(self, h)

    def growth_between(self, a: Array, b: Array, factor: float = 1.0) -> GrowthBetween:
        """e^t and its remainders at t = factor (a - b)."""
        return GrowthBetween(self, a, b, factor)

    def quotient(self, a: Array, b: Array, c: Array) -> Quotient:
        """(a - b)/c and its square."""
        return Quotient(self, a, b, c)

    def remainder_between(
        self, a: Array, b: Array, ratio: Array, less_one: Quotient
    ) -> RemainderBetween:
        """psi(a/b), from a/b and (a - b)/b."""
        return RemainderBetween(self, a, b, ratio, less_one)

    def grown(self, a: Array, b: Array | float, t: Array) -> Grown:
        """(a - b) e^t and its square, inf only where these are."""
        return Grown(self, a, b, t)

    def weighted(self, weight: Array, value: Array) -> Array:
        """weight value, and 0 where the weight is 0."""
        return weighted(self, weight, value)

    def over_both(self, a: Array, b: Array) -> Array:
        """(a - b)/(a b) = 1/b - 1/a."""
        return over_both(self, a, b)

    def quotient_of_sum(self, total: Array, over: Array, spread: Array) -> Array:
        """`over`, a sum by something, or the sum of the quotients if it is inf."""
        return quotient_of_sum(self, total, over, spread)
