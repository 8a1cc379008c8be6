"""A seed for every use of randomness in a run, from the one that the run was given.

Uses must not share a stream, and torch's generator on a CPU takes the lowest 32 bits of
a seed alone (MT19937): numbers added or shifted above them would change nothing. So all
is hashed.
"""

from __future__ import annotations

import hashlib


def seed_of(seed: int, use: str, number: int = 0) -> int:
    """63 bits, all of which depend on the seed, the use, and the number among such."""
    said = f"{seed} {use} {number}".encode()
    return int.from_bytes(hashlib.sha256(said).digest()[:8]) >> 1
