"""The loop: steps, the log, checkpoints, and what ends them early.

The device is waited for every few steps only, when the log is written. A loss or a
gradient that is not finite is seen then, before any checkpoint is written: the step is
found again from the last one, which is the same to the bit, and its activations looked
at.

Of several processes the first one writes. What was measured is averaged over them when
the log is written, and they agree on the step to stop at as often.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from verify.training.log import INTERVAL, Line, Log
from verify.training.safetensors_checkpoint import Checkpoint, newest, write
from verify.training.torch_ranges import Range, of_all, ranges_of_next_step
from verify.training.torch_session import Session

Watch = Callable[[Line], None]
"""Is told of every line of the log."""


class DivergedError(ArithmeticError):
    """A loss or a gradient was not finite.

    step        whose it was
    what        its name and value
    checkpoint  the last one, which is good
    ranges      of the activations of that step
    """

    def __init__(
        self, step: int, what: str, checkpoint: Path, ranges: list[Range]
    ) -> None:
        super().__init__(f"step {step}: {what}; the last good one is {checkpoint}")
        self.step, self.what, self.checkpoint = step, what, checkpoint
        self.ranges = ranges


class Trainer:
    """Takes a session to its last step.

    folder  where log and checkpoints are written
    facts   goes into every checkpoint: options, the data's fingerprint
    watch   is told of every line of the log
    stop    is asked before every step whether to end; of several processes, each is
            asked every INTERVAL steps, and one that says yes ends them all
    """

    def __init__(
        self,
        session: Session,
        folder: Path,
        facts: dict[str, Any],
        watch: Watch,
        stop: Callable[[], bool],
    ) -> None:
        self.session, self.folder, self.facts = session, folder, facts
        self.watch, self.stop, self.processes = watch, stop, session.processes
        self.log = self.processes.first(partial(Log, folder, session.step))
        self.pending: list[tuple[int, Tensor]] = []

    def train(self) -> bool:
        """Go on to the last step, or until `stop`; whether it was reached.

        A checkpoint is written at the start, every `every` steps and at the end.
        Raises DivergedError, and WriteError where log or checkpoint cannot be written.
        """
        session, options = self.session, self.session.options
        if session.step == 0:
            self.save()
        while session.step < options.steps and not self._stopped():
            measured = session.advance()
            self.pending.append((session.step, measured))
            if session.step % INTERVAL == 0:
                self.flush()
            if session.step % options.every == 0 and session.step < options.steps:
                self.save()
        self.save()
        return session.step >= options.steps

    def _stopped(self) -> bool:
        if self.processes.size == 1:
            return self.stop()
        due = self.session.step % INTERVAL == 0
        return due and any(self.processes.gathered(self.stop()))

    def save(self) -> Path:
        """Write a checkpoint of this step, after the log; its path."""
        self.flush()
        return self.processes.first(self._saved)

    def _saved(self) -> Path:
        position = self.session.order.position
        facts = self.facts | {"position": position}
        return write(
            self.folder,
            Checkpoint(self.session.step, self.session.tensors(), facts),
        )

    def flush(self) -> None:
        """Wait for what was measured, and log it; raises DivergedError."""
        if not self.pending:
            return
        rows = torch.stack([row for _, row in self.pending])
        table = self.processes.averaged(rows).cpu().tolist()
        steps = [step for step, _ in self.pending]
        self.pending, found = [], []
        for step, row in zip(steps, table, strict=True):
            line = {"step": step, **dict(zip(self.session.names, row, strict=True))}
            for name, value in line.items():
                if not math.isfinite(value):
                    self._diverged(step, f"{name} is {value}")
            if step % INTERVAL == 0 or step == self.session.options.steps:
                found.append(line)
        self.processes.first(partial(self._logged, found))

    def _logged(self, found: list[Line]) -> None:
        self.log.add(found)
        for line in found:
            self.watch(line)

    def _diverged(self, step: int, what: str) -> None:
        """Find the step again from the last checkpoint, and raise DivergedError."""
        session = self.session
        good, _ = self.processes.first(partial(newest, self.folder))
        assert good is not None  # there is one from the start
        session.restore(good.step, good.tensors, good.facts["position"])
        while session.step < step - 1:
            session.advance()
        path = self.folder / "checkpoints" / f"step-{good.step:08d}.json"
        ranges = of_all(self.processes.gathered(ranges_of_next_step(session)))
        raise DivergedError(step, what, path, ranges)
