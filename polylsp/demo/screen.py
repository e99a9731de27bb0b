"""The screen: a text area, a line that tells what the server does, and a panel of what it was given."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from random import Random
from typing import Any, ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from polylsp.client.editor import Editor
from polylsp.demo import words
from polylsp.demo.code import Code
from polylsp.demo.lesson import EXAMPLE, Lesson
from polylsp.demo.look import SHEET
from polylsp.demo.session import Answer, Session
from polylsp.demo.typist import Press, press
from polylsp.errors import PolyError

_WIDE = 110  # Columns; with fewer, the panel is below.
# The most telling first: where the window is narrow, the line is cut.
_KEYS = (
    ("tab", "accept"),
    ("ctrl+t", "watch"),
    ("ctrl+o", "what it saw"),
    ("ctrl+q", "quit"),
    ("ctrl+→", "word"),
    ("end", "line"),
    ("ctrl+n", "next"),
    ("esc", "dismiss"),
)
_COLOURS = {"ready": "#a3be8c", "typing for you": "#88b4d8", "ended": "#d08770"}


class Demo(App[None]):
    """Leaves the session to whoever made it."""

    TITLE = "polylsp"
    CSS = SHEET
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "play"),
        Binding("ctrl+o", "look"),
    ]

    def __init__(
        self, lesson: Lesson, session: Session, *, play: bool = False, haste: float = 1
    ) -> None:
        """`play`: type the file as soon as there is a model, `haste` times as fast as people do."""
        super().__init__()
        self.lesson = lesson
        self.session = session
        self.status: dict[str, Any] = {"state": "loading"}
        self.answer: Answer | None = None  # The last one, as long as it is about what is shown.
        self.playing = False
        self._play_at_once = play
        self._haste = haste
        self.code = Code(session.text, lesson.path.suffix, session.change)

    def compose(self) -> ComposeResult:
        yield Static(self._title(), id="title")
        with Container(id="work"):
            yield self.code
            with Container(id="panel"):
                yield Static(id="counters", markup=False)
                with Container(id="model"):
                    yield Static(id="given", markup=False)
                    with VerticalScroll(id="sight", can_focus=False):
                        yield Static(id="prompt", markup=False)
        yield Static(id="status")
        yield Static(_keys(), id="keys")

    def on_mount(self) -> None:
        self.code.focus()
        self.code.move_cursor(_location(self.lesson, self.session.text))
        self._serve()

    def on_resize(self, event: Resize) -> None:
        self.query_one("#work").set_class(event.size.width < _WIDE, "narrow")
        self.call_after_refresh(self.query_one("#sight").scroll_end, animate=False)

    def on_code_moved(self) -> None:
        self._suggest(by_hand=False)

    def on_code_wanted(self) -> None:
        self._suggest(by_hand=True)

    def on_code_taken(self, taken: Code.Taken) -> None:
        if self.answer is not None:
            self.session.accepted(self.answer, taken.text)

    def on_code_pressed(self) -> None:
        """Whoever presses a key has the keyboard."""
        self.playing = False

    def action_play(self) -> None:
        """Type the file, or stop it."""
        self.playing = not self.playing
        if self.playing:
            self._play()
        self._tell()

    async def action_look(self) -> None:
        self.query_one("#panel").toggle_class("open")
        self.code.focus()
        await self._refresh_panel()

    @work(group="questions")
    async def _suggest(self, by_hand: bool) -> None:
        try:
            answer = await self.session.suggest(self.code.index, by_hand=by_hand)
            if answer is None:
                return
            self.answer = answer
            self.code.show(answer.ghost)
            self.status = await self.session.status()
            await self._refresh_panel()
        except PolyError as error:
            self._ended(error)
        self._tell()

    @work
    async def _serve(self) -> None:
        """Wait for server and model, then keep an eye on them."""
        try:
            await self.session.start()
            while (await self._look_after())["state"] == "loading":
                await asyncio.sleep(0.05)
            if self.status["state"] == "no model":
                self.exit(return_code=1)
                return
            self._suggest(by_hand=False)
            if self._play_at_once:
                self.action_play()
            while True:
                await asyncio.sleep(1)
                await self._look_after()
        except PolyError as error:
            self._ended(error)

    async def _look_after(self) -> dict[str, Any]:
        self.status = await self.session.status()
        self._tell()
        return self.status

    @work(group="play", exclusive=True)
    async def _play(self) -> None:
        """Type what is left of the file, taking suggestions that are right."""
        chance = Random(7)
        self.code.move_cursor(self.code.document.end)
        if not self._left():
            self.code.select_all()
            self.code.put(self.lesson.head)
        while self.playing and (left := self._left()):
            ghost = self.code.ghost
            key = press(left, ghost, chance)
            assert key is not None
            await asyncio.sleep(key.seconds / self._haste)
            if self.playing and self._left() == left and self.code.ghost == ghost:
                self._press(key)  # Else there is something else to look at by now.
        self.playing = False
        self._tell()

    def _press(self, key: Press) -> None:
        if key.takes and self.code.ghost is not None and self.code.ghost.text == key.text:
            self.code.action_take()
        else:
            self.code.put(key.text)

    def _left(self) -> str | None:
        """What is left to be typed of the file; None where something else stands there by now."""
        text = self.lesson.text
        whole = self.session.text
        return text[len(whole) :] if text.startswith(whole) and self._at_end() else None

    def _at_end(self) -> bool:
        return self.code.index == len(self.session.text)

    async def _refresh_panel(self) -> None:
        if not self.query("#panel.open"):
            return
        self._put("#counters", words.counters(self.status))
        prompt = await self.session.prompt(self.code.index)
        if prompt is not None:
            self._put("#given", words.given(prompt))
            self._put("#prompt", prompt["text"])
            for sight in self.query("#sight").results(VerticalScroll):
                sight.scroll_end(animate=False)

    def _ended(self, error: PolyError) -> None:
        self.playing = False
        self.status = {"state": "ended", "message": str(error)}
        self._tell()

    def _tell(self) -> None:
        self._put("#status", self._line(), layout=False)

    def _put(self, place: str, content: Content | str, *, layout: bool = True) -> None:
        """Show something, if the screen is still there: answers come while it is closed."""
        for one in self.query(place).results(Static):
            one.update(content, layout=layout)

    def _line(self) -> Content:
        status, ghost = self.status, self.code.ghost
        state = "typing for you" if self.playing else status["state"]
        said: list[str] = [status.get("model") or "", words.speed(self.answer, status)]
        if ghost is not None and "memory" in status:
            said.append(words.origin(status["memory"]))
        if ghost is not None and len(ghost.texts) > 1:
            said.append(f"{ghost.chosen + 1} of {len(ghost.texts)}")
        if status["state"] == "ended":
            said = ["the server has ended; ctrl+q, and `polylsp doctor` may know why"]
        colour = _COLOURS.get(state, "#d8c08a")
        return Content.assemble(
            ("● ", colour), (state, colour), *(f"   {one}" for one in said if one)
        )

    def _title(self) -> Content:
        name = self.lesson.path.name
        return Content.assemble(
            ("polylsp", "bold #d5dae3"),
            f"   {name}   type, or ctrl+t and watch   nothing is sent or saved",
        )


def show(lesson: Lesson, settings: Mapping[str, Any], *, play: bool, **how: Any) -> str:
    """Show the lesson until somebody quits; why there was nothing to show, or "". `how`: as `App.run`."""
    text = lesson.head if play or lesson.path == EXAMPLE else lesson.text
    # The status is asked for; told unasked, it would be kept for ever.
    able: Mapping[str, Any] = {"textDocument": {"inlineCompletion": {}}, "experimental": {}}
    session = Session(lesson.path.as_uri(), text, partial(Editor, settings, capabilities=able))
    demo = Demo(lesson, session, play=play)
    try:
        demo.run(**how)
    finally:
        session.close()
    return str(demo.status["message"]) if demo.return_code else ""


def _location(lesson: Lesson, text: str) -> tuple[int, int]:
    """Where the cursor is at first: where the head ends, line and column."""
    head = text[: lesson.start]
    return head.count("\n"), len(head) - head.rfind("\n") - 1


def _keys() -> Content:
    return Content.assemble(
        *(one for key, does in _KEYS for one in ((key, "#88b4d8"), f" {does}  "))
    )
