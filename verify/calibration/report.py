"""What a person sees: the rates with their intervals, and the rounding margin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from verify.calibration.count import Margin, Rate
from verify.calibration.intervals import CONFIDENCE
from verify.calibration.trial import Trial


def rates_table(rates: Sequence[Rate]) -> Table:
    """A row for each method and nominal rate of which there are judgements."""
    table = Table(title="False alarms", title_justify="left", box=None)
    table.title_style = "bold"
    interval = f"{CONFIDENCE:.0%} interval"
    table.add_column("method", no_wrap=True)
    for column in ("nominal", "runs", "undecided", "alarms", "rate", interval):
        table.add_column(column, justify="right")
    for row in rates:
        if not row.runs and not row.undecided:
            continue
        measured = f"{row.alarms / row.runs:.2g}" if row.runs else "—"
        style = "green" if row.kept else "bold red"
        table.add_row(
            row.method.replace("_", " "),
            f"{row.nominal:g}",
            str(row.runs),
            str(row.undecided),
            str(row.alarms),
            measured,
            Text(f"[{row.lower:.2g}, {row.upper:.2g}]", style=style),
        )
    return table


def margins_table(margins: Sequence[Margin]) -> Table:
    """A row for each quantity and dtype."""
    table = Table(title="Rounding margin", title_justify="left", box=None)
    table.title_style = "bold"
    for column in ("dtype", "quantity", "share", "whose"):
        table.add_column(column)
    for row in margins:
        style = "green" if row.share <= 1 else "bold red"
        share = Text(f"{row.share:.3f}", style=style)
        table.add_row(row.dtype, row.quantity, share, row.candidate)
    return table


def alarm_lines(alarms: Sequence[Trial]) -> Iterator[Text]:
    """A line for each false alarm that no rate allows for."""
    for trial in alarms:
        words = f"{trial.method}, seed {trial.seed}: {trial.candidate}: {trial.alarm}"
        yield Text(words, style="red")


def summary(
    rates: Sequence[Rate],
    implementations: int,
    vectors: int,
    seconds: float,
    interrupted: bool,
    missing: Sequence[str],
) -> Text:
    """The last line: how much was judged, and whether every rate is kept."""
    broken = [row for row in rates if not row.kept]
    nothing = not any(row.runs for row in rates)
    words = "interrupted, so this is partial: " if interrupted else ""
    words += f"{implementations} right implementations"
    if vectors:
        words += f", {vectors} pairs of one and an input vector before the oracle"
    kept = "no rate broken so far" if interrupted else "every rate is kept"
    kept = "nothing was judged" if nothing else kept
    words += f": rates broken: {len(broken)}" if broken else f": {kept}"
    words += "".join(f"; {reason}" for reason in missing)
    bad = bool(broken) or interrupted or nothing
    style = "bold red" if bad else "bold green"
    return Text(f"{words}; {seconds:.1f} s", style=style)
