"""Which device a run is on, and what precision its networks compute in."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from verify.training.options import OptionError


def device_named(name: str) -> str:
    """`cpu` or `cuda`, for `auto` the one that there is.

    Raises OptionError for cuda where torch sees none.
    """
    able = torch.cuda.is_available()
    if name == "cuda" and not able:
        raise OptionError("--device: torch sees no cuda device")
    return ("cuda" if able else "cpu") if name == "auto" else name


def precision(device: torch.device, amp: bool) -> AbstractContextManager[object]:
    """Under `amp` the networks compute in bfloat16; losses take what data are in."""
    if not amp:
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def described(device: torch.device) -> dict[str, str | int]:
    """The device by name, the version of torch, and on a CPU the threads."""
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
        return {"device": name, "torch": torch.__version__}
    threads = torch.get_num_threads()
    return {"device": device.type, "torch": torch.__version__, "threads": threads}
