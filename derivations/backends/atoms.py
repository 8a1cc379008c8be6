"""The atoms: sigmoid, softplus, phi, psi, expm1, on any framework's arrays.

Written once, over a `Kit`: every backend computes the same operations. What belongs to
one argument shares one exponential or logarithm, value and derivatives alike. In the
limits: phi, psi and softplus are inf at inf; psi(0) = inf, psi is nan below 0.

References: Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, 2002,
section 1.14; Maechler, "Accurately computing log(1 - exp(-|a|))", 2012 (how softplus
and its like split into regions).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import exp, log
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derivations.backends.kit import Kit

Array = Any
SWITCH = 1e30
"""Times this, the smallest difference is 1 or more."""
BEYOND = 1e4  # e^t is inf from there on, whatever is taken from it
LARGEST = {"float64": 1.7976931348623157e308, "float32": 3.4028234663852886e38}


def times(c: float, x: Array) -> Array:
    """c x, and x itself where c is 1."""
    return x if c == 1.0 else c * x


class Growth:
    """c e^t, c expm1(t), c phi(t) = c (e^t - 1 - t) at t = factor x; c, factor > 0.

    Near 0, phi is t^2/2 + t^3 Q(t) and expm1 is t + phi; elsewhere the rounding of e^t
    does not matter. Where a choice is dear, both go on from the ends of that interval
    with what e^t and t have grown since, which is 0 within it. The constants stand
    inside: e^t/2 is finite where e^t no longer is, and phi(2 x)/2 where 2 x is not.
    """

    def __init__(self, kit: Kit, x: Array, factor: float) -> None:
        self.kit, self.x, self.factor = kit, x, factor
        self.t = times(factor, x)
        self._found: dict[object, Array] = {}

    def _once(self, key: object, make: Callable[[], Array]) -> Array:
        if key not in self._found:
            self._found[key] = make()
        return self._found[key]

    @property
    def inside(self) -> Array:
        """t; where a choice is dear, the end of the interval that is nearer to it."""
        low, high = self.kit.precision.near_zero
        if self.kit.choice_is_cheap:
            return self.t
        return self._once("inside", lambda: self.kit.clip(self.t, low, high))

    @property
    def is_near(self) -> Array:
        """Whether t is in the interval where the polynomial stands."""
        low, high = self.kit.precision.near_zero
        middle, half = (low + high) / 2, (high - low) / 2
        return self._once("is near", lambda: self.kit.absolute(self.t - middle) < half)

    def exp(self, c: float = 1.0) -> Array:
        """c e^t."""
        return self._once(("exp", c), lambda: self._exp(c))

    def _exp(self, c: float) -> Array:
        if c >= 1.0 or self.kit.precision.wider:
            return times(c, self.kit.exp(self.t))
        return self.kit.scaled_exp(self.t, c)

    def _beyond(self, c: float) -> Array:
        """What c e^t is away from the value at the interval's nearer end."""

        def make() -> Array:
            low, high = (c * exp(end) for end in self.kit.precision.near_zero)
            return self.exp(c) - self.kit.clip(self.exp(c), low, high)

        return self._once(("beyond", c), make)

    def _near(self, c: float) -> Array:
        """c phi of `inside`."""

        def make() -> Array:
            t = self.inside
            square = self.kit.product(0.5 * c, t, t)
            rest = self.kit.polynomial(self.kit.precision.exponential, t)
            return self.kit.plus_product(square, square, t * rest)

        return self._once(("near", c), make)

    def phi(self, c: float = 1.0) -> Array:
        """c (e^t - 1 - t) >= 0."""
        c_line = times(c * self.factor, self.kit.at_most(self.x, BEYOND))
        if self.kit.choice_is_cheap:
            far = (self.exp(c) - c) - c_line
            return self.kit.where(self.is_near, self._near(c), far)
        moved = self.kit.plus_multiple(c_line, -c, self.inside)
        return self._near(c) + (self._beyond(c) - moved)

    def expm1(self, c: float = 1.0) -> Array:
        """c (e^t - 1), of the sign of t."""
        near = self.kit.plus_multiple(self._near(c), c, self.inside)
        if self.kit.choice_is_cheap:
            return self.kit.where(self.is_near, near, self.exp(c) - c)
        return near + self._beyond(c)


