"""The grid: every claim has its numbers or its sentence, and a false cell is seen."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest

from verify.budget import Budget
from verify.evidence import Verdict
from verify.grid import report
from verify.grid.cells import Cell, cell, of_claim
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
