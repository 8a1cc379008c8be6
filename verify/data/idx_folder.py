"""MNIST and its like in a folder, laid out as torchvision lays it out.

The four IDX files are in DIR, DIR/raw, or DIR/<name>/raw, as `MNIST(root=DIR)` of
torchvision leaves them; plain or gzipped.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from verify.data.dataset import DataError, Dataset, Rows
from verify.data.idx import read_idx

NAMES = ("MNIST", "FashionMNIST", "KMNIST")
PARTS = ("train", "t10k")
IMAGES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
ENDINGS = ("", ".gz")
WHITE = 255


def idx_folder(folder: Path) -> Dataset:
    """The images in [0, 1]; training on `train`, judged by `t10k`.

    Raises DataError for no such folder, for one without these files or with those of
    several data sets, for a damaged file, for what may not be read, and where sizes do
    not fit: of the images of both parts, of images and labels of one.
    """
    try:
        home = _home(folder)
    except OSError as error:  # not readable, a name too long: the system says which
        raise DataError(f"{folder}: {error.strerror or error}") from error
    train, test = (_images(home, part) for part in PARTS)
    if train.shape[1:] != test.shape[1:]:
        sizes = [" x ".join(map(str, rows.shape[1:])) for rows in (train, test)]
        raise DataError(f"{home}: images of {sizes[0]} in train, {sizes[1]} in t10k")
    height, width = train.shape[1:]
    greys = (_greys(train), _greys(test))
    return Dataset(str(folder), *greys, (height, width), toy=False)


def _greys(images: np.ndarray) -> Rows:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(WHITE)


def _home(folder: Path) -> Path:
    if not folder.is_dir():
        what = "no folder" if folder.exists() else "no such folder"
        raise DataError(f"{folder}: {what}")
    places = (folder, folder / "raw", *(folder / name / "raw" for name in NAMES))
    found = [place for place in places if _path(place, PARTS[0], IMAGES)]
    if not found:
        raise DataError(
            f"{folder}: no {PARTS[0]}-{IMAGES} or {PARTS[0]}-{IMAGES}.gz, nor in its "
            f"raw, {', '.join(f'{name}/raw' for name in NAMES)}"
        )
    if len(found) > 1:
        listed = " and ".join(map(str, found))
        raise DataError(f"{folder}: several data sets, in {listed}; name one of these")
    return found[0]


def _path(home: Path, part: str, kind: str) -> Path | None:
    for ending in ENDINGS:
        path = home / f"{part}-{kind}{ending}"
        if path.is_file():
            return path
        if path.exists():
            raise DataError(f"{path}: no file")
    return None


def _images(home: Path, part: str) -> np.ndarray:
    """The images of one part, whose labels, if they are there, are as many."""
    path = _path(home, part, IMAGES)
    if path is None:
        raise DataError(f"{home}: {part}-{IMAGES} is missing, plain and as .gz")
    images = read_idx(path, axes=3)
    beside = _path(home, part, LABELS)
    if beside is not None:
        labels = read_idx(beside, axes=1)
        if len(labels) != len(images):
            raise DataError(f"{beside}: {len(labels)} labels for {len(images)} images")
    return images
