"""Run somebody's loss on JAX arrays, with JAX's derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

    def total(*leaves: Any) -> Any:
        results = as_tuple(candidate, candidate.function(*leaves), len(wanted))
        pairs = zip(results, weights.value, strict=True)
        return sum(jnp.sum(r * jnp.asarray(w, kind)) for r, w in pairs)

    words, places = candidate.convention.inputs, tuple(range(len(arrays)))
    slopes = _derived(jax.grad(total, places), arrays)
    numbers = {w: np.asarray(s, np.float64) for w, s in zip(words, slopes, strict=True)}
    further = weights.again
    if further is None:
        return Results(value, numbers)
    seconds = {}
    for place, word in enumerate(words):

        def again(*leaves: Any, place: int = place, word: str = word) -> Any:
            slope = jax.grad(total, place)(*leaves)
            return jnp.sum(slope * jnp.asarray(further[word], kind))

        try:
            rows = _derived(jax.grad(again, places), arrays)
        except Fault as fault:
            return Results(value, numbers, missing={"second": str(fault)})
        for other, row in zip(words, rows, strict=True):
            seconds[word, other] = np.asarray(row, np.float64)
    return Results(value, numbers, seconds)


def _derived(function: Callable, arrays: Sequence[Any]) -> Any:
    """Compiled, which saves many small compilations; as it stands if it must be."""
    try:
        return jax.jit(function)(*arrays)
    except jax.errors.JAXTypeError:  # it looks at its values
        return _attempt(function, arrays)
    except (Exception, SystemExit) as error:  # the boundary: foreign code
        raise raised(error) from error


def _attempt(function: Callable, arrays: Sequence[Any]) -> Any:
    try:
        return function(*arrays)
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
