"""The client that keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from polylsp.bench.replay.contestant import Shown
from polylsp.bench.replay.naive import Naive
from tests import tinies
from tests.bench.scripted import Scripted


@pytest.fixture
def naive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Naive]:
    monkeypatch.setattr("polylsp.bench.replay.client.Server", Scripted)
    made = Naive(Path("model.gguf"), threads=1, context=512)
    made.open("file:///code/a.py", "python", "", 0)
    yield made
    made.quit()


def scripted(naive: Naive, target: str) -> Scripted:
    assert isinstance(naive.server, Scripted)
    naive.server.target = target
    return naive.server


def test_every_key_is_asked_for_with_everything_and_what_was_said_is_gone(naive: Naive) -> None:
    server = scripted(naive, "one\ntwo\n")
    for offset, key in enumerate("on"):
        naive.press(offset, offset, key, offset + 1)
        assert naive.screen() is None
        naive.settle(20)
        assert naive.screen() == Shown(offset + 1, "one"[offset + 1 :])
    assert [(one.prefix, one.suffix) for one in server.asked] == [("o", ""), ("on", "")]
    assert not any(one.reuse for one in server.asked)
    assert [press.text for press in naive.presses] == ["ne", "e"]
    assert not any(press.typed_through for press in naive.presses)
    assert naive.figures()["requests"] == 2


def test_only_the_first_line_is_shown(naive: Naive) -> None:
    scripted(naive, "one\ntwo\n")
    naive.press(0, 0, "one", 3)
    naive.settle(20)
    assert naive.screen() is None
    assert naive.presses[0].text == ""
    assert naive.presses[0].answered


def test_keys_in_a_burst_are_asked_for_once(naive: Naive) -> None:
    server = scripted(naive, "one\n")

    def burst() -> None:
        naive.press(0, 0, "o", 1)
        naive.press(1, 1, "n", 2)

    naive.loop.call(burst)
    naive.settle(20)
    assert [one.prefix for one in server.asked] == ["on"]
    first, last = naive.presses
    assert (first.asked, first.answered, last.text) == (None, None, "e")


def test_an_answer_that_comes_too_late_is_useless_and_the_newest_key_is_asked_for(
    naive: Naive,
) -> None:
    server = scripted(naive, "one\n")
    server.open.clear()
    naive.press(0, 0, "o", 1)
    while not server.asked:
        naive.screen()
    naive.press(1, 1, "n", 2)
    server.open.set()
    naive.settle(20)
    assert [one.prefix for one in server.asked] == ["o", "on"]
    assert naive.screen() == Shown(2, "e")
    assert naive.presses[0].asked
    assert naive.presses[0].answered is None


@pytest.mark.heavy
@pytest.mark.llama_cpp
def test_a_real_llama_cpp_reads_everything_again(tmp_path: Path) -> None:
    file = tinies.exported(tmp_path, replace(tinies.NEOX, context=512), "f32", target="gguf")
    naive = Naive(file / "model.gguf", threads=1, context=512)
    try:
        naive.open("file:///code/a.py", "python", "def add(a, b):\n", 15)
        for offset in (15, 16):
            naive.press(offset, offset, " ", offset + 1)
            naive.settle(60)
        figures = naive.figures()
        assert (figures["requests"], figures["reused_tokens"]) == (2, 0)
        assert figures["prompt_tokens"] > 2 * 10
    finally:
        naive.quit()
