"""From the first message to the exit code, and the log."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polylsp.errors import PolyError
from polylsp.lsp.serve import _Log, _log_file, serve
from polylsp.lsp.transport import read_messages

INITIALIZE = {
    "id": 1,
    "method": "initialize",
    "params": {"processId": None, "capabilities": {}},
}
INITIALIZED = {"method": "initialized", "params": {}}
SHUTDOWN, EXIT = {"id": 9, "method": "shutdown"}, {"method": "exit"}


def converse(*messages: Any) -> tuple[int, list[Any]]:
    """Say it all in one breath, then close the stream: the exit code, and what was said back."""
    said = b""
    for message in messages:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        said += b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    out = io.BytesIO()
    code = serve(io.BytesIO(said), out)
    heard: list[Any] = []
    read_messages(
        io.BytesIO(out.getvalue()), lambda body: heard.append(json.loads(body)), lambda: None
    )
    return code, heard


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([], 1),
        ([EXIT], 1),
        ([INITIALIZE], 1),
        ([INITIALIZE, EXIT], 1),
        ([INITIALIZE, SHUTDOWN, EXIT], 0),
        ([INITIALIZE, SHUTDOWN], 0),  # The stream ends in the place of `exit`.
        ([INITIALIZE, SHUTDOWN, EXIT, EXIT], 0),
        ([SHUTDOWN, EXIT], 1),  # Refused: there was no initialize.
    ],
)
def test_the_exit_code_tells_whether_it_was_shut_down(messages: list[Any], code: int) -> None:
    assert converse(*messages)[0] == code


def test_every_request_is_answered_before_the_streams_close() -> None:
    prompt = {
        "command": "polylsp.showPrompt",
        "arguments": [{"textDocument": {"uri": "u"}, "position": {"line": 0, "character": 0}}],
    }
    place = {
        "textDocument": {"uri": "u"},
        "position": {"line": 0, "character": 0},
        "context": {"triggerKind": 1},
    }
    document = {"uri": "u", "languageId": "python", "version": 1, "text": "x"}
    code, heard = converse(
        INITIALIZE,
        INITIALIZED,
        {"method": "textDocument/didOpen", "params": {"textDocument": document}},
        {"id": 2, "method": "textDocument/inlineCompletion", "params": place},
        {"id": 3, "method": "workspace/executeCommand", "params": prompt},
        {"id": 4, "method": "unheard/of"},
        SHUTDOWN,
        EXIT,
    )
    assert code == 0
    assert sorted(one["id"] for one in heard if "id" in one) == [1, 2, 3, 4, 9]


def test_a_client_that_is_gone_ends_the_server() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stdin, stdin_of_client = os.pipe()
    with (
        os.fdopen(writing, "wb", buffering=0) as stdout,
        os.fdopen(stdin, "rb") as received,
        os.fdopen(stdin_of_client, "wb", buffering=0) as client,
    ):
        body = json.dumps({"jsonrpc": "2.0", **INITIALIZE}).encode()
        client.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        assert serve(received, stdout) == 1  # Its stdin is open still.


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    made = logging.getLogger("a log of its own")
    made.propagate = False
    made.setLevel(logging.INFO)
    yield made
    for handler in list(made.handlers):
        made.removeHandler(handler)


def test_a_log_that_nobody_reads_blocks_nobody(logger: logging.Logger) -> None:
    reading, writing = os.pipe()
    received: list[bytes] = []
    with os.fdopen(reading, "rb") as reader:
        late = threading.Thread(target=lambda: received.append(reader.read()))
        with os.fdopen(writing, "wb", buffering=0) as stream:
            log = _Log(stream)
            logger.addHandler(log)
            for number in range(20_000):  # More than any pipe holds.
                logger.info("line %d", number)
            waiting = log._writer.waiting
            late.start()
            log.close()
        late.join(20)
    assert waiting == 1000
    lines = received[0].splitlines()
    assert lines[0].endswith(b"INFO a log of its own: line 0")
    assert 1000 <= len(lines) < 20_000  # What there was no room for is dropped.


def test_the_log_ends_with_its_last_line(logger: logging.Logger) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader:
        with os.fdopen(writing, "wb") as stream:
            log = _Log(stream)
            logger.addHandler(log)
            logger.warning("the last line, with a \ud800 in it")
            log.close()
        assert reader.read().endswith(b"WARNING a log of its own: the last line, with a ? in it\n")


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("debug", {"ours debug", "ours info", "ours error", "theirs debug", "theirs error"}),
        ("info", {"ours info", "ours error"}),
        ("error", {"ours error"}),
    ],
)
def test_what_dependencies_log_is_for_debugging_only(level: str, shown: set[str]) -> None:
    program = f"""
import logging
from polylsp.lsp.serve import log_to
log = log_to(None, {level!r})
for name, ours in (("polylsp.lsp", "ours"), ("pygls.protocol", "theirs"), ("asyncio", "theirs"),
                   ("concurrent.futures", "theirs")):
    logging.getLogger(name).debug(ours + " debug")
    logging.getLogger(name).error(ours + " error")
logging.getLogger("polylsp").info("ours info")
log.close()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    lines = {line.rsplit(": ", 1)[1] for line in done.stderr.decode().splitlines()}
    assert lines == shown


def test_a_log_file_goes_on_until_it_is_full(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "log"
    for text in (b"one ", b"two "):
        with _log_file(file) as stream:
            stream.write(text)
    assert file.read_bytes() == b"one two "
    file.write_bytes(b"x" * 1_000_001)
    with _log_file(file) as stream:
        stream.write(b"anew")
    assert file.read_bytes() == b"anew"
    with pytest.raises(PolyError, match="--log-file"):
        _log_file(tmp_path)
