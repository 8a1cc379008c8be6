"""Progress on stderr: a bar where there is a terminal, else a line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

Item = TypeVar("Item")
BETWEEN_LINES = 10.0  # seconds


def watched(items: Iterable[Item], total: int | None, what: str) -> Iterator[Item]:
    """`items` as they come, with a bar that goes when they are done.

    Without a terminal a line says every ten seconds how many are done: a shorter run
    says nothing.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from _told(items, f"/{total}" if total else "", what, console)
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        for item in items:
            yield item
            bar.advance(task)


def _told(
    items: Iterable[Item], of: str, what: str, console: Console
) -> Iterator[Item]:
    last = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        if time.monotonic() - last >= BETWEEN_LINES:
            last = time.monotonic()
            console.print(f"{what} {done}{of}", highlight=False, markup=False)


def gathered(items: Iterable[Item], total: int, what: str) -> tuple[list[Item], bool]:
    """All items that came before the keyboard interrupted, and whether it did."""
    found: list[Item] = []
    try:
        for item in watched(items, total, what):
            found.append(item)
    except KeyboardInterrupt:
        return found, True
    return found, False
