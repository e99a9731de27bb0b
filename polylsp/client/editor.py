"""An editor without a screen: documents, typing, and asking for completions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from polylsp.client.rpc import Connection, Message
from polylsp.errors import PolyError

INVOKED, AUTOMATIC = 1, 2
_LINE_END = re.compile("\r\n?|\n")


class Editor:
    """One client of one server. Positions are in code points (utf-32)."""

    def __init__(
        self,
        settings: Any = None,
        *,
        capabilities: Mapping[str, Any] | None = None,
        command: Sequence[str] | None = None,
        root: str | None = None,
        **connection: Any,
    ) -> None:
        """Start a server and initialize it.

        `settings` go into initializationOptions; `capabilities` are what the editor can do besides knowing
        utf-32 and status notifications: to show inline completions, if nothing is said. Nobody types here, so
        statistics are kept only if the settings say so.
        """
        self.connection = Connection(command, **connection)
        self.documents: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._folders = [root] if root else []
        if capabilities is None:
            capabilities = {"textDocument": {"inlineCompletion": {}}}
        folders = [_folder(root)] if root else None
        self.capabilities = self.connection.request(
            "initialize",
            {
                "processId": None,
                "rootUri": root,
                "workspaceFolders": folders,
                "initializationOptions": _uncounted(settings),
                "capabilities": {
                    "general": {"positionEncodings": ["utf-32"]},
                    "experimental": {"polylspStatus": True},
                    **capabilities,
                },
            },
        ).result(30)["capabilities"]
        self.connection.notify("initialized", {})

    def wait_until_ready(self, seconds: float = 60) -> dict[str, Any]:
        """The server's status once its model is loaded. Raises PolyError where there will be none."""
        since = len(self.connection.heard)
        status = self.status()
        if status["state"] == "loading":
            status = self.wait_for_status(lambda now: now["state"] != "loading", since, seconds)
        if status["state"] == "no model":
            raise PolyError(status["message"])
        return status

    def wait_for_status(
        self, wanted: Callable[[dict[str, Any]], bool], since: int = 0, seconds: float = 60
    ) -> dict[str, Any]:
        """The first status that is `wanted`, of those told unasked from `connection.heard[since]` on."""

        def is_it(message: Message) -> bool:
            return message.get("method") == "polylsp/status" and wanted(message["params"])

        status: dict[str, Any] = self.connection.wait_for(is_it, since, seconds)["params"]
        return status

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = self.connection.request("polylsp/status").result(30)
        return status

    def command(self, name: str, *arguments: Any) -> Any:
        """What `workspace/executeCommand` gives. Raises ResponseError."""
        params = {"command": name, "arguments": list(arguments)}
        return self.connection.request("workspace/executeCommand", params).result(60)

    def work_in(self, folders: Sequence[str]) -> None:
        """Have these folders (URIs) as the workspace, and no others."""
        before, self._folders = self._folders, list(folders)
        event = {
            "added": [_folder(one) for one in folders if one not in before],
            "removed": [_folder(one) for one in before if one not in folders],
        }
        self.connection.notify("workspace/didChangeWorkspaceFolders", {"event": event})

    def open(self, uri: str, language_id: str, text: str) -> None:
        self.documents[uri], self._versions[uri] = text, 1
        item = {"uri": uri, "languageId": language_id, "version": 1, "text": text}
        self.connection.notify("textDocument/didOpen", {"textDocument": item})

    def focus(self, uri: str, offset: int) -> None:
        """Say that a document came to the front, its cursor at `offset`."""
        place = position(self.documents[uri], offset)
        params = {"textDocument": {"uri": uri}, "position": place}
        self.connection.notify("polylsp/didFocus", params)

    def close(self, uri: str) -> None:
        self.documents.pop(uri)
        self.connection.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def replace(self, uri: str, start: int, end: int, text: str) -> None:
        """Put `text` in place of the characters from `start` to `end`."""
        old = self.documents[uri]
        self._versions[uri] += 1
        range_ = {"start": position(old, start), "end": position(old, end)}
        self.documents[uri] = old[:start] + text + old[end:]
        self.connection.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": uri, "version": self._versions[uri]},
                "contentChanges": [{"range": range_, "text": text}],
            },
        )

    def ask(self, uri: str, offset: int, trigger: int = AUTOMATIC) -> Future[Any]:
        """Ask for inline completions; the future has LSP's answer."""
        return self.connection.request(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": uri},
                "position": position(self.documents[uri], offset),
                "context": {"triggerKind": trigger},
            },
        )

    def ask_prompt(self, uri: str, offset: int) -> Future[Any]:
        """Ask what the model would be given; the future has what `polylsp.showPrompt` gives."""
        place = {
            "textDocument": {"uri": uri},
            "position": position(self.documents[uri], offset),
        }
        params = {"command": "polylsp.showPrompt", "arguments": [place]}
        return self.connection.request("workspace/executeCommand", params)

    def complete(self, uri: str, offset: int, trigger: int = AUTOMATIC) -> list[str]:
        """The texts suggested, best first. Waits for them; raises ResponseError."""
        answer = self.ask(uri, offset, trigger).result(60)
        return [item["insertText"] for item in (answer or {}).get("items", [])]

    def quit(self) -> int:
        """End the server; its exit code."""
        return self.connection.close()


def _folder(uri: str) -> dict[str, str]:
    return {"uri": uri, "name": uri.rpartition("/")[2]}


def _uncounted(settings: Any) -> Any:
    """Settings that are an object, with statistics off unless they say otherwise."""
    off = {"stats": {"enabled": False}}
    return {**off, **(settings or {})} if isinstance(settings, dict | None) else settings


def position(text: str, offset: int) -> dict[str, int]:
    """LSP's position of an offset; lines end with LF, CRLF or CR."""
    if "\r" not in text:
        line, start = text.count("\n", 0, offset), text.rfind("\n", 0, offset) + 1
    else:
        ends = [end for one in _LINE_END.finditer(text) if (end := one.end()) <= offset]
        line, start = len(ends), ends[-1] if ends else 0
    return {"line": line, "character": offset - start}
