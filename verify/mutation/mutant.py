"""A wrong loss, with all that is known of it before anything judges it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sympy import Expr

from verify.losses.candidate import Candidate
from verify.losses.convention import Convention

Terms = tuple[Expr, ...]


@dataclass(frozen=True)
class Mutant:
    """A wrong loss.

    name        loss, word, form, class and number: the same in every run
    kind        the class of the error
    words       what is wrong, for a reader
    convention  what it claims to be
    dtype       of its arrays
    make        makes the function, anew each time: some remember their calls
    change      the right terms and the wrong ones, where these are what differs
    """

    name: str
    kind: str
    words: str
    convention: Convention
    dtype: str
    make: Callable[[], Callable[..., Any]] = field(repr=False)
    change: tuple[Terms, Terms] | None = field(default=None, repr=False)

    def candidate(self) -> Candidate:
        """What the methods judge."""
        return Candidate(self.name, self.make(), self.convention, self.dtype)
