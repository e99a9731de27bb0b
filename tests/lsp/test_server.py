"""What is answered when: newest wins, nothing stale is shown, failures cost a suggestion."""

from __future__ import annotations

import asyncio
import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from polylsp.client.rpc import ResponseError
from polylsp.completer import Completer
from polylsp.config import Config
from polylsp.types import Answer
from tests.fakes import ScriptedWeights
from tests.lsp.wire import END, SAID, SOURCE, URI, Wire, asynchronous, scripted

OTHER = "file:///code/b.py"
CANCELLED, MODIFIED = -32800, -32801


class Stop:
    """Holds the model at one of its passes until it is told to go on."""

    def __init__(self, weights: ScriptedWeights, at: int) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        self._at = at
        weights.on_pass = self._pass

    def _pass(self, number: int) -> None:
        if number == self._at:
            self.reached.set()
            assert self.go.wait(20)

    async def there(self) -> None:
        assert await asyncio.to_thread(self.reached.wait, 20)


async def stopped(
    folder: Path, at: int = 3, ahead: bool = True
) -> tuple[Wire, ScriptedWeights, Stop]:
    """A client with a document open, and the model that will stop at a pass."""
    weights, load = scripted(folder)
    stop = Stop(weights, at)
    client = await Wire(load).ready({"engine": {"warmUp": False, "ahead": ahead}})
    client.open(SOURCE)
    return client, weights, stop


async def code_of(asked: asyncio.Future[Any]) -> Any:
    with pytest.raises(ResponseError) as ended:
        await asked
    return ended.value.code


@asynchronous
async def test_newest_wins(tmp_path: Path) -> None:
    client, _, stop = await stopped(tmp_path)
    old = client.inline(*END)
    await stop.there()
    new = client.inline(*END)
    assert await code_of(old) == MODIFIED  # At once: the model still stands at its pass.
    stop.go.set()
    assert [item["insertText"] for item in (await new)["items"]] == [SAID]


@asynchronous
async def test_nothing_blocks_the_event_loop(tmp_path: Path) -> None:
    client, _, stop = await stopped(tmp_path)
    asked = client.inline(*END)
    await stop.there()
    # The model stands still; everything else goes on.
    assert (await client.status())["state"] == "busy"
    client.open("x = 1", OTHER)
    client.change("x = 2", OTHER)
    document = client.server.documents.find(OTHER)
    assert document is not None
    assert document.source == "x = 2"
    assert not asked.done()
    stop.go.set()
    assert (await asked)["items"]


@asynchronous
async def test_one_document_under_two_spellings_is_one(tmp_path: Path) -> None:
    client, _, stop = await stopped(tmp_path)
    asked = client.inline(*END, uri="file:///c%6Fde/a.py")
    await stop.there()
    client.change("x", "file:///code/%61.py")
    assert await code_of(asked) == MODIFIED
    assert client.server.recent == [URI]
    assert client.server.others("file:///c%6Fde/a.py") == []
    stop.go.set()


@asynchronous
async def test_a_superseded_request_costs_no_further_pass(tmp_path: Path) -> None:
    client, weights, stop = await stopped(tmp_path)
    old = client.inline(*END)
    await stop.there()
    client.change("x", version=2)
    assert await code_of(old) == MODIFIED
    stop.go.set()
    await client.server.schedule.run(lambda: None)
    assert weights.passes == 3


@asynchronous
async def test_a_cancelled_request_costs_no_further_pass(tmp_path: Path) -> None:
    client, weights, stop = await stopped(tmp_path)
    asked = client.inline(*END, trigger=1)
    await stop.there()
    client.cancel(asked)
    assert await code_of(asked) == CANCELLED
    stop.go.set()
    await client.server.schedule.run(lambda: None)
    assert weights.passes == 3
    status = await client.status()
    assert (status["generatedTokens"], status["lastSilence"]) == (3, "cancelled")


async def typed(
    folder: Path, reply: str = SAID + "\n", options: Any = None
) -> tuple[Wire, ScriptedWeights]:
    """A client that has typed the last key of a document, and asked for nothing."""
    weights, load = scripted(folder, reply)
    client = await Wire(load).ready(options)
    client.open(SOURCE[:-1])
    client.type(SOURCE[-1], 0, len(SOURCE) - 1)
    await client.idle()
    return client, weights


@asynchronous
async def test_a_suggestion_is_begun_when_a_key_is_typed(tmp_path: Path) -> None:
    client, weights = await typed(tmp_path)
    assert weights.passes > 0
    assert (await client.status())["answers"] == 0
    assert await client.texts(*END) == [SAID]
    status = await client.status()
    assert status["last"]["hit"]
    assert (status["answers"], status["hitRate"], status["shown"]) == (1, 1.0, 1)


