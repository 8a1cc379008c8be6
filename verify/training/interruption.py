"""Ctrl-C during a run: the step is finished and saved; a second one ends at once.

SIGTERM is the same: torchrun hands either on to its processes, once.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Whether the keyboard, or whoever runs this, has interrupted."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Remember the first signal; raises KeyboardInterrupt at the second."""
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Take the signals for as long; in another thread than the main one, nothing is.

    What whoever started the process has it ignore, as a shell does of what it puts into
    the background, it goes on to ignore.
    """
    found = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield found
        return
    before = {
        number: signal.signal(number, found.handle)
        for number in SIGNALS
        if signal.getsignal(number) not in (signal.SIG_IGN, None)
    }
    try:
        yield found
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
