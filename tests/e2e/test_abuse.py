"""What no editor should say, and some say: everything that must be answered is, and the server lives on.

Its documents are looked at in two ways. In the real process `polylsp.showPrompt` shows a small document up to
the cursor, as the model would see it. And the very messages that went to the process are fed to the same
protocol in this one, whose documents can be read whole.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polylsp.client.editor import AUTOMATIC, INVOKED, Editor
from polylsp.client.rpc import ResponseError
from polylsp.types import Snapshot
from tests.e2e.conftest import Start
from tests.lsp.wire import Wire, asynchronous, scripted

_numbers = itertools.count()
PARSE, INVALID, NO_METHOD, PARAMS = -32700, -32600, -32601, -32602
# The whole prompt is then the document up to the cursor.
BARE = {
    "prompt": {"healing": False, "path": False},
    "context": {"neighbours": False, "companion": False},
}
STRANGE = [
    "int a;\n\x0c\nint b;\n",
    "a = 1\u2028b = 2\u2029\nc = 3\x85d\n",
    "lone \ud83d and \ude00 halves\n",
    "x\r\ny\rz\n",
    "\ufeffbom\n",
    "tabs\t\x0b and \x1c\x1d\x1e separators\n",
    "e\u0301 🏳️\u200d🌈 😀 \U0010ffff\n",
    "\x00\x01\x02 binary \x7f\n",
    "",
    "\n",
]


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    """A server that is abused by every test of this file, and has to live through them all."""
    abused = Editor(BARE)
    try:
        abused.wait_until_ready()
        yield abused
        assert abused.status()["state"] == "ready"
        assert abused.quit() == 0
    finally:
        if abused.connection.process.poll() is None:
            abused.connection.process.kill()
            abused.quit()


def opened(editor: Editor, text: str, language: str = "python") -> str:
    uri = f"file:///code/abused{next(_numbers)}.py"
    editor.open(uri, language, text)
    return uri


def code(editor: Editor, method: str, params: Any) -> Any:
    with pytest.raises(ResponseError) as refused:
        editor.connection.request(method, params).result(60)
    return refused.value.code


def works(editor: Editor) -> None:
    """The server still does what it is for."""
    uri = opened(editor, "def f(a, b):\n    return ")
    assert editor.complete(uri, len(editor.documents[uri]), INVOKED)
    editor.close(uri)


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        {},
        "text",
        {"textDocument": None, "position": None, "context": None},
        {"textDocument": {"uri": 5}, "position": {"line": {}, "character": []}, "context": {}},
        {
            "textDocument": {"uri": "file:///x"},
            "position": {"line": -1, "character": -1},
            "context": {"triggerKind": 1},
        },
    ],
)
def test_malformed_parameters(editor: Editor, params: Any) -> None:
    assert code(editor, "textDocument/inlineCompletion", params) == PARAMS
    works(editor)


def test_trigger_kind_zero(editor: Editor) -> None:
    uri = opened(editor, "def f(a, b):\n    return ")
    assert editor.complete(uri, len(editor.documents[uri]), 0)


@pytest.mark.parametrize("method", ["unheard/of", "$/unheardOf", "textDocument/hover", ""])
def test_unknown_methods(editor: Editor, method: str) -> None:
    assert code(editor, method, {"anything": [1, 2]}) == NO_METHOD
    editor.connection.notify(method, {"anything": [1, 2]})
    works(editor)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", PARSE),
        (b"\xff", PARSE),
        (b"", PARSE),
        (b"[]", INVALID),
        (b"5", INVALID),
        (b"{}", INVALID),
    ],
)
def test_what_is_no_message(editor: Editor, body: bytes, expected: int) -> None:
    since = len(editor.connection.heard)
    editor.connection.send_raw(body)
    refused = editor.connection.wait_for(lambda one: one.get("id", "") is None, since)
    assert refused["error"]["code"] == expected


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (b"{} and more than was said", b"Content-Length: 2\r\n\r\n"),
        (b'{"no": "length"}', b"Content-Type: none\r\n\r\n"),
        (b"", b"\r\n\r\n\r\n"),
        (b"", b"X-Huge: " + b"x" * 1_000_000 + b"\r\n"),
        (b'{"jsonrpc": "2.0", "method": "$/x"}', b"content-length: 35\r\n\r\n"),
    ],
)
def test_broken_and_odd_headers(editor: Editor, body: bytes, header: bytes) -> None:
    editor.connection.send_raw(body, header)
    works(editor)


def test_positions_past_the_end(editor: Editor) -> None:
    uri = opened(editor, "x = 1\n")
    for line, character in ((0, 2**31 - 1), (2**31 - 1, 0), (2**31 - 1, 2**31 - 1), (1, 1)):
        params = {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": 1},
        }
        answer = editor.connection.request("textDocument/inlineCompletion", params).result(60)
        for item in answer["items"]:
            assert item["range"]["start"] == {"line": min(line, 1), "character": 5 - 5 * (line > 0)}
    assert (
        code(
            editor,
            "textDocument/inlineCompletion",
            {**params, "position": {"line": 2**31, "character": 0}},
        )
        == PARAMS
    )


def test_cancels_for_unknown_ids(editor: Editor) -> None:
    ids: list[Any] = [0, -1, 10**9, "unknown", "", None, [1], {}, 1.5, True]
    for id_ in ids:
        editor.connection.notify("$/cancelRequest", {"id": id_})
    works(editor)


def test_responses_to_nothing(editor: Editor) -> None:
    for id_ in (0, 10**9, "unknown", ""):
        editor.connection.send({"id": id_, "result": {"anything": 1}})
        editor.connection.send({"id": id_, "error": {"code": 1, "message": "x"}})
        editor.connection.send({"id": id_, "error": "x"})
    works(editor)


@pytest.mark.parametrize("text", STRANGE)
def test_strange_documents_are_the_same_on_both_sides(editor: Editor, text: str) -> None:
    uri = opened(editor, text)
    for share, new in ((0, "#"), (0.5, "\u2028"), (1, "\x0c\nend")):
        offset = int(share * len(editor.documents[uri]))
        if editor.documents[uri][offset - 1 : offset + 1] == "\r\n":
            offset += 1  # No position is within a line end.
        editor.replace(uri, offset, offset, new)
        assert shown(editor, uri) == seen(editor.documents[uri])
    answer = editor.ask(uri, len(editor.documents[uri]), INVOKED).result(60)
    assert set(answer) == {"items"}


def shown(editor: Editor, uri: str) -> str:
    """What the model would be shown of a document, with the cursor at its end."""
    end = {"line": 2**31 - 1, "character": 0}
    prompt = editor.command("polylsp.showPrompt", {"textDocument": {"uri": uri}, "position": end})
    if prompt["silence"] == "binary":
        return "binary"
    text: str = prompt["text"]
    return text.removeprefix("<|endoftext|>")


def seen(text: str) -> str:
    """The same, by the client's document."""
    return "binary" if "\x00" in text else Snapshot.of("", 0, "", text).text


