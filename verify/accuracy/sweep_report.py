"""What a person sees of a sweep: a line for each atom and dtype."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from verify.accuracy.atoms import ATOMS
from verify.accuracy.bounds import BOUNDS
from verify.accuracy.sweep import Swept


def together(parts: Sequence[Swept]) -> list[Swept]:
    """The parts of each atom and dtype as one."""
    found: dict[tuple[str, str], Swept] = {}
    for part in parts:
        key = (part.atom, part.dtype)
        found[key] = found[key] + part if key in found else part
    return list(found.values())


def untried(found: Sequence[Swept], dtypes: Sequence[str]) -> list[str]:
    """The atoms in the dtypes of which no number was tried."""
    tried = {(one.atom, one.dtype) for one in found if one.inputs}
    return [
        f"{atom.name} in {dtype}"
        for dtype in dtypes
        for atom in ATOMS
        if (atom.name, dtype) not in tried
    ]


def table(found: Sequence[Swept]) -> Table:
    """The worst error of each, where it is, and how it was found out."""
    made = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    made.add_column("atom", no_wrap=True)
    made.add_column("dtype", no_wrap=True)
    for column in ("inputs", "worst ULP", "at", "balls", "1e6/s", "beyond"):
        made.add_column(column, justify="right", overflow="fold")
    for one in found:
        rate = one.inputs / one.seconds / 1e6 if one.seconds else 0.0
        worst = f"{one.worst:.6f}" if one.worst > 0.5 else "0.5 at most"
        place = "" if one.where is None or one.worst <= 0.5 else f"{one.where:.9g}"
        style = "red" if one.beyond else "green"
        made.add_row(
            one.atom,
            one.dtype,
            f"{one.inputs:,}",
            Text(worst, style=style),
            place,
            f"{one.balls:,}",
            f"{rate:.1f}",
            Text(_beyond(one), style=style),
        )
    return made


def _beyond(one: Swept) -> str:
    if not one.beyond:
        return "none"
    left = f" of {one.balls:,} of {one.open:,}" if one.open > one.balls else ""
    at, result = one.first or (None, None)
    return f"{one.beyond:,}{left}: {result!r} at {at!r}"


def summary(
    found: Sequence[Swept],
    seconds: float,
    interrupted: bool,
    stride: int,
    without: Sequence[str] = (),
) -> Text:
    """The last line: the bounds, and how long it would take to try every number.

    without  what was not tried, as `untried` says
    """
    partial = "interrupted, so this is partial: " if interrupted else ""
    bad = [f"{one.atom} in {one.dtype}" for one in found if one.beyond]
    inputs = sum(one.inputs for one in found)
    dtypes = dict.fromkeys(one.dtype for one in found)
    bounds = ", ".join(f"{BOUNDS[dtype]:g} in {dtype}" for dtype in dtypes)
    end = f"exceeded by {', '.join(bad)}" if bad else "kept"
    end = "kept so far" if interrupted and not bad else end
    if without:
        end = f"{end}, but nothing was tried of {', '.join(without)}"
    if not inputs:
        end = f"not tried: no result of {', '.join(without) or 'anything'}"
    single = [one for one in found if one.dtype == "float32" and one.inputs]
    estimate = ""
    if single and stride > 1 and not interrupted:
        each = sum(one.seconds for one in single) / (os.cpu_count() or 1)
        minutes = each * stride / 60
        estimate = f"; all of float32 (--all) would take {minutes:.0f} minutes here"
    return Text(
        f"{partial}{inputs:,} results; the bounds ({bounds}) are {end}; "
        f"{seconds:.1f} s{estimate}",
        style="bold red" if bad or interrupted or without else "bold green",
    )
