"""The language server: handlers, each of which translates, asks the completer, and translates back.

Everything mutable lives on `Server`. Handlers are coroutines or return at once; what takes time runs on
the schedule's engine thread. A failure costs a suggestion, never the server.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, BinaryIO

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from polylsp import __version__
from polylsp.config import Config, parse
from polylsp.errors import ModelError
from polylsp.lsp import convert, protocol
from polylsp.lsp.documents import Document, Documents, Place
from polylsp.lsp.protocol import Protocol
from polylsp.lsp.schedule import Schedule, Superseded
from polylsp.lsp.transport import Writer, read_messages
from polylsp.types import Answer, Cursor, Prompt, Silence, Snapshot

if TYPE_CHECKING:
    from polylsp.completer import Completer

log = logging.getLogger(__name__)

_OTHERS = 8  # Open documents besides the one at hand that a prompt may draw on.
_TRIGGERS = (".", ":", ">", "(", "[", "{", ",", "=", " ", '"', "'", "/", "@", "#", "$")


class Server(LanguageServer):
    """One client's server, with what is known of it."""

    protocol: Protocol

    def __init__(self, config: Config | None = None) -> None:
        """`config`: what to start from, before the client has said anything."""
        self.config = config or Config()
        self.completer: Completer | None = None
        self.schedule = Schedule()
        self.state = "loading"
        self.message = ""  # Why there is no model.
        self.recent: list[str] = []  # URIs, the last used one last.
        self.initial: Any = None  # The client's initializationOptions.
        self._loading: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()  # Kept from the garbage collector.
        super().__init__(
            "polylsp",
            __version__,
            text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental,
            notebook_document_sync=lsp.NotebookDocumentSyncOptions(
                [lsp.NotebookDocumentFilterWithNotebook("*")]
            ),
            protocol_cls=Protocol,
            converter_factory=protocol.converter,
        )
        _register(self)

    @property
    def documents(self) -> Documents:
        workspace = self.workspace
        assert isinstance(workspace, Documents)
        return workspace

    def report_server_error(self, error: Exception, source: Any) -> None:
        """To the log, and never as a popup. Messages of unknown errors may hold source text."""
        log.error("%s: %s", getattr(source, "__name__", source), type(error).__name__)
        log.debug("the error", exc_info=error)

    async def answer(self, cursor: Cursor, document: Document, explicit: bool) -> Answer:
        """What to suggest. Raises JsonRpcContentModified where it would come too late."""
        asked_of, version = self.completer, document.version
        if asked_of is None:
            return Answer((), Silence.LOADING if self.state == "loading" else Silence.MODEL)
        found = asked_of.find(cursor, explicit=explicit)
        if found is not None:
            self.schedule.supersede(document.uri)
            return found
        others = self.others(document.uri)
        try:
            answer = await self.schedule.newest(
                document.uri,
                lambda cancelled: asked_of.complete(
                    cursor, others, explicit=explicit, cancelled=cancelled
                ),
            )
        except Superseded:
            raise JsonRpcContentModified("superseded") from None
        if document.version != version:
            raise JsonRpcContentModified("the document has changed")
        return answer

    def others(self, uri: str) -> list[Snapshot]:
        """The other open documents, the last used first."""
        found = (self.documents.find(other) for other in reversed(self.recent) if other != uri)
        notebook = self.documents.get_notebook_document(cell_uri=uri)
        same = {cell.document for cell in notebook.cells} if notebook else set()
        others = [one for one in found if one is not None and one.uri not in same]
        return [convert.snapshot(self.documents, one) for one in others[:_OTHERS]]

    def touch(self, uri: str) -> None:
        """Note that the user is at work in a document."""
        if uri in self.recent:
            self.recent.remove(uri)
        self.recent.append(uri)
        del self.recent[:-64]

    def apply(self, settings: Any) -> None:
        """Take settings over, complain of those that cannot be used, and load another model if need be."""
        config, problems = parse(_section(settings))
        old, self.config = self.config, config
        logging.getLogger("polylsp").setLevel(config.lsp.log.upper())
        for problem in problems:
            log.warning("setting ignored: %s", problem)
        if problems:
            message = "polylsp: " + "; ".join(problems[:3])
            self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, message))
        same = (config.model, config.engine.threads) == (old.model, old.engine.threads)
        if self.completer is not None and same:
            asked_of = self.completer
            self._background(self.schedule.run(lambda: asked_of.configure(config)))
        elif self._loading is not None and not same:
            self.load()
        self.tell_status()

    def load(self) -> None:
        """Load the model in the background, replacing what is loaded or being loaded."""
        if self._loading is not None:
            self._loading.cancel()
        self._loading = asyncio.get_running_loop().create_task(self._load(self.config))

    async def _load(self, config: Config) -> None:
        self.completer, self.state, self.message = None, "loading", ""
        self.tell_status()
        progress = self._background(self._show_progress(f"loading {config.model}"))
        started = time.perf_counter()
        try:
            loaded = await self.schedule.run(lambda: _load_completer(config))
            if self.config != config:
                await self.schedule.run(lambda: loaded.configure(self.config))
            self.completer, self.state = loaded, "ready"
            log.info("%s ready in %.2f s", loaded.model.name, time.perf_counter() - started)
        except ModelError as error:
            self.state, self.message = "no model", str(error)
            log.error("no model: %s", error)  # noqa: TRY400
            message = f"polylsp has no model to work with: {error}"
            self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, message))
        except Exception as error:
            self.state, self.message = "no model", f"{type(error).__name__}: {error}"
            log.exception("the model could not be loaded")
        finally:
            progress.cancel()
        self.tell_status()

    async def _show_progress(self, title: str) -> None:
        """A work-done progress for as long as this task is not cancelled."""
        window = self.client_capabilities.window
        if not (window and window.work_done_progress):
            return
        token = f"polylsp-{time.monotonic_ns()}"
        await self.work_done_progress.create_async(token)
        self.work_done_progress.begin(token, lsp.WorkDoneProgressBegin("polylsp", message=title))
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.work_done_progress.end(token, lsp.WorkDoneProgressEnd())

    async def fetch_settings(self) -> None:
        """Ask the client for its settings, if it has any to ask for."""
        if not _supports(self.client_capabilities, "configuration"):
            return
        wanted = lsp.ConfigurationParams([lsp.ConfigurationItem(section="polylsp")])
        try:
            [settings] = await self.workspace_configuration_async(wanted)
        except Exception as error:
            log.warning("the client did not tell its settings: %s", error)
            return
        if settings:
            self.apply(_merged(self.initial, settings))

    async def watch_settings(self) -> None:
        """Ask to be told when settings change."""
        if not _supports(self.client_capabilities, "did_change_configuration", dynamic=True):
            return
        method = lsp.WORKSPACE_DID_CHANGE_CONFIGURATION
        registration = lsp.Registration("polylsp-settings", method, {"section": "polylsp"})
        try:
            await self.client_register_capability_async(lsp.RegistrationParams([registration]))
        except Exception as error:
            log.info("the client will not tell when settings change: %s", error)

    def status(self) -> dict[str, Any]:
        """What `polylsp/status` answers; see docs/protocol.md."""
        state = self.state
        if state == "ready" and not self.config.enabled:
            state = "paused"
        elif state == "ready" and self.schedule.busy:
            state = "busy"
        status: dict[str, Any] = {
            "state": state,
            "message": self.message,
            "version": __version__,
            "model": self.completer.model.name if self.completer else None,
        }
        if self.completer is not None:
            status |= self.completer.stats.summary()
        return status

    def tell_status(self) -> None:
        """Send the status to clients that asked for it."""
        experimental = self.client_capabilities.experimental
        if getattr(experimental, protocol.STATUS_CAPABILITY, None) is True or (
            isinstance(experimental, dict) and experimental.get(protocol.STATUS_CAPABILITY) is True
        ):
            self.protocol.notify(protocol.STATUS, self.status())

    def _background(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget_task)
        return task

    def _forget_task(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a background task failed: %r", task.exception())


def _load_completer(config: Config) -> Completer:
    """Imported only now: it takes as long as all of the protocol's types, and nobody waits for it here."""
    from polylsp import completer

    return completer.load(config)


def _register(server: Server) -> None:
    """Every method that the server answers."""
    feature = server.feature
    feature(lsp.INITIALIZE)(_initialize)
    feature(lsp.INITIALIZED)(_initialized)
    feature(lsp.SHUTDOWN)(_shutdown)
    feature(lsp.TEXT_DOCUMENT_DID_OPEN)(_did_open)
    feature(lsp.TEXT_DOCUMENT_DID_CHANGE)(_did_change)
    feature(lsp.TEXT_DOCUMENT_DID_CLOSE)(_did_close)
    feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)(_did_change_configuration)
    # Without options pygls does not tell the client of it.
    feature(lsp.TEXT_DOCUMENT_INLINE_COMPLETION, lsp.InlineCompletionOptions())(_inline_completion)
    feature(protocol.STATUS)(_status)
    server.command(protocol.TOGGLE)(_toggle)
    server.command(protocol.CLEAR_CACHE)(_clear_cache)
    server.command(protocol.SHOW_PROMPT)(_show_prompt)
    server.command(protocol.ACCEPTED)(_accepted)