class Remainder:
    """psi(v) = v - 1 - log v >= 0 for v > 0, where x = v - 1 may be given beside v.

    Near 1, with s = x/(2 + x): log v = 2 s + 2 s^3 W(s^2), so that psi is
    x s - s 2 s^2 W(s^2), two terms of which the second is the smaller by far. An octave
    below, where v - 1 would be rounded, psi(v) = psi(2 v) + (log 2 - v), both positive.
    From the ends it goes on as `Growth` does.
    """

    def __init__(self, kit: Kit, v: Array, less_one: Array | None) -> None:
        self.kit, self.v, self.given = kit, v, less_one is not None
        self.less_one = kit.settled(v - 1.0) if less_one is None else less_one

    def psi(self, c: float = 1.0) -> Array:
        """c psi(v)."""
        kit, v, x = self.kit, self.v, self.less_one
        bottom, high = kit.precision.near_one
        low = bottom if kit.precision.wider else bottom / 2
        if not kit.choice_is_cheap:
            v, x = kit.clip(v, low, high), kit.clip(x, bottom - 1.0, high - 1.0)
        near = self._near(c, v, x)
        logarithm = kit.log(kit.at_most(self.v, kit.largest))
        if kit.choice_is_cheap:
            middle, half = (low + high) / 2, (high - low) / 2
            far = self._far(c, logarithm)
            return kit.where(kit.absolute(v - middle) < half, near, far)
        grown = logarithm - kit.clip(logarithm, log(low), log(high))
        moved = self.v - v
        if self.given:
            moved = self.less_one - kit.clip(self.less_one, low - 1.0, high - 1.0)
        return near + (times(c, moved) - times(c, grown))

    def _near(self, c: float, v: Array, x: Array) -> Array:
        """c psi(v), by the series at v or, an octave below, at 2 v."""
        kit = self.kit
        if kit.precision.wider:
            return self._series(c, v, x)
        bottom = kit.precision.near_one[0]
        if kit.choice_is_cheap:
            below = v < bottom
            y = kit.where(below, v + v, v)
            x = kit.where(below, y - 1.0, x)
            more = kit.where(below, c * (log(2.0) - v), 0.0)
            return self._series(c, y, x) + more
        below = kit.clip((bottom - v) * SWITCH, 0.0, 1.0)  # 0 or 1
        y = kit.plus_product(v, v, below)
        x = kit.plus_product(x, below, y - bottom)  # x is bottom - 1 there: exact
        more = kit.product(c, below, log(2.0) - v)
        return self._series(c, y, x) + more

    def _series(self, c: float, v: Array, x: Array) -> Array:
        s = x / (v + 1.0)
        z = s * s
        return (c * s) * (x - z * self.kit.polynomial(self.kit.precision.logarithm, z))

    def _far(self, c: float, logarithm: Array) -> Array:
        """c (v - 1 - log v); -log v - 1 is exact where v - 1 is not."""
        if self.given:
            return times(c, self.less_one) - times(c, logarithm)
        return times(c, -logarithm - 1.0) + times(c, self.v)


class Logistic:
    """s(h) = 1/(1 + e^-h), softplus(h) = log(1 + e^h), and both at -h.

    All from e = e^-|h| <= 1: nothing overflows, and at h = 0 the slope of softplus is
    1/2 exactly, not what a subgradient of max and abs would make of it.
    """

    def __init__(self, kit: Kit, h: Array, of: Logistic | None = None) -> None:
        self.kit, self.h, self.of = kit, h, of

    @cached_property
    def decay(self) -> Array:
        """e^-|h|."""
        return self.of.decay if self.of else self.kit.exp(-self.kit.absolute(self.h))

    @cached_property
    def whole(self) -> Array:
        """1 + e^-|h|."""
        return self.of.whole if self.of else 1.0 + self.decay

    @cached_property
    def logarithm(self) -> Array:
        """log(1 + e^-|h|)."""
        return self.of.logarithm if self.of else self.kit.log1p(self.decay)

    @cached_property
    def mirrored(self) -> Logistic:
        """The same of -h."""
        return Logistic(self.kit, -self.h, self)

    def sigmoid(self) -> Array:
        """s(h), a probability."""
        return self.kit.decay_below(self.h, self.decay) / self.whole

    def slope(self) -> Array:
        """s(h) s(-h), from the smaller of the two: c - c^2."""
        smaller = self.decay / self.whole
        return smaller - smaller * smaller

    def softplus(self) -> Array:
        """log(1 + e^h) in nats."""
        return self.kit.at_least(self.h, 0.0) + self.logarithm
