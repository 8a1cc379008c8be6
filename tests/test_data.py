"""The readers of data: what they give, and how they refuse what is damaged."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from verify.data.dataset import DataError, Dataset
from verify.data.idx import read_idx
from verify.data.idx_folder import IMAGES, LABELS, idx_folder
from verify.data.named import dataset, lasting

SIDE = 4


def idx(values: np.ndarray) -> bytes:
    """The bytes of an IDX file, written here by the format's definition alone."""
    sizes = struct.pack(f">{values.ndim}I", *values.shape)
    return bytes([0, 0, 8, values.ndim]) + sizes + values.astype(np.uint8).tobytes()


def images(count: int, side: int = SIDE) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, side, side))


def filled(folder: Path, ending: str = "") -> dict[str, np.ndarray]:
    """A small MNIST in the folder; its images by part."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"train": images(9), "t10k": images(5)}
    for part, values in parts.items():
        for kind, array in ((IMAGES, values), (LABELS, np.arange(len(values)))):
            content = idx(array)
            packed = gzip.compress(content) if ending else content
            (folder / f"{part}-{kind}{ending}").write_bytes(packed)
    return parts


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("below", ["", "raw", "MNIST/raw", "FashionMNIST/raw"])
def test_a_folder_is_read_wherever_torchvision_puts_it(
    tmp_path: Path, below: str, ending: str
) -> None:
    parts = filled(tmp_path / below, ending)
    found = dataset(str(tmp_path))
    assert (found.shape, found.toy, found.image) == ((SIDE, SIDE), False, True)
    for rows, values in ((found.train, parts["train"]), (found.test, parts["t10k"])):
        assert rows.dtype == np.float32
        greys = np.rint(rows * 255).reshape(values.shape)
        assert np.array_equal(greys, values)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda whole: whole[:-1], "truncated: 143 bytes of values, need 9 x 4 x 4"),
        (
            lambda whole: whole + b"\0",
            "too long: there is more than 9 x 4 x 4 = 144 bytes",
        ),
        (lambda whole: whole[:9], "truncated within its header"),
        (lambda whole: b"", "too short for a magic number"),
        (lambda whole: b"PK\3\4" + whole[4:], "no IDX file of bytes.*50 4b 03 04"),
        (lambda whole: b"\0\0\x0d\3" + whole[4:], "no IDX file of bytes"),
        (lambda whole: idx(np.arange(9)), "1 axes, need 3: labels where images"),
        (lambda whole: whole[:4] + b"\xff" * 12 + whole[16:], "its header claims"),
        (lambda whole: idx(images(0)), "its header claims 0 x 4 x 4"),
        (lambda whole: idx(images(8)), "9 labels for 8 images"),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path, damage, message) -> None:
    filled(tmp_path)
    path = tmp_path / f"train-{IMAGES}"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=message) as refused:
        idx_folder(tmp_path)
    assert "train-" in str(refused.value)


def test_what_a_file_only_claims_takes_no_memory(tmp_path: Path) -> None:
    """Far more than its header says, packed small; and a header that says too much."""
    filled(tmp_path, ".gz")
    path = tmp_path / f"train-{IMAGES}.gz"
    path.write_bytes(gzip.compress(idx(images(9)) + bytes(2**26), compresslevel=1))
    claims = bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**31 - 1, 1, 1) + bytes(50)
    for message in ("too long: there is more than 9 x", "truncated: 50 bytes of"):
        tracemalloc.start()
        try:
            with pytest.raises(DataError, match=message):
                idx_folder(tmp_path)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < 2**23
        path.write_bytes(gzip.compress(claims))


@pytest.mark.parametrize("kind", [IMAGES, LABELS])
def test_a_folder_in_a_files_place_is_refused(kind: str, tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / f"train-{kind}").unlink()
    (tmp_path / f"train-{kind}").mkdir()
    with pytest.raises(DataError, match=f"train-{kind}: no file"):
        idx_folder(tmp_path)


def test_what_the_system_refuses_is_no_data_in_words(tmp_path, monkeypatch) -> None:
    with pytest.raises(DataError, match="no such data"):
        dataset("x" * 5000)  # no system has names so long
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="no folder"):
        dataset(str(tmp_path / "file"))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(DataError, match="loop: no such folder"):
        dataset(str(tmp_path / "loop"))

    def closed(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    filled(tmp_path)
    monkeypatch.setattr(Path, "is_file", closed)
    with pytest.raises(DataError, match="Permission denied"):
        dataset(str(tmp_path))


def test_a_folder_has_a_name_that_lasts(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert lasting("mine") == str(tmp_path / "mine")
    assert lasting("digits") == "digits"


def test_images_where_labels_should_be_are_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / f"t10k-{LABELS}").write_bytes(idx(images(5)))
    with pytest.raises(DataError, match=r"t10k-labels.*images where labels should be"):
        idx_folder(tmp_path)


def test_a_truncated_gzip_file_is_refused(tmp_path: Path) -> None:
    filled(tmp_path, ".gz")
    path = tmp_path / f"train-{IMAGES}.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DataError, match="truncated or no gzip file"):
        idx_folder(tmp_path)
    path.write_bytes(idx(images(9)))
    with pytest.raises(DataError, match="truncated or no gzip file"):
        idx_folder(tmp_path)


def test_parts_of_two_sizes_are_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / f"t10k-{IMAGES}").write_bytes(idx(images(5, side=8)))
    with pytest.raises(DataError, match="4 x 4 in train, 8 x 8 in t10k"):
        idx_folder(tmp_path)


def test_a_folder_without_data_or_with_two_of_them_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such data; it can be digits, gaussian"):
        dataset(str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="no train-images-idx3-ubyte"):
        dataset(str(tmp_path))
    for name in ("MNIST", "FashionMNIST"):
        filled(tmp_path / name / "raw")
    with pytest.raises(DataError, match="several data sets"):
        dataset(str(tmp_path))
    (tmp_path / "MNIST" / "raw" / f"t10k-{IMAGES}").unlink()
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte is missing"):
        dataset(str(tmp_path / "MNIST"))


def test_a_file_that_is_no_idx_file_of_these_axes_names_itself(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(idx(np.zeros((2, 2))))
    assert read_idx(path, axes=2).shape == (2, 2)
    with pytest.raises(DataError, match="x: 2 axes, need 3"):
        read_idx(path, axes=3)


def test_the_digits_are_those_of_scikit_learn_and_split_once() -> None:
    source = pytest.importorskip("sklearn.datasets").load_digits()
    found = dataset("digits")
    assert len(found.train) + len(found.test) == len(source.data) == 1797
    ours, theirs = np.concatenate([found.train, found.test]) * 16, source.data
    assert np.array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])
    assert found.fingerprint == dataset("digits").fingerprint


@pytest.mark.parametrize("name", ["gaussian", "ring"])
def test_toys_say_that_they_are_and_have_the_moments_of_their_laws(name: str) -> None:
    found = dataset(name)
    assert found.toy
    assert not found.image
    rows = np.concatenate([found.train, found.test]).astype(np.float64)
    mean, factor = (1.0, -0.5), np.array([[1.0, 0.0], [0.6, 0.4]])
    covariance = factor @ factor.T
    if name == "ring":  # eight points on a circle have half its square in each axis
        mean, covariance = (0.0, 0.0), np.eye(2) * (0.5 + 0.1**2)
    error = 5 * np.sqrt(np.diag(covariance) / len(rows))  # five standard errors
    assert np.all(abs(rows.mean(0) - mean) < error)
    # an entry's variance is at most 2 max(C)^2 / N, for normals and for the ring
    allowed = 5 * np.sqrt(2 / len(rows)) * covariance.max()
    assert np.all(abs(np.cov(rows.T) - covariance) < allowed)


@pytest.mark.parametrize(
    ("train", "shape", "message"),
    [
        (np.zeros((0, 4)), (2, 2), r"shape \(0, 4\)"),
        (np.zeros((3, 5)), (2, 2), r"need \(N, 4\)"),
        (np.full((3, 4), np.nan), (4,), "not finite"),
        (np.full((3, 4), 1.5), (2, 2), "outside"),
    ],
)
def test_rows_that_are_no_data_are_refused(train, shape, message) -> None:
    with pytest.raises(DataError, match=message):
        Dataset("mine", train.astype(np.float32), np.zeros((2, 4)), shape, toy=False)


def test_a_fingerprint_sees_one_value() -> None:
    rows = np.zeros((3, 2), np.float32)
    before = Dataset("mine", rows, rows, (2,), toy=True).fingerprint
    other = rows.copy()
    other[1, 1] = 1e-30
    assert Dataset("mine", rows, other, (2,), toy=True).fingerprint != before