def _initialize(ls: Server, params: lsp.InitializeParams) -> None:
    old = ls.workspace
    ls.protocol._workspace = Documents(
        old.root_uri, old._sync_kind, params.workspace_folders, old.position_encoding
    )
    ls.initial = _section(params.initialization_options)
    config, _ = parse(ls.initial)
    text_document = params.capabilities.text_document
    shows_inline = text_document is not None and text_document.inline_completion is not None
    wanted = config.lsp.completion
    if wanted == "on" or (wanted == "auto" and not shows_inline):
        options = lsp.CompletionOptions(trigger_characters=_TRIGGERS)
        ls.feature(lsp.TEXT_DOCUMENT_COMPLETION, options)(_completion)


async def _initialized(ls: Server, _: lsp.InitializedParams) -> None:
    ls.apply(ls.initial)
    ls.load()
    await ls.watch_settings()
    await ls.fetch_settings()


def _shutdown(ls: Server, _: object) -> None:
    ls.schedule.stop()


def _did_open(ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    ls.touch(params.text_document.uri)


def _did_change(ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    ls.touch(params.text_document.uri)
    ls.schedule.supersede(params.text_document.uri)


def _did_close(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    uri = params.text_document.uri
    ls.schedule.supersede(uri)
    if uri in ls.recent:
        ls.recent.remove(uri)
    if (asked_of := ls.completer) is not None:
        ls._background(ls.schedule.run(lambda: asked_of.forget(uri)))


async def _did_change_configuration(ls: Server, params: lsp.DidChangeConfigurationParams) -> None:
    if params.settings:
        ls.apply(_merged(ls.initial, _section(params.settings)))
    else:
        await ls.fetch_settings()


async def _inline_completion(
    ls: Server, params: lsp.InlineCompletionParams
) -> lsp.InlineCompletionList:
    explicit = params.context.trigger_kind is lsp.InlineCompletionTriggerKind.Invoked
    selected = params.context.selected_completion_info
    found = _place(ls, params.text_document.uri, params.position)
    if found is None:
        return lsp.InlineCompletionList([])
    document, cursor, place = found
    if selected is not None:
        moved = convert.with_selected(cursor, selected, document)
        if moved is None:
            return lsp.InlineCompletionList([])
        cursor = moved
    answer = await ls.answer(cursor, document, explicit)
    _log_answer(answer)
    return lsp.InlineCompletionList(
        [convert.inline_item(one, place, selected) for one in answer.suggestions]
    )


async def _completion(ls: Server, params: lsp.CompletionParams) -> lsp.CompletionList:
    found = _place(ls, params.text_document.uri, params.position)
    if found is None:
        return lsp.CompletionList(is_incomplete=True, items=[])
    document, cursor, place = found
    answer = await ls.answer(cursor, document, explicit=False)
    _log_answer(answer)
    items = [
        convert.list_item(one, place, document.encoding, rank)
        for rank, one in enumerate(answer.suggestions)
    ]
    return lsp.CompletionList(is_incomplete=True, items=items)


def _status(ls: Server, _: object) -> dict[str, Any]:
    return ls.status()


def _toggle(ls: Server, *_: object) -> dict[str, bool]:
    from dataclasses import replace

    ls.config = replace(ls.config, enabled=not ls.config.enabled)
    config, asked_of = ls.config, ls.completer
    if asked_of is not None:
        ls._background(ls.schedule.run(lambda: asked_of.configure(config)))
    ls.tell_status()
    return {"enabled": config.enabled}


async def _clear_cache(ls: Server, *_: object) -> None:
    if (asked_of := ls.completer) is not None:
        await ls.schedule.run(asked_of.clear)


async def _show_prompt(ls: Server, *arguments: object) -> dict[str, Any]:
    """What would be sent to the model at a place: `[{textDocument: {uri}, position}]`."""
    try:
        wanted = ls.protocol._converter.structure(arguments[0], lsp.TextDocumentPositionParams)
    except Exception:
        message = f"{protocol.SHOW_PROMPT} takes {{textDocument, position}}"
        raise JsonRpcInvalidParams(message) from None
    found = _place(ls, wanted.text_document.uri, wanted.position)
    if found is None or (asked_of := ls.completer) is None:
        return {"text": "", "tokens": 0, "silence": Silence.LOADING.value}
    _, cursor, _ = found
    others = ls.others(wanted.text_document.uri)
    prompt = await ls.schedule.run(lambda: asked_of.prompt(cursor, others))
    if not isinstance(prompt, Prompt):
        return {"text": "", "tokens": 0, "silence": prompt.value}
    return {"text": prompt.text, "tokens": len(prompt.token_ids), "silence": None}


def _accepted(ls: Server, *_: object) -> None:
    if ls.completer is not None:
        ls.completer.stats.accepted += 1


def _place(ls: Server, uri: str, position: lsp.Position) -> tuple[Document, Cursor, Place] | None:
    """Where a request points; None while there is no model, and in documents that are not open."""
    document = ls.documents.find(uri)
    if document is None or ls.completer is None:
        return None
    ls.touch(uri)
    return document, *convert.cursor(ls.documents, document, position)


def _log_answer(answer: Answer) -> None:
    trace = answer.trace
    log.info(
        "%s %s prompt=%d reused=%d generated=%d finish=%s",
        "hit" if trace.hit else answer.silence.value if answer.silence else "shown",
        " ".join(f"{station}={ms:.1f}" for station, ms in trace.milliseconds.items()),
        trace.prompt_tokens,
        trace.reused,
        trace.generated,
        trace.finish.value if trace.finish else "-",
    )


def _section(settings: Any) -> Any:
    """The part that is ours, where a client wraps it: `{polylsp: {…}}`."""
    plain = _plain(settings)
    if isinstance(plain, dict) and set(plain) == {"polylsp"}:
        return plain["polylsp"]
    if isinstance(plain, dict) and isinstance(plain.get("polylsp"), dict):
        return plain["polylsp"]
    return plain


def _plain(value: Any) -> Any:
    """JSON as it came, where pygls has made objects of it."""
    if hasattr(value, "_asdict"):
        return {key: _plain(one) for key, one in value._asdict().items()}
    return value


def _merged(under: Any, over: Any) -> Any:
    """Nested settings, those of `over` counting more."""
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over if over is not None else under
    keys = dict.fromkeys([*under, *over])
    return {key: _merged(under.get(key), over.get(key)) for key in keys}


def _supports(capabilities: lsp.ClientCapabilities, what: str, dynamic: bool = False) -> bool:
    workspace = capabilities.workspace
    found = getattr(workspace, what, None) if workspace else None
    return bool(getattr(found, "dynamic_registration", False)) if dynamic else bool(found)


def serve(stdin: BinaryIO, stdout: BinaryIO, config: Config | None = None) -> int:
    """Serve one client over a pair of streams; the exit code that the protocol asks for."""
    return asyncio.run(_serve(stdin, stdout, config))


async def _serve(stdin: BinaryIO, stdout: BinaryIO, config: Config | None) -> int:
    loop = asyncio.get_running_loop()
    server = Server(config)
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    def on_loop(function: Any, *arguments: Any) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(function, *arguments)

    server.protocol.stopped = end
    writer = Writer(stdout, broken=lambda: on_loop(end, 1))
    server.protocol.set_writer(writer)
    reader = threading.Thread(
        target=read_messages,
        args=(
            stdin,
            lambda body: on_loop(server.protocol.receive, body),
            lambda: on_loop(end, 0 if server.protocol._shutdown else 1),
        ),
        name="polylsp-reader",
        daemon=True,
    )
    reader.start()
    code = await ended
    server.schedule.stop()
    writer.close()
    return code


def log_to_stderr(level: str) -> None:
    """Our log, and pygls's warnings: at its lower levels it logs whole messages, source text included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name, at_least in (("polylsp", level.upper()), ("pygls", "ERROR")):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(at_least)
        logger.propagate = False
