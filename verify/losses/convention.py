"""What somebody's callable takes, and what it returns: the words that say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import derivations
from verify.losses.loss import LOSSES, REDUCTIONS, Loss


@dataclass(frozen=True)
class Convention:
    """A loss, the words of the positional arguments, and what is returned.

    loss       which loss it is
    inputs     one word for each argument, in the callable's order: ("mu",
               "log_variance"); all arguments of a part have one shape, (batch, size)
    reduction  "none": the terms, (batch, size), and a pair of them for a loss of two
               parts; "sum": over the last axis, (batch,); "mean": over everything
               given, (); "sum_mean": over the last axis, then the mean over the batch
    """

    loss: Loss
    inputs: tuple[str, ...]
    reduction: str

    def __str__(self) -> str:
        return f"{self.loss.name}({', '.join(self.inputs)}), {self.reduction}"

    def word(self, role: str) -> str:
        """The word that fills a role."""
        return next(w for w in self.inputs if self.loss.roles[w] == role)


def convention(
    claim: Any, inputs: Sequence[str] | None = None, reduction: str | None = None
) -> Convention:
    """The convention of these words; None stands for the claim's own.

    claim   a callable derivation, or its name

    Raises ValueError for a claim, word or reduction that there is not, with what there
    is; TypeError for inputs that are no words.
    """
    loss = loss_of(claim)
    words = tuple(loss.words[role][0] for role in loss.words)
    if inputs is not None:
        given = isinstance(inputs, Sequence) and not isinstance(inputs, str)
        if not given or not all(isinstance(w, str) for w in inputs):
            raise TypeError(f"inputs has to be a sequence of words, got {inputs!r}")
        words = tuple(inputs)
    for word in words:
        if word not in loss.roles:
            raise ValueError(_not_one(f"an input of {loss.name}", word, [*loss.roles]))
    filled = [loss.roles[word] for word in words]
    for role, choices in loss.words.items():
        if filled.count(role) != 1:
            needed = f"one of {', '.join(choices)}" if choices[1:] else choices[0]
            got = ", ".join(words) or "nothing"
            raise ValueError(
                f"{loss.name} needs {needed} once in its inputs, got {got}"
            )
    chosen = loss.reductions[0] if reduction is None else reduction
    if chosen not in loss.reductions:
        what = "a reduction" if chosen not in REDUCTIONS else f"one for {loss.name}"
        raise ValueError(_not_one(what, chosen, [*loss.reductions]))
    return Convention(loss, words, chosen)


def loss_of(claim: Any) -> Loss:
    """The loss of a callable derivation or of a name; ValueError if there is none."""
    name = str(claim if isinstance(claim, str) else getattr(claim, "name", ""))
    known = name in LOSSES
    if not known or not (isinstance(claim, str) or getattr(derivations, name) is claim):
        raise ValueError(_not_one("a claim that can be judged", claim, [*LOSSES]))
    return LOSSES[name]


def _not_one(what: str, given: Any, choices: list[str]) -> str:
    near = get_close_matches(str(given), choices, n=1)
    hint = f" (the nearest: {near[0]})" if near else ""
    return f"{given!r} is not {what}{hint}; it can be {', '.join(choices)}"
