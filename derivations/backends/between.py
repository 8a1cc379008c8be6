"""Where two arguments meet: their ratio or difference under an atom, and a product.

psi(a/b), phi(a - b) and their like keep what the division or the subtraction would
lose: the bits that are rounded off, and the range. Written over a `Kit` and its atoms,
as the atoms are; where the arrays are computed in a wider type, the operations alone
are enough.

References: Knuth, "The Art of Computer Programming", volume 2, 3rd edition, 1997,
section 4.2.2 (what a sum rounds off).
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any, NamedTuple

from derivations.backends.atoms import LARGEST, SWITCH

if TYPE_CHECKING:
    from derivations.backends.kit import Kit

Array = Any


class Range(NamedTuple):
    """Where the numbers of a dtype end, with room to spare.

    late     e^t is no subnormal number, and not inf, for |t| up to there
    moved    half the power of 2 that is taken out of e^t beyond it
    power    the logarithm of twice that: a number of few digits, and the rest
    largest  e^t is finite up to there
    tiny     a/b below it may have lost digits, and counts for nothing beside its log
    raised   powers of 2 for a and b that bring such a ratio back
    """

    late: float
    moved: int
    power: tuple[float, float]
    largest: float
    tiny: float
    raised: tuple[int, int]


RANGE = {
    "float64": Range(
        600.0,
        538,
        (745.8125, 0.013866282501152933),
        709.7,
        2.0**-610,
        (600, -550),
    ),
    "float32": Range(60.0, 75, (104.0, -0.027922916), 88.7, 2.0**-90, (80, -66)),
}
SPLIT = 2.0**27 + 1.0  # halves the digits of a float64
NORMAL = 2.0**-960  # rests of products are normal numbers above


def lost(kit: Kit, a: Array, b: Array) -> Array:
    """What a - b rounds off, exactly; 0 where a - b is not finite."""
    difference = a - b
    turned = difference - a
    rest = (a - (difference - turned)) - (b + turned)
    return kit.where(rest == rest, rest, 0.0)


def product_rest(a: Array, b: Array, product: Array) -> Array:
    """What a b rounds off in float64, for |a|, |b| < 2^996."""
    wide_a, wide_b = SPLIT * a, SPLIT * b
    high_a, high_b = wide_a - (wide_a - a), wide_b - (wide_b - b)
    low_a, low_b = a - high_a, b - high_b
    rest = (high_a * high_b - product) + high_a * low_b + low_a * high_b
    return rest + low_a * low_b


def squared(kit: Kit, c: float, main: Array, rest: Array | None) -> Array:
    """c (main + rest)^2, where the rest is small beside the main part."""
    square = c * main * main
    if rest is None:
        return square
    more = 2.0 * c * main * rest
    return square + kit.where(more - more == 0.0, more, 0.0)


class Grown:
    """x = (a - b) e^t, as large or small as either may be: 0 or inf only where x is.

    A power of 2 is taken out of e^t where it is large or small. In float64 x has a
    second part, of what the difference, the power and the product round off.
    """

    def __init__(self, kit: Kit, a: Array, b: Array, t: Array) -> None:
        late, moved, (power, more), largest, *_ = RANGE[kit.precision.inner]
        self.kit, self.rest = kit, None
        if kit.precision.wider:
            self.main = (a - b) * kit.exp(kit.at_most(t, largest))
            return
        t = kit.at_most(t, largest + power)  # 0 stays 0, and is not 0 inf
        up = kit.clip((t - late) * SWITCH, 0.0, 1.0)  # 0 or 1
        down = kit.clip((-t - late) * SWITCH, 0.0, 1.0)
        scale = (1.0 - up - down) + up * 2.0**moved + down * 2.0**-moved
        coarse, fine = t - (up - down) * power, (up - down) * more
        growth, x = kit.exp(coarse - fine), (a - b) * scale
        main = x * growth
        self.main = main * scale
        if kit.precision.inner == "float64":
            lost_power = (coarse - (coarse - fine)) - fine
            rest = product_rest(x, growth, main) + main * lost_power
            rest = (rest + lost(kit, a, b) * scale * growth) * scale
            self.rest = kit.where(rest - rest == 0.0, rest, 0.0)

    def value(self) -> Array:
        """x."""
        return self.main if self.rest is None else self.main + self.rest

    def square(self, c: float = 1.0) -> Array:
        """c x^2."""
        return squared(self.kit, c, self.main, self.rest)


class GrowthBetween:
    """c e^t, c expm1(t), c phi(t) at t = factor (a - b), for constants c > 0.

    With d = a - b as it is rounded and e what is lost, phi(d + e) is
    phi(d) + e expm1(d) to all digits.
    """

    def __init__(self, kit: Kit, a: Array, b: Array, factor: float) -> None:
        self.kit, self.at = kit, kit.growth(a - b, factor)
        self.rest = None if kit.precision.wider else factor * lost(kit, a, b)

    def _moved(self, value: Array, slope: Array) -> Array:
        if self.rest is None:
            return value
        largest = LARGEST[self.kit.precision.inner]  # inf, and not inf - inf
        return value + self.rest * self.kit.at_most(slope, largest)

    def exp(self, c: float = 1.0) -> Array:
        """c e^t."""
        return self._moved(self.at.exp(c), self.at.exp(c))

    def expm1(self, c: float = 1.0) -> Array:
        """c (e^t - 1), of the sign of t."""
        return self._moved(self.at.expm1(c), self.at.exp(c))

    def phi(self, c: float = 1.0) -> Array:
        """c (e^t - 1 - t) >= 0."""
        return self._moved(self.at.phi(c), self.at.expm1(c))


class Quotient:
    """x = (a - b)/c, with what the difference and the division round off in float64."""

    def __init__(self, kit: Kit, a: Array, b: Array, c: Array) -> None:
        self.kit, self.rest = kit, None
        difference = a - b
        self.main = difference / c
        if kit.precision.inner == "float64" and not kit.precision.wider:
            product = self.main * c
            rest = (difference - product) - product_rest(self.main, c, product)
            rest = (rest + lost(kit, a, b)) / c
            normal = kit.absolute(difference) > NORMAL  # below, products lose digits
            self.rest = kit.where(normal & (rest - rest == 0.0), rest, 0.0)

    def square(self, c: float = 1.0) -> Array:
        """c x^2."""
        return squared(self.kit, c, self.main, self.rest)


class RemainderBetween:
    """psi(a/b) for a, b > 0, from a/b and (a - b)/b.

    What the second rounds off counts times the slope 1 - b/a. Away from 1 the logarithm
    is that of the first, which is rounded differently. Where a/b is so small that only
    the logarithm counts, that is of 2^s a/b, which has all its digits; where it is so
    large that nothing else counts, c stands inside.
    """

    def __init__(
        self, kit: Kit, a: Array, b: Array, ratio: Array, less_one: Quotient
    ) -> None:
        self.kit, self.a, self.b = kit, a, b
        self.ratio, self.less_one = ratio, less_one

    def psi(self, c: float = 1.0) -> Array:
        """c psi(a/b)."""
        kit, v, x = self.kit, self.ratio, self.less_one.main
        if kit.precision.wider:
            return kit.remainder(v, x).psi(c)
        low, high = kit.precision.near_one
        away = (v < low) | (v > high)
        value = kit.remainder(kit.where(away, v, x + 1.0), x).psi(c)
        if self.less_one.rest is not None:  # else twice as many digits as are wanted
            moved = kit.settled(v - 1.0)
            uneven = (moved - x) + (v - (moved + 1.0))  # exact from 0 to 2^53
            octave = (v < low) & (v >= low / 2)  # psi of v alone: see `Remainder`
            counts = kit.where(octave, uneven * (1.0 - v), uneven)
            more = kit.where(away, counts / v, 0.0) + self.less_one.rest * (x / v)
            value = value + c * more
        *_, tiny, (up, down) = RANGE[kit.precision.inner]
        logarithm = kit.log((self.a * 2.0**up) / (self.b * 2.0**down))
        small = c * ((up - down) * log(2.0) - 1.0 - logarithm)
        value = kit.where(v < tiny, small, value)
        return kit.where(v > 1.0 / tiny, (c * self.a) / self.b, value)


def weighted(kit: Kit, weight: Array, value: Array) -> Array:
    """weight value, and 0 where the weight is 0, whatever the value is."""
    return kit.where(weight == 0.0, 0.0, weight * value)


def over_both(kit: Kit, a: Array, b: Array) -> Array:
    """(a - b)/(a b) for a, b > 0: by the larger first, which can not overflow."""
    above = a > b
    once = (a - b) / kit.where(above, a, b)
    return kit.divided(once, kit.where(above, b, a))


def quotient_of_sum(kit: Kit, total: Array, over: Array, spread: Array) -> Array:
    """`over` where the sum is finite, else the sum of quotients, which may still be."""
    return kit.where(kit.absolute(total) <= LARGEST[kit.precision.inner], over, spread)
