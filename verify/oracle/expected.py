"""What a callable of some convention should return: true terms, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from math import fsum

import numpy as np

from verify.budget import Budget
from verify.losses.call import Weights, shapes
from verify.losses.convention import Convention
from verify.losses.points import Case, cases
from verify.oracle.truth import Exact, terms
from verify.oracle.vectors import divergences

LARGE = 2.0**1022
POWERS = np.array([0.5, 1.0, 2.0, 4.0])
"""Weights that multiply exactly, and tell the samples apart."""


@dataclass(frozen=True)
class Expected:
    """The truth for one batch.

    case     the batch
    weights  what results and slopes are multiplied by before they are summed
    value    of each result that the convention promises
    slopes   by word, in the shape of the argument
    seconds  by two words
    factors  by word, or two: what weights have multiplied the slopes by
    """

    case: Case
    weights: Weights
    value: tuple[Exact, ...]
    slopes: dict[str, Exact]
    seconds: dict[tuple[str, str], Exact]
    factors: dict[str | tuple[str, str], np.ndarray]


@cache
def expectations(
    convention: Convention, dtype: str, seed: int, budget: Budget
) -> tuple[Expected, ...]:
    """The truth for all batches of `cases`."""
    batches = cases(convention, dtype, seed, budget)
    rng = np.random.default_rng([seed, len(batches)])
    return tuple(expected(convention, case, rng) for case in batches)


@np.errstate(all="ignore")  # beyond the range the truth is inf, or meaningless
def expected(
    convention: Convention, case: Case, rng: np.random.Generator | None = None
) -> Expected:
    """The truth for one batch, with weights that are drawn; all 1 without `rng`."""
    loss = convention.loss
    wanted = shapes(convention, case.arrays)
    of_value = tuple(_weights(shape, rng) for shape in wanted)
    again = {w: _weights(a.shape, rng) for w, a in case.arrays.items()}
    if not loss.separable:
        return _of_vectors(convention, case, of_value)
    found = Expected(case, Weights(of_value, again), (), {}, {}, {})
    values = [_of_part(convention, number, found) for number in range(len(loss.parts))]
    for one, other in product(convention.inputs, repeat=2):
        pair = one, other
        if pair not in found.seconds:  # arguments of two parts do not meet
            nothing = np.zeros_like(case.arrays[other])
            found.seconds[pair] = Exact(nothing, nothing, nothing)
            found.factors[pair] = nothing + 1
    return replace(found, value=_together(convention, values))


def _of_vectors(
    convention: Convention, case: Case, of_value: tuple[np.ndarray, ...]
) -> Expected:
    """The same for a loss of whole vectors: a value and a gradient."""
    words = [convention.word(role) for role in convention.loss.words]
    value, slopes = divergences([case.arrays[word] for word in words])
    whole = _summed([divided(value, len(value.high))])
    found = Expected(case, Weights(of_value), (whole,), {}, {}, {})
    for word, slope in zip(words, slopes, strict=True):
        weight = np.reshape(of_value[0], (-1, *[1] * (slope.high.ndim - 1)))
        found.slopes[word] = _averaged(convention, slope.times(weight))
        found.factors[word] = np.broadcast_to(weight, slope.high.shape)
    return (
        found if convention.reduction == "sum_mean" else replace(found, value=(value,))
    )


def _of_part(convention: Convention, number: int, into: Expected) -> Exact:
    """Add the slopes of one part, and return its terms."""
    part = convention.loss.parts[number]
    words = [convention.word(role) for role in part.roles]
    columns = [into.case.arrays[word] for word in words]
    found = terms(part.name, words, columns)
    weight = into.weights.value[number if convention.reduction == "none" else 0]
    factor = weight[:, None] if convention.reduction == "sum" else weight
    factor = np.broadcast_to(factor, columns[0].shape)
    again = into.weights.again or {}
    for a, word in enumerate(words):
        slope = found[(a,)].times(part.sign * factor)
        into.slopes[word] = _averaged(convention, slope)
        into.factors[word] = factor
        for b, other in enumerate(words):
            factors = factor * again[word]
            second = found[min(a, b), max(a, b)].times(part.sign * factors)
            into.seconds[word, other] = _averaged(convention, second)
            into.factors[word, other] = factors
    return found[()].times(part.sign)


def _averaged(convention: Convention, of_term: Exact) -> Exact:
    """Over what a mean divides by."""
    match convention.reduction:
        case "sum_mean":
            return divided(of_term, len(of_term.high))
        case "mean":
            return divided(of_term, of_term.high.size)
    return of_term


def _weights(shape: tuple[int, ...], rng: np.random.Generator | None) -> np.ndarray:
    return np.ones(shape) if rng is None else rng.choice(POWERS, shape)


def _together(convention: Convention, values: Sequence[Exact]) -> tuple[Exact, ...]:
    match convention.reduction:
        case "none":
            return tuple(values)
        case "sum":
            rows = range(len(values[0].high))
            return (_stacked([_summed([v.at(n) for v in values]) for n in rows]),)
        case "sum_mean":
            batch = len(values[0].high)
            return (_summed([divided(_summed([v]), batch) for v in values]),)
    return (_summed([divided(_summed([v]), v.high.size) for v in values]),)


def divided(exact: Exact, count: int) -> Exact:
    """Each number over a count below 2^26: the quotient, and what it leaves over."""
    high = exact.high / count
    digits, exponent = np.frexp(high)
    leading = np.ldexp(np.rint(np.ldexp(digits, 26)), exponent - 26)
    over = (exact.high - leading * count) - (high - leading) * count
    return Exact(high, (over + exact.low) / count, exact.size / count)


def _summed(values: Sequence[Exact]) -> Exact:
    """The sum of all numbers, correctly rounded, and what is left."""
    size = sum(float(np.sum(v.size)) for v in values)
    if not size <= LARGE or not all(np.isfinite(v.high).all() for v in values):
        beyond = np.array(np.inf)  # the range of every dtype: nothing is asked for
        return Exact(beyond, np.array(0.0), beyond)
    numbers = [x for v in values for part in (v.high, v.low) for x in np.ravel(part)]
    high = fsum(numbers)
    low = fsum((*numbers, -high))
    return Exact(np.array(high), np.array(low), np.array(size))


def _stacked(numbers: Sequence[Exact]) -> Exact:
    high, low, size = zip(*((n.high, n.low, n.size) for n in numbers), strict=True)
    return Exact(np.array(high), np.array(low), np.array(size))
