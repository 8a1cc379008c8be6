"""A candidate's value on a sheet, and what autograd and its own backward make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.autograd import forward_ad

from verify.autograd.sheet import Sheet
from verify.autograd.torch_sweeps import Sweeps, by_name, numbers, strips, tensor
from verify.losses.call import Fault, Results, Weights, evaluated
from verify.losses.candidate import Candidate
from verify.losses.torch_calls import attached, gradients, pushed


@dataclass(frozen=True)
class Found:
    """What a candidate computed on a sheet, and what it has not, in words."""

    sweeps: Sweeps
    missing: tuple[str, ...]


def computed(candidate: Candidate, sheet: Sheet) -> Found:
    """The value, slopes, second derivatives and forward mode.

    A candidate that cannot be differentiated twice or forward lacks these: no fault.
    Raises Fault if it does not compute, or cannot be differentiated at all.
    """
    return (_behind if sheet.network else _at_points)(candidate, sheet)


def _at_points(candidate: Candidate, sheet: Sheet) -> Found:
    found = [
        evaluated(candidate, given, Weights(batch.weights, turned))
        for batch, given, turned in zip(
            sheet.batches, sheet.given, sheet.directions, strict=True
        )
    ]
    words = candidate.convention.inputs
    if detached := [r.missing["gradient"] for r in found if "gradient" in r.missing]:
        raise Fault(detached[0])
    slopes = {w: sheet.joined(w, [r.slopes[w] for r in found]) for w in words}
    lost = [r.missing["second"] for r in found if "second" in r.missing]
    second = None
    if not lost:
        second = {w: sheet.joined(w, [_row(r, w) for r in found]) for w in words}
    dtype = getattr(torch, sheet.dtype)
    given = [[_as(a[w], dtype) for w in words] for a in sheet.given]
    along = [[_as(a[w], dtype) for w in words] for a in sheet.directions]
    ahead, why = _forward(candidate, sheet, given, along)
    value = tuple(v for r in found for v in r.value)
    return Found(Sweeps(value, slopes, second, ahead), (*_twice(lost), *why))


def _row(results: Results, word: str) -> np.ndarray:
    """The derivative in one argument of all slopes times the direction."""
    rows = [s for (_, other), s in results.seconds.items() if other == word]
    return np.sum(rows, axis=0)


@cache
def _graph(sheet: Sheet) -> tuple[dict[str, Tensor], list[list[Tensor]], list]:
    """The weights of the networks; for each batch the arguments, and their tangents."""
    leaves = {n: tensor(a).requires_grad_() for n, a in sheet.leaves.items()}
    row = strips(sheet, leaves)
    with forward_ad.dual_level():
        duals = {
            n: forward_ad.make_dual(tensor(a), tensor(sheet.direction[n]))
            for n, a in sheet.leaves.items()
        }
        ahead = {
            w: forward_ad.unpack_dual(s)[1] for w, s in strips(sheet, duals).items()
        }
    dtype = getattr(torch, sheet.dtype)
    words = sheet.convention.inputs
    given = [[b.cuts[w].of(row[w]).to(dtype) for w in words] for b in sheet.batches]
    along = [[b.cuts[w].of(ahead[w]).to(dtype) for w in words] for b in sheet.batches]
    return leaves, given, along


def _behind(candidate: Candidate, sheet: Sheet) -> Found:
    leaves, given, along = _graph(sheet)
    nodes = [*leaves.values()]
    results = [
        result
        for batch, arguments in zip(sheet.batches, given, strict=True)
        for result in attached(candidate, arguments, [w.shape for w in batch.weights])
    ]
    value = numbers([r.to(torch.float64) for r in results])
    weighted = zip(results, sheet.weights, strict=True)
    reached = [(r, _as(w, r.dtype)) for r, w in weighted if r.requires_grad]
    if not reached:
        raise Fault("its result has no gradient")
    outputs, cotangents = zip(*reached, strict=True)
    slopes = gradients(outputs, nodes, cotangents, True)
    lost, second = [], None
    try:
        second = _again(sheet, slopes, nodes)
    except Fault as fault:
        lost.append(str(fault))
    ahead, why = _forward(candidate, sheet, given, along)
    sweeps = Sweeps(
        value,
        by_name(dict(zip(leaves, slopes, strict=True))),
        None if second is None else by_name(dict(zip(leaves, second, strict=True))),
        ahead,
    )
    return Found(sweeps, (*_twice(lost), *why))


def _again(
    sheet: Sheet, slopes: Sequence[Tensor], nodes: Sequence[Tensor]
) -> list[Tensor]:
    ends = [
        (slope, tensor(sheet.direction[name]))
        for name, slope in zip(sheet.leaves, slopes, strict=True)
        if slope.requires_grad
    ]
    if not ends:
        return [torch.zeros_like(node) for node in nodes]
    outputs, cotangents = zip(*ends, strict=True)
    return gradients(outputs, nodes, cotangents, False)


def _forward(
    candidate: Candidate,
    sheet: Sheet,
    given: Sequence[Sequence[Tensor]],
    along: Sequence[Sequence[Tensor]],
) -> tuple[tuple[np.ndarray, ...] | None, tuple[str, ...]]:
    found: list[np.ndarray] = []
    for batch, arguments, tangents in zip(sheet.batches, given, along, strict=True):
        wanted = [w.shape for w in batch.weights]
        try:
            found += pushed(candidate, arguments, tangents, wanted)
        except Fault as fault:
            return None, (f"no forward mode ({fault})",)
    return tuple(found), ()


def _twice(lost: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"no double backward ({why})" for why in lost[:1])


def _as(array: np.ndarray, dtype: torch.dtype) -> Tensor:
    return torch.tensor(array, dtype=dtype)
