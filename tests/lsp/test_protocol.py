"""Everything that must be answered is, with the error that the specification asks for."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from polylsp.client.rpc import ResponseError
from polylsp.lsp.protocol import converter
from tests.lsp.wire import END, NOTHING, SAID, SOURCE, URI, Wire, asynchronous, scripted

PARSE, INVALID, NO_METHOD, PARAMS, EARLY = -32700, -32600, -32601, -32602, -32002
CANCELLED, MODIFIED = -32800, -32801


def wire(folder: Path, **how: Any) -> Wire:
    return Wire(scripted(folder)[1], **how)


def refusals(client: Wire) -> list[tuple[Any, int]]:
    return [(one.get("id"), one["error"]["code"]) for one in client.heard if "error" in one]


@pytest.mark.parametrize(
    ("body", "id_", "code"),
    [
        (b"", None, PARSE),
        (b"{", None, PARSE),
        (b"\xff\xfe\xfd", None, PARSE),
        (b'{"jsonrpc": "2.0", "id": 1, "method"', None, PARSE),
        (b"[" * 100_000, None, PARSE),
        (b'{"id": ' + b"1" * 5000 + b', "method": "x"}', None, PARSE),
        (b"[]", None, INVALID),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "polylsp/status"}]', None, INVALID),
        (b"null", None, INVALID),
        (b"3", None, INVALID),
        (b'"text"', None, INVALID),
        (b"{}", None, INVALID),
        (b'{"id": 7}', 7, INVALID),
        (b'{"id": "seven"}', "seven", INVALID),
        (b'{"id": 7, "method": null}', 7, INVALID),
        (b'{"id": 7, "method": 5}', 7, INVALID),
        (b'{"id": 7, "method": ["polylsp/status"]}', 7, INVALID),
        (b'{"id": null, "method": "polylsp/status"}', None, INVALID),
        (b'{"id": true, "method": "polylsp/status"}', None, INVALID),
        (b'{"id": 1.5, "method": "polylsp/status"}', None, INVALID),
        (b'{"id": [1], "method": "polylsp/status"}', None, INVALID),
        (b'{"id": {"a": 1}, "method": "polylsp/status"}', None, INVALID),
    ],
)
@asynchronous
async def test_what_is_no_request_is_refused(
    tmp_path: Path, body: bytes, id_: object, code: int
) -> None:
    client = await wire(tmp_path).ready()
    client.say_bytes(body)
    assert refusals(client) == [(id_, code)]
    assert (await client.status())["state"] == "ready"


@pytest.mark.parametrize("id_", [0, -1, 2**53, "", "7", "\ud800", "é"])
@asynchronous
async def test_answers_carry_the_id_of_the_request(tmp_path: Path, id_: object) -> None:
    client = await wire(tmp_path).ready()
    client.say({"jsonrpc": "2.0", "id": id_, "method": "polylsp/status"})
    assert client.heard[-1]["id"] == id_
    assert client.heard[-1]["result"]["state"] == "ready"


PLACE = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/inlineCompletion", None),
        ("textDocument/inlineCompletion", []),
        ("textDocument/inlineCompletion", "text"),
        ("textDocument/inlineCompletion", PLACE),  # No context.
        ("textDocument/inlineCompletion", {**PLACE, "context": None}),
        ("textDocument/inlineCompletion", {**PLACE, "context": {}}),
        (
            "textDocument/inlineCompletion",
            {**PLACE, "position": {"line": -1, "character": 0}, "context": {"triggerKind": 1}},
        ),
        (
            "textDocument/inlineCompletion",
            {**PLACE, "position": {"line": "zero", "character": 0}, "context": {"triggerKind": 1}},
        ),
        (
            "textDocument/inlineCompletion",
            {**PLACE, "position": {"line": 2**40, "character": 0}, "context": {"triggerKind": 1}},
        ),
        (
            "textDocument/inlineCompletion",
            {**PLACE, "context": {"triggerKind": 1, "selectedCompletionInfo": {"text": "x"}}},
        ),
        ("workspace/executeCommand", None),
        ("workspace/executeCommand", {"command": 5}),
        ("workspace/executeCommand", {"command": "polylsp.unheardOf"}),
        ("workspace/executeCommand", {"command": "polylsp.showPrompt"}),
        ("workspace/executeCommand", {"command": "polylsp.showPrompt", "arguments": [5]}),
        ("workspace/executeCommand", {"command": "polylsp.showPrompt", "arguments": [PLACE]}),
    ],
)
@asynchronous
async def test_parameters_that_cannot_be_understood_are_refused(
    tmp_path: Path, method: str, params: object
) -> None:
    client = await wire(tmp_path).ready()
    with pytest.raises(ResponseError) as refused:
        await client.ask(method, params)
    assert refused.value.code == PARAMS
    assert not client.said("window/showMessage")


@asynchronous
async def test_parameters_may_be_left_out_where_there_are_none(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    client.say({"id": "bare", "method": "polylsp/status"})
    assert client.heard[-1]["result"]["state"] == "ready"
    client.say({"id": "bare", "method": "shutdown"})
    assert client.heard[-1] == {"jsonrpc": "2.0", "id": "bare", "result": None}


@asynchronous
async def test_missing_parameters_are_refused_where_there_must_be_some(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    client.say({"id": 77, "method": "textDocument/inlineCompletion"})
    assert refusals(client) == [(77, PARAMS)]


@pytest.mark.parametrize("kind", [0, 1, 2, 3, "Automatic", None, 2.5])
@asynchronous
async def test_no_trigger_kind_is_refused(tmp_path: Path, kind: object) -> None:
    client = await wire(tmp_path).ready()
    client.open(SOURCE)
    params = {**PLACE, "position": {"line": 0, "character": 6}, "context": {"triggerKind": kind}}
    answer = await client.ask("textDocument/inlineCompletion", params)
    assert [item["insertText"] for item in answer["items"]] == [SAID]


@pytest.mark.parametrize(
    "method",
    [
        "textDocument/hover",
        "textDocument/unheardOf",
        "unheard/of",
        "",
        "$/unheardOf",
        "$/cancelRequest",  # These are notifications.
        "$/setTrace",
        "initialized",
        "textDocument/didOpen",
        "textDocument/publishDiagnostics",  # These are the server's own.
        "window/showMessageRequest",
        "workspace/configuration",
    ],
)
@pytest.mark.parametrize(
    "params", [{"id": 3, "value": "off"}, {"type_name": "no name"}], ids=["known", "strange"]
)
@asynchronous
async def test_requests_that_nobody_answers_are_refused(
    tmp_path: Path, method: str, params: object
) -> None:
    client = await wire(tmp_path).ready()
    client.say({"jsonrpc": "2.0", "id": 70, "method": method, "params": params})
    [(id_, code)] = refusals(client)
    assert id_ == 70
    # Its parameters may be looked at first.
    assert code in (NO_METHOD, PARAMS)


@pytest.mark.parametrize(
    "message",
    [
        {"method": "unheard/of"},
        {"method": "$/unheardOf", "params": {"type_name": "no name"}},
        {"method": "$/progress", "params": {"token": 1, "value": {}}},
        {"method": "textDocument/didSave", "params": {"textDocument": {"uri": URI}}},
        {"method": "textDocument/inlineCompletion", "params": PLACE},  # A request without an id.
        {"method": "textDocument/didOpen", "params": None},
        {"method": "textDocument/didChange", "params": {"textDocument": {"uri": URI}}},
        {
            "method": "textDocument/didChange",
            "params": {
                "textDocument": {"uri": "file:///never-opened", "version": 2},
                "contentChanges": [{"text": "ghost"}],
            },
        },
        {"method": "textDocument/didClose", "params": {"textDocument": {"uri": "file:///never"}}},
        {"method": "textDocument/didClose"},
        {"method": "$/cancelRequest", "params": {"id": 4711}},
        {"method": "$/cancelRequest", "params": {"id": "unknown"}},
        {"method": "$/cancelRequest", "params": {"id": None}},
        {"method": "$/cancelRequest", "params": {}},
        {"method": "$/cancelRequest"},
        {"method": "$/setTrace", "params": {"value": "verbose"}},
        {"method": "$/setTrace", "params": {"value": "unheard of"}},
        {"method": "window/workDoneProgress/cancel", "params": {"token": "unknown"}},
        {"method": "workspace/didChangeConfiguration"},
        {"method": "workspace/didChangeConfiguration", "params": {"settings": None}},
        {"method": "workspace/didChangeWatchedFiles", "params": {"changes": []}},
        {
            "method": "workspace/didChangeWorkspaceFolders",
            "params": {
                "event": {
                    "added": [{"uri": "http://[", "name": ""}],
                    "removed": [{"uri": "file:///never", "name": ""}],
                }
            },
        },
        {
            "method": "notebookDocument/didChange",
            "params": {"notebookDocument": {"uri": "file:///n", "version": 2}, "change": {}},
        },
        {
            "method": "notebookDocument/didClose",
            "params": {"notebookDocument": {"uri": "file:///n"}, "cellTextDocuments": []},
        },
        {"id": 4711, "result": None},
        {"id": 4711, "error": {"code": 1, "message": "no"}},
        {"id": "unknown", "result": {"type_name": "no name"}},
        {"id": None, "result": 1},
    ],
)
@asynchronous
async def test_what_needs_no_answer_gets_none_and_does_no_harm(
    tmp_path: Path, message: dict[str, Any]
) -> None:
    client = await wire(tmp_path).ready()
    heard = len(client.heard)
    client.say({"jsonrpc": "2.0", **message})
    expected = [(None, INVALID)] if message.get("id", 0) is None else []
    client.open(SOURCE)
    assert await client.texts(*END) == [SAID]
    assert refusals(client) == expected
    told = {one.get("method") for one in client.heard[heard:]} - {None}
    assert told <= {"polylsp/status"}


@asynchronous
async def test_nothing_is_answered_before_initialize(tmp_path: Path) -> None:
    client = wire(tmp_path)
    client.open(SOURCE)
    client.say({"id": 1, "method": "polylsp/status"})
    client.say({"id": 2, "method": "shutdown"})
    client.say({"id": 3, "method": "unheard/of"})
    assert refusals(client) == [(1, EARLY), (2, EARLY), (3, EARLY)]


@asynchronous
async def test_an_initialize_that_cannot_be_understood_may_be_repeated(tmp_path: Path) -> None:
    client = wire(tmp_path)
    with pytest.raises(ResponseError) as refused:
        await client.ask("initialize", {"capabilities": 3})
    assert refused.value.code == PARAMS
    assert (await client.ready()).server.documents.position_encoding == "utf-16"


@asynchronous
async def test_initialize_comes_once(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    client.open(SOURCE)
    with pytest.raises(ResponseError) as refused:
        await client.start()
    assert refused.value.code == INVALID
    assert await client.texts(*END) == [SAID]


@pytest.mark.parametrize("root", ["http://[", "", "untitled:x", "file:///\ud800"])
@asynchronous
async def test_a_strange_root_is_no_obstacle(tmp_path: Path, root: str) -> None:
    client = wire(tmp_path)
    folders = [{"uri": root, "name": root}]
    params: dict[str, Any] = {
        "processId": None,
        "rootUri": root,
        "rootPath": "//",
        "capabilities": {},
    }
    await client.ask("initialize", {**params, "workspaceFolders": folders})
    client.tell("initialized", {})
    client.open(SOURCE)
    answer = await client.inline(*END)
    assert answer["items"] == []  # The model is not there yet.


@asynchronous
async def test_settings_nested_too_deep_to_follow_are_no_obstacle(tmp_path: Path) -> None:
    client = wire(tmp_path)
    deep = b'{"a":' * 300 + b"1" + b"}" * 300
    client.say_bytes(
        b'{"id": "first", "method": "initialize", "params": '
        b'{"processId": null, "capabilities": {}, "initializationOptions": ' + deep + b"}}"
    )
    assert client.heard[-1]["id"] == "first"
    assert "result" in client.heard[-1]


@asynchronous
async def test_after_shutdown_only_exit_is_understood(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    assert await client.ask("shutdown") is None
    client.open(SOURCE)
    client.say({"id": 50, "method": "polylsp/status"})
    client.say({"id": 51, "method": "shutdown"})
    assert refusals(client) == [(50, INVALID), (51, INVALID)]
    assert client.server.documents.find(URI) is None
    client.tell("exit")
    assert client.exits == [0]


@asynchronous
async def test_exit_without_shutdown_is_no_success(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    client.tell("exit")
    assert client.exits == [1]
    early = wire(tmp_path)
    early.tell("exit")
    assert early.exits == [1]


@asynchronous
async def test_shutdown_answers_what_is_in_flight(tmp_path: Path) -> None:
    def configuration(method: str, params: object) -> object:
        return NOTHING

    capabilities = {"workspace": {"configuration": True}}
    client = await wire(tmp_path, serves=configuration).ready(None, capabilities)
    client.open(SOURCE)
    asked = [
        client.inline(*END),
        client.command("polylsp.showPrompt", PLACE),
        client.command("polylsp.clearCache"),
        client.ask("shutdown"),
    ]
    *ended, shutdown = await asyncio.gather(*asked, return_exceptions=True)
    assert [one.code for one in ended if isinstance(one, ResponseError)] == [CANCELLED] * 3
    assert shutdown is None
    client.tell("exit")
    assert client.exits == [0]


@asynchronous
async def test_a_response_cannot_meddle_with_a_request(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    client.open(SOURCE)
    asked = client.inline(*END)
    client.say({"id": asked.id, "result": "meddled"})  # type: ignore[attr-defined]
    answer = await asked
    assert [item["insertText"] for item in answer["items"]] == [SAID]


@asynchronous
async def test_an_answer_that_cannot_be_understood_ends_the_wait_for_it(tmp_path: Path) -> None:
    capabilities = {"workspace": {"configuration": True}}
    client = await wire(tmp_path, serves=lambda method, params: 5).ready(None, capabilities)
    # Settings could not be had, which is no reason to do without suggestions.
    client.open(SOURCE)
    assert await client.texts(*END) == [SAID]


@asynchronous
async def test_nothing_is_kept_of_messages_that_were_handled(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    client.open(SOURCE)
    for version in range(2, 50):
        client.change(SOURCE, version=version)
    await client.texts(*END)
    await client.command("polylsp.showPrompt", PLACE)
    client.close_document()
    await client.status_that(lambda status: status["state"] == "ready")
    protocol = client.server.protocol
    for _ in range(100):  # What was answered just now may be let go of a little later.
        if not (protocol._request_futures or protocol._result_types):
            break
        await client.status()
    assert not protocol._request_futures
    assert not protocol._result_types


@asynchronous
async def test_one_cancel_ends_one_request(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    client.open(SOURCE)
    client.open(SOURCE, "file:///code/b.py")
    first, second = client.inline(*END), client.inline(*END, uri="file:///code/b.py")
    client.cancel(first)
    with pytest.raises(ResponseError) as ended:
        await first
    assert ended.value.code == CANCELLED
    assert (await second)["items"]
    client.cancel(second)  # Too late, and no harm.
    assert (await client.status())["state"] in ("ready", "busy")


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
METHODS = some.sampled_from(
    [
        "initialize",
        "initialized",
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didClose",
        "textDocument/inlineCompletion",
        "textDocument/hover",
        "notebookDocument/didOpen",
        "notebookDocument/didChange",
        "workspace/executeCommand",
        "workspace/didChangeConfiguration",
        "polylsp/status",
        "$/cancelRequest",
        "$/setTrace",
        "unheard/of",
    ]
)


@given(messages=some.lists(some.tuples(METHODS, JSON, some.booleans()), max_size=12))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_request_is_answered_whatever_it_holds(
    tmp_path: Path, messages: list[tuple[str, Any, bool]]
) -> None:
    @asynchronous
    async def converse() -> None:
        client = await wire(tmp_path).ready()
        asked = []
        for method, params, is_request in messages:
            if is_request:
                asked.append(client.ask(method, params))
            else:
                client.tell(method, params)
        if asked:
            await asyncio.wait(asked)
        for one in asked:
            one.exception()  # Either will do.
        assert (await client.status())["state"] in ("ready", "paused", "busy", "loading")

    converse()


def test_json_that_no_type_is_known_of_stays_as_it_came() -> None:
    from pygls.protocol.json_rpc import JsonRPCNotification

    message = {
        "jsonrpc": "2.0",
        "method": "m",
        "params": {"type_name": "1x", "a.b": [{"class": 1}]},
    }
    made = converter().structure(message, JsonRPCNotification)
    assert made.params == message["params"]


CANARY = "canary_in_the_source"


@pytest.mark.parametrize(
    "message",
    [
        {
            "method": "textDocument/didOpen",
            "params": {"textDocument": {"uri": URI, "text": CANARY, "version": "x"}},
        },
        {
            "id": 90,
            "method": "textDocument/inlineCompletion",
            "params": {"textDocument": CANARY, "position": CANARY},
        },
        {"id": 91, "method": "unheard/of", "params": {"text": CANARY}},
        {"method": "unheard/of", "params": {"text": CANARY}},
        {"id": 92, "method": "workspace/executeCommand", "params": {"command": CANARY}},
        {"id": CANARY, "result": CANARY},
        {"id": 93, "method": {"text": CANARY}},
    ],
)
@asynchronous
async def test_refused_messages_are_not_logged(tmp_path: Path, message: dict[str, Any]) -> None:
    records: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(self.format(record))

    ours = logging.getLogger("polylsp")
    keep = Keep(logging.INFO)
    ours.addHandler(keep)
    try:
        client = await wire(tmp_path).ready()
        client.say_bytes(json.dumps(message).encode())
        await client.status()
    finally:
        ours.removeHandler(keep)
    assert not [line for line in records if CANARY in line]
