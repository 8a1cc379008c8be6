"""The sheets of a convention: at points, and behind networks."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from verify.accuracy.formats import FORMATS
from verify.autograd import networks, noise, points
from verify.autograd.definitions import DRAWN
from verify.autograd.sheet import Arrays, Batch, Cut, Sheet
from verify.budget import Budget
from verify.losses.call import shapes
from verify.losses.convention import Convention

BATCHES = ((1, 1), (5, 3), (11, 2), (2, 9), (1, 12), (6, 1))
"""(batch, size) at points."""
MATRICES = ((3, 2), (2, 3), (1, 1))
"""The same where some arguments are matrices."""
BEHIND = (((4, 1), -8.0), ((2, 3), 0.0), ((3, 2), 8.0))
"""(batch, size) behind networks, and where the logits lie."""
LINE = (3, 4)
"""(batch, size) on a line."""


@cache
def sheets(
    convention: Convention, dtype: str, seed: int, budget: Budget
) -> tuple[Sheet, ...]:
    """All that a convention is looked at on; the same for the same arguments."""
    name = zlib.crc32(f"{convention} {dtype}".encode())
    draw = _Draw(convention, dtype, np.random.default_rng([seed, name]))
    if not convention.loss.separable:
        batches = MATRICES * budget.factor
        return tuple(draw.at_points([batch]) for batch in batches)
    found = [draw.at_points(BATCHES * budget.factor)]
    if all(role.endswith("logits") for role in convention.loss.words):
        found.append(draw.behind(BEHIND * budget.factor))
    return tuple(found)


@cache
def line(convention: Convention, dtype: str, seed: int) -> tuple[Sheet, ...]:
    """A line for `verify.autograd.taylor`: its first batch, and its last, are the ends.

    The direction leads from one to the other. All numbers have so few digits that the
    direction can be halved down to the square root of the roundoff, and added, exactly.
    """
    name = zlib.crc32(f"line of {convention} {dtype}".encode())
    return _Draw(convention, dtype, np.random.default_rng([seed, name])).line()


class _Draw:
    def __init__(
        self, convention: Convention, dtype: str, rng: np.random.Generator
    ) -> None:
        self.convention, self.dtype, self.rng = convention, dtype, rng
        self.form = FORMATS[dtype]

    def at_points(self, wanted: Sequence[tuple[int, int]]) -> Sheet:
        """Batches of these shapes, on one sheet."""
        given = [
            points.arrays(self.convention, *shape, turn, self.form, self.rng)
            for turn, shape in enumerate(wanted)
        ]
        return self.sheet(given, [self.weights(arrays) for arrays in given])

    def line(self) -> tuple[Sheet, ...]:
        """Both ends of a line, on one sheet, or on two where they are matrices."""
        loss = self.convention.loss
        shape = LINE if loss.separable else MATRICES[0]
        drawn = points.arrays(self.convention, *shape, 0, self.form, self.rng)
        start = {word: points.coarse(word, a) for word, a in drawn.items()}
        move = {word: points.step(a, self.rng) for word, a in start.items()}
        move = {w: np.tril(m) if w.startswith("tril") else m for w, m in move.items()}
        end = {word: a + move[word] for word, a in start.items()}
        weights = self.weights(start)
        if loss.separable:
            both = self.sheet([start, end], [weights, weights])
            twice = {w: np.concatenate([m, m]).ravel() for w, m in move.items()}
            return (replace(both, direction=twice),)
        ends = (self.sheet([arrays], [weights]) for arrays in (start, end))
        return tuple(replace(sheet, direction=move) for sheet in ends)

    def sheet(
        self,
        given: Sequence[Arrays],
        weights: Sequence[tuple[np.ndarray, ...]],
    ) -> Sheet:
        """The batches in strips; where a loss takes matrices, the only batch."""
        whole = not self.convention.loss.separable
        ends = dict.fromkeys(self.convention.inputs, 0)
        batches = []
        for arrays, weight in zip(given, weights, strict=True):
            cuts = {}
            for word, array in arrays.items():
                start, ends[word] = ends[word], ends[word] + array.size
                cuts[word] = Cut(
                    ... if whole else slice(start, ends[word]), array.shape
                )
            batches.append(Batch(cuts, weight))
        leaves = {
            word: given[0][word]
            if whole
            else np.concatenate([arrays[word].ravel() for arrays in given])
            for word in self.convention.inputs
        }
        constants = self._noise(leaves)
        direction = {w: points.dyadic(a.shape, self.rng) for w, a in leaves.items()}
        for word in direction:
            if word.startswith("tril"):  # nothing is above the diagonal
                direction[word] = np.tril(direction[word])
        return Sheet(
            self.convention, self.dtype, leaves, tuple(batches), direction, constants
        )

    def behind(self, wanted: tuple[tuple[tuple[int, int], float], ...]) -> Sheet:
        """Batches of these shapes, each behind networks of its own."""
        words = self.convention.inputs
        each = [points.shapes(self.convention, *shape) for shape, _ in wanted]
        samples = max(b * s for shape in each for b, s in shape.values())
        batches = []
        for number, shape in enumerate(each):
            cuts = {
                w: Cut(slice(samples * number, samples * number + b * s), (b, s))
                for w, (b, s) in shape.items()
            }
            arrays = {w: np.zeros(shape[w]) for w in words}
            batches.append(Batch(cuts, self.weights(arrays)))
        leaves = networks.drawn([middle for _, middle in wanted], self.rng)
        direction = {w: points.dyadic(a.shape, self.rng) for w, a in leaves.items()}
        inputs = networks.inputs(words, len(wanted), samples, self.rng)
        return Sheet(
            *(self.convention, self.dtype, leaves, tuple(batches), direction, inputs),
            network=True,
        )

    def _noise(self, leaves: Arrays) -> dict[str, np.ndarray]:
        for part in self.convention.loss.parts:
            if part.name in DRAWN:
                shape = leaves[self.convention.word(part.roles[0])].shape
                if part.name == "multivariate":
                    drawn, fewest = noise.whitened(shape[-1], self.rng), noise.axes
                    return {"noise": drawn, "nodes": fewest(shape[-1])}
                drawn = noise.standardised(shape, self.rng)
                return {"noise": drawn, "nodes": noise.nodes(shape)}
        return {}

    def weights(self, arrays: Arrays) -> tuple[np.ndarray, ...]:
        """One for each result."""
        wanted = shapes(self.convention, arrays)
        return tuple(points.dyadic(shape, self.rng) for shape in wanted)
