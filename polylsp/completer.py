"""The line itself: Cursor → suggestions. Read this first.

The one place that sees every station (the model's two by way of `generation.py`). `complete` belongs to the
engine thread; `find` may be asked from any thread and never waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from polylsp.config import Config
from polylsp.context.collect import collect
from polylsp.context.gate import gate
from polylsp.engine.generate import never
from polylsp.engine.learn import Learner
from polylsp.engine.live import Live
from polylsp.engine.memory import Memory, Place, Source
from polylsp.errors import BackendError, ModelError
from polylsp.generation import Generation, Wish
from polylsp.models.registry import Model, load_model
from polylsp.models.resolve import expected
from polylsp.stats import Stats, Stopwatch, resident_bytes
from polylsp.suggest.cache import Cache
from polylsp.suggest.refine import Request, refine
from polylsp.suggest.screen import Screen
from polylsp.suggest.speculate import beyond
from polylsp.syntax.languages import LANGUAGES, identify
from polylsp.syntax.parser import Tree, Trees
from polylsp.types import (
    Answer,
    Completion,
    Context,
    Cursor,
    Draft,
    Finish,
    Mode,
    Prompt,
    Silence,
    Snapshot,
    Suggestion,
    Trace,
)
from polylsp.workspace import files
from polylsp.workspace.library import Library
from polylsp.workspace.streams import Streams


def snapshot(
    uri: str, version: int, language_id: str, text: str, path: str = "", file: str = ""
) -> Snapshot:
    """A document as a door has it; `language_id` is LSP's, "" where nobody said."""
    language = identify(language_id, path or file, text)
    return Snapshot.of(uri, version, language, text, path, file)


def endings() -> tuple[str, ...]:
    """How the names of files end that it knows the language of."""
    return tuple(end for language in LANGUAGES for end in language.extensions)


def load(config: Config, say: Callable[[str], None] = lambda _: None) -> Completer:
    """A completer with the model that `config` names; `say` hears of conversions. Raises ModelError."""
    return Completer(load_model(config.model, config.engine, say), config)


