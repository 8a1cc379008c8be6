"""Checkpoints: killed and resumed bit for bit; what is damaged is refused by name."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import random
import resource
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from training_runs import SHORT, end_of, go_on, run_of, trained

pytest.importorskip("torch")
pytest.importorskip("safetensors")
pytest.importorskip("matplotlib")
from verify.data.dataset import DataError
from verify.training import folder as folders
from verify.training import log
from verify.training import safetensors_checkpoint as checkpoints
from verify.training.folder import FolderError, WriteError, opened, write
from verify.training.options import OptionError
from verify.training.safetensors_checkpoint import RefusedError

KILLS = 3


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short run of the VAE."""
    folder: Path = tmp_path_factory.mktemp("finished") / "run"
    trained(SHORT["vae"], folder)
    return folder


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """A folder like it, to be damaged."""
    return Path(shutil.copytree(finished, tmp_path / "copy"))


@pytest.mark.parametrize("model", SHORT)
def test_a_run_killed_at_random_moments_ends_bit_for_bit(
    model: str, tmp_path: Path
) -> None:
    """Also: two processes with one seed write the same bytes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["verify.training.torch_run", "torch._dynamo"])
    given, moments = SHORT[model], random.Random()
    whole, killed = tmp_path / "whole", tmp_path / "killed"

    def started(folder: Path) -> Any:
        process = context.Process(target=go_on, args=(given, folder))
        process.start()
        return process

    process = started(whole)
    process.join(120)
    assert process.exitcode == 0
    waits, ends = [], []
    while len(waits) < KILLS:
        process, before = started(killed), committed(killed)
        while process.is_alive() and committed(killed) <= before:
            time.sleep(0.001)  # until it has written one of its own
        waits.append(moments.uniform(0, 0.2))
        process.join(waits[-1])
        process.kill()
        process.join()
        ends.append(process.exitcode)
    process = started(killed)
    process.join(120)
    assert process.exitcode == 0, waits
    assert set(ends) <= {-9, 0}, (waits, ends)
    assert -9 in ends
    assert end_of(killed) == end_of(whole), waits


def committed(folder: Path) -> set[str]:
    """The checkpoints that a folder has had, by name."""
    return {path.name for path in (folder / "checkpoints").glob("step-*.json")}


@pytest.mark.parametrize("model", SHORT)
def test_a_run_in_two_parts_ends_bit_for_bit(model: str, tmp_path: Path) -> None:
    """Interrupted between two checkpoints, and with steps added at the end."""
    whole = trained(SHORT[model], tmp_path / "whole")
    folder = tmp_path / "parts"
    trained(SHORT[model] | {"steps": 53}, folder)
    again = trained({"steps": 120}, folder, resume=True)
    tensors = "step-00000120.safetensors"
    assert end_of(folder)[tensors] == end_of(tmp_path / "whole")[tensors]
    assert whole.session.order.position == again.session.order.position


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over two epochs, `whole`, and `part`, which ends ten steps before."""
    folder: Path = tmp_path_factory.mktemp("longer")
    given = SHORT["vae"] | {"batch": 128}  # 64 batches an epoch
    trained(given | {"steps": 80}, folder / "whole")
    trained(given | {"steps": 70}, folder / "part")
    return folder


@pytest.mark.parametrize("forgotten", ["nothing", "generator", "position", "adam"])
def test_whatever_a_checkpoint_forgot_would_be_seen(
    forgotten: str, longer: Path, tmp_path: Path
) -> None:
    """Without random state, data position or moments, the end is another one."""
    folder = Path(shutil.copytree(longer / "part", tmp_path / "part"))
    run = run_of({"steps": 80}, folder, resume=True)
    fresh = run_of(SHORT["vae"] | {"batch": 128}, tmp_path / "fresh").session
    tensors, position = run.session.tensors(), run.session.order.position
    if forgotten == "generator":
        tensors["generator"] = fresh.tensors()["generator"]
    if forgotten == "position":
        position = fresh.order.position
    if forgotten == "adam":
        tensors |= {n: t * 0 for n, t in tensors.items() if n.startswith("adam.")}
    run.session.restore(70, tensors, position)
    run.train(lambda line: None)
    same = end_of(folder) == end_of(longer / "whole")
    assert same == (forgotten == "nothing")


def newest_of(folder: Path) -> Path:
    return max((folder / "checkpoints").glob("step-*.json"))


def torn(path: Path) -> None:
    archive = path.with_suffix(".safetensors")
    content = bytearray(archive.read_bytes())
    content[-5] ^= 1
    archive.write_bytes(content)


def truncated(path: Path) -> None:
    archive = path.with_suffix(".safetensors")
    archive.write_bytes(archive.read_bytes()[:-1])


def without_archive(path: Path) -> None:
    path.with_suffix(".safetensors").unlink()


def half_a_json(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:90])


def changed(path: Path, **facts: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))


def newer(path: Path) -> None:
    changed(path, version=2)


def foreign(path: Path) -> None:
    changed(path, format="somebody-elses")


def another_step(path: Path) -> None:
    changed(path, step=3)


