"""The grid in a terminal: claims by methods, the losses behind them, the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from verify.evidence import Verdict
from verify.grid.cells import Cell, of_claim
from verify.grid.table import TABLE
from verify.methods import METHODS

COLOURS = {Verdict.AGREES: "green", Verdict.REFUTED: "red"}


def grid_table(found: Sequence[Cell]) -> tuple[Table, list[str]]:
    """A line for each claim that numbers bear on, and the numbered reasons.

    Claims with the same reason in every cell stand with it, not in the table.
    """
    by_place = {(cell.subject, cell.method): cell for cell in found}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("claim", *METHODS):
        table.add_column(name, no_wrap=True)
    reasons: list[str] = []
    alone: dict[str, list[str]] = {}
    for claim, shown in TABLE.items():
        if isinstance(shown, str):
            alone.setdefault(shown, []).append(claim)
            continue
        row = [of_claim(by_place, claim, method) for method in METHODS]
        table.add_row(claim, *(_entry(entry, reasons) for entry in row))
    notes = [f"({n}) {reason}" for n, reason in enumerate(reasons, 1)]
    notes += [f"{', '.join(ids)}: {reason}" for reason, ids in alone.items()]
    return table, notes


def _entry(entry: list[Cell] | str, reasons: list[str]) -> Text:
    if isinstance(entry, str):
        if not entry:
            return Text("?", "yellow")
        if entry not in reasons:
            reasons.append(entry)
        return Text(f"({reasons.index(entry) + 1})", "dim")
    words = dict.fromkeys(
        str(cell.evidence.verdict).lower() for cell in entry if cell.evidence
    )
    right = all(cell.as_expected for cell in entry)
    return Text(", ".join(words), "green" if right else "bold white on red")


def losses_table(found: Sequence[Cell]) -> Table:
    """A line for each loss and method: the verdict, its figure and its resolution."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("loss", ratio=5)
    table.add_column("method", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("figure", ratio=7)
    table.add_column("an error that it would see", ratio=5)
    table.add_column("s", justify="right", no_wrap=True)
    for cell in sorted(
        found, key=lambda c: (str(c.subject), [*METHODS].index(c.method))
    ):
        evidence = cell.evidence
        if evidence is None:
            table.add_row(str(cell.subject), cell.method, "", cell.reason, "", "")
            continue
        colour = COLOURS.get(evidence.verdict, "yellow")
        style = colour if cell.as_expected else "bold white on red"
        table.add_row(
            str(cell.subject),
            cell.method,
            Text(str(evidence.verdict), style),
            Text(evidence.figure),
            Text(evidence.resolution),
            f"{evidence.seconds:.2f}",
        )
    return table


def unlike(found: Sequence[Cell]) -> Iterator[str]:
    """A sentence for each cell that is not as expected."""
    for cell in found:
        if not cell.as_expected and cell.evidence:
            evidence = cell.evidence
            yield (
                f"{cell.subject}, {cell.method}: expected {cell.expected}, found "
                f"{evidence.verdict}: {evidence.figure}"
            )


def summary(found: Sequence[Cell], seconds: float, interrupted: bool) -> Text:
    """The last line of the grid."""
    judged = [cell for cell in found if cell.evidence]
    wrong = [cell for cell in judged if not cell.as_expected]
    end = f"{len(wrong)} not as expected" if wrong else "all as expected"
    partial = "interrupted, so this is partial: " if interrupted else ""
    losses = len({cell.subject for cell in found})
    return Text(
        f"{partial}{losses} losses, {len(METHODS)} methods, {len(judged)} judgements, "
        f"{len(found) - len(judged)} empty with a reason; {end}; {seconds:.1f} s",
        "bold red" if wrong or interrupted else "bold green",
    )
