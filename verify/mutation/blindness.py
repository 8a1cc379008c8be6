"""What each method cannot see, said beforehand, and what it has to see all the same.

A class without a row is one of which a method misses nothing. A row is kept as long as
it is needed: where nothing of its class survives any more it is stale, and is reported
as an error is; so is a method that sees a smaller share of the class than the row says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from verify.evidence import Verdict
from verify.mutation.trial import Found, Trial


@dataclass(frozen=True)
class Blindness:
    """What a method cannot see of a class of errors.

    least  the share of the class that it kills at least
    words  why it does not kill the others
    """

    least: float
    words: str


SECOND = Blindness(0.0, "no second derivative is looked at")
BLIND: dict[str, dict[str, Blindness]] = {
    "oracle": {},
    "monte_carlo": {
        "epsilon": Blindness(0.5, "moves a mean by less than its tolerance"),
        "relative error": Blindness(0.3, "smaller than the tolerance of a mean"),
        "clamp": Blindness(0.3, "no draw reaches the bound, or too few do"),
        "floor": Blindness(0.25, "moves a mean by less than its tolerance"),
        "precision": Blindness(0.4, "rounding cancels in a mean over draws"),
        "gradient": Blindness(0.6, "a factor nearer to 1 than a mean's tolerance"),
        "branch": Blindness(0.6, "few draws fall on the branch"),
        "curvature": SECOND,
        "sample mixing": Blindness(0.75, "a millionth of a neighbour moves no mean"),
        "near miss": Blindness(0.8, "differs only where few draws fall, or by little"),
    },
    "autograd": {
        "clamp": Blindness(0.6, "no point of its sheets is beyond the bound"),
        "floor": Blindness(0.85, "no point of its sheets is below the floor"),
        "near miss": Blindness(0.9, "no point is beyond the clamp or threshold"),
    },
    "peers": {
        "gradient": Blindness(0.85, "a value without any gradient is judged alone"),
        "curvature": SECOND,
        "near miss": Blindness(0.9, "the only peer that takes these words errs too"),
    },
}
"""By method and class."""


def reason(trial: Trial, found: Found) -> str:
    """Why the method did not notice; "" if nothing is known that explains it."""
    if found.verdict is None:
        return found.figure
    if trial.equal:
        return "proved equal to the right one"
    if found.verdict is Verdict.UNDECIDED:
        return f"undecided: {found.figure}"
    row = BLIND[found.method].get(trial.kind)
    return row.words if row else ""


def survivors(trials: Iterable[Trial], method: str) -> list[tuple[Trial, Found]]:
    """The wrong ones that a method judged and did not refute."""
    pairs = [(t, t.by(method)) for t in trials if t.wrong]
    return [(t, f) for t, f in pairs if f and f.verdict and not f.killed]


def unexplained(trials: Sequence[Trial], method: str) -> list[Trial]:
    """The wrong ones that survived a method although nothing says why."""
    return [t for t, found in survivors(trials, method) if not reason(t, found)]


def stale(trials: Sequence[Trial], methods: Sequence[str]) -> list[str]:
    """The rows that no survivor needs any more; of all mutants, not of some."""
    found = []
    for method in methods:
        kinds = {t.kind for t, _ in survivors(trials, method)}
        found += [
            f"{method} sees every {kind} now; its row says: {row.words}"
            for kind, row in BLIND[method].items()
            if kind not in kinds
        ]
    return found


def weaker(trials: Sequence[Trial], methods: Sequence[str]) -> list[str]:
    """The rows of which less is killed than they say; of all mutants, not of some."""
    found = []
    for method in methods:
        lost = [t.kind for t, _ in survivors(trials, method)]
        for kind, row in BLIND[method].items():
            of_kind = [t for t in trials if t.wrong and t.kind == kind]
            judged = sum(f.verdict is not None for t in of_kind if (f := t.by(method)))
            killed = judged - lost.count(kind)
            if killed < row.least * judged:
                words = f"{killed} of {judged}, not {row.least:.0%} of them"
                found.append(f"{method} kills less of {kind} than it did: {words}")
    return found
