"""The packaged extension in VS Code's real workbench: what typing shows, and what the keys do."""

from __future__ import annotations

import json

import pytest

from tests.editors.home import Home
from tests.editors.scene import scene
from tests.editors.vscode.conftest import (
    SCREENS,
    SOURCE,
    SUGGESTED,
    TYPED,
    Saw,
    Window,
    is_quiet,
)


def test_tab_inserts_the_ghost_text_and_undo_takes_it_back(
    ready: Window, home: Home, saw: Saw
) -> None:
    file = home.file("reader.py", SOURCE)
    window = ready(file)
    window.type(TYPED)
    assert window.see_ghost_text() == SUGGESTED
    window.see_status(r"embedded \d+(\.\d+)? ms")
    picture = window.screenshot(SCREENS / "vscode.png")
    window.press("Tab")
    assert window.saved(file).decode() == SOURCE + TYPED + SUGGESTED
    window.press("Control+z")
    assert window.saved(file).decode() == SOURCE + TYPED
    saw(f"{SUGGESTED!r}, Tab, undo; {window.status()!r}; {picture}")
    assert is_quiet(window)


def test_the_next_word_is_accepted_and_typing_goes_on(ready: Window, home: Home, saw: Saw) -> None:
    file = home.file("reader.py", SOURCE)
    window = ready(file)
    window.type(TYPED)
    assert window.see_ghost_text() == SUGGESTED
    window.press("Control+ArrowRight")
    first = window.saved(file).decode().removeprefix(SOURCE + TYPED)
    assert first not in ("", SUGGESTED)
    assert SUGGESTED.startswith(first)
    rest = SUGGESTED.removeprefix(first)
    window.type(rest[:3])
    assert window.until(lambda: window.ghost_text() == rest[3:], "the rest")
    window.press("Tab")
    assert window.saved(file).decode() == SOURCE + TYPED + SUGGESTED
    saw(f"the word {first!r}, typed on {rest[:3]!r}, Tab")
    assert is_quiet(window)


def test_fast_typing_leaves_no_error(ready: Window, home: Home, saw: Saw) -> None:
    file = home.file("reader.py", SOURCE)
    window = ready(file)
    typed = f"{TYPED}on.x\nreturn label\n" + "label = person.x\nlabel = label.x\n" * 8
    window.type(typed, delay=8)
    window.press("Escape")
    window.press("Control+End")
    window.type("label = person.fir")
    window.press("Alt+\\")  # By hand, for what is sure enough is another question.
    window.see_ghost_text()
    squeezed = "".join(window.saved(file).decode().split())
    assert squeezed == "".join(f"{SOURCE}{typed}label = person.fir".split())
    saw(f"{len(typed)} keys, 8 ms apart; then ghost text")
    assert is_quiet(window)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_behind_emoji_marks_and_tabs_the_buffer_is_exact(
    ready: Window, home: Home, saw: Saw, line_end: str
) -> None:
    place = scene(line_end)
    file = home.file("people.py", place.before)
    window = ready(file)
    window.type(place.typed)
    assert window.see_ghost_text() == place.suggested
    window.press("Tab")
    assert window.saved(file) == place.after
    saw(f"{place.suggested!r}, {len(place.after)} bytes as they must be")
    assert is_quiet(window)


def test_the_list_and_several_cursors_are_got_on_with(ready: Window, home: Home, saw: Saw) -> None:
    line = SOURCE.rpartition("\n")[2]
    file = home.file("reader.py", f"{SOURCE}\n{line}")
    window = ready(file, **{"editor.wordBasedSuggestions": "currentDocument"})
    window.type(TYPED)
    window.press("Control+Space")
    focused = window.page.locator(".suggest-widget.visible .monaco-list-row.focused").first
    focused.wait_for()
    label = focused.get_attribute("aria-label")
    assert label.startswith("person")
    text = window.see_ghost_text()
    assert text.startswith("on.")  # It goes on behind the entry.
    window.press("Escape", "Escape")
    window.press(*["Backspace"] * len(TYPED))
    window.press("Shift+Alt+ArrowUp")
    window.type(TYPED)
    window.page.wait_for_timeout(1500)
    assert window.ghost_text() == ""
    window.press("Escape", "Escape")
    assert window.saved(file).decode() == f"{SOURCE}{TYPED}\n{line}{TYPED}"
    saw(f"entry {label!r} and ghost text {text!r}; two cursors, none")
    assert is_quiet(window)


def test_cells_of_a_notebook_are_completed(ready: Window, home: Home, saw: Saw) -> None:
    cell: dict[str, object] = {"cell_type": "code", "metadata": {}, "outputs": []}
    source = SOURCE.splitlines(keepends=True)
    cells = [{**cell, "execution_count": None, "source": source}]
    language = {"language_info": {"name": "python"}}
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": language, "cells": cells}
    file = home.file("book.ipynb", json.dumps(book))
    # Of all of it the model is less sure in a cell than `balanced` asks.
    window = ready(home.file("a.py", ""), **{"polylsp.suggest.confidence": "eager"})
    window.press("Control+p")
    window.page.locator(".quick-input-widget input").first.fill(str(file))
    window.page.locator(".quick-input-list .monaco-list-row", has_text=file.name).first.wait_for()
    window.press("Enter")
    window.page.locator(".notebookOverlay .cell .view-lines").first.click(timeout=30_000)
    window.press("Control+End")
    window.type(TYPED)
    assert window.see_ghost_text() == SUGGESTED
    window.press("Tab")
    window.press("Control+s")
    window.page.locator(".tab.active:not(.dirty)").first.wait_for()
    saved = json.loads(file.read_text("utf-8"))["cells"][0]["source"]
    assert "".join(saved) == SOURCE + TYPED + SUGGESTED
    saw(f"{SUGGESTED!r} in a cell")
    assert is_quiet(window)
