"""Short runs for the tests of the trainer, also in processes that can be killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SHORT: dict[str, dict[str, Any]] = {
    "vae": {"model": "vae", "data": "ring", "batch": 32, "steps": 120, "every": 7},
    "gan": {"model": "gan", "data": "ring", "batch": 32, "steps": 120, "every": 7},
}


def run_of(given: dict[str, Any], folder: Path, resume: bool = False) -> Any:
    """A run that is ready; what it says is left unsaid."""
    from verify.training.torch_run import Run

    whole = {"device": "cpu"} | given
    return Run(whole, folder, resume, lambda words: None)


def trained(given: dict[str, Any], folder: Path, resume: bool = False) -> Any:
    """The run after its last step."""
    run = run_of(given, folder, resume)
    run.train(lambda line: None)
    return run


def go_on(given: dict[str, Any], folder: Path) -> None:
    """Begin the run, or go on with it: what a process does until it is killed."""
    import torch

    torch.set_num_threads(1)
    begun = any((folder / "checkpoints").glob("step-*.json"))
    trained(given, folder, resume=begun)


def end_of(folder: Path) -> dict[str, bytes]:
    """The last checkpoint's tensors, and the log: what has to be the same."""
    last = max((folder / "checkpoints").glob("step-*.safetensors"))
    log = folder / "log.jsonl"
    return {last.name: last.read_bytes(), log.name: log.read_bytes()}