def test_a_big_document(editor: Editor) -> None:
    line = "value = compute(first, second)  # ü\n"
    text = line * (5_000_000 // len(line) + 1)
    uri = opened(editor, text)
    for number in range(20):
        at = number * len(line)
        editor.replace(uri, at, at, "x")
    assert editor.complete(uri, len(line), INVOKED) == []
    assert editor.status()["lastSilence"] == "size"
    editor.replace(uri, 0, len(editor.documents[uri]), "def f(a, b):\n    return ")
    assert editor.complete(uri, len(editor.documents[uri]), INVOKED)
    one_line = opened(editor, "x" * 5_000_000)
    editor.replace(one_line, 2_500_000, 2_500_001, "😀")
    assert editor.complete(one_line, 2_500_001, INVOKED) == []


def test_a_binary_document(editor: Editor) -> None:
    data = random.Random(0).randbytes(50_000).decode("latin-1") + "\x00"
    uri = opened(editor, data)
    assert editor.complete(uri, len(data), INVOKED) == []
    assert editor.status()["lastSilence"] == "binary"
    mojibake = opened(editor, data.replace("\x00", ""))
    assert isinstance(editor.complete(mojibake, 100, INVOKED), list)


def test_five_hundred_requests_without_waiting(editor: Editor) -> None:
    uris = [opened(editor, "def f(a, b):\n    return ") for _ in range(5)]
    asked = []
    for number in range(500):
        uri = uris[number % 5]
        end = len(editor.documents[uri])
        if number % 3 == 0:
            editor.replace(uri, end, end, "ab"[number % 2])
        end = len(editor.documents[uri])
        asked.append(editor.ask(uri, end, INVOKED if number % 7 == 0 else AUTOMATIC))
        if number % 11 == 0:
            editor.connection.cancel(asked[-1])
    outcomes = [_outcome(one) for one in asked]
    assert set(outcomes) <= {"items", -32800, -32801}
    assert "items" in outcomes[-5:]
    works(editor)


def _outcome(asked: Any) -> Any:
    try:
        answer = asked.result(120)
    except ResponseError as error:
        return error.code
    assert set(answer) == {"items"}
    return "items"


def test_the_same_id_twice(editor: Editor) -> None:
    since = len(editor.connection.heard)
    for _ in range(2):
        editor.connection.send({"id": "twin", "method": "polylsp/status"})
    editor.status()
    assert [one.get("id") for one in editor.connection.heard[since:]].count("twin") == 2


def test_documents_opened_closed_and_changed_out_of_order(editor: Editor) -> None:
    say = editor.connection.notify
    document = {"uri": "file:///never", "version": 5}
    say("textDocument/didClose", {"textDocument": document})
    say("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": "x"}]})
    uri = opened(editor, "def f(a, b):\n    return ")
    editor.open(uri, "python", "again = ")
    assert shown(editor, uri) == "again = "
    editor.close(uri)
    say("textDocument/didClose", {"textDocument": {"uri": uri}})
    say("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": "x"}]})
    ask = {
        "textDocument": {"uri": uri},
        "position": {"line": 0, "character": 0},
        "context": {"triggerKind": 1},
    }
    answer = editor.connection.request("textDocument/inlineCompletion", ask).result(60)
    assert answer == {"items": []}


