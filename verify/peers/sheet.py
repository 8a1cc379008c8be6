"""What the peers say of a convention: computed once, for every candidate of it.

Each peer computes the terms at all points at once, in float64, whatever the dtype of
the points; what they return is put together as the convention says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from verify.accuracy.formats import FORMATS, Format
from verify.budget import Budget
from verify.losses.call import Weights, shapes
from verify.losses.convention import Convention
from verify.losses.loss import Part
from verify.losses.points import Case, cases
from verify.peers.known import excused
from verify.peers.magnitudes import ALONE, magnitudes
from verify.peers.measures import unowned
from verify.peers.natural import natural
from verify.peers.regions import usual
from verify.peers.table import peers
from verify.peers.testimony import testimony

ASKED = "float64"
ROUNDOFFS = 8.0
"""Of what is added up: how many a right callable may have, and how many a peer may."""
HEADROOM = 4.0  # a step on the way is at most so many times the summands' sizes
WEIGHTS = np.array([0.5, 1.0, 2.0])  # they multiply exactly, and tell samples apart


@dataclass(frozen=True)
class Said:
    """Numbers that one witness gives, with what rounding allows; nan where silent."""

    numbers: np.ndarray
    allowed: np.ndarray


@dataclass(frozen=True)
class Batch:
    """A call, and what each witness says of its results and slopes.

    value   for each result that the convention promises, one Said for each witness
    slopes  by word, the same
    """

    case: Case
    weights: Weights
    value: tuple[list[Said], ...]
    slopes: dict[str, list[Said]]


def peer_words(convention: Convention, part: Part) -> tuple[str, ...]:
    """The words of a part, as the loss of this part alone has them."""
    return tuple(unowned(convention.word(role)) for role in part.roles)


@cache
def batches(
    convention: Convention, dtype: str, seed: int, budget: Budget
) -> tuple[Batch, ...]:
    """Every call within the range, with what the peers say."""
    calls = [c for c in cases(convention, dtype, seed, budget) if not c.beyond]
    rng = np.random.default_rng([seed, len(calls)])
    form = FORMATS[dtype]
    parts = [_asked(convention, part, calls) for part in convention.loss.parts]
    found = []
    for n, case in enumerate(calls):
        wanted = shapes(convention, case.arrays)
        weights = Weights(tuple(rng.choice(WEIGHTS, shape) for shape in wanted))
        of_parts = [_split(part, calls, n) for part in parts]
        with np.errstate(over="ignore"):  # of sizes: nothing is asked for there
            found.append(_batch(convention, form, case, weights, of_parts))
    return tuple(found)


@dataclass(frozen=True)
class Asked:
    """A part at the points of all calls: what witnesses say, and the sizes.

    words    the convention's, in the order of the part's roles
    columns  for each witness, by "" the value and by word the slope in it; nan where it
             is known to be wrong
    sizes    of the same, see `magnitudes`
    """

    words: tuple[str, ...]
    columns: list[dict[str, np.ndarray]]
    sizes: dict[str, np.ndarray]


def _asked(convention: Convention, part: Part, calls: Sequence[Case]) -> Asked:
    words = tuple(convention.word(role) for role in part.roles)
    given = [np.concatenate([c.arrays[w].ravel() for c in calls]) for w in words]
    loss, sign = ALONE[part.name]
    alone = peer_words(convention, part)
    named = dict(zip(("", *alone), ("", *words), strict=True))
    at = natural(part, words, given)
    beyond = ~usual(words, given)
    columns = []
    for peer in peers(loss, alone):
        heard = testimony(peer.candidate, given)
        said = {}
        for quantity, numbers in heard.found.items():
            wrong = beyond | excused(peer.name, loss, ASKED, quantity, at)
            said[named[quantity]] = np.where(wrong, np.nan, numbers * sign * part.sign)
        columns.append(said)
    sizes = magnitudes(part, alone, given)
    return Asked(words, columns, {named[q]: s for q, s in sizes.items()})


def _split(part: Asked, calls: Sequence[Case], n: int) -> Asked:
    """The same of one call, in its shape."""
    before = sum(c.arrays[part.words[0]].size for c in calls[:n])
    shape = calls[n].arrays[part.words[0]].shape
    place = slice(before, before + int(np.prod(shape)))

    def one(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {q: a[place].reshape(shape) for q, a in arrays.items()}

    return Asked(part.words, [one(c) for c in part.columns], one(part.sizes))


def _batch(
    convention: Convention,
    form: Format,
    case: Case,
    weights: Weights,
    parts: Sequence[Asked],
) -> Batch:
    slopes: dict[str, list[Said]] = {}
    for number, part in enumerate(parts):
        weight = weights.value[number if convention.reduction == "none" else 0]
        factor = weight[:, None] if convention.reduction == "sum" else weight
        factor = factor / _count(convention.reduction, part.sizes[""].shape)
        for word in part.words:
            sizes = part.sizes[word] * np.abs(factor)
            said = [c[word] * factor for c in part.columns if word in c]
            slopes[word] = [_said(form, s, sizes, 1) for s in said]
    if convention.reduction == "none":
        value = tuple(
            [_said(form, c[""], p.sizes[""], 1) for c in p.columns if "" in c]
            for p in parts
        )
    else:
        value = (_sums(convention, form, parts),)
    return Batch(case, weights, value, slopes)


def _count(reduction: str, shape: tuple[int, ...]) -> int:
    """What a mean divides by."""
    return {"mean": shape[0] * shape[1], "sum_mean": shape[0]}.get(reduction, 1)


def _sums(convention: Convention, form: Format, parts: Sequence[Asked]) -> list[Said]:
    """The n-th witness of each part together, as often as one part has another."""
    if not all(part.columns for part in parts):
        return []
    along = -1 if convention.reduction == "sum" else None
    found = []
    for n in range(max(len(part.columns) for part in parts)):
        numbers: np.ndarray | float = 0.0
        sizes: np.ndarray | float = 0.0
        for part in parts:
            count = _count(convention.reduction, part.sizes[""].shape)
            column = part.columns[n % len(part.columns)][""]
            numbers = numbers + column.sum(along) / count
            sizes = sizes + part.sizes[""].sum(along) / count
        added = sum(part.sizes[""].size for part in parts)
        found.append(_said(form, np.asarray(numbers), np.asarray(sizes), added))
    return found


def _said(form: Format, numbers: np.ndarray, sizes: np.ndarray, added: int) -> Said:
    """With the roundings of a candidate, of the peer, and of `added` summands.

    A sum of n terms has at most n - 1 roundoffs of the sum of their sizes (Higham,
    2002, section 4.2).
    """
    theirs = (ROUNDOFFS + added) * 2.0 ** -FORMATS[ASKED].digits
    one = (ROUNDOFFS + added - 1) * 2.0**-form.digits
    allowed = (one + theirs) * sizes + 2.0**form.lowest
    spoken = np.isfinite(numbers) & (sizes <= form.largest / HEADROOM)
    return Said(np.where(spoken, numbers, np.nan), allowed)
