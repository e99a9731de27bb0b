"""pygls's protocol, made to answer everything that must be answered.

Messages that are no JSON, no request or no valid parameters get the error the specification asks for, and
no document, file or popup suffers. Also here: the names of our own methods and commands.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from cattrs import Converter
from lsprotocol import types as lsp
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, default_converter

log = logging.getLogger(__name__)

STATUS = "polylsp/status"  # A request, and a notification for clients that ask for it.
TOGGLE = "polylsp.toggle"
CLEAR_CACHE = "polylsp.clearCache"
SHOW_PROMPT = "polylsp.showPrompt"
ACCEPTED = "polylsp.accepted"
STATUS_CAPABILITY = "polylspStatus"  # In the client's `experimental` capabilities.


def converter() -> Converter:
    """pygls's converter, with older clients' trigger kinds: 0 was "invoked" before LSP 3.18."""
    made: Converter = default_converter()  # type: ignore[no-untyped-call]
    kinds = lsp.InlineCompletionTriggerKind

    def kind(value: object, _: object) -> lsp.InlineCompletionTriggerKind:
        return kinds.Automatic if value == kinds.Automatic.value else kinds.Invoked

    made.register_structure_hook(kinds, kind)
    return made


class Protocol(LanguageServerProtocol):
    """One connection. `stopped` is called once, when the client has said `exit`."""

    stopped: Callable[[int], None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._initialized = False

    def receive(self, body: bytes) -> None:
        """Handle one message, whatever it holds."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            self._refuse(None, JsonRpcParseError("this is not JSON"))
            return
        if not isinstance(message, dict):
            self._refuse(None, JsonRpcInvalidRequest("a message must be an object"))
            return
        method, id_ = message.get("method"), message.get("id")
        if isinstance(id_, bool) or not isinstance(id_, int | str | None):
            self._refuse(None, JsonRpcInvalidRequest("an id must be a number or text"))
            return
        message["jsonrpc"] = self.VERSION
        if method == lsp.EXIT:
            self.stopped(0 if self._shutdown else 1)
        elif method is None and id_ is not None and ("result" in message or "error" in message):
            self._take_response(message)
        elif not isinstance(method, str):
            self._refuse(id_, JsonRpcInvalidRequest("a message needs a method"))
        elif "id" not in message:
            if self._initialized and not self._shutdown:
                self._take(message)
        elif id_ is None:
            self._refuse(None, JsonRpcInvalidRequest("a request's id must not be null"))
        else:
            wrong = self._out_of_order(method)
            if wrong is None:
                self._initialized = True
                self._take(message)
            else:
                self._refuse(id_, wrong)

    def _out_of_order(self, method: str) -> JsonRpcException | None:
        if self._shutdown:
            return JsonRpcInvalidRequest("the server has been shut down")
        if method == lsp.INITIALIZE:
            return JsonRpcInvalidRequest("initialized twice") if self._initialized else None
        return None if self._initialized else JsonRpcServerNotInitialized("initialize comes first")

    def _take(self, message: dict[str, Any]) -> None:
        if self.get_message_type(message["method"]) is None:
            message = {"params": None, **message}  # May be left out, which pygls does not expect.
        try:
            structured = self.structure_message(message)
        except Exception as error:
            cause = error.__cause__ or error
            if "id" in message:
                if message["method"] == lsp.INITIALIZE:
                    self._initialized = False
                reason = f"the parameters of {message['method']} are not valid: {_why(cause)}"
                self._refuse(message["id"], JsonRpcInvalidParams(reason))
            else:
                log.warning("%s ignored: %s", message["method"], _why(cause))
            return
        self.handle_message(structured)

    def _take_response(self, message: dict[str, Any]) -> None:
        try:
            self.handle_message(self.structure_message(message))
        except Exception as error:
            log.warning("a response ignored: %s", _why(error.__cause__ or error))

    def _refuse(self, id_: int | str | None, error: JsonRpcException) -> None:
        answer = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": self.VERSION, "id": id_, "error": answer})

    def structure_message(self, data: dict[str, Any]) -> Any:
        # pygls logs whole messages, and with them source text, when one cannot be structured.
        logger = logging.getLogger("pygls.protocol.json_rpc")
        disabled, logger.disabled = logger.disabled, True
        try:
            return super().structure_message(data)
        finally:
            logger.disabled = disabled

    def _send_handler_result(self, future: Future[Any], *, msg_id: int | str) -> None:
        """Errors that handlers raise on purpose are answers like any other: no log, no popup."""
        error = None if future.cancelled() else future.exception()
        if isinstance(error, JsonRpcException):
            self._request_futures.pop(msg_id, None)
            self._send_response(msg_id, error=error.to_response_error())
        else:
            super()._send_handler_result(future, msg_id=msg_id)


def _why(error: BaseException) -> str:
    """The innermost reason, in a line, without the values that were sent."""
    while isinstance(getattr(error, "exceptions", None), tuple) and error.exceptions:  # type: ignore[attr-defined]
        error = error.exceptions[0]  # type: ignore[attr-defined]
    return type(error).__name__
