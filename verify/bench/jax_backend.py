"""The candidates in JAX, all under `jit`, in the threads that XLA chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax import numpy as jnp

from verify.bench.numpy_backend import lossproof
from verify.bench.subjects import BYTES, FORWARD, Setting

PEERS: dict[str, dict[str, Callable[..., Any]]] = {
    "kl": {"classic": lambda m, t: -0.5 * jnp.sum(1 + t - m**2 - jnp.exp(t), -1)},
    "kl-sigma": {
        "classic": lambda m, s: -0.5 * jnp.sum(1 + jnp.log(s**2) - m**2 - s**2, -1)
    },
    "nonsaturating": {"softplus": lambda h: jax.nn.softplus(-h).mean()},
    "saturating": {"softplus": lambda h: -jax.nn.softplus(h).mean()},
}


def candidates(setting: Setting, given: Sequence[Any]) -> dict[str, Callable[[], Any]]:
    """The candidates by name; each gives a tuple of results, the copy None.

    float64 is switched on for the whole process: JAX has no other way to be called so.
    """
    jax.config.update("jax_enable_x64", True)
    arrays = [jnp.asarray(a) for a in given]  # on the first of its devices
    value, _ = lossproof(setting.subject)
    found: dict[str, Callable[[], Any]] = {}
    for name, function in {"lossproof": value, **PEERS[setting.subject]}.items():
        found[name + ", compiled"] = _run(setting, function, arrays)
    source = jnp.zeros(setting.moved // 2 // BYTES[setting.dtype], setting.dtype)
    found["copy"] = lambda: (jnp.copy(source).block_until_ready(), None)[1]
    return found


def _run(setting: Setting, function: Any, arrays: Sequence[Any]) -> Any:
    if setting.passes == FORWARD:
        forward = jax.jit(function)
        return lambda: (forward(*arrays),)
    places = tuple(range(len(arrays)))
    both = jax.jit(jax.value_and_grad(lambda *a: function(*a).sum(), argnums=places))

    def run() -> Any:
        loss, gradients = both(*arrays)
        return (loss, *gradients)

    return run


def settled(result: Any) -> None:
    """Wait for what was dispatched."""
    jax.block_until_ready(result)


def as_numpy(result: Sequence[Any]) -> list[Any]:
    """The results as NumPy arrays."""
    return [array.__array__() for array in result]


def devices() -> dict[str, str]:
    """The devices that there are, with their names."""
    kinds = {"cpu": "cpu", "gpu": "cuda"}
    return {kinds.get(d.platform, d.platform): d.device_kind for d in jax.devices()}