def no_object(path: Path) -> None:
    path.write_text("[]")


def deep(path: Path) -> None:
    path.write_text("[" * 100_000)


DAMAGES: list[tuple[Callable[[Path], None], str]] = [
    (torn, "torn: its SHA-256"),
    (truncated, "truncated: "),
    (without_archive, "torn: No such file"),
    (half_a_json, "torn: "),
    (newer, "newer: version 2, read is 1"),
    (foreign, "foreign: its format"),
    (another_step, "torn: it is not what was sealed"),
    (no_object, "foreign: "),
    (deep, "torn: "),
]


@pytest.mark.parametrize(("damage", "words"), DAMAGES)
def test_a_damaged_checkpoint_is_refused_and_the_one_before_used(
    damage, words: str, copy: Path, finished: Path
) -> None:
    path = newest_of(copy)
    damage(path)
    kept = path.read_bytes()
    found, refusals = checkpoints.newest(copy)
    assert found is not None
    assert found.step == 119
    assert len(refusals) == 1
    assert words in refusals[0]
    assert path.stem in refusals[0]
    trained({}, copy, resume=True)
    assert end_of(copy) == end_of(finished)
    aside = path.with_name(path.name + checkpoints.REFUSED)
    assert aside.read_bytes() == kept
    damage(newest_of(copy))  # the same once more: neither is written over
    checkpoints.set_aside(copy, 119)
    assert aside.read_bytes() == kept
    assert aside.with_name(f"{aside.name}2").exists()


def test_only_damaged_checkpoints_are_an_error_that_names_them(copy: Path) -> None:
    for path in (copy / "checkpoints").glob("*.json"):
        newer(path)
    with pytest.raises(RefusedError, match=r"step-00000120.*; .*step-00000119"):
        run_of({}, copy, resume=True)


def test_a_checkpoint_of_another_model_is_refused(copy: Path, tmp_path: Path) -> None:
    """Whole and sealed, but its tensors have other shapes."""
    path = newest_of(copy)
    said = json.loads(path.read_text())
    said["options"]["network"], said["options"]["latent"] = "mlp", 5
    said.pop("seal")
    changed(path, **said, seal=checkpoints._seal(said))
    with pytest.raises(RefusedError, match="foreign"):
        run_of({}, copy, resume=True)


def test_options_that_matter_are_refused_with_the_difference(copy: Path) -> None:
    before = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    with pytest.raises(OptionError, match="--latent: 2 there, 5 given"):
        run_of({"latent": 5}, copy, resume=True)
    with pytest.raises(OptionError, match="--seed: 0 there, 1 given; --batch") as two:
        run_of({"seed": 1, "batch": 8}, copy, resume=True)
    assert "--batch: 32 there, 8 given" in str(two.value)
    with pytest.raises(OptionError, match=r"--steps: 50, and .* is at step 120"):
        run_of({"steps": 50}, copy, resume=True)
    assert before == {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    assert run_of({"latent": 2, "seed": 0}, copy, resume=True).session.step == 120


def test_other_data_of_the_same_name_are_refused(copy: Path, monkeypatch) -> None:
    from verify.data import toys

    monkeypatch.setattr(toys, "SIGMA", 0.2)
    with pytest.raises(OptionError, match="ring has other values"):
        run_of({}, copy, resume=True)


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all I have")
    for resume, words in ((False, "has content"), (True, "no run of ours")):
        with pytest.raises(FolderError, match=words):
            run_of(SHORT["vae"], tmp_path, resume)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(FolderError, match="nothing there to resume"):
        run_of(SHORT["vae"], tmp_path / "nowhere", resume=True)
    assert not (tmp_path / "nowhere").exists()


LEFT: dict[str, bool] = {  # what an early end leaves, and whether it is nothing
    "checkpoints/step-00000000.safetensors": True,
    "checkpoints/step-00000000.json.unfinished": True,
    "checkpoints/step-00000000.json": False,
    "checkpoints/step-00000007.safetensors": False,
    "checkpoints/thesis.txt": False,
    "log.jsonl.unfinished": True,
    "summary.json": False,
    "thesis.txt": False,
}


@pytest.mark.parametrize(("name", "nothing"), LEFT.items(), ids=LEFT)
def test_a_run_that_ended_before_a_checkpoint_is_begun_again(
    name: str, nothing: bool, tmp_path: Path
) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "log.jsonl").touch()
    with pytest.raises(FolderError, match=r"no checkpoint .* without --resume"):
        opened(tmp_path, resume=True)
    opened(tmp_path, resume=False)
    (tmp_path / name).write_text("what is here")
    if nothing:
        opened(tmp_path, resume=False)
        return
    with pytest.raises(FolderError, match="has content"):
        opened(tmp_path, resume=False)
    assert (tmp_path / name).read_text() == "what is here"


def test_a_log_with_a_line_is_content(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "log.jsonl").write_text('{"step": 10}')
    with pytest.raises(FolderError, match="has content"):
        opened(tmp_path, resume=False)


