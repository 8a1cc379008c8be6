"""What Hypothesis draws for the property tests: every strategy, and no others.

Large coordinates hide errors of order 1 in small ones. So every vector has one
magnitude, drawn on its own from the ordinary, the whole range and its two ends; beside
it stand exact 0, exact 1, numbers next to 1, and both signs. The batch and the size
of a vector vary separately, 1 and more than 8 among them. Every number is one of the
drawn dtype.

An array is one draw of bytes: it is fast, and shrinks towards 0, or 1 where 0 is no
argument. The file is long because no strategy stands anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log2

import numpy as np
from hypothesis import strategies as st

from verify.accuracy.formats import FORMATS, Format
from verify.losses.convention import Convention

WIDE = 0.49  # of the exponents: squares stay finite
PAIRED = 0.11  # the square of a difference beside a scale, too
MIXED = 0.24  # a slope by a difference, too
FAR = 16.0  # how many times as many exponents a real number takes below 1 as above
WORD = np.uint32
SHOWN = 64  # numbers of an array that a report shows
DIGITS = np.uint64(0x9E3779B97F4A7C15)  # makes a word's bits reach every digit


@dataclass(frozen=True)
class Domain:
    """Which numbers an argument takes: `least` <= abs(x) <= `most`, or 0 if it is real.

    kind  real, positive, or unit: from 0 to 1
    """

    kind: str
    least: float
    most: float

    @property
    def neutral(self) -> float:
        """What an array shrinks to."""
        return 1.0 if self.kind == "positive" else 0.0


@dataclass(frozen=True, repr=False)
class Drawn:
    """Arguments of a loss: float64 arrays by word, whose numbers the format has."""

    form: Format
    arrays: dict[str, np.ndarray]

    def __repr__(self) -> str:
        """What an example is pinned with, if it is small."""
        with np.printoptions(threshold=SHOWN, floatmode="unique"):
            listed = (
                f"{w}={np.array2string(a, separator=', ')}"
                for w, a in self.arrays.items()
            )
            return f"drawn_from({self.form.name!r}, {', '.join(listed)})"

    def _repr_pretty_(self, printer: object, cycle: bool) -> None:
        printer.text(repr(self))

    @property
    def given(self) -> list[np.ndarray]:
        """In the dtype, in the order of the words."""
        return [a.astype(self.form.name) for a in self.arrays.values()]

    @property
    def exact(self) -> list[np.ndarray]:
        """The same numbers in float64."""
        return [*self.arrays.values()]


def domain(word: str, form: Format, reach: float, loss: str) -> Domain:
    """The numbers of a word: means up to 2^reach, deviations from its inverse on."""
    stem = word.removeprefix("decoder_").rstrip("12")
    normal = 2.0 ** max(form.lowest, -FAR * reach)
    match stem:
        case "sigma":
            return Domain("positive", 2.0**-reach, 2.0**reach)
        case "variance":
            return Domain("positive", 4.0**-reach, 4.0**reach)
        case "log_sigma":
            return Domain("real", normal, reach * log(2))
        case "log_variance":
            return Domain("real", normal, 2 * reach * log(2))
        case "target" if loss.startswith("bernoulli"):
            return Domain("unit", normal, 1.0)
    return Domain("real", normal, 2.0**reach)


def spread(words: np.ndarray) -> np.ndarray:
    """Numbers in [0, 1) with all 53 digits, from bits of a word; 0 from 0."""
    return ((words.astype(np.uint64) * DIGITS) >> np.uint64(11)) / 2.0**53


def exponents(words: np.ndarray, of: Domain) -> np.ndarray:
    """Of each vector: half of them ordinary, a quarter anywhere, a quarter an end."""
    least, most = log2(of.least), log2(of.most)
    part = spread(words >> WORD(3))
    ordinary = np.clip(np.floor(part * 8) % 8 - 4 * (part > 0), least, most)
    anywhere = least + part * (most - least)
    ends = np.where(part < 0.5, least, most)
    kind = words & WORD(3)
    return np.select([kind <= 1, kind == 2], [ordinary, anywhere], ends)


def numbers(
    words: np.ndarray, size: np.ndarray, quiet: np.ndarray, of: Domain, form: Format
) -> np.ndarray:
    """One for each word, of its vector's size; a word of 0 is the neutral one.

    One in eight is exact 0 (or 1), one exact 1 or -1, one next to 1, and five have the
    size. In a quiet sample half are neutral, and half next to it.
    """
    sign = np.where(words & WORD(8), -1.0, 1.0)
    part = spread(words >> WORD(4))
    near = 1 + sign * 2.0 ** -(1 + np.floor(part * form.digits))
    signed = sign if of.kind == "real" else np.ones_like(sign)
    with np.errstate(under="ignore"):
        large = np.clip((1 + part) * size, of.least, of.most)
    kind = words & WORD(7)
    special = [np.full_like(sign, of.neutral), signed, near]
    found = np.select([kind == 0, kind == 1, kind == 2], special, signed * large)
    beside = np.where(kind < 4, of.neutral, of.neutral + near - 1)
    found = np.where(quiet, beside, found)
    if of.kind == "unit":
        found = np.clip(found, 0.0, 1.0)
    return held(found, form)


def held(array: np.ndarray, form: Format) -> np.ndarray:
    """The nearest numbers of the format, in float64."""
    return array.astype(form.name).astype(np.float64)


def vectors(
    of: Domain, form: Format, quiet: np.ndarray, size: int
) -> st.SearchStrategy[np.ndarray]:
    """Shape (batch, size): each row with one magnitude, and some of them quiet."""
    batch = len(quiet)
    count = 4 * batch * (1 + size)

    def decoded(drawn: bytes) -> np.ndarray:
        words = np.frombuffer(drawn, WORD).reshape(batch, 1 + size)
        largest = 2.0 ** exponents(words[:, :1], of)
        return numbers(words[:, 1:], largest, quiet[:, None], of, form)

    return st.binary(min_size=count, max_size=count).map(decoded)


def quiets(batch: int) -> st.SearchStrategy[np.ndarray]:
    """Which samples lie next to where a loss is simplest: a quarter of them."""
    flags = st.binary(min_size=batch, max_size=batch)
    return flags.map(lambda drawn: np.frombuffer(drawn, np.uint8) % 4 == 3)


sizes = st.one_of(st.just(1), st.integers(2, 4), st.integers(9, 12))
formats = st.sampled_from(("float64", "float32")).map(FORMATS.__getitem__)
shapes = st.tuples(sizes, sizes, sizes)
"""A batch, and the size of a vector on each of at most two axes."""
double = st.just(FORMATS["float64"])
beside = st.one_of(st.none(), st.just(0.0), st.integers(2, 50).map(lambda j: 2.0**-j))
"""How far the second law lies from the first, and a target from its mean.

