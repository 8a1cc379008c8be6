"""Every peer beside our reference, and whose fault it is where they differ.

Both compute the same points. Where they differ by more than rounding, the oracle
decides; what is the peer's fault has to be in the list of known places, and each row of
that list has to be seen again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from verify.accuracy.formats import FORMATS
from verify.budget import Budget
from verify.losses.convention import Convention, convention
from verify.losses.points import cases
from verify.oracle.comparison import shares
from verify.oracle.truth import Exact, Terms, terms
from verify.peers.known import BOTH, KNOWN, Known, excused
from verify.peers.measures import stem
from verify.peers.natural import natural
from verify.peers.peer import Peer
from verify.peers.reference import reference
from verify.peers.regions import usual
from verify.peers.table import missing, peers, witnesses, wordings
from verify.peers.testimony import Testimony, testimony


@dataclass(frozen=True)
class Disagreement:
    """Where a peer and our reference differ by more than rounding.

    peer      which, with its convention and version
    dtype     in which
    quantity  "" for the value, a word for the slope in it
    at        the arguments, by word
    theirs    what the peer computes
    ours      what the reference does; the truth where it cannot, of chances
    true      what the oracle says
    fault     whose it is: "the peer's", "ours", or "neither's" where both are within
              what the oracle allows
    known     whether the list has the place
    """

    peer: Peer
    dtype: str
    quantity: str
    at: dict[str, float]
    theirs: float
    ours: float
    true: float
    fault: str
    known: bool

    def __str__(self) -> str:
        what = f"slope in {self.quantity}" if self.quantity else "value"
        at = ", ".join(f"{w} = {x!r}" for w, x in self.at.items())
        return (
            f"{self.peer}, {self.dtype}: {what} {self.theirs!r}, ours {self.ours!r}, "
            f"true {self.true!r} at {at}; the fault is {self.fault}"
        )


@dataclass(frozen=True)
class Asked:
    """Points of a convention in a dtype, with what we compute there and what is true.

    columns  one array of shape (n,) for each word
    """

    convention: Convention
    dtype: str
    columns: tuple[np.ndarray, ...]
    ours: Testimony
    true: Terms

    def of(self, quantity: str) -> Exact:
        """The truth of the value, or of the slope in a word."""
        words = self.convention.inputs
        place = (words.index(quantity),) if quantity else ()
        return self.true[place].times(self.convention.loss.parts[0].sign)


def asked(declared: Convention, dtype: str, columns: tuple[np.ndarray, ...]) -> Asked:
    """Our reference and the oracle at points."""
    candidate = reference(declared, dtype)
    ours = testimony(candidate, columns) if candidate else Testimony()
    with np.errstate(all="ignore"):
        true = terms(declared.loss.parts[0].name, declared.inputs, columns)
    return Asked(declared, dtype, columns, ours, true)


def disagreements(peer: Peer, points: Asked) -> list[Disagreement]:
    """Where a peer differs from ours.

    Raises RuntimeError if it refuses the points: then nothing was compared.
    """
    dtype, declared = points.dtype, points.convention
    theirs = testimony(replace(peer.candidate, dtype=dtype), points.columns)
    if theirs.fault or points.ours.fault:
        raise RuntimeError(f"{peer}, {dtype}: {theirs.fault or points.ours.fault}")
    at = natural(declared.loss.parts[0], declared.inputs, points.columns)
    found = []
    for quantity, values in theirs.found.items():
        true = points.of(quantity)
        ours = points.ours.found.get(quantity, true.high)
        apart = _wrong(values, replace(true, high=ours, low=np.zeros_like(ours)), dtype)
        wrong = _wrong(values, true, dtype), _wrong(ours, true, dtype)
        known = excused(peer.name, declared.loss.name, dtype, quantity, at)
        for n in np.flatnonzero(apart | wrong[0] | wrong[1]):
            fault = "ours" if wrong[1][n] else "the peer's"
            pairs = zip(declared.inputs, points.columns, strict=True)
            found.append(
                Disagreement(
                    peer,
                    dtype,
                    quantity,
                    {word: float(column[n]) for word, column in pairs},
                    float(values[n]),
                    float(ours[n]),
                    float(true.high[n]),
                    fault if wrong[0][n] or wrong[1][n] else "neither's",
                    bool(known[n]),
                )
            )
    return found


def _wrong(values: np.ndarray, true: Exact, dtype: str) -> np.ndarray:
    return shares(values, true, FORMATS[dtype])[0] > 1


def compared(
    loss: str,
    *,
    seed: int = 0,
    budget: Budget = Budget.STANDARD,
    dtypes: tuple[str, ...] = BOTH,
) -> tuple[list[Disagreement], int]:
    """Every peer of a loss in all words; beside it, how many numbers were compared."""
    found: list[Disagreement] = []
    count = 0
    for words in wordings(loss):
        asking = peers(loss, words)
        for dtype in dtypes if asking else ():
            declared = convention(loss, words, "none")
            batches = cases(declared, dtype, seed, budget)
            columns = tuple(
                np.concatenate([b.arrays[word].ravel() for b in batches])
                for word in words
            )
            kept = usual(words, columns)
            columns = tuple(column[kept] for column in columns)
            points = asked(declared, dtype, columns)
            count += len(asking) * len(columns[0])
            for peer in asking:
                found += disagreements(peer, points)
    return found, count


def stale() -> list[tuple[Known, str]]:
    """The rows of the list whose example no longer disagrees, with the dtype.

    Rows of libraries that are not installed are not looked at.
    """
    return [
        (row, f"{name}, {loss}, {dtype}")
        for row in KNOWN
        for name in row.names
        for loss in row.losses
        for dtype, example in row.example.items()
        if not _seen(row, name, loss, dtype, example)
    ]


def _seen(
    row: Known, name: str, loss: str, dtype: str, example: tuple[float, ...]
) -> bool:
    peer = _own(row, name, loss)
    if peer is None:
        return bool(missing())
    columns = tuple(np.array([np.dtype(dtype).type(x)], np.float64) for x in example)
    found = disagreements(peer, asked(peer.candidate.convention, dtype, columns))
    return any(
        d.known
        and d.fault == "the peer's"
        and row.excuses(name, loss, dtype, d.quantity)
        for d in found
    )


def _own(row: Known, name: str, loss: str) -> Peer | None:
    """The peer of a row in the words of its example; None if it is not installed."""
    takes = next(
        (w.takes for w, *_ in witnesses() if (w.name, w.loss) == (name, loss)), ()
    )
    for words in wordings(loss):
        own = tuple(map(stem, words)) == takes
        if words == row.words or (own and not row.words):
            return next((p for p in peers(loss, words) if p.name == name), None)
    return None
