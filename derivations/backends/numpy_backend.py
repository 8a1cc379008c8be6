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
from derivations.backends.kit import LATE, Array, Kit
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
    where = staticmethod(np.where)
    choice_is_cheap = False

    def at_least(self, x: Array, bound: float) -> Array:
        """clip is twice as fast as maximum with a number."""
        return np.clip(x, bound, None)

    def at_most(self, x: Array, bound: float) -> Array:
        """See `at_least`."""
        return np.clip(x, None, bound)

    def clip(self, x: Array, low: float, high: float) -> Array:
        """One pass."""
        return np.clip(x, low, high)

    def polynomial(self, coefficients: tuple[float, ...], x: Array) -> Array:
        """Horner's rule, in the memory of the first product."""
        total = coefficients[0] * x
        for coefficient in coefficients[1:-1]:
            total += coefficient
            total *= x
        total += coefficients[-1]
        return total

    def product(self, c: float, x: Array, y: Array) -> Array:
        """In the memory of the first product."""
        made = c * x
        made *= y
        return made

    def scaled_exp(self, t: Array, c: float) -> Array:
        """c e^t: a look at the largest is cheaper than care that is not needed."""
        if t.max() <= LATE[self.precision.inner]:
            grown = np.exp(t)
            grown *= c
            return grown
        return super().scaled_exp(t, c)

    def plus_product(self, total: Array, x: Array, y: Array) -> Array:
        """In the memory of the product."""
        made = x * y
        made += total
        return made

    def plus_multiple(self, total: Array, c: float, x: Array) -> Array:
        """In the memory of the multiple."""
        made = c * x
        made += total
        return made


KITS = {name: NumpyKit(precision) for name, precision in OF_DTYPE.items()}


def common(function: str, given: Mapping[str, Any]) -> list[Array]:
    """The arrays in one dtype and shape; a Python number takes the others' dtype.

    Raises TypeError for integers or complex numbers, ValueError for shapes that do not
    broadcast.
    """
    for name, value in given.items():
        if isinstance(value, np.ma.MaskedArray):
            raise TypeError(f"{function}: {name} is a masked array; fill it first")
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
    alike = all(a.strides == first.strides for a in arrays)
    dense = alike and 0 not in first.strides  # a broadcast axis has no place in memory
    order: Any = "K" if dense else "C"
    result = np.empty_like(first, order=order)
    flats = [a.ravel(order) for a in arrays]
    target = result.ravel("K")  # the same memory: the result has no gaps
    with np.errstate(all="ignore"):
        for start in range(0, target.size, BLOCK):
            part = slice(start, start + BLOCK)
            inner = kit.precision.inner
            blocks = (flat[part].astype(inner, copy=False) for flat in flats)
            (target[part],) = kernel(kit, *blocks)
    return result


def total(terms: Array) -> Array:
    """The sum over the last axis; a number is a single coordinate."""
    if not terms.ndim:
        return terms[()]
    return terms.sum(-1, dtype=wide(terms)).astype(terms.dtype)


def mean(terms: Array) -> Array:
    """The mean over everything."""
    return terms.mean(dtype=wide(terms)).astype(terms.dtype)


def wide(terms: Array) -> Any:
    """The dtype to add up in: bfloat16 would stop counting at 256."""
    return np.dtype(KITS[terms.dtype.name].precision.inner)


def share(slope: Array, count: int) -> Array:
    """One sample's share of a mean's derivative; float16 does not hold every count."""
    return (slope / wide(slope).type(count)).astype(slope.dtype)


def copied(value: Array) -> Array:
    """The same numbers: `evaluate` has them in memory of their own."""
    return value


def zeros(arrays: Sequence[Array]) -> Array:
    """A derivative that is 0 everywhere."""
    return np.zeros_like(arrays[0])


def widened(array: Array) -> Array:
    """The array in the dtype in which its functions are computed."""
    return array.astype(OF_DTYPE[array.dtype.name].inner)


def narrowed(array: Array, like: Array) -> Array:
    """The array, or number, in another's dtype."""
    return array.astype(like.dtype)


def tril(matrix: Array, diagonal: int = 0) -> Array:
    """The matrix at and below a diagonal, 0 above; shape (..., k, k)."""
    return np.tril(matrix, diagonal)


def diagonal(matrix: Array) -> Array:
    """The diagonal, shape (..., k)."""
    return np.diagonal(matrix, axis1=-2, axis2=-1)


def diagonal_matrix(entries: Array) -> Array:
    """The matrix with these entries on its diagonal, and 0 elsewhere."""
    where = np.eye(entries.shape[-1], dtype=bool)
    return np.where(where, entries[..., None], entries.dtype.type(0))


def solve_triangular(matrix: Array, right: Array, *, upper: bool = False) -> Array:
    """X of matrix X = right by substitution; shapes (..., k, k) and (..., k, m)."""
    if upper:
        turned = solve_triangular(matrix[..., ::-1, ::-1], right[..., ::-1, :])
        return turned[..., ::-1, :]
    found = np.empty_like(right)
    with np.errstate(all="ignore"):
        for row in range(matrix.shape[-1]):
            known = matrix[..., row, None, :row] @ found[..., :row, :]
            rest = right[..., row, :] - known[..., 0, :]
            found[..., row, :] = rest / matrix[..., row, row, None]
    return found


def call(lowered: Any, what: str, given: Mapping[str, Any]) -> Any:
    """The value, the terms or the gradient of a lowered derivation."""
    return lowered.computed(THIS, what, given)


THIS = sys.modules[__name__]
