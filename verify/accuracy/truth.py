"""The truth at many points, counted in units in the last place of a format.

A value is kept as a whole number of units and a part of one, so that a distance of a
millionth of a unit is seen in any format, at subnormals and next to overflow alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import flint
import numpy as np
from flint import arb

from verify.accuracy.formats import Format

FIRST, LAST = 256, 16384  # bits of the first attempt, and of the last
NARROW = 30  # a ball is narrow if its radius is below 2^-30 units


class Wide(ArithmeticError):
    """A ball that stays too wide: the expression has no value there, or cancels."""


@dataclass(frozen=True)
class Truth:
    """True values: (whole + part) 2^unit, each an array of shape (n,).

    whole  an integer below 2^digits in float64; inf beyond twice the last finite value
    part   within [0, 1)
    unit   the exponent of the unit in the last place
    """

    format: Format
    whole: np.ndarray
    part: np.ndarray
    unit: np.ndarray

    @property
    def approximately(self) -> np.ndarray:
        """The values in float64, within one of its units; inf where they are beyond."""
        with np.errstate(over="ignore", under="ignore"):
            return np.ldexp(self.whole + self.part, self.unit)


def truth(function: Callable, columns: Sequence[np.ndarray], form: Format) -> Truth:
    """The function of balls at the points whose coordinates are the columns.

    function  of one ball for each column, returns a ball
    columns   shape (n,) each, float64, finite

    Raises Wide if a ball is not narrow at 16384 bits.
    """
    count = len(columns[0])
    whole, part = np.empty(count), np.empty(count)
    unit = np.empty(count, np.int64)
    for n, point in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        whole[n], part[n], unit[n] = true_value(function, point, form)
    return Truth(form, whole, part, unit)


def true_value(
    function: Callable, point: Sequence[float], form: Format
) -> tuple[float, float, int]:
    """(whole, part, unit) at one point."""
    bits = FIRST
    while bits <= LAST:
        with flint.ctx.workprec(bits):
            ball = function(*map(arb, point))
        found = in_units(ball, form)
        if found is not None:
            return found
        bits *= 2
    raise Wide(f"at {point} the value is only known to be in {ball}")


def in_units(ball: arb, form: Format) -> tuple[float, float, int] | None:
    """The middle of a ball in units of its last place; None if the ball is wide."""
    if not ball.is_finite():
        return None
    mantissa, exponent = (int(n) for n in ball.mid().man_exp())
    size = mantissa.bit_length()
    unit = form.unit(exponent + size - 1) if mantissa else form.last_place
    top = exponent + size - 1
    if not ball.is_exact():
        radius, scale = ball.rad().man_exp()
        spread = int(radius).bit_length() + int(scale)
        if spread > unit - NARROW and not spread < top - 1 > form.highest + 1:
            return None
    if top > form.highest + 2:
        return (float("inf") if mantissa > 0 else -float("inf")), 0.0, unit
    shift = exponent - unit
    if shift >= 0:
        return float(mantissa << shift), 0.0, unit
    if -shift > size + 64:  # far below the smallest subnormal: a part of a unit
        return (0.0, 2.0**-64, unit) if mantissa > 0 else (-0.0, -(2.0**-64), unit)
    below = -shift
    whole = abs(mantissa) >> below
    rest = abs(mantissa) - (whole << below)
    sign = 1 if mantissa > 0 else -1
    return float(sign * whole), sign * (rest / (1 << below)), unit
