"""The screen with the embedded model behind it: keys in, ghost text out, the same text on both sides."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Static

from polylsp.client.editor import Editor
from polylsp.demo.ghost import Ghost
from polylsp.demo.lesson import Lesson, read
from polylsp.demo.screen import Demo, show
from polylsp.demo.session import Session

pytestmark = pytest.mark.editors  # The terminal is one.

HEAD = read(None).head
SECONDS = 30
_NUMBERS = itertools.count()

Screen = Pilot[None]
Do = Callable[[Demo, Screen], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    """One server for all of them, its model ready; it has time, and what one test types teaches it nothing."""
    editor = Editor({"engine": {"budget": 20_000}, "memory": {"learn": False}})
    editor.wait_until_ready()
    yield editor
    assert editor.quit() == 0


def test_typing_shows_ghost_text_and_tab_inserts_it(editor: Editor) -> None:
    async def do(demo: Demo, pilot: Screen) -> None:
        await pilot.press(*"func (l *")
        await _until(pilot, lambda: _text(demo).startswith("Ledger"))
        await _answered(demo, pilot)
        typed = "func (l *" + _text(demo)
        assert _drawn(demo)[-1].endswith(typed)
        assert _state(demo) == "ready"
        assert " ms, " in _line(demo)
        accepted = editor.status()["accepted"]
        await pilot.press("tab")
        assert demo.code.text == HEAD + typed
        await _until(pilot, lambda: editor.status()["accepted"] == accepted + 1)

    _on_screen(do, editor)


def test_ghost_text_is_typed_along_with_and_taken_in_parts(editor: Editor) -> None:
    async def do(demo: Demo, pilot: Screen) -> None:
        demo.code.put("func (l *")
        await _until(pilot, lambda: _text(demo).startswith("Ledger"))
        await pilot.press("L")
        assert demo.code.ghost is not None, "it was gone until the server answered"
        assert demo.code.ghost.text.startswith("edger")
        await pilot.press("ctrl+right")
        assert demo.code.text == HEAD + "func (l *Ledger"
        await pilot.press("enter")
        await _answered(demo, pilot)
        demo.code.show(Ghost(demo.code.index, ("a :=\n\tb", "c")))
        await pilot.press("ctrl+n")
        assert _text(demo) == "c"
        await pilot.press("ctrl+p", "end")
        assert demo.code.text.endswith("\na :=")
        await _answered(demo, pilot)
        demo.code.show(Ghost(demo.code.index, ("x",)))
        await pilot.press("escape")
        assert demo.code.ghost is None

    _on_screen(do, editor)


def test_ghost_text_of_several_lines_pushes_down_what_is_below(editor: Editor) -> None:
    async def do(demo: Demo, pilot: Screen) -> None:
        demo.code.move_cursor((1, 6))
        await _answered(demo, pilot)
        before = _drawn(demo)
        demo.code.show(Ghost(demo.code.index, ("\n\ttwo\nthree",)))
        after = _drawn(demo)
        assert [one[3:] for one in after[2:4]] == ["    two", "three"]
        assert after[:2] + after[4:] == before
        demo.code.move_cursor((0, 0))
        assert _drawn(demo) == before, "it is still there, where the cursor is not any more"

    _on_screen(do, editor, text="a := 1\nb := 2\nc := 3\n")


def test_the_server_has_exactly_the_text_of_the_screen(editor: Editor) -> None:
    async def do(demo: Demo, pilot: Screen) -> None:
        demo.code.move_cursor(demo.code.document.end)
        demo.post_message(Paste('\n\ts := "😀e\u0301\u200d👩\u200d🔧\tß"\r\n\x0c\tt := "'))
        await pilot.press(*"()x", "backspace", "left", "u", "enter", "ctrl+z", "ctrl+z")
        await pilot.press("ctrl+y", "up", "end", "enter")
        demo.code.put("if s == ")
        await _agree(demo, pilot)
        await pilot.press("ctrl+n")
        await _until(pilot, lambda: demo.code.ghost is not None)
        assert demo.code.ghost is not None
        expected = _with(demo.code.text, demo.code.index, demo.code.ghost.text)
        await pilot.press("tab")
        assert demo.code.text == expected
        await _agree(demo, pilot)

    _on_screen(do, editor, text="package a\n\nfunc b() {\n}\n")


def test_an_answer_to_what_is_no_more_is_dropped(editor: Editor) -> None:
    async def do(demo: Demo, pilot: Screen) -> None:
        code, session = demo.code, demo.session
        asked = asyncio.ensure_future(session.suggest(code.index, by_hand=True))
        await asyncio.sleep(0)  # It is asked now.
        code.put("x")
        assert await asked is None
        await _answered(demo, pilot)
        older = asyncio.ensure_future(session.suggest(code.index, by_hand=True))
        await asyncio.sleep(0)
        newer = await session.suggest(code.index, by_hand=True)
        assert newer is not None
        assert await older is None
        code.show(Ghost(code.index - 1, ("late",)))
        assert code.ghost is None

    _on_screen(do, editor)


def test_it_types_the_file_by_itself_until_somebody_else_types(editor: Editor) -> None:
    async def do(demo: Demo, pilot: Screen) -> None:
        lesson = demo.lesson
        await pilot.press("x", "ctrl+t")
        await _until(pilot, lambda: len(demo.code.text) > lesson.start + 20)
        await pilot.press("x")
        typed = demo.code.text
        assert not demo.playing
        await pilot.pause(0.1)
        assert demo.code.text == typed
        assert lesson.text.startswith(typed[:-1])
        assert _state(demo) == "ready"

    _on_screen(do, editor, haste=50)


def test_the_panel_tells_what_the_model_was_given(editor: Editor) -> None:
    async def do(demo: Demo, pilot: Screen) -> None:
        def said(part: str) -> str:
            return str(demo.query_one(f"#{part}", Static).content)

        await pilot.press("ctrl+o")
        demo.code.put("func (l *")
        # The last piece is taken off, and the answer must begin with it.
        await _until(pilot, lambda: said("prompt").rstrip("*").endswith("func (l "))
        assert " tokens:" in said("given")
        assert "from cache" in said("counters")
        panel = demo.query_one("#panel")
        assert panel.region.right == 120
        await pilot.resize_terminal(80, 24)
        assert panel.region.bottom == 22
        await pilot.press("ctrl+o")
        assert not panel.display

    _on_screen(do, editor, size=(120, 40))


def test_a_server_that_ends_is_told_of(editor: Editor) -> None:
    async def do(demo: Demo, pilot: Screen) -> None:
        demo._ended(_gone(editor))
        assert "the server has ended" in _line(demo)
        await pilot.press("x")
        assert demo.code.text == HEAD + "x"

    _on_screen(do, editor)


def test_quitting_ends_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Editor] = []

    class Watched(Editor):
        def __init__(self, *arguments: Any, **how: Any) -> None:
            super().__init__(*arguments, **how)
            started.append(self)

    async def pilot(pilot: Screen) -> None:
        await _until(pilot, lambda: _state(pilot.app) == "typing for you")  # type: ignore[arg-type]
        await pilot.press("ctrl+q")

    monkeypatch.setattr("polylsp.demo.screen.Editor", Watched)
    assert show(read(None), {}, play=True, headless=True, auto_pilot=pilot) == ""
    assert [one.connection.process.poll() for one in started] == [0]


def test_without_a_model_it_says_why(tmp_path: Path) -> None:
    missing = {"model": str(tmp_path / "nowhere")}
    assert "nowhere" in show(read(None), missing, play=False, headless=True)


def _on_screen(
    do: Do,
    editor: Editor,
    *,
    text: str | None = None,
    haste: float = 1,
    size: tuple[int, int] = (100, 30),
) -> None:
    """Have a screen of its own document, and do something there."""
    lesson = read(None)
    if text is not None:
        lesson = Lesson(lesson.path, text, 0)
    uri = f"file:///demo/{next(_NUMBERS)}.go"

    async def run() -> None:
        session = Session(uri, lesson.head if text is None else text, lambda: editor)
        demo = Demo(lesson, session, haste=haste)
        async with demo.run_test(size=size) as pilot:
            await _until(pilot, lambda: _state(demo) == "ready")
            await do(demo, pilot)
        editor.close(uri)

    asyncio.run(run())


async def _until(pilot: Screen, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        await pilot.pause(0.01)


async def _answered(demo: Demo, pilot: Screen) -> None:
    """Wait until nothing is asked any more."""
    await pilot.pause()
    await _until(pilot, lambda: all(one.group != "questions" for one in demo.workers))


async def _agree(demo: Demo, pilot: Screen) -> None:
    """Wait for the server's view of the document; fail where it is another than the screen's."""
    session, text = demo.session, demo.code.text
    assert session.text == text
    end = await session.prompt(len(text))
    assert end is not None
    # The last piece may be taken off the prompt: the answer must begin with it.
    assert len(end["text"]) > len(text) - 20
    assert text.startswith(end["text"]) or end["text"].endswith(text)


def _text(demo: Demo) -> str:
    return demo.code.ghost.text if demo.code.ghost is not None else ""


def _line(demo: Demo) -> str:
    return str(demo.query_one("#status", Static).content)


def _state(demo: Demo) -> str:
    return _line(demo).removeprefix("● ").split("   ")[0]


def _drawn(demo: Demo) -> list[str]:
    """The text area's lines as they are drawn, without what is empty at the end."""
    lines = [demo.code.render_line(y).text.rstrip() for y in range(demo.code.size.height)]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _with(text: str, at: int, put: str) -> str:
    return text[:at] + put + text[at:]


def _gone(editor: Editor) -> Any:
    from polylsp.client.rpc import ResponseError

    return ResponseError({"message": "the server has gone"})
