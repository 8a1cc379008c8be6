"""JAX arrays: all that is JAX's own, and derivatives attached.

`jit`, `vmap`, `grad` and `jvp` of any order. The derivatives are the derived ones, made
together with the value from one exponential, never left to JAX's own rules. float32
computes in float64, whether `jax_enable_x64` is set or not. No value is read on the
host.

Limits: XLA on a CPU takes every subnormal number for 0, except in float16. So results
that are subnormal are 0, and float64 and bfloat16 results of less than 2^digits times
the smallest normal number may lack what a subnormal step would have added to them.
TPUs have no float64.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_derivatives import SymbolicZero

from derivations.backends.arguments import check_dtypes, shape_error
from derivations.backends.kit import Array, Kit
from derivations.backends.precision import OF_DTYPE
from derivations.backends.smooth import Smooth


class JaxKit(Kit):
    """The atoms' operations in JAX, traced where float64 is enabled."""

    exp = staticmethod(jnp.exp)
    log = staticmethod(jnp.log)
    log1p = staticmethod(jnp.log1p)
    sqrt = staticmethod(jnp.sqrt)
    absolute = staticmethod(jnp.abs)
    at_least = staticmethod(jnp.maximum)
    at_most = staticmethod(jnp.minimum)
    where = staticmethod(jnp.where)

    def settled(self, x: Array) -> Array:
        """XLA would make x/(y y) of x/y/y, and x of (x - 1) + 1."""
        return lax.optimization_barrier(x)


KITS = {name: JaxKit(precision) for name, precision in OF_DTYPE.items()}


def common(function: str, given: Mapping[str, Any]) -> list[Array]:
    """The arrays in one dtype and shape; a Python number takes the others' dtype.

    Raises TypeError for integers or complex numbers, ValueError for shapes that do not
    broadcast or for arrays that were put on different devices.
    """
    arrays = {n: v for n, v in given.items() if isinstance(v, jax.Array)}
    strong = {n: v for n, v in arrays.items() if not _is_number(v)}
    check_dtypes(function, {n: v.dtype.name for n, v in strong.items()})
    _check_devices(function, arrays)
    dtype = jnp.result_type(*(strong.values() or (0.0,)))
    made = [
        lax.convert_element_type(v, dtype) if n in arrays else jnp.full((), v, dtype)
        for n, v in given.items()
    ]
    if all(a.shape == made[0].shape for a in made):
        return made
    try:
        return list(jnp.broadcast_arrays(*made))
    except ValueError:
        shapes = {n: a.shape for n, a in zip(given, made, strict=True)}
        raise shape_error(function, shapes) from None


def _is_number(array: Array) -> bool:
    """Whether it is a Python number that `jit` has made an array of."""
    real = jnp.issubdtype(array.dtype, jnp.integer) or array.dtype.name in OF_DTYPE
    return bool(array.weak_type and real)


def _check_devices(function: str, arrays: Mapping[str, Array]) -> None:
    placed = {
        name: sorted(map(str, array.devices()))
        for name, array in arrays.items()
        if not isinstance(array, jax.core.Tracer) and array.committed
    }
    if len(set(map(tuple, placed.values()))) > 1:
        listed = ", ".join(f"{name} on {' '.join(at)}" for name, at in placed.items())
        raise ValueError(f"{function} needs arrays on one device, got {listed}")


def evaluate(function: Smooth, arrays: Sequence[Array]) -> Array:
    """The function of the arrays, which are of one shape and dtype."""
    if function.expression.is_Symbol:
        return arrays[function.arguments.index(function.expression)]
    if function.expression.is_number:
        return jnp.full_like(arrays[0], float(function.expression))
    return attached(function, ())(*arrays)[0]


def attached(function: Smooth, slopes: tuple[int, ...]) -> Callable[..., Any]:
    """(value, slopes ...) as JAX differentiates it, made once."""
    key = f"jax {slopes}"
    if key not in function.attached:
        function.attached[key] = differentiable(function, slopes)
    found: Any = function.attached[key]
    return found


