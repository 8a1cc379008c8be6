"""Every peer that can testify here, by loss.

A library that is not installed has a reason in place of peers.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import product

from verify.losses.loss import LOSSES, SCALES
from verify.peers.measures import Module, stem
from verify.peers.peer import Peer, Witness

LIBRARIES = {
    "torch": ("torch",),
    "scipy": ("scipy",),
    "jax": ("jax",),
    "numpyro": ("numpyro", "jax"),
    "optax": ("optax", "jax"),
    "tensorflow_probability": ("tensorflow_probability", "jax"),
}
"""What each has to find installed."""


@cache
def missing() -> dict[str, str]:
    """The libraries that cannot testify here, each with its reason."""
    return {
        library: f"{', '.join(absent)} not installed"
        for library, needed in LIBRARIES.items()
        if (absent := [n for n in needed if find_spec(n) is None])
    }


@cache
def witnesses() -> tuple[tuple[Witness, str, str, Module], ...]:
    """Every row of every library's file, with library, framework and its module."""
    found = []
    for library in LIBRARIES:
        if library not in missing():
            file = import_module(f"verify.peers.{library}_peers")
            found += [(w, library, file.FRAMEWORK, file.MODULE) for w in file.WITNESSES]
    return tuple(found)


@cache
def peers(loss: str, words: tuple[str, ...]) -> tuple[Peer, ...]:
    """All that compute the terms of a loss of one part, in words of its arguments."""
    rows = (row for row in witnesses() if row[0].loss == loss)
    found = (witness.peer(words, *where) for witness, *where in rows)
    return tuple(peer for peer in found if peer)


def wordings(loss: str) -> list[tuple[str, ...]]:
    """The words in which peers of a loss are asked: all scales in the same measure."""
    choices = product(*LOSSES[loss].words.values())
    return [w for w in choices if len({stem(x) for x in w if stem(x) in SCALES}) < 2]
