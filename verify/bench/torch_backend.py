"""The candidates in torch, eager and compiled, on a CPU or on a GPU.

The backward pass is autograd's, from the whole loss, as in training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

from verify.bench.numpy_backend import lossproof
from verify.bench.subjects import BYTES, FORWARD, Setting

COMPILED = ", compiled"


def _classic(mu: Any, t: Any) -> Any:
    return -0.5 * torch.sum(1 + t - mu.pow(2) - t.exp(), -1)


def _classic_sigma(mu: Any, sigma: Any) -> Any:
    return -0.5 * torch.sum(1 + torch.log(sigma**2) - mu**2 - sigma**2, -1)


def _distributions(mu: Any, t: Any) -> Any:
    return kl_divergence(Normal(mu, torch.exp(t / 2)), Normal(0, 1)).sum(-1)


def _distributions_sigma(mu: Any, sigma: Any) -> Any:
    return kl_divergence(Normal(mu, sigma), Normal(0, 1)).sum(-1)


def _unvalidated(mu: Any, t: Any) -> Any:
    q = Normal(mu, torch.exp(t / 2), validate_args=False)
    return kl_divergence(q, Normal(0, 1, validate_args=False)).sum(-1)


def _unvalidated_sigma(mu: Any, sigma: Any) -> Any:
    q = Normal(mu, sigma, validate_args=False)
    return kl_divergence(q, Normal(0, 1, validate_args=False)).sum(-1)


def _nonsaturating_bce(h: Any) -> Any:
    return F.binary_cross_entropy_with_logits(h, torch.ones_like(h))


def _saturating_bce(h: Any) -> Any:
    return -F.binary_cross_entropy_with_logits(h, torch.zeros_like(h))


PEERS: dict[str, dict[str, Callable[..., Any]]] = {
    "kl": {"classic": _classic, "distributions": _distributions},
    "kl-sigma": {"classic": _classic_sigma, "distributions": _distributions_sigma},
    "nonsaturating": {
        "softplus": lambda h: F.softplus(-h).mean(),
        "bce with logits": _nonsaturating_bce,
    },
    "saturating": {
        "softplus": lambda h: -F.softplus(h).mean(),
        "bce with logits": _saturating_bce,
    },
}
# compiled, torch.distributions validates nothing anyway
EAGER_PEERS: dict[str, dict[str, Callable[..., Any]]] = {
    "kl": {"distributions, unvalidated": _unvalidated},
    "kl-sigma": {"distributions, unvalidated": _unvalidated_sigma},
    "nonsaturating": {},
    "saturating": {},
}


def candidates(setting: Setting, given: Sequence[Any]) -> dict[str, Callable[[], Any]]:
    """The candidates by name; each gives a tuple of results, the copy None."""
    torch.set_num_threads(setting.threads)
    torch._dynamo.reset()
    backward = setting.passes != FORWARD
    tensors = [
        torch.from_numpy(a).to(setting.device).requires_grad_(backward) for a in given
    ]
    value, _ = lossproof(setting.subject)
    compiled = {"lossproof": value, **PEERS[setting.subject]}
    found: dict[str, Callable[[], Any]] = {}
    for name, function in {**compiled, **EAGER_PEERS[setting.subject]}.items():
        found[name] = _run(_whole(function, backward), tensors, backward)
    for name, function in compiled.items():
        whole = torch.compile(_whole(function, backward), fullgraph=True, dynamic=False)
        found[name + COMPILED] = _run(whole, tensors, backward)
    count = setting.moved // 2 // BYTES[setting.dtype]
    source = torch.zeros(count, dtype=tensors[0].dtype, device=setting.device)
    target = torch.empty_like(source)
    found["copy"] = lambda: (target.copy_(source), None)[1]
    return found


def _whole(function: Callable[..., Any], backward: bool) -> Callable[..., Any]:
    """The function, or the loss that is trained with: one number."""
    if not backward:
        return function

    def loss(*tensors: Any) -> Any:
        return function(*tensors).sum()

    return loss


def _run(function: Any, tensors: Sequence[Any], backward: bool) -> Callable[[], Any]:
    def forward() -> Any:
        return (function(*tensors),)

    def both() -> Any:
        loss = function(*tensors)
        return (loss, *torch.autograd.grad(loss, tensors))

    return both if backward else forward


def settled(result: Any) -> None:
    """Wait for the GPU."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def as_numpy(result: Sequence[Any]) -> list[Any]:
    """The results as NumPy arrays."""
    return [tensor.detach().cpu().numpy() for tensor in result]


def devices() -> dict[str, str]:
    """The devices that there are, with their names."""
    if not torch.cuda.is_available():
        return {"cpu": ""}
    return {"cpu": "", "cuda": torch.cuda.get_device_name()}
