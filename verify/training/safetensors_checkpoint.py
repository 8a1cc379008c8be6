"""Checkpoints: tensors in safetensors, all else in JSON, each whole or not there.

`step-00000250.safetensors` is written first, `step-00000250.json` after it: the second
commits both. It says how long the first is and its SHA-256, and has one of its own. No
pickle: reading a checkpoint runs nothing. The newest two are kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save

from verify.training.folder import CHECKPOINTS, UNFINISHED, WriteError, write_json
from verify.training.folder import write as write_whole

FORMAT, VERSION = "lossproof-checkpoint", 1
KEPT = 2
REFUSED = ".refused"


class RefusedError(ValueError):
    """A checkpoint that is torn, truncated, foreign or newer: its name, and which."""


@dataclass(frozen=True)
class Checkpoint:
    """A run at one of its steps.

    tensors  parameters, the optimisers' states, the random states: on the CPU
    facts    options, the data's fingerprint and position: plain data
    """

    step: int
    tensors: dict[str, Any]
    facts: dict[str, Any]


def write(folder: Path, checkpoint: Checkpoint) -> Path:
    """Put it in the folder of a run, remove all but the newest two; its JSON's path.

    Raises WriteError if it cannot be written; those before it are still there then.
    """
    home = folder / CHECKPOINTS
    name = f"step-{checkpoint.step:08d}"
    content = save(checkpoint.tensors)
    write_whole(home / f"{name}.safetensors", content)
    said = {
        "format": FORMAT,
        "version": VERSION,
        "step": checkpoint.step,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        **checkpoint.facts,
    }
    write_json(home / f"{name}.json", said | {"seal": _seal(said)})
    for path in _newest_first(folder)[KEPT:]:
        _remove(path, path.with_suffix(".safetensors"))
    return home / f"{name}.json"


def newest(folder: Path) -> tuple[Checkpoint | None, list[str]]:
    """The newest that is whole, and why each newer one was refused.

    None if there is no checkpoint at all. Raises RefusedError if there are only such as
    are refused.
    """
    refusals: list[str] = []
    for path in _newest_first(folder):
        try:
            return read(path), refusals
        except RefusedError as refusal:
            refusals.append(str(refusal))
    if refusals:
        raise RefusedError("; ".join(refusals))
    return None, []


def read(path: Path) -> Checkpoint:
    """The checkpoint with this JSON; raises RefusedError."""
    try:
        said = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise RefusedError(f"{path}: torn: {error}") from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise RefusedError(f"{path}: foreign: its format is not {FORMAT}")
    if said.get("version") != VERSION:
        found = said.get("version")
        raise RefusedError(f"{path}: newer: version {found}, read is {VERSION}")
    seal = said.pop("seal", None)
    if seal != _seal(said):
        raise RefusedError(f"{path}: torn: it is not what was sealed")
    archive = path.with_suffix(".safetensors")
    try:
        content = archive.read_bytes()
    except OSError as error:
        raise RefusedError(f"{archive}: torn: {error.strerror}") from error
    if len(content) != said["bytes"]:
        sizes = f"{len(content)} bytes of {said['bytes']}"
        raise RefusedError(f"{archive}: truncated: {sizes}")
    if hashlib.sha256(content).hexdigest() != said["sha256"]:
        raise RefusedError(f"{archive}: torn: its SHA-256 is not the one written down")
    try:
        tensors = load(content)
    except SafetensorError as error:
        raise RefusedError(f"{archive}: foreign: {error}") from error
    facts = {k: v for k, v in said.items() if k not in ("format", "version", "step")}
    return Checkpoint(said["step"], tensors, facts)


def set_aside(folder: Path, step: int) -> None:
    """Rename what is newer than a step, so that nothing is written over it; tidy up.

    Raises WriteError where that cannot be done.
    """
    home = folder / CHECKPOINTS
    try:
        for path in sorted(home.glob(f"*{UNFINISHED}")):
            path.unlink()
        for path in _newest_first(folder):
            if _step(path) > step:
                for part in (path, path.with_suffix(".safetensors")):
                    if part.exists():
                        part.replace(_free(part.with_name(part.name + REFUSED)))
    except OSError as error:
        raise WriteError(f"{home}: {error.strerror or error}") from error


def _free(path: Path) -> Path:
    """The same name, or with the first number after it that nothing has."""
    numbered = (path.with_name(f"{path.name}{n}") for n in count(2))
    return next(p for p in chain([path], numbered) if not p.exists())


def _newest_first(folder: Path) -> list[Path]:
    found = (folder / CHECKPOINTS).glob("step-*.json")
    return sorted((p for p in found if _step(p) >= 0), key=_step, reverse=True)


def _step(path: Path) -> int:
    digits = path.stem.partition("-")[2]
    return int(digits) if digits.isdecimal() else -1


def _seal(said: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _remove(*paths: Path) -> None:
    """JSON first: what is left behind of an interruption is no checkpoint."""
    try:
        for path in paths:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise WriteError(f"{paths[0]}: {error.strerror or error}") from error
