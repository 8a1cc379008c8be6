"""Run somebody's loss on JAX arrays, with JAX's derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from verify.losses.call import Fault, Results, Weights, as_tuple, fits, raised
from verify.losses.candidate import Candidate


def evaluated(
    candidate: Candidate,
    given: Sequence[np.ndarray],
    wanted: Sequence[tuple[int, ...]],
    weights: Weights | None,
    device: str,
) -> Results:
    """See `verify.losses.call.evaluated`."""
    with jax.enable_x64(True):
        return _evaluated(candidate, given, wanted, weights)


def _evaluated(
    candidate: Candidate,
    given: Sequence[np.ndarray],
    wanted: Sequence[tuple[int, ...]],
    weights: Weights | None,
) -> Results:
    kind = jnp.dtype(candidate.dtype)
    arrays = tuple(jnp.asarray(a, dtype=kind) for a in given)
    found = _called(candidate, arrays, wanted)
    for one, other in zip(found, _called(candidate, arrays, wanted), strict=True):
        if not np.array_equal(one, other, equal_nan=True):
            raise Fault("returns two values for the same arrays")
    value = tuple(np.asarray(f, np.float64) for f in found)
    if weights is None:
        return Results(value)
    of_value = tuple(jnp.asarray(w, kind) for w in weights.value)
    try:
        slopes = _attempt(_gradient(candidate), (arrays, of_value))
    except Fault as fault:
        return Results(value, missing={"gradient": f"its gradient {fault}"})
    words = candidate.convention.inputs
    numbers = {w: np.asarray(s, np.float64) for w, s in zip(words, slopes, strict=True)}
    if weights.again is None:
        return Results(value, numbers)
    again = tuple(jnp.asarray(weights.again[word], kind) for word in words)
    try:
        rows = _attempt(_curvature(candidate), (arrays, of_value, again))
    except Fault as fault:
        return Results(value, numbers, missing={"second": str(fault)})
    seconds = {
        (word, other): np.asarray(entry, np.float64)
        for word, row in zip(words, rows, strict=True)
        for other, entry in zip(words, row, strict=True)
    }
    return Results(value, numbers, seconds)


Arrays = tuple[Any, ...]


@lru_cache(maxsize=8)  # of the candidates of late: each keeps what it compiled
def _gradient(candidate: Candidate) -> Callable[..., Arrays]:
    """The slopes of the weighted sum of the results, of (arrays, weights)."""

    def total(arrays: Arrays, of_value: Arrays) -> Any:
        results = as_tuple(candidate, candidate.function(*arrays), len(of_value))
        return sum(jnp.sum(r * w) for r, w in zip(results, of_value, strict=True))

    return jax.jit(jax.grad(total))


@lru_cache(maxsize=8)
def _curvature(candidate: Candidate) -> Callable[..., tuple[Arrays, ...]]:
    """The slopes of each weighted sum of slopes, of (arrays, weights, weights)."""
    slopes = _gradient(candidate)

    def rows(arrays: Arrays, of_value: Arrays, again: Arrays) -> tuple[Arrays, ...]:
        def one(given: Arrays, place: int) -> Any:
            return jnp.sum(slopes(given, of_value)[place] * again[place])

        return tuple(jax.grad(one)(arrays, place) for place in range(len(arrays)))

    return jax.jit(rows)


def _attempt(function: Callable, given: Sequence[Any]) -> Any:
    try:
        return function(*given)
    except (Exception, SystemExit) as error:  # the boundary: foreign code
        raise raised(error) from error


def _called(
    candidate: Candidate, arrays: Sequence[Any], wanted: Sequence[tuple[int, ...]]
) -> Sequence[Any]:
    results = as_tuple(candidate, _attempt(candidate.function, arrays), len(wanted))
    shown = ", ".join(str(a.shape) for a in arrays)
    for result, shape in zip(results, wanted, strict=True):
        if not isinstance(result, jax.Array):
            raise Fault(f"returns {type(result).__name__}, not a JAX array")
        fits(f"inputs of shapes {shown}", result, shape)
        if result.dtype != arrays[0].dtype:
            raise Fault(f"returns {result.dtype} for {arrays[0].dtype}")
    return results
