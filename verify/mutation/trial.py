"""What became of one mutant: what each method found, and whether it is one at all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from verify.budget import Budget
from verify.evidence import Verdict
from verify.methods import cannot, judged
from verify.mutation.catalogue import RIGHT
from verify.mutation.equal import proved_right
from verify.mutation.mutant import Mutant


@dataclass(frozen=True)
class Found:
    """What one method found.

    verdict     None where it has nothing to say
    figure      what the verdict rests on; or why there is none
    resolution  the smallest error that would have been seen, in words
    seconds     wall-clock time, what is shared by all mutants included
    """

    method: str
    verdict: Verdict | None
    figure: str
    resolution: str
    seconds: float

    @property
    def killed(self) -> bool:
        """Whether the method noticed."""
        return self.verdict is Verdict.REFUTED


@dataclass(frozen=True)
class Trial:
    """A mutant and its fate; see `Mutant` for the first five.

    equal  whether it is proved to be right after all
    found  by each method alone
    """

    name: str
    kind: str
    words: str
    claim: str
    dtype: str
    equal: bool
    found: tuple[Found, ...]

    @property
    def wrong(self) -> bool:
        """Whether there is an error to be found."""
        return not self.equal and self.kind != RIGHT

    @property
    def killed(self) -> bool:
        """Whether any method noticed."""
        return any(one.killed for one in self.found)

    @property
    def judged(self) -> bool:
        """Whether any method had anything to say."""
        return any(one.verdict is not None for one in self.found)

    def by(self, method: str) -> Found | None:
        """What one method found; None if it was not asked."""
        return next((one for one in self.found if one.method == method), None)

    def as_data(self) -> dict[str, object]:
        """The same as plain data, for JSON."""
        rows = [
            asdict(one)
            | {
                "verdict": one.verdict.value if one.verdict else None,
                "seconds": round(one.seconds, 4),
            }
            for one in self.found
        ]
        return asdict(self) | {"found": rows}


def tried(
    mutant: Mutant, methods: Sequence[str], *, seed: int, budget: Budget
) -> Trial:
    """The mutant before each method, alone."""
    found = tuple(_found(m, mutant, seed=seed, budget=budget) for m in methods)
    known = (mutant.name, mutant.kind, mutant.words, str(mutant.convention))
    equal = mutant.kind != RIGHT and proved_right(mutant)
    return Trial(*known, mutant.dtype, equal, found)


def _found(method: str, mutant: Mutant, *, seed: int, budget: Budget) -> Found:
    if reason := cannot(method, mutant.convention):
        return Found(method, None, reason, "", 0.0)
    started = time.perf_counter()
    evidence = judged(method, mutant.candidate(), seed=seed, budget=budget, whole=False)
    seconds = time.perf_counter() - started
    return Found(
        method, evidence.verdict, evidence.figure, evidence.resolution, seconds
    )
