"""What is known of the discriminator's loss: two sides alike, and the best logit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from scipy.special import xlogy

from agreement import below, falls, judged, rounding, stands
from strategies import WIDE, Drawn, arguments, drawn_from, samples
from subjects import CASES, Function, reference
from verify.evidence import Evidence

DISCRIMINATOR = CASES["discriminator_loss"]


def changes_sides(loss: Function, drawn: Drawn) -> Evidence:
    """Real and generated samples change places when every logit changes its sign."""
    real, fake = drawn.given
    return judged("two sides", ("swapped", loss(-fake, -real), loss(real, fake), 0.0))


def is_least_at_the_optimum(loss: Function, drawn: tuple) -> Evidence:
    """At D = p/(p + q) it is 2 log 2 - 2 JSD(p, q), and nowhere less.

    Goodfellow et al., "Generative Adversarial Nets", 2014, theorem 1, on finitely many
    points, of which the samples have the frequencies p and q.
    """
    real, fake, others = drawn
    p, q = real / real.sum(), fake / fake.sum()
    middle = (p + q) / 2
    terms = xlogy(p, p / middle), xlogy(q, q / middle)
    least = 2 * np.log(2) - sum(np.sum(t) for t in terms)
    best = np.log(p) - np.log(q)

    def at(logits: np.ndarray) -> float:
        return float(loss(np.repeat(logits, real), np.repeat(logits, fake)))

    count = int(real.sum() + fake.sum())
    form = drawn_from(h=0).form
    size = 2 * np.log(2) + sum(np.sum(np.abs(t)) for t in terms)
    slack = rounding(size + np.abs(best).max(), form, count)
    return judged(
        "the optimum",
        ("there", at(best), least, slack),
        below(
            "minus that elsewhere",
            -at(others),
            -least,
            slack + rounding(at(others), form, count),
        ),
    )


@given(arguments(DISCRIMINATOR, share=WIDE))
def test_the_discriminator_takes_both_sides_alike(drawn: Drawn) -> None:
    stands(changes_sides(reference(DISCRIMINATOR), drawn))


@given(samples())
def test_the_discriminator_is_best_at_the_ratio_of_the_densities(drawn: tuple) -> None:
    stands(is_least_at_the_optimum(reference(DISCRIMINATOR), drawn))


def two_sided(real: float, fake: float, reduce: Callable = np.mean) -> Function:
    """A weight for each side, and what takes the place of the mean."""

    def loss(of_real: np.ndarray, of_fake: np.ndarray) -> np.ndarray:
        one = reduce(np.logaddexp(0, -of_real.astype(float)))
        return real * one + fake * reduce(np.logaddexp(0, of_fake.astype(float)))

    return loss


RIGHT = reference(DISCRIMINATOR)
LOSSES = {
    "generated samples twice": two_sided(1.0, 2.0),
    "labels of 0.9": lambda r, f: 0.9 * RIGHT(r, f) + 0.1 * RIGHT(-r, f),
    "a sum over one side": lambda r, f: RIGHT(r, f) * r.size,
}
OPTIMA = {
    **LOSSES,
    "half of it": two_sided(0.5, 0.5),
    "labels changed": lambda r, f: RIGHT(f, r),
    "sums": two_sided(1.0, 1.0, np.sum),
    "one mean over both": lambda r, f: (
        (
            (RIGHT(r, 0 * f) - np.log(2)) * r.size
            + (RIGHT(0 * r, f) - np.log(2)) * f.size
        )
        / (r.size + f.size)
    ),
    "the generator's sign": lambda r, f: -RIGHT(r, f),
    "1e-12 more": lambda r, f: RIGHT(r, f) + 1e-12,
}


@pytest.mark.parametrize("planted", LOSSES)
def test_a_one_sided_discriminator_is_found_out(planted: str) -> None:
    drawn = arguments(DISCRIMINATOR, share=WIDE)
    falls(drawn, lambda d: changes_sides(LOSSES[planted], d))


@pytest.mark.parametrize("planted", OPTIMA)
def test_another_optimum_is_found_out(planted: str) -> None:
    falls(samples(), lambda d: is_least_at_the_optimum(OPTIMA[planted], d))
