"""Means of the integrands over all draws: block after block, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from operator import add
from typing import Any, Protocol

from verify.monte_carlo.moments import Moments
from verify.monte_carlo.noise import Design

Watched = Callable[[Iterable[int], int], Iterable[int]]


class Integrands(Protocol):
    """What has integrands: a sheet, for one."""

    @property
    def stream(self) -> int:
        """Of the draws."""

    def integrands(self, draws: Any, on: Any, device: str) -> list[Any]:
        """At draws of shape (n, 12); (n, some) each."""


class Team(Protocol):
    """The processes that share the blocks: how many, which one this is."""

    @property
    def rank(self) -> int:
        """Which one, from 0."""

    @property
    def size(self) -> int:
        """How many."""

    def gathered(self, part: Any) -> list[Any]:
        """What all of them have, in the order of their ranks."""


@dataclass(frozen=True)
class Alone:
    """One process."""

    rank: int = 0
    size: int = 1

    def gathered(self, part: Any) -> list[Any]:
        """What it has."""
        return [part]


@dataclass(frozen=True)
class Place:
    """Where the means are taken.

    framework  numpy or torch
    device     of torch: cpu, cuda, ...
    team       the processes that share the work
    watched    shows how far it is: given the blocks that others follow, how many
    """

    framework: str = "numpy"
    device: str = "cpu"
    team: Team = Alone()
    watched: Watched = lambda blocks, count: blocks


HERE = Place()


def sampled(
    source: Integrands, design: Design, seed: int, place: Place = HERE
) -> Moments:
    """The moments of all integrands over all draws of a design.

    The noise is the same in every framework and on every device (on a GPU but for the
    rounding of ndtri); what is put together does not depend on the number of processes.
    """
    on = import_module(f"verify.monte_carlo.{place.framework}_arrays")
    many = on.together(design, place.device)
    firsts = range(place.team.rank * many, design.blocks, place.team.size * many)
    found: Moments | None = None
    for first in place.watched(firsts, len(firsts)):
        blocks = range(first, first + many)
        draws = on.normals(design, seed, source.stream, blocks, place.device)
        sums = on.sums(source.integrands(draws, on, place.device), design.block)
        new = Moments.of_block(many * design.block, *sums)
        found = new if found is None else found + new
    parts = place.team.gathered(found)
    return reduce(add, (part for part in parts if part is not None))
