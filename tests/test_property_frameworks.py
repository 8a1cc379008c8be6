"""The same numbers from NumPy, torch and JAX, in the dtype that was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement import Row, falls, judged, rounding, stands
from strategies import PAIRED, Drawn, arguments
from subjects import CASES, Function, of, reference
from verify.evidence import Evidence

SHAPE = (3, 9, 10)  # one, as JAX compiles for each
SLOW = (", variance", ", log_sigma")  # as for each measure; two are enough here
STABLE = (
    *("gaussian_kl", "saturating_generator_loss"),
    *("nonsaturating_generator_loss", "discriminator_loss"),
)
"""Where pieces of opposite sign leave nothing of a term, rounding is no unit of it."""


def of_numpy(arrays: Sequence[np.ndarray], function: Function) -> Any:
    return function(*arrays)


def of_torch(arrays: Sequence[np.ndarray], function: Function) -> Any:
    torch = pytest.importorskip("torch")
    return function(*map(torch.tensor, arrays))


def of_jax(arrays: Sequence[np.ndarray], function: Function) -> Any:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        return function(*map(jax.numpy.asarray, arrays))


FRAMEWORKS = {"torch": of_torch, "jax": of_jax}


def listed(found: Any) -> list[Any]:
    return [*found] if isinstance(found, tuple) else [found]


def the_same(called: Callable, functions: Sequence[Function], drawn: Drawn) -> Evidence:
    """Terms and slopes are NumPy's to rounding, and have the dtype that was given.

    XLA takes subnormal numbers for 0: below the smallest normal one nothing is asked.
    """
    form, rows = drawn.form, list[Row]()
    for function in functions:
        expected = listed(of_numpy(drawn.given, function))
        for number, (one, other) in enumerate(
            zip(listed(called(drawn.given, function)), expected, strict=True)
        ):
            kind = str(one.dtype).removeprefix("torch.")
            rows.append(("the dtype", float(kind == form.name), 1.0, 0.0))
            away = 2 * rounding(other.astype(float), form) + 4 * 2.0**form.lowest
            rows.append((f"result {number}", np.asarray(one), other, away))
    return judged("three frameworks", *rows)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", STABLE)
@given(data=st.data())
def test_the_frameworks_agree(name: str, framework: str, data: st.DataObject) -> None:
    keys = [k for k in of(name) if framework != "jax" or not k.endswith(SLOW)]
    case = CASES[data.draw(st.sampled_from(keys))]
    drawn = data.draw(arguments(case, share=PAIRED, shape=SHAPE))
    functions = [reference(case, what) for what in ("terms", "gradient")]
    stands(the_same(FRAMEWORKS[framework], functions, drawn))


def widened(function: Function, *arrays: Any) -> Any:
    return function(*(a.astype(np.float64) for a in arrays))


TERMS = reference(CASES["gaussian_kl, log_variance"], "terms")
PLANTED = {
    "float64 for float32": partial(widened, TERMS),
    "float32 inside": lambda m, t: TERMS(
        m.astype(np.float32), t.astype(np.float32)
    ).astype(t.dtype),
    "the textbook's sum": lambda m, t: (m**2 + np.exp(t) - 1 - t) / 2,
    "one coordinate moved": lambda m, t: np.roll(TERMS(m, t), 1, axis=-1),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_another_number_or_dtype_is_found_out(planted: str) -> None:
    def swapped(arrays: Sequence[np.ndarray], _: Function) -> Any:
        return PLANTED[planted](*arrays)

    drawn = arguments(CASES["gaussian_kl, log_variance"], share=PAIRED, shape=SHAPE)
    falls(drawn, lambda d: the_same(swapped, [TERMS], d))
