"""A function with its derivatives attached, for tensors of one shape and dtype.

Reverse, forward and double backward mode, `torch.func` and `torch.compile`. The
derivatives are the derived ones, made together with the value from one exponential,
never left to autograd. No value is fetched from a device; eager blocks on a CPU are
looked at, once, to see whether e^t is near overflow.
"""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function, forward_ad
from torch.fx import traceback
from torch.utils.checkpoint import (
    CheckpointPolicy,
    create_selective_checkpoint_contexts,
)

from derivations.backends.precision import OF_DTYPE
from derivations.backends.smooth import Smooth
from derivations.backends.torch_kit import BLOCK_KITS, KITS

PLAIN = (Tensor, torch.nn.Parameter)  # no subclass, which may have no values
BLOCK = 16384  # elements: the temporaries of a block stay in the cache of a core


def dtype_name(dtype: torch.dtype) -> str:
    """float64 for torch.float64."""
    return str(dtype).removeprefix("torch.")


def evaluate(function: Smooth, arrays: Sequence[Tensor]) -> Tensor:
    """The function of the tensors, which are of one shape and dtype."""
    if function.expression.is_Symbol:
        return arrays[function.arguments.index(function.expression)]
    if function.expression.is_number:
        return torch.full_like(arrays[0], float(function.expression))
    if torch.compiler.is_compiling() and not pushed_forward():
        if not any(a.requires_grad for a in arrays):
            return values(function, arrays, ())[0]
        return attached(function, "compiled", compiled_function).apply(*arrays)
    if not transformed(arrays):
        return values(function, arrays, ())[0]
    return attached(function, "eager", eager_function).apply(*arrays)[0]


def pushed_forward() -> bool:
    """Whether torch.func or forward mode is on, which requires_grad does not show."""
    return torch._C._are_functorch_transforms_active() or forward_ad._current_level >= 0


def transformed(arrays: Sequence[Tensor]) -> bool:
    """Whether anybody may ask for a derivative of what is computed now."""
    if pushed_forward():
        return True
    return torch.is_grad_enabled() and any(a.requires_grad for a in arrays)


def values(
    function: Smooth, arrays: Sequence[Tensor], slopes: tuple[int, ...]
) -> tuple[Tensor, ...]:
    """The value and the derivatives in the arguments named, rounded to the dtype.

    An eager CPU reads and writes memory once per operation; in blocks, its cache.
    """
    first, kernel = arrays[0], function.kernel(slopes)
    name = dtype_name(first.dtype)
    inner = getattr(torch, OF_DTYPE[name].inner)
    traced = torch.compiler.is_compiling() or torch.jit.is_tracing()
    eager = first.device.type == "cpu" and not traced
    eager = eager and all(type(a) in PLAIN for a in arrays)
    kit = (BLOCK_KITS if eager else KITS)[name]
    blocks = eager and all(a.is_contiguous() for a in arrays)
    if not blocks or first.numel() <= BLOCK:
        made = kernel(kit, *(a.to(inner) for a in arrays))
        return tuple(m.to(first.dtype) for m in made)
    results = tuple(torch.empty_like(first) for _ in range(1 + len(slopes)))
    targets = [result.view(-1).split(BLOCK) for result in results]
    sources = [a.view(-1).split(BLOCK) for a in arrays]
    for number, parts in enumerate(zip(*sources, strict=True)):
        made = kernel(kit, *(part.to(inner) for part in parts))
        for target, value in zip(targets, made, strict=True):
            target[number].copy_(value)
    return results


def attached(function: Smooth, name: str, make: Any) -> Any:
    """What `make` makes of the function, made once."""
    key = f"torch {name}"
    if key not in function.attached:
        function.attached[key] = make(function)
    return function.attached[key]


def eager_function(function: Smooth) -> type[Function]:
    """(value, slopes ...), each differentiable in every mode, as often as wanted."""
    shared = function.shared
    count = len(function.arguments)

    class Eager(Function):
        @staticmethod
        def forward(*arrays: Tensor) -> tuple[Tensor, ...]:
            return values(function, arrays, shared)

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs, *output[1:])
            ctx.save_for_forward(*inputs, *output[1:])
            ctx.set_materialize_grads(False)

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            arrays, slopes = ctx.saved_tensors[:count], ctx.saved_tensors[count:]
            found = []
            for place in range(count):
                total = None
                if ctx.needs_input_grad[place]:
                    for gradient, factor in _factors(place, gradients, arrays, slopes):
                        part = gradient * factor
                        total = part if total is None else total + part
                found.append(total)
            return tuple(found)

        @staticmethod
        def jvp(ctx: Any, *tangents: Any) -> Any:
            arrays, slopes = ctx.saved_tensors[:count], ctx.saved_tensors[count:]
            pushed = []
            for output in range(1 + len(shared)):
                total = torch.zeros_like(arrays[0])
                for place, tangent in enumerate(tangents):
                    if tangent is not None:
                        factor = _entry(output, place, arrays, slopes)
                        if factor is not None:
                            total = total + tangent * factor
                pushed.append(total)
            return tuple(pushed)

        @staticmethod
        def vmap(info: Any, dims: Any, *arrays: Tensor) -> Any:
            front = [
                a.expand(info.batch_size, *a.shape) if d is None else a.movedim(d, 0)
                for a, d in zip(arrays, dims, strict=True)
            ]
            return Eager.apply(*front), (0,) * (1 + len(shared))

    def _entry(output: int, place: int, arrays: Any, slopes: Any) -> Any:
        """d output / d argument: output 0 is the value, the others are its slopes."""
        if output == 0:
            if place in shared:
                return slopes[shared.index(place)]
            slope = function.partial(place)
        else:
            first = function.partial(shared[output - 1])
            slope = first.partial(place) if first else None
        return None if slope is None else evaluate(slope, arrays)

    def _factors(place: int, gradients: Any, arrays: Any, slopes: Any) -> Any:
        for output, gradient in enumerate(gradients):
            if gradient is not None:
                factor = _entry(output, place, arrays, slopes)
                if factor is not None:
                    yield gradient, factor

    known: Any = Eager.forward  # torch asks at every call; else it is made anew
    known.__signature__ = signature(known)
    return Eager


def _keep(*_: Any, **__: Any) -> CheckpointPolicy:
    return CheckpointPolicy.MUST_SAVE


def compiled_function(function: Smooth) -> type[Function]:
    """The value with its gradient, as `torch.compile` takes it: reverse mode."""
    shared = function.shared
    count = len(function.arguments)

    class Compiled(Function):
        @staticmethod
        def forward(ctx: Any, *arrays: Tensor) -> Tensor:
            kept, _ = create_selective_checkpoint_contexts(_keep)
            with kept:  # else the backward pass would compute everything once more
                value, *slopes = values(function, arrays, shared)
            for mark in ("recompute", "ac_graph_id"):  # else it stays on what follows
                traceback.current_meta.pop(mark, None)
            ctx.save_for_backward(*arrays, *slopes)
            return value

        @staticmethod
        def backward(ctx: Any, gradient: Tensor) -> Any:
            saved = ctx.saved_tensors
            arrays, slopes = saved[:count], saved[count:]
            found: list[Any] = []
            for place in range(count):
                slope = function.partial(place)
                if slope is None or not ctx.needs_input_grad[place]:
                    found.append(None)
                elif place in shared:
                    found.append(gradient * slopes[shared.index(place)])
                else:  # a constant, or an argument
                    found.append(gradient * evaluate(slope, arrays))
            return tuple(found)

    return Compiled
