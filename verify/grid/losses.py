"""The losses behind the grid in a terminal: a heading each, and a line per method."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from verify.evidence import Verdict
from verify.grid.cells import Cell
from verify.grid.models import COLUMNS
from verify.grid.table import Subject

COLOURS = {Verdict.AGREES: "green", Verdict.REFUTED: "red"}
BETWEEN_PARTS = "; "  # of what evidence says of its resolution


def sections(found: Sequence[Cell]) -> Iterator[Text | Table]:
    """For each loss its whole name, and a table of what the methods say of it.

    Every name and number is whole at any width from 60 columns on: what is long is
    wrapped.
    """
    same = shared(found)
    by_loss: dict[Subject, list[Cell]] = {}
    for cell in sorted(found, key=lambda c: COLUMNS.index(c.method)):
        by_loss.setdefault(cell.subject, []).append(cell)
    for subject in sorted(by_loss, key=str):
        heading = Text(str(subject), "bold")
        if subject.printed:
            heading.append(", which the document printed: to be refuted", "not bold")
        yield heading
        yield _lines(by_loss[subject], same)


def _lines(cells: Sequence[Cell], same: dict[str, tuple[str, ...]]) -> Table:
    """Method, verdict, seconds and what the verdict rests on."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(min_width=max(map(len, COLUMNS)), no_wrap=True)
    table.add_column(min_width=max(len(str(v)) for v in Verdict), no_wrap=True)
    table.add_column(justify="right", no_wrap=True, min_width=len("00.0 s"))
    table.add_column()
    for cell in cells:
        evidence = cell.evidence
        if evidence is None:
            table.add_row(f"  {cell.method}", "", "", Text(cell.reason))
            continue
        style = COLOURS.get(evidence.verdict, "yellow")
        expected = ", as expected" if cell.subject.printed and cell.as_expected else ""
        table.add_row(
            f"  {cell.method}",
            Text(
                f"{evidence.verdict}{expected}",
                style if cell.as_expected else "bold white on red",
            ),
            f"{evidence.seconds:.1f} s",
            Text(_figure(cell, same[cell.method])),
        )
    return table


def _figure(cell: Cell, same: Sequence[str]) -> str:
    """What the verdict rests on, and of the resolution what is its own."""
    if cell.evidence is None:
        return cell.reason
    own = [p for p in _parts(cell.evidence.resolution) if p not in same]
    would = f"would see {BETWEEN_PARTS.join(own)}" if own else ""
    return BETWEEN_PARTS.join(filter(None, (cell.evidence.figure, would)))


def _parts(resolution: str) -> list[str]:
    return [part for part in resolution.split(BETWEEN_PARTS) if part]


def shared(found: Sequence[Cell]) -> dict[str, tuple[str, ...]]:
    """By method, the parts of the resolution that are the same for all losses."""
    same = {}
    for method in COLUMNS:
        said = [
            _parts(cell.evidence.resolution)
            for cell in found
            if cell.evidence and cell.method == method
        ]
        first = said[0] if said else []
        same[method] = tuple(p for p in first if all(p in parts for parts in said))
    return same


def legend(found: Sequence[Cell]) -> Iterator[str]:
    """For each method the error that it would see in every loss."""
    for method, parts in shared(found).items():
        if parts:
            words = BETWEEN_PARTS.join(parts)
            yield f"{method}, an error that it would see in each loss: {words}"
