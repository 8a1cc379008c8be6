"""The ledger: every claim of the document is there and is found to be as expected."""

from __future__ import annotations

import pytest

from derivations import rules
from derivations.catalogue import catalogue
from derivations.document.claim import Claim, Expected
from derivations.document.exercise_1 import EXERCISE_1
from derivations.document.exercise_2 import EXERCISE_2
from derivations.line import Step
from verify.evidence import Verdict
from verify.judge import Judge
from verify.ledger import claims, judged
from verify.proof import proves

JUDGE = Judge()
IDS = [f"1.{n:02}" for n in range(1, 24)] + [f"2.{n:02}" for n in range(1, 26)]
# what each claim of the document was found to be when it was read by hand
READ = {
    Expected.NOTATION: "1.01 1.02 1.04 1.05 1.21 2.01 2.02 2.06 2.18",
    Expected.PROSE: "1.03 1.07 1.18 1.20 1.23",
    Expected.REFUTED: "1.08 1.13 1.16 1.17 1.19 2.03",
    Expected.PROVED_UNDER: "1.09 1.11 1.12 1.14 1.22 2.04 2.11 2.12",
}


def test_every_claim_of_the_document_is_a_row() -> None:
    assert [claim.id for claim in (*EXERCISE_1, *EXERCISE_2)] == IDS
    beside = [claim.id for claim in claims()][len(IDS) :]
    assert beside == [f"3.{n:02}" for n in range(1, 53)]


def test_what_is_expected_is_what_was_read() -> None:
    for expected, ids in READ.items():
        found = [c.id for c in (*EXERCISE_1, *EXERCISE_2) if c.expected is expected]
        assert found == ids.split()


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim.id)
def test_the_machine_finds_what_is_expected(claim: Claim) -> None:
    (row,) = judged([claim], JUDGE)
    assert row.as_expected, row.fault


def test_the_misprint_has_the_smallest_witness() -> None:
    (row,) = judged([c for c in claims() if c.id == "2.03"], JUDGE)
    assert row.witness == "k = 1, mu = (0), sigma = (2)"
    true, printed = map(float, row.values)
    assert (round(true, 6), round(printed, 6)) == (0.806853, 1.153426)


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_derivation_is_proved_unless_it_is_the_documents_own_error(
    name: str,
) -> None:
    judgement = JUDGE(catalogue()[name])
    printed = {
        d.name for c in claims() if c.expected is Expected.REFUTED for d in c.statements
    }
    wanted = Verdict.REFUTED if name in printed else Verdict.PROVED
    assert judgement.verdict is wanted, judgement.reason


def test_a_wrong_expectation_fails_the_run() -> None:
    right = next(c for c in claims() if c.id == "1.10")
    wrong = Claim(
        "0.00",
        "a test",
        Expected.REFUTED,
        statements=right.statements,
        right=right.statements,
    )
    (row,) = judged([wrong], JUDGE)
    assert not row.as_expected
    assert "PROVED, not REFUTED" in row.fault


CLOSED_FORMS = {
    "gaussian_kl_by_rules": "gaussian_kl",
    "saturating_generator_gradient_by_rules": "saturating_generator_gradient",
    "nonsaturating_generator_gradient_by_rules": "nonsaturating_generator_gradient",
    "discriminator_gradient_by_rules": "discriminator_gradient",
}


@pytest.mark.parametrize("made", CLOSED_FORMS)
def test_the_closed_form_that_the_rules_make_is_the_written_one(made: str) -> None:
    one, other = catalogue()[made], catalogue()[CLOSED_FORMS[made]]
    assert one.lhs == other.lhs
    assert all(step.produced for step in one.steps[1:])
    cited = (rules.logarithms, rules.differentiate, rules.linearity)
    assert proves(one.rhs, Step(other.rhs, "=", cited, line=0))