None where they are apart, and else a share of the number."""


@st.composite
def arguments(
    draw: st.DrawFn,
    convention: Convention,
    *,
    share: float = WIDE,
    reach: float = np.inf,
    forms: st.SearchStrategy[Format] = formats,
    shape: tuple[int, ...] | None = None,
) -> Drawn:
    """Arguments of a loss, in its convention.

    share  of the exponents on either side of 1 that means and deviations take
    reach  an exponent that they do not exceed
    shape  (batch, size, ...), a size for each axis; None draws them
    """
    form = draw(forms)
    batch, *lengths = shape or draw(shapes)
    quiet, means, scales = draw(quiets(batch)), draw(beside), draw(beside)
    arrays: dict[str, np.ndarray] = {}
    loss = convention.loss
    axes = [part.axis for part in loss.parts]
    of_role = {r: part.axis for part in loss.parts for r in part.roles}
    for word in convention.inputs:
        size = lengths[axes.index(of_role[loss.roles[word]])]
        of = domain(word, form, min(share * form.highest, reach), loss.name)
        made = draw(vectors(of, form, quiet, size))
        other = "mean" if word == "target" else f"{word[:-1]}1"
        away = means if word[0] in "mt" else scales
        if other in arrays and other != word and away is not None:
            made = held(arrays[other] * (1 + away), form)
        arrays[word] = made
    return Drawn(form, arrays)


@st.composite
def shuffled(
    draw: st.DrawFn, convention: Convention, **chosen: object
) -> tuple[Drawn, list[int]]:
    """Arguments of vectors of one size, and a permutation of their coordinates."""
    size = draw(sizes)
    drawn = draw(arguments(convention, shape=(draw(sizes), size), **chosen))
    return drawn, draw(st.permutations(range(size)))


@st.composite
def two(
    draw: st.DrawFn, convention: Convention, **chosen: object
) -> tuple[Drawn, Drawn]:
    """Two sets of arguments of one shape and one format; half of the pairs are near."""
    form, shape = draw(formats), draw(shapes)
    both = arguments(convention, shape=shape, forms=st.just(form), **chosen)
    one, other = draw(both), draw(both)
    part = draw(st.sampled_from((1.0, 0.0))) or 2.0 ** -draw(st.integers(1, 24))
    between = {  # a share of the way from one to the other; no number leaves its domain
        word: held(a + part * (other.arrays[word] - a), form)
        for word, a in one.arrays.items()
    }
    return one, other if part == 1.0 else Drawn(form, between)


def several(
    convention: Convention, count: int, **chosen: object
) -> st.SearchStrategy[tuple[Drawn, ...]]:
    """That many sets of arguments, of one format and of different shapes."""

    def of(form: Format) -> st.SearchStrategy[tuple[Drawn, ...]]:
        one = arguments(convention, forms=st.just(form), **chosen)
        return st.tuples(*[one] * count)

    return formats.flatmap(of)


def drawn_from(form: str = "float64", **arrays: object) -> Drawn:
    """An example to pin, from its numbers."""
    return Drawn(
        FORMATS[form], {w: np.asarray(a, np.float64) for w, a in arrays.items()}
    )


@st.composite
def samples(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How often each of some points is real, how often generated; and any logits."""
    count = draw(st.integers(1, 5))
    often = st.lists(st.integers(1, 9), min_size=count, max_size=count)
    real, fake = np.array(draw(often)), np.array(draw(often))
    logits = vectors(
        Domain("real", 2.0**-9, 64.0), FORMATS["float64"], np.zeros(1, bool), count
    )
    return real, fake, draw(logits)[0]


