"""What was found of a derivation: the judgement of each step, and of the whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from flint import arb
from sympy import Basic

from derivations.chain import Derivation
from derivations.line import Step
from verify.balls import Comparison
from verify.evidence import Evidence, Verdict


class _Rank(IntEnum):
    """How bad a verdict is for a chain: the worst of its steps is the chain's own."""

    PROVED = 0
    AGREES = 1
    UNDECIDED = 2
    REFUTED = 3


@dataclass(frozen=True)
class StepJudgement:
    """What was found of one step.

    verdict     of the step alone
    reason      one sentence, where the verdict is not PROVED
    comparison  what the balls saw; None where the step ran out of time before
    seconds     wall-clock time of the step
    """

    above: Basic
    step: Step
    verdict: Verdict
    reason: str
    comparison: Comparison | None
    seconds: float

    @property
    def points(self) -> int:
        """At how many points both sides were finite."""
        return self.comparison.tried if self.comparison else 0

    @property
    def witness(self) -> str:
        """The counterexample, if there is one."""
        if not self.refuted or self.comparison is None:
            return ""
        return str(self.comparison.witness)

    @property
    def refuted(self) -> bool:
        """Whether the balls exclude the step."""
        return self.comparison is not None and self.comparison.refuted

    @property
    def values(self) -> list[str]:
        """What the two sides are worth at the witness, as decimal numbers."""
        if not self.refuted or self.comparison is None:
            return []
        sides = (self.comparison.left, self.comparison.right)
        return [_decimal(side) for side in sides]


def _decimal(side: arb | None) -> str:
    return side.str(10, radius=False) if isinstance(side, arb) else str(side)


@dataclass(frozen=True)
class Judgement:
    """What was found of a derivation, step by step, and of the lemmas that it cites."""

    derivation: Derivation
    steps: tuple[StepJudgement, ...]
    lemmas: tuple[Judgement, ...] = ()
    seed: int = 0
    seconds: float = field(default=0.0, compare=False)

    @property
    def verdict(self) -> Verdict:
        """PROVED where every step and every lemma is; else the worst that was found."""
        if not self.steps:
            return Verdict.UNDECIDED
        found = [s.verdict for s in self.steps] + [
            Verdict.PROVED if lemma.verdict is Verdict.PROVED else Verdict.UNDECIDED
            for lemma in self.lemmas
        ]
        return max(found, key=lambda v: _Rank[v.name])

    @property
    def faults(self) -> tuple[StepJudgement, ...]:
        """The steps that are not proved, in the order of the lines."""
        return tuple(s for s in self.steps if s.verdict is not Verdict.PROVED)

    @property
    def reason(self) -> str:
        """Why the derivation is not proved, in one sentence; empty where it is."""
        if not self.steps:
            return "it has one line, so nothing is claimed"
        for fault in self.faults:
            return fault.reason
        for lemma in self.lemmas:
            if lemma.verdict is not Verdict.PROVED:
                return f"it cites {lemma.derivation.name}, which is {lemma.verdict}"
        return ""

    def evidence(self) -> Evidence:
        """The same in the form that all checks share."""
        points = [s.points for s in self.steps]
        seen = f"{min(points, default=0)} to {max(points, default=0)} points a step"
        witness = next((s.witness for s in self.steps if s.witness), "")
        return Evidence(
            claim=self.derivation.name,
            method="proof and balls",
            verdict=self.verdict,
            figure=witness or self.reason,
            resolution="exact" if self.verdict is Verdict.PROVED else seen,
            seed=self.seed,
            seconds=self.seconds,
        )
