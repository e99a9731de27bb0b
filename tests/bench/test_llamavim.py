"""What llama.vim asks, keeps and shows; and that all of it reaches a real llama.cpp."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from polylsp.bench.replay.contestant import Contestant, Shown
from polylsp.bench.replay.hints import Around, Hints, visible
from polylsp.bench.replay.llamavim import LlamaVim
from polylsp.errors import ModelError, PolyError
from tests import tinies
from tests.bench.scripted import Scripted
from tests.marks import cursor


def around(marked: str, lines: int = 256) -> Around:
    place = cursor(marked)
    return Around.of(place.snapshot.text, place.offset, lines)


def seen(answer: str, marked: str) -> str:
    place = cursor(marked)
    return visible(answer, place.snapshot.text, place.offset)


def test_a_window_of_lines_is_asked_with() -> None:
    found = around("".join(f"{n}\n" for n in range(9)) + "  x = █)\n" + "a\nb\nc\n", lines=4)
    assert found == Around("5\n6\n7\n8\n  x = ", ")\na\n", 2, ")")


def test_in_a_blank_line_the_answer_starts_with_the_indentation() -> None:
    assert around("def f():\n    █\nx\n") == around("def f():\n█\nx\n")
    assert around("def f():\n    █\nx\n") == Around("def f():\n", "\nx\n", 0, "")


def test_an_answer_is_found_where_it_was_given() -> None:
    hints = Hints()
    hints.store(around("a = █\nb"), "1")
    assert hints.get(around("a = █\nb")) == "1"
    assert hints.get(around("a = █\nc")) is None
    assert hints.holds(around("a = █\nb"))


def test_what_is_typed_since_must_be_what_was_said() -> None:
    hints = Hints()
    hints.store(around("a = █"), "one + two")
    assert hints.rest(around("a = one█")) == " + two"
    assert hints.rest(around("a = on_█")) is None
    assert hints.rest(around("a = one + two█")) is None  # Nothing is left of it.
    assert hints.get(around("a = one█")) is None


def test_of_several_rests_the_longest_is_shown() -> None:
    hints = Hints()
    hints.store(around("a = █"), "one + two")
    hints.store(around("a = o█"), "ne")
    hints.store(around("a = on█"), "e + 2")
    assert hints.rest(around("a = one█")) == " + two"


def test_nothing_is_looked_for_further_back_than_128_characters() -> None:
    hints, answer = Hints(), "x" * 200
    hints.store(around("a█"), answer)
    assert hints.rest(around("a" + "x" * 128 + "█")) == "x" * 72
    assert hints.rest(around("a" + "x" * 129 + "█")) is None


def test_an_answer_of_several_lines_is_typed_through_over_line_ends() -> None:
    hints = Hints()
    hints.store(around("if a:█\nz\n"), "\n    b()\n    c()")
    assert hints.rest(around("if a:\n    b█\nz\n")) == "()\n    c()"
    # A blank line counts from its start.
    assert hints.rest(around("if a:\n    b()\n  █\nz\n")) == "    c()"


def test_an_answer_outlives_up_to_three_lines_at_the_top_of_the_window() -> None:
    hints = Hints()
    hints.store(around("1\n2\n3\n4\n5\nx█"), "yz")
    for top in ("2\n3\n4\n5\n", "3\n4\n5\n", "4\n5\n"):
        assert hints.rest(around(f"{top}xy█")) == "z"
    assert hints.rest(around("5\nxy█")) is None
    assert len(hints) == 4


def test_the_least_recently_used_key_goes() -> None:
    hints = Hints(most=2)
    hints.store(around("a█"), "1")
    hints.store(around("b█"), "2")
    assert hints.get(around("a█")) == "1"
    hints.store(around("c█"), "3")
    assert (hints.get(around("a█")), hints.get(around("b█"))) == ("1", None)
    hints.store(around("c█"), "4")  # It is there already: nothing has to go.
    assert (hints.get(around("a█")), hints.get(around("c█"))) == ("1", "4")


@pytest.mark.parametrize(
    ("answer", "marked", "text"),
    [
        ("1\n\n", "a = █\nb", "1"),
        ("\n\n", "a = █\nb", ""),
        ("  \n", "a = █\nb", ""),
        (")", "f(█)", ""),  # The rest of the line.
        ("a)", "f(█)", "a)"),
        ("        x\n        y", "    █\nb", "    x\n        y"),  # Indented as it is already.
        ("  x", "    █\nb", "x"),
        ("\nb = 2", "a = 1█\nb = 2\nc", ""),  # The lines below.
        ("\nb = 3", "a = 1█\nb = 2\nc", "\nb = 3"),
        ("b = 2", "█\n\nb = 2\nc\nd", ""),
        ("b = 2\nc", "█\n\nb = 2\nc\nd", ""),
        ("b = 2\nc\nd", "█\n\nb = 2\nc\nd", ""),
        ("b = 2\nc\ne", "█\n\nb = 2\nc\nd", "b = 2\nc\ne"),
        ("x", "█", "x"),
    ],
)
def test_what_repeats_the_text_is_not_shown(answer: str, marked: str, text: str) -> None:
    assert seen(answer, marked) == text


@pytest.fixture
def vim(monkeypatch: pytest.MonkeyPatch) -> Iterator[LlamaVim]:
    """Behind it, a server that knows what will be typed, and says all of a line, or of a further one."""
    monkeypatch.setattr("polylsp.bench.replay.client.Server", Scripted)
    made = LlamaVim(Path("model.gguf"), threads=1, context=4096)
    yield made
    made.quit()


def opened(vim: LlamaVim, target: str, start: str = "") -> Scripted:
    vim.open("file:///code/a%20b.py", "python", start, len(start))
    server = vim.server
    assert isinstance(server, Scripted)
    server.target = target
    return server


def typed(vim: LlamaVim, keys: str, at: int = 0) -> None:
    for offset, key in enumerate(keys, at):
        vim.press(offset, offset, key, offset + 1)


def test_a_hint_is_shown_and_what_would_follow_it_is_asked_for(vim: LlamaVim) -> None:
    server = opened(vim, "one two\nthree\n")
    typed(vim, "o")
    vim.settle(20)
    assert vim.screen() == Shown(1, "ne two")
    assert [(one.prefix, one.cap_ms) for one in server.asked] == [
        ("o", 250),
        ("one two", 1000),
    ]
    assert {(one.path, one.suffix, one.n_predict) for one in server.asked} == {
        ("a b.py", "\n", 128)
    }
    [press] = vim.presses
    assert press.asked
    assert press.answered
    assert press.at <= press.asked <= press.answered
    assert (press.text, press.typed_through) == ("ne two", False)


def test_what_is_typed_through_is_shown_at_once_and_asked_for_all_the_same(vim: LlamaVim) -> None:
    server = opened(vim, "one two\nthree\n")
    typed(vim, "o")
    vim.settle(20)
    server.open.clear()
    typed(vim, "n", 1)
    assert vim.screen() == Shown(2, "e two")
    assert (vim.presses[1].text, vim.presses[1].typed_through) == ("e two", True)
    server.open.set()
    vim.settle(20)
    assert [one.prefix for one in server.asked[2:]] == ["on"]
    assert vim.screen() == Shown(2, "e two")
    assert vim.figures()["cache_hits"] == 1


def test_what_follows_an_accepted_hint_is_there_already(vim: LlamaVim) -> None:
    server = opened(vim, "one two\nthree\n")
    typed(vim, "o")
    vim.settle(20)
    server.open.clear()
    vim.press(1, 1, "ne two", 7)
    assert vim.screen() == Shown(7, "\nthree")
    assert vim.presses[1].typed_through
    server.open.set()


def test_keys_in_a_running_request_wait_and_its_answer_serves_them(vim: LlamaVim) -> None:
    server = opened(vim, "one two\nthree\n")
    server.open.clear()
    typed(vim, "one")
    assert vim.screen() is None
    server.open.set()
    vim.settle(20)
    assert vim.screen() == Shown(3, " two")
    assert [one.prefix for one in server.asked] == ["o", "one two"]
    assert [press.answered is not None for press in vim.presses] == [False, False, True]
    assert vim.presses[2].typed_through is False


def test_an_answer_that_came_too_late_is_kept(vim: LlamaVim) -> None:
    server = opened(vim, "one two\nthree\n")
    server.open.clear()
    typed(vim, "ox")
    server.open.set()
    vim.settle(20)
    assert vim.screen() is None
    assert vim.presses[1].text == ""  # Its own answer.
    vim.press(1, 2, "", 1)
    assert vim.screen() == Shown(1, "ne two")


def test_with_much_behind_the_cursor_nothing_is_asked_for(vim: LlamaVim) -> None:
    server = opened(vim, "one two", "123456789")
    vim.press(0, 0, "o", 1)
    vim.settle(20)
    assert server.asked == []
    vim.press(9, 10, "", 9)
    vim.press(0, 1, "o", 1)
    vim.settle(20)
    assert server.asked


def test_an_error_of_the_server_is_told(vim: LlamaVim) -> None:
    opened(vim, "one").target = None
    typed(vim, "o")
    with pytest.raises(ModelError, match="nothing to say"):
        vim.settle(20)
    with pytest.raises(ModelError, match="nothing to say"):
        vim.screen()


def test_a_client_that_is_not_done_says_so(vim: LlamaVim) -> None:
    server = opened(vim, "one two\n")
    server.open.clear()
    typed(vim, "o")
    with pytest.raises(PolyError, match=r"llama\.vim's rules is not done after 0 seconds"):
        vim.settle(0)
    server.open.set()


def test_nothing_is_shown_in_a_document_that_was_closed(vim: LlamaVim) -> None:
    server = opened(vim, "one two\n")
    server.open.clear()
    typed(vim, "o")
    vim.close()
    server.open.set()
    vim.settle(20)
    assert vim.screen() is None
    assert vim.presses[0].answered is None
    assert len(server.asked) == 1


def test_moving_away_and_back_shows_the_hint_again(vim: LlamaVim) -> None:
    server = opened(vim, "one two\nthree\n")
    typed(vim, "o")
    vim.settle(20)
    vim.press(0, 0, "", 0)
    assert vim.screen() is None
    vim.settle(20)
    vim.press(1, 1, "", 1)
    assert vim.screen() == Shown(1, "ne two")
    assert server.asked[2].suffix == "o\n"


def test_who_has_quit_says_so(vim: LlamaVim) -> None:
    contestant: Contestant = vim
    contestant.quit()
    with pytest.raises(PolyError, match="has quit"):
        contestant.figures()


@pytest.mark.heavy
@pytest.mark.llama_cpp
def test_a_real_llama_cpp_is_asked(tmp_path: Path) -> None:
    file = tinies.exported(tmp_path, replace(tinies.NEOX, context=512), "f32", target="gguf")
    vim = LlamaVim(file / "model.gguf", threads=1, context=512)
    try:
        before = vim.cpu_seconds()
        vim.open("file:///code/a.py", "python", "def add(a, b):\n", 15)
        typed(vim, "    return", 15)
        vim.settle(60)
        assert vim.presses[-1].answered
        assert vim.cpu_seconds() > before
        figures = vim.figures()
        assert figures["requests"] >= 2
        assert 0 < figures["reused_tokens"] < figures["prompt_tokens"]
    finally:
        vim.quit()
