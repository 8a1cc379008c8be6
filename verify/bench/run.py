"""A plan carried out: cell after cell, then what the first calls cost."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TypeAlias

from verify.bench import fresh
from verify.bench.cell import Cell, Unavailable, measured
from verify.bench.plan import Plan


@dataclass(frozen=True)
class LeftOut:
    """What was not measured, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class FirstCalls:
    """Seconds in a process of its own, by what was timed."""

    seconds: dict[str, float]


Found: TypeAlias = Cell | FirstCalls | LeftOut


def found(
    plan: Plan, programs: Sequence[fresh.Program], seed: int = 0
) -> Iterator[Found]:
    """The cells of the plan in their order, then the programs, as they are done.

    The first cell and the first program are measured whatever the budget is.
    """
    until = time.perf_counter() + plan.budget - sum(p.seconds for p in programs)
    spent = f"the {plan.budget:g} s of --budget were used up"
    for number, setting in enumerate(plan.settings()):
        if number and time.perf_counter() > until:
            yield LeftOut(str(setting), spent)
            continue
        try:
            yield measured(setting, plan.seconds, seed, plan.clock)
        except Unavailable as error:
            yield LeftOut(str(setting), str(error))
    for number, program in enumerate(programs):
        until += program.seconds
        name = ", ".join(dict(program.timed))
        if find_spec(program.framework) is None:
            yield LeftOut(name, f"{program.framework} is not installed")
        elif number and time.perf_counter() > until:
            yield LeftOut(name, spent)
        else:
            yield FirstCalls(fresh.seconds(program))
