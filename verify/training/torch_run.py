"""A run from its options to its folder: begun or resumed, trained, judged, drawn.

Of several processes only the first touches the folder, and judges and draws.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

from verify.data.dataset import DataError, Dataset
from verify.data.named import dataset
from verify.processes import ALONE, Processes
from verify.training import log, safetensors_checkpoint
from verify.training.folder import SUMMARY, FolderError, opened, write_json
from verify.training.interruption import interruptible
from verify.training.matplotlib_album import album
from verify.training.options import (
    FREE,
    OptionError,
    Options,
    check,
    completed,
    differences,
)
from verify.training.safetensors_checkpoint import Checkpoint, RefusedError
from verify.training.torch_devices import described, device_named
from verify.training.torch_outcome import Outcome, outcome
from verify.training.torch_session import Session
from verify.training.torch_trainer import Trainer, Watch

Say = Callable[[str], None]
"""Is told, in words, what should be known and is no error."""
FORMAT = "lossproof-run"


class UnjudgedError(ValueError):
    """A figure of the model is not a finite number, though no loss was."""


class Run:
    """A session that is ready to be trained in its folder.

    given      options by name, without those not given; `data` has to be there
    folder     where all is written
    resume     go on from the newest checkpoint that is whole
    processes  which share the run

    Raises OptionError, DataError, FolderError, RefusedError: nothing was written then.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        folder: Path,
        resume: bool,
        say: Say,
        processes: Processes = ALONE,
    ) -> None:
        check(given)
        self.folder, self.processes, saved = folder, processes, None
        if resume:
            saved, refusals = processes.first(self._newest)
            for refusal in refusals:
                say(f"refused: {refusal}")
        known = dict(given) if saved is None else _resumed(saved, given, folder)
        named = known.get("device", "auto")
        known["device"] = processes.together(partial(device_named, named, processes))
        self.data: Dataset = processes.together(partial(dataset, known["data"]))
        if len(set(processes.gathered(self.data.fingerprint))) > 1:
            raise DataError(f"{self.data.name}: not the same values in all processes")
        self.options = completed(known, self.data)
        if len(self.data.test) < 2:
            raise DataError(f"{self.data.name}: one test row, need 2")
        self.session = Session(self.options, self.data, processes)
        self.first, self.seconds = self.session.step, 0.0
        self.start = saved.facts["start"] if saved else None
        if saved is not None:
            self._restore(saved, say)
            self.first = self.session.step
        processes.first(partial(self._opened, resume))

    def _newest(self) -> tuple[Checkpoint | None, list[str]]:
        """The newest whole checkpoint of a folder that can be gone on in."""
        self.hold = opened(self.folder, resume=True)
        return safetensors_checkpoint.newest(self.folder)

    def _opened(self, resume: bool) -> None:
        if not resume:
            self.hold = opened(self.folder, resume)
        safetensors_checkpoint.set_aside(self.folder, self.session.step)

    def _restore(self, saved: Checkpoint, say: Say) -> None:
        if saved.facts["fingerprint"] != self.data.fingerprint:
            raise OptionError(
                f"--data: {self.data.name} has other values than those that "
                f"{self.folder} was trained on"
            )
        machine = described(self.session.device, self.processes)
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

        Raises DivergedError, UnjudgedError and WriteError.
        """
        if self.start is None:
            self.start = self.processes.first(lambda: self._judged().figures)
        begun = time.perf_counter()
        with interruptible() as stop:
            trainer = Trainer(self.session, self.folder, self._facts(), watch, stop)
            done = trainer.train()
        self.seconds = time.perf_counter() - begun
        return done

    def finish(self) -> dict[str, Any]:
        """Judge, draw the pictures and write the summary, which is given back.

        Raises UnjudgedError and WriteError.
        """
        return self.processes.first(self._finished)

    def _finished(self) -> dict[str, Any]:
        summary = self._summary()
        write_json(self.folder / SUMMARY, summary)
        return summary

    def _judged(self) -> Outcome:
        made = outcome(self.session, self.data)
        for name, value in made.figures.items():
            if not isfinite(value):
                raise UnjudgedError(f"step {self.session.step}: {name} is {value}")
        return made

    def _facts(self) -> dict[str, Any]:
        return {
            "options": self.options.as_data(),
            "fingerprint": self.data.fingerprint,
            "start": self.start,
            "machine": described(self.session.device, self.processes),
        }

    def _summary(self) -> dict[str, Any]:
        begun = time.perf_counter()
        made, lines = self._judged(), log.lines(self.folder)
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
            "times": {  # of this session alone
                "from_step": self.first,
                "training_seconds": self.seconds,
                "judging_seconds": time.perf_counter() - begun,
            },
        }


def loaded(folder: Path, say: Say) -> tuple[Session, Dataset]:
    """The session of the newest whole checkpoint in a folder, and its data.

    say  is told of each newer one that was refused

    Raises FolderError, DataError, OptionError and RefusedError; writes nothing.
    """
    saved, refusals = safetensors_checkpoint.newest(folder)
    for refusal in refusals:
        say(f"refused: {refusal}")
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
    free = {name: asked[name] for name in FREE if name in asked}
    whole = replace(before, **free)
    if whole.steps < saved.step:
        raise OptionError(
            f"--steps: {whole.steps}, and {folder} is at step {saved.step}"
        )
    known = whole.as_data()
    return {name: value for name, value in known.items() if value is not None}
