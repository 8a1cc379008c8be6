"""The true value of a term and its derivatives at many points, and their rounding.

Each number is kept as two floats, whose sum is the truth to 2^-100 of itself, or to
2^-140 of the size that rounding is measured against. A point is evaluated at growing
precision until the ball says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, combinations_with_replacement
from math import isfinite
from typing import TypeAlias

import flint
import numpy as np
from flint import arb, arb_series

from verify.accuracy.truth import FIRST, LAST, Wide
from verify.oracle.definitions import DEFINITIONS, Definition, natural

Place: TypeAlias = tuple[int, ...]
"""() is the value, (a,) the slope in argument a, (a, b) with a <= b a second one."""
Numbers: TypeAlias = tuple[float, float, float]
"""The truth as two floats, and the size."""

LENGTH = 3  # of the series: a value and two derivatives
RELATIVE = 2.0**-100
OF_SIZE = 2.0**-140  # a truth of 0 is never narrow beside itself


@dataclass(frozen=True)
class Exact:
    """True numbers: `high` + `low`, float64, and the size of what they are made of."""

    high: np.ndarray
    low: np.ndarray
    size: np.ndarray

    def times(self, factor: np.ndarray | float) -> Exact:
        """Multiplied by powers of two."""
        return Exact(self.high * factor, self.low * factor, self.size * np.abs(factor))

    def at(self, n: int) -> Exact:
        """Those of one sample."""
        return Exact(self.high[n], self.low[n], self.size[n])


Terms = dict[Place, Exact]


def places(count: int) -> tuple[Place, ...]:
    """The value, the slopes and the second derivatives of so many arguments."""
    pairs = combinations_with_replacement(range(count), 2)
    return ((), *((a,) for a in range(count)), *pairs)


def terms(name: str, words: Sequence[str], columns: Sequence[np.ndarray]) -> Terms:
    """The term of a part at points, with its first and second derivatives.

    name     of the part, a key of DEFINITIONS
    words    what each argument is
    columns  one array for each word, all of one shape, float64

    Raises Wide where a ball is not narrow at 16384 bits.
    """
    shape, count = columns[0].shape, columns[0].size
    wanted = places(len(words))
    found = {p: np.empty((3, count)) for p in wanted}
    points = list(zip(*(c.ravel().tolist() for c in columns), strict=True))
    for n, point in enumerate(points):
        for place, numbers in _at(name, tuple(words), point).items():
            found[place][:, n] = numbers
    return {p: Exact(*(row.reshape(shape) for row in f)) for p, f in found.items()}


@lru_cache(maxsize=1 << 17)
def _at(
    name: str, words: tuple[str, ...], point: tuple[float, ...]
) -> dict[Place, Numbers]:
    bits = FIRST
    while bits <= LAST:
        with flint.ctx.workprec(bits), series_of_length(LENGTH):
            found = _enclosed(name, words, point)
        if found is not None:
            return found
        bits *= 2
    raise Wide(f"{name} at {dict(zip(words, point, strict=True))}")


def _enclosed(
    name: str, words: tuple[str, ...], point: tuple[float, ...]
) -> dict[Place, Numbers] | None:
    """At the current precision; None if a ball is wide."""
    definition, count = DEFINITIONS[name], len(words)
    balls: dict[Place, arb] = {}
    sizes: dict[Place, arb] = {}
    for a in range(count):
        value, size = _along(definition, words, point, (a,))
        balls[()], balls[(a,)], balls[(a, a)] = value[0], value[1], 2 * value[2]
        sizes[()], sizes[(a,)], sizes[(a, a)] = size[0], size[1], 2 * size[2]
    for a, b in combinations(range(count), 2):
        value, size = _along(definition, words, point, (a, b))
        pure = balls[(a, a)] + balls[(b, b)]  # along both: the pure ones, and 2 mixed
        balls[(a, b)] = value[2] - pure / 2
        both = sizes[(a, a)] + sizes[(b, b)]  # a summand may be constant along both
        sizes[(a, b)] = size[2] + both / 2
    found = {}
    for place, ball in balls.items():
        whole = float(sizes[place].mid()) + definition.constant[len(place)]
        numbers = enclosed_numbers(ball, whole)
        if numbers is None:
            return None
        found[place] = numbers
    return found


@contextmanager
def series_of_length(length: int) -> Iterator[None]:
    """Power series are cut there, which is a setting of flint's."""
    before, flint.ctx.cap = flint.ctx.cap, length
    try:
        yield
    finally:
        flint.ctx.cap = before


def _along(
    definition: Definition,
    words: tuple[str, ...],
    point: tuple[float, ...],
    direction: tuple[int, ...],
) -> tuple[list[arb], list[arb]]:
    """The first three coefficients of the term, and of the sizes of its summands."""
    given = [
        natural(w, arb_series([arb(x), int(n in direction)]))
        for n, (w, x) in enumerate(zip(words, point, strict=True))
    ]
    value = definition.value(*given)
    parts = definition.summands(*given)
    sizes = [sum((abs(p[n]) for p in parts), arb(0)) for n in range(LENGTH)]
    raised = sum((abs(p[0]) for p in definition.raised(*given)), arb(0))
    sizes[1] += raised
    sizes[2] += sum((abs(p[2]) for p in definition.curved(*given)), raised)
    return [value[n] for n in range(LENGTH)], sizes


def enclosed_numbers(ball: arb, size: float) -> Numbers | None:
    """A ball as numbers, with the size of its rounding; None if it is wide."""
    if not ball.is_finite():
        return None
    middle = ball.mid()
    radius = float(ball.rad())
    high = float(middle)
    if radius > max(abs(high) * RELATIVE, size * OF_SIZE):
        return None
    return high, float(middle - arb(high)) if isfinite(high) else 0.0, size
