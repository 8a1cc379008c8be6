"""Each method judges each loss of the grid once, in as many processes as there are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product

import derivations
from verify.budget import Budget
from verify.evidence import Evidence, Verdict
from verify.grid.printed import PRINTED
from verify.grid.table import TABLE, Subject, subjects
from verify.losses.candidate import Candidate
from verify.losses.convention import convention
from verify.losses.named import own_form
from verify.methods import JUDGES, METHODS, cannot, judged
from verify.parallel import mapped

Place = tuple[Subject, str]
SECOND = "it does not look at second derivatives, which the claim is about"


@dataclass(frozen=True)
class Cell:
    """What one method says of one loss.

    evidence  what it found; None where it has nothing to say
    reason    why it has not
    """

    subject: Subject
    method: str
    evidence: Evidence | None
    reason: str = ""

    @property
    def expected(self) -> Verdict:
        """What it has to find: a printed falsehood refuted, all else agreeing."""
        return Verdict.REFUTED if self.subject.printed else Verdict.AGREES

    @property
    def as_expected(self) -> bool:
        """Whether it found that; where it has nothing to say, nothing is expected."""
        return self.evidence is None or self.evidence.verdict is self.expected

    def as_data(self) -> dict[str, object]:
        """The same as plain data, for JSON."""
        return {
            "loss": str(self.subject),
            "method": self.method,
            "expected": self.expected.value,
            "as_expected": self.as_expected,
            "reason": self.reason,
            "evidence": self.evidence and self.evidence.as_data(),
        }


def candidate(subject: Subject) -> Candidate:
    """The callable that is judged: our reference, or what the document printed."""
    said = convention(subject.loss, subject.inputs)
    if subject.printed:
        return Candidate(str(subject), PRINTED[subject.printed](), said)
    reference = getattr(derivations, subject.loss)
    return Candidate(str(subject), own_form(reference, said), said)


def cell(place: Place, *, seed: int, budget: Budget) -> Cell:
    """What the method of a place says of its loss."""
    subject, method = place
    one = candidate(subject)
    if reason := cannot(method, one.convention):
        return Cell(subject, method, None, reason)
    found = judged(method, one, seed=seed, budget=budget)
    return Cell(subject, method, found)


def places() -> tuple[Place, ...]:
    """Every loss with every method."""
    return tuple(product(subjects(), METHODS))


def cells(*, seed: int = 0, budget: Budget = Budget.STANDARD) -> Iterator[Cell]:
    """All of them, as they are done."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process for each core
    return mapped(partial(cell, seed=seed, budget=budget), places())


def of_claim(found: Mapping[Place, Cell], claim: str, method: str) -> list[Cell] | str:
    """The cells that bear on a claim, or why there are none; [] if not judged yet."""
    shown = TABLE[claim]
    if isinstance(shown, str):
        return shown
    if method not in JUDGES[shown.about]:
        return SECOND
    places = [(subject, method) for subject in shown.subjects]
    bearing = [found[place] for place in places if place in found]
    if bearing and all(cell.evidence is None for cell in bearing):
        return "; ".join(dict.fromkeys(cell.reason for cell in bearing))
    return bearing


def awaited(found: Mapping[Place, Cell], claim: str, method: str) -> bool:
    """Whether a loss that bears on a claim has not been judged by the method."""
    shown = TABLE[claim]
    if isinstance(shown, str) or method not in JUDGES[shown.about]:
        return False
    return any((subject, method) not in found for subject in shown.subjects)
