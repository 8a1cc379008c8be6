"""The worst input as a program that anyone can run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from verify.losses.call import Fault, evaluated
from verify.losses.candidate import Candidate
from verify.losses.points import Case, simple
from verify.oracle.comparison import Worst, compared
from verify.oracle.expected import expected

IMPORTS = {
    "torch": "import torch",
    "numpy": "import numpy as np",
    "jax": "import jax, jax.numpy as jnp\n\njax.config.update('jax_enable_x64', True)",
}
MAKES = {
    "torch": "torch.tensor({}, dtype=torch.{})",
    "numpy": "np.array({}, dtype=np.{})",
    "jax": "jnp.array({}, dtype=jnp.{})",
}


def witness(candidate: Candidate, quantity: str, worst: Worst) -> Worst:
    """The same kind of error at the simplest numbers that have it.

    First of all at one simple number where no more than a few digits are right, then at
    any simple number, the worst one alone, its sample, or its batch.
    """
    first = None
    for case in _smaller(candidate, worst):
        found = _wrong(candidate, case, quantity)
        if found is None:
            continue
        if found.plain:
            return found
        first = first or found
        if any(array.size > 1 for array in case.arrays.values()):
            break  # no longer simple
    return first or worst


def _wrong(candidate: Candidate, case: Case, quantity: str) -> Worst | None:
    batch = expected(candidate.convention, case)
    try:
        results = evaluated(candidate, case.arrays, batch.weights)
    except Fault:
        return None
    for one in compared(results, batch, candidate):
        if one.quantity == quantity and one.worst.wrong:
            return one.worst
    return None


def faulty(candidate: Candidate, case: Case, text: str) -> tuple[Case, str]:
    """The simplest number, if the callable goes wrong there too, and how it does."""
    simplest = next(simple(candidate.convention, candidate.dtype))
    try:
        weights = expected(candidate.convention, simplest).weights
        evaluated(candidate, simplest.arrays, weights)
    except Fault as fault:
        return simplest, str(fault)
    return case, text


def _smaller(candidate: Candidate, worst: Worst) -> Iterator[Case]:
    arrays = worst.batch.case.arrays
    if candidate.convention.loss.separable:
        yield from simple(candidate.convention, candidate.dtype)
        yield Case({word: np.array([[x]]) for word, x in worst.where.items()})
    for n in range(min(len(array) for array in arrays.values())):
        row = {word: array[n : n + 1] for word, array in arrays.items()}
        if any(worst.where[word] in row[word] for word in row):
            yield Case(row)
    yield Case(arrays)  # without weights


def snippet(candidate: Candidate, case: Case, says: str, label: str = "") -> str:
    """A program that calls the candidate with a batch, and what comes of it.

    says   what is wrong, for the comment
    label  of a derivative, "d/dmu" or "d/dmu dsigma"; empty for the value
    """
    make = MAKES[candidate.framework]
    lines = [IMPORTS[candidate.framework]]
    called = "fn"
    if candidate.place:
        module, _, called = candidate.place.partition(":")
        lines.append(f"from {module} import {called.split('.')[0]}")
    lines.append("")
    for word in candidate.convention.inputs:
        numbers = case.arrays[word].tolist()
        lines.append(f"{word} = {make.format(numbers, candidate.dtype)}")
    words = ", ".join(candidate.convention.inputs)
    parts = candidate.convention.loss.parts
    several = candidate.convention.reduction == "none" and len(parts) > 1
    total = f"sum(part.sum() for part in {called}({words}))"
    total = total if several else f"{called}({words}).sum()"
    along = [part.removeprefix("d/d").removeprefix("d") for part in label.split()]
    if not along:
        lines.append(f"print({called}({words}))")
    elif candidate.framework == "jax":
        lines += _by_jax(words, total, along)
    else:
        lines += _by_torch(words, total, along)
    lines.append(f"# {says}")
    return "\n".join(lines)


def _by_jax(words: str, total: str, along: Sequence[str]) -> list[str]:
    places = [words.split(", ").index(word) for word in along]
    lines = [f"def total({words}):", f"    return {total}", ""]
    inner = f"jax.grad(total, {places[0]})"
    if len(places) > 1:
        lines += ["", f"def slope({words}):", f"    return {inner}({words}).sum()", ""]
        inner = f"jax.grad(slope, {places[1]})"
    return ["", *lines, "", f"print({inner}({words}))"]


def _by_torch(words: str, total: str, along: Sequence[str]) -> list[str]:
    lines = [f"{word}.requires_grad_()" for word in words.split(", ")]
    lines.append(f"found = {total}")
    for word in along:
        options = "create_graph=True, materialize_grads=True"
        lines.append(f"(found,) = torch.autograd.grad(found.sum(), {word}, {options})")
    return [*lines, "print(found)"]
