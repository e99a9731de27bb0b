"""What a client's edits say of its suggestions, as the status tells it; and what is kept of that."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from polylsp.journal import store
from tests.lsp.wire import END, SAID, SOURCE, URI, Wire, asynchronous, scripted

OFF = {"stats": {"enabled": False}}


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is written to it before the end: no test takes a minute."""
    monkeypatch.setattr("polylsp.lsp.journaling._AT_FIRST", 60)
    chosen = tmp_path / "statistics.db"
    monkeypatch.setenv("POLYLSP_STATISTICS", str(chosen))
    return chosen


async def shown(folder: Path, options: Any = None, text: str = SOURCE) -> Wire:
    """A client that sees a suggestion at the end of a document."""
    client = await Wire(scripted(folder)[1]).ready(options)
    client.open(text)
    assert await client.texts(0, len(text)) == [SAID]
    return client


async def today(client: Wire) -> dict[str, Any]:
    """The figures of today that are not 0."""
    figures = (await client.status())["statistics"]["today"]
    return {name: figure for name, figure in figures.items() if figure}


@asynchronous
async def test_status_tells_of_what_was_accepted(tmp_path: Path) -> None:
    client = await shown(tmp_path)
    assert (await today(client))["shown"] == 1
    client.type(SAID, *END)
    assert (await today(client))["accepted"] == 1
    await client.command("polylsp.accepted")
    client.type("x", 0, 0)
    told = await today(client)
    assert (told["accepted"], told["characters"]) == (1, len(SAID))
    assert told["medianMilliseconds"] > 0
    assert (await client.status())["statistics"]["last30Days"]["accepted"] == 1


@asynchronous
async def test_keys_sent_together_are_no_acceptance(tmp_path: Path) -> None:
    client = await shown(tmp_path)
    edits = [
        {"range": {"start": at, "end": at}, "text": key}
        for number, key in enumerate(SAID)
        for at in [{"line": 0, "character": len(SOURCE) + number}]
    ]
    client.tell(
        "textDocument/didChange",
        {"textDocument": {"uri": URI, "version": 2}, "contentChanges": edits},
    )
    client.close_document()
    await client.server.journaling.end()
    assert (await today(client)).get("typedOut") == 1


@asynchronous
async def test_an_entry_selected_in_a_list_is_accepted_with_the_suggestion(tmp_path: Path) -> None:
    client = await Wire(scripted(tmp_path)[1]).ready()
    client.open("pri")
    range_ = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}}
    entry = {"range": range_, "text": SOURCE}
    for end in (3, 4):
        assert (await client.inline(0, end, selectedCompletionInfo=entry))["items"]
        if end == 3:
            client.type("n", 0, 3)
            range_["end"] = {"line": 0, "character": 4}
    client.tell(
        "textDocument/didChange",
        {
            "textDocument": {"uri": URI, "version": 3},
            "contentChanges": [{"range": range_, "text": SOURCE + SAID}],
        },
    )
    await client.server.journaling.end()
    told = await today(client)
    assert (told["shown"], told["accepted"]) == (1, 1)


@asynchronous
async def test_other_line_ends_are_no_other_text(tmp_path: Path) -> None:
    client = await Wire(scripted(tmp_path)[1]).ready()
    client.open("x = 1\r\n" + SOURCE)
    assert await client.texts(1, 6) == [SAID]
    client.type(SAID, 1, 6)
    client.close_document()
    await client.server.journaling.end()
    assert (await today(client))["accepted"] == 1


@asynchronous
async def test_what_was_counted_is_saved_at_the_end(tmp_path: Path, file: Path) -> None:
    client = await shown(tmp_path)
    client.type(SAID, *END)
    assert not file.exists()
    await client.server.journaling.end()
    [(key, numbers)] = store.load().items()
    assert (key.language, key.mode) == ("python", "line")
    assert (numbers["shown"], numbers["accepted"]) == (1, 1)
    # And told together with what other servers have counted.
    store.save({key: numbers}, key.day)
    again = await shown(tmp_path)
    await again.server.journaling.end()
    told = await today(again)
    assert (told["shown"], told["accepted"], told["dismissed"]) == (3, 2, 1)


@asynchronous
async def test_nothing_is_counted_or_kept_where_that_is_off(tmp_path: Path, file: Path) -> None:
    client = await shown(tmp_path, OFF)
    client.type(SAID, *END)
    assert (await client.status())["statistics"] is None
    await client.server.journaling.end()
    assert not file.exists()


@asynchronous
async def test_switching_it_off_forgets_what_is_not_saved(tmp_path: Path, file: Path) -> None:
    client = await shown(tmp_path)
    client.tell("workspace/didChangeConfiguration", {"settings": {"polylsp": OFF}})
    client.type(SAID, *END)
    await client.server.journaling.end()
    assert not file.exists()
    client.tell(
        "workspace/didChangeConfiguration", {"settings": {"polylsp": {"stats": {"enabled": True}}}}
    )
    assert await today(client) == {}


@asynchronous
async def test_a_disk_that_takes_nothing_costs_no_numbers(
    tmp_path: Path, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = await shown(tmp_path)
    file.mkdir()
    with caplog.at_level(logging.WARNING, "polylsp"):
        await client.server.journaling.end()
        await client.server.journaling.end()
    assert len(caplog.records) == 1
    assert (await today(client))["shown"] == 1
    file.rmdir()
    await client.server.journaling.end()
    assert [numbers["shown"] for numbers in store.load().values()] == [1]


@asynchronous
async def test_a_failure_to_count_costs_numbers_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = await shown(tmp_path)
    monkeypatch.setattr("polylsp.journal.outcomes.Show._between", lambda *_: 1 / 0)
    with caplog.at_level(logging.ERROR, "polylsp"):
        client.type(SAID[0], *END)
        assert await client.texts(0, END[1] + 1) == [SAID[1:]]
    assert [record.message for record in caplog.records] == ["counting failed: ZeroDivisionError"]
    assert (await today(client))["shown"] == 1  # What is seen now.


@asynchronous
async def test_big_documents_are_not_followed(tmp_path: Path) -> None:
    client = await Wire(scripted(tmp_path)[1]).ready()
    client.open(SOURCE + "\n" + "x = 1\n" * 40_000)
    assert await client.texts(*END, trigger=1)
    assert await today(client) == {}
