"""The measure of exactness: the truth is true, and every planted error is seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from math import inf, nan

import mpmath
import numpy as np
import pytest
from flint import arb
from sympy import lambdify

from verify.accuracy import comparison, enclosure
from verify.accuracy.bounds import BOUNDS
from verify.accuracy.cell import Cell
from verify.accuracy.comparison import Comparison, compared, truths
from verify.accuracy.errors import errors
from verify.accuracy.formats import FORMATS, Format
from verify.accuracy.implementation import Implementation, Results, implementations
from verify.accuracy.measurement import COLUMNS, Measurement
from verify.accuracy.points import around, every, points, special
from verify.accuracy.rounding import rounded
from verify.accuracy.textbook import TERMS, Order, Term
from verify.accuracy.truth import NARROW, Truth, Wide, in_units, true_value, truth
from verify.commands import accuracy as command
from verify.commands.options import INTERRUPTED, MISUSE

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is missing")
needs_bfloat16 = pytest.mark.skipif(
    find_spec("ml_dtypes") is None, reason="ml_dtypes is missing"
)
NUMBERS = {term.name: number for number, term in enumerate(TERMS)}
FEW = 60  # random points beside the special ones


def row(name: str) -> Implementation:
    found, _ = implementations()
    return next(each for each in found if each.name == name)


@cache
def tried(number: int, dtype: str) -> tuple[list[np.ndarray], dict[Order, Truth]]:
    form, term = FORMATS[dtype], TERMS[number]
    columns = points(term.arguments, form, FEW, np.random.default_rng(number))
    return columns, truths(term, form, columns)


def measured(
    implementation: Implementation,
    number: int,
    columns: list[np.ndarray],
    true: dict[Order, Truth],
) -> list[Cell | None]:
    found = Measurement(implementation, number, true[()].format)
    found.take(columns, true)
    return found.cells


@pytest.mark.parametrize("term", TERMS, ids=NUMBERS)
def test_the_truth_agrees_with_mpmath(term: Term) -> None:
    """mpmath differentiates by differences, at 3000 bits: no derivative is shared."""
    rng = np.random.default_rng(3)
    function = lambdify(term.arguments, term.textbook, "mpmath")
    form = FORMATS["float64"]
    for _ in range(4):
        size = np.exp2(rng.uniform(-30, 9, len(term.arguments)))
        signs = [1 if s.is_positive else rng.choice([-1, 1]) for s in term.arguments]
        at = tuple((size * signs).tolist())
        for order in term.orders:
            whole, part, unit = true_value(term.enclosures[order], at, form)
            with mpmath.workprec(3000):
                times = tuple(order.count(n) for n in range(len(at)))
                inside = at if len(at) > 1 else at[0]
                expected = mpmath.diff(
                    function, inside, times if len(at) > 1 else times[0]
                )
                off = mpmath.ldexp(expected, -unit) - whole - part
                assert abs(off) < 2.0 ** (1 - NARROW), (at, order)


def test_the_enclosure_takes_no_head_that_it_does_not_know() -> None:
    from sympy import Symbol, sin

    symbol = Symbol("x", real=True)
    with pytest.raises(TypeError, match="sin has no enclosure"):
        enclosure.enclosed(sin(symbol), (symbol,))


def test_a_ball_that_stays_wide_is_no_truth() -> None:
    with pytest.raises(Wide, match="only known to be in"):
        true_value(lambda x: x + arb(0, 1), (1.0,), FORMATS["float64"])


single = FORMATS["float32"]
UNIT = 2.0**single.last_place
TOP = 2.0 ** (single.highest - 23)
IN_UNITS = {
    "one": (arb(1), 2.0**23, 0.0, -23),
    "just below one": (arb(1) - arb(2) ** -30, 2.0**24 - 1, 1 - 2.0**-6, -24),
    "zero": (arb(0), 0.0, 0.0, single.last_place),
    "half the smallest": (arb(UNIT) / 2, 0.0, 0.5, single.last_place),
    "minus the smallest": (-arb(UNIT), -1.0, 0.0, single.last_place),
    "the largest": (arb(single.largest), 2.0**24 - 1, 0.0, 104),
    "half a unit beyond": (arb(single.largest) + arb(TOP) / 2, 2.0**24 - 1, 0.5, 104),
    "far beyond": (-(arb(2) ** 200), -inf, 0.0, 104),
    "nearly nothing": (-(arb(2) ** -9999), -0.0, -(2.0**-64), single.last_place),
}


@pytest.mark.parametrize("name", IN_UNITS)
def test_a_value_is_counted_in_units_of_its_last_place(name: str) -> None:
    ball, whole, part, unit = IN_UNITS[name]
    assert in_units(ball, single) == (whole, part, unit)


def test_a_wide_ball_is_not_counted() -> None:
    assert in_units(arb(1, 2.0**-50), single) is None
    assert in_units(arb(1, 2.0**-60), single) is not None
    assert in_units(arb(0, 2.0**-170), single) is None
    assert in_units(arb(0, 2.0**-190), single) is not None


def of(*values: arb) -> Truth:
    columns = zip(*(in_units(value, single) for value in values), strict=True)
    whole, part, unit = (np.array(column) for column in columns)
    return Truth(single, whole, part, unit)


JUDGED: dict[str, tuple[float, arb, float, str | None]] = {
    "the nearest": (1.0, arb(1) + arb(2) ** -25, 0.25, None),
    "the next": (1.0 + 2.0**-23, arb(1), 1.0, None),
    "a smaller unit below a power of two": (1.0 - 2.0**-24, arb(1), 0.5, None),
    "nothing of less than half the smallest": (0.0, arb(UNIT) / 4, 0.25, None),
    "nothing of the smallest": (0.0, arb(UNIT), 1.0, "zero"),
    "something of nothing": (UNIT, arb(0), 1.0, "sign"),
    "the wrong sign": (-UNIT, arb(UNIT) / 4, 1.25, "sign"),
    "minus nothing": (-0.0, arb(0), 0.0, None),
    "infinite from half a unit on": (inf, arb(single.largest) + arb(TOP) / 2, 0, None),
    "infinite too early": (inf, arb(single.largest) + arb(TOP) / 4, inf, "inf"),
    "finite too late": (single.largest, arb(2) ** 200, inf, None),
    "the other infinity": (-inf, arb(2) ** 200, inf, "inf"),
    "no number": (nan, arb(1), inf, "nan"),
}


@pytest.mark.parametrize("name", JUDGED)
def test_a_result_is_judged_by_its_distance_and_its_kind(name: str) -> None:
    result, true, distance, kind = JUDGED[name]
    found = errors(np.array([result]), of(true))
    assert found.units[0] == distance
    assert [k for k, places in found.kinds.items() if places[0]] == [kind] * bool(kind)


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(f, marks=needs_bfloat16 if f.name == "bfloat16" else ())
        for f in FORMATS.values()
    ],
    ids=FORMATS,
)
def test_rounding_is_that_of_the_type(form: Format) -> None:
    from verify.accuracy.numpy_backend import dtype_of

    rng = np.random.default_rng(1)
    with np.errstate(over="ignore"):
        values = np.exp2(rng.uniform(form.last_place - 3, form.highest + 2, 10_000))
    values = np.append(values, [form.largest, form.smallest, 0.0, form.smallest / 2])
    values = np.concatenate([values, -values])
    with np.errstate(over="ignore"):
        expected = values.astype(dtype_of(form.name)).astype(np.float64)
    assert np.array_equal(rounded(values, form), expected)


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_a_format_ends_where_the_type_does(form: Format) -> None:
    if form.name == "bfloat16":
        assert form.largest == 3.3895313892515355e38  # 0x7f7f
        return
    known = np.finfo(form.name)
    assert form.largest == known.max
    assert form.smallest == known.smallest_subnormal
    assert 2.0**form.lowest == known.smallest_normal


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_special_points_are_the_ends_and_the_switches(dtype: str) -> None:
    form = FORMATS[dtype]
    for term in TERMS:
        symbol = term.arguments[-1]
        found = set(special(symbol, form).tolist())
        wanted = [form.largest, form.smallest, 2.0**form.lowest, 1.0]
        wanted += [1 + 2.0 ** (1 - form.digits), 1 - 2.0**-form.digits]
        if not symbol.is_positive:
            wanted = [*wanted, *(-w for w in wanted), 0.0]
            wanted.append(float(rounded(np.array(np.log(form.largest)), form)))
        assert found >= set(wanted)


def test_a_type_of_sixteen_bits_is_tried_at_every_number() -> None:
    for dtype, count in (("float16", 63_488), ("bfloat16", 65_280)):
        form = FORMATS[dtype]
        assert len(every(form)) == count
        (logits,) = points(TERMS[4].arguments, form, 0, np.random.default_rng(0))
        assert len(logits) == count
        _, scales = points(TERMS[0].arguments, form, 0, np.random.default_rng(0))
        assert set(scales.tolist()) == {v for v in every(form).tolist() if v > 0}


@pytest.mark.parametrize("number", range(len(TERMS)), ids=NUMBERS)
def test_ours_keep_the_bounds(number: int) -> None:
    for found in compared(number, ["float64", "float32"], count=FEW, seed=0):
        ours = [line for line in found.lines if line.ours]
        assert ours
        for line in ours:
            for cell in line.cells[:3]:
                assert cell is None or cell.within(found.bound), (line.name, cell)


@pytest.mark.parametrize("number", range(len(TERMS)), ids=NUMBERS)
def test_ours_have_the_limits_of_the_textbook(number: int) -> None:
    columns, true = tried(number, "float64")
    *_, limits = measured(row("lossproof, NumPy"), number, columns, true)
    assert limits is not None
    assert not limits.counts, limits.first


def off_by(share: float) -> Callable[[np.ndarray, Truth], np.ndarray]:
    """The nearest number to the truth and a share of its unit."""

    def change(_: np.ndarray, true: Truth) -> np.ndarray:
        with np.errstate(over="ignore"):
            return rounded(
                np.ldexp(true.whole + np.rint(true.part + share), true.unit),
                true.format,
            )

    return change


def at_one(value: float) -> Callable[[np.ndarray, Truth], np.ndarray]:
    """One result in the middle, an ordinary one, has another value."""

    def change(right: np.ndarray, true: Truth) -> np.ndarray:
        with np.errstate(divide="ignore"):
            size = np.abs(np.log2(np.abs(true.approximately)))
        found = right.copy()
        found[np.nanargmin(np.where(np.isfinite(size), size, np.nan))] = value
        return found

    return change


PLANTED = {
    "5 units in float64": ("float64", off_by(5.0), ""),
    "0.02 units in float32": ("float32", off_by(0.02), ""),
    "a zero": ("float64", at_one(0.0), "zero"),
    "an infinity": ("float64", at_one(inf), "inf"),
    "nan": ("float32", at_one(nan), "nan"),
    "a number of the wrong sign": ("float32", at_one(-1e-30), "sign"),
}
PLACES = {"value": (), "gradient": (1,), "second derivative": (1, 1)}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_seen(name: str, place: str) -> None:
    dtype, change, kind = PLANTED[name]
    number = NUMBERS["gaussian_kl(mu, log_variance=)"]
    columns, true = tried(number, dtype)
    order = PLACES[place]

    def run(term: Term, dtype: str, columns: list[np.ndarray]) -> Results:
        results = off_right(true, len(columns[0]))
        count = len(true[order].unit)
        results[order][:count] = change(results[order][:count], true[order])
        return results

    planted = Implementation("planted", True, (), run)
    cells = measured(planted, number, columns, true)
    found = cells[list(PLACES).index(place)]
    assert found is not None
    assert not found.within(BOUNDS[dtype])
    assert kind in found.counts if kind else found.units > BOUNDS[dtype]
    for other in set(range(3)) - {list(PLACES).index(place)}:
        cell = cells[other]
        assert cell is not None
        assert cell.within(BOUNDS[dtype]), "an error that is not there"


def test_the_search_climbs_to_an_error_between_the_points(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hill of 6 units at 5.123, less than 4 from a hundredth away on."""
    number = NUMBERS["saturating_generator_loss"]
    term = TERMS[number]

    def run(term: Term, dtype: str, columns: list[np.ndarray]) -> Results:
        (h,) = columns
        right = truth(term.enclosures[()], [h], FORMATS["float64"])
        hill = np.rint(6 / (1 + 50 * np.abs(np.clip(h, -99.0, 99.0) - 5.123)))
        return {(): right.approximately - np.ldexp(hill, right.unit)}

    hilly = Implementation("hilly", True, (term.subject,), run, raises=True)
    monkeypatch.setattr(comparison, "implementations", lambda slow: ([hilly], {}))
    found = {}
    for rounds in (0, 6):
        (one,) = compared(number, ["float64"], count=100, seed=1, rounds=rounds)
        (cell, *_) = one.lines[0].cells
        assert cell is not None
        found[rounds] = (cell.units, one.kept)
    assert found[0][1], found
    assert found[6][0] >= 5.5
    assert not found[6][1]


