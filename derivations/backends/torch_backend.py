"""torch tensors on any device: all that is torch's own, and derivatives attached.

Reverse, forward and double backward mode, `torch.func`, `torch.compile`, autocast. The
derivatives are the derived ones, made together with the value from one exponential,
never left to autograd. No value is fetched from a device; eager blocks on a CPU are
looked at, once, to see whether e^t is near overflow.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from math import ceil, exp, log
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function, forward_ad
from torch.fx import traceback
from torch.utils.checkpoint import (
    CheckpointPolicy,
    create_selective_checkpoint_contexts,
)

from derivations.backends.arguments import check_dtypes, shape_error
from derivations.backends.kit import LATE, Kit
from derivations.backends.precision import OF_DTYPE
from derivations.backends.smooth import Smooth

PLAIN = (Tensor, torch.nn.Parameter)  # no subclass, which may have no values
BLOCK = 16384  # elements: the temporaries of a block stay in the cache of a core


class TorchKit(Kit):
    """The atoms' operations in torch."""

    exp = staticmethod(torch.exp)
    log = staticmethod(torch.log)
    sqrt = staticmethod(torch.sqrt)
    absolute = staticmethod(torch.abs)
    where = staticmethod(torch.where)

    def polynomial(self, coefficients: tuple[float, ...], x: Tensor) -> Tensor:
        """Estrin's scheme: a compiled Horner's rule would wait for its own results."""
        parts: list[Any] = list(coefficients[::-1])
        while len(parts) > 1:
            pairs = zip(parts[::2], parts[1::2], strict=False)
            joined = [low + high * x for low, high in pairs]
            parts = joined + parts[2 * len(joined) :]
            x = x * x
        return parts[0]

    def log1p(self, x: Tensor) -> Tensor:
        """torch's own is 0 at 5e-324; below 2^-60, x is right to the last bit."""
        return torch.where(torch.abs(x) < 2.0**-60, x, torch.log1p(x))

    def scaled_exp(self, t: Tensor, c: float) -> Tensor:
        """c e^t: a choice is cheaper than arithmetic."""
        step = float(ceil(-log(c)))
        far = t > LATE[self.precision.inner]
        grown = torch.exp(torch.where(far, t - step, t))
        return grown * torch.where(far, c * exp(step), torch.full_like(t, c))

    def at_least(self, x: Tensor, bound: float) -> Tensor:
        """Compiled, a choice is several times as fast as clamp."""
        return torch.where(x < bound, bound, x)

    def at_most(self, x: Tensor, bound: float) -> Tensor:
        """See `at_least`."""
        return torch.where(x > bound, bound, x)


class BlockKit(TorchKit):
    """For eager blocks on a CPU, where a choice costs as much as ten sums."""

    choice_is_cheap = False

    def at_least(self, x: Tensor, bound: float) -> Tensor:
        """clamp keeps nan."""
        return torch.clamp(x, min=bound)

    def at_most(self, x: Tensor, bound: float) -> Tensor:
        """clamp keeps nan."""
        return torch.clamp(x, max=bound)

    def clip(self, x: Tensor, low: float, high: float) -> Tensor:
        """One kernel."""
        return torch.clamp(x, low, high)

    def log1p(self, x: Tensor) -> Tensor:
        """For x >= 0: log(1 + x) is at least x - x^2, and there where they meet."""
        return torch.maximum(torch.log1p(x), torch.addcmul(x, x, x, value=-1.0))

    def product(self, c: float, x: Tensor, y: Tensor) -> Tensor:
        """One kernel, which multiplies c by x first."""
        return torch.addcmul(constant(0.0, x.dtype), x, y, value=c)

    def plus_product(self, total: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """One kernel."""
        return torch.addcmul(total, x, y)

    def plus_multiple(self, total: Tensor, c: float, x: Tensor) -> Tensor:
        """One kernel."""
        return torch.add(total, x, alpha=c)

    def scaled_exp(self, t: Tensor, c: float) -> Tensor:
        """c e^t: a look at the largest is cheaper than care that is not needed."""
        if not t.numel() or t.amax().item() <= LATE[self.precision.inner]:
            return torch.exp(t).mul_(c)
        return super().scaled_exp(t, c)

    def decay_below(self, h: Tensor, decay: Tensor) -> Tensor:
        """An exponential is cheaper than a choice, and gives the same bits."""
        return torch.exp(torch.clamp(h, max=0.0))

    def polynomial(self, coefficients: tuple[float, ...], x: Tensor) -> Tensor:
        """Horner's rule by addcmul, which rounds twice as well."""
        first, *rest = (constant(c, x.dtype) for c in coefficients)
        result = first
        for coefficient in rest:
            result = torch.addcmul(coefficient, result, x)
        return result


@cache
def constant(value: float, dtype: torch.dtype) -> Tensor:
    """A number as a tensor without axes, made once."""
    return torch.tensor(value, dtype=dtype)


def dtype_name(dtype: torch.dtype) -> str:
    """float64 for torch.float64."""
    return str(dtype).removeprefix("torch.")


KITS = {name: TorchKit(precision) for name, precision in OF_DTYPE.items()}
BLOCK_KITS = {name: BlockKit(precision) for name, precision in OF_DTYPE.items()}


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
                elif slope.expression.is_Symbol:
                    found.append(
                        gradient * arrays[function.arguments.index(slope.expression)]
                    )
                else:
                    found.append(gradient * float(slope.expression))
            return tuple(found)

    return Compiled


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
