"""Every reference against the oracle: densities in balls, at points that are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement import Row, falls, judged, rounding, stands
from strategies import PAIRED, Drawn, arguments
from subjects import CASES, Function, of, reference
from verify.evidence import Evidence
from verify.losses.convention import Convention
from verify.losses.loss import LOSSES
from verify.oracle.truth import OF_SIZE, terms

SHAPES = st.sampled_from([(1, 1, 3), (1, 9, 2), (3, 2, 1), (2, 3, 4), (9, 1, 1)])
FAR = 9.0  # of a logit of 2^9 the probability is 1 to 740 digits
ADDED = ("gaussian_nll", "bernoulli_nll", "gaussian_kl_between")
"""Parts in which summands of opposite sign may cancel, in the value or in a slope."""


def listed(found: Any) -> list[Any]:
    return [*found] if isinstance(found, tuple) else [found]


def is_true(
    case: Convention, values: Function, slopes: Function, drawn: Drawn
) -> Evidence:
    """Terms and slopes are within rounding of the truth, or of its largest summand.

    values  of the arguments, one array of terms for each part
    slopes  by word, of the arguments: of the sum of all terms, or of their mean
    """
    found, rows = listed(values(*drawn.given)), list[Row]()
    gradient: dict[str, Any] = slopes(*drawn.given)
    for part, value in zip(case.loss.parts, found, strict=True):
        words = [case.word(role) for role in part.roles]
        truth = terms(part.name, words, [drawn.arrays[w] for w in words])
        cancels = part.name in ADDED
        names = [(part.name, value, (), 1)]
        share = truth[()].high.size if case.reduction == "mean" else 1
        names += [(f"d/d{w}", gradient[w], (n,), share) for n, w in enumerate(words)]
        for name, one, place, by in names:
            exact = truth[place]
            high = part.sign * exact.high / by
            size = exact.size / by if cancels else np.abs(high)
            known = OF_SIZE * exact.size / by  # how well the truth is, near 0
            slack = rounding(size, drawn.form, 1 + (by > 1)) + known
            rows.append((name, one, high, slack))
    return judged(str(case), *rows)


def by_word(case: Convention) -> Function:
    """The slopes of the reference, which has an order of its own."""
    order = {"gaussian_elbo": ("mean", "target", "decoder_scale", "mu", "scale")}
    roles = order.get(case.loss.name, tuple(case.loss.words))
    gradient = reference(case, "gradient")

    def called(*arrays: np.ndarray) -> dict[str, np.ndarray]:
        words = map(case.word, roles)
        return dict(zip(words, gradient(*arrays), strict=True))

    return called


@pytest.mark.parametrize("name", [n for n in LOSSES if LOSSES[n].separable])
@given(data=st.data())
def test_it_is_within_rounding_of_the_truth(name: str, data: st.DataObject) -> None:
    case, shape = CASES[data.draw(st.sampled_from(of(name)))], data.draw(SHAPES)
    reach = FAR if "logits" in str(case) else np.inf
    drawn = data.draw(arguments(case, share=PAIRED, reach=reach, shape=shape))
    stands(is_true(case, reference(case, "terms"), by_word(case), drawn))


KL = CASES["gaussian_kl, sigma"]
RIGHT, SLOPES = reference(KL, "terms"), by_word(KL)
VALUES = {
    "as a paper writes it": lambda m, s: (m**2 + s**2 - 1 - np.log(s**2)) / 2,
    "1 in 10^14": lambda m, s: RIGHT(m, s) * (1 + 1e-14),
    "an epsilon of 1e-12": lambda m, s: RIGHT(m, s + s.dtype.type(1e-12)),
    "the deviation in float16": lambda m, s: RIGHT(
        m, s.clip(1e-4, 6e4).astype(np.float16).astype(s.dtype)
    ),
    "a floor of 1e-3": lambda m, s: RIGHT(m, np.maximum(s, s.dtype.type(1e-3))),
}
GRADIENTS = {
    "1 in 10^14": lambda g, s: g * (1 + 1e-14),
    "s - 1/s as it stands": lambda g, s: s - 1 / s,
    "detached": lambda g, s: 0 * g,
    "wrong below 1e-3": lambda g, s: np.where(s < 1e-3, g / 2, g),
    "clipped at 1e6": lambda g, s: g.clip(-1e6, 1e6),
}


def bent(name: str) -> Function:
    def slopes(mu: np.ndarray, sigma: np.ndarray) -> dict[str, np.ndarray]:
        found = SLOPES(mu, sigma)
        return {**found, "sigma": GRADIENTS[name](found["sigma"], sigma)}

    return slopes


@pytest.mark.parametrize("planted", VALUES)
def test_a_wrong_value_is_found_out(planted: str) -> None:
    drawn = arguments(KL, share=PAIRED)
    falls(drawn, lambda d: is_true(KL, VALUES[planted], SLOPES, d))


@pytest.mark.parametrize("planted", GRADIENTS)
def test_a_wrong_gradient_is_found_out(planted: str) -> None:
    drawn = arguments(KL, share=PAIRED)
    falls(drawn, lambda d: is_true(KL, RIGHT, bent(planted), d))
