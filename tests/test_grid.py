"""The grid: every claim has its numbers or its sentence, and a false cell is seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from io import StringIO

import pytest
from cyclopts import CycloptsError
from rich.console import Console

from verify import progress
from verify.application import app
from verify.budget import Budget
from verify.commands import grid as command
from verify.commands.options import INTERRUPTED
from verify.evidence import Evidence, Verdict
from verify.grid import losses, report
from verify.grid import models as of_models
from verify.grid.cells import Cell, cell, done, of_claim, of_model, places
from verify.grid.models import BEARING, COLUMNS, EMPTY, MODELS, SUBJECTS, models
from verify.grid.table import TABLE, Shown, Subject, subjects
from verify.ledger import claims
from verify.methods import JUDGES, METHODS

pytest.importorskip("torch")
KL = Subject("gaussian_kl", ("mu", "sigma"))
PRINTED = [subject for subject in subjects() if subject.printed]


def test_every_claim_has_its_row_and_no_other_has() -> None:
    assert set(TABLE) == {claim.id for claim in claims()}


def test_an_empty_cell_has_a_sentence() -> None:
    for claim, shown in TABLE.items():
        if isinstance(shown, str):
            assert len(shown.split()) > 3, claim
        else:
            assert shown.about in JUDGES
            assert shown.subjects


def test_every_method_is_a_module_that_judges() -> None:
    for place in METHODS.values():
        module = import_module(place)
        assert callable(module.judged)
        assert callable(module.cannot)
    assert set(METHODS) == {m for methods in JUDGES.values() for m in methods}


def test_every_claim_has_what_models_show_or_why_they_do_not() -> None:
    for claim, shown in TABLE.items():
        if claim in BEARING:
            assert claim not in EMPTY
            assert set(BEARING[claim]) <= set(SUBJECTS)
            continue
        said = of_claim({}, claim, MODELS)
        assert isinstance(said, str)
        assert len(said.split()) > 3, claim
        own = isinstance(shown, Shown) and shown.about != "second"
        assert (claim in EMPTY) == own, claim
    borne = {name for names in BEARING.values() for name in names}
    assert borne == set(SUBJECTS)  # none is judged for nothing


@pytest.mark.parametrize("model", models())
def test_what_models_show_is_as_expected(model: str) -> None:
    pytest.importorskip("sklearn")
    torch = import_module("torch")
    torch.set_num_threads(1)
    found = done(model, seed=1, budget=Budget.STANDARD)
    assert {cell.subject for cell in found} == {*of_models.subjects_of(model)}
    for cell_ in found:
        assert cell_.as_expected, cell_.evidence
        assert cell_.evidence.method == MODELS


@pytest.mark.parametrize("absent", ["torch", "sklearn"])
def test_without_a_library_models_say_which(
    absent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_models, "find_spec", lambda name: name != absent or None)
    for model in ("gan", "vae"):
        found = of_model(model, seed=0)
        assert len(found) == len(of_models.subjects_of(model))
        for one in found:
            assert one.evidence is None
            assert one.as_expected
            assert one.reason == f"{of_models.NEEDED[absent]} not installed"
    assert "not installed" in of_claim(
        {(c.subject, c.method): c for c in of_model("gan", seed=0)}, "1.08", MODELS
    )


def test_a_claim_that_only_a_missing_model_shows_keeps_its_sentence() -> None:
    cells = [
        replace(c, evidence=None, reason="torch not installed")
        if c.subject.model == "gan"
        else c
        for c in whole_grid()
    ]
    said = " ".join(printed(cells, 120).split())
    assert f"1.08, 1.17: {TABLE['1.08']}; models: torch not installed" in said


def test_claims_that_only_models_show_have_a_row() -> None:
    said = printed(whole_grid(), 120)
    for claim in ("1.08", "1.17", "1.18", "1.23"):
        (row,) = (line for line in said.splitlines() if line.startswith(f"{claim} "))
        assert "agrees" in row
        assert row.count("(") == len(METHODS)  # reasons, in all the other columns


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("subject", [KL, *PRINTED], ids=str)
def test_ours_agrees_and_what_was_printed_is_refuted(subject, method: str) -> None:

    found = cell((subject, method), seed=3, budget=Budget.STANDARD)
    assert found.evidence is not None
    wanted = Verdict.REFUTED if subject.printed else Verdict.AGREES
    assert found.evidence.verdict is wanted, found.evidence.figure
    assert found.as_expected
    assert found.evidence.resolution


def test_a_claim_about_second_derivatives_is_left_to_those_who_look_at_them() -> None:
    assert isinstance(TABLE["3.14"], Shown)
    assert TABLE["3.14"].about == "second"
    assert "second derivatives" in of_claim({}, "3.14", "monte_carlo")


def test_a_cell_that_is_not_as_expected_is_shown() -> None:
    evidence = cell((KL, "oracle"), seed=0, budget=Budget.STANDARD).evidence
    wrong = Cell(KL, "oracle", replace(evidence, verdict=Verdict.REFUTED))
    undecided = Cell(KL, "peers", replace(evidence, verdict=Verdict.UNDECIDED))
    assert not wrong.as_expected
    assert not undecided.as_expected
    assert len(list(report.unlike([wrong, undecided]))) == 2
    assert "2 not as expected" in report.summary([wrong, undecided], 1.0, False).plain
    table, notes = report.grid_table([wrong])
    assert table.row_count
    assert notes


def found_of(verdict: Verdict, figure: str = "because") -> Evidence:
    return Evidence("claim", "method", verdict, figure, "1e-14 of it; no more", 0, 1.0)


def whole_grid() -> list[Cell]:
    """Every cell as it has to be, without any work."""
    return [
        Cell(subject, method, found_of(Cell(subject, method, None).expected))
        for subject, method in places()
    ]


def printed(cells: list[Cell], width: int, interrupted: bool = False) -> str:
    """What the command prints in a terminal of this width."""
    stream = StringIO()
    with pytest.MonkeyPatch.context() as patch:
        terminal = Console(file=stream, width=width, highlight=False)
        patch.setattr(command, "Console", lambda **options: terminal)
        command.shown(cells, 1.0, interrupted, whole=True)
    return stream.getvalue()


@pytest.mark.parametrize("known", [0, 1, 6])
def test_an_interrupted_run_shows_what_is_known_and_claims_no_more(known: int) -> None:
    said = printed(whole_grid()[:known], 80, interrupted=True)
    assert "all as expected" not in said
    rows = [line for line in said.splitlines() if line[:4] in TABLE and line[4] == " "]
    assert bool(rows) == (known > 0)
    assert all("agrees" in row or "refuted" in row for row in rows)
    if known:
        assert "nothing wrong so far" in " ".join(said.split())
        assert f"\n{report.AWAITED}: interrupted before" in said
    else:
        assert report.AWAITED not in said
        assert "0 losses" not in said


def test_a_whole_run_awaits_nothing() -> None:
    said = printed(whole_grid(), 80)
    assert report.AWAITED not in said
    assert "all as expected" in said


def test_an_error_in_an_interrupted_run_is_not_hidden() -> None:
    wrong = Cell(KL, "oracle", found_of(Verdict.REFUTED))
    said = " ".join(printed([wrong], 80, interrupted=True).split())
    assert "1 not as expected" in said
    assert "nothing wrong so far" not in said


def test_an_interruption_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(**options: object) -> Iterator[Cell]:
        yield whole_grid()[0]
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "cells", stopped)
    assert command.grid() == INTERRUPTED
    assert "nothing wrong so far" in " ".join(capsys.readouterr().out.split())


def test_agrees_and_refuted_in_one_cell_is_explained() -> None:
    said = printed(whole_grid(), 80)
    assert "agrees, refuted: our formula agrees" in said
    ours = [c for c in whole_grid() if not c.subject.printed]
    _, notes = report.grid_table(ours)
    assert report.FALSE not in notes  # where no cell says both


@pytest.mark.parametrize("subject", PRINTED, ids=str)
def test_a_printed_formula_is_marked_as_expected_only_if_it_is_refuted(subject) -> None:
    refuted = Cell(subject, "oracle", found_of(Verdict.REFUTED))
    agreeing = Cell(subject, "oracle", found_of(Verdict.AGREES))
    assert "REFUTED, as expected" in printed([refuted], 80)
    assert "as expected" not in printed([agreeing], 80).partition("claim")[0]
    assert f"{subject}, which the document printed" in printed([agreeing], 80)


@pytest.mark.parametrize("width", [80, 140])
def test_no_name_and_no_number_is_cut(width: int) -> None:
    figure = "value: 11.0733404 for 22.6453454 at sigma = 8.885547049676907e-11"
    cells = [replace(c, evidence=found_of(c.expected, figure)) for c in whole_grid()]
    said = printed(cells, width)
    assert max(len(line) for line in said.splitlines()) <= width
    assert "\N{HORIZONTAL ELLIPSIS}" not in said
    lines = {line.rstrip() for line in said.splitlines()}
    for subject in subjects():
        if not subject.printed:
            assert str(subject) in lines
    for number in ("11.0733404", "22.6453454", "8.885547049676907e-11"):
        assert said.count(number) == len(cells)


def test_a_resolution_that_is_the_same_for_all_is_said_once() -> None:
    cells = whole_grid()
    own = replace(cells[0].evidence, resolution="2e-14 of it; no more")
    cells[0] = replace(cells[0], evidence=own)
    same = losses.shared(cells)
    assert same[cells[0].method] == ("no more",)
    assert same["peers"] == ("1e-14 of it", "no more")
    said = printed(cells, 140)
    assert said.count("would see 2e-14 of it") == 1
    assert said.count("no more") == len(COLUMNS)


@pytest.mark.parametrize("name", ["grid", "mutants", "sample", "calibrate"])
def test_a_negative_seed_is_misuse(name: str) -> None:
    with pytest.raises(CycloptsError, match="seed"):
        app([name, "--seed", "-1"], exit_on_error=False, print_error=False)


def test_progress_without_a_terminal_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(progress.watched(range(3), 3, "classes")) == [0, 1, 2]
    assert capsys.readouterr().err == ""  # it was over in no time
    clock = iter(range(0, 1000, 4))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    assert list(progress.watched(range(9), 9, "classes")) == [*range(9)]
    said = capsys.readouterr().err.splitlines()
    assert said
    assert len(said) < 9
    assert all(line.startswith("classes ") and line.endswith("/9") for line in said)
