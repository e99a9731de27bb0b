"""The packaged extension in VS Code's real workbench: what typing shows, and what the keys do."""

from __future__ import annotations

import json

import pytest

from tests.editors.home import Home
from tests.editors.vscode.conftest import SCREENS, SOURCE, Saw, Window, quiet_log


def test_tab_inserts_the_ghost_text_and_undo_takes_it_back(
    ready: Window, home: Home, saw: Saw
) -> None:
    file = home.file("reader.py", SOURCE)
    window = ready(file)
    window.type("re")
    text = window.see_ghost_text()
    window.see_status(r"embedded \d+(\.\d+)? ms")
    picture = window.screenshot(SCREENS / "vscode.png")
    window.press("Tab")
    assert window.saved(file).decode() == f"{SOURCE}re{text}"
    window.press("Control+z")
    assert window.saved(file).decode() == f"{SOURCE}re"
    saw(f"ghost text {text!r}; status {window.status()!r}; {picture}")
    quiet_log(window)


def test_the_next_word_is_accepted_and_typing_goes_on(ready: Window, home: Home, saw: Saw) -> None:
    file = home.file("reader.py", SOURCE)
    window = ready(file)
    window.type("re")
    text = window.see_ghost_text()
    window.press("Control+ArrowRight")
    first = window.saved(file).decode().removeprefix(f"{SOURCE}re")
    assert first
    assert text.startswith(first)
    window.type("\nx")
    assert window.saved(file).decode().replace(" ", "").endswith(f"{first}\nx".replace(" ", ""))
    saw(f"of {text!r} the word {first!r}")
    quiet_log(window)


def test_fast_typing_leaves_no_error(ready: Window, home: Home, saw: Saw) -> None:
    file = home.file("reader.py", SOURCE)
    window = ready(file)
    typed = "read_line()\n" + "count = len(line)\nprint(count)\n" * 8
    window.type(typed, delay=8)
    window.press("Escape")
    window.press("Control+End")
    window.type("self.st", delay=30)
    window.see_ghost_text()
    squeezed = "".join(window.saved(file).decode().split())
    assert squeezed == "".join((SOURCE + typed + "self.st").split())
    saw(f"{len(typed)} keys, 8 ms apart; then ghost text")
    quiet_log(window)


@pytest.mark.parametrize(
    ("name", "before", "typed", "end"),
    [
        ("emoji.py", "# 😀 👩‍👩‍👧 naïve\n", "", "\n"),
        ("combining.py", "# e\u0301 \u0928\u093f o\u0308\n", "", "\n"),
        ("crlf.py", "# €\n", "", "\r\n"),
        ("same_line.py", "", "x = '😀e\u0301'; ", "\n"),
    ],
)
def test_what_is_accepted_stands_exactly_where_it_was_shown(
    ready: Window, home: Home, saw: Saw, name: str, before: str, typed: str, end: str
) -> None:
    source = (before + SOURCE).replace("\n", end)
    file = home.file(name, source)
    window = ready(file)
    if typed:
        window.press("Home", "Home")
        line = source.rpartition("\n")[2]
        window.press("Shift+End", "Delete")
        window.insert(" " * 12 + typed + line.lstrip())
        source = source.removesuffix(line) + " " * 12 + typed + line.lstrip()
    window.type("re")
    text = window.see_ghost_text()
    window.press("Tab")
    assert window.saved(file) == f"{source}re{text}".encode()
    saw(f"{text!r}")
    quiet_log(window)


def test_tabs_stay_tabs(ready: Window, home: Home, saw: Saw) -> None:
    source = SOURCE.replace("    ", "\t")
    file = home.file("tabs.py", source)
    window = ready(file)
    window.type("re")
    text = window.see_ghost_text()
    window.press("Tab")
    assert window.saved(file).decode() == f"{source}re{text}"
    saw(f"{text!r}")


def test_suggestions_go_on_from_the_entry_that_is_selected_in_the_list(
    ready: Window, home: Home, saw: Saw
) -> None:
    file = home.file("reader.py", SOURCE)
    window = ready(file, **{"editor.wordBasedSuggestions": "currentDocument"})
    window.type("rea")
    window.page.locator(".suggest-widget.visible .monaco-list-row.focused").first.wait_for()
    row = window.page.locator(".suggest-widget.visible .monaco-list-row.focused").first
    entry = row.get_attribute("aria-label").split(",")[0]
    text = window.see_ghost_text()
    assert ("rea" + text).startswith(entry)
    saw(f"list entry {entry!r}, ghost text {text!r}")
    quiet_log(window)


def test_several_cursors_are_left_alone(ready: Window, home: Home, saw: Saw) -> None:
    source = SOURCE + "\n" + SOURCE.rpartition("\n")[2]
    file = home.file("reader.py", source)
    window = ready(file)
    window.press("Control+Alt+ArrowUp")
    window.type("re")
    window.see_status(r"embedded")
    window.page.wait_for_timeout(1000)
    assert window.ghost_text() == ""
    assert (
        window.saved(file).decode().count("line = self.re\n")
        + window.saved(file).decode().endswith("line = self.re")
        == 2
    )
    quiet_log(window)


def test_cells_of_a_notebook_are_completed(ready: Window, home: Home, saw: Saw) -> None:
    cell: dict[str, object] = {"cell_type": "code", "metadata": {}, "outputs": []}
    source = SOURCE.splitlines(keepends=True)
    cells = [{**cell, "execution_count": None, "source": source}]
    language = {"language_info": {"name": "python"}}
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": language, "cells": cells}
    file = home.file("book.ipynb", json.dumps(book))
    other = home.file("a.py", "")
    window = ready(other)
    window.press("Control+p")
    window.page.locator(".quick-input-widget input").first.fill(str(file))
    window.page.locator(".quick-input-list .monaco-list-row", has_text=file.name).first.wait_for()
    window.press("Enter")
    window.page.locator(".notebook-editor .cell .view-lines").first.click()
    window.press("Control+End")
    window.type("re")
    text = window.see_ghost_text()
    window.press("Tab")
    window.press("Control+s")
    window.page.locator(".tab.active:not(.dirty)").first.wait_for()
    assert "".join(json.loads(file.read_text("utf-8"))["cells"][0]["source"]) == f"{SOURCE}re{text}"
    saw(f"{text!r}")
    quiet_log(window)