def test_what_comes_before_the_hold_is_content(tmp_path: Path, monkeypatch) -> None:
    """Another one trains there, and ends, while this one is about to begin."""
    right = folders.held

    def late(home: Path) -> Any:
        (home / "step-00000000.json").write_text("{}")
        return right(home)

    monkeypatch.setattr(folders, "held", late)
    with pytest.raises(FolderError, match="has content"):
        opened(tmp_path / "run", resume=False)


HOLDING = """
import sys, time
from pathlib import Path
from verify.training.folder import opened
hold = opened(Path(sys.argv[1]), resume=True)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no lock on a folder there")
def test_two_processes_do_not_train_in_one_folder(copy: Path) -> None:
    before = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(copy)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(FolderError, match="another process is training there"):
        run_of({}, copy, resume=True)
    assert before == {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    other.kill()  # a killed process holds nothing
    other.communicate()
    first, second = (run_of({}, copy, resume=True) for _ in range(2))  # our own twice
    assert first.session.step == second.session.step == 120


def test_a_log_that_is_no_file_or_not_ours(copy: Path) -> None:
    path = copy / "log.jsonl"
    path.write_text('{"step": "ten"}\n')
    assert log.lines(copy) == []
    path.write_text('{"step": 10}\n{"step": null}\n{"step": 30}\n{"st')
    assert log.lines(copy) == [{"step": 10}]
    path.unlink()
    path.mkdir()
    with pytest.raises(WriteError, match=r"log\.jsonl: Is a directory"):
        trained({}, copy, resume=True)


def test_data_in_a_folder_may_move_but_not_change(tmp_path: Path, monkeypatch) -> None:
    given = SHORT["vae"] | {"steps": 2, "batch": 4, "data": "mine", "latent": 2}
    idx_files(tmp_path / "mine", seed=1)
    monkeypatch.chdir(tmp_path)
    trained(given, tmp_path / "run")
    monkeypatch.chdir("/")  # the name that was given meant something there alone
    assert run_of({}, tmp_path / "run", resume=True).session.step == 2
    (tmp_path / "mine").rename(tmp_path / "moved")
    with pytest.raises(DataError, match="mine: no such data"):
        run_of({}, tmp_path / "run", resume=True)
    moved = {"data": str(tmp_path / "moved")}
    assert run_of(moved, tmp_path / "run", resume=True).session.step == 2
    with pytest.raises(OptionError, match=r"--data: .*mine there, ring given"):
        run_of({"data": "ring"}, tmp_path / "run", resume=True)
    idx_files(tmp_path / "moved", seed=2)
    with pytest.raises(OptionError, match="moved has other values"):
        run_of(moved, tmp_path / "run", resume=True)


def idx_files(folder: Path, seed: int) -> None:
    """Images of 2 by 2, as MNIST has them."""
    folder.mkdir(exist_ok=True)
    drawn = random.Random(seed)
    for part, count in (("train", 8), ("t10k", 4)):
        header = bytes([0, 0, 8, 3]) + struct.pack(">3I", count, 2, 2)
        values = bytes(drawn.randrange(256) for _ in range(4 * count))
        (folder / f"{part}-images-idx3-ubyte").write_bytes(header + values)


def test_a_folder_that_cannot_be_had_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/run")):
        with pytest.raises(FolderError, match=str(place)):
            run_of(SHORT["vae"], place)


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    """The system's limit on a file's size stands for the disk's."""
    path = tmp_path / "file"
    write(path, b"whole")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        with pytest.raises(WriteError, match=r"file: File too large"):
            write(path, bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"whole"
    assert [p.name for p in tmp_path.iterdir()] == [
        "file"
    ]  # a full disk has room again


def test_a_disk_that_fills_up_leaves_good_checkpoints(
    finished: Path, tmp_path: Path, monkeypatch
) -> None:
    folder, right = tmp_path / "run", checkpoints.write_whole

    def full(path: Path, content: bytes) -> None:
        if path.name.startswith("step-00000070.safe"):
            path.with_name(path.name + ".unfinished").write_bytes(content[:100])
            raise WriteError(f"{path}: No space left on device")
        right(path, content)

    monkeypatch.setattr(checkpoints, "write_whole", full)
    with pytest.raises(WriteError, match="No space left"):
        trained(SHORT["vae"], folder)
    monkeypatch.undo()
    assert newest_of(folder).stem == "step-00000063"
    trained({}, folder, resume=True)
    assert end_of(folder) == end_of(finished)
    assert not list(folder.rglob("*.unfinished"))


def test_the_newest_two_are_kept_and_each_says_what_it_holds(finished: Path) -> None:
    found = sorted(p.name for p in (finished / "checkpoints").iterdir())
    steps = ("step-00000119", "step-00000120")
    assert found == [f"{s}.{kind}" for s in steps for kind in ("json", "safetensors")]
    said = json.loads(newest_of(finished).read_text())
    content = newest_of(finished).with_suffix(".safetensors").read_bytes()
    assert said["sha256"] == hashlib.sha256(content).hexdigest()
    assert said["options"]["data"] == "ring"
    epochs, batches = divmod(120 - 1, 8192 // 32)
    assert said["position"] == {"epoch": epochs, "taken": (batches + 1) * 32}
