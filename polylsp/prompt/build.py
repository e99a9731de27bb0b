"""Context → Prompt: fit, format, encode.

A pure function of its arguments: nothing is remembered but token counts, and those change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from polylsp.config import PromptConfig
from polylsp.prompt.fit import cell_of, choose, near
from polylsp.prompt.format import arrange, files, repository, shortened
from polylsp.prompt.layout import Layout
from polylsp.prompt.pieces import Pieces
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.types import Chunk, ChunkKind, Context, Prompt, Span

_PATH_CHARACTERS = 60
_PATH_SHARE = 0.2  # Of the prompt; a path that takes more is not worth it.


@dataclass(frozen=True, slots=True)
class Builder:
    """Everything about prompts that does not depend on the cursor."""

    tokenizer: Tokenizer
    layout: Layout
    config: PromptConfig
    budget: int  # The most tokens of a prompt.
    pieces: Pieces

    @classmethod
    def of(cls, tokenizer: Tokenizer, layout: Layout, config: PromptConfig, room: int) -> Builder:
        """`room`: the tokens a prompt may have at the most, by the model's context."""
        budget = min(room, config.budget) if config.budget else room
        return cls(tokenizer, layout, config, budget, Pieces(tokenizer))

    def build(self, context: Context) -> Prompt:
        """The prompt for a context. It has one token at least, and `budget` at the most."""
        frame = self._frame(context)
        room = self.budget - len(frame)
        others, shown = self._text(context, room, frame.shown_behind)
        head, last = frame.before(others), frame.last
        token_ids, healed = [*shown.token_ids], ""
        if self.config.healing:
            left, healed = self.tokenizer.heal(shown.text, token_ids)
            if left or head.token_ids:
                token_ids = left
            else:
                healed = ""
        if not (head.token_ids or token_ids):
            shown, token_ids = _Part("\n"), self.tokenizer.encode("\n")[:1]
        text = head.text + shown.text + last.text
        ids = (*head.token_ids, *token_ids, *last.token_ids)
        return Prompt(text, ids, healed, len(last.token_ids))

    def _frame(self, context: Context) -> _Frame:
        """Special tokens, the path, and the suffix where it helps."""
        layout, frame = self.layout, _Frame()
        if layout.start and self.budget > 1:
            frame = replace(frame, first=self._special(layout.start))
        return self._with_suffix(self._with_path(frame, context), context)

    def _with_path(self, frame: _Frame, context: Context) -> _Frame:
        layout, here = self.layout, context.cursor.snapshot
        if not (here.path and self.config.path and (layout.path or layout.separator)):
            return frame
        mark = self._special(layout.path) if layout.path else _Part()
        path = self._plain(shortened(here.path, _PATH_CHARACTERS) + "\n")
        if len(path.token_ids) > _PATH_SHARE * self.budget:
            return frame
        first, name = frame.first, repository(here.file, here.path)
        if layout.repository and name:
            token, _, line_end = layout.repository.partition("{}")
            whole = self._special(token) + self._plain(name + line_end)
            if len(whole.token_ids) + len(path.token_ids) <= _PATH_SHARE * self.budget:
                first += whole
        if not layout.path_within:
            return replace(frame, first=first, mark=mark + path)
        if layout.separator:
            return replace(frame, first=first, mark=mark, path=path)
        return replace(frame, first=first, path=mark + path)

    def _with_suffix(self, frame: _Frame, context: Context) -> _Frame:
        layout = self.layout
        wanted = _wanted(self.config.suffix, layout.use_suffix)
        if not (wanted and layout.suffix and layout.prefix):
            return frame
        suffix = self._suffix(context)
        before, behind = self._special(layout.prefix), self._special(layout.suffix) + suffix
        last = self._special(layout.middle) if layout.middle else _Part()
        if len(frame) + len((before + behind + last).token_ids) >= self.budget:
            return frame
        if layout.middle and not suffix.text.strip():
            return frame  # Nothing is in the middle of it.
        frame = replace(frame, shown_behind=len(suffix.text))
        if not layout.suffix_first:
            return replace(frame, fill=before, last=behind + last)
        return replace(frame, fill=before + behind + last if layout.middle else behind + before)

    def _suffix(self, context: Context) -> _Part:
        """The text behind the cursor that may be shown: whole lines, as far as its share goes."""
        suffix = context.cursor.suffix
        room = int(self.budget * self.config.suffix_share)
        shown = suffix[: room * 8]
        ids = self.tokenizer.encode_on(shown)
        if len(ids) > room:
            ids = ids[:room]
            shown = self.tokenizer.decode(ids).rstrip("\ufffd")
        if len(shown) < len(suffix) and "\n" in shown:
            shown = shown[: shown.rindex("\n") + 1]
        ids = self.tokenizer.encode_on(shown)[:room]
        return _Part(self.tokenizer.decode(ids), tuple(ids))

    def _text(self, context: Context, room: int, behind: int) -> tuple[_Part, _Part]:
        """Other files, and the text before the cursor with what goes with it, in `room` tokens at the most.

        For a model that knows no border between files, the other ones are part of the text.
        """
        cursor, count = context.cursor, self.pieces.count
        prefix, text = cursor.prefix, cursor.snapshot.text
        chunks = [chunk for chunk in context.chunks if chunk.kind is not ChunkKind.NEAR]
        # Near text first, then what fits beside it; what that leaves free goes to the near text again.
        target, cell = room - int(room * self.config.context_share), cell_of(room)
        edge = near(prefix, target, cell, count).edge
        chosen = choose(_clear_of(chunks, edge, context, behind), room - target, count)
        others, chosen = self._others(chosen, room - target)
        room -= len(others.token_ids)
        used = sum(count([arrange(chosen, Span(0, 0), text, context.comment)]))
        step = max(1, room // 16)
        found = near(prefix, max(target, (room - used) // step * step), cell, count)
        for first, edge in enumerate(found.borders[found.first :], found.first):
            beside = _clear_of(chosen, edge, context, behind)
            shown = arrange(beside, Span(edge, cursor.offset), text, context.comment)
            start = len(shown) - (len(prefix) - edge)
            borders = [border - edge + start for border in found.borders[first:]]
            token_ids = self.pieces.encode(shown, borders)
            if len(token_ids) <= room:
                return others, _Part(shown, tuple(token_ids))
        token_ids = token_ids[-room:]
        return others, _Part(self.tokenizer.decode(token_ids), tuple(token_ids))

    def _others(self, chosen: list[Chunk], room: int) -> tuple[_Part, list[Chunk]]:
        """Other files' chunks as files of their own, where the model knows such; and the chunks left."""
        layout, part = self.layout, _Part()
        if not layout.separator:
            return part, chosen
        for path, text in files(chosen):
            one = self._plain(f"{shortened(path, _PATH_CHARACTERS)}\n{text}")
            if layout.path:
                one = self._special(layout.path) + one
            if layout.separator != layout.path:
                one += self._special(layout.separator)
            if len((part + one).token_ids) <= room:
                part += one
        return part, [chunk for chunk in chosen if chunk.kind is not ChunkKind.NEIGHBOUR]

    def _special(self, token: str) -> _Part:
        return _Part(token, (self.tokenizer.special[token],))

    def _plain(self, text: str) -> _Part:
        ids = self.tokenizer.encode(text)
        return _Part(self.tokenizer.decode(ids), tuple(ids))


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a prompt."""

    text: str = ""
    token_ids: tuple[int, ...] = ()

    def __add__(self, other: _Part) -> _Part:
        return _Part(self.text + other.text, self.token_ids + other.token_ids)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands around the text, in this order; other files come after `first`."""

    first: _Part = _Part()
    mark: _Part = _Part()  # Where the cursor's file begins.
    fill: _Part = _Part()  # Before the prefix: with the suffix, where that comes first.
    path: _Part = _Part()  # That belongs to the prefix.
    last: _Part = _Part()  # Behind the prefix.
    shown_behind: int = 0  # Characters of the suffix.

    def before(self, others: _Part) -> _Part:
        return self.first + others + self.mark + self.fill + self.path

    def __len__(self) -> int:
        return len(self.before(self.last).token_ids)


def _wanted(setting: str, measured: bool) -> bool:
    return measured if setting == "auto" else setting == "on"


def _clear_of(chunks: list[Chunk], edge: int, context: Context, behind: int) -> list[Chunk]:
    """Those of `chunks` that show nothing of what stands from `edge` to `behind` characters past the cursor.

    What stands behind the cursor is shown before the near text. There it makes sense only while all that
    encloses it does too: methods behind the cursor are no use before the line that starts their class.
    """
    offset = context.cursor.offset
    before = [chunk for chunk in chunks if chunk.span.end <= edge]
    headers = [
        _indent(chunk)
        for chunk in context.chunks
        if chunk.kind is ChunkKind.SCOPE and chunk not in before
    ]
    deepest = min(headers, default=None)
    return [
        chunk
        for chunk in chunks
        if chunk.kind is ChunkKind.NEIGHBOUR
        or chunk.span.end <= edge
        or (chunk.span.start >= offset + behind and (deepest is None or _indent(chunk) <= deepest))
    ]


def _indent(chunk: Chunk) -> int:
    return len(chunk.text) - len(chunk.text.lstrip())
