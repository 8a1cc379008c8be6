"""The worst input as a program that anyone can run."""

from __future__ import annotations

from collections.abc import Iterator

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


def smallest(candidate: Candidate, quantity: str, worst: Worst) -> Worst:
    """The same kind of error at the simplest numbers that have it.

    These are one simple number, the worst one alone, its sample, or else its batch.
    """
    for case in _smaller(candidate, worst):
        with np.errstate(all="ignore"):
            batch = expected(candidate.convention, case)
        try:
            results = evaluated(candidate, case.arrays, batch.weights)
        except Fault:
            continue
        for one in compared(results, batch, candidate.format):
            if one.quantity == quantity and one.worst.wrong:
                return one.worst
    return worst


def _smaller(candidate: Candidate, worst: Worst) -> Iterator[Case]:
    arrays = worst.batch.case.arrays
    if candidate.convention.loss.separable:
        yield from simple(candidate.convention, candidate.dtype)
        yield Case({word: np.array([[x]]) for word, x in worst.where.items()})
    for n in range(min(len(array) for array in arrays.values())):
        row = {word: array[n : n + 1] for word, array in arrays.items()}
        if any(worst.where[word] in row[word] for word in row):
            yield Case(row)


def snippet(candidate: Candidate, case: Case, says: str, label: str = "") -> str:
    """A program that calls the candidate with a batch, and what comes of it.

    says   what is wrong, for the comment
    label  of a derivative, "d/dmu" or "d/dmu dsigma"; empty for the value
    """
    make = MAKES[candidate.framework]
    lines = [IMPORTS[candidate.framework]]
    module, colon, name = candidate.name.partition(":")
    called = "fn"
    if colon:
        lines.append(f"from {module} import {name.split('.')[0]}")
        called = name
    lines.append("")
    for word in candidate.convention.inputs:
        numbers = case.arrays[word].tolist()
        lines.append(f"{word} = {make.format(numbers, candidate.dtype)}")
    words = ", ".join(candidate.convention.inputs)
    lines += _derived(candidate.framework, called, words, label)
    lines.append(f"# {says}")
    return "\n".join(lines)


def _derived(framework: str, called: str, words: str, label: str) -> list[str]:
    along = [part.removeprefix("d/d").removeprefix("d") for part in label.split()]
    if not along:
        return [f"print({called}({words}))"]
    if framework == "jax":
        place = words.split(", ").index(along[0])
        return [
            f"total = lambda *given: {called}(*given).sum()",
            f"print(jax.grad(total, {place})({words}))",
        ]
    lines = [f"{word}.requires_grad_()" for word in words.split(", ")]
    lines.append(f"found = {called}({words}).sum()")
    for word in along:
        options = "create_graph=True, materialize_grads=True"
        lines.append(f"(found,) = torch.autograd.grad(found.sum(), {word}, {options})")
    lines.append("print(found)")
    return lines
