"""The text area: textual's editor with ghost text in it, over as many lines as it has."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Key, MouseEvent
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Document, Edit, EditResult, Location, Selection

from polylsp.demo.ghost import Ghost
from polylsp.demo.look import THEME

# By a file's ending: the languages that textual knows how to colour with grammars that polylsp has anyway.
_COLOURED = {
    ".go": "go",
    ".java": "java",
    ".js": "javascript",
    ".mjs": "javascript",
    ".py": "python",
    ".rs": "rust",
}
_MARGIN = 3  # Lines kept in sight below the cursor, for what may be suggested there.
_OPENER = re.compile(r"[\[({:]\s*$")


class Code(TextArea):
    """Posts `Moved` whenever the text has changed or the cursor has moved."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+right,alt+f", "cursor_word_right"),
        Binding("ctrl+n", "turn(1)"),
        Binding("ctrl+p", "turn(-1)"),
    ]

    class Moved(Message):
        """The cursor is somewhere else, or something else is around it."""

    class Wanted(Message):
        """Somebody asks by hand for what there is."""

    class Taken(Message):
        """All that was shown of a suggestion was taken."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Pressed(Message):
        """Somebody typed."""

    def __init__(self, text: str, ending: str, changed: Callable[[str, int], None]) -> None:
        """`changed` is told of every new text and of the cursor in it, before anything is drawn."""
        super().__init__(
            text,
            language=_COLOURED.get(ending),
            soft_wrap=False,
            tab_behavior="indent",
            show_line_numbers=True,
        )
        self.register_theme(THEME)
        self.theme = THEME.name
        self.cursor_blink = False
        self.indent_type = "tabs" if "\n\t" in text else "spaces"
        self.ghost: Ghost | None = None
        self._below: list[str] = []  # Its lines below the cursor's, with spaces for tabs.
        self._known = self.text
        self._tell = changed
        self._changing = False

    @property
    def index(self) -> int:
        """The cursor's offset."""
        assert isinstance(self.document, Document)
        return self.document.get_index_from_location(self.cursor_location)

    def show(self, ghost: Ghost | None) -> None:
        """Draw a suggestion, if it is one for where the cursor is."""
        before = self.ghost
        fits = ghost is not None and ghost.offset == self.index
        self.ghost = ghost if fits and self.selection.is_empty else None
        row, column = self.cursor_location
        at = self.get_column_width(row, column)
        first, *below = self.ghost.text.split("\n") if self.ghost else [""]
        self.suggestion = _spaced(first, at, self.indent_width)
        self._below = [_spaced(one, 0, self.indent_width) for one in below]
        self._fit(at)
        if self.ghost != before:
            self.refresh()
            self.scroll_cursor_visible()

    def _fit(self, at: int) -> None:
        """Have room for what is drawn; the cursor stands in column `at`."""
        width, height = self.document.get_size(self.indent_width)
        widest = max(width, at + cell_len(self.suggestion), *map(cell_len, self._below), 0)
        room = max(_MARGIN, len(self._below))
        self.virtual_size = Size(widest + self.gutter_width + 1, height + room)

    def put(self, text: str) -> None:
        """Type `text` where the cursor is, in place of what is selected."""
        start, end = self.selection
        self.replace(text, start, end, maintain_selection_offset=False)

    def action_take(self) -> None:
        """Take the whole suggestion; without one, indent."""
        if (ghost := self.ghost) is None:
            self.put(self._to_next_stop())
        else:
            self.put(ghost.text)
            self.post_message(self.Taken(ghost.text))

    def action_cursor_word_right(self, select: bool = False) -> None:
        if self.ghost is None or select:
            super().action_cursor_word_right(select)
        else:
            self.put(self.ghost.word)

    def action_cursor_line_end(self, select: bool = False) -> None:
        if self.ghost is None or select:
            super().action_cursor_line_end(select)
        else:
            self.put(self.ghost.line)

    def action_cursor_right(self, select: bool = False) -> None:
        self.show(None)  # Else it would be taken, as far as this line goes.
        super().action_cursor_right(select)

    def action_turn(self, by: int) -> None:
        """Show another suggestion; with no other at hand, ask for all there are."""
        if self.ghost is not None and len(self.ghost.texts) > 1:
            self.show(self.ghost.turned(by))
        else:
            self.post_message(self.Wanted())

    def action_dismiss(self) -> None:
        self.show(None)

    def on_key(self, event: Key) -> None:
        if event.key in ("tab", "escape"):
            event.stop()
            event.prevent_default()
            if event.key == "tab":
                self.action_take()
            else:
                self.action_dismiss()
        elif event.key == "enter":
            event.stop()
            event.prevent_default()
            self.put("\n" + self._indentation())
        if event.is_printable or event.key in ("tab", "enter", "backspace"):
            self.post_message(self.Pressed())

    def on_resize(self) -> None:
        self.call_after_refresh(self._look_again)

    def _look_again(self) -> None:
        """Have in sight what was before the window changed."""
        self.show(self.ghost)
        self.scroll_cursor_visible()

    def edit(self, edit: Edit) -> EditResult:
        with self._change():
            return super().edit(edit)

    def undo(self) -> None:
        with self._change():
            super().undo()

    def redo(self) -> None:
        with self._change():
            super().redo()

    def watch_selection(self, _: Selection) -> None:
        """Forget what was suggested elsewhere, before anything is drawn."""
        if self.is_mounted and not self._changing:
            self.show(self.ghost)
            self.post_message(self.Moved())

    @contextlib.contextmanager
    def _change(self) -> Iterator[None]:
        self._changing = True
        try:
            yield
        finally:
            self._changing = False
        old, self._known, cursor = self._known, self.text, self.index
        self._tell(self._known, cursor)
        self.show(_left(self.ghost, old, self._known, cursor))
        self.post_message(self.Moved())

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Any:
        """As ever, and have what is suggested below in sight, too."""
        scrolled = super().scroll_cursor_visible(center, animate)
        row, column = self.cursor_location
        below = max(_MARGIN, len(self._below)) + 1
        height = min(below, self.scrollable_content_region.height)
        region = Region(self.get_column_width(row, column), row, 3, height)
        return scrolled + self.scroll_to_region(region, animate=animate, force=True)

    def get_target_document_location(self, event: MouseEvent) -> Location:
        """What is below ghost text was pushed down by it."""
        row, column = super().get_target_document_location(event)
        cursor = self.cursor_location[0]
        pushed = min(len(self._below), max(0, row - cursor))
        return self.clamp_visitable((row - pushed, column))

    def render_line(self, y: int) -> Strip:
        below = self._below
        cursor = self.cursor_location[0] - self.scroll_offset.y
        if not below or y <= cursor:
            return super().render_line(y)
        if y - cursor <= len(below):
            return self._drawn(below[y - cursor - 1])
        return super().render_line(y - len(below))

    def _drawn(self, line: str) -> Strip:
        """A line of ghost text, with nothing in the margin."""
        style = self.get_component_rich_style("text-area--suggestion")
        style += Style(bgcolor=self.rich_style.bgcolor)  # Not the cursor's line's.
        x, width, margin = self.scroll_offset.x, self.size.width, self.gutter_width
        text = Strip([Segment(line, style)]).crop(x, x + width)
        strip = Strip([Segment(" " * margin), *text]).extend_cell_length(width)
        return strip.apply_style(self.rich_style)

    def _to_next_stop(self) -> str:
        if self.indent_type == "tabs":
            return "\t"
        at = self.get_column_width(*self.cursor_location)
        return " " * (self.indent_width - at % self.indent_width)

    def _indentation(self) -> str:
        """That of a new line behind the cursor."""
        row, column = self.cursor_location
        line = self.document.get_line(row)[:column]
        deeper = "\t" if self.indent_type == "tabs" else " " * self.indent_width
        begun = line[: len(line) - len(line.lstrip())]
        return begun + (deeper if _OPENER.search(line) else "")


def _left(ghost: Ghost | None, old: str, new: str, cursor: int) -> Ghost | None:
    """What is left of a suggestion after a change: something if the change was to type along with it."""
    if ghost is None or cursor <= ghost.offset:
        return None
    around = new[: ghost.offset] + new[cursor:]
    return ghost.typed(new[ghost.offset : cursor]) if around == old else None


def _spaced(text: str, at: int, stop: int) -> str:
    """The text with its tabs as spaces, where it begins in column `at`."""
    spaced = ""
    for character in text:
        column = at + cell_len(spaced)
        spaced += " " * (stop - column % stop) if character == "\t" else character
    return spaced