def differentiable(function: Smooth, slopes: tuple[int, ...]) -> Callable[..., Any]:
    """(value, slopes ...), each with its derivatives in every argument.

    Where a derivative is asked for, the value comes with all that share its
    exponential. An argument that does not move is left out: inf 0 would be nan.
    """
    made = jax.custom_jvp(compute(function, slopes))
    outputs = (function, *(function.partial(place) for place in slopes))

    def push(at: tuple[Array, ...], along: tuple[Any, ...]) -> Any:
        values = attached(function, function.shared)(*at)
        shared = dict(zip(function.shared, values[1:], strict=True))
        pushed = []
        for output in outputs:
            total = zeros(at)
            for place, tangent in enumerate(along):
                slope = output.partial(place) if output else None
                if slope is None or isinstance(tangent, SymbolicZero):
                    continue
                known = shared.get(place) if output is function else None
                total += tangent * (evaluate(slope, at) if known is None else known)
            pushed.append(total)
        return values[: len(outputs)], tuple(pushed)

    made.defjvp(push, symbolic_zeros=True)
    return made


def compute(function: Smooth, slopes: tuple[int, ...]) -> Callable[..., Any]:
    """(value, slopes ...) in the inner dtype, rounded to the arrays', compiled."""
    kernel = function.kernel(slopes)

    @jax.jit
    def computed(*arrays: Array) -> tuple[Array, ...]:
        dtype = arrays[0].dtype
        kit = KITS[dtype.name]
        inner = jnp.dtype(kit.precision.inner)
        with jax.enable_x64(True):
            wide = (lax.convert_element_type(a, inner) for a in arrays)
            made = kernel(kit, *map(kit.settled, wide))  # a constant may be given
            return tuple(lax.convert_element_type(value, dtype) for value in made)

    return computed


def total(terms: Array) -> Array:
    """The sum over the last axis; a number is a single coordinate."""
    return terms.sum(-1) if terms.ndim else terms


def mean(terms: Array) -> Array:
    """The mean over everything."""
    return terms.mean()


def share(slope: Array, count: int) -> Array:
    """One sample's share of a mean's derivative; float16 does not hold every count."""
    inner = jnp.dtype(KITS[slope.dtype.name].precision.inner)
    with jax.enable_x64(True):
        divided = lax.convert_element_type(slope, inner) / float(count)
        return lax.convert_element_type(divided, slope.dtype)


def widened(array: Array) -> Array:
    """The array in the dtype to compute in; float32 stays while float64 is disabled."""
    inner = KITS[array.dtype.name].precision.inner
    return array.astype(jax.dtypes.canonicalize_dtype(inner))


def narrowed(array: Array, like: Array) -> Array:
    """The array in another's dtype."""
    return array.astype(like.dtype)


def tril(matrix: Array, diagonal: int = 0) -> Array:
    """The matrix at and below a diagonal, 0 above; shape (..., k, k)."""
    return jnp.tril(matrix, diagonal)


def diagonal(matrix: Array) -> Array:
    """The diagonal, shape (..., k)."""
    return jnp.diagonal(matrix, axis1=-2, axis2=-1)


def diagonal_matrix(entries: Array) -> Array:
    """The matrix with this diagonal, shape (..., k, k)."""
    return jnp.where(jnp.eye(entries.shape[-1], dtype=bool), entries[..., None], 0)


def solve_triangular(matrix: Array, right: Array, *, upper: bool = False) -> Array:
    """X of matrix X = right by substitution; shapes (..., k, k) and (..., k, m)."""
    solve: Any = lax.linalg.triangular_solve
    return solve(matrix, right, left_side=True, lower=not upper)


def copied(value: Array) -> Array:
    """The same numbers: no array of JAX can be changed."""
    return value


def zeros(arrays: Sequence[Array]) -> Array:
    """A derivative that is 0 everywhere."""
    return jnp.zeros_like(arrays[0])


def call(lowered: Any, what: str, given: Mapping[str, Any]) -> Any:
    """The value, the terms or the gradient of a lowered derivation."""
    return lowered.computed(THIS, what, given)


THIS = sys.modules[__name__]
