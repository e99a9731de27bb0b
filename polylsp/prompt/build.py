"""Context → Prompt: fit, format, encode.

A pure function of its arguments: nothing is remembered but token counts, and those change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from polylsp.config import PromptConfig
from polylsp.prompt.fit import choose, near
from polylsp.prompt.format import arrange, shortened
from polylsp.prompt.layout import Layout
from polylsp.prompt.pieces import Pieces
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.types import Chunk, ChunkKind, Context, Prompt

# Tokens kept free beside the text: special tokens, and the path's line.
_PATH_CHARACTERS = 60
_SPECIALS = 4


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
        """The prompt for a context. It never has more than `budget` tokens."""
        cursor = context.cursor
        head, head_ids = self._head(context)
        room = self.budget - len(head_ids)
        prefix, count = cursor.prefix, self.pieces.count
        chunks = [chunk for chunk in context.chunks if chunk.kind is not ChunkKind.NEAR]
        # Near text first, then what fits beside it; what that leaves free goes to the near text again.
        target = room - int(room * self.config.context_share)
        edge = near(prefix, target, count).edge
        chosen = choose(_clear_of(chunks, edge, context), room - target, count)
        used = sum(count([arrange(chosen, "", 0, context.comment)]))
        step = max(1, room // 16)
        found = near(prefix, max(target, (room - used) // step * step), count)
        for first, edge in enumerate(found.borders[found.first :], found.first):
            beside = arrange(_clear_of(chosen, edge, context), prefix[edge:], edge, context.comment)
            start = len(beside) - (len(prefix) - edge)
            borders = [border - edge + start for border in found.borders[first:]]
            token_ids = self.pieces.encode(beside, borders)
            if len(token_ids) <= room:
                break
        healed = ""
        if self.config.healing:
            token_ids, healed = self.tokenizer.heal(beside, token_ids)
        return Prompt(head + beside, (*head_ids, *token_ids[-room:]), healed)

    def _head(self, context: Context) -> tuple[str, list[int]]:
        """What stands before the text: special tokens, the path, and the suffix where it helps."""
        special, layout = self.tokenizer.special, self.layout
        text, ids = "", []
        path = context.cursor.snapshot.path

        def add(token: str | None, plain: str = "") -> None:
            nonlocal text, ids
            if token is not None:
                text += token + plain
                ids += [special[token], *self.tokenizer.encode(plain)]

        add(layout.start)
        if path and self.config.path:
            add(layout.path, shortened(path, _PATH_CHARACTERS) + "\n")
        if layout.fills and _wanted(self.config.suffix, layout.use_suffix):
            add(layout.suffix, self._suffix(context))
            add(layout.prefix)
        return text, ids

    def _suffix(self, context: Context) -> str:
        """The text behind the cursor that may be shown: whole lines, as far as its share goes."""
        suffix = context.cursor.suffix
        room = int(self.budget * self.config.suffix_share)
        shown = suffix[: room * 8]
        ids = self.tokenizer.encode(shown)
        if len(ids) > room:
            shown = self.tokenizer.decode(ids[:room])
        if len(shown) < len(suffix) and "\n" in shown:
            shown = shown[: shown.rindex("\n") + 1]
        return shown


def _wanted(setting: str, measured: bool) -> bool:
    return measured if setting == "auto" else setting == "on"


def _clear_of(chunks: list[Chunk], edge: int, context: Context) -> list[Chunk]:
    """Those of `chunks` that show nothing of what stands from `edge` to the cursor."""
    offset = context.cursor.offset
    return [
        chunk
        for chunk in chunks
        if chunk.kind is ChunkKind.NEIGHBOUR or chunk.span.end <= edge or chunk.span.start >= offset
    ]
