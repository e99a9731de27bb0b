"""What is on the screen stays there for as long as it fits what is typed, whatever else could be said by then.

Files are typed into a server whose model is fickle: it says something else at every place, so that nothing
but the server's own memory can make two answers agree. And into one with the embedded model; `LONG_RUNS=1`
types every sample there.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from polylsp.client.editor import AUTOMATIC, INVOKED, position
from polylsp.completer import Completer, snapshot
from polylsp.models.registry import Model
from polylsp.suggest.refine import still_good
from polylsp.types import Cursor, Suggestion
from tests.fakes import ScriptedWeights, scripted_model
from tests.lsp.wire import Wire, asynchronous
from tests.tinies import FIRST_BYTE, bytes_of

SAMPLES = [Path(__file__).parents[1] / "samples" / name for name in ("lru.go", "graph_search.py")]
KEYS = 120
EVERY = sorted(SAMPLES[0].parent.iterdir())
SETTINGS: dict[str, Any] = {
    "suggest": {"confidence": "eager", "syntax": False, "lineTokens": 16, "blockTokens": 24},
    "engine": {"budget": 60_000, "explicitBudget": 60_000, "lookup": False},
    "prompt": {"budget": 200},
    # It would bring the model back on the way, and less would be seen that could be replaced.
    "memory": {"enabled": False},
}


class Fickle(ScriptedWeights):
    """A model that knows the file that is typed, and goes astray after some words: other ones at each prompt."""

    def __init__(self, text: str) -> None:
        super().__init__(self._says, n_ctx=512)
        self._text = text.encode()
        self._asked = 0

    def _says(self, token_ids: Sequence[int]) -> int:
        if len(self.sizes) < 2 or self.sizes[-1] > 1:
            self._asked = len(token_ids)
        said = len(token_ids) - self._asked
        chance = random.Random(self._asked)
        true_for = chance.randint(0, 12)
        if said == true_for:
            return FIRST_BYTE + ord(chance.choice("xyz"))
        before = bytes_of(token_ids[-40:])
        for length in (12, 6):
            at = self._text.find(before[-length:])
            if 0 <= at < len(self._text) - length:
                return FIRST_BYTE + self._text[at + length]
        return FIRST_BYTE + ord("\n")


@dataclass
class Screen:
    """What the user of a client sees: the last answer, while nothing but its start was typed behind it."""

    before: str = ""
    behind: str = ""
    texts: list[str] = field(default_factory=list)

    def show(self, before: str, behind: str, texts: list[str]) -> None:
        if not texts or self.left(before, behind) != texts:
            self.before, self.behind, self.texts = before, behind, texts

    def move(self, before: str, behind: str) -> None:
        """Nothing is seen any more once none of it fits."""
        if not self.left(before, behind):
            self.texts = []

    def left(self, before: str, behind: str) -> list[str]:
        """What is seen of it in a document that reads so by now."""
        if behind != self.behind or not before.startswith(self.before):
            return []
        typed = before[len(self.before) :]
        return [
            text[len(typed) :] for text in self.texts if text.startswith(typed) and text != typed
        ]


class Typist:
    """Types a file into a server, and looks at the screen after every key."""

    def __init__(self, wire: Wire, file: Path, chance: random.Random) -> None:
        self._wire = wire
        self._chance = chance
        self._uri = f"file:///code/{file.name}"
        self._truth = file.read_text(encoding="utf-8")
        start = self._truth.index("\n", len(self._truth) // 4) + 1
        self._before, self._behind = self._truth[:start], "\n"
        self._version = 1
        self._screen = Screen()
        self.stayed = 0  # Answers that had to be what was seen already, and were.
        wire.open(self._before + self._behind, self._uri, "")

    async def key(self) -> None:
        """Type something or take something back, mostly the way somebody would who knows the file."""
        deed = self._chance.random()
        left = self._screen.left(self._before, self._behind)
        if left and deed < 0.5:
            self._type(left[0][: self._chance.randint(1, 3)])  # Along with what is seen.
        elif left and deed < 0.55:
            self._type(left[-1])  # Accepted.
        elif deed < 0.7:
            self._delete(self._chance.randint(1, 4))
        elif deed < 0.75:
            self._type("q")
            self._delete(1)
        else:
            at = len(self._before)
            self._type(self._truth[at] if self._truth.startswith(self._before) else "\n")
        if self._chance.random() < 0.03:
            await self._wire.command("polylsp.clearCache")
            self._screen = Screen()
        if self._chance.random() < 0.9:
            await self._ask(INVOKED if self._chance.random() < 0.1 else AUTOMATIC)

    async def _ask(self, trigger: int) -> None:
        seen = self._worth_showing()
        place = position(self._before + self._behind, len(self._before))
        line, character = place["line"], place["character"]
        texts = await self._wire.texts(line, character, uri=self._uri, trigger=trigger)
        if seen and trigger == AUTOMATIC:
            assert texts == seen, self._before[-60:]
            self.stayed += 1
        self._screen.show(self._before, self._behind, texts)

    def _worth_showing(self) -> list[str]:
        """What is seen, without what the text filters would cut by now."""
        text = self._before + self._behind
        here = Cursor(snapshot(self._uri, 0, "", text, self._uri), len(self._before))
        left = self._screen.left(self._before, self._behind)
        return [one for one in left if still_good(Suggestion(here, one, 1.0))]

    def _type(self, text: str) -> None:
        end = len(self._before)
        self._edit(end, end, text)

    def _delete(self, count: int) -> None:
        self._edit(max(0, len(self._before) - count), len(self._before), "")

    def _edit(self, start: int, end: int, text: str) -> None:
        places = [position(self._before, at) for at in (start, end)]
        change = {"range": dict(zip(("start", "end"), places, strict=True)), "text": text}
        self._version += 1
        document = {"uri": self._uri, "version": self._version}
        params = {"textDocument": document, "contentChanges": [change]}
        self._wire.tell("textDocument/didChange", params)
        self._before = self._before[:start] + text + self._before[end:]
        self._screen.move(self._before, self._behind)


def fickle(folder: Path) -> Callable[[Any], Completer]:
    weights = Fickle("\n".join(file.read_text(encoding="utf-8") for file in SAMPLES))
    return lambda config: Completer(scripted_model(folder, weights), config)


@pytest.mark.parametrize("size", [1, 500])
@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
@asynchronous
async def test_what_is_seen_and_still_fits_is_never_replaced(
    tmp_path: Path, file: Path, size: int
) -> None:
    """However little is remembered of what was suggested elsewhere; something has to be."""
    settings = {**SETTINGS, "suggest": {**SETTINGS["suggest"], "cache": size}}
    wire = await Wire(fickle(tmp_path)).ready(settings)
    typist = Typist(wire, file, random.Random(size))
    for _ in range(KEYS):
        await typist.key()
    assert typist.stayed > KEYS / 5


@pytest.mark.parametrize(
    "file", EVERY if os.environ.get("LONG_RUNS") else SAMPLES[:1], ids=lambda file: file.name
)
@asynchronous
async def test_nor_is_it_with_a_real_model(embedded: Model, file: Path) -> None:
    wire = await Wire(lambda config: Completer(embedded, config)).ready(SETTINGS)
    typist = Typist(wire, file, random.Random(3))
    for _ in range(KEYS // 2):
        await typist.key()
    assert typist.stayed > KEYS / 20
