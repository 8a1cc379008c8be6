"""The evidence that a callable computes its loss, and its first two derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from verify.evidence import Evidence, Verdict

PLAIN = (
    *("claim", "judged", "method", "figure", "resolution", "seed"),
    *("findings", "snippet", "partial"),
)
"""The fields that JSON has as they are."""


@dataclass(frozen=True)
class Quantity:
    """What was found of the value, of the gradient or of the second derivatives.

    verdict  AGREES, REFUTED, or UNDECIDED where it was not judged
    share    the largest error over what rounding is allowed; inf for a nan or a false
             infinity
    label    which result, slope or second derivative that is: "d/dmu"
    found    what was computed there
    true     what is true
    where    the arguments there, by word; None where it takes a whole batch
    reason   why it was not judged; empty where it was
    """

    verdict: Verdict
    share: float = 0.0
    label: str = ""
    found: float = 0.0
    true: float = 0.0
    where: Mapping[str, float] | None = None
    reason: str = ""

    @property
    def error(self) -> float:
        """The distance from the truth where its share is largest."""
        return abs(self.found - self.true)

    def __str__(self) -> str:
        if self.reason:
            return self.reason
        if self.verdict is Verdict.AGREES:
            return f"errors of at most {self.share:.2g} of what rounding allows"
        at = ", ".join(f"{word} = {x!r}" for word, x in (self.where or {}).items())
        of = f"{self.label} is " if self.label else ""
        where = f" at {at}" if at else " in the batch of the program below"
        return f"{of}{self.found:.9g}, should be {self.true:.9g},{where}"

    def as_data(self) -> dict[str, object]:
        """The same as plain data, for JSON: no infinity, no nan."""
        return {
            "verdict": self.verdict.value,
            "share": _plain(self.share),
            "derivative": self.label,
            "found": _plain(self.found),
            "true": _plain(self.true),
            "at": dict(self.where or {}),
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Conformance(Evidence):
    """What the oracle says of a callable.

    judged    as what: the loss, its words, the reduction, dtype and framework
    parts     the value, the gradient and the second derivatives, each judged apart
    findings  what is not wrong, and worth knowing
    snippet   a program that shows the worst input; empty where all is within rounding
    partial   whether it was interrupted
    """

    judged: str
    parts: Mapping[str, Quantity]
    findings: tuple[str, ...] = ()
    snippet: str = ""
    partial: bool = False

    @property
    def value(self) -> Quantity:
        """What was found of the value."""
        return self.parts["value"]

    @property
    def gradient(self) -> Quantity:
        """What was found of the gradient."""
        return self.parts["gradient"]

    @property
    def second(self) -> Quantity:
        """What was found of the second derivatives."""
        return self.parts["second"]

    def __str__(self) -> str:
        """The evidence as a page."""
        lines = [f"{self.verdict}  {self.claim}, as {self.judged}"]
        if len({part.reason for part in self.parts.values()} - {""}) == 1 and all(
            part.reason for part in self.parts.values()
        ):
            lines.append(f"  it {self.figure}")
        else:
            lines += [f"  {n:8}  {p.verdict}: {p}" for n, p in self.parts.items()]
        lines += [f"  finding   {finding}" for finding in self.findings]
        if self.resolution:
            lines.append(f"  an error of {self.resolution} would have been seen")
        return "\n".join([*lines, *(["", self.snippet] if self.snippet else [])])

    @property
    def share(self) -> float:
        """The largest share of the allowance that was used."""
        return max(part.share for part in self.parts.values())

    def as_data(self) -> dict[str, object]:
        """The same as plain data, for JSON."""
        return {name: getattr(self, name) for name in PLAIN} | {
            "verdict": self.verdict.value,
            "seconds": round(self.seconds, 4),
            **{name: part.as_data() for name, part in self.parts.items()},
        }


def _plain(number: float) -> float | str:
    return number if np.isfinite(number) else str(number)
