"""A text's length in Pygments' tokens, white space included: what PolyCoder's perplexities were published in.

That makes models with different vocabularies comparable, as bytes do.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from polylsp.errors import PolyError

# Where Pygments calls a language otherwise than we do.
_NAMES = {"cpp": "c++", "csharp": "c#"}


def count(language: str, text: str) -> int:
    """How many tokens Pygments' lexer of `language` makes of `text`. Raises PolyError without Pygments."""
    return sum(1 for _ in _lexer(language).get_tokens(text))


@cache
def _lexer(language: str) -> Any:
    try:
        from pygments.lexers import get_lexer_by_name
    except ImportError as error:
        raise PolyError("words are counted by Pygments: pip install 'polylsp[evals]'") from error
    return get_lexer_by_name(_NAMES.get(language, language))
