"""The atoms in float64, every result within 1 ULP: float64 in, float64 out.

One reduction serves them all: e^t = 2^k (1 + r + rest), t = k log 2 + r, |r| <= 0.3466.
All series are Taylor's, with coefficients that are exact rationals (1/n!, 2/(2j + 1)), cut
where the rest is below 2^-58 of the result; no fitted number occurs. The leading terms are kept
as pairs (`pairs`), so that little more than the last rounding is left.

Limits: arrays of another dtype; frameworks that contract a b + c or flush subnormals.
Tang, "Table-driven implementation of the exponential function", ACM TOMS 15 (1989), and
of the logarithm, ACM TOMS 16 (1990), are where this shape of reduction comes from.
"""

from __future__ import annotations

from math import factorial, inf

from .kit import Array, Kit
from .pairs import Pair, add, product, quotient, sum_of, sum_of_ordered

LOG2_E = 1.4426950408889634  # 1/log 2
LOG_2_HIGH = float.fromhex("0x1.62e42fefa38p-1")  # 42 bits of log 2: times k < 2^11 exact
LOG_2_LOW = float.fromhex("0x1.ef35793c7673p-45")  # log 2 - LOG_2_HIGH
EXPONENTIAL = tuple(2 / factorial(n) for n in range(14, 2, -1))  # of (e^r-1-r-r^2/2)/r^3
AREA_TANGENT = tuple(2 / (2 * j + 1) for j in range(11, 0, -1))  # of 2 atanh(s)/s - 2
WIDE_AREA_TANGENT = tuple(2 / (2 * j + 1) for j in range(17, 0, -1))  # up to s = 1/3


def series(coefficients: tuple[float, ...], x: Array) -> Array:
    """The polynomial at x, highest coefficient first."""
    total = x * coefficients[0] + coefficients[1]
    for coefficient in coefficients[2:]:
        total = total * x + coefficient
    return total


def reduced(kit: Kit, t: Array) -> tuple[Array, Array, Array]:
    """(k, r, c) with t = k log 2 + r + c, c below half a ULP of r; c = 0 where k = 0."""
    k = kit.nearest(t * LOG2_E)
    exact = t - k * LOG_2_HIGH
    correction = k * LOG_2_LOW
    r = exact - correction
    return k, r, (exact - r) - correction


def exponential_parts(kit: Kit, t: Array, half: bool) -> tuple[Array, Array, Array, Array]:
    """(a, b, c, d) with a + b + c + d = e^t, or e^t/2, for -700 < t <= 710.5.

    a + b = 2^k (1 + r) exactly, c = 2^k r^2/2 but for the low half of r, d the rest.
    The factor is 2^(k-1) and the terms are doubled, so that k = 1024 is no overflow; it
    goes into r before r is squared, so that a subnormal square is rounded once.
    """
    k, r, c = reduced(kit, t)
    scale = kit.power_of_two(k - (2.0 if half else 1.0))
    one, one_rest = sum_of_ordered(2.0, 2.0 * r)
    top = kit.leading(r)
    cubic = (scale * r) * r * (r * series(EXPONENTIAL, r))
    rest = cubic + ((scale * (r + top)) * (r - top) + scale * (c * one))
    return scale * one, scale * one_rest, (scale * top) * top, rest


def exponential(kit: Kit, t: Array, half: bool = False) -> Array:
    """e^t, or e^t/2, within 0.6 ULP for every t: overflow and subnormals as they should."""
    near = kit.clip(t, -760.0, 710.6)
    low = kit.where(near < -690.0, near + 100 * LOG_2_HIGH, near)
    a, b, c, d = exponential_parts(kit, low, half)
    lost = kit.where(near < -690.0, 100 * LOG_2_LOW, 0.0)
    total = a + (b + c + (d - a * lost))
    total = kit.where(near < -690.0, total * 2.0**-100, total)
    return kit.where((total == total) | (t != t), total, inf)


def phi_parts(kit: Kit, t: Array, half: bool) -> tuple[Pair, Array]:
    """phi(t) = e^t - 1 - t (or half of it) as a pair, and expm1(t) (or half) rounded.

    Where k = 0 all that stands before r^2/2 cancels exactly, and phi is the series.
    """
    unit = 0.5 if half else 1.0
    a, b, c, d = exponential_parts(kit, kit.clip(t, -64.0, 710.6), half)
    less_one, error = sum_of(a, -unit)
    slope = less_one + (c + (d + (b + error)))
    less_t, more = sum_of(less_one, -unit * t)
    line, rest = sum_of_ordered(less_t, b + (error + more))
    high, low = sum_of(line, c)
    low = low + (rest + d)
    high, low = sum_of_ordered(high, low)
    good = low == low
    beyond = kit.absolute(t) * inf  # nan for nan; not reached at 0
    slope = kit.where(slope == slope, slope, kit.where(t < 0.0, -unit, beyond))
    return (kit.where(good, high, beyond), kit.where(good, low, 0.0)), slope


def decay_parts(kit: Kit, h: Array) -> tuple[Array, Array, Array]:
    """(e, f, scale): exp(-|h|) = scale (e + f), 0 < e <= 1, scale = 1 but for |h| > 665.

    The relative error of e + f is below 2^-58.
    """
    k, r, c = reduced(kit, kit.clip(-kit.absolute(h), -760.0, 0.0))
    one, one_rest = sum_of_ordered(1.0, r)
    p = (r * r) * (0.5 + r * (0.5 * series(EXPONENTIAL, r))) + (one_rest + c * one)
    high, low = sum_of_ordered(one, p)
    kept = kit.clip(k, -960.0, 0.0)
    scale = kit.power_of_two(kept)
    return high * scale, low * scale, kit.power_of_two(k - kept)


def tail_pair(kit: Kit, e: Array, f: Array) -> Pair:
    """E/(1 + E) for E = e + f, 0 <= E <= 1: the smaller of sigmoid(h) and sigmoid(-h)."""
    whole, rest = sum_of_ordered(1.0, e)
    guess = e / whole
    top, whole_top = kit.leading(guess), kit.leading(whole)
    low, whole_low = guess - top, whole - whole_top
    left = ((e - top * whole_top) - top * whole_low - low * whole_top) - low * whole_low
    return guess, (left + f - guess * (rest + f)) * (1.0 - guess)  # 1/(1+E) = 1 - E/(1+E)


def signed_tail(kit: Kit, h: Array, tail: Pair) -> Array:
    """sigmoid(h) from the smaller of sigmoid(h) and sigmoid(-h): itself, or 1 less it."""
    sign = kit.sign(h)
    base = 0.5 + 0.5 * sign
    high = sign * tail[0] + (0.0 if False else 0.0)
    total = base - high
    return total + (((base - total) - high) - sign * tail[1])
