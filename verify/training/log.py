"""The log of a run: one JSON object a line, nothing in it that depends on the clock.

A run that was killed and resumed has the same log as one that was not.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from verify.training.folder import LOG, WriteError, write

Line = dict[str, float]
INTERVAL = 10
"""Steps from one line to the next."""


class Log:
    """The file, to which lines are added.

    Raises WriteError where it cannot be written.
    """

    def __init__(self, folder: Path, step: int) -> None:
        """Open it with the lines up to a step, which are kept."""
        self.path = folder / LOG
        kept = [line for line in lines(folder) if line["step"] <= step]
        write(self.path, b"".join(map(_encoded, kept)))

    def add(self, found: list[Line]) -> None:
        """Add lines, and have them on the disk."""
        try:
            with self.path.open("ab") as stream:
                stream.write(b"".join(map(_encoded, found)))
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise WriteError(f"{self.path}: {error.strerror or error}") from error


def lines(folder: Path) -> list[Line]:
    """What was logged, up to the first line that is not whole.

    Raises WriteError if what is there is no file.
    """
    found: list[Line] = []
    path = folder / LOG
    if not path.exists():
        return found
    try:
        content = path.read_bytes().decode("utf-8", errors="replace")
    except OSError as error:
        raise WriteError(f"{path}: {error.strerror or error}") from error
    for text in content.splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            break
        if not isinstance(line, dict) or not isinstance(line.get("step"), int):
            break
        found.append(line)
    return found


def _encoded(line: Line) -> bytes:
    return json.dumps(line, allow_nan=False).encode() + b"\n"
