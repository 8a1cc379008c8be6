"""A generator and a discriminator, small and fixed, before the losses of logits.

They are what makes theta a vector of weights, and the derivative in it a pull-back
through what somebody trains. Two layers each: G ends in tanh, h has softplus inside;
the last bias of h sets how sure the discriminator is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

LATENT, HIDDEN, SEEN = 2, 4, 3  # numbers in z, inside, and in x
SIZES = {
    "in": (LATENT, HIDDEN),
    "in_bias": (1, HIDDEN),
    "out": (HIDDEN, SEEN),
    "out_bias": (1, SEEN),
    "seen": (SEEN, HIDDEN),
    "seen_bias": (1, HIDDEN),
    "logit": (HIDDEN, 1),
    "logit_bias": (1, 1),
}
"""Of the weights: two layers of a generator, two of a discriminator."""
SPREAD = 2.0  # how far logits lie from their mean, about

Numbers = Mapping[str, Any]


def logits(weights: Numbers, inputs: Numbers) -> dict[str, Any]:
    """Logits or probabilities, by word: those of all networks in one row.

    weights  by name, of several networks, shape (networks, rows, columns)
    inputs   by word, shape (networks, samples, LATENT) for the generator, and
             (networks, samples, SEEN) for data
    """
    found = {}
    for word, given in inputs.items():
        seen = given if word.startswith("real") else generated(weights, given)
        row = discriminated(weights, seen).reshape(-1)
        found[word] = row.sigmoid() if "prob" in word else row
    return found


def generated(weights: Numbers, z: Any) -> Any:
    """G(z), shape (networks, samples, SEEN)."""
    hidden = (z @ weights["in"] + weights["in_bias"]).tanh()
    return (hidden @ weights["out"] + weights["out_bias"]).tanh()


def discriminated(weights: Numbers, x: Any) -> Any:
    """h(x), shape (networks, samples, 1): the logit."""
    hidden = ((x @ weights["seen"] + weights["seen_bias"]).exp() + 1).log()
    return hidden @ weights["logit"] + weights["logit_bias"]


def drawn(middles: Sequence[float], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The weights of networks of which the logits lie around these numbers."""
    weights = {
        name: rng.standard_normal((len(middles), *size)) for name, size in SIZES.items()
    }
    weights["logit"] *= SPREAD
    hidden = np.logaddexp(0.0, weights["seen_bias"])
    weights["logit_bias"] = np.reshape(middles, (-1, 1, 1)) - hidden @ weights["logit"]
    return weights


def inputs(
    words: Sequence[str], count: int, samples: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Data, or what the generator starts from, for each word of a loss."""
    return {
        word: rng.standard_normal(
            (count, samples, SEEN if word.startswith("real") else LATENT)
        )
        for word in words
    }
