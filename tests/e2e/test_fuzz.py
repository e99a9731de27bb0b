"""Thousands of messages, as editors send them and faster: every request has its answer, and none is stale.

Answers and edits cross on the wire, so that a client cannot tell at once which version an answer belongs to.
A status request is answered in its turn: what was asked before an edit, and is answered with something behind
the status that was asked for after it, is stale. `LONG_RUNS=1` sends 10,000 messages from either client.
"""

from __future__ import annotations

import os
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from polylsp.client.editor import AUTOMATIC, INVOKED, Editor
from polylsp.client.rpc import Message
from polylsp.types import Snapshot
from tests.e2e.conftest import Start

MESSAGES = 10_000 if os.environ.get("LONG_RUNS") else 800
CANCELLED, MODIFIED = -32800, -32801
# What `polylsp.showPrompt` shows is then the document up to the cursor.
SETTINGS: dict[str, Any] = {
    "prompt": {"healing": False, "path": False},
    "context": {"neighbours": False, "companion": False},
    "engine": {"memory": 32, "budget": 50, "explicitBudget": 50},
    "suggest": {"lineTokens": 8, "blockTokens": 16, "candidates": 2, "confidence": "eager"},
    "lsp": {"completion": "on"},
}
OTHER_SETTINGS: list[dict[str, Any]] = [
    {"suggest": {"confidence": "quiet"}},
    {"suggest": {"cache": 1}},
    {"engine": {"ahead": False}},
    {"engine": {"lookup": False}},
    {"automatic": False},
    {"enabled": False},
]
LANGUAGES = {"py": "python", "go": "go", "c": "c", "txt": "plaintext"}
SAMPLES = {
    file.suffix[1:]: file.read_text(encoding="utf-8")
    for file in sorted((Path(__file__).parents[1] / "samples").iterdir())
    if file.suffix[1:] in LANGUAGES
}
PIECES = [*"abcxyz(){}[].,:=+\"'", "self", "return ", "if x", "\n", "    ", "😀", "é", "\U0010ffff"]
_LINE_END = re.compile("\r\n?|\n")


@dataclass
class Document:
    """A document as the client has it."""

    text: str
    eol: str
    cursor: int
    ahead: str  # What is typed next by somebody who knows what they want.
    version: int = 1


@dataclass
class Asked:
    """A request, and what of it can be told from the outside."""

    at: int  # Which message it was.
    method: str
    uri: str = ""
    place: Message = field(default_factory=dict)
    text: str = ""  # Of its document, at that time.
    offset: int = 0  # Of the place in it.
    cancelled: bool = False
    # The first message behind it that had it superseded, and the first that made it stale.
    superseded: int | None = None
    stale: int | None = None

    def survives(self, text: str) -> bool:
        """Whether it is a list that may still be shown in the document as it is now: its user has typed on."""
        before, behind = self.text[: self.offset], self.text[self.offset :]
        typed = text[self.offset : len(text) - len(behind)]
        on = before + typed + behind == text and not set(typed) & {"\r", "\n"}
        return on and self.method == "textDocument/completion"


