"""What the device can do at best, and what a step asks of it.

A large matrix product and a large copy are timed beside the steps, so that a share of
the device is a share of what this device did in these seconds.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from verify.training.torch_session import Session

SIDES = {"cpu": 1024, "cuda": 8192}
"""Of the matrices: large enough that nothing but the product counts."""
COPIED = {"cpu": 2**26, "cuda": 2**30}
"""Bytes: no cache holds them."""
OF_ADAM = 7
"""Numbers a parameter that a step of Adam moves at least: it reads the parameter, the
gradient and two moments, and writes the parameter and two moments."""


def matmul(device: torch.device, amp: bool) -> tuple[Callable[[], None], int]:
    """A product of two square matrices as the networks would have it, its operations.

    amp  in bfloat16, else in float32 and as exact as torch has it by default
    """
    side, dtype = SIDES[device.type], torch.bfloat16 if amp else torch.float32
    left, right, product = (
        torch.zeros(side, side, dtype=dtype, device=device) for _ in range(3)
    )

    def run() -> None:
        torch.mm(left, right, out=product)

    return run, 2 * side**3


def copy(device: torch.device) -> tuple[Callable[[], None], int]:
    """A copy from memory to memory, and the bytes that it reads and writes."""
    source = torch.zeros(COPIED[device.type] // 4, device=device)
    target = torch.empty_like(source)

    def run() -> None:
        target.copy_(source)

    return run, 2 * COPIED[device.type]


def operations(step: Callable[[], object]) -> int:
    """Floating-point operations of an eager step: products and convolutions alone."""
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


def moved_by_adam(session: Session) -> int:
    """Bytes that the optimisers move in a step at least."""
    return OF_ADAM * sum(
        parameter.numel() * parameter.element_size()
        for player in session.players.values()
        for parameter in player
    )
