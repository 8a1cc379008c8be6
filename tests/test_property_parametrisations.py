"""One loss in four measures of scale: the values agree, and so do the gradients.

A change of variables multiplies a slope by the derivative of the change. In float64 the
scales themselves are rounded: that moves a value by its slope, and a slope by its
curvature, times the error of `exp`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement import Row, falls, judged, rounding, stands, unit
from strategies import MIXED, PAIRED, Drawn, arguments, double
from subjects import CASES, Function, reference
from verify.accuracy.bounds import BOUNDS
from verify.evidence import Evidence
from verify.losses.loss import SCALES

SHARE = {"gaussian_kl": MIXED, "gaussian_kl_between": PAIRED, "gaussian_nll": PAIRED}
OF_LOG_SIGMA: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigma": np.exp,
    "variance": lambda s: np.exp(2 * s),
    "log_variance": lambda s: 2 * s,
    "log_sigma": lambda s: s,
}
CHANGE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigma": lambda scale: scale,
    "variance": lambda scale: 2 * scale,
    "log_variance": lambda scale: np.full_like(scale, 2.0),
    "log_sigma": np.ones_like,
}
"""The derivative of each measure in log sigma, as a function of the measure."""


class Loss(NamedTuple):
    """A loss in one measure of scale, and its slopes."""

    value: Function
    slopes: Function


def derived(name: str) -> dict[str, Loss]:
    cases = {word: CASES[f"{name}, {word}"] for word in SCALES}
    return {w: Loss(reference(c), reference(c, "gradient")) for w, c in cases.items()}


def squares(name: str, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """The squares that a term adds up: no derivative in log sigma exceeds 4 of them."""
    match name:
        case "gaussian_kl":
            return arrays["mu"] ** 2 + np.exp(2 * arrays["log_sigma"])
        case "gaussian_nll":
            away = (arrays["target"] - arrays["mean"]) * np.exp(-arrays["log_sigma"])
            return away**2
    first, second = arrays["log_sigma1"], arrays["log_sigma2"]
    away = (arrays["mu1"] - arrays["mu2"]) * np.exp(-second)
    return away**2 + np.exp(2 * (first - second))


def agree(name: str, forms: Mapping[str, Loss], drawn: Drawn) -> Evidence:
    """Values and gradients in every measure are those in log sigma."""
    words = list(drawn.arrays)
    scales = [word.startswith("log_sigma") for word in words]
    base, arrays = forms["log_sigma"], drawn.exact
    value, slopes = base.value(*arrays), base.slopes(*arrays)
    sizes = squares(name, drawn.arrays)
    logs = sum(
        np.abs(a) for a, is_scale in zip(arrays, scales, strict=True) if is_scale
    )
    of_exp = 2 * BOUNDS["float64"] * unit(drawn.form)  # NumPy's exp is right to 4 ULP
    count = sizes.shape[-1]
    pulled = sum(
        np.abs(s) for s, is_scale in zip(slopes, scales, strict=True) if is_scale
    )
    slack = (pulled * of_exp + 4 * sizes * of_exp**2).sum(-1) + 2 * rounding(
        value, drawn.form, count
    )
    if name == "gaussian_nll":  # its terms have either sign
        slack = slack + 2 * rounding((sizes + logs + 1).sum(-1), drawn.form, count)
    rows: list[Row] = []
    for other, form in forms.items():
        given = [
            OF_LOG_SIGMA[other](a) if is_scale else a
            for a, is_scale in zip(arrays, scales, strict=True)
        ]
        rows.append((f"the value in {other}", form.value(*given), value, slack))
        found = form.slopes(*given)
        for number, is_scale in enumerate(scales):
            slope, moved = found[number], slopes[number]
            room = 2 * rounding(moved, drawn.form, 3) + 2 * of_exp * np.abs(moved)
            if is_scale:
                slope = slope * CHANGE[other](given[number])
                room = room + 4 * of_exp * (sizes + 1)
            label = f"the slope in {words[number]}, from {other}"
            rows.append((label, slope, moved, room))
    return judged("four measures of scale", *rows)


@pytest.mark.parametrize("name", SHARE)
@given(data=st.data())
def test_the_four_measures_of_scale_agree(name: str, data: st.DataObject) -> None:
    case = CASES[f"{name}, log_sigma"]
    drawn = data.draw(arguments(case, share=SHARE[name], forms=double))
    stands(agree(name, derived(name), drawn))


KL = derived("gaussian_kl")


def changed(word: str, change: Callable) -> dict[str, Loss]:
    """The derived forms, one of them called with another scale."""
    form = KL[word]
    return {
        **KL,
        word: Loss(
            lambda mu, s: form.value(mu, change(s)),
            lambda mu, s: form.slopes(mu, change(s)),
        ),
    }


def bent(word: str, change: Callable) -> dict[str, Loss]:
    """The derived forms, one of them with another slope in its scale."""
    form = KL[word]

    def slopes(mu: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, ...]:
        of_mu, of_scale = form.slopes(mu, s)
        return of_mu, change(of_scale, s)

    return {**KL, word: form._replace(slopes=slopes)}


PLANTED = {
    "log sigma where the variance's was meant": {**KL, "log_variance": KL["log_sigma"]},
    "sigma where the variance was meant": {**KL, "variance": KL["sigma"]},
    "a log-variance clamped at 10": changed("log_variance", lambda t: t.clip(-10, 10)),
    "softplus for exp": changed("sigma", lambda s: np.log1p(s)),
    "an epsilon on the deviation": changed("sigma", lambda s: s + 1e-8),
    "a floor under the variance": changed("variance", lambda v: np.maximum(v, 1e-12)),
    "float32 inside": changed("sigma", lambda s: s.astype(np.float32).astype(float)),
    "no chain rule": bent("log_variance", lambda slope, t: slope * np.exp(-t)),
    "half the chain rule": bent("log_sigma", lambda slope, s: slope / 2),
    "a detached scale": bent("variance", lambda slope, v: 0 * slope),
    "a slope wrong below 1e-3": bent(
        "sigma", lambda g, s: np.where(s < 1e-3, g / 2, g)
    ),
    "one part in 10^12 too large": bent("sigma", lambda slope, s: slope * (1 + 1e-12)),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_measure_that_is_another_is_found_out(planted: str) -> None:
    drawn = arguments(CASES["gaussian_kl, log_sigma"], share=MIXED, forms=double)
    falls(drawn, lambda d: agree("gaussian_kl", PLANTED[planted], d))
