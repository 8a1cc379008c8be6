"""What a person sees: a table for each function, the worst of every implementation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.table import Table
from rich.text import Text

from verify.accuracy.bounds import BOUNDS
from verify.accuracy.cell import Cell
from verify.accuracy.comparison import Comparison
from verify.accuracy.measurement import COLUMNS

WORDS = {"zero": "0", "sign": "wrong sign", "limit": "wrong"}
STAR = "* without subnormal numbers, which XLA takes for 0 on a CPU"
POOR = 1000.0  # units in the last place: what is marked, of a peer


def tables(found: Sequence[Comparison]) -> Iterator[Table]:
    """One table for each function, with its dtypes one below the other."""
    for name, group in groupby(found, key=lambda comparison: comparison.term):
        table = Table(title=name, title_justify="left", title_style="bold", box=None)
        table.caption_justify = "left"
        table.add_column("", no_wrap=True)
        for column in COLUMNS:
            table.add_column(column)
        for comparison in group:
            _section(table, comparison)
            if any(line.name.endswith("*") for line in comparison.lines):
                table.caption = STAR
        yield table


def _section(table: Table, comparison: Comparison) -> None:
    said = f"{comparison.dtype}, {comparison.points} points"
    table.add_row(Text(said, style="dim"))
    for line in comparison.lines:
        bound = comparison.bound if line.ours else None
        style = "" if bound is None else "bold"
        cells = (described(cell, bound) for cell in line.cells)
        table.add_row(Text(line.name, style=style), *cells)


def described(cell: Cell | None, bound: float | None) -> Text:
    """The worst error and its point, and what is no number near the truth."""
    if cell is None:
        return Text("—", style="dim")
    parts = [] if cell.where is None else [f"{cell.units:.4g}{_place(*cell.where)}"]
    for kind in sorted(cell.counts, key=lambda kind: -cell.counts[kind]):
        parts.append(f"{WORDS.get(kind, kind)} {cell.counts[kind]}x")
    if cell.counts:
        most = max(cell.counts, key=lambda kind: cell.counts[kind])
        place = _place(*cell.first[most])
        parts[len(parts) - len(cell.counts)] += f" ({place.strip()})"
    good = "" if bound is None else "green"
    poor = cell.counts or cell.units > (bound or POOR)
    return Text("; ".join(parts) or "as they are", style="red" if poor else good)


def _place(label: str, at: Sequence[float]) -> str:
    where = ", ".join(map(_short, at))
    return f"{' ' * bool(label)}{label} at {where}"


def _short(x: float) -> str:
    """Four digits, of its distance from 1 if that is less."""
    words = f"{x:.4g}"
    return f"1{x - 1:+.1e}" if words == "1" and x != 1 else words


def broken(found: Sequence[Comparison]) -> Iterator[Text]:
    """A line for each bound that a row of ours breaks, its point to every digit."""
    for comparison in found:
        for line in comparison.lines:
            for column, cell in zip(COLUMNS, line.cells, strict=True):
                if line.ours and cell and not cell.within(comparison.bound):
                    what = f"{comparison.term}, {comparison.dtype}, {line.name}"
                    faults = [(WORDS.get(k, k), *at) for k, at in cell.first.items()]
                    if cell.where and cell.units > comparison.bound:
                        faults.append((f"{cell.units:.4f} ULP", *cell.where))
                    for kind, label, at in faults:
                        place = ", ".join(map(repr, at))
                        which = f"{column} {label}".strip()
                        words = f"{what}: {which}: {kind} at ({place})"
                        yield Text(words, style="red")


def summary(found: Sequence[Comparison], seconds: float, interrupted: bool) -> Text:
    """The last line: whether what is ours keeps its bounds."""
    bad = sum(not c.kept for c in found)
    seen = dict.fromkeys(c.dtype for c in found)
    bounds = ", ".join(f"{BOUNDS[dtype]:g} in {dtype}" for dtype in seen)
    end = f"broken in {bad} of {len(found)} tables" if bad else "kept"
    blank = [f"{c.term} in {c.dtype}" for c in found if not c.measured]
    if not bad and len(blank) == len(found):
        end = "not tried: nothing of ours was measured"
    elif blank:
        end += f", but of ours nothing was measured of {', '.join(blank)}"
    end = "kept so far" if interrupted and not bad else end
    partial = "interrupted, so this is partial: " if interrupted else ""
    missing = {f"{n} {why}" for c in found for n, why in c.missing.items()}
    left = "".join(f"; {words}" for words in sorted(missing))
    points = sum(c.points for c in found)
    return Text(
        f"{partial}errors in units in the last place at {points} points; "
        f"our bounds ({bounds}) are {end}{left}; {seconds:.1f} s",
        style="bold red" if bad or blank or interrupted or not found else "bold green",
    )
