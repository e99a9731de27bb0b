"""Folders of code, and what an index knows of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from polylsp.config import MemoryConfig
from polylsp.engine.memory import Kind, Source
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.workspace.index import Index


def put(root: Path, path: str, text: str) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="")
    return file


def function(name: str, lines: int = 4) -> str:
    """Code of which no two names share much."""
    body = "".join(f"    {name}_{at} = {name}.call({at}, '{name * 2}')\n" for at in range(lines))
    return f"def {name}({name}_first):\n{body}    return {name}\n"


def made(root: Path, tokenizer: Tokenizer, cache: Path, **settings: bool | int) -> Index:
    index = Index(root, tokenizer, MemoryConfig(**settings), cache)  # type: ignore[arg-type]
    assert index.update().whole
    return index


def said(sources: Sequence[Source], tokenizer: Tokenizer, history: str) -> set[tuple[Kind, str]]:
    """What followed `history` wherever all of its last tokens stand: up to 12 more, by kind."""
    ids = tokenizer.encode(history)
    wanted = min(16, len(ids))
    return {
        (match.kind, tokenizer.decode(match.place.draft(12)))
        for source in sources
        for match in source.look(ids)
        if match.length == wanted
    }


def counts(sources: Sequence[Source], token_ids: list[int]) -> Iterator[object]:
    """What a look-up tells at each place of a text, but for the order of equals."""
    for at in range(2, len(token_ids)):
        history = token_ids[max(0, at - 16) : at]
        for source in sources:
            for match in source.look(history):
                following = sorted(match.following)
                yield at, match.kind, match.order, match.length, following
