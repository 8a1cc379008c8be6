"""Work in a process of its own, which can be ended when it does not answer.

The deadline of a step interrupts Python code only. A call that hangs inside a C
function, takes all memory or ends the process is a case for the system: the worker is
killed, what it had said so far is kept, and a new worker goes on behind the item that
did it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

GRACE = 5.0
MEMORY = 6 * 2**30


@dataclass(frozen=True)
class Message:
    """What a worker says: a kind ("begin", "alive", "done", ...), an item, its data."""

    kind: str
    item: int
    data: Any = None


Work = Callable[[Callable[[Message], None], frozenset[int]], None]


@dataclass(frozen=True)
class Killed:
    """The end of a worker that did not end by itself."""

    item: int
    reason: str


def messages(work: Work, patience: float) -> Iterator[Message | Killed]:
    """What `work(say, skip)` says, over as many workers as it takes.

    work       a picklable callable; it says "begin" before an item and must leave out
               the items of `skip`
    patience   seconds of silence after which a worker is killed, beside a grace of 5 s

    After a Killed the items that were begun are skipped by the next worker.
    """
    begun: set[int] = set()
    while True:
        ended = yield from _one_worker(work, frozenset(begun), patience, begun)
        if ended is None:
            return
        yield ended
        if ended.item < 0:
            return


def _one_worker(
    work: Work, skip: frozenset[int], patience: float, begun: set[int]
) -> Generator[Message, None, Killed | None]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=_run, args=(work, skip, theirs), daemon=True)
    with _main_left_alone():
        worker.start()
    theirs.close()
    current = -1
    try:
        while True:
            if not ours.poll(patience + GRACE):
                return Killed(
                    current, f"did not answer for {patience + GRACE:g} s, and was ended"
                )
            try:
                message: Message = ours.recv()
            except EOFError:
                worker.join()
                return Killed(
                    current, f"ended its process (exit status {worker.exitcode})"
                )
            if message.kind == "end":
                return None
            if message.kind == "error":  # ours: what is judged has its own words
                raise RuntimeError(f"the process that judges failed:\n{message.data}")
            if message.kind == "begin":
                current = message.item
                begun.add(current)
            yield message
    finally:
        _end(worker)
        ours.close()


@contextmanager
def _main_left_alone() -> Iterator[None]:
    """A worker needs none of the caller's script, which it would run a second time."""
    main = sys.modules["__main__"]
    kept = {name: vars(main).get(name) for name in ("__spec__", "__file__")}
    for name in kept:
        setattr(main, name, None)
    try:
        yield
    finally:
        vars(main).update(kept)


def _end(worker: BaseProcess) -> None:
    """The worker, and what it has started."""
    if hasattr(os, "killpg") and worker.pid is not None:
        with suppress(ProcessLookupError, PermissionError):
            if os.getpgid(worker.pid) == worker.pid:
                os.killpg(worker.pid, signal.SIGKILL)
    worker.kill()
    worker.join()


def _run(work: Work, skip: frozenset[int], say: Connection) -> None:
    _limit_memory()
    if hasattr(os, "setpgrp"):  # a group of its own, that ends with it
        os.setpgrp()
    try:
        work(say.send, skip)
    except KeyboardInterrupt:
        return  # the parent was interrupted too, and says so
    except Exception:
        say.send(Message("error", -1, traceback.format_exc()))
        raise
    say.send(Message("end", -1))


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
