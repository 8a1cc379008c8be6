"""One process at a time writes in the folder of a run.

The hold is the system's lock on the folder itself: it leaves no file behind, and ends
with the process, however that does. Where the system has no such lock (Windows, some
network drives) nobody is kept out.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from weakref import WeakValueDictionary, finalize

if sys.platform != "win32":
    import fcntl


class Hold:
    """A folder kept from other processes, until this object is no more."""

    def __init__(self, handle: int) -> None:
        finalize(self, os.close, handle)


_HELD: WeakValueDictionary[tuple[int, int, int], Hold] = WeakValueDictionary()
"""By process and folder: what this process has, it can have twice."""


def held(folder: Path) -> Hold | None:
    """The hold of a folder that is there; None where the system has none.

    Raises BlockingIOError if another process has it.
    """
    if sys.platform == "win32":
        return None
    found = os.stat(folder)
    key = (os.getpid(), found.st_dev, found.st_ino)
    before = _HELD.get(key)
    if before is not None:
        return before
    handle = os.open(folder, os.O_RDONLY)
    hold = Hold(handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks
        return None
    _HELD[key] = hold
    return hold
