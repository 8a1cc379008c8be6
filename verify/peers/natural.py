"""Arguments in one measure, whatever their words: standard deviations and logits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verify.losses.loss import Part
from verify.peers.measures import changed, stem

Natural = dict[str, np.ndarray]
"""By role, and with "other" where a chance is: one minus it."""


def natural(part: Part, words: Sequence[str], columns: Sequence[np.ndarray]) -> Natural:
    """The arguments of a part at points, float64.

    A scale is a standard deviation under its role; a logit is under "logits", and its
    chance and one minus it under "chance" and "other".
    """
    found: Natural = {}
    with np.errstate(all="ignore"):
        for role, word, column in zip(part.roles, words, columns, strict=True):
            if stem(word) in ("logits", "probabilities"):
                found |= _of_a_logit(word, column)
            elif "scale" in role:
                found[role.removeprefix("decoder_")] = changed(
                    np, column, word, "sigma"
                )
            else:
                found[role] = column
    return found


def _of_a_logit(word: str, column: np.ndarray) -> Natural:
    if stem(word) == "logits":
        chance, other = 1 / (1 + np.exp(-column)), 1 / (1 + np.exp(column))
        return {"logits": column, "chance": chance, "other": other}
    logits = np.log(column) - np.log1p(-column)
    return {"logits": logits, "chance": column, "other": 1 - column}
