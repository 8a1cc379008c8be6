"""Signals wait while flint calls back: an exception there may be lost in its C code.

A time limit is a signal whose handler raises. Python runs the handler on entry to the
integrand, where no `try` of ours stands yet; so the signal is only noted, and raised
when the integral is done (its number of evaluations is bounded). To block it is not
enough: another thread would take it, and Python runs the handler in this one.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread

HELD = (signal.SIGALRM, signal.SIGINT, signal.SIGTERM)
Handlers = tuple[tuple[int, Callable], ...]


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Signals of the kinds `HELD` arrive at the end of the block."""
    if current_thread() is not main_thread():
        yield  # Python runs handlers in the main thread only
        return
    found = ((number, signal.getsignal(number)) for number in HELD)
    before = tuple((number, handler) for number, handler in found if callable(handler))
    noted: list[int] = []
    try:
        for number, _ in before:
            signal.signal(number, lambda number, _: noted.append(number))
        yield
    finally:
        _restore(before)
        for arrived in dict.fromkeys(noted):
            signal.raise_signal(arrived)


def _restore(handlers: Handlers) -> None:
    """Every handler as it was, though one of them may raise meanwhile."""
    if handlers:
        (number, handler), *rest = handlers
        try:
            signal.signal(number, handler)
        finally:
            _restore(tuple(rest))
