"""Standard normal draws, in blocks that any process can make by their number.

Under a stratified design each coordinate meets every one of S equally likely intervals
of the line once in a round, in an order of its own (a Latin hypercube): each draw still
has the law N(0, I), a mean of one coordinate's function is far steadier.

Source: McKay, Beckman and Conover, "A Comparison of Three Methods for Selecting Values
of Input Variables", 1979; Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3",
2011 (Philox).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

COLUMNS = 12  # independent coordinates of a draw
BLOCK = 2**13
STRATA = 2**20  # at most; more draws are more rounds
DIGITS = 52  # of a uniform number, which is the middle of its interval


@dataclass(frozen=True)
class Design:
    """How many draws there are, and over how many strata each coordinate goes.

    draws   a multiple of `strata`, and of the block
    strata  a power of two; 1: the draws are independent
    """

    draws: int
    strata: int = 1

    def __post_init__(self) -> None:
        if self.draws < 1 or self.draws % self.strata or self.draws % self.block:
            raise ValueError(
                f"draws is {self.draws}, need a multiple of {self.strata} strata and "
                f"of a block of {self.block}"
            )

    @property
    def rounds(self) -> int:
        """How many draws each stratum has."""
        return self.draws // self.strata

    @property
    def block(self) -> int:
        """The draws that are made at once."""
        return min(BLOCK, self.draws if self.strata == 1 else self.strata)

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return self.draws // self.block


def stratified(draws: int) -> Design:
    """At least so many draws, each in a stratum of its own up to 2^20 strata."""
    strata = min(STRATA, 1 << max(draws - 1, 0).bit_length())
    return Design(-(-draws // strata) * strata, strata)


def independent(draws: int) -> Design:
    """At least so many independent draws."""
    size = min(BLOCK, draws)
    return Design(-(-draws // size) * size)


@lru_cache(maxsize=32)
def normals(design: Design, seed: int, stream: int, block: int) -> np.ndarray:
    """The draws of one block, shape (design.block, 12), float64, read-only.

    The same numbers in every process, framework and on every device.

    stream  which of several independent sequences of one seed, >= 0
    block   its number, from 0
    """
    size = design.block
    inside = _generator(seed, stream, 1, block).integers(
        0, 1 << DIGITS, (size, COLUMNS), dtype=np.int64
    )
    positions = np.ldexp(inside + 0.5, -DIGITS)
    if design.strata == 1:
        found = ndtri(positions)
    else:
        found = _in_strata(design, seed, stream, block, positions)
    found.flags.writeable = False
    return found


def _in_strata(
    design: Design, seed: int, stream: int, block: int, positions: np.ndarray
) -> np.ndarray:
    """Positions within strata as normals; the upper half is the lower, reflected."""
    strata = design.strata
    factor, shift, first = lines(design, seed, stream, block)
    number = first + np.arange(design.block)[:, None]
    stratum = (factor * number + shift) & (strata - 1)
    above = stratum >= strata // 2
    nearer = np.where(above, strata - 1 - stratum, stratum)
    below = ndtri((nearer + positions) / strata)
    return np.where(above, -below, below)


def lines(
    design: Design, seed: int, stream: int, block: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where draw number n of a block goes: factor (first + n) + shift modulo strata.

    Shapes (12,), (12,) and (1,).
    """
    turn, first = divmod(block * design.block, design.strata)
    return *_line(design.strata, seed, stream, turn), np.array([first])


@lru_cache(maxsize=32)
def _line(
    strata: int, seed: int, stream: int, turn: int
) -> tuple[np.ndarray, np.ndarray]:
    """Factors, which are odd, so that every stratum is met, and shifts of a round."""
    rng = _generator(seed, stream, 0, turn)
    factor = 2 * rng.integers(0, strata, COLUMNS) + 1
    return factor, rng.integers(0, strata, COLUMNS)


def sequence(seed: int, *numbers: int) -> np.random.SeedSequence:
    """What a generator of its own is begun with."""
    return np.random.SeedSequence((seed, *numbers))


def _generator(seed: int, *numbers: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(sequence(seed, *numbers)))
