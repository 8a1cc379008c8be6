"""A scale in one word, as another: in NumPy, torch and JAX alike.

Chances and logits are not changed into each other: a small difference from 1 is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Array = Any
Module = Any
"""numpy, torch or jax.numpy, which have functions of the same names."""

CHANGES: dict[tuple[str, str], Callable[[Module, Array], Array]] = {
    ("variance", "sigma"): lambda on, x: on.sqrt(x),
    ("log_variance", "sigma"): lambda on, x: on.exp(x / 2),
    ("log_sigma", "sigma"): lambda on, x: on.exp(x),
    ("sigma", "variance"): lambda on, x: x * x,
    ("log_variance", "variance"): lambda on, x: on.exp(x),
    ("log_sigma", "variance"): lambda on, x: on.exp(2 * x),
}
"""From the first word to the second, each a few roundings of the result."""


def unowned(word: str) -> str:
    """A word without whose it is: "sigma" for decoder_sigma, "sigma1" as it stands."""
    for owner in ("decoder_", "real_", "fake_"):
        word = word.removeprefix(owner)
    return word


def stem(word: str) -> str:
    """What a word measures: "sigma" for sigma1 and decoder_sigma."""
    return unowned(word).rstrip("12")


def changed(on: Module, array: Array, word: str, wanted: str) -> Array:
    """An array that a word measures, as the wanted word does."""
    given = stem(word)
    return array if given == wanted else CHANGES[given, wanted](on, array)


def reached(word: str, wanted: str) -> bool:
    """Whether `changed` can do it."""
    return stem(word) == wanted or (stem(word), wanted) in CHANGES
