"""The layers, and what an import costs: tests -> verify -> derivations -> sympy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("sympy", "numpy", "torch", "jax", "scipy", "flint", "rich", "matplotlib")
# where a layer may import from, beside the standard library; `torch_backend` torch too
MAY_IMPORT = {
    "derivations": {"derivations", "sympy"},
    "verify": {
        *("verify", "derivations", "sympy", "flint"),
        *("rich", "cyclopts", "pylatexenc", "numpy", "scipy", "mpmath"),
    },
}


def imports(path: Path) -> set[str]:
    """The top-level packages that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_imports_point_one_way(layer: str) -> None:
    for path in sorted((ROOT / layer).rglob("*.py")):
        allowed = MAY_IMPORT[layer] | {path.stem.partition("_")[0]}
        foreign = imports(path) - allowed - set(sys.stdlib_module_names)
        assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"


def test_the_balls_share_nothing_with_the_proof() -> None:
    for path in sorted((ROOT / "verify" / "balls").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for module in ("derivations.rules", "derivations.normal_form", "verify.proof"):
            assert module not in text, f"{path.relative_to(ROOT)} uses {module}"


def test_importing_derivations_loads_nothing() -> None:
    code = (
        "import sys; import derivations; "
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert printed.stdout.strip() == "[]"


def test_importing_derivations_costs_at_most_five_milliseconds() -> None:
    """Measured inside the process, without the interpreter's start: best of ten."""
    code = (
        "import time; start = time.perf_counter(); import derivations; "
        "print(time.perf_counter() - start)"
    )
    seconds = [
        float(
            subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                check=True,
                cwd=ROOT,
            ).stdout
        )
        for _ in range(10)
    ]
    assert min(seconds) <= 0.005, seconds


def test_every_public_name_can_be_fetched() -> None:
    import derivations

    for name in derivations.__all__:
        assert getattr(derivations, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'divergence'"):
        _ = derivations.divergence