def filling(config: Config) -> Callable[[], int] | None:
    """Tells how many per cent of what the model needs are in memory by now; None where nobody knows its needs."""
    needed, before = expected(config.model), resident_bytes()
    if not needed or before is None:
        return None
    return lambda: max(0, min(99, 100 * ((resident_bytes() or 0) - before) // needed))


class Completer:
    """Everything that lives as long as a model is loaded."""

    def __init__(self, model: Model, config: Config) -> None:
        self.model = model
        self.stats = Stats()
        self._trees = Trees()
        self._companions = files.Companions()
        self._streams = Streams(model.tokenizer)
        self._learner = Learner(model.mixture.gate)
        self.screen = Screen()
        self.library = Library(model.tokenizer, config.memory)
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Take other settings over. Caches are emptied; the model stays."""
        self.config = config
        self._generation = Generation(self.model, config, self._learner)
        self._cache = Cache(config.suggest.cache)
        self.library.configure(config.memory)

    def complete(
        self,
        cursor: Cursor,
        others: Sequence[Snapshot] = (),
        *,
        explicit: bool = False,
        cancelled: Callable[[], bool] = never,
        said: Callable[[str], object] = never,
        asked: bool = True,
        supposed: bool = False,
    ) -> Answer:
        """What to suggest at `cursor`; `others` are the other open documents, most useful first.

        `explicit`: asked by hand, so anything is better than silence. `said` hears the text of the first
        candidate as it grows. Not `asked`: the editor has not asked yet, it will find the answer when it
        does. `supposed`: what stands before the cursor was not all typed yet. Never raises on what a user can
        type.
        """
        found = self._found(cursor, explicit, asked, waited=True)
        if found is not None:
            return found
        watch = Stopwatch()
        if not supposed:  # What the model says itself must teach nothing.
            self._streams.see(cursor.snapshot)
        tree = self._trees.parse(cursor.snapshot)
        watch.lap("syntax")
        mode = gate(cursor, tree, explicit, self.config.suggest.blocks)
        if isinstance(mode, Silence):
            return self.stats.note(Answer((), mode, Trace(watch.milliseconds)), asked)
        context = self._context(cursor, mode, tree, others)
        watch.lap("context")
        prompt = self._generation.build(context)
        if not supposed:
            self._generation.learn(cursor, prompt)
        watch.lap("prompt")
        try:
            completions = self._generation.answer(
                prompt,
                context,
                Wish(explicit, asked, cancelled, said),
                self._memory(cursor, others, prompt),
            )
        except (BackendError, ModelError):
            self._generation.sessions.clear()
            return self.stats.note(Answer((), Silence.ERROR, Trace(watch.milliseconds)), asked)
        watch.lap("engine")
        request = Request(cursor, mode, explicit, tree)
        drafts = [self._generation.decode(one, prompt) for one in completions]
        refined = [self._refine(draft, request) for draft in drafts]
        suggestions, silence = _outcome(completions, refined)
        self._cache.store(cursor, suggestions, explicit)
        if silence is not None:
            self._cache.store_silence(cursor, silence, explicit)
        elif not explicit:
            suggestions, silence = self._wanted(suggestions)
        watch.lap("suggest")
        trace = _trace(watch, completions)
        return self.stats.note(Answer(suggestions, silence, trace), asked)

    def find(self, cursor: Cursor, *, explicit: bool = False, asked: bool = True) -> Answer | None:
        """An answer that needs no model: a reason to be silent, or what is left of a suggestion."""
        return self._found(cursor, explicit, asked, waited=False)

    def _found(self, cursor: Cursor, explicit: bool, asked: bool, *, waited: bool) -> Answer | None:
        watch = Stopwatch()
        barred = self._barred(cursor.snapshot, explicit)
        kept = not (barred or explicit) and self.config.suggest.cache > 0
        seen = self.screen.left(cursor) if kept else ()
        found = () if barred else seen or self._cache.find(cursor, explicit)
        silence = barred or (None if found else self._cache.silence(cursor, explicit))
        if found and not (seen or explicit):
            found, silence = self._wanted(found)
        watch.lap("cache")
        if not (found or silence):
            return None
        earlier = not (barred or (waited and self._cache.holds(cursor, explicit)))
        trace = Trace(watch.milliseconds, hit=not barred, earlier=earlier)
        return self.stats.note(Answer(found, silence, trace), asked)

    def beyond(self, cursor: Cursor, answer: Answer) -> str:
        """What will probably be typed at `cursor`, where `answer` was given, before the next is asked for."""
        return beyond(cursor, answer)

    def warm_up(
        self,
        snapshot: Snapshot,
        offset: int | None,
        others: Sequence[Snapshot] = (),
        cancelled: Callable[[], bool] = never,
    ) -> None:
        """Have the model read what an answer at `offset` would build on; one anywhere, if that is not known.

        Raises BackendError and ModelError.
        """
        if self._barred(snapshot, explicit=False):
            return
        end = len(snapshot.text)
        places = (end // 2, end) if offset is None else (min(offset, end),)
        prompts = [self._prompt(Cursor(snapshot, at), others) for at in places]
        self._generation.read(prompts, cancelled)
        if self.config.memory.enabled and not cancelled():
            self._streams.sources(Cursor(snapshot, places[-1]), _open(others))

    @property
    def tapes(self) -> int:
        """How many documents the model can have in mind at once."""
        return self._generation.sessions.limit

    def prompt(self, cursor: Cursor, others: Sequence[Snapshot] = ()) -> Prompt | Silence:
        """What the model would be given at `cursor`, for people to see; or why it would not be asked."""
        barred = self._barred(cursor.snapshot, explicit=True)
        if barred:
            return barred
        return self._prompt(cursor, others)

    def draft(
        self, cursor: Cursor, sources: Sequence[Source] = ()
    ) -> tuple[Draft, Request] | Silence:
        """What the model says at `cursor` unasked, before any of it is cut; or why it is not asked.

        `sources` is what memory knows besides. Raises BackendError and ModelError.
        """
        barred = self._barred(cursor.snapshot, explicit=False)
        tree = self._trees.parse(cursor.snapshot)
        mode = barred or gate(cursor, tree, False, self.config.suggest.blocks)
        if isinstance(mode, Silence):
            return mode
        context = self._context(cursor, mode, tree, ())
        draft, *_ = self.said(self._generation.build(context), context, sources=sources)
        return draft, Request(cursor, mode, False, tree)

    def context(self, cursor: Cursor, others: Sequence[Snapshot] = ()) -> Context:
        """What could be shown for the rest of the line at `cursor`, wherever that is."""
        tree = self._trees.parse(cursor.snapshot)
        return self._context(cursor, Mode.LINE, tree, others)

    def said(
        self,
        prompt: Prompt,
        context: Context,
        others: Sequence[Snapshot] = (),
        sources: Sequence[Source] = (),
        explicit: bool = False,
    ) -> list[Draft]:
        """What the model says to a `prompt`, for measurements: one that somebody else may have made of `context`.

        `sources` is what memory knows besides; several candidates where `explicit`. Raises BackendError and
        ModelError.
        """
        memory = self._memory(context.cursor, others, prompt, sources)
        said = self._generation.answer(prompt, context, Wish(explicit), memory)
        return [self._generation.decode(one, prompt) for one in said]

    def forget(self, uri: str) -> None:
        """Drop what is known of a closed document."""
        self._trees.forget(uri)
        self._streams.forget(uri)

    def rest(self) -> None:
        """Give the weights' memory back, and the tapes'. What was suggested before can be found all the same."""
        self._generation.sessions.clear()
        self.model.weights.unload()

    def wake(self) -> None:
        """Have the weights in memory. Raises ModelError."""
        self.model.weights.reload()

    def memory(self) -> dict[str, float | None]:
        """Megabytes: what this process takes, where the system tells, and what its tapes may grow to."""
        resident = resident_bytes()
        return {
            "resident": None if resident is None else round(resident / 2**20, 1),
            "tapes": round(self._generation.sessions.bytes / 2**20, 1),
        }

    def clear(self) -> None:
        """Empty every cache, which costs time and changes no answer; and unlearn what typing has taught."""
        self._cache.clear()
        self.screen.clear()
        self._generation.sessions.clear()
        self._trees.clear()
        self._streams.clear()
        self._learner.reset()

    def _memory(
        self,
        cursor: Cursor,
        others: Sequence[Snapshot],
        prompt: Prompt,
        more: Sequence[Source] = (),
    ) -> Memory | None:
        """What the user's own code knows, as it is seen from `cursor`; None where it is not to be asked."""
        if not self.config.memory.enabled:
            return None
        others = _open(others)
        opened = [one.file for one in (cursor.snapshot, *others) if one.file]
        documents = self._streams.sources(cursor, others, prompt.healed)
        return Memory([*documents, *self.library.sources(opened), *more])

    def _refine(self, draft: Draft, request: Request) -> Suggestion | Silence:
        suggest, memory = self.config.suggest, self.config.memory.enabled
        refined = refine(draft, request, suggest, self._generation.calibration, memory=memory)
        if isinstance(refined, Silence) or draft.origin is None:
            return refined
        return replace(refined, origin=self._origin(draft.origin))

    def _origin(self, place: object) -> str:
        """Where what memory gave the most of stands, for people."""
        if not isinstance(place, Place):
            return ""
        source, at = place.source, place.at
        found = self.library.origin(source, at)
        if found is None and isinstance(source, Live):
            found = self._streams.origin(source, at)
        return f"{found[0]}:{found[1]}" if found else ""

    def _wanted(
        self, suggestions: tuple[Suggestion, ...]
    ) -> tuple[tuple[Suggestion, ...], Silence | None]:
        """Those that were not turned down; or that all were."""
        wanted = tuple(one for one in suggestions if not self.screen.turned_down(one))
        return wanted, None if wanted else Silence.UNWANTED

    def _barred(self, snapshot: Snapshot, explicit: bool) -> Silence | None:
        """Why there is nothing to suggest in this document at all."""
        config = self.config
        if not config.enabled or not (config.automatic or explicit):
            return Silence.PAUSED
        if _secret(snapshot):
            return Silence.SECRET
        if not snapshot.language or snapshot.language in config.disabled_languages:
            return Silence.LANGUAGE
        if len(snapshot.text) > files.MOST_CHARACTERS:
            return Silence.SIZE
        if "\x00" in snapshot.text:
            return Silence.BINARY
        return None

    def _prompt(self, cursor: Cursor, others: Sequence[Snapshot]) -> Prompt:
        return self._generation.build(self.context(cursor, others))

    def _context(
        self, cursor: Cursor, mode: Mode, tree: Tree | None, others: Sequence[Snapshot]
    ) -> Context:
        beside = self._beside(cursor, others)
        return collect(cursor, mode, tree, beside, self._trees, self.config.context)

    def _beside(self, cursor: Cursor, others: Sequence[Snapshot]) -> Sequence[Snapshot]:
        """What may be shown beside the cursor's document: no secrets; a C or C++ file's header first."""
        here = cursor.snapshot
        others = _open(others)
        if not self.config.context.companion or not here.file:
            return others
        found = self._companions.find(Path(here.file), here.path)
        known = found is not None and any(other.path == found.path for other in others)
        return others if found is None or known else [found, *others]


def _open(others: Sequence[Snapshot]) -> list[Snapshot]:
    """Those that may be shown."""
    return [other for other in others if not _secret(other)]


def _secret(snapshot: Snapshot) -> bool:
    return files.is_secret(snapshot.path) or files.is_secret(snapshot.file)


def _outcome(
    completions: Sequence[Completion], refined: Sequence[Suggestion | Silence]
) -> tuple[tuple[Suggestion, ...], Silence | None]:
    """The suggestions, the likeliest first; or why there are none.

    Each text once, and none that another goes on from: shorter ones are always likelier, and say less.
    """
    if completions[-1].finish is Finish.CANCELLED:
        return (), Silence.CANCELLED
    distinct = {one.text: one for one in refined if isinstance(one, Suggestion)}
    if distinct:
        wholes = [
            one
            for text, one in distinct.items()
            if not any(other != text and other.startswith(text) for other in distinct)
        ]
        return tuple(sorted(wholes, key=lambda one: -one.confidence)), None
    first = completions[0]
    if first.finish is Finish.DEADLINE and not first.token_ids:
        return (), Silence.DEADLINE
    return (), next(one for one in refined if isinstance(one, Silence))


def _trace(watch: Stopwatch, completions: Sequence[Completion]) -> Trace:
    first = completions[0]
    return Trace(
        watch.milliseconds,
        # Of one that was ended halfway, what is not read yet has cost nothing.
        prompt_tokens=first.reused + first.prefilled,
        reused=first.reused,
        generated=sum(len(one.token_ids) for one in completions),
        passes=sum(one.passes for one in completions),
        finish=first.finish,
    )
