"""Where losses are judged: batches of every shape and size of number.

A large coordinate hides an error of order 1 in a small one, so every vector has one
magnitude for each argument: a sample, where the loss gives a number for each sample,
and the whole batch where it gives one in all. The magnitudes run from 0 over the ends
of the dtype; exact 0, exact 1 and the numbers beside 1 are among them, and both signs.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from verify.accuracy.formats import FORMATS, Format
from verify.accuracy.rounding import rounded
from verify.budget import Budget
from verify.losses.convention import Convention

REAL = (0.0, 1.0, 1e-30, 1e-8, 1e-3, 0.1, 0.5, 2.0, 5.0, 30.0, 1e3, 1e6)
"""Magnitudes of means and data."""
EXPONENT = (
    *(0.0, 1.0, 1e-300, 4e-16, 4e-7, 1e-12, 1e-8, 1e-5, 1e-3, 0.03, 0.3, 0.7),
    *(2.0, 4.0, 7.0, 10.0, 14.0, 17.0, 21.0, 26.0, 33.0, 39.0, 46.0, 58.0, 70.0),
)
"""Magnitudes of logits and of log-variances."""
INSIDE = {"float64": 700.0, "float32": 80.0, "bfloat16": 80.0, "float16": 8.0}
"""How large a logit or a log-variance has to be taken, by dtype."""
SHAPES = ((1, 1), (3, 2), (1, 7), (5, 1), (2, 11), (11, 3), (4, 1), (1, 12), (9, 9))
"""(batch, size), each varied apart from the other."""
TARGETS = (0.0, 1.0, 0.5, 0.25, 1e-9, 1 - 2.0**-7)
ZEROS = 0.08  # how many means and data are exactly 0
SMALL = ((1, 1), (3, 2), (5, 1), (2, 3), (4, 3), (9, 2))
"""(batch, size) where the truth of a sample takes a matrix."""
MILD = 9.0  # magnitude of the exponents of a triangular factor
SIMPLE = (0.0, 1.0, -1.0, 3.0, -3.0, 10.0, -10.0, 20.0, -20.0, 40.0, -40.0)
"""Logits and log-variances of a witness."""
ROWS = 96  # samples that get magnitudes of their own


@dataclass(frozen=True)
class Case:
    """What a loss is called with once.

    arrays  by word, shape (batch, size), float64, exact in the dtype
    beyond  whether a number is beyond INSIDE: what overflows there is no refutation
    """

    arrays: dict[str, np.ndarray]
    beyond: bool = False

    def reach(self, word: str) -> np.ndarray:
        """How large a logit or log-variance there is beside each number of a word."""
        shape = self.arrays[word].shape
        found = np.zeros(shape)
        for other, array in self.arrays.items():
            if array.shape == shape:
                found = np.maximum(found, np.abs(exponents(other, array)))
        return found


def exponents(word: str, values: np.ndarray) -> np.ndarray:
    """What a number is as a logit or as a log-variance; 0 for a mean or a datum."""
    with np.errstate(divide="ignore"):
        match kind_of(word):
            case "sigma":
                return 2 * np.log(values)
            case "variance":
                return np.log(values)
            case "log_sigma":
                return 2 * values
            case "probabilities":
                return np.log(values) - np.log1p(-values)
            case "log_variance" | "logits":
                return values
    return np.zeros_like(values)


def kind_of(word: str) -> str:
    """The word without what tells two of a kind apart."""
    kind = word.removeprefix("decoder_").rstrip("12")
    return kind.removeprefix("real_").removeprefix("fake_")


@cache
def cases(
    convention: Convention, dtype: str, seed: int, budget: Budget
) -> tuple[Case, ...]:
    """The batches that a convention is judged on; the same for the same arguments."""
    name = zlib.crc32(f"{convention} {dtype}".encode())
    rng = np.random.default_rng([seed, name])
    drawn = _Draw(convention, FORMATS[dtype], rng)
    whole = convention.reduction in ("mean", "sum_mean")
    inside = drawn.of_one_size if whole else drawn.of_many_sizes
    return (*inside(budget.factor), *drawn.beyond())


def simple(convention: Convention, dtype: str) -> Iterator[Case]:
    """Batches of one number, the simplest first: where an error is easiest to see."""
    form = FORMATS[dtype]
    for number, mean, target in product(SIMPLE, (0.0, 1.0), (0.0, 1.0)):
        arrays = {}
        for word in convention.inputs:
            kind = kind_of(word)
            if kind in ("mu", "mean", "target"):
                value = np.full((1, 1), target if kind == "target" else mean)
            else:
                value = _in_word(kind, np.full((1, 1), number), form)
            arrays[word] = value
        yield Case(arrays)


class _Draw:
    def __init__(
        self, convention: Convention, form: Format, rng: np.random.Generator
    ) -> None:
        self.convention, self.form, self.rng = convention, form, rng
        self.decks: dict[str, list[float]] = {}
        self.turn = 0
        loss = convention.loss
        self.axes = {r: p.axis for p in loss.parts for r in p.roles}
        self.shapes = SHAPES if loss.separable else SMALL

    def of_many_sizes(self, factor: int) -> list[Case]:
        """Few batches, with a magnitude for each sample."""
        again = self.shapes[1]  # some remember what they returned for a shape
        shapes = (*self.shapes, again) * factor
        if self.convention.loss.separable:
            shapes = ((ROWS * factor, 1), *shapes)
        return [self.case(shape, alike=False) for shape in shapes]

    def of_one_size(self, factor: int) -> list[Case]:
        """More batches, with one magnitude each."""
        return [self.case(shape) for shape in self.shapes * (4 * factor)]

    def beyond(self) -> list[Case]:
        """Numbers so large that a step on the way overflows or underflows."""
        if not self.convention.loss.separable:
            return []
        return [self.case((2, 1), far=1.02), self.case((1, 2), far=1.3)]

    def case(
        self, shape: tuple[int, int], *, alike: bool = True, far: float = 0.0
    ) -> Case:
        """One batch; `alike` if it has one magnitude, not one for each sample."""
        arrays = {}
        batches, sizes = self.lengths(*shape)
        for word in self.convention.inputs:
            axis = self.axes[self.convention.loss.roles[word]]
            batch = batches[axis]
            rows = 1 if alike else batch
            arrays[word] = self.values(word, (batch, sizes[axis]), rows, far)
        self.turn += 1
        return Case(arrays, far > 0)

    def lengths(self, batch: int, size: int) -> tuple[dict[str, int], dict[str, int]]:
        """How many samples, and numbers in a sample, each axis has."""
        axes = list(dict.fromkeys(part.axis for part in self.convention.loss.parts))
        batches, sizes = dict.fromkeys(axes, batch), dict.fromkeys(axes, size)
        for n, axis in enumerate(axes[1:], 1):  # the second axis has others
            other = SHAPES[(self.turn + n) % len(SHAPES)]
            sizes[axis] = other[1]
            if axis == "fake":
                batches[axis] = other[0]
        return batches, sizes

    def values(
        self, word: str, shape: tuple[int, int], rows: int, far: float
    ) -> np.ndarray:
        """Numbers of the dtype that fit a word, in float64."""
        kind = kind_of(word)
        sign = self.rng.choice([-1.0, 1.0], shape)
        spread = self.rng.uniform(0.5, 1.0, shape) * sign
        if kind == "target" and "logits" in self.convention.loss.words:
            return rounded(self.rng.choice(TARGETS, shape), self.form)
        if kind in ("mu", "mean", "target"):
            values = self.magnitudes(word, REAL, rows) * spread
            zero = self.rng.uniform(size=shape) < ZEROS
            return rounded(np.where(zero, 0.0, values), self.form)
        if kind == "tril":
            return rounded(self.factors(shape), self.form)
        if far:
            return _in_word(kind, far * INSIDE[self.form.name] * sign, self.form)
        return _in_word(kind, self.magnitudes(word, EXPONENT, rows) * spread, self.form)

    def factors(self, shape: tuple[int, int]) -> np.ndarray:
        """Lower triangles whose rows have the size of their diagonals."""
        exponents = self.rng.uniform(-MILD, MILD, shape)
        entries = np.tril(self.rng.uniform(-1.0, 1.0, (*shape, shape[1])), -1)
        ones = np.eye(shape[1])
        return np.exp(exponents / 2)[..., None] * (entries + ones)

    def magnitudes(self, word: str, among: Sequence[float], rows: int) -> np.ndarray:
        """One for each row, shape (rows, 1): every one comes before one comes again."""
        return np.array([self._dealt(word, among) for _ in range(rows)])[:, None]

    def _dealt(self, word: str, among: Sequence[float]) -> float:
        deck = self.decks.setdefault(word, [])
        if not deck:
            most = INSIDE[self.form.name]
            if among is REAL:  # its square has to be finite
                most = self.form.largest**0.5 / len(SHAPES)
            fitting = [m for m in among if m <= most]
            deck += [fitting[n] for n in self.rng.permutation(len(fitting))]
        return deck.pop()


def _in_word(kind: str, exponent: np.ndarray, form: Format) -> np.ndarray:
    """A logit or a log-variance in the measure of a word, inside its domain."""
    least, most = 2.0**form.lowest, form.largest
    with np.errstate(over="ignore", under="ignore"):
        match kind:
            case "log_sigma":
                values = exponent / 2
            case "variance":
                values = np.clip(np.exp(exponent), least, most)
            case "sigma":
                values = np.clip(np.exp(exponent / 2), least, most)
            case "probabilities":
                below_one = 1 - 2.0**-form.digits
                values = np.clip(1 / (1 + np.exp(-exponent)), least, below_one)
            case _:
                values = exponent
    return rounded(values, form)