@pytest.mark.parametrize("seed", range(4))
@asynchronous
async def test_after_a_storm_of_messages_the_documents_are_the_clients(
    tmp_path: Path, seed: int
) -> None:
    storm = Storm(random.Random(seed))
    wire = await Wire(scripted(tmp_path)[1]).ready(
        None, {"general": {"positionEncodings": ["utf-32"]}}
    )
    for body in storm.bodies():
        wire.say_bytes(body)
    assert storm.documents
    for uri, text in storm.documents.items():
        document = wire.server.documents.find(uri)
        assert document is not None
        assert document.source == text
    assert set(wire.server.documents.text_documents) == set(storm.documents)


@pytest.mark.parametrize("seed", range(4))
def test_after_a_storm_of_messages_the_servers_documents_are_the_clients(
    editor: Editor, seed: int
) -> None:
    storm = Storm(random.Random(seed))
    for body in storm.bodies():
        editor.connection.send_raw(body)
    small = {uri: text for uri, text in storm.documents.items() if len(text) < 500}
    assert small
    for uri, text in small.items():
        assert shown(editor, uri) == seen(text)
        params = {"textDocument": {"uri": uri}}
        editor.connection.notify("textDocument/didClose", params)
    works(editor)


class Storm:
    """Edits in between of nonsense, and what the documents are once all of it was said.

    Positions are in code points, and lines end with LF alone.
    """

    def __init__(self, chance: random.Random) -> None:
        self.documents: dict[str, str] = {}
        self._chance = chance
        self._version = 0

    def bodies(self) -> Iterator[bytes]:
        for _ in range(150):
            kind = self._chance.random()
            if kind < 0.1 or not self.documents:
                message = self._open()
            elif kind < 0.15:
                message = self._close()
            elif kind < 0.7:
                message = self._change()
            elif kind < 0.8:
                message = self._ask()
            else:
                yield self._chance.choice(NONSENSE)
                continue
            yield json.dumps({"jsonrpc": "2.0", **message}).encode()

    def _text(self) -> str:
        pieces = [
            "x = 1",
            "\n",
            "\x0c",
            "\u2028",
            "\x85",
            "😀",
            "é",
            "    ",
            "(",
            "if a:\n",
            "\x0b",
        ]
        return "".join(self._chance.choices(pieces, k=self._chance.randint(0, 6)))

    def _open(self) -> dict[str, Any]:
        uri = f"file:///storm/{self._chance.randint(0, 5)}.py"
        self.documents[uri] = text = self._text()
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        return {"method": "textDocument/didOpen", "params": {"textDocument": item}}

    def _close(self) -> dict[str, Any]:
        uri = self._chance.choice(sorted(self.documents))
        del self.documents[uri]
        return {"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}}

    def _change(self) -> dict[str, Any]:
        uri = self._chance.choice(sorted(self.documents))
        changes = []
        for _ in range(self._chance.randint(1, 3)):
            lines = self.documents[uri].split("\n")
            start, end = sorted(self._place(lines) for _ in range(2))
            text = self._text()
            head = "\n".join([*lines[: start[0]], lines[start[0]][: start[1]]])
            tail = "\n".join([lines[end[0]][end[1] :], *lines[end[0] + 1 :]])
            self.documents[uri] = head + text + tail
            places = [{"line": line, "character": at} for line, at in (start, end)]
            changes.append({"range": {"start": places[0], "end": places[1]}, "text": text})
        self._version += 1
        document = {"uri": uri, "version": self._version}
        params = {"textDocument": document, "contentChanges": changes}
        return {"method": "textDocument/didChange", "params": params}

    def _place(self, lines: list[str]) -> tuple[int, int]:
        line = self._chance.randrange(len(lines))
        return line, self._chance.randint(0, len(lines[line]))

    def _ask(self) -> dict[str, Any]:
        params = {
            "textDocument": {"uri": self._chance.choice(sorted(self.documents))},
            "position": {
                "line": self._chance.randint(0, 9),
                "character": self._chance.randint(0, 9),
            },
            "context": {"triggerKind": self._chance.randint(0, 2)},
        }
        id_ = f"storm {self._chance.random()}"
        return {"id": id_, "method": "textDocument/inlineCompletion", "params": params}


NONSENSE = [
    b"{",
    b"[]",
    b"",
    b"\xff\xfe",
    b'{"method": "unheard/of", "params": {"a": 1}}',
    b'{"id": "odd", "method": "unheard/of"}',
    b'{"method": "$/cancelRequest", "params": {"id": "never"}}',
    b'{"id": "odd", "method": "textDocument/didOpen", "params": {}}',
    b'{"method": "textDocument/didChange", "params": {"textDocument": {"uri": "file:///storm/0.py"}}}',
    b'{"method": "textDocument/didOpen", "params": {"textDocument": {"uri": "file:///storm/1.py"}}}',
    b'{"method": "textDocument/didClose", "params": {"textDocument": {"uri": 5}}}',
    b'{"id": "late", "result": null}',
]


def test_shutdown_in_the_middle_of_it_all(start: Start) -> None:
    editor = start(BARE)
    editor.wait_until_ready()
    uris = [opened(editor, "def f(a, b):\n    return ") for _ in range(5)]
    asked = [editor.ask(uri, 24, INVOKED) for uri in uris for _ in range(20)]
    editor.connection.notify("unheard/of")
    shutdown = editor.connection.request("shutdown")
    late = editor.connection.request("polylsp/status")
    editor.connection.notify("exit")
    assert editor.connection.process.wait(30) == 0
    assert {_outcome(one) for one in asked} <= {"items", -32800, -32801}
    assert shutdown.result(0) is None
    assert _code_of(late) == INVALID


def _code_of(asked: Any) -> Any:
    with pytest.raises(ResponseError) as refused:
        asked.result(0)
    return refused.value.code
