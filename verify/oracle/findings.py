"""What is found of a callable, batch after batch, and what evidence it amounts to."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from math import isfinite

from verify.evidence import Verdict
from verify.losses.call import Fault, evaluated
from verify.losses.candidate import Candidate
from verify.losses.magnitudes import INSIDE
from verify.losses.points import Case
from verify.oracle.comparison import QUANTITIES, ROUNDOFFS, Worst, compared
from verify.oracle.conformance import Conformance, Quantity
from verify.oracle.expected import Expected
from verify.oracle.snippet import faulty, snippet, witness

DIFFERENTIATED = ("torch", "jax")
"""Frameworks whose losses have a gradient."""


@dataclass
class Findings:
    """What is known so far.

    worst    by quantity, where it is furthest off within the range
    lost     by quantity, the largest number of which rounding leaves no digit
    far      by quantity, the first error beyond the range
    missing  by quantity, why it was not judged
    share    by quantity, of the worst of all batches
    fault    what the callable did instead of computing, with the batch
    """

    candidate: Candidate
    seed: int
    started: float
    worst: dict[str, Worst] = field(default_factory=dict)
    lost: dict[str, Worst] = field(default_factory=dict)
    far: dict[str, Worst] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    share: dict[str, float] = field(default_factory=dict)
    fault: tuple[str, Case] | None = None

    def take(self, batch: Expected) -> None:
        """Run the callable on a batch, and compare."""
        try:
            results = evaluated(self.candidate, batch.case.arrays, batch.weights)
        except Fault as fault:
            self.fault = str(fault), batch.case
            return
        self.missing |= results.missing
        form = self.candidate.format
        for one in compared(results, batch, self.candidate):
            worst, lost = one.worst, one.lost(form)
            if one.overflow:
                self.far.setdefault(one.quantity, one.overflow)
            if batch.case.beyond:
                if worst.wrong:
                    self.far.setdefault(one.quantity, worst)
                continue
            self.worst[one.quantity] = _larger(self.worst.get(one.quantity), worst)
            self.share[one.quantity] = self.worst[one.quantity].share
            if lost and lost.size > _size(self.lost.get(one.quantity)):
                self.lost[one.quantity] = lost

    @property
    def refuted(self) -> bool:
        """Whether anything is wrong, so far."""
        return self.fault is not None or any(w.wrong for w in self.worst.values())

    def evidence(self, partial: bool) -> Conformance:
        """All of it; what is not partial has the simplest witness of each error."""
        return (self if partial else self._simplest())._evidence(partial)

    def _simplest(self) -> Findings:
        """The same, with the simplest witness of each error or of the fault."""
        if self.fault is None:
            worst = {
                name: witness(self.candidate, name, worst) if worst.wrong else worst
                for name, worst in self.worst.items()
            }
            return replace(self, worst=worst)
        if not self.candidate.convention.loss.separable:
            return self
        text, case = self.fault
        case, text = faulty(self.candidate, case, text)
        return replace(self, fault=(text, case))

    def _evidence(self, partial: bool) -> Conformance:
        parts = {name: self._quantity(name) for name in QUANTITIES}
        refuted = [n for n, p in parts.items() if p.verdict is Verdict.REFUTED]
        wrong = refuted[0] if refuted else ""
        verdict = Verdict.REFUTED if refuted else Verdict.AGREES
        if verdict is Verdict.AGREES and (partial or "value" not in self.worst):
            verdict = Verdict.UNDECIDED
        one = self.candidate
        roundoff = f"{ROUNDOFFS * 2.0**-one.format.digits:.1e}"
        return Conformance(
            one.name,
            "oracle",
            verdict,
            self._figure(wrong, parts),
            "" if self.fault else f"{roundoff} of the summands' sizes",
            self.seed,
            time.perf_counter() - self.started,
            f"{one.convention}, {one.dtype}, {one.framework}",
            parts,
            findings=self._findings(parts),
            snippet="" if partial else self._snippet(wrong),
            partial=partial,
        )

    def _quantity(self, name: str) -> Quantity:
        if self.fault:
            return Quantity(Verdict.REFUTED, float("inf"), reason=self.fault[0])
        worst = self.worst.get(name)
        if worst is None or (name in self.missing and not worst.wrong):
            reason = self.missing.get(name) or self._why_not(name)
            if name == "gradient" and self.candidate.framework in DIFFERENTIATED:
                return Quantity(Verdict.REFUTED, float("inf"), reason=reason)
            return Quantity(Verdict.UNDECIDED, reason=reason)
        verdict = Verdict.REFUTED if worst.wrong else Verdict.AGREES
        alone = all(a.size == 1 for a in worst.batch.case.arrays.values())
        where = worst.where if alone else None
        share = max(worst.share, self.share.get(name, 0.0))
        return Quantity(verdict, share, worst.label, worst.found, worst.true, where)

    def _why_not(self, name: str) -> str:
        if name == "second" and "gradient" in self.worst:
            return "second derivatives of whole vectors are not judged"
        return "there is no gradient"

    def _figure(self, wrong: str, parts: dict[str, Quantity]) -> str:
        if self.fault:
            return self.fault[0]
        if wrong:
            return f"{wrong}: {parts[wrong]}"
        share = max(part.share for part in parts.values())
        return f"errors of at most {share:.2f} of what rounding allows"

    def _findings(self, parts: dict[str, Quantity]) -> tuple[str, ...]:
        """What is said of quantities that are not refuted."""
        limit = INSIDE[self.candidate.dtype]  # of a logit or log-variance
        right = [n for n in QUANTITIES if parts[n].verdict is not Verdict.REFUTED]
        lost = (_loss(name, self.lost[name]) for name in right if name in self.lost)
        far = (
            f"{name} {_kind(w)} beyond {limit:g}: {w.words}"
            for name, w in self.far.items()
            if name in right
        )
        missing = (
            f"{name} not judged: {why}"
            for name, why in self.missing.items()
            if name in right
        )
        return (*lost, *far, *missing)

    def _snippet(self, wrong: str) -> str:
        if self.fault:
            return snippet(self.candidate, self.fault[1], self.fault[0])
        if wrong not in self.worst:
            return ""
        worst = self.worst[wrong]
        label = f" {worst.label}" if worst.label else ""
        says = f"the {wrong}{label} is {worst.found!r}, should be {worst.true!r}"
        return snippet(self.candidate, worst.batch.case, says, worst.label)


def _larger(before: Worst | None, now: Worst) -> Worst:
    return now if before is None or now.share > before.share else before


def _size(lost: Worst | None) -> float:
    return lost.size if lost else 0.0


def _loss(name: str, worst: Worst) -> str:
    if isfinite(worst.found):
        return f"{name} loses all digits below {worst.size:.1e}: {worst.words}"
    return f"{name} overflows: {worst.words}"


def _kind(worst: Worst) -> str:
    return "is wrong" if isfinite(worst.found) else "overflows"
