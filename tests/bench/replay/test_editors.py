"""Two editors' manners before a real server: what is asked, cancelled, kept on the screen."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from polylsp.bench.replay.contestant import Contestant, Shown
from polylsp.bench.replay.editors import CLIENTS, Neovim, VsCode, process_seconds
from polylsp.errors import PolyError

TEXT = (Path(__file__).parent.parent.parent / "samples" / "ring_buffer.c").read_text("utf-8")
URI = "file:///ring_buffer.c"
SETTINGS = {"engine": {"budget": 60_000}}  # A busy machine answers all the same.
_SPEED = 10.0
_PATIENCE = 60.0


@pytest.fixture(scope="module", params=sorted(CLIENTS))
def client(request: pytest.FixtureRequest) -> Iterator[Contestant]:
    started = CLIENTS[request.param](SETTINGS, _SPEED)
    yield started
    started.quit()


@pytest.fixture
def at(client: Contestant) -> Iterator[int]:
    """Where the document ends that is open, two characters before a suggestion comes."""
    offset = TEXT.index("size_t") + 2
    client.open(URI, "c", TEXT[:offset], offset)
    yield offset
    client.close()


def type_until_shown(client: Contestant, at: int) -> tuple[int, Shown]:
    """Type on, each key waiting for its answer, until the screen shows the truth."""
    for end in range(at + 1, len(TEXT)):
        client.press(end - 1, end - 1, TEXT[end - 1], end)
        client.settle(_PATIENCE)
        shown = client.screen()
        if shown and len(shown.text) > 2:
            return end, shown
    raise AssertionError("nothing was suggested")


def test_a_key_is_timed_to_its_own_answer(client: Contestant, at: int) -> None:
    end, shown = type_until_shown(client, at)
    press = client.presses[-1]
    assert press.offset == end == shown.offset
    assert press.text == shown.text
    assert press.asked is not None
    assert press.answered is not None
    assert press.at + client.delay <= press.asked < press.answered


def test_what_is_typed_through_stays_and_the_rest_goes(client: Contestant, at: int) -> None:
    end, shown = type_until_shown(client, at)
    client.press(end, end, shown.text[0], end + 1)
    assert client.screen() == Shown(end + 1, shown.text[1:])
    assert client.presses[-1].typed_through
    client.press(end + 1, end + 1, "\u00a7", end + 2)
    assert client.screen() is None
    assert not client.presses[-1].typed_through


def test_nothing_is_asked_for_a_key_that_another_follows_at_once(
    client: Contestant, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "delay", 0.5)
    for end in range(at + 1, at + 4):
        client.press(end - 1, end - 1, TEXT[end - 1], end)
    client.settle(_PATIENCE)
    *others, last = client.presses[-3:]
    assert [press.asked for press in others] == [None, None]
    assert last.answered is not None


def test_a_closed_document_shows_nothing(client: Contestant, at: int) -> None:
    client.press(at, at, TEXT[at], at + 1)
    client.close()
    assert client.screen() is None
    client.open(URI, "c", TEXT[:at], at)
    assert client.screen() is None


def test_only_neovim_asks_after_a_mere_move(client: Contestant, at: int) -> None:
    client.press(at - 3, at - 3, "", at - 3)
    client.settle(_PATIENCE)
    assert (client.presses[-1].asked is not None) is (client.name == "neovim")


def test_a_contestant_tells_what_it_cost(client: Contestant, at: int) -> None:
    type_until_shown(client, at)
    assert client.figures()["answers"] > 0
    seconds = client.cpu_seconds()
    assert math.isnan(seconds) or seconds > 0


def test_both_wait_as_their_editors_do() -> None:
    assert (VsCode.delay, VsCode.cancels) == (0.06, True)
    assert (Neovim.delay, Neovim.cancels) == (0.2, False)


def test_a_server_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolyError, match="nowhere"):
        VsCode({"model": str(tmp_path / "nowhere")})


def test_processor_time_is_of_one_process() -> None:
    assert math.isnan(process_seconds(2**30))
    assert process_seconds(os.getpid()) > 0
