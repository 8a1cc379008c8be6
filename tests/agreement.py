"""How a property test judges: what was found beside what should be, as Evidence.

Each property is a check, a function of what it judges that returns Evidence. One test
asks that what is derived stands, another that what is planted falls: the strategy that
tests the former has to find the latter out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from verify.accuracy.bounds import BOUNDS
from verify.accuracy.formats import Format
from verify.evidence import Evidence, Verdict

T = TypeVar("T")
TRIED = 200  # examples, before a planted error counts as not found
Row = tuple[str, Any, Any, Any]
"""What is compared, what was found, what should be, the largest difference."""


def unit(form: Format) -> float:
    """The unit roundoff: the largest relative error of one rounding."""
    return 2.0**-form.digits


def rounding(size: Any, form: Format, count: int = 1) -> Any:
    """The error of a sum of `count` terms of one sign that adds up to `size`.

    Each term is right to 4 units in the last place, that is to 8 unit roundoffs, or at
    the subnormals to 4 of these; and count - 1 additions round once each (Higham,
    "Accuracy and Stability of Numerical Algorithms", 2002, section 4.2). The last
    rounding of a wider sum, and of a mean's quotient, is one more.
    """
    units = BOUNDS["float64"]
    return (2 * units + count + 1) * unit(form) * np.abs(size) + (
        2 * units * count * form.smallest
    )


def below(name: str, found: Any, bound: Any, slack: Any) -> Row:
    """A row that says that something is at most its bound."""
    return name, found, np.minimum(found, bound), slack


def judged(claim: str, *rows: Row) -> Evidence:
    """AGREES if no difference is larger than allowed; the worst is the figure.

    Infinities agree with themselves, nan with nothing. Another shape is REFUTED.
    """
    worst, figure, finest = -1.0, "nothing compared", 0.0
    for name, found, expected, allowed in rows:
        found, expected = np.asarray(found, float), np.asarray(expected, float)
        if found.shape != expected.shape:
            figure = f"{name}: shape {found.shape}, not {expected.shape}"
            return _evidence(claim, Verdict.REFUTED, figure, finest)
        if not found.size:
            continue
        allowed = np.broadcast_to(np.asarray(allowed, float), found.shape)
        with np.errstate(all="ignore"):
            away = np.where(found == expected, 0.0, np.abs(found - expected))
            share = np.where(away > allowed, np.inf, 0.0)
            inner = away <= allowed
            share = np.where(inner & (away > 0), away / allowed, share)
            share = np.where(np.isnan(away) | np.isnan(allowed), np.inf, share)
            relative = allowed / np.abs(expected)
        finite = relative[np.isfinite(relative)]
        finest = max(finest, float(finite.min())) if finite.size else finest
        place = np.unravel_index(np.argmax(share), share.shape)
        if share[place] > worst:
            worst = float(share[place])
            at = [int(n) for n in place]
            figure = (
                f"{name} at {at}: {found[place]:.17g}, not {expected[place]:.17g}"
                f" within {allowed[place]:.2g}"
            )
    verdict = Verdict.REFUTED if worst > 1 else Verdict.AGREES
    return _evidence(claim, verdict, figure, finest)


def _evidence(claim: str, verdict: Verdict, figure: str, finest: float) -> Evidence:
    resolution = f"{finest:.1e} of the value"
    return Evidence(claim, "property", verdict, figure, resolution, 0, 0.0)


def stands(evidence: Evidence) -> None:
    """Fails a test, with the figure, unless the evidence agrees."""
    assert evidence.verdict is Verdict.AGREES, (evidence.claim, evidence.figure)


def falls(drawn: st.SearchStrategy[T], check: Callable[[T], Evidence]) -> T:
    """An example of the strategy at which the check refutes; fails if there is none.

    The same two hundred examples are tried, at most, in every profile.
    """
    tried = settings(
        max_examples=TRIED,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def refuted(example: T) -> bool:
        with np.errstate(all="ignore"):  # what is wrong may overflow, too
            return check(example).verdict is Verdict.REFUTED

    try:
        return find(drawn, refuted, settings=tried)
    except NoSuchExample:
        raise AssertionError("the planted error was not found out") from None
