"""Training by two processes: the path of one; and what ends one of them ends both."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("safetensors")
pytest.importorskip("matplotlib")
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="gloo, forks and /proc"),
    pytest.mark.skipif(
        not torch.distributed.is_available(), reason="no torch.distributed"
    ),
]
from process_runs import (  # noqa: E402
    COMPILED,
    MISTAKES,
    PATHS,
    PATIENCE,
    all_of_it,
    alone,
    command,
    in_each,
    member,
    one_is_killed,
    part_of_runs,
    paths,
    under_torchrun,
)
from verify.data.dataset import DataError  # noqa: E402
from verify.processes import Processes  # noqa: E402
from verify.training import log  # noqa: E402
from verify.training.safetensors_checkpoint import newest  # noqa: E402
from verify.training.torch_run import Run  # noqa: E402

ROUNDOFFS = np.finfo(np.float64).eps / np.finfo(np.float32).eps
MIDDLE = float(np.sqrt(ROUNDOFFS))
"""Two ways to add up differ by rounding, which is proportional to the unit roundoff:
the difference in float64 is ROUNDOFFS times that in float32. What a mistake does is
about the same in both, 1 times. The geometric mean is as far from one as the other."""
ROOT = Path(__file__).parent.parent
needs_torchrun = pytest.mark.skipif(
    find_spec("torch.distributed.run") is None, reason="torch has no torchrun"
)
GROUPS = ("measured", "model", "adam")
Arrays = dict[str, Any]


def apart(one: Arrays, other: Arrays, group: str) -> float:
    """The distance of the arrays of a group, relative to their size."""
    names = [name for name in one if name.startswith(group)]
    assert names
    distance = sum(np.square(one[name] - other[name]).sum() for name in names)
    return float(np.sqrt(distance / sum(np.square(one[n]).sum() for n in names)))


def beyond_rounding(name: str, single: Any, shared: Any, mistake: str = "") -> set[str]:
    """The groups that differ by more than rounding in float64, judged by float32."""
    narrow, wide = (name, "float32", ""), (name, "float64", "")
    return {
        group
        for group in GROUPS
        if apart(single[wide], shared[name, "float64", mistake], group)
        > apart(single[narrow], shared[narrow], group) * MIDDLE
    }


@pytest.fixture(scope="module")
def single() -> Any:
    """Some steps of one process, by model and precision."""
    return alone(paths)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the runs of two processes; also of runs that one process began."""
    return Path(tmp_path_factory.mktemp("two"))


@pytest.fixture(scope="module")
def both(folder: Path) -> list[Any]:
    """What each of two processes has to say of all that they do, started once."""
    alone(part_of_runs, folder, 8)
    found = in_each(member, all_of_it, folder)
    assert None not in found
    return found


@pytest.mark.parametrize("name", PATHS)
def test_two_processes_take_the_path_of_one(name: str, single, both) -> None:
    """Losses, gradient norms, parameters and moments, to rounding in float64.

    The random state is the same to the bit, and all is among the processes.
    """
    first, second = (one["paths"] for one in both)
    assert not beyond_rounding(name, single, first)
    if name == "vae":
        assert not beyond_rounding(name, single, first, COMPILED)
    for dtype in ("float32", "float64"):
        key = (name, dtype, "")
        assert (single[key]["generator"] == first[key]["generator"]).all()
        for what, array in first[key].items():
            assert (array == second[key][what]).all(), what


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_beyond_rounding(mistake: str, single, both) -> None:
    found = beyond_rounding("vae", single, both[0]["paths"], mistake)
    assert found == ({"measured"} if mistake == "logs its own part" else set(GROUPS))


