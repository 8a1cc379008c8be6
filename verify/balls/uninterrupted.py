"""Signals wait while flint calls back: an exception there may be lost in its C code.

A time limit is a signal whose handler raises. Python runs the handler on entry to the
integrand, where no `try` of ours stands yet; so the signal is held back until the
integral is done (its number of evaluations is bounded).
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

HELD = (signal.SIGALRM, signal.SIGINT, signal.SIGTERM)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Signals of the kinds `HELD` arrive at the end of the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
