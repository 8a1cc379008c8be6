"""The judgement of a derivation: every step by proof, and every step by balls.

The proof may say yes, the balls may say no. A step passes only when it is proved, and
when it was defined at some point that was tried. A step that is both proved and refuted
is a fault of this tool: it stops the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sympy import Basic, Expr
from sympy.core.relational import Relational

from derivations.chain import Derivation
from derivations.line import Step
from derivations.rules.definition import Definition
from verify.balls import Comparison, compare
from verify.deadline import OutOfTime, deadline
from verify.evidence import Verdict
from verify.judgement import Judgement, StepJudgement
from verify.proof import proves

SECONDS = 20.0
POINTS = 8


class Conflict(RuntimeError):
    """A step was proved and refuted: one of the two judges is wrong."""


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
        """The judgement of `derivation`; raises Conflict or DerivationError."""
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
        steps: list[StepJudgement] = []
        given: tuple[Relational, ...] = ()
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
            claim = f"{above} {step.relation} {step.expression}"
            rules = [rule.name for rule in step.rules]
            raise Conflict(
                f"line {step.line}: {claim} is proved by {rules}, "
                f"and refuted at {comparison.witness}"
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
    if proved and comparison.tried:
        return Verdict.PROVED, ""
    if proved:
        why = f"no number could be tried: {comparison.unevaluable}"
        return Verdict.UNDECIDED, f"follows from the rules, but {why}"
    cited = ", ".join(rule.name for rule in step.rules) or "arithmetic alone"
    unproved = f"does not follow by {cited}"
    if comparison.tried:
        agrees = f"agrees at {comparison.tried} points"
        return Verdict.AGREES, f"{agrees}, but {unproved}: not proved"
    why = f"no number could be tried: {comparison.unevaluable}"
    return Verdict.UNDECIDED, f"{unproved}, and {why}"
