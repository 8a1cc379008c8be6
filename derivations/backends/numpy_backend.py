"""NumPy arrays and Python numbers: all that is NumPy's own.

Overflow to inf is a result here, not a warning. Arrays are worked on in blocks whose
temporaries stay in the cache of a core.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from derivations.backends.arguments import check_dtypes, shape_error
from derivations.backends.kit import Array, Kit
from derivations.backends.precision import OF_DTYPE
from derivations.backends.smooth import Smooth

BLOCK = 8192  # elements


class NumpyKit(Kit):
    """The atoms' operations in NumPy."""

    exp = staticmethod(np.exp)
    log = staticmethod(np.log)
    log1p = staticmethod(np.log1p)
    sqrt = staticmethod(np.sqrt)
    absolute = staticmethod(np.absolute)
    at_least = staticmethod(np.maximum)
    at_most = staticmethod(np.minimum)
    where = staticmethod(np.where)

    def polynomial(self, coefficients: tuple[float, ...], x: Array) -> Array:
        """Horner's rule, in the memory of the first product."""
        total = coefficients[0] * x
        for coefficient in coefficients[1:-1]:
            total += coefficient
            total *= x
        total += coefficients[-1]
        return total


KITS = {name: NumpyKit(precision) for name, precision in OF_DTYPE.items()}


def common(function: str, given: Mapping[str, Any]) -> list[Array]:
    """The arrays in one dtype and shape; a Python number takes the others' dtype.

    Raises TypeError for integers or complex numbers, ValueError for shapes that do not
    broadcast.
    """
    kept = {n: v for n, v in given.items() if type(v) not in (int, float)}
    check_dtypes(function, {n: v.dtype.name for n, v in kept.items()})
    dtype = np.result_type(*(v.dtype for v in kept.values())) if kept else np.float64
    arrays = [np.asarray(v, dtype) for v in given.values()]
    try:
        return list(np.broadcast_arrays(*arrays))
    except ValueError:
        shapes = {n: np.shape(v) for n, v in given.items()}
        raise shape_error(function, shapes) from None


def evaluate(function: Smooth, arrays: Sequence[Array]) -> Array:
    """The function of the arrays, which are of one shape and dtype."""
    first = arrays[0]
    kit, kernel = KITS[first.dtype.name], function.kernel()
    same = all(a.strides == first.strides for a in arrays)
    result = np.empty_like(first, order="K" if same else "C")
    flats = [a.ravel("K" if same else "C") for a in arrays]
    target = np.empty(first.size, first.dtype)
    with np.errstate(all="ignore"):
        for start in range(0, target.size, BLOCK):
            part = slice(start, start + BLOCK)
            blocks = (flat[part].astype(kit.precision.inner) for flat in flats)
            (target[part],) = kernel(kit, *blocks)
    result.ravel("K")[...] = target
    return result


def total(terms: Array) -> Array:
    """The sum over the last axis; a number is a single coordinate."""
    return terms.sum(-1) if terms.ndim else terms[()]


def mean(terms: Array) -> Array:
    """The mean over everything."""
    return terms.mean()


def zeros(arrays: Sequence[Array]) -> Array:
    """A derivative that is 0 everywhere."""
    return np.zeros_like(arrays[0])


def call(lowered: Any, what: str, given: Mapping[str, Any]) -> Any:
    """The value, the terms or the gradient of a lowered derivation."""
    return lowered.computed(THIS, what, given)


THIS = sys.modules[__name__]
