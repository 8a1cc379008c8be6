"""A limit on the time that one step may take.

The alarm signal interrupts Python code. A call that stays inside a C function for
longer is interrupted when it returns. Where there is no alarm signal (Windows, or a
thread that is not the main one) there is no limit.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class OutOfTime(Exception):  # an outcome, not an error
    """The step has used up its time."""


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """Raise OutOfTime inside the block after `seconds`; None is no limit."""
    able = (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
    )
    if seconds is None or not able:
        yield
        return

    def ring(signum: int, frame: FrameType | None) -> None:
        raise OutOfTime(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
