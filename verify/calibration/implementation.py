"""A right implementation of a loss, as somebody would write it.

Most are written as the terms of one coordinate; what is summed over which axis is the
same for all and stands here once. Arrays of NumPy, torch and JAX have the same methods
for that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from verify.losses.candidate import Candidate
from verify.losses.convention import convention

WIDE = ("float64", "float32")

Array = Any


def _mean(terms: Array) -> Array:
    return terms.mean()


REDUCED: dict[str, Callable[[Array], Array]] = {
    "none": lambda terms: terms,
    "sum": lambda terms: terms.sum(-1),
    "mean": _mean,
    "sum_mean": lambda terms: terms.sum(-1).mean(),
}
"""What becomes of the terms, by the word of the convention."""


@dataclass(frozen=True)
class Implementation:
    """One way to compute a loss.

    name       what reports call it
    loss       a key of LOSSES
    words      of its arguments, in order
    function   of arrays
    reduction  what it returns; with `of_terms`, what is made of the terms that the
               function returns
    of_terms   whether the function returns terms
    dtypes     in which it is right: float32 hides what float64 shows
    framework  whose arrays it takes
    """

    name: str
    loss: str
    words: tuple[str, ...]
    function: Callable[..., Any]
    reduction: str
    of_terms: bool = True
    dtypes: tuple[str, ...] = WIDE
    framework: str = "torch"

    def candidates(self) -> tuple[Candidate, ...]:
        """The same as something to judge, once for each dtype."""
        declared = convention(self.loss, self.words, self.reduction)
        return tuple(
            Candidate(self.name, self.reduced, declared, dtype, self.framework)
            for dtype in self.dtypes
        )

    @property
    def reduced(self) -> Callable[..., Any]:
        """The function that returns what the convention says."""
        function, reduce = self.function, REDUCED[self.reduction]
        if not self.of_terms:
            return function

        def whole(*arrays: Array) -> Array:
            return reduce(function(*arrays))

        return whole
