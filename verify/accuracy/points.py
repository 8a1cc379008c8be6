"""Where to measure: where an implementation changes its way, and everywhere else.

One argument: both ends of the format, 0, 1 and their neighbours, every end of an
interval that the atoms know, every point where exp, log or a square leaves the range,
each with its neighbours; between them, magnitudes spread evenly over all binades, and
numbers around 1. Two arguments: the second as if it were alone, with a mean of 0, one
of any magnitude, and one that adds as much to the divergence as the second does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from math import log

import numpy as np
from sympy import Symbol

from derivations.backends.precision import OF_DTYPE
from verify.accuracy.formats import Format
from verify.accuracy.rounding import rounded

NEIGHBOURS = 4  # on either side, of either spacing where it changes
MOVING = 0.7  # how many coordinates of a child differ from its parent's
MEANS = 3  # for each scale of a type of 16 bits
HALF = 11  # binary digits that such a type has at most
SCALES = (0.5, 1.0, 2.0)  # an argument may be doubled or halved before it is looked at


def switches(form: Format) -> np.ndarray:
    """Positive numbers at which some implementation may change its way."""
    largest, smallest = form.largest, form.smallest
    normal = 2.0**form.lowest
    found = [
        *(log(largest), log(largest) + log(2), log(normal), log(smallest)),
        *(log(smallest) - log(2), log(normal) - log(2)),
        *(largest, normal, smallest, largest**0.5, normal**0.5, smallest**0.5),
        *(1.0, 2.0**-form.digits, 2.0 ** (-form.digits / 2), form.digits * log(2)),
        *(17.0, 20.0, 37.0, 1.0 / largest, 0.5, 2.0**0.5, log(2)),
    ]
    precision = OF_DTYPE[form.name]
    for field in fields(precision):
        ends = getattr(precision, field.name)
        if field.name.startswith("near_"):
            found += [end for end in ends if isinstance(end, float)]
    scaled = [abs(s * c) for s in found for c in SCALES]
    return np.unique([s for s in scaled if smallest <= s <= largest])


def neighbours(values: np.ndarray, form: Format) -> np.ndarray:
    """The values in the format, with the numbers next to them and some further off."""
    near = rounded(values, form)
    halves = np.arange(-2 * NEIGHBOURS, 2 * NEIGHBOURS + 1) / 2
    exponent = np.frexp(near)[1] - 1
    unit = np.array([form.unit(int(e)) for e in exponent])
    factors = 2.0 ** -np.arange(2, form.digits, 3)
    with np.errstate(over="ignore"):
        close = near[:, None] + np.ldexp(halves, unit[:, None])
        off = near[:, None] * np.concatenate([1 - factors, 1 + factors])
    return np.concatenate([close.ravel(), off.ravel()])


def special(symbol: Symbol, form: Format) -> np.ndarray:
    """The numbers that are always tried for an argument."""
    found = neighbours(switches(form), form)
    allowed = np.unique(_allowed(np.concatenate([found, -found, [0.0]]), symbol, form))
    return allowed if symbol.is_positive else np.append(allowed, -0.0)


def drawn(
    symbol: Symbol, form: Format, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Random numbers of all magnitudes, and around 1, and of the size of logarithms."""
    exponents = rng.uniform(form.last_place, form.highest + 1, count)
    any_size = np.exp2(exponents)
    near_one = 1 + rng.choice([-1, 1], count) * np.exp2(
        rng.uniform(-form.digits, 0, count)
    )
    ordinary = np.exp2(rng.uniform(-form.digits, 4, count))
    range_of_exp = rng.uniform(0, log(form.largest) + 2, count)
    which = rng.integers(0, 4, count)
    size = np.choose(which, [any_size, near_one, ordinary, range_of_exp])
    sign = 1.0 if symbol.is_positive else rng.choice([-1.0, 1.0], count)
    return _allowed(sign * size, symbol, form)


def _allowed(values: np.ndarray, symbol: Symbol, form: Format) -> np.ndarray:
    with np.errstate(over="ignore"):
        values = rounded(values, form)
    keep = np.isfinite(values)
    if symbol.is_positive:
        keep &= values > 0
    return values[keep]


def points(
    symbols: Sequence[Symbol], form: Format, count: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Columns of coordinates, one for each symbol: the special points and `count` more.

    Of two symbols the first is a mean, the second a scale. Of a type of 16 bits every
    finite number is taken, as a scale several times.
    """
    last = symbols[-1]
    if form.digits <= HALF:
        values = _allowed(every(form), last, form)
        values = np.tile(values, MEANS if len(symbols) > 1 else 1)
    else:
        values = np.concatenate([special(last, form), drawn(last, form, count, rng)])
    if len(symbols) == 1:
        return [values]
    means = _means(values, symbols, form, rng)
    ends = special(symbols[0], form)
    with_ends = rng.choice(values, len(ends))
    return [np.concatenate([means, ends]), np.concatenate([values, with_ends])]


def _means(
    scales: np.ndarray,
    symbols: Sequence[Symbol],
    form: Format,
    rng: np.random.Generator,
) -> np.ndarray:
    """A mean for each scale: 0, of any size, or such that both add about as much."""
    count = len(scales)
    with np.errstate(all="ignore"):
        if symbols[-1].is_positive:
            distance = np.where(scales < 0.5, np.sqrt(-2 * np.log(scales)), scales - 1)
        else:
            grown = np.exp(scales / 2)
            distance = np.where(scales < 1, scales, grown)
            distance = np.where(scales < -1, np.sqrt(-scales), distance)
        balanced = np.abs(distance) * np.exp2(rng.uniform(-3, 3, count))
    balanced = np.where(np.isfinite(balanced), balanced, 1.0)
    any_size = np.exp2(rng.uniform(form.last_place, form.highest + 1, count))
    which = rng.integers(0, 4, count)
    size = np.choose(which, [np.zeros(count), any_size, balanced, balanced])
    signed = size * rng.choice([-1.0, 1.0], count)
    with np.errstate(over="ignore"):
        return np.clip(rounded(signed, form), -form.largest, form.largest)


def around(
    parents: Sequence[np.ndarray],
    symbols: Sequence[Symbol],
    form: Format,
    count: int,
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """Columns of `count` points around others, at all relative distances.

    parents  columns too; a child that leaves the domain stays where its parent is
    """
    chosen = rng.integers(0, len(parents[0]), count)
    found = []
    for symbol, column in zip(symbols, parents, strict=True):
        parent = column[chosen]
        far = np.exp2(-rng.uniform(1, form.digits, count)) * rng.standard_normal(count)
        moves = rng.random(count) < MOVING
        with np.errstate(over="ignore"):
            child = rounded(np.where(moves, parent * (1 + far), parent), form)
        outside = ~np.isfinite(child) | ((child <= 0) & bool(symbol.is_positive))
        found.append(np.where(outside, parent, child))
    return found


def every(form: Format) -> np.ndarray:
    """Every finite number of a format of 16 bits; ValueError for a longer one."""
    if form.digits > HALF:
        raise ValueError(f"{form.name} has too many numbers, need float16 or bfloat16")
    bits = np.arange(1 << 16, dtype=np.uint16)
    if form.name == "float16":
        values = bits.view(np.float16).astype(np.float64)
    else:
        single = (bits.astype(np.uint32) << 16).view(np.float32)
        values = single[np.isfinite(single)].astype(np.float64)
    return values[np.isfinite(values)]
