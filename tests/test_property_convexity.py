"""Convexity, by tangents: a value and a gradient that fit together, and bend upwards.

A function is convex, and a vector its gradient, if and only if no value lies below the
tangent: f(b) >= f(a) + f'(a) (b - a) for all a and b. Nothing else is known of the
formula, and no step has to be chosen. The divergence is convex in the mean and in each
of the four measures of scale; the losses of a logit are convex, but for the saturating
one, which is concave.

Source: Boyd and Vandenberghe, "Convex Optimization", 2004, section 3.1.3.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement import Row, below, falls, judged, rounding, stands, unit
from strategies import MIXED, Drawn, two
from subjects import CASES, Function, of, reference
from verify.evidence import Evidence

CONVEX = of("gaussian_kl", "nonsaturating_generator_loss", "discriminator_loss")
CONCAVE = of("saturating_generator_loss")


class Loss(NamedTuple):
    """A loss, and its slopes in its arguments."""

    value: Function
    slopes: Function


def derived(case: str) -> Loss:
    return Loss(reference(CASES[case]), reference(CASES[case], "gradient"))


def tangent(loss: Loss, sign: int, a: Drawn, b: Drawn) -> Row:
    """At b the tangent at a is at most the value, both times the sign."""
    form, count = a.form, sum(x.size for x in a.exact)
    here, there = (sign * _double(loss.value(*d.given)) for d in (a, b))
    axes = -1 if here.ndim else None
    slopes = [sign * _double(s) for s in loss.slopes(*a.given)]
    steps = [y - x for x, y in zip(a.exact, b.exact, strict=True)]
    rises = [s * d for s, d in zip(slopes, steps, strict=True)]
    size = sum(np.abs(r).sum(axes) for r in rises)
    slack = rounding(here, form, count) + rounding(there, form, count)
    slack += rounding(size, form, 2 * count)
    slack += 4 * unit(form) * (np.abs(here) + size)  # of the sums that are made here
    return below("the tangent", here + sum(r.sum(axes) for r in rises), there, slack)


def _double(found: Any) -> np.ndarray:
    return np.asarray(found, np.float64)


def bends_upwards(loss: Loss, pair: tuple[Drawn, Drawn], sign: int = 1) -> Evidence:
    """No point of a pair lies below the tangent of the other."""
    a, b = pair
    return judged("convex", tangent(loss, sign, a, b), tangent(loss, sign, b, a))


@pytest.mark.parametrize("case", [*CONVEX, *CONCAVE])
@given(data=st.data())
def test_no_value_lies_below_a_tangent(case: str, data: st.DataObject) -> None:
    pair = data.draw(two(CASES[case], share=MIXED))
    stands(bends_upwards(derived(case), pair, -1 if case in CONCAVE else 1))


KL = derived("gaussian_kl, variance")
SLOPES = {
    "a detached mean": lambda mu, s: (0 * mu, s),
    "a detached scale": lambda mu, s: (mu, 0 * s),
    "half of the scale's": lambda mu, s: (mu, s / 2),
    "the scale's turned round": lambda mu, s: (mu, -s),
    "twice the mean's": lambda mu, s: (2 * mu, s),
    "a clipped one": lambda mu, s: (mu.clip(-1, 1), s.clip(-1, 1)),
    "a hundredth too large": lambda mu, s: (mu, s * s.dtype.type(1.01)),
}


def kl(log: Function) -> Function:
    return lambda mu, v: (mu**2 + v - 1 - log(v)).sum(-1) / 2


VALUES = {
    "the logarithm added": kl(lambda v: -np.log(v)),
    "the size of the logarithm": kl(lambda v: np.abs(np.log(v))),
    "a floor under the variance": kl(lambda v: np.log(np.maximum(v, 1e-3))),
    "the square root of it all": lambda *given: np.sqrt(KL.value(*given)),
}


@pytest.mark.parametrize("planted", [*SLOPES, *VALUES])
def test_a_wrong_value_or_gradient_of_the_divergence_is_found_out(planted) -> None:
    def slopes(*given: np.ndarray) -> tuple[np.ndarray, ...]:
        return SLOPES[planted](*KL.slopes(*given))

    wrong = KL._replace(value=VALUES[planted]) if planted in VALUES else KL
    wrong = wrong if planted in VALUES else wrong._replace(slopes=slopes)
    pairs = two(CASES["gaussian_kl, variance"], share=MIXED)
    falls(pairs, lambda pair: bends_upwards(wrong, pair))


LOGIT = derived("nonsaturating_generator_loss")
OF_LOGIT = {
    "the other loss": derived("saturating_generator_loss"),
    "its gradient": LOGIT._replace(slopes=derived(CONCAVE[0]).slopes),
    "a sum's gradient": LOGIT._replace(slopes=lambda h: (LOGIT.slopes(h)[0] * h.size,)),
    "no gradient beyond 10": LOGIT._replace(
        slopes=lambda h: (np.where(np.abs(h) > 10, 0, LOGIT.slopes(h)[0]),)
    ),
    "a clamp at -100": LOGIT._replace(value=lambda h: np.minimum(LOGIT.value(h), 100)),
}


@pytest.mark.parametrize("planted", OF_LOGIT)
def test_a_wrong_value_or_gradient_of_a_logit_is_found_out(planted: str) -> None:
    pairs = two(CASES["nonsaturating_generator_loss"], share=MIXED)
    falls(pairs, lambda pair: bends_upwards(OF_LOGIT[planted], pair))