class Client:
    """Somebody who never waits, or now and then; what was said and heard is kept in order."""

    def __init__(self, editor: Editor, encoding: str, chance: random.Random) -> None:
        self.documents: dict[str, Document] = {}
        self.asked: dict[str, Asked] = {}
        self.sent = 0
        self._editor = editor
        self._encoding = encoding
        self._chance = chance
        self._heard = len(editor.connection.heard)
        self._at_hand = ""
        self._settings: dict[str, Any] = {}

    def run(self, messages: int) -> None:
        deeds = {
            self._type: 40,
            self._ask: 25,
            self._edit: 6,
            self._jump: 4,
            self._status: 10,
            self._cancel: 4,
            self._focus: 3,
            self._show_prompt: 3,
            self._list: 3,
            self._open: 3,
            self._close: 2,
            self._accept: 3,
            self._configure: 1,
        }
        while self.sent < messages:
            [deed] = self._chance.choices(list(deeds), list(deeds.values()))
            deed()
            if self._settings and self._chance.random() < 0.1:
                self._configure()
        self._say("workspace/didChangeConfiguration", {"settings": {"polylsp": {}}})
        self.settle()
        for uri in sorted(self.documents):
            self.documents[uri].cursor = len(self.documents[uri].text)
            self._show_prompt(uri)
        self.settle()

    def settle(self) -> None:
        """Wait until everything is answered."""
        self._status()
        done = {one["id"] for one in self.answers()}
        for id_ in self.asked:
            if id_ not in done:
                self._editor.connection.wait_for(
                    lambda one, id_=id_: one.get("id") == id_ and "method" not in one,  # type: ignore[misc]
                    self._heard,
                )

    def answers(self) -> Iterator[Message]:
        """In the order in which they came."""
        for message in self._editor.connection.heard[self._heard :]:
            if "id" in message and "method" not in message:
                yield message

    def _say(self, method: str, params: Any) -> None:
        self.sent += 1
        self._editor.connection.notify(method, params)

    def _request(self, method: str, params: Any, **about: Any) -> None:
        id_ = f"fuzz {self.sent}"
        self.asked[id_] = Asked(self.sent, method, **about)
        self.sent += 1
        self._editor.connection.send({"id": id_, "method": method, "params": params})

    def _overtake(self, uri: str, stale: bool) -> None:
        """The next message makes what was asked for a document pointless; all documents: "" ."""
        for one in self.asked.values():
            if one.uri == uri or not uri:
                one.superseded = self.sent if one.superseded is None else one.superseded
                if stale and one.stale is None and not one.survives(self._text(uri)):
                    one.stale = self.sent

    def _text(self, uri: str) -> str:
        """Of an open document, as it is now."""
        return self.documents[uri].text if uri in self.documents else ""

    def _uri(self) -> str:
        """A document: mostly the one at hand."""
        if not self.documents:
            self._open()
        if self._at_hand not in self.documents or self._chance.random() < 0.1:
            self._at_hand = self._chance.choice(sorted(self.documents))
        return self._at_hand

    def _open(self) -> None:
        [ending] = self._chance.choices(sorted(LANGUAGES), [3, 3, 6, 1])
        uri = f"file:///fuzz/{self._chance.randint(0, 2)}.{ending}"
        source = SAMPLES.get(ending, "some words\nand more\n")
        start = self._chance.randint(0, max(0, len(source) - 400))
        eol = self._chance.choice(["\n", "\n", "\r\n", "\r"])
        end = start + self._chance.randint(0, 400)
        text, ahead = (one.replace("\n", eol) for one in (source[start:end], source[end:]))
        document = Document(text, eol, len(text), ahead)
        self._overtake(uri, stale=True)
        self.documents[uri] = document
        item = {"uri": uri, "languageId": LANGUAGES[ending], "version": 1, "text": text}
        self._say("textDocument/didOpen", {"textDocument": item})

    def _close(self) -> None:
        uri = self._uri()
        del self.documents[uri]
        self._overtake(uri, stale=True)
        self._say("textDocument/didClose", {"textDocument": {"uri": uri}})

    def _type(self) -> None:
        """A key at the cursor."""
        uri = self._uri()
        document = self.documents[uri]
        at, chance = document.cursor, self._chance.random()
        if len(document.text) > 600:
            self._change(uri, [(0, len(document.text), "x = ")], whole=True)
        elif chance < 0.15 and at > 0:
            self._change(uri, [(self._border(document.text, at - 1), at, "")])
        elif chance < 0.3 or not document.ahead:
            new = self._chance.choice(PIECES).replace("\n", document.eol)
            self._change(uri, [(at, at, new)])
        else:
            end = self._border(document.ahead, self._chance.randint(1, 3))
            self._change(uri, [(at, at, document.ahead[:end])])
            document.ahead = document.ahead[end:]

    def _edit(self) -> None:
        """Anything anywhere: several changes at once, or all of the text."""
        uri = self._uri()
        text = self.documents[uri].text
        changes = []
        for _ in range(self._chance.choice([1, 1, 2, 3])):
            start, end = sorted(
                self._border(text, self._chance.randint(0, len(text))) for _ in "ab"
            )
            end = min(end, self._border(text, start + 30))
            new = "".join(
                self._chance.choices([*PIECES, "\r", "\r\n"], k=self._chance.randint(0, 4))
            )
            changes.append((start, end, new))
            text = text[:start] + new + text[end:]
        self._change(uri, changes, whole=self._chance.random() < 0.2)

    def _jump(self) -> None:
        """Nothing that a server hears of."""
        document = self.documents[self._uri()]
        document.cursor = len(document.text)

    def _change(self, uri: str, changes: list[tuple[int, int, str]], whole: bool = False) -> None:
        document = self.documents[uri]
        said: list[Message] = []
        for start, end, new in changes:
            places = {
                "start": self._place(document.text, start),
                "end": self._place(document.text, end),
            }
            document.text = document.text[:start] + new + document.text[end:]
            document.cursor = self._border(document.text, start + len(new))
            said.append({"range": places, "text": new})
        document.version += 1
        self._overtake(uri, stale=True)
        params = {
            "textDocument": {"uri": uri, "version": document.version},
            "contentChanges": [{"text": document.text}] if whole else said,
        }
        self._say("textDocument/didChange", params)

    def _accept(self) -> None:
        """Take what was suggested last, where its document is as it was."""
        for answer in list(self.answers())[-5:]:
            asked = self.asked[answer["id"]]
            items = (answer.get("result") or {}).get("items") or [{}]
            if asked.stale is None and asked.uri in self.documents and "insertText" in items[0]:
                at = self.documents[asked.uri].cursor
                if self._place(self.documents[asked.uri].text, at) == asked.place:
                    self._change(asked.uri, [(at, at, items[0]["insertText"])])
                return

    def _ask(self) -> None:
        trigger = INVOKED if self._chance.random() < 0.3 else AUTOMATIC
        self._complete("textDocument/inlineCompletion", {"context": {"triggerKind": trigger}})
        if self._chance.random() < 0.3:
            self.settle()

    def _list(self) -> None:
        self._complete("textDocument/completion", {})

    def _complete(self, method: str, more: Message) -> None:
        uri = self._uri()
        document = self.documents[uri]
        at = document.cursor
        if self._chance.random() < 0.2:
            at = self._border(document.text, self._chance.randint(0, len(document.text)))
        place = self._place(document.text, at)
        self._overtake(uri, stale=False)
        params = {"textDocument": {"uri": uri}, "position": place, **more}
        self._request(method, params, uri=uri, place=place, text=document.text, offset=at)

    def _cancel(self) -> None:
        if self.asked:
            id_ = self._chance.choice(list(self.asked)[-8:])
            self.asked[id_].cancelled = True
            self._say("$/cancelRequest", {"id": id_})

    def _status(self) -> None:
        self._request("polylsp/status", None)

    def _focus(self) -> None:
        self._say("polylsp/didFocus", {"uri": self._uri()})

    def _configure(self) -> None:
        """Other settings for a while; those of the start in between."""
        self._settings = {} if self._settings else self._chance.choice(OTHER_SETTINGS)
        self._overtake("", stale=False)
        params = {"settings": {"polylsp": self._settings}}
        self._say("workspace/didChangeConfiguration", params)

    def _show_prompt(self, uri: str = "") -> None:
        uri = uri or self._uri()
        document = self.documents[uri]
        place = {
            "textDocument": {"uri": uri},
            "position": self._place(document.text, document.cursor),
        }
        params = {"command": "polylsp.showPrompt", "arguments": [place]}
        text = document.text[: document.cursor]
        self._request("workspace/executeCommand", params, text=text)

    def _border(self, text: str, offset: int) -> int:
        """The offset, or the one behind it where it is within a line end."""
        return min(len(text), offset + (text[max(0, offset - 1) : offset + 1] == "\r\n"))

    def _place(self, text: str, offset: int) -> Message:
        ends = [one.end() for one in _LINE_END.finditer(text) if one.end() <= offset]
        line = text[ends[-1] if ends else 0 : offset]
        wide = sum(character > "\uffff" for character in line) if self._encoding == "utf-16" else 0
        return {"line": len(ends), "character": len(line) + wide}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_every_request_is_answered_once_and_never_with_what_is_stale(
    start: Start, tmp_path: Path, encoding: str
) -> None:
    command = [sys.executable, "-m", "polylsp", "lsp", "--log", "error"]
    with (tmp_path / "log").open("wb") as log:
        capabilities = {
            "general": {"positionEncodings": [encoding]},
            "textDocument": {"inlineCompletion": {}},
        }
        editor = start(SETTINGS, capabilities=capabilities, command=command, stderr=log)
        editor.wait_until_ready()
        client = Client(editor, encoding, random.Random(encoding))
        client.run(MESSAGES)
        assert editor.status()["state"] == "ready"
        assert editor.quit() == 0
    assert (tmp_path / "log").read_text(encoding="utf-8") == ""
    answers = list(client.answers())
    assert sorted(one["id"] for one in answers) == sorted(client.asked)
    counts = {"items": 0, "nothing": 0, "modified": 0, "cancelled": 0, "prompts": 0}
    passed = -1  # What was sent up to here has been handled by now.
    for answer in answers:
        asked = client.asked[answer["id"]]
        if asked.method == "polylsp/status":
            assert asked.cancelled or "result" in answer
            passed = max(passed, asked.at)
        elif asked.method == "workspace/executeCommand":
            counts["prompts"] += _check_prompt(asked, answer)
        else:
            counts[_check_completion(asked, answer, passed)] += 1
    print(f"{encoding}: {client.sent} messages, {len(answers)} answers: {counts}")
    assert counts["items"] > MESSAGES / 100
    assert counts["prompts"] > MESSAGES / 100
    assert min(counts.values()) > 0


def _check_prompt(asked: Asked, answer: Message) -> bool:
    """The server's document is the client's. False where it does not say."""
    prompt = answer.get("result")
    if prompt is None or prompt["silence"] is not None:
        return False
    # Before it may stand headers of definitions behind the cursor.
    assert prompt["text"].endswith(Snapshot.of("", 0, "", asked.text).text)
    return True


def _check_completion(asked: Asked, answer: Message, passed: int) -> str:
    """Which kind of answer it is, and that it may be."""
    if "error" in answer:
        assert answer["error"]["code"] in (CANCELLED, MODIFIED)
        if answer["error"]["code"] == CANCELLED:
            assert asked.cancelled
            return "cancelled"
        assert asked.superseded is not None
        return "modified"
    items = answer["result"]["items"]
    assert not items or asked.stale is None or asked.stale > passed, "stale"
    for item in items if asked.method == "textDocument/inlineCompletion" else ():
        assert item["insertText"].strip()
        assert item["range"] == {"start": asked.place, "end": asked.place}
        if "\n" in Snapshot.of("", 0, "", item["insertText"]).text:
            assert set(_LINE_END.findall(item["insertText"])) == {
                Snapshot.of("", 0, "", asked.text).eol
            }
    return "items" if items else "nothing"
