"""The likelihoods of decoders are probabilities: they add up, and integrate, to 1."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import log, pi

import numpy as np
import pytest
from hypothesis import given

from agreement import below, falls, judged, rounding, stands, unit
from strategies import PAIRED, Drawn, arguments, double
from subjects import CASES, Function, reference
from verify.accuracy.formats import FORMATS
from verify.evidence import Evidence

BERNOULLI, GAUSSIAN = CASES["bernoulli_nll"], CASES["gaussian_nll, log_variance"]
DOUBLE = FORMATS["float64"]
U = unit(DOUBLE)
STEP, FAR = 0.5, 40.0  # the trapezoid's error is e^(-2 pi^2/h^2) = 5e-35; e^(-800)
FEW = 4  # outputs of which all images are listed


def likelihoods_add_up(nll: Function, drawn: Drawn) -> Evidence:
    """e^-nll over all images of a few black and white pixels is 1."""
    logits = drawn.exact[0][:, :FEW]
    count = logits.shape[-1]
    images = np.array([*product((0.0, 1.0), repeat=count)])
    each = np.stack([nll(logits, np.broadcast_to(x, logits.shape)) for x in images])
    slack = (rounding(np.minimum(each, 750), DOUBLE, count) * np.exp(-each)).sum(0)
    return judged(
        "images", ("sum", np.exp(-each).sum(0), 1.0 + 0 * slack, slack + 16 * U)
    )


def density_integrates(nll: Function, drawn: Drawn) -> Evidence:
    """The integral of e^-nll over a target is 1, by the trapezoidal rule.

    Trefethen and Weideman, "The Exponentially Convergent Trapezoidal Rule", 2014.
    """
    (scale,) = (a[:, :1] for w, a in drawn.arrays.items() if w == "log_variance")
    sigma, points = np.exp(scale / 2), np.arange(-FAR, FAR, STEP)
    target = (sigma * points)[..., None]
    given = [
        np.broadcast_to(a, target.shape) for a in (0 * target, target, scale[..., None])
    ]
    found = nll(*given)
    size = points**2 / 2 + np.abs(scale) + 2
    density = np.exp(-found) * sigma * STEP
    slack = ((4 * rounding(size, DOUBLE, 2)) * density).sum(-1) + 200 * U
    return judged(
        "a density", ("integral", density.sum(-1), np.ones(len(scale)), slack)
    )


def linear_in_the_target(nll: Function, drawn: Drawn) -> Evidence:
    """A grey target costs what black and white do, in its proportion."""
    logits, target = drawn.given
    white, black = nll(logits, 1 + 0 * target), nll(logits, 0 * target)
    rows = drawn.exact[1].shape[-1]
    one = reference(BERNOULLI, "terms")(logits, 1 + 0 * target).astype(float)
    two = reference(BERNOULLI, "terms")(logits, 0 * target).astype(float)
    x = drawn.exact[1]
    mixed = (x * one + (1 - x) * two).sum(-1)
    slack = 2 * rounding(mixed, drawn.form, rows)
    mirrored = rounding(white.astype(float), drawn.form, rows)
    return judged(
        "a cross-entropy",
        ("grey", nll(logits, target), mixed, slack),
        ("mirrored", nll(-logits, 0 * target), white, mirrored),
        below("minus it", -nll(logits, target), 0.0, 0.0),
        ("black", black, two.sum(-1), rounding(two.sum(-1), drawn.form, rows)),
    )


@given(arguments(BERNOULLI, forms=double))
def test_the_likelihoods_of_all_images_add_up_to_one(drawn: Drawn) -> None:
    stands(likelihoods_add_up(reference(BERNOULLI), drawn))


@given(arguments(BERNOULLI, share=PAIRED))
def test_a_grey_target_is_between_black_and_white(drawn: Drawn) -> None:
    stands(linear_in_the_target(reference(BERNOULLI), drawn))


@given(arguments(GAUSSIAN, share=PAIRED, forms=double))
def test_the_density_of_a_target_integrates_to_one(drawn: Drawn) -> None:
    stands(density_integrates(reference(GAUSSIAN), drawn))


NLL, GAUSS = reference(BERNOULLI), reference(GAUSSIAN)
CHECKS: dict[Callable, tuple] = {
    likelihoods_add_up: (
        arguments(BERNOULLI, forms=double),
        {
            "a mean over outputs": lambda h, x: NLL(h, x) / h.shape[-1],
            "the logit's sign": lambda h, x: NLL(h * (2 * x - 1), x),
            "labels of 0.9": lambda h, x: NLL(h, 0.9 * x + 0.05),
            "a clamp at 10": lambda h, x: np.minimum(NLL(h, x), 10.0),
            "bits": lambda h, x: NLL(h, x) / log(2),
            "a probability clamped at 1e-7": lambda h, x: (
                NLL(np.clip(h, -16.1, 16.1), x) + 1e-7
            ),
        },
    ),
    linear_in_the_target: (
        arguments(BERNOULLI, share=PAIRED),
        {
            "the target doubled": lambda h, x: NLL(h, 2 * x),
            "only black": lambda h, x: NLL(h, 0 * x),
            "the target rounded": lambda h, x: NLL(h, np.round(x)),
            "one side twice": lambda h, x: NLL(h, x) + NLL(h, 0 * x),
            "textbook": lambda h, x: (np.log1p(np.exp(h)) - x * h).sum(-1),
        },
    ),
    density_integrates: (
        arguments(GAUSSIAN, share=PAIRED, forms=double),
        {
            "no constant": lambda m, x, t: GAUSS(m, x, t) - log(2 * pi) / 2,
            "the variance squared": lambda m, x, t: GAUSS(m, x, 2 * t),
            "the logarithm of sigma": lambda m, x, t: GAUSS(m, x, t) + t.sum(-1) / 2,
            "no half of the square": lambda m, x, t: (
                2 * GAUSS(m, x, t) - GAUSS(m, m, t)
            ),
            "an epsilon on the variance": lambda m, x, t: GAUSS(
                m, x, np.log(np.exp(t) + 1e-6)
            ),
        },
    ),
}


@pytest.mark.parametrize(
    ("check", "planted"),
    [
        pytest.param(check, name, id=f"{check.__name__}, {name}")
        for check, (_, wrong) in CHECKS.items()
        for name in wrong
    ],
)
def test_a_wrong_likelihood_is_found_out(check: Callable, planted: str) -> None:
    drawn, wrong = CHECKS[check]
    falls(drawn, lambda d: check(wrong[planted], d))
