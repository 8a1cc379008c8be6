"""LaTeX words in one line of Unicode, for a terminal."""

from __future__ import annotations

from functools import cache
from typing import Any

from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)


def plain(words: str) -> str:
    """`words` without LaTeX, as far as one line can hold them."""
    return " ".join(_converter().latex_to_text(words.replace(r"\\|", "‖")).split())


@cache
def _converter() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    fraction = MacroTextSpec("frac", simplify_repl=_fraction)
    context.add_context_category("fractions", macros=[fraction], prepend=True)
    return LatexNodes2Text(latex_context=context, math_mode="text")


def _fraction(node: Any, l2tobj: LatexNodes2Text) -> str:
    """a/b, with parentheses where a or b is more than one word."""
    parts = (l2tobj.nodelist_to_text([argument]) for argument in node.nodeargd.argnlist)
    return "/".join(p if p.isalnum() or p.startswith("(") else f"({p})" for p in parts)