@asynchronous
async def test_that_there_is_nothing_to_suggest_is_not_found_out_twice(tmp_path: Path) -> None:
    client, weights = await typed(tmp_path, "")
    assert weights.passes > 0
    assert (await client.inline(*END))["items"] == []
    status = await client.status()
    assert (status["last"]["hit"], status["lastSilence"]) == (True, "empty")


@asynchronous
async def test_nothing_is_begun_for_what_no_key_does(tmp_path: Path) -> None:
    weights, load = scripted(tmp_path)
    client = await Wire(load).ready()
    client.open("x")
    await client.idle()
    passes = weights.passes
    client.change(SOURCE)  # The whole text.
    await client.idle()
    assert weights.passes == passes


@asynchronous
async def test_nothing_is_begun_ahead_where_that_is_switched_off(tmp_path: Path) -> None:
    _, weights = await typed(tmp_path, options={"engine": {"ahead": False}})
    assert weights.passes == 0


@asynchronous
async def test_nothing_is_begun_ahead_in_a_big_document(tmp_path: Path) -> None:
    weights, load = scripted(tmp_path)
    client = await Wire(load).ready()
    client.open("x = 1\n" * 40_000 + SOURCE[:-1])
    client.type(SOURCE[-1], 40_000, 5)
    await client.idle()
    assert weights.passes == 0
    assert (await client.inline(40_000, 6))["items"]


@asynchronous
async def test_typing_along_with_what_is_generated_does_not_begin_it_again(tmp_path: Path) -> None:
    client, weights, stop = await stopped(tmp_path, ahead=False)
    old = client.inline(*END)
    await stop.there()
    client.type(SAID[0], *END)
    assert await code_of(old) == MODIFIED  # At once: the model still stands at its pass.
    new = client.inline(0, END[1] + 1)
    stop.go.set()
    assert [item["insertText"] for item in (await new)["items"]] == [SAID[1:]]
    assert (await client.status())["last"]["hit"]
    assert weights.sizes.count(1) == len(weights.sizes) - 1  # One prompt was read, once.


@asynchronous
async def test_who_asks_by_hand_does_not_wait_for_what_others_asked(tmp_path: Path) -> None:
    client, _, stop = await stopped(tmp_path)
    old = client.inline(*END)
    await stop.there()
    new = client.inline(*END, trigger=1)
    assert await code_of(old) == MODIFIED
    stop.go.set()
    assert SAID in [item["insertText"] for item in (await new)["items"]]
    assert (await client.status())["silences"] == {"cancelled": 1}


@asynchronous
async def test_typing_against_it_costs_no_further_pass(tmp_path: Path) -> None:
    client, weights, stop = await stopped(tmp_path)
    client.server.settings.apply({"engine": {"ahead": False}})
    old = client.inline(*END)
    await stop.there()
    client.type("x", *END)
    assert await code_of(old) == MODIFIED
    stop.go.set()
    await client.server.schedule.run(lambda: None)
    assert weights.passes == 3


@asynchronous
async def test_what_was_typed_against_is_not_shown_again_there(tmp_path: Path) -> None:
    _, load = scripted(tmp_path)
    client = await Wire(load).ready()
    client.open(SOURCE)
    assert await client.texts(*END) == [SAID]
    client.type("x", *END)
    client.delete(0, END[1], END[1] + 1)
    assert await client.texts(*END) == []
    assert (await client.status())["lastSilence"] == "unwanted"
    assert await client.texts(*END, trigger=1) == [SAID]


@asynchronous
async def test_what_was_taken_and_deleted_is_not_shown_again_there(tmp_path: Path) -> None:
    _, load = scripted(tmp_path)
    client = await Wire(load).ready()
    client.open(SOURCE)
    assert await client.texts(*END) == [SAID]
    client.type(SAID, *END)
    client.delete(0, END[1], END[1] + len(SAID))
    assert await client.texts(*END) == []


@asynchronous
async def test_what_was_typed_along_with_and_taken_back_is_shown_again(tmp_path: Path) -> None:
    _, load = scripted(tmp_path)
    client = await Wire(load).ready()
    client.open(SOURCE)
    assert await client.texts(*END) == [SAID]
    client.type(SAID[:2], *END)
    assert await client.texts(0, END[1] + 2) == [SAID[2:]]
    client.delete(0, END[1], END[1] + 2)
    assert await client.texts(*END) == [SAID]


@asynchronous
async def test_a_change_that_comes_with_the_request_makes_it_stale(tmp_path: Path) -> None:
    client, weights, _ = await stopped(tmp_path, at=100)
    asked = client.inline(*END)
    client.change("x" + SOURCE)  # In the same breath: nothing of the answer has begun.
    assert await code_of(asked) == MODIFIED
    assert weights.passes == 0


