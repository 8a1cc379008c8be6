"""A run from its options to its folder: begun or resumed, trained, judged, drawn."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from verify.data.dataset import DataError, Dataset
from verify.data.named import dataset
from verify.training import log, safetensors_checkpoint
from verify.training.folder import SUMMARY, FolderError, opened, write_json
from verify.training.interruption import interruptible
from verify.training.matplotlib_album import album
from verify.training.options import (
    OptionError,
    Options,
    check,
    completed,
    differences,
)
from verify.training.safetensors_checkpoint import Checkpoint, RefusedError
from verify.training.torch_devices import described, device_named
from verify.training.torch_outcome import outcome
from verify.training.torch_session import Session
from verify.training.torch_trainer import Trainer, Watch

Say = Callable[[str], None]
"""Is told, in words, what should be known and is no error."""
FORMAT = "lossproof-run"


class Run:
    """A session that is ready to be trained in its folder.

    given   options by name, without those that were not given; `data` has to be there
    folder  where all is written
    resume  go on from the newest checkpoint that is whole

    Raises OptionError, DataError, FolderError, RefusedError: nothing was written then.
    """

    def __init__(
        self, given: Mapping[str, Any], folder: Path, resume: bool, say: Say
    ) -> None:
        check(given)
        self.folder, saved = folder, None
        if resume:
            opened(folder, resume)
            saved, refusals = safetensors_checkpoint.newest(folder)
            for refusal in refusals:
                say(f"refused: {refusal}")
        known = dict(given) if saved is None else _resumed(saved, given, folder)
        if saved is None:
            known["device"] = device_named(known.get("device", "auto"))
        device_named(known["device"])
        self.data: Dataset = dataset(known["data"])
        self.options = completed(known, self.data)
        if len(self.data.test) < 2:
            raise DataError(f"{self.data.name}: one test row, need 2")
        self.session = Session(self.options, self.data)
        self.seconds = self.steps_per_second = 0.0
        self.start = saved.facts["start"] if saved else None
        if saved is not None:
            self._restore(saved, say)
        if not resume:
            opened(folder, resume)
        safetensors_checkpoint.set_aside(folder, self.session.step)

    def _restore(self, saved: Checkpoint, say: Say) -> None:
        if saved.facts["fingerprint"] != self.data.fingerprint:
            raise OptionError(
                f"--data: {self.data.name} has other values than those that "
                f"{self.folder} was trained on"
            )
        machine = described(self.session.device)
        if saved.facts["machine"] != machine:
            say(
                f"resumed on {machine}, begun on {saved.facts['machine']}: the last "
                "bits may differ"
            )
        try:
            self.session.restore(saved.step, saved.tensors, saved.facts["position"])
        except (KeyError, ValueError, RuntimeError) as error:
            name = f"{self.folder}, step {saved.step}"
            raise RefusedError(f"{name}: foreign: {error}") from error
        say(f"resumed at step {saved.step}")

    def train(self, watch: Watch) -> bool:
        """Train to the last step; False if the keyboard interrupted before.

        Raises DivergedError and WriteError.
        """
        begun, first = time.perf_counter(), self.session.step
        if self.start is None:
            self.start = outcome(self.session, self.data).figures
        with interruptible() as stop:
            trainer = Trainer(self.session, self.folder, self._facts(), watch, stop)
            done = trainer.train()
        self.seconds = time.perf_counter() - begun
        self.steps_per_second = (self.session.step - first) / self.seconds
        return done

    def finish(self) -> dict[str, Any]:
        """Judge, draw the pictures and write the summary, which is given back.

        Raises WriteError.
        """
        summary = self._summary()
        write_json(self.folder / SUMMARY, summary)
        return summary

    def _facts(self) -> dict[str, Any]:
        return {
            "options": self.options.as_data(),
            "fingerprint": self.data.fingerprint,
            "start": self.start,
            "machine": described(self.session.device),
        }

    def _summary(self) -> dict[str, Any]:
        begun = time.perf_counter()
        made, lines = outcome(self.session, self.data), log.lines(self.folder)
        toy = ", a toy" if self.data.toy else ""
        title = f"{self.options.model}, {Path(self.data.name).name}{toy}"
        title += f", step {self.session.step}"
        pictures = album(self.folder, self.data, made, lines, title)
        path = f"checkpoints/step-{self.session.step:08d}"
        return {
            "format": FORMAT,
            "version": 1,
            **self._facts(),
            "toy": self.data.toy,
            "step": self.session.step,
            "losses": [loss.name for loss in self.session.model.losses],
            "last": lines[-1] if lines else None,
            "figures": made.figures,
            "checkpoint": [f"{path}.json", f"{path}.safetensors"],
            "log": log.LOG,
            "pictures": pictures,
            "training_seconds": self.seconds,
            "steps_per_second": self.steps_per_second,
            "judging_seconds": time.perf_counter() - begun,
        }


def loaded(folder: Path) -> tuple[Session, Dataset]:
    """The session of the newest whole checkpoint in a folder, and its data.

    Raises FolderError, DataError, OptionError and RefusedError; writes nothing.
    """
    saved, _ = safetensors_checkpoint.newest(folder)
    if saved is None:
        raise FolderError(f"{folder}: there is no checkpoint")
    options = Options.from_data(saved.facts["options"])
    device_named(options.device)
    data = dataset(options.data)
    if saved.facts["fingerprint"] != data.fingerprint:
        raise DataError(f"{data.name}: not the values that {folder} was trained on")
    session = Session(options, data)
    session.restore(saved.step, saved.tensors, saved.facts["position"])
    return session, data


def _resumed(
    saved: Checkpoint, given: Mapping[str, Any], folder: Path
) -> dict[str, Any]:
    """The options of the checkpoint, with those given that may be others."""
    before = Options.from_data(saved.facts["options"])
    asked = dict(given)
    if asked.get("device") == "auto":
        del asked["device"]
    changed = differences(before, asked)
    if changed:
        raise OptionError(f"--resume: {folder} is another run: {'; '.join(changed)}")
    free = {name: asked[name] for name in ("steps", "every") if name in asked}
    whole = replace(before, **free)
    if whole.steps < saved.step:
        raise OptionError(
            f"--steps: {whole.steps}, and {folder} is at step {saved.step}"
        )
    known = whole.as_data()
    return {name: value for name, value in known.items() if value is not None}
