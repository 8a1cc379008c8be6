"""The ledger judged: every claim of the document, and whether it stands as expected."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

from derivations.document.claim import Claim, Expected
from derivations.hypotheses import Hypothesis
from verify.evidence import Verdict
from verify.judge import Judge
from verify.judgement import Judgement
from verify.parallel import mapped
from verify.serialise import Data, row_data


@dataclass(frozen=True)
class Row:
    """A claim, what was found of it, and the judgements that say so."""

    claim: Claim
    found: Expected | None
    statements: tuple[Judgement, ...]
    right: tuple[Judgement, ...]
    counterexamples: tuple[Judgement, ...]
    seconds: float

    @property
    def as_expected(self) -> bool:
        """Whether the machine found what the ledger says."""
        return self.found is self.claim.expected

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """Everything that was judged for the claim."""
        return (*self.statements, *self.right, *self.counterexamples)

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """What the claim, or its right form, rests on."""
        shown = (
            self.right if self.claim.expected is Expected.REFUTED else self.statements
        )
        return tuple(dict.fromkeys(h for j in shown for h in j.derivation.hypotheses))

    @property
    def witness(self) -> str:
        """The counterexample to a refuted claim."""
        return next(
            (s.witness for j in self.statements for s in j.steps if s.refuted), ""
        )

    @property
    def values(self) -> list[str]:
        """What the two sides of the refuted line are worth at the counterexample."""
        return next(
            (s.values for j in self.statements for s in j.steps if s.refuted), []
        )

    @property
    def fault(self) -> str:
        """Why the claim does not stand as expected; empty where it does."""
        if self.as_expected:
            return ""
        refuted = self.claim.expected is Expected.REFUTED
        for judgement in self.statements:
            wanted = Verdict.REFUTED if refuted else Verdict.PROVED
            if judgement.verdict is not wanted:
                return _unlike(judgement, wanted)
        for judgement in (*self.right, *self.counterexamples):
            if judgement.verdict is not Verdict.PROVED:
                return _unlike(judgement, Verdict.PROVED)
        return f"expected {self.claim.expected}, found {self.found}"


def _unlike(judgement: Judgement, wanted: Verdict) -> str:
    name = judgement.derivation.name
    return f"{name} is {judgement.verdict}, not {wanted}: {judgement.reason}"


@cache
def claims() -> tuple[Claim, ...]:
    """The rows of the ledger, in the order of the document."""
    from derivations.document.beside import BESIDE
    from derivations.document.exercise_1 import EXERCISE_1
    from derivations.document.exercise_2 import EXERCISE_2

    return (*EXERCISE_1, *EXERCISE_2, *BESIDE)


def judged(rows: Iterable[Claim], judge: Judge) -> Iterator[Row]:
    """Each claim with what was found of it; raises Conflict where judges disagree."""
    for claim in rows:
        started = time.perf_counter()
        statements, right, counterexamples = (
            tuple(judge(d) for d in group)
            for group in (claim.statements, claim.right, claim.counterexamples)
        )
        found = _found(claim, statements, right, counterexamples)
        spent = time.perf_counter() - started
        yield Row(claim, found, statements, right, counterexamples, spent)


def _found(
    claim: Claim,
    statements: tuple[Judgement, ...],
    right: tuple[Judgement, ...],
    counterexamples: tuple[Judgement, ...],
) -> Expected | None:
    if not (statements or right or counterexamples):
        return Expected.NOTATION
    if not all(j.verdict is Verdict.PROVED for j in (*right, *counterexamples)):
        return None
    if statements and all(j.verdict is Verdict.REFUTED for j in statements):
        return Expected.REFUTED
    if not all(j.verdict is Verdict.PROVED for j in statements):
        return None
    if claim.prose:
        return Expected.PROSE
    owed = {
        h.words for j in statements for h in j.derivation.hypotheses
    } - claim.standing
    return Expected.PROVED_UNDER if owed else Expected.PROVED


def judged_in_parallel(
    ids: Sequence[str], *, seed: int, seconds: float
) -> Iterator[Data]:
    """The rows of the claims, as plain data and in order, from several processes.

    Raises Conflict and DerivationError as `judged` does.
    """
    return mapped(partial(_row, seed=seed, seconds=seconds), ids)


_judges: dict[tuple[int, float], Judge] = {}


def _row(claim_id: str, *, seed: int, seconds: float) -> Data:
    judge = _judges.setdefault((seed, seconds), Judge(seed=seed, seconds=seconds))
    (claim,) = (c for c in claims() if c.id == claim_id)
    (row,) = judged([claim], judge)
    return row_data(row)
