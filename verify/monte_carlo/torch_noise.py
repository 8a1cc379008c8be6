"""The draws of `noise`, many blocks at once, made on the device that takes the means.

Philox counts, and so every number can be had by its place alone. NumPy's generator is
done here over in torch's 64-bit integers, which are signed and wrap: the uniform
numbers are NumPy's to the last bit, the normals are within the rounding of ndtri.

Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011, section
3.3 (Philox4x64-10); NumPy counts from 1, and takes the upper bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from verify.monte_carlo.noise import COLUMNS, DIGITS, Design, lines, sequence

ROUNDS = 10
MULTIPLIERS = 0xD2E7470EE14C6C93, 0xCA5A826395121157
STEPS = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B  # from one round's key to the next
LOW = 0xFFFFFFFF


def normals(
    design: Design, seed: int, stream: int, blocks: Sequence[int], device: str
) -> Tensor:
    """The draws of these blocks, one after the other, (blocks design.block, 12)."""
    keys = np.stack(
        [sequence(seed, stream, 1, b).generate_state(2, np.uint64) for b in blocks]
    )
    words = philox(torch.from_numpy(keys.view(np.int64)).to(device), design.block * 3)
    inside = _shifted(words, 64 - DIGITS).view(len(blocks), design.block, COLUMNS)
    positions = (inside.double() + 0.5) * 2.0**-DIGITS
    if design.strata == 1:
        return torch.special.ndtri(positions).flatten(0, 1)
    factors, shifts, firsts = (
        torch.from_numpy(np.stack(column)).to(device)[:, None]
        for column in zip(
            *(lines(design, seed, stream, b) for b in blocks), strict=True
        )
    )
    number = firsts + torch.arange(design.block, device=device)[:, None]
    stratum = (factors * number + shifts) & (design.strata - 1)
    above = stratum >= design.strata // 2
    nearer = torch.where(above, design.strata - 1 - stratum, stratum)
    below = torch.special.ndtri((nearer + positions) / design.strata)
    return torch.where(above, -below, below).flatten(0, 1)


def philox(keys: Tensor, counts: int) -> Tensor:
    """The first 4 * counts words of a generator for each key, (keys, 4 * counts).

    keys  shape (keys, 2), int64 with the bits of NumPy's uint64
    """
    first = torch.arange(1, counts + 1, device=keys.device).expand(len(keys), counts)
    v = [first, *(torch.zeros_like(first) for _ in range(3))]
    key = [keys[:, :1], keys[:, 1:]]
    for turn in range(ROUNDS):
        if turn:
            key = [k + _signed(step) for k, step in zip(key, STEPS, strict=True)]
        high0, low0 = _product(v[0], MULTIPLIERS[0])
        high1, low1 = _product(v[2], MULTIPLIERS[1])
        v = [high1 ^ v[1] ^ key[0], low1, high0 ^ v[3] ^ key[1], low0]
    return torch.stack(v, dim=-1).flatten(1)


def _signed(word: int) -> int:
    """The number with the same 64 bits that int64 has."""
    return word - (1 << 64) if word >> 63 else word


def _shifted(words: Tensor, bits: int) -> Tensor:
    """To the right, with zeros from the left."""
    return (words >> bits) & ((1 << (64 - bits)) - 1)


def _product(words: Tensor, factor: int) -> tuple[Tensor, Tensor]:
    """The upper and the lower 64 bits of the product of unsigned words."""
    above, below = _shifted(words, 32), words & LOW
    upper, lower = factor >> 32, factor & LOW
    across, other = above * lower, below * upper
    carried = _shifted(below * lower, 32) + (across & LOW) + (other & LOW)
    high = above * upper + _shifted(across, 32) + _shifted(other, 32)
    return high + _shifted(carried, 32), words * _signed(factor)
