"""The matrix and the survivors as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from verify.mutation.blindness import reason, survivors
from verify.mutation.matrix import TOGETHER, Cell
from verify.mutation.outcome import Outcome
from verify.mutation.trial import Trial

NOTHING_KNOWN = "nothing explains it"


def lines(outcome: Outcome) -> list[Text]:
    """What stands below the matrix, each part under its heading."""
    found, methods = outcome.trials, outcome.methods
    changes = [Text(words, style="red") for words in outcome.changes]
    parts = {
        "Survived:": [line for m in methods for line in survived(found, m)],
        "Not judged:": unjudged(found, methods),
        "Right after all:": equals(found),
        "False alarms:": accused(found),
        "Not as was said:": changes,
    }
    return [
        line
        for heading, below in parts.items()
        if below
        for line in (Text(heading, style="bold"), *below)
    ]


def table(cells: dict[tuple[str, str], Cell]) -> Table:
    """Refuted/judged for each class and method, and the seconds that it took.

    Of the class of what is right, the refuted ones are false alarms.
    """
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("class", no_wrap=True)
    methods = list(dict.fromkeys(method for _, method in cells))
    for method in methods:
        shown.add_column(method.replace("_", " "), justify="right", no_wrap=True)
    for kind in dict.fromkeys(kind for kind, _ in cells):
        of_kind = {method: cells[kind, method] for method in methods}
        shown.add_row(kind, *(counted(c, m != TOGETHER) for m, c in of_kind.items()))
    return shown


def counted(cell: Cell, timed: bool) -> Text:
    """refuted/judged, and seconds."""
    wrong, right = cell.killed + cell.survived, cell.accused + cell.equal
    words = f"{cell.killed}/{wrong}" if wrong else "-"
    if right and not wrong:
        words = f"{cell.accused}/{right}"
    style = "red" if cell.accused else "yellow" if cell.survived else ""
    digits = 0 if cell.seconds >= 10 else 1
    seconds = f" {cell.seconds:.{digits}f}s".rjust(5) if timed else ""
    return Text(words, style=style).append(seconds, style="dim")


def survived(trials: Sequence[Trial], method: str) -> list[Text]:
    """A line for each survivor of a method: what it is, and why it lives."""
    lines = []
    for trial, found in survivors(trials, method):
        why = reason(trial, found) or NOTHING_KNOWN
        style = "red" if why == NOTHING_KNOWN else ""
        text = f"{method}: {trial.name}: {trial.words}: {why}"
        seen = f" (would have seen {found.resolution})" if found.resolution else ""
        lines.append(Text(text + seen, style=style))
    return lines


def unjudged(trials: Sequence[Trial], methods: Sequence[str]) -> list[Text]:
    """Which losses a method has nothing to say of, and why: a line for each reason."""
    found: dict[tuple[str, str, str], int] = {}
    for trial in trials:
        for one in trial.found:
            if one.verdict is None and trial.wrong:
                key = (one.method, trial.name.partition("/")[0], one.figure)
                found[key] = found.get(key, 0) + 1
    return [
        Text(f"{method}: {count} of {loss} not judged: {why}")
        for (method, loss, why), count in found.items()
    ]


def equals(trials: Sequence[Trial]) -> list[Text]:
    """The mutants that are right after all."""
    return [
        Text(f"{t.name}: {t.words}: proved equal to the right one")
        for t in trials
        if t.equal
    ]


def accused(trials: Sequence[Trial]) -> list[Text]:
    """What is right, and was refuted."""
    return [
        Text(f"{one.method}: {t.name} is right, and refuted: {one.figure}", style="red")
        for t in trials
        for one in t.found
        if one.killed and not t.wrong
    ]


def summary(outcome: Outcome, seconds: float, interrupted: bool) -> Text:
    """The last line: how many there were, and how many live."""
    trials = outcome.trials
    style = "bold red" if interrupted else "bold"
    if interrupted and not trials:
        words = f"interrupted before any mutant was judged; {seconds:.1f} s"
        return Text(words, style=style)
    wrong = [t for t in trials if t.wrong]
    killed = sum(t.killed for t in wrong)
    equal = sum(t.equal for t in trials)
    words = "interrupted, so this is partial: " if interrupted else ""
    words += f"{len(wrong)} mutants, {killed} killed by one method or another"
    words += f"; {equal} more proved right"
    if interrupted and outcome.good:
        words += "; nothing wrong so far"
    return Text(f"{words}; {seconds:.1f} s", style=style)
