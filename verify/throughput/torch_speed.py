"""Our training step and the plain loop, timed in turns with the device's best.

A sample is as many steps as the trainer makes from one line of its log to the next, and
ends as there: what the steps measured is read from the device.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

import torch

from verify.bench.rounds import CLOCKS, Repeated, interleaved
from verify.data.dataset import Dataset
from verify.throughput import torch_plain, torch_rates
from verify.throughput.speed import COPY, MATMUL, OURS, PLAIN, Speed
from verify.throughput.torch_plain import Loop
from verify.throughput.torch_same_work import disagreement
from verify.training.log import INTERVAL
from verify.training.options import Options
from verify.training.torch_session import Session, model_of

Run = Callable[[], object]


def measured(
    options: Options,
    data: Dataset,
    seconds: float,
    clock: str = "wall",
    loop: Loop | None = None,
) -> Speed:
    """Time both, and how the device multiplies and copies, in turns.

    options  in float32; `device` is there
    data     images, for the VAE
    seconds  for all four together, beside what compiling and checking take
    clock    a name in CLOCKS
    loop     in the place of the plain one, to see what would be reported
    """
    loop = loop or torch_plain.LOOPS[options.model]
    session, device = Session(options, data), torch.device(options.device)
    started = time.perf_counter()
    _sample(session)
    first = time.perf_counter() - started
    product, of_product = torch_rates.matmul(device, options.amp)
    copy, of_copy = torch_rates.copy(device)
    refused = disagreement(options, data, loop)
    runs: dict[str, Run] = {OURS: lambda: _sample(session)}
    counted = {OURS: Session(replace(options, compile=False), data).advance}
    if refused is None:
        steps = _plain(options, data, loop)
        runs[PLAIN] = lambda: list(islice(steps, INTERVAL))
        counted[PLAIN] = lambda: next(_plain(options, data, loop))
    runs |= {MATMUL: product, COPY: copy}
    for run in runs.values():
        run()
    repeated = {name: _repeated(run, device) for name, run in runs.items()}
    return Speed(
        options=options.as_data(),
        steps=INTERVAL,
        times=interleaved(repeated, seconds, CLOCKS[clock]),
        first=first,
        operations={
            **{name: torch_rates.operations(step) for name, step in counted.items()},
            MATMUL: of_product,
        },
        moved={OURS: torch_rates.moved_by_adam(session), COPY: of_copy},
        refused=refused,
    )


def _sample(session: Session) -> list[list[float]]:
    """The steps from one line of the log to the next, and what the trainer reads."""
    rows = [session.advance() for _ in range(INTERVAL)]
    found: list[list[float]] = torch.stack(rows).cpu().tolist()
    return found


def _plain(options: Options, data: Dataset, loop: Loop) -> Iterator[None]:
    device = torch.device(options.device)
    model = torch_plain.started(model_of(options, data.shape)).to(device)
    rows = torch.from_numpy(data.train)
    batches = torch_plain.loaded(rows, options.batch, device)
    return loop(model, batches, torch.randn_like)


def _repeated(run: Run, device: torch.device) -> Repeated:
    def repeated(count: int) -> None:
        for _ in range(count):
            run()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return repeated
