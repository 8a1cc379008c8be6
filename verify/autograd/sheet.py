"""Many batches of one definition, differentiated at once.

A program of small tensors costs what its operations cost, however long the tensors are.
So the coordinates of all batches stand in one strip for each argument; the terms are
computed on strips, cut into the batches, and reduced as the convention says.

The leaves, in which everything is differentiated, are the strips themselves or, behind
networks, the weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import EllipsisType
from typing import Any

import numpy as np

from verify.autograd import networks
from verify.autograd.definitions import Numbers, Program, reduced, terms
from verify.losses.convention import Convention

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Cut:
    """Where a batch stands on a strip, and its shape."""

    place: slice | EllipsisType
    shape: tuple[int, ...]

    def of(self, strip: Any) -> Any:
        """The batch, of any kind of number."""
        return strip[self.place].reshape(self.shape)


@dataclass(frozen=True, eq=False)
class Batch:
    """What a callable is called with once.

    cuts     by word
    weights  one for each result: what is differentiated is the weighted sum
    """

    cuts: Mapping[str, Cut]
    weights: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Sheet:
    """One definition on many batches, with the direction it is differentiated in.

    leaves     by name, float64; arguments are exact in the candidate's dtype
    batches    what the strips are cut into
    direction  by leaf: in which slopes are differentiated again, and forward mode goes
    constants  by name, what is not differentiated in: a network's inputs; "noise", and
               "nodes", the fewest draws that have the same moments
    network    whether the leaves are weights of networks
    """

    convention: Convention
    dtype: str
    leaves: Arrays
    batches: tuple[Batch, ...]
    direction: Arrays
    constants: Arrays = field(default_factory=dict)
    network: bool = False

    @property
    def weights(self) -> tuple[np.ndarray, ...]:
        """Of all results, batch after batch."""
        return tuple(w for batch in self.batches for w in batch.weights)

    def strips(self, leaves: Numbers, constants: Numbers) -> Numbers:
        """By word, the arguments of all batches."""
        if self.network:
            return networks.logits(leaves, constants)
        return leaves

    def results(
        self,
        strips: Numbers,
        noise: Any = None,
        written: Mapping[str, Program] | None = None,
    ) -> tuple[Any, ...]:
        """What a callable has to return, batch after batch; see `definitions.terms`."""
        whole = terms(self.convention, strips, noise, written)
        found: list[Any] = []
        for batch in self.batches:
            found += reduced(self.convention, self._cut(batch, whole))
        return tuple(found)

    def _cut(self, batch: Batch, whole: Sequence[Any]) -> Sequence[Any]:
        loss = self.convention.loss
        if not loss.separable:
            return whole
        words = [self.convention.word(part.roles[0]) for part in loss.parts]
        return [batch.cuts[w].of(t) for w, t in zip(words, whole, strict=True)]

    @cached_property
    def given(self) -> tuple[dict[str, np.ndarray], ...]:
        """The arguments of each batch, where they are the leaves."""
        return self._each(self.leaves)

    @cached_property
    def directions(self) -> tuple[dict[str, np.ndarray], ...]:
        """The directions of each batch, in the same way."""
        return self._each(self.direction)

    def _each(self, strips: Arrays) -> tuple[dict[str, np.ndarray], ...]:
        return tuple(
            {word: batch.cuts[word].of(a) for word, a in strips.items()}
            for batch in self.batches
        )

    def joined(self, word: str, found: Sequence[np.ndarray]) -> np.ndarray:
        """One array for each batch, put together as the leaf of that name is."""
        return np.concatenate([a.ravel() for a in found]).reshape(
            self.leaves[word].shape
        )

    def beside(self, word: str, place: int) -> dict[str, float]:
        """The arguments of the term to which a number of a strip belongs, by word."""
        loss = self.convention.loss
        if self.network or not loss.separable:
            return {}
        role = loss.roles[word]
        part = next(part for part in loss.parts if role in part.roles)
        words = [self.convention.word(r) for r in part.roles]
        return {w: float(self.leaves[w].ravel()[place]) for w in words}