def test_any_number_goes_on_where_another_left_off(tmp_path, folder, both) -> None:
    """One process, then two, then one: to rounding what one does."""
    (said, held), (_, others) = (one["part"] for one in both)
    assert "'processes': 2" in said[0]
    assert "the last bits may differ" in said[0]
    assert said[1] == "resumed at step 8"
    for dtype, arrays in held.items():
        for name, array in arrays.items():
            assert (array == others[dtype][name]).all(), (dtype, name)
    said, again = alone(part_of_runs, folder, 30)
    assert "'processes': 1" in said[0]
    _, whole = alone(part_of_runs, tmp_path, 30)
    for group in ("model", "adam"):
        rounding = apart(whole["float32"], again["float32"], group) * MIDDLE
        assert apart(whole["float64"], again["float64"], group) < rounding
    for dtype in ("float32", "float64"):
        assert (whole[dtype]["generator"] == again[dtype]["generator"]).all()
        one, other = (newest(place / dtype)[0] for place in (tmp_path, folder))
        assert one is not None
        assert other is not None
        assert one.facts["position"] == other.facts["position"]
        logged = [line["step"] for line in log.lines(folder / dtype)]
        assert logged == [8, 10, 19, 20, 30]  # also the last of each part


def test_a_run_of_two_leaves_one_summary(folder, both) -> None:
    said = json.loads((folder / "float64" / "summary.json").read_text())
    assert (said["machine"]["processes"], said["step"]) == (2, 19)
    files = [*said["pictures"], *said["checkpoint"], said["log"]]
    assert {Path(name).suffix for name in files} >= {".png", ".svg", ".jsonl"}
    assert all((folder / "float64" / name).exists() for name in said["pictures"])


def test_one_that_is_interrupted_stops_both_at_one_step(folder, both) -> None:
    assert [one["interrupted"] for one in both] == [(False, 20)] * 2
    good, refusals = newest(folder / "interrupted")
    assert good is not None
    assert (good.step, refusals) == (20, [])


def test_a_loss_of_one_that_is_not_finite_stops_both(both) -> None:
    """With the ranges of all rows: only the second has the one that is too large."""
    first, second = (one["diverged"] for one in both)
    assert first == second
    step, words, ranges = first
    assert words.startswith(f"step {step}: ")
    layers = {one["layer"]: one for one in ranges}
    assert layers["encoder.0"]["greatest"] > 1e37


def test_a_full_disk_of_the_first_stops_both(both) -> None:
    words = "step-00000007.safetensors: No space left on device"
    assert [one["full"] for one in both] == [words] * 2


def test_who_waits_for_one_that_is_killed_is_told() -> None:
    """At once, and not when patience ends; so torchrun need not end it."""
    begun = time.monotonic()
    told, nothing = in_each(one_is_killed)
    assert told
    assert nothing is None
    assert time.monotonic() - begun < PATIENCE


def test_a_batch_that_cannot_be_shared_is_misuse_and_said_once(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    given = {"data": "ring", "batch": 33, "out": folder, "device": "cpu"}
    first, second = in_each(command, "vae", given)
    assert (first[:2], second) == ((2, ""), (2, "", ""))
    assert "--batch: 33 rows, which 2 processes cannot share equally" in first[2]
    assert not folder.exists()


def test_other_data_of_the_same_name_elsewhere_are_refused(tmp_path: Path) -> None:
    """On two machines a folder may be another one."""

    class Two(Processes):
        def gathered(self, part: Any) -> list[Any]:
            return [part, f"{part} there"]

    given = {"model": "vae", "data": "ring", "device": "cpu"}
    with pytest.raises(DataError, match="not the same values in all processes"):
        Run(given, tmp_path / "run", False, lambda words: None, Two())
    assert not (tmp_path / "run").exists()


def started(folder: Path) -> subprocess.Popen[str]:
    """torchrun with two processes that train for long, once there is a log."""
    long = ["train", "vae", "--data", "ring", "--device", "cpu", "--steps", "1000000"]
    process = subprocess.Popen(
        under_torchrun(*long, "--out", str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    last = time.monotonic() + PATIENCE / 2
    while not log.lines(folder) and process.poll() is None and time.monotonic() < last:
        time.sleep(0.05)
    assert log.lines(folder)
    return process


@needs_torchrun
def test_torchrun_interrupted_leaves_one_good_checkpoint(tmp_path: Path) -> None:
    """It hands the signal on, once; and what is said, is said once."""
    folder = tmp_path / "run"
    process = started(folder)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=PATIENCE / 2)
    good, refusals = newest(folder)
    assert good is not None
    assert not refusals
    assert out == ""
    assert error.count(f"interrupted, and saved at step {good.step}: {folder}") == 1
    assert good.step > 0
