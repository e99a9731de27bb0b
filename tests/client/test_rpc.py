"""The client that benchmarks, the demo and the end-to-end tests talk through, against small servers."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from polylsp.client.rpc import Connection, ResponseError
from polylsp.errors import PolyError

# Reads one message after the other and does what its method says.
SERVER = r"""
import json, sys

def read():
    length = 0
    while (line := sys.stdin.buffer.readline()).strip():
        length = int(line.partition(b":")[2])
    return json.loads(sys.stdin.buffer.read(length)) if line else None

def say(header=b"Content-Length: %d\r\n\r\n", **message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(header % len(body) + body)
    sys.stdout.buffer.flush()

while (message := read()) is not None:
    method, id_, params = message.get("method"), message.get("id"), message.get("params")
    if method == "echo":
        say(id=id_, result=params)
    elif method == "odd header":
        say(b"X: y\r\ncontent-length: %d\r\n\r\n", id=id_, result=params)
    elif method == "fail":
        say(id=id_, error={"code": -32801, "message": "modified"})
    elif method == "tell":
        say(method="told", params=params)
    elif method == "ask":
        say(id="mine", method="what", params=params)
        say(id=id_, result=read()["result"])
    elif method == "answer nothing":
        say(id=4711, result=1)
        say(id=None, error={"code": -32700, "message": "no"})
    elif method == "die":
        sys.exit(3)
    elif method == "die within a message":
        sys.stdout.buffer.write(b"Content-Length: 50\r\n\r\n{")
        sys.stdout.buffer.flush()
        sys.exit(4)
    elif method == "shutdown":
        say(id=id_, result=None)
    elif method == "exit":
        sys.exit(0)
"""


def connection(**how: Any) -> Connection:
    return Connection([sys.executable, "-c", SERVER], **how)


def test_answers_come_to_who_asked() -> None:
    server = connection()
    asked = [server.request("echo", number) for number in range(50)]
    assert [one.result(20) for one in asked] == list(range(50))
    assert server.request("odd header", "€").result(20) == "€"
    assert server.close() == 0


def test_errors_are_raised_with_their_code() -> None:
    server = connection()
    with pytest.raises(ResponseError, match="modified") as failed:
        server.request("fail").result(20)
    assert failed.value.code == -32801
    server.close()


def test_what_the_server_says_unasked_is_heard() -> None:
    server = connection()
    server.notify("tell", 1)
    server.notify("answer nothing")
    server.notify("tell", 2)
    assert server.wait_for(lambda one: one.get("params") == 2)["method"] == "told"
    assert [one.get("id", "-") for one in server.heard] == ["-", 4711, None, "-"]
    assert server.wait_for(lambda one: one.get("method") == "told", since=1)["params"] == 2
    server.close()


def test_what_is_never_said_is_not_waited_for_for_ever() -> None:
    server = connection()
    with pytest.raises(PolyError):
        server.wait_for(lambda one: True, timeout=0.01)
    server.notify("die")
    with pytest.raises(PolyError):
        server.wait_for(lambda one: True, timeout=60)
    assert server.close() == 3


def test_what_the_server_asks_is_answered() -> None:
    server = connection(serve=lambda method, params: [method, params])
    assert server.request("ask", 5).result(20) == ["what", 5]
    server.close()
    silent = connection()
    assert silent.request("ask", 5).result(20) is None
    silent.close()


@pytest.mark.parametrize(("how", "code"), [("die", 3), ("die within a message", 4)])
def test_nobody_waits_for_a_server_that_has_gone(how: str, code: int) -> None:
    server = connection()
    before = server.request(how)
    with pytest.raises(ResponseError, match="gone"):
        before.result(20)
    server.process.wait(20)
    with pytest.raises(ResponseError, match="gone"):
        server.request("echo", 1).result(20)
    server.notify("tell", 1)
    assert server.close() == code
