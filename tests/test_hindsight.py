"""What came where something was expected is found in a later prompt."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from polylsp.engine.backend import softmax
from polylsp.engine.mix import ROWS, Gate, Mixed, experts, mixed
from polylsp.hindsight import Hindsight
from polylsp.types import Prompt
from tests import marks, tinies

with TemporaryDirectory() as folder:
    TOKENIZER = tinies.tokenizer(Path(folder))


def prompt(text: str, healed: str = "", behind: str = "") -> Prompt:
    ids = TOKENIZER.encode(text), TOKENIZER.encode(behind)
    return Prompt(text, (*ids[0], *ids[1]), healed, len(ids[1]))


def nothing() -> Mixed:
    return mixed(softmax(np.zeros(300, np.float32)), experts([], Gate({name: [] for name in ROWS})))


def came(then: str, now: str, healed: tuple[str, str] = ("", ""), behind: str = "") -> list[str]:
    hindsight = Hindsight(TOKENIZER)
    here = marks.cursor(then + marks.CURSOR)
    hindsight.expect(here, prompt(then.removesuffix(healed[0]), healed[0]), nothing())
    there = marks.cursor(now + marks.CURSOR)
    seen = prompt(now.removesuffix(healed[1]), healed[1], behind)
    found = [TOKENIZER.decode([token]) for _, token in hindsight.came(there, seen)]
    assert list(hindsight.came(there, seen)) == []  # Each only once.
    return found


def test_the_token_that_came_is_found() -> None:
    assert came("x = ", "x = self.a") == ["self"]
    assert came("x = ", "x = self.a", behind="# what stands behind") == ["self"]


def test_a_word_that_was_begun_is_the_token_that_it_became() -> None:
    assert came("x = se", "x = self.a", ("se", "")) == ["self"]
    assert came("x = se", "x = self", ("se", "self")) == []  # It may go on.


def test_other_text_before_the_place_tells_nothing() -> None:
    assert came("x = ", "y = self.a") == []
    assert came("x = ", "x ") == []


def test_a_place_within_a_token_tells_nothing() -> None:
    assert came("x = se", "x = self.a") == []
