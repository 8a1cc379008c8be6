"""The references on a GPU's tensors: held to the truth in balls, as on the CPU."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from devices import CUDA, DEVICES, Crossings, unwaited  # noqa: E402
from subjects import CASES, reference  # noqa: E402
from verify.accuracy import torch_backend  # noqa: E402
from verify.accuracy.bounds import BOUNDS  # noqa: E402
from verify.accuracy.comparison import truths  # noqa: E402
from verify.accuracy.formats import FORMATS  # noqa: E402
from verify.accuracy.implementation import EVERY_DTYPE, Implementation  # noqa: E402
from verify.accuracy.measurement import Measurement  # noqa: E402
from verify.accuracy.points import points  # noqa: E402
from verify.accuracy.textbook import TERMS  # noqa: E402
from verify.evidence import Verdict  # noqa: E402
from verify.losses.call import evaluated  # noqa: E402
from verify.losses.loss import LOSSES  # noqa: E402
from verify.monte_carlo import reference as named  # noqa: E402
from verify.oracle import findings  # noqa: E402
from verify.oracle.judge import judged  # noqa: E402

HERE = ("saturating_generator_loss", "bernoulli_nll")
"""On the CPU other tests have them all: here the code of these tests is tried."""
FEW = 60


def where(cpu: Any, cuda: Any) -> list[Any]:
    """Each of the first on the CPU, each of the second on a GPU."""
    there = [pytest.param(one, "cuda", marks=CUDA) for one in cuda]
    return [pytest.param(one, "cpu") for one in cpu] + there


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
@pytest.mark.parametrize(("name", "device"), where(HERE, LOSSES))
def test_values_and_two_derivatives_are_within_rounding(
    name: str, device: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, seen = named.reference(name, dtype), set()

    def function(*arrays: Any) -> Any:
        seen.update(array.device.type for array in arrays)
        return ours.function(*arrays)

    monkeypatch.setattr(findings, "evaluated", partial(evaluated, device=device))
    candidate = type(ours)(name, function, ours.convention, dtype, "torch")
    found = judged(candidate)
    assert found.verdict is Verdict.AGREES, found.figure
    assert found.share < 1
    assert seen == {device}


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
@pytest.mark.parametrize(("number", "device"), where((0, 4), range(len(TERMS))))
def test_units_in_the_last_place(number: int, device: str, dtype: str) -> None:
    """`python -m verify accuracy` has these rows too, with more points."""
    form, term = FORMATS[dtype], TERMS[number]
    columns = points(term.arguments, form, FEW, np.random.default_rng(number))
    columns = [column[:: max(1, len(column) // 2000)] for column in columns]
    run = torch_backend._run(torch_backend._of_term, device)
    row = Implementation("ours", True, torch_backend.OURS, run, EVERY_DTYPE)
    found = Measurement(row, number, form)
    found.take(columns, truths(term, form, columns))
    cells = [cell for cell in found.cells[:3] if cell is not None]
    assert cells
    for cell in cells:
        assert cell.within(BOUNDS[dtype]), cell
    limits = found.cells[3]
    assert limits is None or not limits.counts


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", EVERY_DTYPE)
@pytest.mark.parametrize("key", CASES)
def test_autocast_changes_no_bit_of_the_terms(
    key: str, dtype: str, device: str
) -> None:
    terms, given = reference(CASES[key], "terms"), made(key, dtype, device)
    if "tril" in "".join(CASES[key].inputs):
        terms = reference(CASES[key])  # it has no terms
    plain = terms(*given)
    with torch.autocast(device, dtype=torch.bfloat16):
        cast = terms(*given)
    pairs = zip(parts(plain), parts(cast), strict=True)
    # a sum under autocast may be left in float32
    assert all(torch.equal(one, other.to(one.dtype)) for one, other in pairs)


def made(key: str, dtype: str, device: str) -> list[Any]:
    """Positive numbers for the arguments, and Cholesky factors, on a device."""
    generator = torch.Generator().manual_seed(7)
    found = []
    for word in CASES[key].inputs:
        shape = (4, 6, 6) if "tril" in word else (4, 6)
        drawn = torch.rand(shape, generator=generator, dtype=torch.float64) + 0.25
        found.append(drawn.to(device, getattr(torch, dtype)))
    return found


def parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def both_orders(key: str, given: list[Any]) -> None:
    """The value, the gradient and second derivatives."""
    value = reference(CASES[key])(*given).sum()
    slopes = torch.autograd.grad(value, given, create_graph=True)
    total = sum(slope.sum() for slope in slopes if slope.requires_grad)
    torch.autograd.grad(total, given, allow_unused=True)


@pytest.mark.parametrize("device", ["meta", pytest.param("cuda", marks=CUDA)])
@pytest.mark.parametrize("key", CASES)
def test_nothing_is_waited_for(key: str, device: str) -> None:
    """Scalars and constants are made where they are used."""
    for dtype in EVERY_DTYPE if device == "cuda" else ("float64", "bfloat16"):
        given = [x.requires_grad_() for x in made(key, dtype, device)]
        if device == "meta":
            with Crossings() as seen:
                both_orders(key, given)
            assert not seen.found
            continue
        both_orders(key, given)
        with unwaited():
            both_orders(key, given)
