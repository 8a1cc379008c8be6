"""What is asked of a callable in one call, and what the answers are compared with.

An answer is a number: a value, or a derivative. What it should be is a sum of means of
integrands; the shares of each in it are known before anything is drawn, and so are the
tolerance and the number of answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Generic, Protocol, TypeVar

import numpy as np

from verify.accuracy.formats import Format
from verify.losses.call import Results, Weights
from verify.losses.convention import Convention
from verify.monte_carlo.noise import Design, stratified
from verify.monte_carlo.sampling import Integrands
from verify.monte_carlo.sheet import OPERATIONS
from verify.monte_carlo.tail import Spread, tolerance

Designs = Callable[[int], Design]
ONE = np.ones(1)
SINGLE = 2.0**-24  # the roundoff in which frameworks sum types of 16 bits


class Source(Protocol):
    """Integrands over some elements, with what is known of their means."""

    def __hash__(self) -> int: ...

    @property
    def noise(self) -> np.ndarray:
        """Shape (elements,)."""

    @property
    def names(self) -> tuple[str, ...]:
        """The integrands, in order."""

    @property
    def magnitudes(self) -> tuple[np.ndarray, np.ndarray]:
        """Of ours, and of what someone else computes: (names elements,) each."""

    @property
    def rounding(self) -> np.ndarray:
        """Of the sampled means, shape (names elements,)."""

    @property
    def sources(self) -> Sequence[Integrands]:
        """What is sampled: together they have the integrands, in order."""

    def spread(self, design: Design, share: np.ndarray) -> Spread:
        """Of the mean of share . integrands."""


S = TypeVar("S", bound=Source)


@lru_cache
def smallest(designs: Designs, wanted: float, odds: float) -> Design:
    """The least power of two draws with which e^2 + e is known to within `wanted`."""
    draws = 2
    while tolerance([Spread(designs(draws), ONE, ONE, 0 * ONE)], odds) > wanted:
        draws *= 2
    return designs(draws)


@dataclass(eq=False)
class Row:
    """What one answer should be.

    what      the answer, as a reader writes it
    gradient  whether it is a derivative
    shares    by the sheet's place, an integrand's name and its shares, (elements,)
    summed    how many numbers the callable adds up for it
    """

    what: str
    gradient: bool
    shares: dict[tuple[int, str], np.ndarray]
    summed: int = 1


@dataclass(eq=False)
class Probe(ABC, Generic[S]):
    """One call of a callable under a convention."""

    convention: Convention
    form: Format
    sheets: tuple[S, ...]
    rows: tuple[Row, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = tuple(self._rows())
        self._tolerances = lru_cache(self._bounds)

    @abstractmethod
    def arrays(self, seed: int) -> dict[str, np.ndarray]:
        """What the callable is given, by word."""

    @abstractmethod
    def weights(self) -> Weights:
        """With which its results are differentiated."""

    @abstractmethod
    def answers(self, results: Results, seed: int) -> np.ndarray:
        """In the order of the rows; those of the gradient only where it has one."""

    @abstractmethod
    def own(self, place: int, share: np.ndarray) -> list[Spread]:
        """How the answer itself spreads, where the callable is given draws."""

    @abstractmethod
    def _rows(self) -> list[Row]: ...

    @cached_property
    def tables(self) -> tuple[np.ndarray, ...]:
        """The shares of each sheet, shape (answers, names elements)."""
        return tuple(self._table(place) for place in range(len(self.sheets)))

    @cached_property
    def gradient(self) -> np.ndarray:
        """Which answers are derivatives."""
        return np.array([row.gradient for row in self.rows])

    def _table(self, place: int) -> np.ndarray:
        sheet = self.sheets[place]
        size = len(sheet.noise)
        found = np.zeros((len(self.rows), len(sheet.names) * size))
        for number, row in enumerate(self.rows):
            for (which, name), share in row.shares.items():
                if which == place:
                    first = sheet.names.index(name) * size
                    found[number, first : first + size] += share
        return found

    def expected(self, means: Sequence[np.ndarray]) -> np.ndarray:
        """From the sampled means of each sheet, shape (answers,)."""
        found = np.zeros(len(self.rows))
        for table, mean in zip(self.tables, means, strict=True):
            found += table @ mean
        return found

    def design(self, wanted: float, odds: float) -> Design:
        """The draws with which means are within `wanted` of the integrands' size."""
        return smallest(stratified, wanted, odds)

    def tolerances(self, design: Design, odds: float) -> np.ndarray:
        """How far sampling alone can move the difference, shape (answers,)."""
        return self._tolerances(design, odds)

    def _bounds(self, design: Design, odds: float) -> np.ndarray:
        found = np.zeros(len(self.rows))
        for number in range(len(self.rows)):
            spreads = []
            for place, table in enumerate(self.tables):
                share = table[number]
                if share.any():
                    spreads.append(self.sheets[place].spread(design, share))
                    spreads += self.own(place, share)
            found[number] = tolerance(spreads, odds)
        return found

    @cached_property
    def rounding(self) -> np.ndarray:
        """What rounding can move it by: ours, and the callable's in its dtype."""
        unit = 2.0**-self.form.digits
        adding = min(unit, SINGLE)
        summed = np.array([row.summed for row in self.rows])
        found = np.zeros(len(self.rows))
        for place, sheet in enumerate(self.sheets):
            table = np.abs(self.tables[place])
            found += table @ sheet.rounding
            size = table @ sheet.magnitudes[1]
            found += (OPERATIONS * unit + summed * adding) * size
            found += unit * (table @ self.inexact(place))
        return found + self.form.smallest * self.scale

    def inexact(self, place: int) -> np.ndarray:
        """What rounding the arguments does, in units of the roundoff."""
        sheet = self.sheets[place]
        return np.zeros(len(sheet.names) * len(sheet.noise))

    @property
    def scale(self) -> float:
        """How many times larger an answer is than what the callable returns."""
        return 1.0
