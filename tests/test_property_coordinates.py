"""A sum over coordinates: each adds its own, in any order, and samples do not mix."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement import falls, judged, rounding, stands
from strategies import PAIRED, Drawn, arguments, shuffled, two
from subjects import CASES, Function, of, reference
from verify.evidence import Evidence

SUMS = ("gaussian_kl", "gaussian_kl_between", "bernoulli_nll", "gaussian_nll")
ONE = "gaussian_kl, log_variance"  # what is planted needs no more than one loss
Pair = tuple[Drawn, list[int]]


def of_each(loss: Function, drawn: Drawn) -> np.ndarray:
    """The value of each coordinate alone, (batch, size); nan for another shape."""
    found = np.asarray(loss(*(a.reshape(-1, 1) for a in drawn.given)), np.float64)
    shape = drawn.exact[0].shape
    return (
        found.reshape(shape) if found.size == np.prod(shape) else np.full(shape, np.nan)
    )


def adds_up(loss: Function, drawn: Drawn) -> Evidence:
    """The value is the sum of the values of each coordinate alone."""
    alone = of_each(loss, drawn)
    size = rounding(np.abs(alone).sum(-1), drawn.form, alone.shape[-1])
    return judged("adds up", ("sum", loss(*drawn.given), alone.sum(-1), size))


def ignores_order(loss: Function, pair: Pair) -> Evidence:
    """The value does not change when the coordinates are permuted."""
    drawn, order = pair
    size = np.abs(of_each(loss, drawn)).sum(-1)
    turned = loss(*(a[:, order] for a in drawn.given))
    slack = 2 * rounding(size, drawn.form, len(order))
    return judged("ignores order", ("permuted", turned, loss(*drawn.given), slack))


def keeps_samples_apart(loss: Function, pair: tuple[Drawn, Drawn]) -> Evidence:
    """The bits of a sample's value do not change when all others do."""
    one, other = (drawn.given for drawn in pair)
    mixed = [b.copy() for b in other]
    for a, b in zip(one, mixed, strict=True):
        b[0] = a[0]
    found, expected = (np.atleast_1d(loss(*given))[:1] for given in (mixed, one))
    return judged("apart", ("first sample", found, expected, 0.0))


@pytest.mark.parametrize("name", SUMS)
@given(data=st.data())
def test_coordinates_add_up(name: str, data: st.DataObject) -> None:
    case = CASES[data.draw(st.sampled_from(of(name)))]
    drawn = data.draw(arguments(case, share=PAIRED))
    stands(adds_up(reference(case), drawn))


@pytest.mark.parametrize("name", SUMS)
@given(data=st.data())
def test_coordinates_may_change_places(name: str, data: st.DataObject) -> None:
    case = CASES[data.draw(st.sampled_from(of(name)))]
    pair = data.draw(shuffled(case, share=PAIRED))
    stands(ignores_order(reference(case), pair))


@pytest.mark.parametrize("name", SUMS)
@given(data=st.data())
def test_samples_do_not_mix(name: str, data: st.DataObject) -> None:
    case = CASES[data.draw(st.sampled_from(of(name)))]
    pair = data.draw(two(case, share=PAIRED))
    stands(keeps_samples_apart(reference(case), pair))


REDUCED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "a mean over coordinates": lambda terms: terms.mean(-1),
    "the largest": lambda terms: terms.max(-1),
    "the last left out": lambda terms: terms[..., :-1].sum(-1),
    "the first twice": lambda terms: terms.sum(-1) + terms[..., 0],
    "a constant once, not for each": lambda terms: (
        terms.sum(-1) + terms.dtype.type(0.5) * (terms.shape[-1] - 1)
    ),
    "a mean over the batch": lambda terms: np.broadcast_to(
        terms.sum(-1).mean(0), terms.shape[:1]
    ),
    "the sample before": lambda terms: np.roll(terms.sum(-1), 1),
    "divided by the batch": lambda terms: terms.sum(-1) / terms.dtype.type(len(terms)),
    "centred": lambda terms: terms.sum(-1) - terms.sum(-1).min(),
    "over the batch": lambda terms: terms.sum(0),
    "summed whole": lambda terms: terms.sum(),
}
SEEN = {
    adds_up: [*REDUCED.keys() - {"a mean over the batch"}],
    ignores_order: ["the last left out", "the first twice", "over the batch"],
    keeps_samples_apart: [
        "a mean over the batch",
        "the sample before",
        "centred",
        "over the batch",
        "summed whole",
    ],
}
"""Of the others the property is true."""
DRAWN = {adds_up: arguments, ignores_order: shuffled, keeps_samples_apart: two}


@pytest.mark.parametrize(
    ("check", "planted"),
    [
        pytest.param(check, name, id=f"{check.__name__}, {name}")
        for check, names in SEEN.items()
        for name in sorted(names)
    ],
)
def test_a_wrong_reduction_is_found_out(check: Callable, planted: str) -> None:
    terms = reference(CASES[ONE], "terms")

    def wrong(*arrays: np.ndarray) -> np.ndarray:
        return REDUCED[planted](terms(*arrays))

    falls(DRAWN[check](CASES[ONE], share=PAIRED), lambda drawn: check(wrong, drawn))
