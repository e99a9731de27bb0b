"""Configurations as docs/editors.md shows them: `<!-- name -->` stands above each block."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "editors.md"


def documented(name: str) -> str:
    """The block of that name, as its reader would copy it."""
    text = DOCUMENT.read_text(encoding="utf-8")
    block = re.search(
        rf"^<!-- {re.escape(name)} -->\n```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    assert block is not None, f"docs/editors.md has no {name}"
    return block[1]
