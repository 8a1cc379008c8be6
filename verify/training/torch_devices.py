"""Which device a run is on, and what precision its networks compute in."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from verify.processes import ALONE, Processes
from verify.training.options import OptionError


def device_named(name: str, processes: Processes = ALONE) -> str:
    """`cpu` or `cuda`, for `auto` the one that there is.

    Raises OptionError for cuda where torch sees none, or none for each process.
    """
    able = torch.cuda.is_available()
    if name == "cuda" and not able:
        raise OptionError("--device: torch sees no cuda device")
    chosen = ("cuda" if able else "cpu") if name == "auto" else name
    if chosen == "cuda" and processes.place >= torch.cuda.device_count():
        raise OptionError(
            f"--device: {processes.place + 1} processes or more on a machine with "
            f"{torch.cuda.device_count()} cuda devices"
        )
    return chosen


def placed(name: str, processes: Processes) -> torch.device:
    """The device of this process: of several, each has a cuda device of its own."""
    if name != "cuda" or processes.size == 1:
        return torch.device(name)
    torch.cuda.set_device(processes.place)  # also nccl's
    return torch.device(name, processes.place)


def precision(device: torch.device, amp: bool) -> AbstractContextManager[object]:
    """Under `amp` the networks compute in bfloat16; losses take what data are in."""
    if not amp:
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def described(device: torch.device, processes: Processes) -> dict[str, str | int]:
    """The device by name, the version of torch, how many processes; a CPU's threads."""
    cuda = device.type == "cuda"
    name = torch.cuda.get_device_name(device) if cuda else device.type
    known: dict[str, str | int] = {"device": name, "torch": torch.__version__}
    known["processes"] = processes.size
    return known if cuda else known | {"threads": torch.get_num_threads()}
