"""An editor without a screen. What it says to a real server is tested in tests/e2e."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lsprotocol import types as lsp

from polylsp.client.editor import Editor, position
from polylsp.errors import PolyError
from polylsp.lsp.documents import Documents

TEXTS = some.text(some.sampled_from("ab\r\n\x0c\u2028😀"), max_size=30)


@given(text=TEXTS, data=some.data())
def test_a_position_is_where_the_server_finds_its_offset(text: str, data: some.DataObject) -> None:
    offset = data.draw(some.integers(0, len(text)))
    if text[offset - 1 : offset + 1] == "\r\n":
        offset += 1  # No position is within a line end.
    documents = Documents(encoding="utf-32")
    documents.put_text_document(lsp.TextDocumentItem("file:///a", "", 1, text))
    document = documents.find("file:///a")
    assert document is not None
    where = position(text, offset)
    place = document.place(lsp.Position(**where))
    assert place.offset == offset
    assert where == {"line": place.line, "character": place.character}


def test_nobody_waits_for_a_model_that_will_not_come(tmp_path: Path) -> None:
    editor = Editor({"model": str(tmp_path / "nowhere")})
    try:
        with pytest.raises(PolyError, match="nowhere"):
            editor.wait_until_ready()
        # Nor when it is known already.
        with pytest.raises(PolyError, match="nowhere"):
            editor.wait_until_ready()
    finally:
        assert editor.quit() == 0
