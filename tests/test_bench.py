"""The benchmark: every peer is there, in one run, and nothing wrong is timed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import product
from statistics import median
from typing import Any

import pytest

from verify.bench import bars, fresh
from verify.bench.cell import Cell, bench_backend, measured
from verify.bench.plan import DEFAULT, QUICK
from verify.bench.rounds import FEWEST, interleaved, ratio
from verify.bench.subjects import BOTH, FORWARD, PASSES, SUBJECTS, Setting
from verify.commands import bench as command
from verify.commands.options import INTERRUPTED

SMALL = 1000
needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is missing")
needs_jax = pytest.mark.skipif(find_spec("jax") is None, reason="JAX is missing")
FRAMEWORKS = (
    "numpy",
    pytest.param("torch", marks=needs_torch),
    pytest.param("jax", marks=needs_jax),
)


def setting(
    subject: str = "kl",
    framework: str = "numpy",
    dtype: str = "float64",
    passes: str = FORWARD,
    size: int = SMALL,
) -> Setting:
    return Setting(subject, framework, "cpu", dtype, size, passes, 1)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_subject_has_peers(framework: str) -> None:
    peers = bench_backend(framework).PEERS
    assert peers.keys() == SUBJECTS.keys()
    assert all(peers.values())


@needs_torch
@pytest.mark.parametrize("passes", PASSES)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_in_torch_every_peer_is_there_eager_and_compiled(
    subject: str, passes: str
) -> None:
    cell = setting(subject, "torch", "float32", passes)
    names = bench_backend("torch").candidates(cell, arrays(cell)).keys()
    sums = SUBJECTS[subject].sums
    peers = ("classic", "distributions") if sums else ("softplus", "bce with logits")
    for name in ("lossproof", *peers):
        assert {name, f"{name}, compiled"} <= names
    assert "copy" in names


def arrays(cell: Setting) -> tuple[Any, ...]:
    return bench_backend("numpy").arrays(cell, 0)


@pytest.mark.parametrize("bar", bars.BARS, ids=lambda bar: bar.name)
def test_the_two_that_a_bar_compares_are_candidates(bar: bars.Bar) -> None:
    if find_spec(bar.framework) is None:
        pytest.skip(f"{bar.framework} is missing")
    for subject, passes in product(bar.subjects, bar.passes):
        peers = bench_backend(bar.framework).PEERS[subject]
        names = {"lossproof", "copy", *peers}
        assert bar.candidate.removesuffix(", compiled") in names
        assert bar.peer.removesuffix(", compiled") in names, (bar.name, passes)


def test_every_bar_of_a_cpu_has_a_cell_in_the_default_run_and_the_quick_one() -> None:
    for plan, bar in product((DEFAULT, QUICK), bars.BARS):
        cells = [Cell(one, {}) for one in plan.settings()]
        assert bar.device == "cuda" or any(map(bar.speaks_of, cells)), bar.name


def test_the_first_cells_are_those_of_the_first_choice() -> None:
    first, second, *_ = DEFAULT.settings()
    assert {first.dtype, second.dtype} == {"float32", "float64"}
    assert (first.subject, first.framework, first.passes) == ("kl", "torch", BOTH)
    settings = DEFAULT.settings()
    assert len(set(settings)) == len(settings)


def test_candidates_take_turns() -> None:
    calls: list[str] = []
    ticks = iter(range(10**6))
    noted = {name: (lambda _, name=name: calls.append(name)) for name in "ABC"}
    times = interleaved(noted, 0.0, clock=lambda: float(next(ticks)))
    warm_up, turns = "".join(calls[:6]), "".join(calls[6:])
    assert warm_up == "AABBCC"
    assert turns == "ABC" * FEWEST
    assert all(len(of_one) == FEWEST for of_one in times.values())


def test_a_ratio_is_taken_round_by_round() -> None:
    times, others = [1.0, 20.0, 3.0], [1.0, 10.0, 1.0]
    assert ratio(times, others) == 2.0  # of medians it would be 3
    assert median(times) / median(others) == 3.0
    with pytest.raises(ValueError, match="shorter"):
        ratio(times, others[:2])  # of two runs


def test_a_slowed_candidate_is_reported_as_slower() -> None:
    def slowed(candidates: dict[str, Callable]) -> dict[str, Callable]:
        def slow() -> Any:
            time.sleep(2e-3)
            return candidates["classic"]()

        return {**candidates, "slowed": slow}

    cell = measured(setting(), 0.05, alter=slowed)
    found = cell.ratio("slowed", "classic")
    assert found is not None
    assert found > 10
    assert cell.per_element("slowed") >= 2e6 / SMALL
    assert cell.ratio("slowed", "nobody") is None


def off_by(relative: float) -> Callable:
    return lambda results: tuple(result * (1 + relative) for result in results)


def nudged(results: Any) -> Any:
    """One element of the last gradient, by one part in a million."""
    results[-1][3, 7] += 1e-6
    return results


WRONG = {
    "a digit": off_by(1e-12),
    "the sign": off_by(-2.0),
    "nan": off_by(float("nan")),
    "one element": nudged,
    "the dtype": lambda results: tuple(r.astype("float32") for r in results),
    "no gradient": lambda results: results[:1],
    "a gradient of another shape": lambda results: (*results[:-1], results[-1][:5]),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_wrong_candidate_is_refused(change: Callable) -> None:
    def wrong(candidates: dict[str, Callable]) -> dict[str, Callable]:
        return {**candidates, "wrong": lambda: change(candidates["classic"]())}

    cell = measured(setting(passes=BOTH), 0.0, alter=wrong)
    assert cell.refused.keys() == {"wrong"}
    assert cell.refused["wrong"].startswith("wrong: ")
    assert "wrong" not in cell.times
    assert "classic" in cell.times


def test_a_candidate_that_cannot_run_is_refused_with_its_reason() -> None:
    def failing() -> Any:
        raise RuntimeError("no compiler here\nand a long trace")

    cell = measured(setting(), 0.0, alter=lambda made: {**made, "failing": failing})
    assert cell.refused == {"failing": "RuntimeError: no compiler here"}


@pytest.mark.parametrize("passes", PASSES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("framework", FRAMEWORKS[:2])
def test_all_candidates_that_need_no_compiler_agree(
    framework: str, subject: str, dtype: str, passes: str
) -> None:
    def uncompiled(candidates: dict[str, Callable]) -> dict[str, Callable]:
        return {n: run for n, run in candidates.items() if "compiled" not in n}

    one = setting(subject, framework, dtype, passes)
    cell = measured(one, 0.0, alter=uncompiled)
    assert cell.refused == {}
    assert {"lossproof", "copy"} < cell.times.keys()


def cell_of(ours: float, peer: float, dtype: str = "float64") -> Cell:
    """A cell where the two that the first bar compares took so many seconds."""
    times = {"lossproof, compiled": [ours] * 5, "classic, compiled": [peer] * 5}
    return Cell(setting("kl", "torch", dtype, BOTH), times)


@pytest.mark.parametrize(
    ("cells", "verdict", "figure"),
    [
        ([], "NOT MEASURED", None),
        ([cell_of(1.0, 1.0)], "PASS", 1.0),
        ([cell_of(1.2, 1.0)], "MISS", 1.2),
        ([cell_of(1.0, 1.0), cell_of(1.2, 1.0)], "MISS", 1.2),
        ([cell_of(1.2, 1.0, "float32")], "NOT MEASURED", None),
        ([Cell(cell_of(1.0, 1.0).setting, {}, refused={"x": "wrong"})], "MISS", None),
    ],
    ids=("nothing", "as fast", "slower", "one of two", "another dtype", "refused"),
)
def test_a_bar_is_judged_by_its_worst_cell(
    cells: list[Cell], verdict: str, figure: float | None
) -> None:
    first, *_ = bars.judged(cells, {})
    assert (first.verdict, first.figure) == (verdict, figure)


@pytest.mark.parametrize(("seconds", "verdict"), [(1.9, "PASS"), (2.1, "MISS")])
def test_the_bar_of_the_first_call_is_in_seconds(seconds: float, verdict: str) -> None:
    *_, last = bars.judged([], {fresh.FIRST: seconds})
    assert (last.verdict, last.figure) == (verdict, seconds)


def test_the_first_call_is_timed_in_a_process_of_its_own() -> None:
    program = next(p for p in fresh.PROGRAMS if p.framework == "numpy")
    ((name, seconds),) = fresh.seconds(program).items()
    assert name == "first call in NumPy"
    assert 0.01 < seconds < 60  # SymPy is imported in it


def test_every_program_is_python() -> None:
    for program in fresh.PROGRAMS:
        compile(program.text, "a program of verify.bench.fresh", "exec")


TINY = {"frameworks": ["numpy"], "dtypes": ["float64"], "sizes": [1000.0]}


@pytest.mark.parametrize(("strict", "status"), [(False, 0), (True, 1)])
def test_a_missed_bar_fails_only_a_strict_run(
    strict: bool,
    status: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fresh, "seconds", lambda program: {fresh.FIRST: 99.0})
    got = command.bench(quick=True, strict=strict, json=True, seconds=0.01, **TINY)
    said = json.loads(capsys.readouterr().out)
    assert (got, said["ok"], said["command"]) == (status, False, "bench")
    (cell,) = said["cells"]
    rows = {row["candidate"]: row for row in cell["candidates"]}
    assert rows.keys() == {"lossproof", "classic", "copy"}
    assert rows["classic"]["ours"] == "lossproof"
    assert rows["classic"]["ratio"] > 0
    assert {bar["verdict"] for bar in said["bars"]} >= {"MISS", "NOT MEASURED"}


def test_an_interrupted_run_prints_what_it_has(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(program: fresh.Program) -> dict[str, float]:
        raise KeyboardInterrupt

    monkeypatch.setattr(fresh, "seconds", interrupted)
    assert command.bench(quick=True, seconds=0.01, **TINY) == INTERRUPTED
    printed = capsys.readouterr().out
    assert "kl, numpy cpu, float64, 1e3" in printed
    assert "interrupted, so this is partial" in printed


def test_what_the_time_did_not_suffice_for_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = TINY | {"dtypes": ["float64", "float32"]}
    assert command.bench(quick=True, seconds=0.01, budget=1e-9, **given) == 0
    printed = capsys.readouterr().out
    assert "left out" in printed
    assert "kl, numpy cpu, float32, 1e3" in printed


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"subjects": ["elbo"]}, "it can be kl,"),
        ({"device": "tpu"}, "it can be cpu, cuda"),
        ({"device": "cuda", "clock": "cpu"}, "on the wall only"),
    ],
    ids=("subject", "device", "clock"),
)
def test_misuse_is_named(
    wrong: dict[str, Any], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.bench(**wrong) == 2
    assert message in capsys.readouterr().err


def test_a_device_that_is_not_there_is_misuse(capsys, monkeypatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert command.bench(device="cuda", quick=True) == 2
    out, error = capsys.readouterr()
    assert (out, "torch sees no cuda device" in error) == ("", True)
