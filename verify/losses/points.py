"""Where losses are judged: batches of every shape and size of number.

A large coordinate hides an error of order 1 in a small one, so every vector has one
magnitude for each argument (see `magnitudes`): a sample, where the loss gives a number
for each sample, and the whole batch where it gives one in all. Beside these there are
batches of numbers that somebody may compare with, exactly; batches of every size up to
17 and some beyond, of moderate numbers; and two beyond the range of the dtype.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from verify.accuracy.formats import FORMATS, Format
from verify.accuracy.rounding import rounded
from verify.budget import Budget
from verify.losses.convention import Convention
from verify.losses.magnitudes import (
    INSIDE,
    TARGETS,
    Deck,
    exact_choices,
    exponents,
    in_word,
    is_real,
    kind_of,
)

SHAPES = ((1, 1), (3, 2), (1, 7), (5, 1), (2, 11), (11, 3), (4, 1), (1, 12), (9, 9))
"""(batch, size), each varied apart from the other."""
COVER = (
    *((4, 4), (6, 5), (7, 6), (8, 8), (10, 10), (12, 13), (13, 14), (14, 15)),
    *((15, 16), (16, 17), (17, 4), (33, 2), (2, 33), (130, 3)),
)
"""With SHAPES, every batch and every size up to 17; filled with moderate numbers."""
SMALL = ((1, 1), (3, 2), (5, 1), (2, 3), (4, 3), (9, 2))
SMALL_COVER = ((2, 4), (1, 6), (1, 9), (17, 1))
"""The same where the truth of a sample takes a matrix."""
MILD = 9.0  # magnitude of the exponents of a triangular factor
MODERATE = (6.0, 2500.0)  # logits and log-variances, and squares of means
SIMPLE = (0.0, 1.0, -1.0, 3.0, -3.0, 10.0, -10.0, 20.5, -20.5, 40.0, -40.0)
"""Logits and log-variances of a witness."""
ROWS, ROUNDS = 128, 4  # samples, or batches of each shape, with their own magnitudes
ALIKE, NEARLY = 0.2, (1e-12, 1e-8, 1e-5, 1e-3)
"""The shares of laws that are one, and nearly one; and how near they are."""
APART = 2.5
"""Times INSIDE: for two scales of float16, far enough that 1 - a/b is 1 in float32,
where it is computed; in the other dtypes that is inside the range."""
ALONE = 16  # batches of one exact number, where a batch has one result


@dataclass(frozen=True)
class Case:
    """What a loss is called with once.

    arrays  by word, shape (batch, size), float64, exact in the dtype, not writable
    beyond  whether a number is beyond INSIDE: what overflows there is no refutation
    """

    arrays: dict[str, np.ndarray]
    beyond: bool = False

    def __post_init__(self) -> None:
        for array in self.arrays.values():
            array.flags.writeable = False

    def reach(self, shape: tuple[int, ...]) -> np.ndarray:
        """How many powers of e a product of what stands there can have.

        shape  of a result, or of a derivative
        """
        whole = {w: np.abs(exponents(w, a)) for w, a in self.arrays.items()}
        alike = [r for r in whole.values() if r.shape == shape]
        if alike:
            return np.sum(alike, axis=0)
        if shape:
            fitting = [r for r in whole.values() if len(r) == shape[0]]
            rows = [r.reshape(len(r), -1).max(1, initial=0.0) for r in fitting]
            return np.sum(rows, axis=0).reshape(-1, *[1] * (len(shape) - 1))
        return np.array(sum(float(r.max(initial=0.0)) for r in whole.values()))


@cache
def cases(
    convention: Convention, dtype: str, seed: int, budget: Budget
) -> tuple[Case, ...]:
    """The batches that a convention is judged on; the same for the same arguments."""
    name = zlib.crc32(f"{convention} {dtype}".encode())
    rng = np.random.default_rng([seed, name])
    drawn = _Draw(convention, FORMATS[dtype], rng)
    whole = convention.reduction in ("mean", "sum_mean")
    found = drawn.of_one_size if whole else drawn.of_many_sizes
    return tuple(found(budget.factor))


def simple(convention: Convention, dtype: str) -> Iterator[Case]:
    """Batches of one number, the simplest first: where an error is easiest to see."""
    form = FORMATS[dtype]
    words = convention.inputs
    reals = [word for word in words if is_real(kind_of(word))]
    others = [word for word in words if word not in reals]
    if len(others) > 2:
        others = others[:2]
    for numbers in product(SIMPLE, repeat=max(len(others), 1)):
        if max(map(abs, numbers)) > INSIDE[dtype]:
            continue
        for mean in (0.0, 1.0):
            given = dict(zip(others, numbers, strict=False))
            arrays = {}
            for word in words:
                kind = kind_of(word)
                if word in reals:
                    value = rounded(np.full((1, 1), mean), form)
                else:
                    number = np.full((1, 1), given.get(word, 0.0))
                    value = in_word(kind, number, form)
                arrays[word] = value
            yield Case(arrays)


class _Draw:
    def __init__(
        self, convention: Convention, form: Format, rng: np.random.Generator
    ) -> None:
        self.convention, self.form, self.rng = convention, form, rng
        self.decks: dict[str, Deck] = {}
        self.turn = 0
        loss = convention.loss
        self.axes = {r: p.axis for p in loss.parts for r in p.roles}
        self.chances = "logits" in loss.words  # a target is one then
        self.separable = loss.separable
        self.shapes = SHAPES if loss.separable else SMALL

    def of_many_sizes(self, factor: int) -> Iterator[Case]:
        """Few batches, with a magnitude for each sample."""
        again = self.shapes[1]  # some remember what they returned for a shape
        found = [self.case(s, alike=False) for s in (*self.shapes, again) * factor]
        if self.separable:
            found = [self.case((ROWS * factor, 1), alike=False), *found]
            found.append(self.exact((ROWS // 2, 1)))
        return self.whole(found)

    def of_one_size(self, factor: int) -> Iterator[Case]:
        """More batches, with one magnitude each."""
        found = [self.case(shape) for shape in self.shapes * (ROUNDS * factor)]
        if self.separable:
            found += [self.exact((1, 1)) for _ in range(ALONE)]
        return self.whole(found)

    def whole(self, found: list[Case]) -> Iterator[Case]:
        """With batches of every size, and two beyond the range, or three."""
        yield from found
        if not self.separable:
            yield from (self.case(shape) for shape in SMALL_COVER)
            return
        yield from self.covering(found)
        yield self.case((2, 1), far=1.02)
        yield self.case((1, 2), far=1.3)
        ratio = {"sigma2", "variance2"} & set(self.convention.inputs)
        if ratio and self.form.name == "float16":
            yield self.case((4, 4), far=APART)

    def case(
        self, shape: tuple[int, int], *, alike: bool = True, far: float = 0.0
    ) -> Case:
        """One batch; `alike` if it has one magnitude, not one for each sample."""
        arrays = {}
        for word, whole in self.sizes(*shape).items():
            rows = 1 if alike else whole[0]
            arrays[word] = self.values(word, whole, rows, far)
        self.bring_together(arrays)
        return Case(arrays, far > 0)

    def bring_together(self, arrays: dict[str, np.ndarray]) -> None:
        """Of two laws, some samples of the second are the first, or nearly are."""
        pairs = [w for w in arrays if w.endswith("2") and f"{w[:-1]}1" in arrays]
        if not pairs or "tril2" in arrays:
            return
        batch = len(arrays[pairs[0]])
        chance = self.rng.uniform(size=(batch, 1))
        off = 1 + self.rng.choice(NEARLY, (batch, 1))
        for word in pairs:
            first = arrays[f"{word[:-1]}1"]
            with np.errstate(over="ignore"):
                near = np.minimum(first * off, self.form.largest)
            near = rounded(near, self.form)
            apart = np.where(chance < ALIKE, first, arrays[word])
            arrays[word] = np.where(chance > 1 - ALIKE, near, apart)

    def exact(self, shape: tuple[int, int]) -> Case:
        """One batch of numbers that somebody may compare with."""
        arrays = {}
        for word, whole in self.sizes(*shape).items():
            choices = exact_choices(kind_of(word), self.chances)
            arrays[word] = rounded(self.rng.choice(choices, whole), self.form)
        self.bring_together(arrays)
        return Case(arrays)

    def covering(self, found: list[Case]) -> Iterator[Case]:
        """Batches of further sizes, of what stands in others: their truth is known."""
        pools = {axis: self.pool(found, axis) for axis in self.axes.values()}
        for shape in COVER:
            sizes = self.sizes(*shape)
            arrays = {}
            chosen = {
                axis: self.rng.integers(len(next(iter(pool.values()))), size=whole)
                for axis, pool in pools.items()
                for whole in [next(sizes[w] for w in pool)]
            }
            for word in self.convention.inputs:
                axis = self.axes[self.convention.loss.roles[word]]
                arrays[word] = pools[axis][word][chosen[axis]]
            yield Case(arrays)

    def pool(self, found: list[Case], axis: str) -> dict[str, np.ndarray]:
        """By word of an axis, moderate numbers that belong together, (count,)."""
        roles = self.convention.loss.roles
        words = [w for w in self.convention.inputs if self.axes[roles[w]] == axis]
        columns = {
            w: np.concatenate([case.arrays[w].ravel() for case in found]) for w in words
        }
        kept = np.ones(len(columns[words[0]]), bool)
        for word, column in columns.items():
            limit = np.log(MODERATE[1]) if is_real(kind_of(word)) else MODERATE[0]
            kept &= np.abs(exponents(word, column)) <= limit
        return {word: column[kept] for word, column in columns.items()}

    def sizes(self, batch: int, size: int) -> dict[str, tuple[int, int]]:
        """The shape of each word: of the second axis another, every other time."""
        axes = list(dict.fromkeys(part.axis for part in self.convention.loss.parts))
        shapes = dict.fromkeys(axes, (batch, size))
        self.turn += 1
        for n, axis in enumerate(axes[1:], 1):
            other = SHAPES[(self.turn + n) % len(SHAPES)]
            if axis == "fake":
                shapes[axis] = other
            elif self.turn % 2:
                shapes[axis] = batch, other[1]
        roles = self.convention.loss.roles
        return {w: shapes[self.axes[roles[w]]] for w in self.convention.inputs}

    def values(
        self, word: str, shape: tuple[int, int], rows: int, far: float
    ) -> np.ndarray:
        """Numbers of the dtype that fit a word, in float64."""
        kind = kind_of(word)
        if kind == "tril":
            return rounded(self.factors(shape), self.form)
        if kind == "target" and self.chances:
            even = self.rng.uniform(size=shape)
            some = np.where(even < 0.5, self.rng.choice(TARGETS, shape), even)
            return rounded(some, self.form)
        real = is_real(kind)
        if far and not real:
            sign = self.rng.choice([-1.0, 1.0], shape)
            return in_word(kind, far * INSIDE[self.form.name] * sign, self.form)
        if word not in self.decks:
            self.decks[word] = Deck(real, self.form, self.rng)
        numbers = self.decks[word].numbers(rows, shape)
        return (
            rounded(numbers, self.form) if real else in_word(kind, numbers, self.form)
        )

    def factors(self, shape: tuple[int, int]) -> np.ndarray:
        """Lower triangles whose rows have the size of their diagonals."""
        exponents_ = self.rng.uniform(-MILD, MILD, shape)
        entries = np.tril(self.rng.uniform(-1.0, 1.0, (*shape, shape[1])), -1)
        return np.exp(exponents_ / 2)[..., None] * (entries + np.eye(shape[1]))