def test_children_stay_in_the_domain_and_in_the_type() -> None:
    form = FORMATS["float32"]
    symbols = TERMS[0].arguments
    parents = [np.array([0.0, form.largest, 1.0]), np.array([form.smallest, 1.0, 2.0])]
    mean, scale = around(parents, symbols, form, 5000, np.random.default_rng(2))
    assert (scale > 0).all()
    for column in (mean, scale):
        assert np.isfinite(column).all()
        assert np.array_equal(rounded(column, form), column)
        assert len(set(column.tolist())) > 1000


def off_right(true: dict[Order, Truth], count: int) -> Results:
    """The nearest numbers to the truth, and as many more as are asked for."""
    found = {}
    for order, each in true.items():
        nearest = off_by(0.0)(np.empty(0), each)
        found[order] = np.append(nearest, np.zeros(count - len(nearest)))
    return found


PEERS = {
    "torch.distributions at a tiny deviation": (
        "torch.distributions", 0, "float32", (0.0, 2.5e-23), "value", "inf"),
    "torch.distributions near deviation 1": (
        "torch.distributions", 0, "float64", (0.0, 1 + 1e-9), "value", 1e6),
    "the classic line near 0": (
        "torch, classic line", 2, "float64", (0.0, 1e-9), "value", "zero"),
    "F.softplus beyond its threshold": (
        "F.softplus", 4, "float64", (20.5,), "value", 1e5),
    "BCE with logits far on the right side": (
        "BCEWithLogits", 4, "float32", (-15.0,), "value", "zero"),
    "a naive logarithm": ("naive log(sigmoid)", 4, "float32", (17.0,), "value", "inf"),
    "its gradient": ("naive log(sigmoid)", 4, "float32", (17.0,), "gradient", "nan"),
    "BCE on a sigmoid": ("BCE on a sigmoid", 4, "float32", (17.0,), "gradient", "zero"),
}  # fmt: skip


