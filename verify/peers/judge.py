"""Judge a callable by what other libraries compute, where they are known to be right.

A callable is refuted where it differs from every peer that has something to say there
by more than the rounding of both.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache

import numpy as np

from verify.budget import Budget
from verify.evidence import Evidence, Verdict
from verify.losses.call import Fault, evaluated
from verify.losses.candidate import Candidate
from verify.losses.convention import Convention
from verify.peers.magnitudes import ALONE
from verify.peers.sheet import ROUNDOFFS, Batch, Said, batches, peer_words
from verify.peers.table import peers

METHOD = "peers"


@cache
def cannot(convention: Convention) -> str:
    """Why no peer has anything to say of a convention; empty where one has."""
    for part in convention.loss.parts:
        if part.name not in ALONE:
            return "its terms are not of one coordinate each, as the peers' are here"
        words = peer_words(convention, part)
        if not peers(ALONE[part.name][0], words):
            return f"no peer that is installed takes {', '.join(words)}"
    return ""


def judged(
    candidate: Candidate, *, seed: int = 0, budget: Budget = Budget.STANDARD
) -> Evidence:
    """Compare value and gradient with those of every peer, on shared batches.

    Raises ValueError where `cannot` has a reason.
    """
    if reason := cannot(candidate.convention):
        raise ValueError(f"{candidate.convention.loss.name}: {reason}")
    started = time.perf_counter()
    worst, at, seen, fault = 0.0, "", set(), ""
    for batch in batches(candidate.convention, candidate.dtype, seed, budget):
        try:
            results = evaluated(candidate, batch.case.arrays, batch.weights)
        except Fault as found:
            fault = str(found)
            break
        for what, numbers, said in _pairs(results.value, results.slopes, batch):
            share = shares(numbers, said)
            if share is None:
                continue
            seen.add(what)
            most = float(share.max(initial=0.0))
            if most > worst:
                place = np.unravel_index(int(share.argmax()), share.shape)
                worst, at = most, _where(what, numbers, said, place, batch)
    verdict = Verdict.AGREES if seen else Verdict.UNDECIDED
    if fault or worst > 1:
        verdict = Verdict.REFUTED
    roundoff = 2.0**-candidate.format.digits
    return Evidence(
        candidate.name,
        METHOD,
        verdict,
        fault or _figure(worst, at, seen),
        f"{2 * ROUNDOFFS * roundoff:.1e} of the summands' sizes",
        seed,
        time.perf_counter() - started,
    )


def shares(numbers: np.ndarray, said: Sequence[Said]) -> np.ndarray | None:
    """Errors over what is allowed, from the nearest witness; None if all are silent.

    0 where every witness is silent.
    """
    if not said:
        return None
    rows = []
    with np.errstate(all="ignore"):
        for one in said:
            error = np.abs(numbers - one.numbers) / one.allowed
            missed = np.isnan(error) | ~np.isfinite(numbers)
            rows.append(np.where(missed, np.inf, error))
    spoken = np.array([~np.isnan(one.numbers) for one in said])
    if not spoken.any():
        return None
    nearest = np.where(spoken, np.array(rows), np.inf).min(0)
    return np.where(spoken.any(0), nearest, 0.0)


def _pairs(
    value: Sequence[np.ndarray], slopes: dict[str, np.ndarray], batch: Batch
) -> list[tuple[str, np.ndarray, list[Said]]]:
    found = [("value", v, s) for v, s in zip(value, batch.value, strict=True)]
    return found + [(f"d/d{w}", slope, batch.slopes[w]) for w, slope in slopes.items()]


def _where(
    what: str,
    numbers: np.ndarray,
    said: Sequence[Said],
    place: tuple[np.intp, ...],
    batch: Batch,
) -> str:
    near = [one.numbers[place] for one in said if not np.isnan(one.numbers[place])]
    given = []
    for word, array in batch.case.arrays.items():
        leads = numbers.shape == array.shape[: numbers.ndim]
        there = np.ravel(array[place] if leads else array)
        more = ", ..." if there.size > 1 else ""
        given.append(f"{word} = {float(there[0]):.6g}{more}")
    return f"{what} {numbers[place]:.9g}, the peers {near[0]:.9g} at {'; '.join(given)}"


def _figure(worst: float, at: str, seen: set[str]) -> str:
    if not seen:
        return "no peer had anything to say where it is known to be right"
    if worst > 1:
        return at
    judged = "value and gradient" if len(seen) > 1 else "the value alone"
    return f"{judged} within {worst:.2f} of what rounding allows"
