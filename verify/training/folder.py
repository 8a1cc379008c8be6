"""The folder of a run: what may be begun in it, and files that are whole or not there.

A file is written beside its place, synchronised, and renamed: whoever reads it, after
whatever interruption, finds the old one or the new one.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from verify.training.hold import Hold, held

CHECKPOINTS = "checkpoints"
LOG = "log.jsonl"
SUMMARY = "summary.json"
UNFINISHED = ".unfinished"
"""Ends the name of a file that is not whole yet."""


class FolderError(OSError):
    """The folder cannot be had, or holds what must not be lost; in words."""


class WriteError(OSError):
    """A file of the run could not be written: no space, no permission; in words."""


def opened(folder: Path, resume: bool) -> Hold | None:
    """See to it that a run can be begun, or resumed, in the folder, by nobody else.

    It is kept from other processes while what is given back lives.

    Raises FolderError if it cannot be made or written, if there is content and nothing
    to be resumed, if there is nothing where something is to be resumed, and if another
    process trains there.
    """
    try:
        _judged(folder, resume)
        (folder / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
        hold = held(folder / CHECKPOINTS)
        _judged(folder, resume)  # another one may have trained there, and ended
        probe = folder / CHECKPOINTS / f"probe{UNFINISHED}"
        probe.write_bytes(b"")
        probe.unlink()
    except FolderError:
        raise
    except BlockingIOError as error:
        raise FolderError(f"{folder}: another process is training there") from error
    except OSError as error:
        raise FolderError(f"{folder}: {error.strerror or error}") from error
    return hold


def _judged(folder: Path, resume: bool) -> None:
    content = sorted(folder.iterdir()) if folder.exists() else []
    if resume:
        _resumable(folder, content)
    elif not _barren(folder, content):
        raise FolderError(
            f"{folder}: has content ({content[0].name}, ...); --resume goes on "
            "with it, another --out begins afresh"
        )


def _resumable(folder: Path, content: list[Path]) -> None:
    if not content:
        raise FolderError(f"{folder}: nothing there to resume")
    if not (folder / CHECKPOINTS).is_dir():
        raise FolderError(f"{folder}: no run of ours, it has no {CHECKPOINTS}")
    if not any((folder / CHECKPOINTS).glob("step-*.json")):
        raise FolderError(
            f"{folder}: no checkpoint to resume; a run that was ended before its first "
            "one is begun again without --resume"
        )


def _barren(folder: Path, content: list[Path]) -> bool:
    """Whether there is at most what a run leaves that ended before a checkpoint."""
    first = "step-00000000"
    ours = {CHECKPOINTS, f"{LOG}{UNFINISHED}"}
    ours |= {f"probe{UNFINISHED}", f"{first}.json{UNFINISHED}"}
    ours |= {f"{first}.safetensors", f"{first}.safetensors{UNFINISHED}"}
    home = folder / CHECKPOINTS
    inside = sorted(home.iterdir()) if home.is_dir() else []
    if content and not home.is_dir():
        return False
    empty = {p.name for p in content if p.name == LOG and not p.stat().st_size}
    return {p.name for p in (*content, *inside)} <= ours | empty


def write(path: Path, content: bytes) -> None:
    """Put a whole file in its place, or leave what was there.

    Raises WriteError with the file's name and the system's reason.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        with unfinished.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
        _synchronised(path.parent)
    except OSError as error:
        with suppress(OSError):  # a full disk has room for a smaller file then
            unfinished.unlink(missing_ok=True)
        raise WriteError(f"{path}: {error.strerror or error}") from error


def write_json(path: Path, data: Any) -> None:
    """The same for plain data."""
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
    write(path, text.encode() + b"\n")


def _synchronised(folder: Path) -> None:
    """Make a rename last through a loss of power, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # a folder cannot be opened everywhere
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
