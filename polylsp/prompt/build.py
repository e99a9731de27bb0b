"""Context → Prompt: fit, format, encode.

A pure function of its arguments: nothing is remembered but token counts, and those change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from polylsp.config import PromptConfig
from polylsp.prompt.fit import cell_of, choose, near
from polylsp.prompt.format import arrange, shortened
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
        head = self._head(context)
        text, token_ids = self._text(context, self.budget - len(head.token_ids), head.shown_behind)
        healed = ""
        if self.config.healing:
            left, healed = self.tokenizer.heal(text, token_ids)
            if left or head.token_ids:
                token_ids = left
            else:
                healed = ""
        if not (head.token_ids or token_ids):
            text, token_ids = "\n", self.tokenizer.encode("\n")[:1]
        return Prompt(head.text + text, (*head.token_ids, *token_ids), healed)

    def _head(self, context: Context) -> _Head:
        """Special tokens, the path, and the suffix where it helps."""
        layout, head = self.layout, _Head()
        path = context.cursor.snapshot.path
        if layout.start and self.budget > 1:
            self._add(head, layout.start)
        if layout.path and path and self.config.path:
            line = self.tokenizer.encode(shortened(path, _PATH_CHARACTERS) + "\n")
            if len(line) <= _PATH_SHARE * self.budget:
                self._add(head, layout.path, line)
        if layout.suffix and layout.prefix and _wanted(self.config.suffix, layout.use_suffix):
            suffix = self._suffix(context)
            if len(head.token_ids) + 2 + len(suffix) < self.budget:
                self._add(head, layout.suffix, suffix)
                self._add(head, layout.prefix)
                head.shown_behind = len(self.tokenizer.decode(suffix))
        return head

    def _add(self, head: _Head, special: str, plain: Sequence[int] = ()) -> None:
        head.text += special + self.tokenizer.decode(plain)
        head.token_ids += [self.tokenizer.special[special], *plain]

    def _suffix(self, context: Context) -> list[int]:
        """The text behind the cursor that may be shown: whole lines, as far as its share goes."""
        suffix = context.cursor.suffix
        room = int(self.budget * self.config.suffix_share)
        shown = suffix[: room * 8]
        ids = self.tokenizer.encode(shown)
        if len(ids) > room:
            ids = ids[:room]
            shown = self.tokenizer.decode(ids).rstrip("\ufffd")
        if len(shown) < len(suffix) and "\n" in shown:
            shown = shown[: shown.rindex("\n") + 1]
        return self.tokenizer.encode(shown)[:room]

    def _text(self, context: Context, room: int, behind: int) -> tuple[str, list[int]]:
        """The text before the cursor and what goes with it, in `room` tokens at the most."""
        cursor, count = context.cursor, self.pieces.count
        prefix, text = cursor.prefix, cursor.snapshot.text
        chunks = [chunk for chunk in context.chunks if chunk.kind is not ChunkKind.NEAR]
        # Near text first, then what fits beside it; what that leaves free goes to the near text again.
        target, cell = room - int(room * self.config.context_share), cell_of(room)
        edge = near(prefix, target, cell, count).edge
        chosen = choose(_clear_of(chunks, edge, context, behind), room - target, count)
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
                return shown, token_ids
        token_ids = token_ids[-room:]
        return self.tokenizer.decode(token_ids), token_ids


@dataclass(slots=True)
class _Head:
    """What stands before the text."""

    text: str = ""
    token_ids: list[int] = field(default_factory=list)
    shown_behind: int = 0  # Characters of the suffix.


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