@st.composite
def factors(draw: st.DrawFn, most: int = 12) -> Drawn:
    """Two laws: means (batch, k), Cholesky factors (batch, k, k), in whole eighths.

    The numbers are so short that products of two of them are exact.
    """
    batch, size = (min(draw(sizes), most) for _ in range(2))
    count = 2 * batch * size * (1 + size)
    drawn = draw(st.binary(min_size=count, max_size=count))
    found = np.frombuffer(drawn, np.int8).astype(np.float64).reshape(2, batch, -1) / 8
    square = found[..., size:].reshape(2, batch, size, size)
    lower = np.tril(square, -1) / 64 + np.eye(size) * (1 + np.abs(square) / 4)
    means = found[..., :size]
    laws = {"mu1": means[0], "tril1": lower[0], "mu2": means[1], "tril2": lower[1]}
    return Drawn(FORMATS["float64"], laws)


@st.composite
def laws(draw: st.DrawFn, convention: Convention) -> tuple[Format, list[dict]]:
    """For each part of a loss parameters by name, shape (columns,): where to sample.

    Of logits the slope and offset in a normal draw; of a Gaussian decoder its mean and
    deviation, and those of the target; of a divergence mean and deviation.
    """
    form, found = draw(formats), []
    quiet = draw(quiets(1))
    for part in convention.loss.parts:
        count = draw(sizes)

        def column(kind: str, reach: float, count: int = count) -> np.ndarray:
            of = Domain(kind, 2.0**-reach, 2.0**reach)
            return draw(vectors(of, form, quiet, count))[0]

        match part.name:
            case "gaussian_kl":
                given = {"mu": column("real", 3.0), "scale": column("positive", 3.0)}
            case "gaussian_nll":
                scale = column("positive", 3.0)
                given = {"mean": scale * column("real", 1.0), "scale": scale}
                given |= {"centre": scale * column("real", 1.0)}
                given |= {"width": scale * column("positive", 1.0)}
            case _:
                given = {"slope": column("real", 1.5), "offset": column("real", 2.5)}
                if part.name == "bernoulli_nll":
                    given["target"] = column("unit", 3.0)
        found.append({name: held(a, form) for name, a in given.items()})
    return form, found
