"""Run somebody's loss: its value, gradient and second derivatives, as NumPy arrays.

This is the one place where the exceptions of a callable that is judged are caught. Each
becomes a Fault, which is something found out about it; so do a wrong shape or type, an
input that was written to, and two calls that differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

from verify.losses.candidate import Candidate
from verify.losses.convention import Convention

Arrays = Mapping[str, np.ndarray]
"""By word; float64, with values that the candidate's dtype has."""


class Fault(Exception):
    """What a callable did instead of computing its loss, in words."""


@dataclass(frozen=True)
class Results:
    """What a callable computed.

    value     one array, or one for each part under the reduction "none"; float64
    slopes    by word, the derivative of the sum of weight times value
    seconds   by two words, the derivative of the sum of `again` times the first slope
    missing   why there are no slopes, or no seconds, by "gradient" or "second"
    """

    value: tuple[np.ndarray, ...]
    slopes: dict[str, np.ndarray] = field(default_factory=dict)
    seconds: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Weights:
    """What values and slopes are multiplied by before they are summed.

    value  one array for each result, in its shape
    again  by word, in the argument's shape; None leaves the second derivatives out
    """

    value: tuple[np.ndarray, ...]
    again: Arrays | None = None


def shapes(convention: Convention, arrays: Arrays) -> tuple[tuple[int, ...], ...]:
    """The shape of each result that the convention promises."""
    given = [
        arrays[convention.word(part.roles[0])].shape for part in convention.loss.parts
    ]
    match convention.reduction:
        case "none":
            return tuple(given)
        case "sum":
            return (given[0][:-1],)
    return ((),)


def evaluated(
    candidate: Candidate,
    arrays: Arrays,
    weights: Weights | None = None,
    device: str = "cpu",
) -> Results:
    """The value at the arrays; with weights, the derivatives too.

    Raises Fault if the callable raises, returns something else than arrays of its own
    framework in the promised shapes and dtype, changes what it was given, or returns
    two different values for the same arrays.
    """
    module = import_module(f"verify.losses.{candidate.framework}_calls")
    given = [arrays[word] for word in candidate.convention.inputs]
    wanted = shapes(candidate.convention, arrays)
    return module.evaluated(candidate, given, wanted, weights, device)


def raised(error: BaseException) -> Fault:
    """The fault that an exception of a callable is."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - its own words may raise too
        text = ""
    return Fault(f"raises {type(error).__name__}{': ' if text else ''}{text[:300]}")


def as_tuple(candidate: Candidate, found: Any, count: int) -> Sequence[Any]:
    """The results, as many as there are parts under the reduction "none"."""
    if count == 1:
        if isinstance(found, tuple | list):
            raise Fault(
                f"returns a {type(found).__name__} of {len(found)}, not an array"
            )
        return (found,)
    if not isinstance(found, tuple | list) or len(found) != count:
        got = (
            f"{len(found)}" if isinstance(found, tuple | list) else type(found).__name__
        )
        raise Fault(f"returns {got}, not {count} arrays, one for each part")
    return tuple(found)


def fits(name: str, found: Any, shape: tuple[int, ...]) -> None:
    """Raise Fault if a result has another shape."""
    if tuple(found.shape) != shape:
        raise Fault(f"returns shape {tuple(found.shape)}, not {shape}, for {name}")
