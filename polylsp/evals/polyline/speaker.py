"""A model asked in one way after another: as editors ask, without the gate and the filters.

What it is asked at a place depends on nothing that was asked before. Prompts that come out the same in two ways
are answered once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from polylsp.bench.calibrate.measure import outspoken
from polylsp.completer import Completer
from polylsp.config import Config, SuggestConfig, parse
from polylsp.engine.memory import Source
from polylsp.evals.polyline.ways import NAIVE_CHARACTERS, Way
from polylsp.models.registry import Model
from polylsp.prompt.build import Builder
from polylsp.prompt.pieces import Pieces
from polylsp.suggest.refine import probability
from polylsp.types import Chunk, ChunkKind, Context, Cursor, Draft, Mode, Prompt, Snapshot, Span

TOKENS = 48  # Of an answer, at the most.
_HEALING_TOKENS = 8  # That an answer may say again.
_KEPT = 4000  # Drafts that are remembered.
_LIKELY_ENOUGH = 1e-300  # Nothing is cut for being unlikely.
_LEAST_NAIVE = 200  # Characters from which on it shows how many tokens they take.


@dataclass(frozen=True, slots=True)
class Around:
    """What is at hand where a line is finished."""

    opened: tuple[Snapshot, ...] = ()
    sources: tuple[Source, ...] = ()  # What memory knows besides.


@dataclass(frozen=True, slots=True)
class Said:
    """An answer."""

    text: str
    confidence: float  # The probability that all of it is right: calibrated.
    prompt_tokens: int


class Speaker:
    """One model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._outspoken = outspoken(model, _LIKELY_ENOUGH)
        self._pieces = Pieces(model.tokenizer)
        self._completers: dict[bool, Completer] = {}
        self._drafts: dict[Any, Draft] = {}

    def say(self, cursor: Cursor, way: Way, around: Around) -> Said:
        """The rest of the line at `cursor`. Raises BackendError and ModelError."""
        completer = self._completer(way.memory)
        # A tree that grew out of another one may rarely differ, and nothing may depend on the order.
        completer.forget(cursor.snapshot.uri)
        context = completer.context(cursor, around.opened)
        kept = [chunk for chunk in context.chunks if chunk.kind not in way.without]
        chunks = (*_below(cursor, way.below), *kept)
        prompt = self._prompt(replace(context, chunks=chunks), way)
        sources = around.sources if way.memory else ()
        draft = self._draft(completer, prompt, context, around.opened, sources, way.memory)
        line = draft.text.partition("\n")[0]
        model = self.model
        calibration = model.mixture.calibration if way.memory else model.calibration
        sure = calibration.right(probability(draft, len(line)), Mode.LINE)
        return Said(line, sure, len(prompt.token_ids))

    def candidates(self, cursor: Cursor, way: Way) -> tuple[Prompt, list[str]]:
        """The prompt at `cursor`, and several lines that may follow it: the likeliest first, then drawn ones."""
        completer = self._completer(way.memory)
        context = completer.context(cursor)
        prompt = self._prompt(context, way)
        drafts = completer.said(prompt, context, explicit=True)
        return prompt, list(dict.fromkeys(map(_line, drafts)))

    def _completer(self, memory: bool) -> Completer:
        if memory not in self._completers:
            self._completers[memory] = Completer(self._outspoken, _config({}, memory))
        return self._completers[memory]

    def _prompt(self, context: Context, way: Way) -> Prompt:
        config = _config(way.prompt, way.memory)
        if not way.equal:
            return self._builder(config, self._room()).build(context)
        naive, room = self._last_characters(context, config.prompt.healing)
        return naive if way.naive else self._builder(config, room).build(context)

    def _builder(self, config: Config, room: int) -> Builder:
        built = Builder.of(self.model.tokenizer, self.model.layout, config.prompt, room)
        return replace(built, pieces=self._pieces)

    def _room(self) -> int:
        """As many tokens as an editor's prompt may have: it leaves room for a block."""
        n_ctx = self.model.weights.n_ctx
        return max(n_ctx // 2, n_ctx - SuggestConfig().block_tokens - _HEALING_TOKENS)

    def _last_characters(self, context: Context, healing: bool) -> tuple[Prompt, int]:
        """The prompt that needs no builder; and how many tokens so many characters take."""
        tokenizer, start = self.model.tokenizer, self.model.layout.start
        text = context.cursor.prefix[-NAIVE_CHARACTERS:]
        first = [tokenizer.special[start]] if start else []
        ids = tokenizer.encode(text)
        per_character = len(ids) / len(text) if len(text) >= _LEAST_NAIVE else 1 / 3
        room = min(len(first) + max(len(ids), int(NAIVE_CHARACTERS * per_character)), self._room())
        left, healed = tokenizer.heal(text, ids) if healing else (ids, "")
        if not (first or left):
            left, healed = ids, ""
        return Prompt(text, (*first, *left[-(room - len(first)) :]), healed), room

    def _draft(
        self,
        completer: Completer,
        prompt: Prompt,
        context: Context,
        opened: Sequence[Snapshot],
        sources: Sequence[Source],
        memory: bool,
    ) -> Draft:
        key = (prompt.token_ids, prompt.healed)
        if memory:
            return completer.said(prompt, context, opened, sources)[0]
        if key not in self._drafts:
            if len(self._drafts) >= _KEPT:
                self._drafts.clear()
            self._drafts[key] = completer.said(prompt, context)[0]
        return self._drafts[key]


def _config(prompt: Mapping[str, Any], memory: bool) -> Config:
    """Time plays no part: a slow machine gets the answers that a fast one gets."""
    config, problems = parse(
        {
            "engine": {"budget": 60_000, "explicitBudget": 60_000},
            "suggest": {"lineTokens": TOKENS},
            "prompt": dict(prompt),
            "memory": {"enabled": memory, "learn": False, "workspace": False},
        }
    )
    assert not problems
    return config


def _below(cursor: Cursor, lines: int) -> list[Chunk]:
    """So many lines below the cursor's, as those of another file are shown."""
    rest = cursor.suffix.split("\n", lines + 1)[1 : lines + 1]
    text = "\n".join(rest).strip("\n") + "\n"
    here = cursor.snapshot
    span = Span(cursor.offset, cursor.offset + len(text))
    return [Chunk(ChunkKind.NEIGHBOUR, here.path, span, text)] if text.strip() else []


def _line(draft: Draft) -> str:
    """The line that was said; asked by hand, a model may begin with line ends."""
    return draft.text.strip("\n").partition("\n")[0].rstrip()
