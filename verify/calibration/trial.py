"""One judgement of one right implementation: whether it cried wolf, and how nearly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from verify import methods
from verify.budget import Budget
from verify.calibration.legitimate import candidates
from verify.evidence import Verdict
from verify.losses.candidate import Candidate
from verify.losses.convention import Convention
from verify.losses.points import cases
from verify.monte_carlo import judge as sampling

ORACLE = "oracle"
ROUNDING = (ORACLE, "autograd", "peers")
"""Methods that only allow for rounding: a false alarm of theirs has no rate."""
SAMPLING = "monte_carlo"
RATES = (1e-1, 1e-2, 1e-3)
DRAWS = 256  # a bound on a rate holds for any number of draws
SPREAD = 1_000_003  # seeds of runs that are to share no draws
SLOW = "jax"  # compiled anew for each call: if asked for, by the oracle, under one seed
QUANTITIES = ("value", "gradient", "second")


@dataclass(frozen=True)
class Trial:
    """What one method said of one implementation under one seed.

    nominal  the rate of false alarms that was asked for; 0 where only rounding is
             allowed for
    alarm    what it found wrong; empty if it did not
    decided  whether it said that it agrees, or refuted
    shares   by quantity, of what the oracle allows; empty of other methods
    vectors  how many input vectors the implementation was judged on
    """

    method: str
    nominal: float
    candidate: str
    seed: int
    alarm: str
    decided: bool
    shares: dict[str, float] = field(default_factory=dict)
    vectors: int = 0


@dataclass(frozen=True)
class Task:
    """The work of one process at a time.

    group     the implementations of one convention in one dtype, see `groups`
    seed      of the points
    method    a member of ROUNDING; empty for Monte Carlo
    runs      of Monte Carlo: how many, each with draws of its own
    """

    group: int
    seed: int
    method: str = ""
    runs: int = 0


@cache
def groups() -> tuple[tuple[Candidate, ...], ...]:
    """The implementations, those of one convention and dtype together."""
    found: dict[tuple[Convention, str, bool], list[Candidate]] = {}
    for one in candidates():
        key = one.convention, one.dtype, one.framework == SLOW
        found.setdefault(key, []).append(one)
    return tuple(map(tuple, found.values()))


def tasks(
    seeds: Sequence[int],
    runs: int,
    slow: bool = False,
    *,
    asked: Sequence[str] = (*ROUNDING, SAMPLING),
    only: str | None = None,
) -> list[Task]:
    """All that is to be done: each seed for the oracle, and so many runs of draws.

    slow   whether the implementations that are slow to judge are among it
    asked  the methods that judge
    only   a loss, whose implementations alone are judged

    Autograd and the peers, which take longer, have the first seed. The runs go round
    the groups, so that each group has as many, or one more. Every method has begun
    when one group is done; what only adds seeds or is slow comes last.
    """
    chosen = [
        place
        for place, group in enumerate(groups())
        if only in (None, group[0].convention.loss.name)
    ]
    late = [n for n in chosen if groups()[n][0].framework == SLOW]
    quick = [n for n in chosen if n not in late]
    rounding = [method for method in ROUNDING if method in asked]
    found = []
    for place, n in enumerate(quick):
        found += [Task(n, seeds[0], method) for method in rounding]
        share = len(range(place, runs, len(quick)))
        if share and SAMPLING in asked:
            found.append(Task(n, seeds[0], runs=share))
    if ORACLE in asked:
        found += [Task(n, seed, ORACLE) for seed in seeds[1:] for n in quick]
        found += [Task(n, seeds[0], ORACLE) for n in late if slow]
    return found


def tried(task: Task) -> list[Trial]:
    """Judge the implementations of a task."""
    group = groups()[task.group]
    if not task.method:
        return _sampled(task, group)
    if methods.cannot(task.method, group[0].convention):
        return []
    return [_rounded(task, one) for one in group]


def _rounded(task: Task, one: Candidate) -> Trial:
    found = methods.judged(task.method, one, seed=task.seed)
    shares = {}
    if task.method == ORACLE:
        for name in QUANTITIES:
            quantity = getattr(found, name)
            if quantity.verdict is not Verdict.UNDECIDED:
                shares[name] = float(quantity.share)
    return Trial(
        task.method,
        0.0,
        label(one),
        task.seed,
        found.figure if found.verdict is Verdict.REFUTED else "",
        found.verdict is not Verdict.UNDECIDED,
        shares,
        vectors(one.convention, one.dtype, task.seed),
    )


def _sampled(task: Task, group: tuple[Candidate, ...]) -> list[Trial]:
    """One implementation a run, each in turn: two on the same draws are not two."""
    found: list[Trial] = []
    if methods.cannot(SAMPLING, group[0].convention):
        return found
    for run in range(task.runs):
        one = group[run % len(group)]
        seed = seed_of(task, run)
        for rate in RATES:
            said = sampling.judged(one, seed=seed, rate=rate, draws=DRAWS)
            refuted = said.verdict is Verdict.REFUTED
            decided = said.verdict is not Verdict.UNDECIDED
            alarm = said.figure if refuted else ""
            found.append(Trial(SAMPLING, rate, label(one), seed, alarm, decided))
    return found


def seed_of(task: Task, run: int) -> int:
    """The seed of one run, which no other run of any group has."""
    return task.seed + SPREAD * (1 + task.group + len(groups()) * run)


def label(one: Candidate) -> str:
    """An implementation's name, convention and dtype."""
    return f"{one.name}: {one.convention}, {one.dtype}"


@cache
def vectors(convention: Convention, dtype: str, seed: int) -> int:
    """How many input vectors, within the range, a convention is judged on."""
    if methods.cannot(ORACLE, convention):
        return 0
    batches = cases(convention, dtype, seed, Budget.STANDARD)
    first = convention.inputs[0]
    return sum(len(b.arrays[first]) for b in batches if not b.beyond)
