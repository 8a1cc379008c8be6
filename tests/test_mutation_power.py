"""The power of each method on a few mutants of every class: it may not drop.

The whole of it is `python -m verify mutants`; here are the first of each class of two
losses.
"""

from __future__ import annotations

from collections import Counter

import pytest

from verify.budget import Budget
from verify.evidence import Evidence, Verdict
from verify.methods import METHODS
from verify.mutation import trial
from verify.mutation.blindness import BLIND, survivors, unexplained
from verify.mutation.catalogue import RIGHT, groups, kinds
from verify.mutation.mutant import Mutant
from verify.mutation.trial import Trial, tried

pytest.importorskip("torch")

NAMES = (
    "gaussian_kl/log_variance/textbook",
    "nonsaturating_generator_loss/logits/logs",
    "nonsaturating_generator_loss/near miss",
)
EACH = 2


def sample() -> list[Mutant]:
    """The first of each class, and what is right, of the groups with these names."""
    found: list[Mutant] = []
    seen: Counter[tuple[str, str]] = Counter()
    for group in [g for g in groups() if g.name in NAMES]:
        for mutant in group.mutants():
            seen[group.name, mutant.kind] += 1
            if seen[group.name, mutant.kind] <= EACH:
                found.append(mutant)
    return found


def lost(trials: list[Trial], method: str) -> list[str]:
    """What a method is said to kill, and does not; and how many too few of the rest."""
    found = [t.name for t in unexplained(trials, method)]
    rows, kinds_of = BLIND[method], Counter(t.kind for t in trials)
    living = Counter(t.kind for t, _ in survivors(trials, method))
    wanted = int(sum(row.least * kinds_of[kind] for kind, row in rows.items()))
    killed = sum(kinds_of[kind] - living[kind] for kind in rows)
    return found + [f"{killed}, not {wanted}, of {[*rows]}"] * (killed < wanted)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_kills_what_it_is_said_to_kill(method: str) -> None:
    trials = [
        tried(mutant, (method,), seed=0, budget=Budget.STANDARD) for mutant in sample()
    ]
    assert {t.kind for t in trials} == {*kinds()}
    assert not [t.name for t in trials if t.kind == RIGHT and t.killed]
    assert not lost(trials, method)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_lets_everything_live_is_noticed(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lenient = Evidence("", method, Verdict.AGREES, "", "", 0, 0.0)
    monkeypatch.setattr(trial, "judged", lambda *a, **k: lenient)
    trials = [tried(m, (method,), seed=0, budget=Budget.QUICK) for m in sample()]
    names = lost(trials, method)
    assert len(names) >= len(trials) // 2
    if any(row.least for row in BLIND[method].values()):
        assert "not" in names[-1]
