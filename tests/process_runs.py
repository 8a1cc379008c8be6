"""Runs of two processes for the tests: what each of them does, and how they begin."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from training_runs import SHORT
from verify.processes import ALONE, Processes

SIZE = 2
PATIENCE = 200  # seconds, on a machine that does much else
PATHS: dict[str, dict[str, Any]] = {
    "vae": {"model": "vae", "data": "ring", "decoder": "gaussian", "latent": 2},
    "gan": {
        **{"model": "gan", "data": "digits", "loss": "saturating", "latent": 4},
        **{"network": "conv"},
    },
}
STEPS, BATCH = 4, 16
MISTAKES = (
    *("averages nothing", "adds up", "all take one part", "noise of its own"),
    "logs its own part",
)
COMPILED = "compiled"  # is no mistake


def in_each(do: Callable[..., Any], *given: Any) -> list[Any]:
    """What each of two processes makes of `do(*given)`, in the order of their ranks.

    Started as torchrun does it: the environment says where the store is, which is not
    one of theirs. None for a process that ended before.
    """
    from torch.distributed import TCPStore

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["verify.training.torch_run", "process_runs"])
    store = TCPStore("localhost", 0, is_master=True, wait_for_workers=False)
    started = []
    for rank in range(SIZE):
        here, there = context.Pipe(duplex=False)
        process = context.Process(
            target=_one, args=(rank, store.port, there, do, given)
        )
        process.start()
        there.close()
        started.append((process, here))
    last, found = time.monotonic() + PATIENCE, []
    for _, here in started:
        made = None
        if here.poll(max(0.0, last - time.monotonic())):
            with suppress(EOFError):
                made = here.recv()
        found.append(made)
    for process, _ in started:
        process.join(max(0.0, last - time.monotonic()))
        process.kill()
        process.join()
    return found


def _one(rank: int, port: int, there: Any, do: Callable[..., Any], given: Any) -> None:
    import torch

    torch.set_num_threads(1)
    told = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": SIZE, "MASTER_PORT": port}
    told |= {"MASTER_ADDR": "localhost", "TORCHELASTIC_USE_AGENT_STORE": True}
    os.environ |= {name: str(value) for name, value in told.items()}
    there.send(do(*given))


def member(do: Callable[..., Any], *given: Any) -> Any:
    """What this one makes as one of the processes."""
    from verify.processes import joined

    with joined() as processes:
        return do(processes, *given)


def wrong(processes: Processes, mistake: str) -> Processes:
    """The same processes, which make a mistake."""
    other: Any = type("Wrong", (type(processes),), {})()
    right = processes.part
    if mistake == "averages nothing":
        other.sharing = lambda objective, player: objective
    if mistake == "adds up":
        other.sharing = lambda objective, player: processes.sharing(
            partial(_times, processes.size, objective), player
        )
    if mistake == "all take one part":
        other.part = lambda rows: rows[: len(right(rows))]
    if mistake == "logs its own part":
        other.averaged = lambda table: table
    return other


def _times(factor: int, objective: Callable[..., Any], *given: Any) -> Any:
    loss, seen = objective(*given)
    return factor * loss, seen


def path(processes: Processes, name: str, dtype: str, mistake: str = "") -> Any:
    """What was measured and the parameters after a few steps, as float64 arrays."""
    import torch

    from verify.data.named import dataset
    from verify.training.options import Options
    from verify.training.torch_session import Session

    given = {"device": "cpu", "dtype": dtype, "batch": BATCH} | PATHS[name]
    options = Options(**given, compile=mistake == COMPILED)
    played = wrong(processes, mistake) if mistake else processes
    with pytest.MonkeyPatch.context() as patch:  # traced, which is all that may break
        patch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
        session = Session(options, dataset(options.data), played)
    if mistake == "noise of its own":
        session.generator.manual_seed(processes.rank)
    table = torch.stack([session.advance() for _ in range(STEPS)])
    found = {"measured": played.averaged(table)} | session.tensors()
    return {name: tensor.double().numpy() for name, tensor in found.items()}


def paths(processes: Processes) -> dict[tuple[str, str, str], Any]:
    """All of them: by model, dtype and mistake."""
    found = {}
    for name in PATHS:
        for dtype in ("float32", "float64"):
            found[name, dtype, ""] = path(processes, name, dtype)
    for mistake in (*MISTAKES, COMPILED) if processes.size > 1 else ():
        found["vae", "float64", mistake] = path(processes, "vae", "float64", mistake)
    return found


def part_of_runs(processes: Processes, folder: Path, steps: int) -> Any:
    """Begin a run in each precision, or go on with it; what was said, all tensors."""
    from verify.training.torch_run import Run

    said: list[str] = []
    held = {}
    for dtype in ("float32", "float64"):
        place = folder / dtype
        given = {"steps": steps} | ({} if place.exists() else {"dtype": dtype})
        given = SHORT["vae"] | {"device": "cpu", "every": 1000} | given
        run = Run(given, place, place.exists(), said.append, processes)
        done = run.train(lambda line: None)
        if done and processes.size > 1 and dtype == "float64":
            run.finish()
        held[dtype] = {n: t.double().numpy() for n, t in run.session.tensors().items()}
    return said, held


def troubled(processes: Processes, trouble: str, folder: Path) -> Any:
    """A run that one of the processes gets into trouble with: how it ends here.

    The second is interrupted after 12 steps, or has a row whose square is not finite;
    the disk of the first, which writes, is full at the checkpoint of step 7.
    """
    from verify.data import named
    from verify.training import safetensors_checkpoint as checkpoints
    from verify.training.folder import WriteError
    from verify.training.torch_run import Run
    from verify.training.torch_trainer import DivergedError

    given = SHORT["vae"] | {"device": "cpu", "batch": 512, "steps": 40, "latent": 2}
    step, whole = 0, checkpoints.write_whole
    with pytest.MonkeyPatch.context() as patch:
        if trouble == "diverged":
            patch.setitem(named.NAMED, "ring", partial(_spoiled, named.NAMED["ring"]))
            given["seed"], step = _seed_for_the_second()
        run = Run(given, folder, False, lambda words: None, processes)
        session, right = run.session, run.session.advance

        def interrupted() -> Any:
            if session.step == 12:
                signal.raise_signal(signal.SIGTERM)
            return right()

        def full(path: Path, content: bytes) -> None:
            if "00000007" in path.name:
                raise WriteError(f"{path.name}: No space left on device")
            whole(path, content)

        if trouble == "interrupted" and processes.rank == 1:
            patch.setattr(session, "advance", interrupted)
        if trouble == "full" and processes.rank == 0:
            patch.setattr(checkpoints, "write_whole", full)
        try:
            done = run.train(lambda line: None)
        except DivergedError as stopped:
            return step, str(stopped), stopped.ranges
        except WriteError as stopped:
            return str(stopped)
    return done, session.step


TROUBLES = ("interrupted", "diverged", "full")
SPOILED = 4000


def all_of_it(processes: Processes, folder: Path) -> dict[str, Any]:
    """The paths, the second part of runs, and the troubles: by two that start once."""
    found = {"paths": paths(processes), "part": part_of_runs(processes, folder, 19)}
    for trouble in TROUBLES:
        found[trouble] = troubled(processes, trouble, folder / trouble)
    return found


def one_is_killed() -> str:
    """The second is killed while the first waits for it: what the first is told."""
    from verify.processes import joined
    from verify.training.interruption import interruptible

    try:
        with joined() as processes, interruptible():
            if processes.rank == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            processes.gathered(None)
    except RuntimeError as told:
        return str(told)
    return ""


def _spoiled(right: Callable[[], Any]) -> Any:
    data = right()
    rows = data.train.copy()
    rows[SPOILED] = 3e38
    return replace(data, train=rows)


def _seed_for_the_second() -> tuple[int, int]:
    """One by which the spoiled row comes to the second process, and the step then."""
    import torch

    from verify.training.torch_order import Order

    for seed in range(100):
        order = Order(8192, 512, seed, torch.device("cpu"))
        for step in range(1, 17):
            if SPOILED in order.next()[256:] and step > 8:
                return seed, step
    raise AssertionError


def command(model: str, given: dict[str, Any]) -> tuple[int, str, str]:
    """The command as a process runs it: its status, and what it printed."""
    from verify.commands.train import train

    out, error = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(error):
        status = train(model, **given)
    return status, out.getvalue(), error.getvalue()


def alone(do: Callable[..., Any], *given: Any) -> Any:
    """What a single process makes of it: this one."""
    return do(ALONE, *given)


def under_torchrun(*arguments: str) -> list[str]:
    """The command line of two processes."""
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return [*start, f"--nproc-per-node={SIZE}", "-m", "verify", *arguments]
