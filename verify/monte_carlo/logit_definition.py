"""The integrands of logits h = a z + b, z standard normal: D = 1/(1 + e^-h) first.

log D and log(1 - D) are taken of D, as the definition says, and derivatives go through
D by the chain rule. 1 - D loses the digits that D has rounded away: a draw is off by up
to e^h units, which the rounding of the means allows for; h stays below 19.

Where x is the target, -log p(x) is -(x log D + (1 - x) log(1 - D)).

All are Lipschitz in z. With s = D as a function of h: log s has slope 1 - s, log(1 - s)
has -s, s itself s(1 - s) <= 1/4, and abs(h) s(1 - s) <= 0.224 (at its maximum
h tanh(h/2) = 1, h = 1.5434). So abs(d(z s')/dz) <= abs(s') + abs(h - b) s(1 - s) <=
1 + 0.224 + abs(b)/4.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from verify.monte_carlo.gaussian_definition import Pieces

LARGEST_PRODUCT = 0.224  # of abs(h) s(h) (1 - s(h)), which is 0.2239

Given = Mapping[str, Any]


def _law(e: Any, given: Given, on: ModuleType) -> tuple[Any, Any, Any]:
    """h, D and dD/dh."""
    logits = given["slope"] * e + given["offset"]
    odds = on.exp(-logits)
    return logits, 1 / (1 + odds), odds / (1 + odds) ** 2


def log_d(e: Any, given: Given, on: ModuleType) -> dict[str, Pieces]:
    """log D, and its derivative in the logit, which is by D times dD/dh."""
    _, D, of_logit = _law(e, given, on)
    slope = of_logit / D
    return {"value": (on.log(D),), "logits": (slope,), "logits*e": (slope * e,)}


def log_one_minus_d(e: Any, given: Given, on: ModuleType) -> dict[str, Pieces]:
    """log(1 - D), and its derivative in the logit."""
    _, D, of_logit = _law(e, given, on)
    slope = -of_logit / (1 - D)
    found = {"value": on.log(1 - D), "logits": slope, "logits*e": slope * e}
    return {name: (part,) for name, part in found.items()}


def bernoulli_nll(e: Any, given: Given, on: ModuleType) -> dict[str, Pieces]:
    """-log p(x), p(1) = D, p(0) = 1 - D, for a target x that is not drawn."""
    target = given["target"]
    _, D, of_logit = _law(e, given, on)
    one, other = -target * of_logit / D, (1 - target) * of_logit / (1 - D)
    return {
        "value": (-target * on.log(D), -(1 - target) * on.log(1 - D)),
        "logits": (one, other),
        "target": (-on.log(D), on.log(1 - D)),
        "logits*e": (one * e, other * e),
    }


def rounding(e: np.ndarray, given: Given) -> np.ndarray:
    """What a draw of the above can be off by, in units of the roundoff, each column.

    4 for D and the quotients, as often for 1 - D as that is smaller than 1.
    """
    logits = given["slope"] * e + given["offset"]
    return np.mean(4 * (2 + np.exp(np.abs(logits))) * (1 + np.abs(e)), axis=0)


def constants(part: str, given: Given) -> dict[str, np.ndarray]:
    """The Lipschitz constant of each integrand in z, shape (elements,)."""
    slope, offset = np.abs(given["slope"]), np.abs(given["offset"])
    first = 1 + LARGEST_PRODUCT + offset / 4
    found = {"value": slope, "logits": slope / 4, "logits*e": first}
    if part == "bernoulli_nll":
        steepest = np.maximum(given["target"], 1 - given["target"])
        found |= {"value": slope * steepest, "target": slope}
    return found
