"""Run somebody's loss on NumPy arrays: values only, as NumPy has no gradients."""

from __future__ import annotations

from collections.abc import Sequence

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
    kind = np.dtype(candidate.dtype)
    arrays = [np.array(a, dtype=kind) for a in given]
    copies = [a.copy() for a in arrays]
    first = _called(candidate, [a.copy() for a in copies], wanted)
    found = tuple(np.array(f, np.float64) for f in first)  # it may use them again
    again = _called(candidate, arrays, wanted)
    for array, copy in zip(arrays, copies, strict=True):
        if not np.array_equal(array, copy):
            raise Fault("changes what it was given")
    for one, other in zip(found, again, strict=True):
        if not np.array_equal(one, np.asarray(other, np.float64), equal_nan=True):
            raise Fault("returns two values for the same arrays")
    why = {"gradient": "NumPy has no gradients"} if weights else {}
    return Results(found, missing=why)


def _called(
    candidate: Candidate,
    arrays: Sequence[np.ndarray],
    wanted: Sequence[tuple[int, ...]],
) -> Sequence[np.ndarray]:
    try:
        with np.errstate(all="ignore"):
            found = candidate.function(*arrays)
    except (Exception, SystemExit) as error:  # the boundary: foreign code
        raise raised(error) from error
    results = as_tuple(candidate, found, len(wanted))
    shown = ", ".join(str(a.shape) for a in arrays)
    for result, shape in zip(results, wanted, strict=True):
        if not isinstance(result, np.ndarray | np.generic):
            raise Fault(f"returns {type(result).__name__}, not a NumPy array")
        fits(f"inputs of shapes {shown}", result, shape)
        if result.dtype != arrays[0].dtype:
            raise Fault(f"returns {result.dtype} for {arrays[0].dtype}")
    return results
