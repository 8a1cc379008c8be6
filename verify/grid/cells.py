"""Each method judges each loss of the grid once, and each model shows what it can.

In as many processes as there are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain, product

import derivations
from verify.budget import Budget
from verify.evidence import Evidence, Verdict
from verify.grid import models
from verify.grid.models import BEARING, MODELS, SUBJECTS
from verify.grid.printed import PRINTED
from verify.grid.table import TABLE, Subject, subjects
from verify.losses.candidate import Candidate
from verify.losses.convention import convention
from verify.losses.named import own_form
from verify.methods import JUDGES, METHODS, cannot, judged
from verify.parallel import mapped

Place = tuple[Subject, str]
Task = Place | str
"""A loss and a method, or a model."""
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


def of_model(model: str, *, seed: int) -> list[Cell]:
    """What a model shows, or why there is none here."""
    if reason := models.cannot(model):
        return [Cell(s, MODELS, None, reason) for s in models.subjects_of(model)]
    found = models.of_model(model, seed=seed)
    return [Cell(subject, MODELS, evidence) for subject, evidence in found.items()]


def done(task: Task, *, seed: int, budget: Budget) -> list[Cell]:
    """The cells of a task."""
    if isinstance(task, str):
        return of_model(task, seed=seed)
    return [cell(task, seed=seed, budget=budget)]


def places() -> tuple[Place, ...]:
    """Every loss with every method, and what models show."""
    shown = ((subject, MODELS) for subject in SUBJECTS.values())
    return (*product(subjects(), METHODS), *shown)


def cells(*, seed: int = 0, budget: Budget = Budget.STANDARD) -> Iterator[Cell]:
    """All of them, as they are done: the models, which take longest, first."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a process for each core
    tasks: tuple[Task, ...] = (*models.models(), *product(subjects(), METHODS))
    return chain.from_iterable(mapped(partial(done, seed=seed, budget=budget), tasks))


def of_claim(found: Mapping[Place, Cell], claim: str, method: str) -> list[Cell] | str:
    """The cells that bear on a claim, or why there are none; [] if not judged yet."""
    places = _bearing(claim, method)
    if isinstance(places, str):
        return places
    bearing = [found[place] for place in places if place in found]
    if bearing and all(cell.evidence is None for cell in bearing):
        return "; ".join(dict.fromkeys(cell.reason for cell in bearing))
    return bearing


def awaited(found: Mapping[Place, Cell], claim: str, method: str) -> bool:
    """Whether a loss that bears on a claim has not been judged by the method."""
    places = _bearing(claim, method)
    return not isinstance(places, str) and any(p not in found for p in places)


def _bearing(claim: str, method: str) -> list[Place] | str:
    """The places that bear on a claim, or why there are none."""
    shown = TABLE[claim]
    if method == MODELS:
        names = BEARING.get(claim)
        return (
            [(SUBJECTS[name], MODELS) for name in names]
            if names
            else models.reason(claim)
        )
    if isinstance(shown, str):
        return shown
    if method not in JUDGES[shown.about]:
        return SECOND
    return [(subject, method) for subject in shown.subjects]