@asynchronous
async def test_an_answer_is_told_before_the_next_message_can_make_it_stale(tmp_path: Path) -> None:
    client, _, _ = await stopped(tmp_path, at=100)
    await client.texts(*END)
    asked = client.inline(
        *END
    )  # It is found in the loop's next turn, and the change is that turn's too.
    told: list[bool] = []

    def change() -> None:
        told.append(asked.done())
        client.change("x")

    asyncio.get_running_loop().call_soon(change)
    assert (await asked)["items"]
    assert told == [True]


@pytest.mark.parametrize("how", ["changed", "closed", "closed and opened", "opened again"])
@asynchronous
async def test_a_stale_answer_is_never_shown(tmp_path: Path, how: str) -> None:
    client, _, stop = await stopped(tmp_path)
    asked = client.inline(*END)
    await stop.there()
    if how == "changed":
        client.change(SOURCE + "x")
    if how.startswith("closed"):
        client.close_document()
    if how.endswith(("and opened", "again")):
        client.open("other(", version=1)
    stop.go.set()
    assert await code_of(asked) == MODIFIED


@asynchronous
async def test_documents_do_not_supersede_one_another(tmp_path: Path) -> None:
    client, _, stop = await stopped(tmp_path)
    client.open(SOURCE, OTHER)
    asked = [client.inline(*END), client.inline(*END, uri=OTHER)]
    await stop.there()
    client.open("", "file:///code/c.py")
    client.close_document("file:///code/c.py")
    stop.go.set()
    for one in asked:
        assert [item["insertText"] for item in (await one)["items"]] == [SAID]


@asynchronous
async def test_lists_and_ghost_text_do_not_supersede_one_another(tmp_path: Path) -> None:
    weights, load = scripted(tmp_path)
    stop = Stop(weights, 3)
    client = await Wire(load).ready({"lsp": {"completion": "on"}})
    client.open(SOURCE)
    inline = client.inline(*END)
    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 6}}
    listed = client.ask("textDocument/completion", place)
    await stop.there()
    stop.go.set()
    assert len((await inline)["items"]) == 1
    assert len((await listed)["items"]) == 1
    assert (await client.status())["hitRate"] == 0.5  # The second finds what the first made.


@asynchronous
async def test_what_is_typed_through_needs_no_model(tmp_path: Path) -> None:
    client, weights, _ = await stopped(tmp_path, at=100, ahead=False)
    assert await client.texts(*END) == [SAID]
    passes = weights.passes
    client.change(SOURCE + "on")
    assert await client.texts(0, 8) == ["e)"]
    assert weights.passes == passes
    status = await client.status()
    assert status["last"]["hit"]
    assert status["hitRate"] == 0.5


@asynchronous
async def test_other_open_documents_are_shown_to_the_model(tmp_path: Path) -> None:
    client = await Wire(scripted(tmp_path)[1]).ready()
    source, header = "file:///code/a.c", "file:///code/a.h"
    client.open("int helper(int first);\n", header, "c")
    client.open("int main(void) {\n    ", source, "c")
    place = {"textDocument": {"uri": source}, "position": {"line": 1, "character": 4}}
    assert "int helper" in (await client.command("polylsp.showPrompt", place))["text"]
    client.close_document(header)
    assert "int helper" not in (await client.command("polylsp.showPrompt", place))["text"]


@asynchronous
async def test_the_last_used_documents_come_first(tmp_path: Path) -> None:
    client = await Wire(scripted(tmp_path)[1]).ready()
    uris = [f"file:///code/{number}.py" for number in range(12)]
    for uri in uris:
        client.open("x", uri)
    client.open("x" * 300_000, OTHER)
    assert [one.uri for one in client.server.others(uris[11])] == uris[10:2:-1]
    client.change("y", uris[0])
    assert client.server.others(uris[11])[0].uri == uris[0]
    await client.inline(0, 0, uri=uris[1])
    assert client.server.others(uris[11])[0].uri == uris[1]


@asynchronous
async def test_closed_documents_are_forgotten(tmp_path: Path) -> None:
    client = await Wire(scripted(tmp_path)[1]).ready()
    completer = client.server.model.completer
    assert completer is not None
    for number in range(100):
        uri = f"file:///code/{number}.py"
        client.open(SOURCE, uri)
        if number % 10 == 0:
            await client.texts(*END, uri=uri)
        client.close_document(uri)
    await client.server.schedule.run(lambda: None)
    assert client.server.recent == []
    assert not client.server.documents.text_documents
    assert await client.texts(*END) == []


@asynchronous
async def test_documents_that_are_not_open_have_nothing_suggested(tmp_path: Path) -> None:
    client = await Wire(scripted(tmp_path)[1]).ready()
    assert await client.texts(*END, uri=Path(__file__).as_uri()) == []


