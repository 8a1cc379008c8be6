"""A row of the judged ledger: a claim, and whether it stands as expected."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.document.claim import Claim, Expected
from derivations.hypotheses import Hypothesis
from verify.evidence import Verdict
from verify.judgement import Judgement


@dataclass(frozen=True)
class Row:
    """A claim, what was found of it, and the judgements that say so."""

    claim: Claim
    found: Expected | None
    statements: tuple[Judgement, ...]
    right: tuple[Judgement, ...]
    counterexamples: tuple[Judgement, ...]
    seconds: float

    @property
    def as_expected(self) -> bool:
        """Whether the machine found what the ledger says."""
        return self.found is self.claim.expected

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """Everything that was judged for the claim."""
        return (*self.statements, *self.right, *self.counterexamples)

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """What the claim, or its right form, rests on."""
        shown = (
            self.right if self.claim.expected is Expected.REFUTED else self.statements
        )
        return tuple(dict.fromkeys(h for j in shown for h in j.derivation.hypotheses))

    @property
    def witness(self) -> str:
        """The counterexample to a refuted claim."""
        return next(
            (s.witness for j in self.statements for s in j.steps if s.refuted), ""
        )

    @property
    def values(self) -> list[str]:
        """What the two sides of the refuted line are worth at the counterexample."""
        return next(
            (s.values for j in self.statements for s in j.steps if s.refuted), []
        )

    @property
    def fault(self) -> str:
        """Why the claim does not stand as expected; empty where it does."""
        if self.as_expected:
            return ""
        refuted = self.claim.expected is Expected.REFUTED
        for judgement in self.statements:
            wanted = Verdict.REFUTED if refuted else Verdict.PROVED
            if judgement.verdict is not wanted:
                return _unlike(judgement, wanted)
        for judgement in (*self.right, *self.counterexamples):
            if judgement.verdict is not Verdict.PROVED:
                return _unlike(judgement, Verdict.PROVED)
        return f"expected {self.claim.expected}, found {self.found}"


def _unlike(judgement: Judgement, wanted: Verdict) -> str:
    name = judgement.derivation.name
    return f"{name} is {judgement.verdict}, not {wanted}: {judgement.reason}"
