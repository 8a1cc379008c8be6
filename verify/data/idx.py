"""IDX, the file format of MNIST: a magic number, sizes, then the bytes.

Two zero bytes, one for the type (8: unsigned bytes), one for the number of axes; then a
big-endian 32-bit size for each axis, then the values, the last axis first.

Source: LeCun, Cortes and Burges, "The MNIST database", section "File formats".
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from verify.data.dataset import DataError

UNSIGNED = 8
LARGEST = 2**31
"""Bytes; a size beyond it is taken for a damaged header."""


def read_idx(path: Path, axes: int) -> NDArray[np.uint8]:
    """The array in the file, whose axes are as many as said.

    path  plain, or gzipped if its name ends in .gz

    Raises DataError, with the file's name: it cannot be read, it is no IDX file of
    bytes, it has other axes, it is shorter or longer than its sizes say.
    """
    content = _bytes(path)
    if len(content) < 4:
        raise DataError(f"{path}: {len(content)} bytes, too short for a magic number")
    zeros, kind, found = struct.unpack(">HBB", content[:4])
    if zeros or kind != UNSIGNED:
        raise DataError(
            f"{path}: no IDX file of bytes: it begins {content[:4].hex(' ')}, "
            f"need 00 00 08 0{axes}"
        )
    if found != axes:
        raise DataError(f"{path}: {found} axes, need {axes}{_swapped(found, axes)}")
    start = 4 + 4 * axes
    if len(content) < start:
        raise DataError(f"{path}: truncated within its header, at {len(content)} bytes")
    sizes = struct.unpack(f">{axes}I", content[4:start])
    count = 1
    for size in sizes:
        count *= size
    shape = " x ".join(map(str, sizes))
    if not 0 < count <= LARGEST:
        raise DataError(f"{path}: its header claims {shape} bytes")
    given = len(content) - start
    if given != count:
        what = "truncated" if given < count else "too long"
        raise DataError(
            f"{path}: {what}: {given} bytes of values, need {shape} = {count}"
        )
    return np.frombuffer(content, np.uint8, count, start).reshape(sizes)


def _bytes(path: Path) -> bytes:
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as stream:
                return stream.read(LARGEST)
        return path.read_bytes()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: truncated or no gzip file: {error}") from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error


def _swapped(found: int, needed: int) -> str:
    kinds = {1: "labels", 3: "images"}
    if {found, needed} <= set(kinds):
        return f": {kinds[found]} where {kinds[needed]} should be"
    return ""
