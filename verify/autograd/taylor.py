"""Are the derivatives of a candidate those of its value? By a remainder's order.

Along a line x + s v, what is left of the value after its Taylor polynomial falls as s^2
if the gradient is right, and as s^3 if the Hessian is; with a wrong gradient it falls
as s. The order is measured over halved steps, as log2 of the ratio of two remainders,
and steps end where rounding is as large as a remainder: there is no epsilon to choose.

It is a check of consistency: a wrong formula with the derivatives of that wrong formula
passes. It sees an error in the gradient of about the square root of the roundoff.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from verify.autograd.expected import expected
from verify.autograd.sheet import Sheet
from verify.autograd.sheets import line
from verify.losses.call import Fault, Results, Weights, evaluated
from verify.losses.candidate import Candidate

CLEAR = 8
"""A remainder counts from this many times its rounding on: then rounding moves an order
by at most log2((1 + 1/16)/(1 - 1/8)) = 0.28, and HALF tells an order from the next."""
HALF = 0.5
PAIRS = 3
"""Ratios that have to show a wrong order: one alone may, where a remainder passes 0."""


@dataclass(frozen=True)
class Remainders:
    """What is left of the value, step after step, each half the one before.

    order     of the first power of the step that the polynomial leaves out
    sizes     the remainders' absolute values
    rounding  how much of each rounding explains
    """

    order: int
    sizes: np.ndarray
    rounding: np.ndarray

    @property
    def orders(self) -> np.ndarray:
        """The measured orders at the smallest steps that count, at most PAIRS."""
        clear = self.sizes >= CLEAR * self.rounding
        both = np.flatnonzero(clear[:-1] & clear[1:])[-PAIRS:]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log2(self.sizes[both] / self.sizes[both + 1])

    @property
    def wrong(self) -> bool:
        """Whether enough of them, and all, are of a lower order; or there is a nan."""
        if not np.isfinite(self.sizes).all():
            return True
        found = self.orders
        return len(found) == PAIRS and bool((found < self.order - HALF).all())

    def __str__(self) -> str:
        if not np.isfinite(self.sizes).all():
            return "a remainder that is no number"
        found = self.orders
        if len(found) < PAIRS:
            return "a remainder below rounding"
        return f"a remainder of order {np.median(found):.2f}"


@np.errstate(all="ignore")
def remainders(candidate: Candidate, *, seed: int = 0) -> tuple[Remainders, ...]:
    """After the gradient, and after the Hessian if the candidate has one.

    Raises Fault if the candidate does not compute.
    """
    sheets = line(candidate.convention, candidate.dtype, seed)
    batch, start, move = (
        sheets[0].batches[0],
        sheets[0].given[0],
        sheets[0].directions[0],
    )
    steps = 0.5 ** np.arange(candidate.format.digits // 2)
    origin = evaluated(candidate, start, Weights(batch.weights, move))
    if "gradient" in origin.missing:
        raise Fault(origin.missing["gradient"])
    first = sum(float((origin.slopes[w] * m).sum()) for w, m in move.items())
    base = _total(origin, batch.weights)
    values = np.array(
        [
            _total(
                evaluated(candidate, {w: a + s * move[w] for w, a in start.items()}),
                batch.weights,
            )
            for s in steps
        ]
    )
    left = values - base - steps * first
    rounding = _rounding(sheets, steps)
    found = [Remainders(2, np.abs(left), rounding)]
    if "second" not in origin.missing:
        second = sum(
            float((row * move[other]).sum())
            for (_, other), row in origin.seconds.items()
        )
        found.append(Remainders(3, np.abs(left - steps**2 / 2 * second), rounding))
    return tuple(found)


def _total(results: Results, weights: Sequence[np.ndarray]) -> float:
    pairs = zip(results.value, weights, strict=True)
    return sum(float((v * w).sum()) for v, w in pairs)


def _rounding(sheets: Sequence[Sheet], steps: np.ndarray) -> np.ndarray:
    """Of the values at both ends, and of the derivatives along the line.

    Between the ends, an eighth apart, a bound is at most the larger one's: it is a sum
    of functions of one number that have no maximum inside.
    """
    bounds = [expected(sheet).allowed for sheet in sheets]
    weights = sheets[0].batches[0].weights
    values = [v for bound in bounds for v in bound.value]
    ends = [
        sum(float((v * abs(w)).sum()) for v, w in zip(part, weights, strict=True))
        for part in (values[: len(weights)], values[-len(weights) :])
    ]
    batch = sheets[0].batches[0]
    move = sheets[0].directions[0]
    first, second = (
        sum(
            float((batch.cuts[w].of(bound[w])[m != 0] * abs(m[m != 0])).sum())
            for w, m in move.items()
        )
        for bound in (bounds[0].slopes, bounds[0].second or {})
    )
    return ends[0] + max(ends) + steps * first + steps**2 / 2 * second
