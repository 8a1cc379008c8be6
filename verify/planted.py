"""Planted errors: what the judges say of wrong lines made from a chain.

They must refute the wrong lines, and must not prove one of them unless it is truly
equal after all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from sympy import Basic

from derivations import rules
from derivations.chain import Derivation
from derivations.printing import unicode_math
from verify.evidence import Verdict
from verify.judge import Judge
from verify.judgement import StepJudgement
from verify.mutants import mutants
from verify.proof import proves

ELSEWHERE = (
    rules.definition,
    rules.logarithms,
    rules.algebra,
    rules.differentiate,
    rules.linearity,
    rules.moments,
    rules.limit,
)
MORE = 40
AGAIN = (101, 102, 103)


class Fate(Enum):
    """What became of a wrong line."""

    REFUTED = "refuted"
    EQUAL = "proved"
    TRUE = "true by other rules"
    UNDEFINED = "undefined everywhere"
    STILL_A_BOUND = "a bound that agrees"
    OPEN = "neither refuted nor proved"


@dataclass(frozen=True)
class Planted:
    """One wrong line: where it came from, what was done to it, and what became of it.

    operator   the kind of the error
    reason     the witness of a refuted line; otherwise why it is not refuted
    """

    derivation: str
    line: int
    operator: str
    expression: str
    fate: Fate
    reason: str


def plant(
    derivation: Derivation, judge: Judge, each: int | None = None
) -> list[Planted]:
    """The fates of the wrong lines of a derivation, evenly chosen if more than `each`.

    A line that agrees is tried at more points, and one that is proved although it was
    changed under other seeds; raises Conflict where a proved line is refuted.
    """
    planted = []
    made = list(mutants(derivation))
    stride = 1 if each is None else max(1, -(-len(made) // each))
    for operator, above, step in made[::stride]:
        found = judge.step(above, step)
        if found.verdict is Verdict.AGREES:
            found = Judge(seed=1, seconds=judge.seconds, points=MORE).step(above, step)
        fate = _fate(found, above)
        if fate is Fate.EQUAL:
            for seed in AGAIN:
                Judge(seed=seed, seconds=judge.seconds, points=24).step(above, step)
        shown = unicode_math(step.expression)
        reason = found.witness or found.reason
        planted.append(
            Planted(derivation.name, step.line, operator, shown, fate, reason)
        )
    return planted


def _fate(found: StepJudgement, above: Basic) -> Fate:
    if found.verdict is Verdict.REFUTED:
        return Fate.REFUTED
    if found.verdict is Verdict.PROVED:
        return Fate.EQUAL
    compared = found.comparison
    if compared is not None and not compared.tried and compared.undefined:
        return Fate.UNDEFINED
    if proves(above, replace(found.step, rules=found.step.rules + ELSEWHERE)):
        return Fate.TRUE
    bound = found.step.relation == "<=" and found.verdict is Verdict.AGREES
    return Fate.STILL_A_BOUND if bound else Fate.OPEN


def counts(planted: Iterable[Planted]) -> Counter[tuple[str, Fate]]:
    """How often each kind of error met each fate."""
    return Counter((p.operator, p.fate) for p in planted)


def power(planted: Iterable[Planted]) -> float:
    """The share of the unequal lines that were refuted; undefined ones do not count."""
    fates = Counter(p.fate for p in planted)
    unequal = fates[Fate.REFUTED] + fates[Fate.OPEN]
    return fates[Fate.REFUTED] / unequal if unequal else 1.0
