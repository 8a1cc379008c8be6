"""Sweeps: the reference keeps its bound, ours are the nearest, and errors are seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from importlib.util import find_spec
from math import inf, nan
from operator import add

import numpy as np
import pytest

from derivations.backends.smooth import Smooth
from verify.accuracy import double_reference, numpy_backend
from verify.accuracy.atoms import ATOMS, Atom
from verify.accuracy.bounds import BOUNDS
from verify.accuracy.double_reference import reference
from verify.accuracy.formats import FORMATS
from verify.accuracy.points import every, special
from verify.accuracy.rounding import rounded
from verify.accuracy.sweep import (
    ALL,
    ReferenceFault,
    Swept,
    Task,
    decided,
    missing,
    swept,
    tasks,
)
from verify.accuracy.sweep_report import together
from verify.accuracy.truth import truth
from verify.commands import sweep as command
from verify.commands.options import INTERRUPTED, MISUSE

COARSE = 65_003  # a prime: 66,000 inputs of each
NAMES = {atom.name: number for number, atom in enumerate(ATOMS)}
BACKENDS = [
    "numpy",
    pytest.param(
        "torch",
        marks=pytest.mark.skipif(find_spec("torch") is None, reason="torch is missing"),
    ),
]


def task(
    name: str, *, start: int = 0, count: int = 66_076, stride: int = COARSE
) -> Task:
    return Task(NAMES[name], "float32", "numpy", start, count, stride)


@pytest.mark.parametrize("atom", ATOMS, ids=NAMES)
def test_the_reference_keeps_its_bound(atom: Atom) -> None:
    """Against balls: at special numbers, at random ones, and where it is worst."""
    form = FORMATS["float32"]
    rng = np.random.default_rng(5)
    signs = 1.0 if atom.argument.is_positive else rng.choice([-1.0, 1.0], 6000)
    drawn = signs * np.concatenate(
        [np.exp2(rng.uniform(-149, 128, 3000)), rng.uniform(0.4, 1.6, 3000)]
    )
    values = np.append(special(atom.argument, form), rounded(drawn, form))
    known, bound = reference(atom.name, values)
    true = truth(atom.enclosure, [values], FORMATS["float64"])
    inside = np.isfinite(known)
    with np.errstate(invalid="ignore"):
        off = np.abs(known - true.approximately)
    assert (off <= bound)[inside].all(), values[inside & ~(off <= bound)]
    assert (np.abs(true.approximately)[~inside] > 2 * form.largest).all()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_ours_keep_the_bounds(backend: str, dtype: str) -> None:
    if dtype in missing(backend):
        pytest.skip(missing(backend)[dtype])
    found = together([swept(each) for each in tasks(backend, COARSE, [dtype])])
    assert [one.atom for one in found] == list(NAMES)
    for one in found:
        assert one.beyond == 0, one
        assert one.worst <= BOUNDS[dtype]
        assert one.balls == one.open
        assert one.inputs >= 31_000


def test_a_type_of_sixteen_bits_is_swept_whole() -> None:
    for name, count in (("sigmoid", 63_488 + 1), ("psi'", 31_743 + 1)):
        found = swept(Task(NAMES[name], "float16", "numpy"))
        assert found.inputs == count  # every finite one of the domain, and nan
    below_the_domain = 31_743
    found = swept(Task(NAMES["psi"], "float16", "numpy"))
    assert found.inputs == 31_743 + 1 + below_the_domain


@pytest.mark.parametrize("stride", [1, 131])
def test_the_tasks_take_every_number_once(stride: int) -> None:
    for number in range(len(ATOMS)):
        parts = [t for t in tasks("numpy", stride, ["float32"]) if t.atom == number]
        expected = 0
        for part in parts:
            assert (part.start, part.stride) == (expected, stride)
            expected = part.start + part.count * stride
        assert ALL <= expected < ALL + stride


Change = Callable[[np.ndarray, np.ndarray], np.ndarray]


def moved(share: float) -> Change:
    """A share of a unit in the last place is added before the last rounding."""

    def change(values: np.ndarray, results: np.ndarray) -> np.ndarray:
        form = FORMATS["float32"]
        known, _ = reference("softplus", values)
        unit = np.frexp(known)[1] - form.digits
        return rounded(known + np.ldexp(share, unit), form)

    return change


def at(wanted: float, value: float) -> Change:
    """One input has another result."""

    def change(values: np.ndarray, results: np.ndarray) -> np.ndarray:
        found = results.copy()
        found[np.argmin(np.abs(values - wanted))] = value
        return found

    return change


PLANTED: dict[str, tuple[Change, int]] = {
    "nothing": (moved(0.0), 0),
    "0.02 units, everywhere": (moved(0.02), 100),
    "one result off by a unit": (at(1.0, 1.3132618 + 2.0**-22), 1),
    "one zero": (at(-3.0, 0.0), 1),
    "one infinity": (at(3.0, inf), 1),
    "one nan": (at(3.0, nan), 1),
    "one of the wrong sign": (at(-90.0, -1e-39), 1),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, least = PLANTED[name]

    def planted(function: Smooth, values: np.ndarray, dtype: str) -> np.ndarray:
        results = numpy_only(function, values, dtype)
        inside = np.isfinite(values)
        results[inside] = change(values[inside], results[inside])
        return results

    numpy_only = numpy_backend.evaluated
    monkeypatch.setattr(numpy_backend, "evaluated", planted)
    found = swept(task("softplus"))
    assert found.beyond >= least
    assert bool(found.beyond) == bool(least)
    if least:
        assert found.first is not None


def test_nan_that_becomes_a_number_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The classic: a maximum that drops nan."""
    numpy_only = numpy_backend.evaluated
    monkeypatch.setattr(
        numpy_backend, "evaluated", lambda *given: np.nan_to_num(numpy_only(*given))
    )
    found = swept(task("sigmoid", start=0x7FC00000, count=8, stride=1))
    assert (found.inputs, found.beyond) == (8, 8)


