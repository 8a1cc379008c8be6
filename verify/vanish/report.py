"""The experiment as a table, and in a few lines below it."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from verify.evidence import Verdict
from verify.vanish.experiment import Experiment
from verify.vanish.order import by_run
from verify.vanish.outcome import (
    ADAM,
    AWAY,
    NONSATURATING,
    RATES,
    SATURATING,
    SGD,
)

COLUMNS = tuple(
    (optimiser, loss)
    for optimiser in (SGD, ADAM)
    for loss in (NONSATURATING, SATURATING)
)
SHORT = {SATURATING: "L_G", NONSATURATING: "L_NS"}


def report(found: Experiment) -> RenderableType:
    """What is printed: both tables, the notes, and the evidence."""
    parts: list[RenderableType] = []
    if found.starts:
        parts += [runs_table(found), "", notes(found)[0], ""]
    if found.passages:
        parts += [model_table(found), "", notes(found)[1], ""]
    return Group(*parts, *lines(found))


def runs_table(found: Experiment) -> Table:
    """A row for each discriminator: gradients at the start, steps until the escape."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    headings = ["mean h", "e^mean", "|grad|\nL_G", "|grad|\nL_NS", "ratio"]
    headings += [f"{optimiser}\n{SHORT[loss]}" for optimiser, loss in COLUMNS]
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    runs = by_run(found.escapes)
    for place, start in enumerate(found.starts):
        gradients = (start.exponential, start.saturating, start.nonsaturating)
        words = [f"{start.mean:.2f}", *(f"{number:.2g}" for number in gradients)]
        words.append(f"{start.ratio:.2g}")
        for tried in COLUMNS:
            run = runs.get((place, *tried))
            ended = "never" if run and run.steps is None else ""
            words.append(ended or (f"{run.steps}" if run else "?"))
        table.add_row(*words)
    return table


def model_table(found: Experiment) -> Table:
    """A row for each passage of the model h = theta."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("h = theta", no_wrap=True)
    for heading in ("M", "steps", "taken", "derived", "allowed by steps"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in found.passages:
        table.add_row(
            *(SHORT[one.loss], f"{one.depth:g}", f"{one.steps}", f"{one.taken:.3f}"),
            *(f"{one.derived:.3f}", f"{one.lowest:.3f} to {one.highest:.3f}"),
        )
    return table


def notes(found: Experiment) -> list[Text]:
    """What the columns mean."""
    return [
        Text(
            f"steps until the mean logit is above {AWAY:g}, at the rates "
            f"{RATES[SGD]:g} of SGD and {RATES[ADAM]:g} of Adam; never: not within "
            f"{found.limit}; ?: not known. A ratio of norms need not be e^mean: only "
            "per sample it is e^h",
            style="dim",
        ),
        Text(
            "above: gradient steps of one parameter that is the logit, from -M to 0, "
            "and the derived time of its gradient flow; of no network",
            style="dim",
        ),
    ]


def lines(found: Experiment) -> list[Text]:
    """A line for each piece of evidence, and the last one."""
    told = []
    for one in found.evidence:
        style = "" if one.verdict is Verdict.AGREES else "red"
        words = f"{one.verdict}  {one.claim}: {one.figure}; would have seen "
        told.append(Text(f"{words}{one.resolution}", style=style))
    good = sum(one.verdict is Verdict.AGREES for one in found.evidence)
    partly = "interrupted, so this is partial: " if found.interrupted else ""
    ending = f"{partly}{good} of {len(found.evidence)} claims agree with these runs"
    return [*told, Text(ending, style="bold")]
