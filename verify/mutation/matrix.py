"""The matrix method x class: how many were killed, how many live, how long it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from verify.mutation.trial import Trial

TOGETHER = "any"


@dataclass(frozen=True)
class Cell:
    """What became of the mutants of one class before one method.

    killed    wrong, and refuted
    survived  wrong, and not refuted
    unjudged  wrong, and the method has nothing to say of it
    equal     right after all, by proof, or unchanged; and not refuted
    accused   right, and refuted: a false alarm
    seconds   wall-clock time of all
    """

    killed: int = 0
    survived: int = 0
    unjudged: int = 0
    equal: int = 0
    accused: int = 0
    seconds: float = 0.0


def cell(trials: Sequence[Trial], method: str) -> Cell:
    """The counts of these mutants before a method, or before all together."""
    counts = dict.fromkeys(("killed", "survived", "unjudged", "equal", "accused"), 0)
    seconds = 0.0
    for trial in trials:
        found = trial.by(method)
        if method == TOGETHER:
            killed, judged = trial.killed, trial.judged
            seconds += sum(one.seconds for one in trial.found)
        elif found is not None:
            killed, judged = found.killed, found.verdict is not None
            seconds += found.seconds
        else:
            continue
        if not trial.wrong:
            counts["accused" if killed else "equal"] += judged
        elif not judged:
            counts["unjudged"] += 1
        else:
            counts["killed" if killed else "survived"] += 1
    return Cell(**counts, seconds=seconds)


def matrix(
    trials: Sequence[Trial], methods: Sequence[str], kinds: Sequence[str]
) -> dict[tuple[str, str], Cell]:
    """By class and method; a class without mutants is left out, "all" is every one."""
    columns = (*methods, *([TOGETHER] if len(methods) > 1 else []))
    found: dict[tuple[str, str], Cell] = {}
    for kind in (*kinds, ALL):
        of_kind = [t for t in trials if kind in (t.kind, ALL)]
        if of_kind:
            found |= {(kind, method): cell(of_kind, method) for method in columns}
    return found


ALL = "all"


def as_data(cells: dict[tuple[str, str], Cell]) -> list[dict[str, object]]:
    """The cells as plain data, for JSON."""
    return [
        {"class": kind, "method": method}
        | asdict(one)
        | {"seconds": round(one.seconds, 3)}
        for (kind, method), one in cells.items()
    ]
