"""How far the judges can be trusted: planted errors, idle rules, other seeds."""

from __future__ import annotations

from functools import partial

from sympy.core.relational import Relational

from derivations.catalogue import catalogue
from derivations.document.claim import Expected
from verify.balls import compare
from verify.judge import Judge, compared_sides
from verify.ledger import claims
from verify.mutants import without_a_rule
from verify.planted import Planted, plant

POINTS = 6


def right_names() -> list[str]:
    """The derivations that are expected to be proved, by name."""
    wrong = {
        d.name for c in claims() if c.expected is Expected.REFUTED for d in c.statements
    }
    return [name for name in catalogue() if name not in wrong]


def planted(name: str, *, seed: int, seconds: float, each: int | None) -> list[Planted]:
    """The fates of the wrong lines made from one derivation."""
    judge = Judge(seed=seed, seconds=seconds)
    return plant(catalogue()[name], judge, each)


def idle_rules(name: str) -> list[str]:
    """The rules that a derivation cites and does not need, as `line: rule`."""
    derivation, judge = catalogue()[name], Judge()
    idle = []
    for lost, above, step in without_a_rule(derivation):
        if lost.startswith("given("):
            continue  # it moves nothing: it says what is supposed
        if judge.step(above, step).verdict.name == "PROVED":
            idle.append(f"{derivation.file}:{step.line}: {lost}")
    return idle


def refuting_seeds(name: str, *, count: int) -> list[str]:
    """The steps of a right derivation that a seed below `count` refutes: none may."""
    found = []
    derivation = catalogue()[name]
    given: tuple[Relational, ...] = ()
    for above, step in zip(derivation.steps, derivation.steps[1:], strict=False):
        left, right, bindings, premises = compared_sides(above.expression, step)
        judge = partial(
            compare,
            left,
            right,
            step.relation,
            premises=given + premises,
            bindings=bindings,
        )
        given += premises
        for seed in range(count):
            comparison = judge(seed=seed, points=POINTS)
            if comparison.refuted:
                found.append(
                    f"{derivation.file}:{step.line}: seed {seed}: {comparison.witness}"
                )
    return found
