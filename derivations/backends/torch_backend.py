"""torch tensors on any device: how they are taken, reduced and given back.

What computes them is in `torch_derivatives`, over the operations in `torch_kit`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from derivations.backends.arguments import check_dtypes, shape_error
from derivations.backends.precision import OF_DTYPE
from derivations.backends.torch_derivatives import dtype_name
from derivations.backends.torch_derivatives import evaluate as evaluate
from derivations.backends.torch_kit import KITS as KITS


def common(function: str, given: Mapping[str, Any]) -> list[Tensor]:
    """The tensors in one dtype and shape; a Python number takes the others' dtype.

    Raises TypeError for integers or complex numbers, ValueError for shapes that do not
    broadcast or for tensors on different devices.
    """
    tensors = {n: v for n, v in given.items() if isinstance(v, Tensor)}
    check_dtypes(function, {n: dtype_name(v.dtype) for n, v in tensors.items()})
    devices = {n: v.device for n, v in tensors.items()}
    if len(set(devices.values())) > 1:
        listed = ", ".join(f"{name} on {device}" for name, device in devices.items())
        raise ValueError(f"{function} needs tensors on one device, got {listed}")
    first = next(iter(tensors.values()))
    counted = [t for t in tensors.values() if t.ndim] or [*tensors.values()]
    dtype = counted[0].dtype
    for tensor in counted:  # a tensor without axes does not count, as in torch
        dtype = torch.promote_types(dtype, tensor.dtype)
    arrays = [
        v.to(dtype)
        if n in tensors
        else torch.full((), v, dtype=dtype, device=first.device)
        for n, v in given.items()
    ]
    if all(a.shape == arrays[0].shape for a in arrays):
        return arrays
    try:
        return list(torch.broadcast_tensors(*arrays))
    except RuntimeError:
        shapes = {n: tuple(a.shape) for n, a in zip(given, arrays, strict=True)}
        raise shape_error(function, shapes) from None


def total(terms: Tensor) -> Tensor:
    """The sum over the last axis; a number is a single coordinate."""
    return terms.sum(-1)


def mean(terms: Tensor) -> Tensor:
    """The mean over everything."""
    return terms.mean()


def share(slope: Tensor, count: int) -> Tensor:
    """One sample's share of a mean's derivative; torch divides halves in float32."""
    return slope / count


def copied(value: Tensor) -> Tensor:
    """The same numbers in memory of their own."""
    return value.clone()


def zeros(arrays: Sequence[Tensor]) -> Tensor:
    """A derivative that is 0 everywhere."""
    return torch.zeros_like(arrays[0])


def widened(array: Tensor) -> Tensor:
    """The tensor in the dtype in which its functions are computed."""
    return array.to(getattr(torch, OF_DTYPE[dtype_name(array.dtype)].inner))


def narrowed(array: Tensor, like: Tensor) -> Tensor:
    """The tensor in another's dtype."""
    return array.to(like.dtype)


def tril(matrix: Tensor, diagonal: int = 0) -> Tensor:
    """The matrix at and below a diagonal, 0 above; shape (..., k, k)."""
    return torch.tril(matrix, diagonal)


def diagonal(matrix: Tensor) -> Tensor:
    """The diagonal, shape (..., k)."""
    return torch.diagonal(matrix, dim1=-2, dim2=-1)


def diagonal_matrix(entries: Tensor) -> Tensor:
    """The matrix with this diagonal, shape (..., k, k)."""
    return torch.diag_embed(entries)


def solve_triangular(matrix: Tensor, right: Tensor, *, upper: bool = False) -> Tensor:
    """X of matrix X = right by substitution; shapes (..., k, k) and (..., k, m)."""
    return torch.linalg.solve_triangular(matrix, right, upper=upper)


def call(lowered: Any, what: str, given: Mapping[str, Any]) -> Any:
    """The value, the terms or the gradient of a lowered derivation."""
    if torch.compiler.is_dynamo_compiling():
        from derivations.backends.torch_compile import traced

        return traced(lowered.key, what, tuple(given), *given.values())
    return lowered.computed(THIS, what, given)


THIS = sys.modules[__name__]
