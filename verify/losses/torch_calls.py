"""Run somebody's loss on torch tensors, with autograd's derivatives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import forward_ad

from verify.losses.call import Fault, Results, Weights, as_tuple, fits, raised
from verify.losses.candidate import Candidate

Shapes = Sequence[tuple[int, ...]]
ONCE = "raises RuntimeError where it is differentiated twice: once_differentiable"


def evaluated(
    candidate: Candidate,
    given: Sequence[np.ndarray],
    wanted: Shapes,
    weights: Weights | None,
    device: str,
) -> Results:
    """See `verify.losses.call.evaluated`."""
    kind = getattr(torch, candidate.dtype)
    leaves = [torch.tensor(a, dtype=kind, device=device) for a in given]
    copies = [leaf.clone() for leaf in leaves]
    if weights is not None:
        leaves = [leaf.requires_grad_() for leaf in leaves]
    found = attached(candidate, leaves, wanted)
    value = tuple(_numbers(f).copy() for f in found)  # it may use them again
    with torch.no_grad():
        again = attached(candidate, [c.clone() for c in copies], wanted)
    _unchanged(leaves, copies)
    for one, other in zip(value, again, strict=True):
        if not np.array_equal(one, _numbers(other), equal_nan=True):
            raise Fault("returns two values for the same arrays")
    if weights is None:
        return Results(value)
    results = _differentiated(candidate, leaves, found, weights, value)
    _unchanged(leaves, copies)
    return results


def _unchanged(leaves: Sequence[Tensor], copies: Sequence[Tensor]) -> None:
    for leaf, copy in zip(leaves, copies, strict=True):
        if not torch.equal(leaf, copy):
            raise Fault("changes what it was given")


@contextmanager
def _settings_kept() -> Iterator[None]:
    """Raise Fault if the callable leaves gradients off, or another default dtype."""
    before = torch.is_grad_enabled(), torch.get_default_dtype()
    try:
        yield
        if before != (torch.is_grad_enabled(), torch.get_default_dtype()):
            raise Fault("changes torch's settings")
    finally:
        torch.set_grad_enabled(before[0])
        torch.set_default_dtype(before[1])


def attached(
    candidate: Candidate, leaves: Sequence[Tensor], wanted: Shapes
) -> Sequence[Tensor]:
    """What it returns for tensors, with the graph that led to them.

    Raises Fault as `verify.losses.call.evaluated` does, for one call.
    """
    shown = ", ".join(str(tuple(leaf.shape)) for leaf in leaves)
    try:
        with _settings_kept():
            found = candidate.function(*leaves)
    except Fault:
        raise
    except (Exception, SystemExit) as error:  # the boundary: foreign code
        raise raised(error) from error
    results = as_tuple(candidate, found, len(wanted))
    for result, shape in zip(results, wanted, strict=True):
        if not isinstance(result, Tensor):
            raise Fault(f"returns {type(result).__name__}, not a tensor")
        fits(f"inputs of shapes {shown}", result, shape)
        if result.dtype != leaves[0].dtype:
            raise Fault(f"returns {result.dtype} for {leaves[0].dtype}")
        if result.layout != torch.strided or result.device != leaves[0].device:
            kind = f"{result.layout} on {result.device}"
            raise Fault(f"returns {kind} for a tensor on {leaves[0].device}")
    return results


def pushed(
    candidate: Candidate,
    tensors: Sequence[Tensor],
    tangents: Sequence[Tensor],
    wanted: Shapes,
) -> list[np.ndarray]:
    """The derivative of each result along the tangents, in forward mode; float64.

    Raises Fault where it has no forward mode.
    """
    with forward_ad.dual_level():
        duals = [
            forward_ad.make_dual(x.detach(), t)
            for x, t in zip(tensors, tangents, strict=True)
        ]
        ends = [forward_ad.unpack_dual(r) for r in attached(candidate, duals, wanted)]
        return [
            _numbers(
                torch.zeros_like(end.primal) if end.tangent is None else end.tangent
            )
            for end in ends
        ]


def _differentiated(
    candidate: Candidate,
    leaves: Sequence[Tensor],
    found: Sequence[Tensor],
    weights: Weights,
    value: tuple[np.ndarray, ...],
) -> Results:
    words = candidate.convention.inputs
    pairs = [(f, _like(f, w)) for f, w in zip(found, weights.value, strict=True)]
    reached = [(f, w) for f, w in pairs if f.requires_grad]
    if not reached:
        return Results(value, missing={"gradient": "its result has no gradient"})
    outputs, cotangents = zip(*reached, strict=True)
    for cotangent in cotangents:  # so that what cannot be done twice says so
        cotangent.requires_grad_(weights.again is not None)
    try:
        slopes = gradients(outputs, leaves, cotangents, weights.again is not None)
    except Fault as fault:
        return Results(value, missing={"gradient": f"its gradient {fault}"})
    numbers = {w: _numbers(s) for w, s in zip(words, slopes, strict=True)}
    if weights.again is None:
        return Results(value, numbers)
    seconds, why = {}, {}
    if any(_ends(slope) for slope in slopes):
        return Results(value, numbers, missing={"second": ONCE})
    for word, slope in zip(words, slopes, strict=True):
        if not slope.requires_grad:
            rows: Sequence[Tensor] = [torch.zeros_like(leaf) for leaf in leaves]
        else:
            try:
                rows = gradients(
                    [slope], leaves, [_like(slope, weights.again[word])], False
                )
            except Fault as fault:
                why = {"second": str(fault)}
                continue
        for other, row in zip(words, rows, strict=True):
            seconds[word, other] = _numbers(row)
    return Results(value, numbers, {} if why else seconds, why)


def _ends(slope: Tensor) -> bool:
    """Whether torch has put an error where its derivative would be."""
    return (
        slope.grad_fn is not None and slope.grad_fn.name() == "torch::autograd::Error"
    )


def gradients(
    outputs: Sequence[Tensor],
    leaves: Sequence[Tensor],
    cotangents: Sequence[Tensor],
    further: bool,
) -> list[Tensor]:
    """The derivatives of the outputs times the cotangents; 0 where nothing is reached.

    Raises Fault if a callable's own derivative does.
    """
    try:
        found = torch.autograd.grad(
            outputs,
            leaves,
            cotangents,
            create_graph=further,
            retain_graph=True,
            allow_unused=True,
        )
    except (Exception, SystemExit) as error:  # the boundary: foreign code
        raise raised(error) from error
    return [
        torch.zeros_like(leaf) if slope is None else slope
        for leaf, slope in zip(leaves, found, strict=True)
    ]


def _like(tensor: Tensor, numbers: np.ndarray) -> Tensor:
    return torch.tensor(numbers, dtype=tensor.dtype, device=tensor.device)


def _numbers(tensor: Any) -> np.ndarray:
    return tensor.detach().to("cpu", torch.float64).numpy(force=True)
