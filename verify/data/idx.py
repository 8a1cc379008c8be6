"""IDX, the file format of MNIST: a magic number, sizes, then the bytes.

Two zero bytes, one for the type (8: unsigned bytes), one for the number of axes; then a
big-endian 32-bit size for each axis, then the values, the last axis first.

Source: LeCun, Cortes and Burges, "The MNIST database", section "File formats".
"""

from __future__ import annotations

import gzip
import struct
import zlib
from io import BufferedIOBase
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from verify.data.dataset import DataError

UNSIGNED = 8
LARGEST = 2**31
"""Bytes; a size beyond it is taken for a damaged header."""
PIECE = 2**20


def read_idx(path: Path, axes: int) -> NDArray[np.uint8]:
    """The array in the file, whose axes are as many as said.

    path  plain, or gzipped if its name ends in .gz; of what is longer than its sizes
          say, no more than that is read

    Raises DataError, with the file's name: it cannot be read, it is no IDX file of
    bytes, it has other axes, it is shorter or longer than its sizes say.
    """
    packed = path.suffix == ".gz"
    try:
        with gzip.open(path) if packed else path.open("rb") as stream:
            sizes = _sizes(path, stream.read(4 + 4 * axes), axes)
            count = prod(sizes)
            values = _up_to(count + 1, stream)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: truncated or no gzip file: {error}") from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    needed = f"{_by(sizes)} = {count}"
    if len(values) > count:
        raise DataError(f"{path}: too long: there is more than {needed} bytes")
    if len(values) < count:
        given = f"{len(values)} bytes of values, need {needed}"
        raise DataError(f"{path}: truncated: {given}")
    return np.frombuffer(values, np.uint8).reshape(sizes)


def _sizes(path: Path, header: bytes, axes: int) -> tuple[int, ...]:
    if len(header) < 4:
        raise DataError(f"{path}: {len(header)} bytes, too short for a magic number")
    zeros, kind, found = struct.unpack(">HBB", header[:4])
    if zeros or kind != UNSIGNED:
        raise DataError(
            f"{path}: no IDX file of bytes: it begins {header[:4].hex(' ')}, "
            f"need 00 00 08 0{axes}"
        )
    if found != axes:
        raise DataError(f"{path}: {found} axes, need {axes}{_swapped(found, axes)}")
    if len(header) < 4 + 4 * axes:
        raise DataError(f"{path}: truncated within its header, at {len(header)} bytes")
    sizes = struct.unpack(f">{axes}I", header[4:])
    if not 0 < prod(sizes) <= LARGEST:
        raise DataError(f"{path}: its header claims {_by(sizes)} bytes")
    return sizes


def _up_to(count: int, stream: BufferedIOBase) -> bytes:
    """What there is, in pieces: no memory for what a header only claims."""
    found = bytearray()
    while piece := stream.read(min(PIECE, count - len(found))):
        found += piece
    return bytes(found)


def _by(sizes: tuple[int, ...]) -> str:
    return " x ".join(map(str, sizes))


def _swapped(found: int, needed: int) -> str:
    kinds = {1: "labels", 3: "images"}
    if {found, needed} <= set(kinds):
        return f": {kinds[found]} where {kinds[needed]} should be"
    return ""
