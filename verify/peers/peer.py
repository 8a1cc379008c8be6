"""A peer: what a library computes of a loss, with its convention word by word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import Any

from verify.losses.candidate import Candidate
from verify.losses.convention import convention
from verify.peers.measures import Module, changed, reached


@dataclass(frozen=True)
class Peer:
    """A library's way to compute the terms of a loss.

    name       as its manual calls it
    library    whose it is, as it is installed
    version    of the library
    candidate  the same as something to run, under the reduction "none"
    """

    name: str
    library: str
    version: str
    candidate: Candidate

    def __str__(self) -> str:
        words = ", ".join(self.candidate.convention.inputs)
        return f"{self.name}({words}), {self.library} {self.version}"


@dataclass(frozen=True)
class Witness:
    """A row of a library's file: a function of arguments in its own words.

    name      as the manual calls it
    loss      a key of LOSSES, of one part
    takes     what each argument measures, in the loss's order
    function  gives the terms
    """

    name: str
    loss: str
    takes: tuple[str, ...]
    function: Callable[..., Any]

    def peer(
        self, words: tuple[str, ...], library: str, framework: str, on: Module
    ) -> Peer | None:
        """The same in other words; None where they cannot be changed into its own."""
        pairs = zip(words, self.takes, strict=True)
        if not all(reached(word, wanted) for word, wanted in pairs):
            return None
        declared = convention(self.loss, words, "none")
        function = self.in_words(words, on)
        candidate = Candidate(self.name, function, declared, framework=framework)
        return Peer(self.name, library, version(library), candidate)

    def in_words(self, words: tuple[str, ...], on: Module) -> Callable[..., Any]:
        """The function of arguments in these words."""

        def terms(*arrays: Any) -> Any:
            columns = zip(arrays, words, self.takes, strict=True)
            return self.function(*(changed(on, a, w, of) for a, w, of in columns))

        return terms


def version(library: str) -> str:
    """Of an installed library; "unknown" where it does not say."""
    try:
        return installed(library)
    except PackageNotFoundError:
        return "unknown"
