"""What a person sees of a benchmark: the machine, a table a cell, and the bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from verify.bench.bars import BARS, Judged
from verify.bench.cell import Cell
from verify.bench.machine import warning
from verify.bench.run import LeftOut
from verify.serialise import Data

COLOURS = {"PASS": "green", "MISS": "red", "NOT MEASURED": "yellow"}
COMPARED = (
    "beside: how many times as long ours takes, eager beside eager and compiled beside "
    "compiled, the median (± half the distance of the quartiles)"
)


def print_head(out: Console, machine: Data, clock: str, compared: str) -> None:
    """The machine, a warning if others are at work, the clock, what is compared."""
    versions = [f"{name} {v}" for name, v in machine["versions"].items() if v]
    load = "unknown" if machine["load"] is None else f"{machine['load']:.2f}"
    threads = f", {machine['threads']} threads" if "threads" in machine else ""
    out.print(
        f"{machine['processor']}, {machine['cores']} cores, load {load}{threads}; "
        f"Python {machine['python']}, {', '.join(versions)}",
        soft_wrap=True,
    )
    if gpu := machine.get("gpu"):
        out.print(gpu)
    if busy := warning(machine):
        out.print(Text(busy, style="yellow"), soft_wrap=True)
    time = "the clock on the wall" if clock == "wall" else "the processor's time"
    out.print(f"{time}; {compared}", soft_wrap=True)


def print_cell(out: Console, cell: Cell) -> None:
    """A line for each candidate: its time, its share of the bytes, ours beside it."""
    rounds = max(map(len, cell.times.values()), default=0)
    out.print()
    out.print(Text(f"{cell.setting}; {rounds} rounds", style="bold"), soft_wrap=True)
    head = ("first s", "ns/element", "GB/s", "of copy", "beside", "±", "bar")
    out.print(Text(_row("", *head), style="dim"), soft_wrap=True)
    for name in cell.times:
        ours = cell.ours_beside(name)
        ratio = cell.ratio(ours, name) if ours else None
        share = cell.of_copy(name)
        line = Text(
            _row(
                name,
                f"{cell.first[name]:.2f}" if name in cell.first else "",
                f"{cell.per_element(name):.3f}",
                f"{cell.gigabytes(name):.2f}",
                "" if share is None else f"{share:.0%}",
                "" if ratio is None else f"{ratio:.2f}x",
                f"{cell.spread(ours, name):.2f}" if ours and ratio else "",
            )
        )
        out.print(line + Text("  ") + _bar(cell, name), soft_wrap=True)
    for name, reason in cell.refused.items():
        out.print(Text(f"{name}: not timed: {reason}", style="red"), soft_wrap=True)


def _row(name: str, *cells: str) -> str:
    """A line of the table: narrow enough for a terminal, and the same in a file."""
    widths = (8, 11, 7, 8, 8, 6, 5)
    return f"{name:27}" + "".join(
        f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=False)
    )


def _bar(cell: Cell, peer: str) -> Text:
    for bar in BARS:
        if bar.peer == peer and bar.speaks_of(cell):
            ratio = cell.ratio(bar.candidate, peer)
            verdict = "PASS" if ratio is not None and ratio <= bar.limit else "MISS"
            return Text(f"{bar.limit:.2f}x {verdict}", style=COLOURS[verdict])
    return Text("")


def print_first_calls(out: Console, seconds: Mapping[str, float]) -> None:
    """The seconds that the first calls took."""
    if not seconds:
        return
    out.print()
    out.print(Text("seconds in a process of its own", style="bold"))
    for name, taken in seconds.items():
        out.print(f"{name:26}  {taken:.2f}")


def print_bars(out: Console, judged: Sequence[Judged]) -> None:
    """The bars, each with the worst figure and where it was found."""
    out.print()
    head = f"{'ours beside':50} {'limit':>6} {'worst':>6} {'cells':>5}"
    out.print(Text(head, style="bold"))
    for bar in judged:
        figure = "" if bar.figure is None else f"{bar.figure:.2f}"
        cells = f"{bar.cleared}/{bar.cells}" if bar.cells else ""
        line = Text(f"{bar.name:50} {bar.limit:6.2f} {figure:>6} {cells:>5} ")
        line.append(bar.verdict, style=COLOURS[bar.verdict])
        out.print(line + Text(f" {bar.where}", style="dim"), soft_wrap=True)


def print_left_out(
    out: Console, left_out: Sequence[LeftOut], interrupted: bool
) -> None:
    """What was not measured, and why."""
    for reason in dict.fromkeys(one.reason for one in left_out):
        which = [one.name for one in left_out if one.reason == reason]
        shown = "; ".join(which[:3]) + (" ..." if len(which) > 3 else "")
        words = f"left out, {reason}: {len(which)}: {shown}"
        out.print(Text(words, style="yellow"), soft_wrap=True)
    if interrupted:
        out.print("interrupted, so this is partial")
