"""How terms become a result: the four right ways, and wrong ones for each.

A right way takes the tensors of the terms, one for each part; a wrong one takes one
such tensor, and is used for every part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

Terms = Sequence[Tensor]


def summed(reduce: Callable[[Tensor], Tensor]) -> Callable[[Terms], Tensor]:
    """What the reduction makes of each part, added up."""

    def result(terms: Terms) -> Tensor:
        first, *others = map(reduce, terms)
        for other in others:
            first = first + other
        return first

    return result


def each(change: Callable[[Tensor], Tensor]) -> Callable[[Terms], Any]:
    """The parts, changed: one tensor, or one for each."""

    def result(terms: Terms) -> Any:
        found = tuple(map(change, terms))
        return found if len(found) > 1 else found[0]

    return result


RIGHT: dict[str, Callable[[Terms], Any]] = {
    "none": each(lambda t: t),
    "sum": summed(lambda t: t.sum(-1)),
    "mean": summed(lambda t: t.mean()),
    "sum_mean": summed(lambda t: t.sum(-1).mean()),
}

Row = tuple[str, str, Callable[[Tensor], Any]]
SUM: tuple[Row, ...] = (
    ("axis", "sum over the batch axis", lambda t: t.sum(0)),
    ("axis", "sum over everything", lambda t: t.sum()),
    ("axis", "sum over everything, for each sample", lambda t: t.sum() + 0 * t[:, 0]),
    ("axis", "sum over the batch, its mean", lambda t: t.sum(0).mean() + 0 * t[:, 0]),
    ("axis", "an axis of one is left", lambda t: t.sum(-1, keepdim=True)),
    ("reduction", "mean over the last axis", lambda t: t.mean(-1)),
    ("reduction", "mean over the batch too", lambda t: t.sum(-1).mean()),
    ("reduction", "divided by the batch size", lambda t: t.sum(-1) / len(t)),
    ("reduction", "the last coordinate left out", lambda t: t[:, :-1].sum(-1)),
    ("reduction", "the first coordinate alone", lambda t: t[:, 0]),
    ("reduction", "the largest term", lambda t: t.amax(-1)),
    (
        "reduction",
        "divided by the root of the size",
        lambda t: t.sum(-1) / t[0].numel() ** 0.5,
    ),
    (
        "reduction",
        "the median times the size",
        lambda t: t.median(-1).values * t[0].numel(),
    ),
)
MEAN: tuple[Row, ...] = (
    ("axis", "mean over the batch axis", lambda t: t.mean(0)),
    ("axis", "mean over the last axis", lambda t: t.mean(-1)),
    ("reduction", "sum", lambda t: t.sum()),
    (
        "reduction",
        "sum over the last axis, mean over the batch",
        lambda t: t.sum(-1).mean(),
    ),
    (
        "reduction",
        "mean over the last axis, sum over the batch",
        lambda t: t.mean(-1).sum(),
    ),
    ("reduction", "averaged over one less", lambda t: t.sum() / max(t.numel() - 1, 1)),
    ("reduction", "averaged over one more", lambda t: t.sum() / (t.numel() + 1)),
    ("reduction", "the first sample alone", lambda t: t[0].mean()),
    ("reduction", "without the last sample", lambda t: t[:-1].sum() / t.numel()),
    ("reduction", "the median", lambda t: t.median()),
)
SUM_MEAN: tuple[Row, ...] = (
    ("axis", "sum over the batch, mean over the last axis", lambda t: t.sum(0).mean()),
    ("axis", "sum over the last axis alone", lambda t: t.sum(-1)),
    ("reduction", "mean over everything", lambda t: t.mean()),
    ("reduction", "sum over everything", lambda t: t.sum()),
    ("reduction", "averaged over one less", lambda t: t.sum() / max(len(t) - 1, 1)),
    ("reduction", "averaged over one more", lambda t: t.sum() / (len(t) + 1)),
    ("reduction", "the first sample alone", lambda t: t[0].sum()),
    ("reduction", "the largest sample", lambda t: t.sum(-1).amax()),
)
NONE: tuple[Row, ...] = (
    ("axis", "samples in the other order", lambda t: t.flip(0)),
    ("axis", "coordinates in the other order", lambda t: t.flip(-1)),
    ("axis", "added up along the last axis", lambda t: t.cumsum(-1)),
    ("reduction", "divided by the last axis's size", lambda t: t / t[0].numel()),
    ("reduction", "divided by the batch size", lambda t: t / len(t)),
    ("reduction", "the mean in place of each term", lambda t: t.mean() + 0 * t),
    ("reduction", "summed", lambda t: t.sum(-1)),
)
WRONG = {"sum": SUM, "mean": MEAN, "sum_mean": SUM_MEAN, "none": NONE}
"""(class, words, what is made of the terms of a part), by the right reduction."""