@asynchronous
async def test_the_status_tells_what_happened(tmp_path: Path) -> None:
    client = await Wire(scripted(tmp_path)[1]).ready()
    client.open(SOURCE)
    await client.texts(*END)
    status = await client.status()
    assert (status["state"], status["message"], status["model"]) == ("ready", "", "scripted")
    assert (status["answers"], status["shown"], status["accepted"]) == (1, 1, 0)
    assert status["generatedTokens"] > 0
    assert status["lastMilliseconds"] == status["medianMilliseconds"] > 0
    assert set(status["last"]["milliseconds"]) >= {"prompt", "engine"}


def told(client: Wire) -> list[tuple[str, str | None]]:
    return [(one["state"], one["lastSilence"]) for one in client.said("polylsp/status")]


@asynchronous
async def test_the_status_is_told_whenever_it_would_be_shown_otherwise(tmp_path: Path) -> None:
    client, _, stop = await stopped(tmp_path)
    asked = client.inline(*END)
    await stop.there()
    await client.status_that(lambda status: status["state"] == "busy")
    stop.go.set()
    await asked
    await client.status_that(lambda status: status["lastMilliseconds"] is not None)
    client.open("TOKEN=1\n", "file:///code/.env")
    await client.texts(0, 8, uri="file:///code/.env")
    await client.status_that(lambda status: status["lastSilence"] == "secret")
    await client.command("polylsp.toggle")
    assert told(client) == [
        ("loading", "loading"),
        ("ready", None),
        ("busy", None),
        ("ready", None),
        ("ready", "secret"),
        ("paused", "secret"),
    ]


@asynchronous
async def test_the_status_is_told_once_of_many_answers_in_a_row(tmp_path: Path) -> None:
    client, _, stop = await stopped(tmp_path)
    stop.go.set()
    for _ in range(20):
        await client.texts(*END)
        await client.command("polylsp.clearCache")  # The model is asked each time.
    assert told(client) == [("loading", "loading"), ("ready", None)]
    await client.status_that(lambda status: status["lastMilliseconds"] is not None)
    assert told(client)[2:] == [("ready", None)]
    assert client.said("polylsp/status")[-1]["answers"] == 20


@asynchronous
async def test_the_status_is_told_only_to_those_who_asked_for_it(tmp_path: Path) -> None:
    for experimental in (None, {}, {"polylspStatus": False}, 5, ["polylspStatus"]):
        client = Wire(scripted(tmp_path)[1])
        await client.start(None, {"experimental": experimental})
        await client.server.schedule.run(lambda: None)
        assert not client.said("polylsp/status")


@pytest.mark.parametrize(
    ("path", "language"),
    [(".env", "shellscript"), ("id_rsa", "plaintext"), (".ssh/a.py", "python")],
)
@asynchronous
async def test_secrets_are_silent_and_the_status_says_why(
    tmp_path: Path, path: str, language: str
) -> None:
    weights, load = scripted(tmp_path)
    client = await Wire(load).ready()
    uri = f"file:///code/{path}"
    client.open(SOURCE, uri, language)
    assert await client.texts(*END, uri=uri, trigger=1) == []
    assert (await client.status())["lastSilence"] == "secret"
    shown = await client.command(
        "polylsp.showPrompt",
        {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 6}},
    )
    assert (shown["text"], shown["tokens"], shown["silence"]) == ("", 0, "secret")
    assert weights.passes == 0


class Failing(Completer):
    """A completer with a bug in it, and with source text in what it says of it."""

    def complete(self, *args: Any, **kwargs: Any) -> Answer:
        raise ValueError(f"cannot handle {SOURCE}")


@asynchronous
async def test_a_failure_costs_a_suggestion_never_the_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _, load = scripted(tmp_path)

    def load_failing(config: Config) -> Completer:
        return Failing(load(config).model, config)

    client = await Wire(load_failing).ready({"lsp": {"completion": "on"}})
    client.open(SOURCE)
    with caplog.at_level(logging.INFO):
        assert await client.texts(*END) == []
        place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 6}}
        listed = await client.ask("textDocument/completion", place)
    assert listed == {"isIncomplete": True, "items": []}
    assert (await client.status())["lastSilence"] == "error"
    assert not client.said("window/showMessage")
    assert "ValueError" in caplog.text
    assert SOURCE not in caplog.text


@asynchronous
async def test_answers_are_logged_without_source_text(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = await Wire(scripted(tmp_path)[1]).ready()
    with caplog.at_level(logging.INFO, logger="polylsp"):
        client.open("canary(")
        assert await client.texts(0, 7) == [SAID]
        await client.texts(0, 7)
    lines = [one.getMessage() for one in caplog.records]
    assert [line.split()[0] for line in lines] == ["shown", "hit"]
    assert "canary" not in caplog.text
    assert SAID not in caplog.text
