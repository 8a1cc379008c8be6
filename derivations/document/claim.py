"""A claim of the document, and what is expected of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from derivations.chain import Derivation


class Expected(Enum):
    """What the ledger says of a claim, before the machine has looked."""

    PROVED = "proved"
    PROVED_UNDER = "proved under"
    REFUTED = "refuted"
    NOTATION = "notation"
    PROSE = "prose"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Claim:
    """One row of the ledger.

    id              as in the ledger: "2.03"
    quotation       the document's own words, in LaTeX where it has formulas
    expected        the verdict that the machine must find
    reading         how an ambiguous or a verbal claim is read
    statements      what is judged: for a proved claim all must be PROVED, for a
                    refuted one all must be REFUTED; a notation has none
    right           for a refuted claim: the right form, which must be PROVED
    counterexamples chains that work the counterexample out, which must be PROVED
    note            one sentence for the reader of the table
    standing        hypotheses that the whole exercise supposes, in the words of the
                    derivations: a claim that rests on these alone is proved, not
                    "proved under"
    """

    id: str
    quotation: str
    expected: Expected
    reading: str = ""
    statements: tuple[Derivation, ...] = ()
    right: tuple[Derivation, ...] = ()
    counterexamples: tuple[Derivation, ...] = ()
    note: str = ""
    standing: frozenset[str] = frozenset()

    @property
    def prose(self) -> bool:
        """Whether the document has a sentence here that is no statement by itself."""
        return self.expected is Expected.PROSE

    def __post_init__(self) -> None:
        judged = self.expected is not Expected.NOTATION
        if judged and not self.statements:
            raise ValueError(f"claim {self.id} has nothing to judge")
        if not judged and not self.reading:
            raise ValueError(f"claim {self.id} is a notation without its reading")
        if self.expected is Expected.REFUTED and not self.right:
            raise ValueError(
                f"claim {self.id} is refuted without a right form beside it"
            )
