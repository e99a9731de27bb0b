"""The real server with the embedded model, as an editor meets it."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from polylsp.client.editor import AUTOMATIC, INVOKED, Editor
from polylsp.client.rpc import ResponseError
from tests.e2e.conftest import Start

CANCELLED, MODIFIED = -32800, -32801
SOURCE = "import os\n\n\ndef read(path):\n    with open("
HEADER = "def factorial(n):\n"
# As long as it can be: asked by hand, a block, many candidates.
LONG: dict[str, Any] = {
    "suggest": {"candidates": 10, "blockTokens": 400},
    "engine": {"explicitBudget": 60_000},
}
_numbers = itertools.count()


def opened(editor: Editor, text: str = SOURCE, name: str = "", language: str = "python") -> str:
    uri = f"file:///code/{name or f'{next(_numbers)}.py'}"
    editor.open(uri, language, text)
    return uri


def test_a_suggestion_comes_with_a_range(editor: Editor) -> None:
    uri = opened(editor)
    answer = editor.ask(uri, len(SOURCE), INVOKED).result(60)
    here = {"line": 4, "character": 14}
    assert answer["items"]
    for item in answer["items"]:
        assert item["insertText"]
        assert item["range"] == {"start": here, "end": here}


def test_an_answer_is_there_before_it_is_asked_for(start: Start) -> None:
    editor = start()
    editor.wait_until_ready()
    uri = opened(editor, SOURCE[:-1])
    editor.replace(uri, len(SOURCE) - 1, len(SOURCE) - 1, SOURCE[-1])
    # It takes its turn behind what was begun.
    place = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    editor.command("polylsp.showPrompt", place)
    status = editor.status()
    assert (status["generatedTokens"] > 0, status["answers"]) == (True, 0)
    editor.complete(uri, len(SOURCE))
    status = editor.status()
    assert (status["answers"], status["last"]["hit"]) == (1, True)


def test_several_candidates_are_offered_when_asked_by_hand(editor: Editor) -> None:
    texts = [
        editor.complete(opened(editor, source), len(source), INVOKED) for source in (SOURCE, HEADER)
    ]
    assert max(map(len, texts)) > 1
    for some in texts:
        assert len(set(some)) == len(some) <= 3


def test_documents_of_several_languages_are_open_side_by_side(editor: Editor) -> None:
    sources = {
        "c": "int main(int argc, char **argv) {\n    printf(",
        "go": "package main\n\nfunc main() {\n\tfmt.",
        "rust": 'fn main() {\n    println!("',
        "typescript": "function add(a: number, b: number): number {\n  return ",
    }
    uris = {
        language: opened(editor, source, f"main.{language}", language)
        for language, source in sources.items()
    }
    asked = {
        language: editor.ask(uri, len(sources[language]), INVOKED) for language, uri in uris.items()
    }
    assert all(one.result(60)["items"] for one in asked.values())


def test_typing_what_is_suggested_is_answered_from_memory(editor: Editor) -> None:
    uri = opened(editor)
    [text, *_] = editor.complete(uri, len(SOURCE), INVOKED)
    editor.replace(uri, len(SOURCE), len(SOURCE), text[0])
    assert text[1:] in editor.complete(uri, len(SOURCE) + 1) or len(text) == 1
    if len(text) > 1:
        assert editor.status()["last"]["hit"]


def test_a_stale_answer_is_never_shown(editor: Editor) -> None:
    uri = opened(editor, HEADER)
    asked = editor.ask(uri, len(HEADER), INVOKED)
    editor.replace(uri, 0, 0, "x")
    with pytest.raises(ResponseError) as ended:
        asked.result(60)
    assert ended.value.code == MODIFIED


def test_superseded_requests_are_answered_before_the_newest(editor: Editor) -> None:
    uri = opened(editor, HEADER)
    asked = []
    for number in range(10):
        end = len(editor.documents[uri])
        editor.replace(uri, end, end, str(number))
        asked.append(editor.ask(uri, end + 1, INVOKED))
    *old, newest = asked
    assert isinstance(newest.result(60), dict)
    for one in old:
        assert one.done()
        with pytest.raises(ResponseError) as ended:
            one.result()
        assert ended.value.code == MODIFIED


def test_files_that_look_like_secrets_are_silent(editor: Editor) -> None:
    for name in (".env", "id_rsa", "credentials"):
        uri = opened(editor, "KEY = ", name)
        assert editor.complete(uri, 6, INVOKED) == []
        assert editor.status()["lastSilence"] == "secret"


def test_the_status_tells_what_happened(editor: Editor) -> None:
    before = editor.status()
    uri = opened(editor, SOURCE + "str(")
    editor.complete(uri, len(SOURCE) + 4, INVOKED)
    status = editor.status()
    assert status["state"] == "ready"
    assert status["model"] == "embedded"
    assert status["answers"] == before["answers"] + 1
    assert status["generatedTokens"] > before["generatedTokens"]
    assert status["lastMilliseconds"] > 0
    assert 0 <= status["hitRate"] <= 1
    assert 0 <= status["reusedShare"] <= 1
    assert set(status["last"]["milliseconds"]) >= {"syntax", "context", "prompt", "engine"}


def test_a_cancelled_request_is_answered_so_and_costs_little(start: Start) -> None:
    editor = start(LONG)
    editor.wait_until_ready()
    uri = opened(editor, HEADER)
    since = len(editor.connection.heard)
    asked = editor.ask(uri, len(HEADER), INVOKED)
    editor.wait_for_status(lambda status: status["state"] == "busy", since)
    since = len(editor.connection.heard)
    editor.connection.cancel(asked)
    with pytest.raises(ResponseError) as ended:
        asked.result(60)
    assert ended.value.code == CANCELLED
    editor.wait_for_status(lambda status: status["state"] == "ready", since)
    generated = editor.status()["generatedTokens"]
    # To its end it takes hundreds of tokens.
    editor.complete(uri, len(HEADER), INVOKED)
    assert generated * 4 < editor.status()["generatedTokens"] - generated
    assert editor.quit() == 0


def test_shutdown_in_the_middle_of_a_generation(start: Start) -> None:
    editor = start(LONG)
    editor.wait_until_ready()
    uri = opened(editor, HEADER)
    since = len(editor.connection.heard)
    asked = editor.ask(uri, len(HEADER), INVOKED)
    editor.wait_for_status(lambda status: status["state"] == "busy", since)
    assert editor.quit() == 0
    with pytest.raises(ResponseError) as ended:
        asked.result(0)
    assert ended.value.code == CANCELLED


def test_shutdown_while_the_model_is_loading(start: Start) -> None:
    assert start().quit() == 0


@pytest.mark.parametrize(("last_words", "code"), [(["exit"], 1), ([], 1), (["shutdown"], 0)])
def test_exit_codes(start: Start, last_words: list[str], code: int) -> None:
    """`exit` alone, the stream's end alone, and the stream's end in the place of `exit`."""
    connection = start().connection
    for method in last_words:
        connection.request(method) if method == "shutdown" else connection.notify(method)
    assert connection.process.stdin is not None
    connection.process.stdin.close()
    assert connection.process.wait(30) == code


@pytest.mark.skipif(os.name == "nt", reason="there, Ctrl-C goes to every process of a console")
def test_interrupting_it_in_a_terminal_ends_it(start: Start) -> None:
    editor = start(LONG)
    editor.wait_until_ready()
    since = len(editor.connection.heard)
    editor.ask(opened(editor, HEADER), len(HEADER), INVOKED)
    editor.wait_for_status(lambda status: status["state"] == "busy", since)
    editor.connection.process.send_signal(signal.SIGINT)
    assert editor.connection.process.wait(30) == 130


def test_requests_before_the_model_is_ready_get_an_empty_list(start: Start) -> None:
    editor = start()
    uri = opened(editor)
    asked = editor.ask(uri, len(SOURCE), INVOKED)
    assert asked.result(60) == {"items": []}
    editor.wait_until_ready()
    assert editor.complete(uri, len(SOURCE), INVOKED)


def test_loading_shows_progress(start: Start) -> None:
    editor = start(
        capabilities={
            "window": {"workDoneProgress": True},
            "textDocument": {"inlineCompletion": {}},
        }
    )
    editor.wait_until_ready()
    told = [
        one["params"]["value"]
        for one in editor.connection.heard
        if one.get("method") == "$/progress"
    ]
    assert [told[0]["kind"], told[-1]["kind"]] == ["begin", "end"]
    shares = [told[0]["percentage"], *(one["percentage"] for one in told[1:-1])]
    assert all(0 <= share < 100 for share in shares)


def test_a_missing_model_leaves_the_server_running(start: Start, tmp_path: Path) -> None:
    editor = start({"model": str(tmp_path / "nowhere")})
    status = editor.wait_for_status(lambda status: status["state"] == "no model")
    assert "nowhere" in status["message"]
    message = editor.connection.wait_for(lambda one: one.get("method") == "window/showMessage")
    assert message["params"]["type"] == 1
    assert "nowhere" in message["params"]["message"]
    uri = opened(editor)
    assert editor.complete(uri, len(SOURCE), INVOKED) == []
    assert editor.status()["lastSilence"] == "model"
    settings = {"settings": {"polylsp": {"model": "embedded"}}}
    editor.connection.notify("workspace/didChangeConfiguration", settings)
    editor.wait_for_status(lambda status: status["state"] == "ready")
    assert editor.complete(uri, len(SOURCE), INVOKED)
    assert editor.quit() == 0


@pytest.mark.parametrize("broken", ["model.onnx", "tokenizer.json", "polylsp.json"])
def test_a_damaged_model_leaves_the_server_running(
    start: Start, tmp_path: Path, broken: str
) -> None:
    import polylsp

    embedded = Path(polylsp.__file__).parent / "models" / "embedded"
    for file in embedded.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / broken).write_bytes(b"\x00damaged" * 100)
    editor = start({"model": str(tmp_path)})
    status = editor.wait_for_status(lambda status: status["state"] != "loading")
    assert status["state"] == "no model"
    assert status["message"]
    assert editor.quit() == 0


def test_settings_by_every_way(start: Start) -> None:
    pulled: dict[str, Any] = {"suggest": {"candidates": 2}}

    def serve(method: str, params: Any) -> Any:
        return [pulled] if method == "workspace/configuration" else None

    editor = start(
        {"suggest": {"candidates": 1, "confidence": "unheard of"}},
        capabilities={
            "textDocument": {"inlineCompletion": {}},
            "workspace": {
                "configuration": True,
                "didChangeConfiguration": {"dynamicRegistration": True},
            },
        },
        serve=serve,
    )
    editor.wait_until_ready()
    warning = editor.connection.wait_for(lambda one: one.get("method") == "window/showMessage")
    assert warning["params"]["type"] == 2
    assert (
        "suggest.confidence must be one of quiet, balanced, eager" in warning["params"]["message"]
    )
    asked = [one["method"] for one in editor.connection.heard if "id" in one]
    assert sorted(asked) == ["client/registerCapability", "workspace/configuration"]
    uri = opened(editor)
    assert len(editor.complete(uri, len(SOURCE), INVOKED)) <= 2
    since = len(editor.connection.heard)
    editor.connection.notify(
        "workspace/didChangeConfiguration", {"settings": {"polylsp": {"enabled": False}}}
    )
    editor.wait_for_status(lambda status: status["state"] == "paused", since)
    assert editor.complete(uri, len(SOURCE), INVOKED) == []
    since = len(editor.connection.heard)  # "ready" may have been told before the pause, too.
    pulled["enabled"] = True
    editor.connection.notify("workspace/didChangeConfiguration", {"settings": None})
    editor.wait_for_status(lambda status: status["state"] == "ready", since)
    assert editor.complete(uri, len(SOURCE), INVOKED)


def test_an_editor_without_ghost_text_is_offered_a_list(start: Start) -> None:
    editor = start({"suggest": {"confidence": "eager"}}, capabilities={"textDocument": {}})
    assert "completionProvider" in editor.capabilities
    editor.wait_until_ready()
    uri = opened(editor, name="read.py")  # The model is shown the name.
    place = {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 14}}
    # Not every place has something worth showing unasked.
    answers = []
    for text in ("pa", "t", "h", ", "):
        end = len(editor.documents[uri])
        editor.replace(uri, end, end, text)
        place["position"] = {"line": 4, "character": 14 + end + len(text) - len(SOURCE)}
        answers.append(editor.connection.request("textDocument/completion", place).result(60))
    items = [item for answer in answers for item in answer["items"]]
    assert all(answer["isIncomplete"] for answer in answers)
    assert items
    assert all(item["textEdit"]["newText"].startswith(item["filterText"]) for item in items)


def test_commands(start: Start) -> None:
    editor = start()
    editor.wait_until_ready()
    uri = opened(editor)
    [item, *_] = editor.ask(uri, len(SOURCE), INVOKED).result(60)["items"]
    command = item["command"]
    assert editor.command(command["command"], *command["arguments"]) is None
    assert editor.status()["accepted"] == 1
    place = {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 14}}
    shown = editor.command("polylsp.showPrompt", place)
    assert "def read(path):" in shown["text"]
    assert shown["tokens"] > 0
    first = editor.complete(uri, len(SOURCE), INVOKED)
    assert editor.command("polylsp.clearCache") is None
    assert editor.complete(uri, len(SOURCE), INVOKED) == first
    assert editor.command("polylsp.toggle") == {"enabled": False}
    assert editor.status()["state"] == "paused"
    assert editor.complete(uri, len(SOURCE), INVOKED) == []
    assert editor.command("polylsp.toggle") == {"enabled": True}
    with pytest.raises(ResponseError) as refused:
        editor.command("polylsp.unheardOf")
    assert refused.value.code == -32602
    assert editor.quit() == 0


def test_the_log_names_no_source_text(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as stderr:
        editor = start(
            stderr=stderr, command=[sys.executable, "-m", "polylsp", "lsp", "--log", "info"]
        )
        editor.wait_until_ready()
        uri = opened(editor, "canary_word = 1\nprint(canary_word, ")
        editor.complete(uri, len(editor.documents[uri]), INVOKED)
        editor.complete(uri, len(editor.documents[uri]), AUTOMATIC)
        editor.connection.notify("textDocument/didOpen", {"textDocument": "canary_word"})
        editor.connection.request("unheard/of", {"text": "canary_word"})
        editor.connection.send_raw(b'{"canary_word"')
        editor.command("polylsp.clearCache")
        assert editor.quit() == 0
    text = log.read_text(encoding="utf-8")
    assert "INFO polylsp.lsp.handlers: shown" in text
    assert "textDocument/didOpen ignored" in text
    assert "canary" not in text


def test_a_log_that_nobody_reads_stops_nothing(start: Start) -> None:
    editor = start(stderr=subprocess.PIPE)
    for _ in range(1500):  # A warning each: more than any pipe holds.
        editor.connection.notify("textDocument/didOpen", {"textDocument": None})
    assert editor.wait_until_ready()["state"] == "ready"
    assert editor.quit() == 0
    assert editor.connection.process.stderr is not None
    editor.connection.process.stderr.close()


def test_what_others_print_does_not_end_up_among_the_messages(start: Start, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, sys, threading\n"
        "threading.Timer(0.2, lambda: print('Content-Length: 3', flush=True)).start()\n",
        encoding="utf-8",
    )
    editor = start(environment={**os.environ, "PYTHONPATH": str(tmp_path)})
    editor.wait_until_ready()
    uri = opened(editor)
    assert editor.complete(uri, len(SOURCE), INVOKED)
    assert editor.quit() == 0


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:0"])
def test_a_client_over_tcp(address: str) -> None:
    command = [sys.executable, "-m", "polylsp", "lsp", "--log", "error", "--tcp", address]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        line = server.stderr.readline()
        found = re.fullmatch(r"polylsp: waiting for a client at (.+):(\d+)\n", line)
        if found is None and "::1" in address:
            assert "cannot listen" in line
            pytest.skip("this machine has no IPv6")
        assert found is not None
        with (
            socket.create_connection((found[1], int(found[2])), 30) as client,
            client.makefile("rwb") as stream,
        ):
            initialize: dict[str, Any] = {"processId": None, "capabilities": {}}
            assert "capabilities" in _ask(stream, 1, "initialize", initialize)
            assert _ask(stream, 2, "polylsp/status")["state"] == "loading"
            assert _ask(stream, 3, "shutdown") is None
            # The stream's end stands in for `exit`.
        assert server.wait(30) == 0


def _ask(stream: Any, id_: int, method: str, params: Any = None) -> Any:
    message = {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}
    body = json.dumps(message).encode()
    stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    stream.flush()
    length = int(stream.readline().partition(b":")[2])
    while stream.readline().strip():
        pass
    answer = json.loads(stream.read(length))
    assert answer["id"] == id_
    return answer["result"]


def test_an_address_that_cannot_be_listened_at_is_told() -> None:
    command = [sys.executable, "-m", "polylsp", "lsp", "--tcp", "nonsense"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 1
    assert done.stderr == "polylsp: 'nonsense' is not HOST:PORT, as in 127.0.0.1:8080\n"


def test_a_handler_that_fails_is_no_popup(editor: Editor) -> None:
    connection = editor.connection
    connection.notify("notebookDocument/didChange", {"notebookDocument": {"uri": "file:///never"}})
    change = {
        "notebookDocument": {"uri": "file:///never", "version": 1},
        "change": {"metadata": {}},
    }
    connection.notify("notebookDocument/didChange", change)
    assert editor.status()["state"] == "ready"
    assert not [one for one in connection.heard if one.get("method") == "window/showMessage"]
