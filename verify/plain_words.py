"""LaTeX words in one line of Unicode, for a terminal."""

from __future__ import annotations

from functools import cache
from typing import Any

from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

SIGNS = {r"\|": "‖", r"\det": "det ", r"\iff": "⇔", r"\Leftrightarrow": "⇔"}


def plain(words: str) -> str:
    """`words` without LaTeX, as far as one line can hold them."""
    for macro, sign in SIGNS.items():
        words = words.replace(macro, sign)
    return " ".join(_converter().latex_to_text(words).split())


@cache
def _converter() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    fraction = MacroTextSpec("frac", simplify_repl=_fraction)
    context.add_context_category("fractions", macros=[fraction], prepend=True)
    return LatexNodes2Text(
        latex_context=context,
        math_mode="text",
        keep_braced_groups=True,
        keep_braced_groups_minlen=2,
    )


def _fraction(node: Any, l2tobj: LatexNodes2Text) -> str:
    """a/b, with parentheses where a or b is more than one word."""
    shown = (l2tobj.nodelist_to_text([part]) for part in node.nodeargd.argnlist)
    parts = (words[1:-1] if words.startswith("{") else words for words in shown)
    return "/".join(p if p.isalnum() else f"({p})" for p in parts)
