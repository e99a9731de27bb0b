"""What is kept, wound back and guessed changes no answer: at thousands of places, token by token.

Somebody types in several files. At each key what the completer's model says is set against the same prompt
read by a tape that has read nothing before, without guesses. The weights are whole (fp32) and the time is
not limited, so that there is nothing left that could differ.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from polylsp.completer import Completer, snapshot
from polylsp.config import parse
from polylsp.engine.generate import Limits, generate
from polylsp.engine.recall import Recall
from polylsp.engine.session import Session
from polylsp.models.registry import Model, load_model
from polylsp.suggest.cache import Cache
from polylsp.suggest.refine import still_good
from polylsp.types import Answer, Completion, Cursor, Snapshot, Suggestion
from tests import tinies

ANSWERS = 2000  # For which a model was asked; others are typed through.
SURE = tinies.Tiny("neox-sure", context=256, sharp=5)
SETTINGS = {
    "engine": {"budget": 60_000, "explicitBudget": 60_000, "memory": 2, "threads": 1},
    "suggest": {
        "lineTokens": 5,
        "blockTokens": 14,
        "candidates": 1,
        "syntax": False,
        "confidence": "eager",
    },
    "prompt": {"budget": 120},
}
SAMPLES = [
    Path(__file__).parent / "samples" / name
    for name in ("graph_search.py", "lru.go", "rateLimiter.ts", "bitset.rs")
]


@dataclass
class File:
    """A file somebody is at work in."""

    path: Path
    text: str
    offset: int
    ahead: str  # What is typed next.
    undo: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    def begun(cls, path: Path) -> File:
        """Written by two thirds; the rest is to be typed into a hole behind the first."""
        text = path.read_text(encoding="utf-8")[:1500]
        third = text.index("\n", len(text) // 3) + 1
        half = text.index("\n", 2 * len(text) // 3) + 1
        return cls(path, text[:third] + "\n" + text[half:], third, text[third:half])

    @property
    def snapshot(self) -> Snapshot:
        return snapshot(self.path.as_uri(), 1, "", self.text, self.path.name)

    def replace(self, start: int, new: str) -> None:
        """Put `new` in the place of what stands from `start` to the cursor."""
        self.undo.append((self.text, self.offset))
        self.text = self.text[:start] + new + self.text[self.offset :]
        self.offset = start + len(new)


class Typist:
    """Types, takes back, jumps, undoes, changes files, and takes some of what is suggested."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._files = [File.begun(path) for path in SAMPLES]
        self._suggested: Sequence[Suggestion] = ()

    def see(self, answer: Answer) -> None:
        self._suggested = answer.suggestions

    def places(self) -> Iterator[tuple[Cursor, list[Snapshot]]]:
        """Where the cursor is after each key, and the other files. There is no end to it."""
        while True:
            self._key()
            here, *others = (one.snapshot for one in self._files)
            yield Cursor(here, self._files[0].offset), others

    def _key(self) -> None:
        file, chance = self._files[0], self._chance
        deed = chance.random()
        if deed < 0.1 and self._suggested:
            text = self._suggested[0].text
            file.replace(file.offset, text[: chance.randint(1, len(text))])
        elif deed < 0.2 and file.offset > 3:
            file.replace(file.offset - chance.randint(1, 3), "")
        elif deed < 0.25 and file.undo:
            for _ in range(chance.randint(1, min(5, len(file.undo)))):
                file.text, file.offset = file.undo.pop()
        elif deed < 0.27:
            file.offset = file.text.find("\n", chance.randrange(len(file.text) - 1))
        elif deed < 0.29:
            chance.shuffle(self._files)
        else:
            file.replace(file.offset, file.ahead[:1] or "\n")
            file.ahead = file.ahead[1:]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tinies.exported(tmp_path_factory.mktemp("sure"), SURE)
    config, _ = parse(SETTINGS)
    return load_model(str(folder), config.engine)


def test_reuse_rollback_and_drafts_say_what_a_fresh_pass_would(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is typed through is exactly what is left of an answer before."""
    said: list[Completion] = []

    def both(session: Session, prompt: Sequence[int], limits: Limits, **how: Any) -> Completion:
        found = generate(session, prompt, limits, **how)
        alike = {name: how[name] for name in ("stop", "allowed", "sampling")}
        recall = how["recall"]
        pinned = recall and Recall(recall.memory, recall.gate, recall.history)
        fresh = generate(Session(model.weights.tape()), prompt, limits, **alike, recall=pinned)
        assert found.token_ids == fresh.token_ids, len(said)
        assert found.logprobs == pytest.approx(fresh.logprobs, abs=1e-3)
        assert found.finish == fresh.finish
        said.append(found)
        return found

    monkeypatch.setattr("polylsp.generation.generate", both)
    completer, stored = kept(model, monkeypatch)
    typist = Typist(random.Random(5))
    hits = 0
    for number, (here, others) in enumerate(typist.places()):
        answer = completer.complete(here, others, explicit=number % 9 == 0)
        typist.see(answer)
        if answer.trace.hit and answer.suggestions:
            assert answer.suggestions in [left_of(one, here) for one in stored], number
            hits += 1
        if len(said) >= ANSWERS:
            break
    stats = completer.stats
    tokens, passes = sum(len(one.token_ids) for one in said), sum(one.passes for one in said)
    reused = stats.reused_tokens / stats.prompt_tokens
    print(f"{len(said)} answers and {hits} typed through", end=", ")
    print(f"{tokens} tokens in {passes} passes, {reused:.1%} of the prompts reused")
    assert hits > 100
    assert reused > 0.9
    assert passes < tokens


def kept(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> tuple[Completer, list[tuple[Suggestion, ...]]]:
    """A completer, and the answers that it has put into its cache so far."""
    stored: list[tuple[Suggestion, ...]] = []
    store = Cache.store

    def storing(
        self: Cache, cursor: Cursor, suggestions: tuple[Suggestion, ...], *how: Any
    ) -> None:
        stored.append(suggestions)
        store(self, cursor, suggestions, *how)

    monkeypatch.setattr(Cache, "store", storing)
    config, problems = parse(SETTINGS)
    assert not problems
    return Completer(model, config), stored


def left_of(answer: tuple[Suggestion, ...], here: Cursor) -> tuple[Suggestion, ...]:
    """What is left of an answer at `here`, if it was only typed along with until there."""
    typed = answer[0].cursor.until(here) if answer else None
    if typed is None:
        return ()
    left = [
        replace(one, cursor=here, text=one.text.removeprefix(typed))
        for one in answer
        if one.text.startswith(typed) and one.text != typed
    ]
    return tuple(one for one in left if still_good(one))
