"""Which of the two losses escapes sooner, and what an optimiser that rescales changes.

Steps are counted exactly, so nothing is tolerated. What is found is found of these
runs: these networks, rates, strengths and this seed.
"""

from __future__ import annotations

from collections.abc import Sequence

from verify.evidence import Evidence, Verdict
from verify.vanish.outcome import ADAM, NONSATURATING, SATURATING, SGD, Escape

Steps = dict[tuple[int, str, str], Escape]


def by_run(escapes: Sequence[Escape]) -> Steps:
    """Every run by its start, its optimiser and its loss."""
    return {(one.start, *one.tried): one for one in escapes}


def order(escapes: Sequence[Escape], seed: int, seconds: float) -> Evidence:
    """Under plain SGD L_NS escapes in fewer steps than L_G, from every start.

    AGREES     it does
    REFUTED    from some start it does not
    UNDECIDED  a run is missing, or from some start neither escapes within the limit
    """
    runs = by_run(escapes)
    starts = sorted({one.start for one in escapes})
    pairs = [
        (runs.get((s, SGD, NONSATURATING)), runs.get((s, SGD, SATURATING)))
        for s in starts
    ]
    whole = [(n, s) for n, s in pairs if n is not None and s is not None]
    if any(n.least > s.least for n, s in whole) or any(
        n.steps is not None and n.steps == s.steps for n, s in whole
    ):
        verdict = Verdict.REFUTED
    elif not pairs or len(whole) < len(pairs) or any(n.steps is None for n, _ in whole):
        verdict = Verdict.UNDECIDED
    else:
        verdict = Verdict.AGREES
    limit = max((one.limit for one in escapes), default=0)
    return Evidence(
        claim="under SGD the non-saturating loss escapes first from every start",
        method="models",
        verdict=verdict,
        figure="; ".join(f"{_words(n)} against {_words(s)}" for n, s in whole),
        resolution=f"one step, within {limit}",
        seed=seed,
        seconds=seconds,
    )


def rescaling(escapes: Sequence[Escape], seed: int, seconds: float) -> Evidence:
    """Adam brings the steps of both losses nearer to one another, from every start.

    AGREES     the ratio of the steps, of L_G to L_NS, is nearer to 1 under Adam than
               under SGD: so is that of L_NS to L_G
    REFUTED    from some start it is not
    UNDECIDED  a run is missing, or where L_G stays under SGD the least ratio that it
               can have does not say
    """
    runs, told, doubts, against = by_run(escapes), [], not escapes, False
    for start in sorted({one.start for one in escapes}):
        slow, fast, slow_adam, fast_adam = (
            runs.get((start, optimiser, loss))
            for optimiser in (SGD, ADAM)
            for loss in (SATURATING, NONSATURATING)
        )
        if not (slow and fast and slow_adam and fast_adam):
            doubts = True
            continue
        if not (fast.steps and fast_adam.steps and slow_adam.steps):
            doubts = True
            continue
        plain, scaled = slow.least / fast.steps, slow_adam.steps / fast_adam.steps
        more = ">" if slow.steps is None else ""
        told.append(f"{more}{plain:.3g} to {scaled:.3g}")
        if _apart(scaled) >= _apart(plain):
            against, doubts = against or not more, doubts or bool(more)
    verdict = Verdict.UNDECIDED if doubts else Verdict.AGREES
    return Evidence(
        claim="Adam brings the steps that both losses take nearer together",
        method="models",
        verdict=Verdict.REFUTED if against else verdict,
        figure="ratio of steps from SGD to Adam: "
        + ("; ".join(told) or "there is no start from which all escaped"),
        resolution="one step",
        seed=seed,
        seconds=seconds,
    )


def _apart(ratio: float) -> float:
    """How far two counts are apart, whichever is larger."""
    return max(ratio, 1 / ratio)


def _words(run: Escape) -> str:
    return "never" if run.steps is None else f"{run.steps}"
