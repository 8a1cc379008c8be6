"""What is known of the generator's two losses: a bound, a ratio, a mean."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import expit

from agreement import below, falls, judged, rounding, stands, unit
from strategies import WIDE, Drawn, arguments, drawn_from, two
from subjects import CASES, Function, reference
from verify.accuracy.bounds import BOUNDS
from verify.evidence import Evidence

SATURATING = CASES["saturating_generator_loss"]
NONSATURATING = CASES["nonsaturating_generator_loss"]
EXP = 2 * BOUNDS["float64"]  # NumPy's exp and SciPy's expit, in unit roundoffs


class Slopes(NamedTuple):
    """The gradients of the two generator losses in their logits."""

    saturating: Function
    nonsaturating: Function


def slope_of(case: Any) -> Function:
    gradient = reference(case, "gradient")
    return lambda logits: gradient(logits)[0]


DERIVED = Slopes(slope_of(SATURATING), slope_of(NONSATURATING))


def vanishes(slope: Function, drawn: Drawn) -> Evidence:
    """No slope exceeds max D/B; so no loss with D <= eps has a longer gradient."""
    logits, form = drawn.exact[0], drawn.form
    most = expit(logits).max() / logits.size
    found = np.abs(slope(drawn.given[0]).astype(np.float64))
    slack = rounding(most, form) + EXP * unit(form) * most
    length = most * np.sqrt(logits.size)
    whole = np.sqrt(np.sum((found / most) ** 2)) * most if most else found.max()
    return judged(
        "the vanishing bound",
        below("each slope", found, most, slack),
        below("the gradient's norm", whole, length, 4 * logits.size * slack),
    )


def grows_by_the_odds(slopes: Slopes, drawn: Drawn) -> Evidence:
    """Sample by sample the saturating slope is e^h times the other, of one sign.

    Taken the way in which the factor is at most 1, so that nothing overflows.
    """
    logits, form = drawn.exact[0], drawn.form
    one, other = (s(drawn.given[0]).astype(np.float64) for s in slopes)
    with np.errstate(under="ignore"):
        factor = np.exp(-np.abs(logits))
        larger = np.where(logits > 0, one, other)
        smaller = np.where(logits > 0, other, one)
        expected = factor * larger
    slack = 2 * rounding(expected, form, 2) + EXP * unit(form) * np.abs(expected)
    least = 1 / (2 * logits.size)  # the larger of the two chances, by B
    return judged(
        "the odds",
        ("the ratio", smaller, expected, slack),
        below("the larger slope", larger, -least, rounding(least, form, 2)),
    )


def is_a_mean(loss: Function, pair: tuple[Drawn, Drawn]) -> Evidence:
    """The loss of two batches together is their mean, weighted by their sizes."""
    (a,), (b,) = (drawn.given for drawn in pair)
    form, count = pair[0].form, a.size + b.size
    both = loss(np.concatenate([a.ravel(), b.ravel()]))
    parts = a.size / count * float(loss(a)) + b.size / count * float(loss(b))
    return judged("a mean", ("both", both, parts, 3 * rounding(parts, form, count)))


def both_ways(form: str = "float64") -> Drawn:
    return drawn_from(form, logits=[[-745.0, -37.0, 0.0, 37.0, 710.0]])


@given(arguments(SATURATING, share=WIDE))
@example(both_ways())
def test_the_gradient_vanishes_where_the_discriminator_wins(drawn: Drawn) -> None:
    stands(vanishes(DERIVED.saturating, drawn))


@given(arguments(SATURATING, share=WIDE))
@example(both_ways())
@example(both_ways("float32"))
def test_one_gradient_is_the_odds_times_the_other(drawn: Drawn) -> None:
    stands(grows_by_the_odds(DERIVED, drawn))


@pytest.mark.parametrize("case", [SATURATING, NONSATURATING], ids=str)
@given(data=st.data())
def test_a_loss_of_two_batches_is_their_mean(case: Any, data: st.DataObject) -> None:
    stands(is_a_mean(reference(case), data.draw(two(case, share=0.4))))


def clamped(slope: Function, most: float) -> Function:
    return lambda h: np.where(np.abs(h) < most, slope(h), 0 * h)


def log_with_epsilon(epsilon: float) -> Function:
    """The slope of log(1 - D + epsilon)."""

    def slope(h: np.ndarray) -> np.ndarray:
        D = expit(h)
        return -D * (1 - D) / (1 - D + h.dtype.type(epsilon)) / h.size

    return slope


SLOPES = {
    "the nonsaturating one": DERIVED.nonsaturating,
    "of the sum": lambda h: DERIVED.saturating(h) * h.size,
    "1e-6 more, so that nothing vanishes": lambda h: DERIVED.saturating(h) - 1e-6,
    "leaky": lambda h: np.where(h < 0, -0.01, DERIVED.saturating(h)),
}


@pytest.mark.parametrize("planted", SLOPES)
def test_a_slope_that_does_not_vanish_is_found_out(planted: str) -> None:
    falls(arguments(SATURATING, share=WIDE), lambda d: vanishes(SLOPES[planted], d))


PAIRS = {
    "changed places": Slopes(*DERIVED[::-1]),
    "the sign of one": DERIVED._replace(saturating=lambda h: -DERIVED.saturating(h)),
    "half of one": DERIVED._replace(
        nonsaturating=lambda h: DERIVED.nonsaturating(h) / 2
    ),
    "both halved": Slopes(*(lambda h, s=s: s(h) / 2 for s in DERIVED)),
    "nothing beyond 30": DERIVED._replace(saturating=clamped(DERIVED.saturating, 30)),
    "an epsilon in the logarithm": DERIVED._replace(saturating=log_with_epsilon(1e-8)),
    "naive": DERIVED._replace(saturating=log_with_epsilon(0.0)),
    "1 in 10^13": DERIVED._replace(
        saturating=lambda h: DERIVED.saturating(h) * (1 + 1e-13)
    ),
}


@pytest.mark.parametrize("planted", PAIRS)
def test_a_wrong_ratio_is_found_out(planted: str) -> None:
    falls(
        arguments(SATURATING, share=WIDE),
        lambda d: grows_by_the_odds(PAIRS[planted], d),
    )


MEANS = {
    "a sum": lambda h: reference(SATURATING)(h) * h.size,
    "the largest": lambda h: reference(SATURATING, "terms")(h).max(),
    "Bessel's": lambda h: reference(SATURATING)(h) * h.size / max(h.size - 1, 1),
    "the last batch only": lambda h: reference(SATURATING)(h[-1:]),
    "the middle": lambda h: np.median(reference(SATURATING, "terms")(h)),
}


@pytest.mark.parametrize("planted", MEANS)
def test_what_is_no_mean_is_found_out(planted: str) -> None:
    falls(two(SATURATING, share=0.4), lambda pair: is_a_mean(MEANS[planted], pair))
