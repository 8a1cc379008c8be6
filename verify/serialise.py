"""What the commands print under `--json`: one schema, versioned.

Every document has `schema` ("lossproof/1"), `command`, `ok`, `partial` (true if the run
was interrupted) and `versions` of the packages, and one of the following:

  claims       a list of rows: id, quotation, reading, expected, found, as_expected,
               hypotheses, witness, values, fault, note, steps, seconds, statements,
               right, counterexamples (each a list of names of derivations)
  derivations  a list: name, verdict, reason, file, line, doc, lhs, relation, rhs,
               hypotheses, seconds, lemmas (name and verdict of each), and steps: line,
               above, relation ("=", "<=" or "iff"), expression, rules, quotation,
               verdict, reason, witness, values (of both sides at the witness), points,
               seconds; and evidence: claim, method, verdict, figure, resolution, seed,
               seconds
  faults       a list: file, line, message (lines of a file that have no form)
  planted      a list: derivation, line, operator, expression, fate, reason
  tables       a list: function, arguments, dtype, points, bound, kept, missing, and
               rows: implementation, ours, and for value, gradient, second derivative
               and limits: ulp, where, faults (null where there is no such derivative)
  sweeps       a list: atom, dtype, inputs, worst, where, beyond, first, balls, open,
               seconds, bound
  cells        a list, of the benchmark: subject, framework, device, dtype, size,
               passes, threads, refused, and candidates: candidate, first_seconds,
               median_seconds, ns_per_element, gigabytes_per_second, ours, ratio (of
               ours to the candidate), rounds; beside it machine, clock, first_calls,
               left_out (name, reason) and bars: name, limit, figure, cells, cleared,
               where, verdict
  mutants      a list: name, kind, words, claim, dtype, equal (proved right after all),
               and found: method, verdict (null where it has nothing to say), figure,
               resolution, seconds; beside it matrix: class, method, killed, survived,
               unjudged, equal, accused, seconds; and changes: words
  rates        a list, of the calibration: method, nominal (0 where only rounding is
               allowed for), runs, alarms, undecided, lower, upper, kept; beside it
               margins: quantity, dtype, share, candidate, seed; alarms: method,
               candidate, seed, alarm and more; vectors, and missing (words)
  evidence     a list, of `known`, `model` and `vanish`: claim, method, verdict,
               figure, resolution, seed, seconds; of `model` beside it folder, step (of
               the checkpoint) and refused (words: newer ones that are not whole); of
               `vanish` beside it starts: mean, exponential, saturating, nonsaturating
               (norms), ratio; escapes: start (a place in starts), optimiser, loss,
               steps (null: not within the limit), limit; passages: loss, depth, steps,
               taken, derived, lowest, highest; limit, and plots (paths)
  run          of `train`, the same as its summary.json: format, version, options,
               fingerprint (of the data), start, figures (test_error, pca_test_error,
               test_elbo, squared_frechet_distance, as they apply), machine, toy, step,
               losses, last (line of the log), checkpoint, log, pictures, times;
               beside it folder
  speeds       a list, of `throughput`: options (of the run), ratio (of our steps a
               second to the plain loop's: low, middle, high quartile; null if refused),
               target, verdict, refused, rounds, first_seconds, and by loop
               steps_per_second, operations_per_step, of_matmul (a share);
               matmul_per_second, of_copy (of Adam's bytes), copy_per_second; beside it
               machine, clock, differences (piece, ours, theirs) and left_out (name,
               reason)

Formulas are SymPy's strings; the keys with `latex` or `unicode` in their names hold the
same for a typesetter or a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeAlias

from sympy import Expr, latex

from derivations.printing import unicode_math
from verify.judgement import Judgement, StepJudgement
from verify.row import Row

Data: TypeAlias = dict[str, Any]  # what JSON can hold, with the keys listed above

SCHEMA = "lossproof/1"
PACKAGES = ("lossproof", "sympy", "python-flint", "numpy", "scipy", "torch")


def document(command: str, ok: bool, *, partial: bool = False, **parts: object) -> str:
    """The document of one run, as JSON text."""
    whole = {
        "schema": SCHEMA,
        "command": command,
        "ok": ok,
        "partial": partial,
        "versions": versions(),
        **parts,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def versions() -> dict[str, str | None]:
    """The installed versions of the packages that a result depends on."""
    found: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def row_data(row: Row) -> Data:
    """A row of the ledger as plain data."""
    claim = row.claim
    return {
        "id": claim.id,
        "quotation": claim.quotation,
        "reading": claim.reading,
        "expected": claim.expected.value,
        "found": row.found.value if row.found else None,
        "as_expected": row.as_expected,
        "hypotheses": [str(h) for h in row.hypotheses],
        "witness": row.witness,
        "values": row.values,
        "fault": row.fault,
        "note": claim.note,
        "steps": sum(len(j.steps) for j in row.judgements),
        "seconds": round(row.seconds, 4),
        "statements": _names(row.statements),
        "right": _names(row.right),
        "counterexamples": _names(row.counterexamples),
    }


def _names(judgements: Iterable[Judgement]) -> list[str]:
    return [j.derivation.name for j in judgements]


def judgement_data(judgement: Judgement) -> Data:
    """A judged derivation as plain data."""
    derivation = judgement.derivation
    return {
        "name": derivation.name,
        "verdict": judgement.verdict.value,
        "reason": judgement.reason,
        "file": derivation.file,
        "line": derivation.line,
        "doc": derivation.__doc__ or "",
        "lhs": str(derivation.lhs),
        "lhs_unicode": unicode_math(derivation.lhs),
        "relation": derivation.relation,
        "rhs": str(derivation.rhs),
        "hypotheses": [str(h) for h in derivation.hypotheses],
        "seconds": round(judgement.seconds, 4),
        "lemmas": [
            {"name": lemma.derivation.name, "verdict": lemma.verdict.value}
            for lemma in judgement.lemmas
        ],
        "steps": [step_data(step) for step in judgement.steps],
        "evidence": judgement.evidence().as_data(),
    }


def step_data(found: StepJudgement) -> Data:
    """A judged step as plain data."""
    step = found.step
    return {
        "line": step.line,
        "above": str(found.above),
        "above_unicode": unicode_math(found.above),
        "relation": step.relation if isinstance(step.expression, Expr) else "iff",
        "expression": str(step.expression),
        "unicode": unicode_math(step.expression),
        "latex": latex(step.expression),
        "rules": [rule.name for rule in step.rules],
        "quotation": step.quotation,
        "verdict": found.verdict.value,
        "reason": found.reason,
        "witness": found.witness,
        "values": found.values,
        "points": found.points,
        "seconds": round(found.seconds, 4),
    }
