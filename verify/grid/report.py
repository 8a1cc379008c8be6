"""The grid in a terminal: claims by methods, and what stands below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from verify.evidence import Verdict
from verify.grid.cells import Cell, Place, awaited, of_claim
from verify.grid.models import COLUMNS, MODELS
from verify.grid.table import TABLE

AWAITED = "?"
BOTH = f"{Verdict.AGREES.value}, {Verdict.REFUTED.value}"
FALSE = (
    f"{BOTH}: our formula agrees, and the one that the document printed is refuted, "
    "as both should be"
)
UNKNOWN = f"{AWAITED}: interrupted before every loss that bears on it was judged"


def grid_table(found: Sequence[Cell]) -> tuple[Table | None, list[str]]:
    """A line for each claim that numbers bear on, and the notes below the table.

    Claims with the same reason in every cell stand with it, not in the table. Of a run
    that was interrupted the claims stand there of which some number is known, or None
    if there is no such claim.
    """
    by_place = {(cell.subject, cell.method): cell for cell in found}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("claim", no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, min_width=len(name))
    reasons: list[str] = []
    alone: dict[str, list[str]] = {}
    for claim, shown in TABLE.items():
        said = of_claim(by_place, claim, MODELS)
        if isinstance(shown, str) and isinstance(said, str):
            sentence = shown if said == shown else f"{shown}; {MODELS}: {said}"
            alone.setdefault(sentence, []).append(claim)
        elif row := _row(by_place, claim, reasons):
            table.add_row(claim, *row)
    if not table.row_count:
        return None, []
    words = [str(cell) for column in table.columns[1:] for cell in column.cells]
    notes = [FALSE] if BOTH in words else []
    notes += [UNKNOWN] if any(AWAITED in word for word in words) else []
    notes += [f"({n}) {reason}" for n, reason in enumerate(reasons, 1)]
    notes += [f"{', '.join(ids)}: {reason}" for reason, ids in alone.items()]
    return table, notes


def _row(found: Mapping[Place, Cell], claim: str, reasons: list[str]) -> list[Text]:
    """The cells of a claim; none if no method has judged anything of it."""
    row = {method: of_claim(found, claim, method) for method in COLUMNS}
    if not any(entry and not isinstance(entry, str) for entry in row.values()):
        return []
    return [
        _entry(entry, awaited(found, claim, method), reasons)
        for method, entry in row.items()
    ]


def _entry(entry: list[Cell] | str, more: bool, reasons: list[str]) -> Text:
    if isinstance(entry, str):
        if entry not in reasons:
            reasons.append(entry)
        return Text(f"({reasons.index(entry) + 1})", "dim")
    words = list(
        dict.fromkeys(cell.evidence.verdict.value for cell in entry if cell.evidence)
    )
    words += [AWAITED] if more else []
    right = all(cell.as_expected for cell in entry)
    colour = "yellow" if more else "green"
    return Text(", ".join(words), colour if right else "bold white on red")


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
    bad = "bold red" if wrong or interrupted else "bold green"
    if interrupted and not judged:
        return Text(f"interrupted before anything was judged; {seconds:.1f} s", bad)
    end = f"{len(wrong)} not as expected" if wrong else "all as expected"
    if interrupted and not wrong:
        end = "nothing wrong so far"
    partial = "interrupted, so this is partial: " if interrupted else ""
    subjects = {cell.subject for cell in found}
    models = len({subject.model for subject in subjects if subject.model})
    losses = sum(not subject.model for subject in subjects)
    return Text(
        f"{partial}{losses} losses, {models} models, {len(judged)} judgements, "
        f"{len(found) - len(judged)} empty with a reason; {end}; {seconds:.1f} s",
        bad,
    )
