"""Compare a candidate with the definition, on all sheets, and along a line."""

from __future__ import annotations

from verify.autograd.comparison import Difference, differences, resolution
from verify.autograd.expected import expectations
from verify.autograd.taylor import remainders
from verify.autograd.torch_candidates import computed
from verify.budget import Budget
from verify.evidence import Verdict
from verify.losses.call import Fault
from verify.losses.candidate import Candidate

ALL = 1.0
"""A relative resolution that would let pass a gradient that is not there."""


def judgement(
    candidate: Candidate, seed: int, budget: Budget
) -> tuple[Verdict, str, str]:
    """The verdict, the figure and the resolution, for a candidate in torch."""
    expected = expectations(candidate.convention, candidate.dtype, seed, budget)
    gradient = resolution("gradient", expected)
    value = resolution("value", expected)
    seen = f"{value:.1e} of a value, {gradient:.1e} of a slope, at half of the points"
    worst: list[Difference] = []
    missing: dict[str, None] = {}
    try:
        for one in expected:
            found = computed(candidate, one.sheet)
            missing |= dict.fromkeys(found.missing)
            here = list(differences(found.sweeps, one))
            if wrong := [d for d in here if d.wrong]:
                return Verdict.REFUTED, str(_first(wrong)), seen
            worst += here
        left = remainders(candidate, seed=seed)
    except Fault as fault:
        return Verdict.REFUTED, str(fault), seen
    if wrong_order := [r for r in left if r.wrong]:
        return Verdict.REFUTED, f"Taylor: {wrong_order[0]}", seen
    share = max(d.share for d in worst)
    orders = " and ".join(str(r) for r in left)
    says = (f"errors of at most {share:.2f} of what rounding explains; {orders}",)
    verdict = Verdict.AGREES if max(value, gradient) < ALL else Verdict.UNDECIDED
    return verdict, "; ".join((*says, *missing)), seen


def _first(wrong: list[Difference]) -> Difference:
    """The worst of the first quantity that is wrong."""
    return max(
        (d for d in wrong if d.quantity == wrong[0].quantity), key=lambda d: d.share
    )
