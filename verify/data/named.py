"""A data set by its name, or by the folder it is in."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from verify.data.dataset import DataError, Dataset
from verify.data.idx_folder import idx_folder
from verify.data.toys import gaussian, ring


def _digits() -> Dataset:
    if find_spec("sklearn") is None:
        raise DataError("digits: scikit-learn, which has them, is not installed")
    found: Dataset = import_module("verify.data.sklearn_digits").digits()
    return found


NAMED: dict[str, Callable[[], Dataset]] = {
    "digits": _digits,
    "gaussian": gaussian,
    "ring": ring,
}


def dataset(name: str) -> Dataset:
    """`digits`, `gaussian`, `ring`, or a folder with IDX files.

    Raises DataError, in words, if there is none, or if it is damaged.
    """
    if name in NAMED:
        return NAMED[name]()
    if not os.path.lexists(name):
        known = ", ".join(NAMED)
        raise DataError(f"{name}: no such data; it can be {known}, or a folder")
    return idx_folder(Path(name))


def lasting(name: str) -> str:
    """The name that finds the data from wherever: of a folder, its absolute path."""
    return name if name in NAMED else os.path.abspath(name)
