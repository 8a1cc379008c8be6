"""The judgement of a derivation: every step by proof, and every step by balls.

The proof may say yes, the balls may say no. A step passes only when it is proved, and
when it was defined at some point that was tried. A step that is both proved and refuted
is a fault of this tool: it stops the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from sympy import Basic, Expr
from sympy.core.relational import Relational

from derivations.chain import Derivation
from derivations.line import Step
from derivations.rules.definition import Definition
from verify.balls import Comparison, compare
from verify.deadline import OutOfTime, deadline
from verify.evidence import Evidence, Verdict
from verify.proof import proves

SECONDS = 20.0
POINTS = 8


class Conflict(RuntimeError):
    """A step was proved and refuted: one of the two judges is wrong."""


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
        return [s.str(10, radius=False) if hasattr(s, "str") else str(s) for s in sides]


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
        return Evidence(
            claim=self.derivation.name,
            method="proof and balls",
            verdict=self.verdict,
            figure=next((s.witness for s in self.steps if s.witness), "")
            or self.reason,
            resolution="exact" if self.verdict is Verdict.PROVED else seen,
            seed=self.seed,
            seconds=self.seconds,
        )


class Judge:
    """Judges derivations, each once; the same seed gives the same points.

    seconds   time limit of one step
    points    at how many points each step is tried
    alive     called before every step
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        seconds: float = SECONDS,
        points: int = POINTS,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self.seed, self.seconds, self.points, self.alive = seed, seconds, points, alive
        self._known: dict[int, Judgement] = {}
        self._open: list[Derivation] = []

    def __call__(self, derivation: Derivation) -> Judgement:
        """The judgement of `derivation`; raises Conflict, and DerivationError for bad form."""
        if id(derivation) not in self._known:
            if derivation in self._open:
                raise RecursionError(f"{derivation.name} cites itself")
            self._open.append(derivation)
            try:
                self._known[id(derivation)] = self._judged(derivation)
            finally:
                self._open.pop()
        return self._known[id(derivation)]

    def _judged(self, derivation: Derivation) -> Judgement:
        started = time.perf_counter()
        steps, given = [], ()
        for above, step in zip(derivation.steps, derivation.steps[1:], strict=False):
            steps.append(self.step(above.expression, step, given))
            given += tuple(p for rule in step.rules for p in rule.premises)
        lemmas = tuple(self(lemma) for lemma in derivation.lemmas)
        spent = time.perf_counter() - started
        return Judgement(derivation, tuple(steps), lemmas, self.seed, spent)

    def step(
        self, above: Basic, step: Step, given: tuple[Relational, ...] = ()
    ) -> StepJudgement:
        """The judgement of one step under the line above it.

        given   premises of the steps before: numbers are tried where these hold too
        """
        self.alive()
        started = time.perf_counter()
        comparison, proved, late = None, False, ""
        try:
            with deadline(self.seconds):
                comparison = self._compared(above, step, given)
                proved = proves(above, step)
        except OutOfTime as limit:
            late = f"stopped after {limit}"
        except RecursionError:
            late = "stopped: the expression is nested too deeply"
        verdict, reason = _verdict(above, step, proved, comparison, late)
        spent = time.perf_counter() - started
        return StepJudgement(above, step, verdict, reason, comparison, spent)

    def _compared(
        self, above: Basic, step: Step, given: tuple[Relational, ...]
    ) -> Comparison:
        left, right, bindings, premises = compared_sides(above, step)
        return compare(
            left,
            right,
            step.relation,
            premises=given + premises,
            bindings=bindings,
            seed=self.seed,
            points=self.points,
        )


def compared_sides(
    above: Basic, step: Step
) -> tuple[Basic, Basic, dict[Expr, Expr], tuple[Relational, ...]]:
    """What the balls compare: both sides without defined names, bindings, premises."""
    left, right = above, step.expression
    for rule in step.rules:
        if isinstance(rule, Definition):
            left, right = rule.unnamed(left), rule.unnamed(right)
    bindings = {k: v for rule in step.rules for k, v in rule.bindings.items()}
    return left, right, bindings, tuple(p for rule in step.rules for p in rule.premises)


def _verdict(
    above: Basic, step: Step, proved: bool, comparison: Comparison | None, late: str
) -> tuple[Verdict, str]:
    if comparison is not None and comparison.refuted:
        if proved:
            raise Conflict(
                f"line {step.line}: {above} {step.relation} {step.expression} is proved by "
                f"{[r.name for r in step.rules]}, and refuted at {comparison.witness}"
            )
        place = f" at {comparison.witness}" if str(comparison.witness) else ""
        return Verdict.REFUTED, f"false{place}"
    if late or comparison is None:
        return Verdict.UNDECIDED, late
    if not comparison.tried and comparison.undefined:
        zero = comparison.division_by_zero
        why = f": {zero} is zero, and is divided by" if zero else ""
        return Verdict.UNDECIDED, f"undefined at every point tried{why}"
    if not comparison.tried and not comparison.unevaluable:
        return Verdict.UNDECIDED, "no point was found that meets all premises"
    if proved:
        return Verdict.PROVED, ""
    cited = ", ".join(rule.name for rule in step.rules) or "arithmetic alone"
    if comparison.tried:
        return Verdict.AGREES, (
            f"agrees at {comparison.tried} points, but does not follow by {cited}: not proved"
        )
    return Verdict.UNDECIDED, (
        f"does not follow by {cited}, and no number could be tried: {comparison.unevaluable}"
    )