@needs_torch
@pytest.mark.parametrize("name", PEERS)
def test_what_people_use_is_seen_to_err(name: str) -> None:
    peer, number, dtype, at, column, expected = PEERS[name]
    form = FORMATS[dtype]
    columns = [rounded(np.array([x]), form) for x in at]
    true = truths(TERMS[number], form, columns)
    cells = measured(row(peer), number, columns, true)
    cell = cells[COLUMNS.index(column)]
    assert cell is not None
    if isinstance(expected, str):
        assert expected in cell.counts
    else:
        assert cell.units > expected


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """One function, here, without JAX's compiler."""
    monkeypatch.setattr(command, "mapped", lambda work, items: map(work, items))
    monkeypatch.setattr(command, "TERMS", TERMS[:1])
    numpy_only = ([row("lossproof, NumPy"), row("SymPy lambdify")], {"torch": "absent"})
    monkeypatch.setattr(comparison, "implementations", lambda slow: numpy_only)


@pytest.mark.usefixtures("in_this_process")
def test_the_command_prints_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.accuracy(points=0, dtype=["float32"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for words in ("lossproof, NumPy", "SymPy lambdify", "are kept", "torch absent"):
        assert words in said


@pytest.mark.usefixtures("in_this_process")
def test_the_command_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.accuracy(points=0, dtype=["float32"], json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["command"], said["ok"], said["partial"]) == ("accuracy", True, False)
    table = said["tables"][0]
    assert table["function"] == "gaussian_kl(mu, sigma=)"
    ours = next(line for line in table["rows"] if line["ours"])
    assert 0.4 < ours["value"]["ulp"] <= 0.5 + 1e-3
    assert {"inf", "nan"} & set(table["rows"][1]["value"]["faults"])


@pytest.mark.usefixtures("in_this_process")
def test_a_broken_bound_is_named_and_the_status_is_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BOUNDS, "float32", 0.4)
    assert command.accuracy(points=0, dtype=["float32"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "broken in 1 of 1 tables" in said
    assert "gaussian_kl(mu, sigma=), float32, lossproof, NumPy: value: 0.5" in said


ABSENT = {
    "no row": lambda ours: [row("SymPy lambdify")],
    "a row without derivatives": lambda ours: [
        replace(ours, run=lambda *given: {(): ours.run(*given)[()]})
    ],
}


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("case", ABSENT)
def test_a_measurement_of_nothing_of_ours_is_no_success(
    case: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ABSENT[case](row("lossproof, NumPy"))
    monkeypatch.setattr(comparison, "implementations", lambda slow: (rows, {}))
    assert command.accuracy(points=0, dtype=["float32"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "not tried: nothing of ours was measured" in said
    assert command.accuracy(points=0, dtype=["float32"], json=True) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["tables"][0]["measured"]) == (False, False)


@pytest.mark.usefixtures("in_this_process")
def test_an_interrupted_measurement_is_partial(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(work: Callable, items: range) -> Iterator[list[Comparison]]:
        yield work(items[0])
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "mapped", interrupted)
    assert command.accuracy(points=0, dtype=["float32"]) == INTERRUPTED
    said = capsys.readouterr().out
    assert "partial" in said
    assert "kept so far" in " ".join(said.split())


def test_an_unknown_dtype_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.accuracy(dtype=["float8"]) == MISUSE
    assert "it can be float64" in capsys.readouterr().err


def test_every_row_covers_something_that_is_measured() -> None:
    subjects = {term.subject for term in TERMS}
    for each in implementations(slow=True)[0]:
        assert set(each.covers) <= subjects
        assert each.covers


def test_truth_does_not_depend_on_the_bits_that_it_starts_with() -> None:
    function = TERMS[2].enclosures[()]
    at = [np.array([1e-160]), np.array([1e-160])]
    found = truth(function, at, FORMATS["float64"])
    assert found.approximately[0] == pytest.approx(5e-321 + 2.5e-321, rel=1e-3)
