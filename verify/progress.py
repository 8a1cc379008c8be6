"""A progress bar on stderr, where there is a terminal."""

from __future__ import annotations

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


def watched(items: Iterable[Item], total: int | None, what: str) -> Iterator[Item]:
    """`items` as they come, with a bar that goes when they are done."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what, total=total)
        for item in items:
            yield item
            bar.advance(task)


def gathered(items: Iterable[Item], total: int, what: str) -> tuple[list[Item], bool]:
    """All items that came before the keyboard interrupted, and whether it did."""
    found: list[Item] = []
    try:
        for item in watched(items, total, what):
            found.append(item)
    except KeyboardInterrupt:
        return found, True
    return found, False
