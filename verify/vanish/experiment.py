"""All that one experiment found."""

from __future__ import annotations

from dataclasses import dataclass, field

from verify.evidence import Evidence, Verdict
from verify.vanish.flow import Passage
from verify.vanish.outcome import Escape, Start


class StrengthError(ValueError):
    """A discriminator that does not become as strong as it should, with this seed."""


@dataclass
class Experiment:
    """What was found until the end, or until the keyboard interrupted.

    seed         of the data, the noise and the first weights
    limit        the most steps of a run
    starts       one for each discriminator, the weakest first
    escapes      the runs that are known, up to four from each start
    passages     runs of the model h = theta
    evidence     what all this says of the claims
    interrupted  whether the keyboard did
    """

    seed: int
    limit: int
    starts: list[Start] = field(default_factory=list)
    escapes: list[Escape] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    interrupted: bool = False

    @property
    def good(self) -> bool:
        """Whether it is whole, and every claim agrees."""
        agree = all(one.verdict is Verdict.AGREES for one in self.evidence)
        return agree and bool(self.evidence) and not self.interrupted

    def as_data(self) -> dict[str, object]:
        """The same as plain data, for JSON."""
        return {
            "seed": self.seed,
            "limit": self.limit,
            "starts": [one.as_data() for one in self.starts],
            "escapes": [one.as_data() for one in self.escapes],
            "passages": [one.as_data() for one in self.passages],
            "evidence": [one.as_data() for one in self.evidence],
        }
