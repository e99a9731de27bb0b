"""pygls's protocol, made to answer everything that must be answered.

Messages that are no JSON, no request or no valid parameters get the error the specification asks for, and
no document, file or popup suffers. Also here: the names of our own methods and commands.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Future
from typing import Any

import attrs
from cattrs import Converter
from lsprotocol import types as lsp
from pygls.exceptions import (
    FeatureNotificationError,
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method
from pygls.protocol.json_rpc import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
)

from polylsp.lsp.documents import Documents

log = logging.getLogger(__name__)

STATUS = "polylsp/status"  # A request, and a notification for clients that ask for it.
DID_FOCUS = "polylsp/didFocus"  # A notification.
TOGGLE = "polylsp.toggle"
PAUSE = "polylsp.pause"
CLEAR_CACHE = "polylsp.clearCache"
CLEAR_INDEX = "polylsp.clearIndex"
SHOW_PROMPT = "polylsp.showPrompt"
ACCEPTED = "polylsp.accepted"
STATUS_CAPABILITY = "polylspStatus"  # In the client's `experimental` capabilities.


def converter() -> Converter:
    """pygls's converter, with what it does not know left as JSON has it.

    Older clients' trigger kinds are understood too: 0 was "invoked" before LSP 3.18.
    """
    made: Converter = default_converter()  # type: ignore[no-untyped-call]
    kinds = lsp.InlineCompletionTriggerKind

    def kind(value: object, _: object) -> lsp.InlineCompletionTriggerKind:
        return kinds.Automatic if value == kinds.Automatic.value else kinds.Invoked

    def as_it_came(message: dict[str, Any], cls: Any) -> Any:
        return cls(**{name: message[name] for name in _fields(cls) if name in message})

    made.register_structure_hook(kinds, kind)
    for generic in (JsonRPCRequestMessage, JsonRPCResponseMessage, JsonRPCNotification):
        made.register_structure_hook(generic, as_it_came)
    return made


class Protocol(LanguageServerProtocol):
    """One connection. `stopped` is called once, when the client has said `exit`."""

    stopped: Callable[[int], None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._initialized = False

    @property
    def was_shut_down(self) -> bool:
        return bool(self._shutdown)

    def receive(self, body: bytes) -> None:
        """Handle one message, whatever it holds. Never raises: the event loop would log its source text."""
        try:
            self._receive(body)
        except Exception as error:
            log.error("a message was lost: %s", type(error).__name__)  # noqa: TRY400
            log.debug("the error", exc_info=True)

    async def settle(self) -> None:
        """End what is in flight, and answer it."""
        running: list[Any] = list(self._request_futures.values())
        tasks: list[asyncio.Task[Any]] = [one for one in running if isinstance(one, asyncio.Task)]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1)

    def _receive(self, body: bytes) -> None:
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
        method = message["method"]
        known = self.get_message_type(method)
        if "id" in message:
            # A notification's method with an id would be taken for the notification, and not answered.
            notification = known is not None and "id" not in _fields(known)
            if notification or method not in {**self.fm.features, **self.fm.builtin_features}:
                self._refuse(message["id"], JsonRpcMethodNotFound(f"no request is called {method}"))
                return
        if known is None:
            message = {"params": None, **message}  # May be left out, which pygls does not expect.
        try:
            structured = self.structure_message(message)
        except Exception as error:
            cause = error.__cause__ or error
            if "id" in message:
                if method == lsp.INITIALIZE:
                    self._initialized = False
                reason = f"the parameters of {method} are not valid: {_why(cause)}"
                self._refuse(message["id"], JsonRpcInvalidParams(reason))
            else:
                log.warning("%s ignored: %s", method, _why(cause))
            return
        self.handle_message(structured)

    def _take_response(self, message: dict[str, Any]) -> None:
        # Futures of the client's own requests are in the same table, and must not be touched.
        if message["id"] not in self._result_types:
            log.info("a response to nothing was ignored")
            return
        if message.get("error") is None:
            message.pop("error", None)
        else:
            self._result_types.pop(message["id"])
        try:
            self.handle_message(self.structure_message(message))
        except Exception as error:
            why = _why(error.__cause__ or error)
            log.warning("a response ignored: %s", why)
            if (future := self._request_futures.pop(message["id"], None)) is not None:
                future.set_exception(JsonRpcInternalError(why))

    def _refuse(self, id_: int | str | None, error: JsonRpcException) -> None:
        answer = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": self.VERSION, "id": id_, "error": answer})

    @lsp_method(lsp.INITIALIZE)
    def lsp_initialize(
        self, params: lsp.InitializeParams
    ) -> Generator[Any, Any, lsp.InitializeResult]:
        """With our documents in the place of pygls's, which do not bear a root that is no URI."""
        root, params.root_uri, params.root_path = params.root_uri, None, None
        result = yield from super().lsp_initialize(params)
        folders = params.workspace_folders or []
        self._workspace = Documents(root, folders, self.workspace.position_encoding)
        return result

    @lsp_method(lsp.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """pygls trips over its own table when a cancelled request leaves it at once."""
        for id_, future in list(self._request_futures.items()):
            if id_ != self.msg_id:
                future.cancel()
        yield from super().lsp_shutdown(*args)

    def _execute_handler(
        self,
        msg_id: Any,
        handler: Any,
        callback: Callable[[Any], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Handlers may return coroutines: what comes before is done before the next message is looked at.

        So is what comes of them told: were it a turn of the loop later, an edit could make it stale until
        then. And the future of a notification, which pygls would keep for good, is dropped.
        """
        told = False

        def done(future: Any) -> None:
            nonlocal told
            if not told:
                told = True
                self._request_futures.pop(msg_id, None)
                callback(future)

        async def telling(work: Coroutine[Any, Any, Any]) -> None:
            result: Future[Any] = Future()
            result.set_result(await work)
            done(result)

        if inspect.isgeneratorfunction(handler):
            super()._execute_handler(msg_id, handler, done, args, kwargs)
            return
        future: Any = Future()
        try:
            result = handler(*(args or ()), **(kwargs or {}))
            if asyncio.iscoroutine(result):
                future = asyncio.ensure_future(telling(result))
                # One that is cancelled before its turn never begins.
                future.add_done_callback(lambda _: result.close())
            else:
                future.set_result(result)
        except Exception as error:
            future.set_exception(error)
        self._request_futures[msg_id] = future
        future.add_done_callback(done)

    def _check_handler_result(self, future: Future[Any]) -> None:
        if not future.cancelled() and isinstance(error := future.exception(), Exception):
            self._server.report_server_error(error, FeatureNotificationError)

    def _send_handler_result(self, future: Future[Any], *, msg_id: int | str) -> None:
        """Errors that handlers raise on purpose are answers like any other: no log, no popup."""
        error = None if future.cancelled() else future.exception()
        if isinstance(error, JsonRpcException):
            self._send_response(msg_id, error=error.to_response_error())
        else:
            super()._send_handler_result(future, msg_id=msg_id)


def _fields(cls: Any) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(cls))


def _why(error: BaseException) -> str:
    """The innermost reason, in a line, without the values that were sent."""
    while isinstance(getattr(error, "exceptions", None), tuple) and error.exceptions:  # type: ignore[attr-defined]
        error = error.exceptions[0]  # type: ignore[attr-defined]
    return type(error).__name__