def test_a_value_below_the_domain_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        numpy_backend, "evaluated", lambda f, values, dtype: np.abs(values)
    )
    found = swept(task("psi", start=0xBF800000, count=8, stride=1))
    assert found.beyond == 8


def test_a_reference_beyond_its_bound_stops_the_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In 2^-40 it is off, where 2^-45 is promised."""
    right = double_reference.softplus
    monkeypatch.setitem(
        double_reference.FUNCTIONS, "softplus", lambda x: (1 + 2.0**-40) * right(x)
    )
    with pytest.raises(ReferenceFault, match="softplus at"):
        swept(task("softplus"))


def test_balls_decide_all_that_is_open_unless_much_is_wrong() -> None:
    atom, form = ATOMS[NAMES["softplus"]], FORMATS["float32"]
    values = rounded(np.linspace(0.5, 1.0, 5000), form)
    right = rounded(np.log1p(np.exp(values)), form)
    places = np.arange(5000)
    found = decided(atom, form, values, right, places)
    assert (found.balls, found.open, found.beyond) == (5000, 5000, 0)
    found = decided(atom, form, values, right + 1, places)
    assert 2500 <= found.beyond == found.balls < found.open


def test_parts_are_put_together() -> None:
    parts = [
        Swept("phi", "float32", 10, 0.5, 1.0, 0, None, 3, 3, 0.5),
        Swept("phi", "float32", 20, 0.6, 2.0, 1, (2.0, 3.0), 1, 1, 1.0),
        Swept("psi", "float32", 5),
    ]
    whole = reduce(add, parts[:2])
    assert whole == Swept("phi", "float32", 30, 0.6, 2.0, 1, (2.0, 3.0), 4, 4, 1.5)
    assert together(parts) == [whole, parts[2]]


def test_every_number_of_sixteen_bits_fits_the_reference() -> None:
    """24 digits: v - 1 is exact in float64, or rounds to -1's neighbour's half."""
    for dtype in ("float16", "bfloat16"):
        values = every(FORMATS[dtype])
        assert np.array_equal(values.astype(np.float32).astype(np.float64), values)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "mapped", lambda work, items: map(work, items))


@pytest.mark.usefixtures("in_this_process")
def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.sweep(stride=10_000_019, dtype=["float32"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "are kept" in said
    assert "all of float32 (--all) would take" in said
    for name in NAMES:
        assert name in said


@pytest.mark.usefixtures("in_this_process")
def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.sweep(dtype=["float16"], json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["command"], said["ok"], said["partial"]) == ("sweep", True, False)
    assert {one["atom"] for one in said["sweeps"]} == set(NAMES)


@pytest.mark.usefixtures("in_this_process")
def test_an_exceeded_bound_is_named_and_the_status_is_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BOUNDS, "float16", 0.5)
    assert command.sweep(dtype=["float16"]) == 1
    assert "exceeded by" in capsys.readouterr().out


@pytest.mark.usefixtures("in_this_process")
def test_an_interrupted_sweep_is_partial(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(work: Callable, items: Sequence[Task]) -> Iterator[Swept]:
        yield work(items[0])
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "mapped", interrupted)
    assert command.sweep(dtype=["float16"]) == INTERRUPTED
    said = " ".join(capsys.readouterr().out.split())
    assert "interrupted, so this is partial" in said
    assert "kept so far" in said


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("json_too", [False, True], ids=["table", "json"])
def test_a_sweep_of_nothing_is_no_success(
    json_too: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = {"bfloat16": "ml_dtypes is not installed"}
    monkeypatch.setattr(command, "missing", lambda backend: absent)
    assert command.sweep(dtype=["bfloat16"], json=json_too) == 1
    said = capsys.readouterr().out
    if json_too:
        assert json.loads(said)["ok"] is False
        assert "psi' in bfloat16" in json.loads(said)["untried"]
        return
    assert "not tried: no result of sigmoid in bfloat16" in " ".join(said.split())
    assert "kept" not in said


@pytest.mark.usefixtures("in_this_process")
def test_a_dtype_that_is_asked_for_beside_others_is_not_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "missing", lambda backend: {"bfloat16": "absent"})
    assert command.sweep(dtype=["float16", "bfloat16"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "are kept, but nothing was tried of sigmoid in bfloat16" in said
    monkeypatch.setattr(command, "DTYPES", ("float16", "bfloat16"))
    assert command.sweep() == 0, "what is missing is not asked for"


@pytest.mark.parametrize(
    ("given", "words"),
    [({"backend": "tensorflow"}, "numpy, torch"), ({"dtype": ["float64"]}, "float32")],
    ids=["backend", "dtype"],
)
def test_misuse_is_named(
    given: dict, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.sweep(**given) == MISUSE
    assert words in capsys.readouterr().err
