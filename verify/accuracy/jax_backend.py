"""The rows in JAX: ours, and `jax.nn`, with JAX's own derivatives of both.

XLA on a CPU takes subnormal numbers for 0, before and after every operation; they are
not counted here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from verify.accuracy.implementation import EVERY_DTYPE, Implementation, Results
from verify.accuracy.numpy_backend import KL, LOGIT
from verify.accuracy.textbook import Term

Array = Any
Elementwise = Callable[..., Array]


def slope_of(function: Elementwise, place: int) -> Elementwise:
    """The derivative of an elementwise function in one argument."""

    def slope(*arrays: Array) -> Array:
        def along(moved: Array) -> Array:
            return function(*arrays[:place], moved, *arrays[place + 1 :])

        at = arrays[place]
        return jax.jvp(along, (at,), (jnp.ones_like(at),))[1]

    return slope


def _run(make: Callable[[Term], Elementwise]) -> Callable:
    def run(term: Term, dtype: str, columns: Sequence[np.ndarray]) -> Results:
        found: Results = {}
        with jax.enable_x64(True):
            arrays = [jnp.asarray(c).astype(dtype) for c in columns]
            for order in term.orders:
                function = make(term)
                for place in order:
                    function = slope_of(function, place)
                found[order] = np.asarray(function(*arrays)).astype(np.float64)
        return found

    return run


def ours(term: Term) -> Elementwise:
    """The term as users call it, of the arguments that it depends on."""
    if len(term.form.parts) == 1:
        return term.form.terms

    def one(array: Array) -> Array:
        others = [jnp.zeros_like(array) for _ in term.form.parts]
        others[term.part] = array
        return term.form.terms(*others)[term.part]

    return one


def softplus(term: Term) -> Elementwise:
    """jax.nn.softplus."""
    sign = -1.0 if term.subject == "saturating_term" else 1.0
    inner = -1.0 if term.subject == "nonsaturating_term" else 1.0
    return lambda h: sign * jax.nn.softplus(inner * h)


def log_sigmoid(term: Term) -> Elementwise:
    """jax.nn.log_sigmoid."""
    sign = 1.0 if term.subject == "saturating_term" else -1.0
    inner = 1.0 if term.subject == "nonsaturating_term" else -1.0
    return lambda h: sign * jax.nn.log_sigmoid(inner * h)


ROWS = (
    Implementation(
        "lossproof, JAX", True, KL + LOGIT, _run(ours), EVERY_DTYPE, flushes=True
    ),
    Implementation("jax.nn.softplus", False, LOGIT, _run(softplus), flushes=True),
    Implementation("jax.nn.log_sigmoid", False, LOGIT, _run(log_sigmoid), flushes=True),
)
