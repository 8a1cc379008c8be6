"""What a run of mutants comes to: whether every method is as strong as was said."""

from __future__ import annotations

from dataclasses import dataclass

from verify.mutation.blindness import stale, survivors, unexplained, weaker
from verify.mutation.trial import Trial


@dataclass(frozen=True)
class Outcome:
    """All trials of a run.

    methods  that were asked
    whole    whether they are of all mutants, so that shares of a class mean something
    """

    trials: tuple[Trial, ...]
    methods: tuple[str, ...]
    whole: bool

    @property
    def changes(self) -> list[str]:
        """Where a method sees more, or less, than was said of it."""
        if not self.whole:
            return []
        said = (self.trials, self.methods)
        return [*stale(*said), *weaker(*said)]

    @property
    def good(self) -> bool:
        """Whether nothing right was refuted, and nothing wrong lives without reason.

        Of the oracle no reason is accepted.
        """
        accused = any(f.killed for t in self.trials if not t.wrong for f in t.found)
        unknown = any(unexplained(self.trials, name) for name in self.methods)
        escaped = survivors(self.trials, "oracle")
        return not (accused or unknown or escaped or self.changes)
