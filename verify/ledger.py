"""The ledger judged: every claim of the document, and whether it stands as expected."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial

from derivations.document.claim import Claim, Expected
from verify.evidence import Verdict
from verify.judge import Judge
from verify.judgement import Judgement
from verify.parallel import mapped
from verify.row import Row
from verify.serialise import Data, row_data


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
    if statements and all(_refuted_at_the_end(j) for j in statements):
        return Expected.REFUTED
    if not all(j.verdict is Verdict.PROVED for j in statements):
        return None
    if claim.prose:
        return Expected.PROSE
    owed = {
        h.words for j in statements for h in j.derivation.hypotheses
    } - claim.standing
    return Expected.PROVED_UNDER if owed else Expected.PROVED


def _refuted_at_the_end(judgement: Judgement) -> bool:
    """Whether the last line is false, and those before it, which lead there, proved."""
    *before, last = judgement.steps
    return last.refuted and all(s.verdict is Verdict.PROVED for s in before)


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
