"""Every method that the server answers: each handler translates, asks, and translates back.

A handler returns at once. What takes time it returns as a coroutine, having looked at the documents
before: by the time that one begins, the next message may have changed them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInternalError, JsonRpcInvalidParams

from polylsp.config import Config
from polylsp.errors import PolyError
from polylsp.lsp import convert, protocol
from polylsp.lsp.lists import listed
from polylsp.lsp.loading import load_completer
from polylsp.lsp.pausing import EVERYWHERE, FILE, LANGUAGE, SCOPES
from polylsp.lsp.server import Server
from polylsp.types import Answer, Prompt, Silence

if TYPE_CHECKING:
    from polylsp.completer import Completer

log = logging.getLogger(__name__)

_TRIGGERS = (".", ":", ">", "(", "[", "{", ",", "=", " ", '"', "'", "/", "@", "#", "$")


def build(load: Callable[[Config], Completer] = load_completer) -> Server:
    """A server that answers; `load` is what gets it its model."""
    server = Server(load)
    feature = server.feature
    feature(lsp.INITIALIZE)(_initialize)
    feature(lsp.INITIALIZED)(_initialized)
    feature(lsp.SHUTDOWN)(_shutdown)
    feature(lsp.TEXT_DOCUMENT_DID_OPEN)(_did_open)
    feature(lsp.TEXT_DOCUMENT_DID_CHANGE)(_did_change)
    feature(lsp.TEXT_DOCUMENT_DID_SAVE, lsp.SaveOptions(include_text=False))(_did_save)
    feature(lsp.TEXT_DOCUMENT_DID_CLOSE)(_did_close)
    feature(lsp.NOTEBOOK_DOCUMENT_DID_OPEN)(_did_open_notebook)
    feature(lsp.NOTEBOOK_DOCUMENT_DID_CHANGE)(_did_change_notebook)
    feature(lsp.NOTEBOOK_DOCUMENT_DID_CLOSE)(_did_close_notebook)
    feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)(_did_change_configuration)
    feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(_did_change_folders)
    feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)(_did_change_files)
    # Without options pygls does not tell the client of it.
    feature(lsp.TEXT_DOCUMENT_INLINE_COMPLETION, lsp.InlineCompletionOptions())(_inline_completion)
    feature(protocol.STATUS)(_status)
    feature(protocol.DID_FOCUS)(_did_focus)
    server.command(protocol.TOGGLE)(_toggle)
    server.command(protocol.PAUSE)(_pause)
    server.command(protocol.CLEAR_CACHE)(_clear_cache)
    server.command(protocol.CLEAR_INDEX)(_clear_index)
    server.command(protocol.SHOW_PROMPT)(_show_prompt)
    server.command(protocol.ACCEPTED)(_accepted)
    return server


def _initialize(ls: Server, params: lsp.InitializeParams) -> None:
    ls.settings.start(params.initialization_options)
    text_document = params.capabilities.text_document
    shows_inline = text_document is not None and text_document.inline_completion is not None
    wanted = ls.settings.config.lsp.completion
    if wanted == "on" or (wanted == "auto" and not shows_inline):
        options = lsp.CompletionOptions(trigger_characters=_TRIGGERS)
        ls.feature(lsp.TEXT_DOCUMENT_COMPLETION, options)(_completion)


def _initialized(ls: Server, _: lsp.InitializedParams) -> None:
    text_document = ls.client_capabilities.text_document
    shows_inline = text_document is not None and text_document.inline_completion is not None
    log.info(
        "the client counts in %s and %s inline completions",
        ls.documents.encoding,
        "announces" if shows_inline else "does not announce",
    )
    ls.settings.apply()
    ls.background.start(ls.settings.watch())
    ls.background.start(ls.settings.fetch())


def _shutdown(ls: Server, _: object) -> None:
    ls.schedule.stop()


def _did_open(ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    ls.opened(params.text_document.uri)


def _did_focus(ls: Server, params: Any) -> None:
    """A document came to the front: `{textDocument: {uri}, position}`, the position only where it is known."""
    try:
        position = ls.protocol._converter.structure(params["position"], lsp.Position)
    except Exception:
        position = None
    try:
        ls.opened(str(params["textDocument"]["uri"]), position)
    except (KeyError, TypeError):
        log.info("%s takes {textDocument, position}", protocol.DID_FOCUS)


def _did_change(ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    _changed(ls, params.text_document.uri, params.content_changes)


def _did_save(ls: Server, params: lsp.DidSaveTextDocumentParams) -> None:
    ls.indexing.saved(params.text_document.uri)


def _did_close(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    ls.forget(params.text_document.uri)


def _did_open_notebook(ls: Server, params: lsp.DidOpenNotebookDocumentParams) -> None:
    for cell in params.cell_text_documents:
        ls.opened(cell.uri)


def _did_change_notebook(ls: Server, params: lsp.DidChangeNotebookDocumentParams) -> None:
    if (cells := params.change.cells) is None:
        return
    for opened in (cells.structure and cells.structure.did_open) or ():
        _changed(ls, opened.uri)
    for closed in (cells.structure and cells.structure.did_close) or ():
        ls.forget(closed.uri)
    for text in cells.text_content or ():
        _changed(ls, text.document.uri, text.changes or ())


def _did_close_notebook(ls: Server, params: lsp.DidCloseNotebookDocumentParams) -> None:
    for cell in params.cell_text_documents:
        ls.forget(cell.uri)


def _changed(
    ls: Server, uri: str, changes: Sequence[lsp.TextDocumentContentChangeEvent] = ()
) -> None:
    if (document := ls.documents.find(uri)) is not None:
        ls.touch(document.uri)
        ls.changed(document, changes)


def _did_change_configuration(ls: Server, params: lsp.DidChangeConfigurationParams) -> None:
    if params.settings:
        ls.settings.apply(params.settings)
    else:
        ls.background.start(ls.settings.fetch())


def _did_change_folders(ls: Server, _: lsp.DidChangeWorkspaceFoldersParams) -> None:
    ls.follow_folders()


def _did_change_files(ls: Server, params: lsp.DidChangeWatchedFilesParams) -> None:
    ls.indexing.changed(change.uri for change in params.changes)


def _inline_completion(
    ls: Server, params: lsp.InlineCompletionParams
) -> Coroutine[Any, Any, lsp.InlineCompletionList]:
    selected = params.context.selected_completion_info
    asked = ls.asked(params.text_document.uri, params.position, selected)
    explicit = params.context.trigger_kind is lsp.InlineCompletionTriggerKind.Invoked

    async def items() -> lsp.InlineCompletionList:
        if asked is None:
            return lsp.InlineCompletionList([])
        answer = await ls.answer(asked, lsp.TEXT_DOCUMENT_INLINE_COMPLETION, explicit)
        _log_behind(answer)
        return lsp.InlineCompletionList(
            [convert.inline_item(one, asked.place, selected) for one in answer.suggestions]
        )

    return items()


def _completion(
    ls: Server, params: lsp.CompletionParams
) -> Coroutine[Any, Any, lsp.CompletionList]:
    asked = ls.asked(params.text_document.uri, params.position)

    async def items() -> lsp.CompletionList:
        if asked is None:
            return lsp.CompletionList(is_incomplete=True, items=[])
        answer, found = await listed(ls, asked)
        _log_behind(answer)
        return lsp.CompletionList(is_incomplete=True, items=found)

    return items()


def _log_behind(answer: Answer) -> None:
    """Log an answer once it has left: that wakes another thread, which takes the interpreter's lock."""
    asyncio.get_running_loop().call_soon(_log, answer)


def _log(answer: Answer) -> None:
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


def _status(ls: Server, _: object) -> dict[str, Any]:
    return ls.status.whole()


def _toggle(ls: Server, *_: object) -> dict[str, bool]:
    return {"enabled": ls.settings.toggle()}


def _pause(ls: Server, *arguments: object) -> dict[str, Any]:
    """Pause or go on: any number of `{scope, paused, textDocument: {uri}, language}`, all of them at once."""
    wanted = [_pause_of(ls, one) for one in arguments]
    if any(one is None for one in wanted):
        message = (
            f"{protocol.PAUSE} takes {{scope, paused, textDocument}}; scope: {', '.join(SCOPES)}"
        )
        raise JsonRpcInvalidParams(message)
    for one in wanted:
        assert one is not None
        ls.pauses.set(*one)
    ls.status.tell()
    return ls.pauses.summary()


def _pause_of(ls: Server, wish: Any) -> tuple[str, bool, str, str] | None:
    """Scope, whether to pause, language and URI; None where the wish is not valid."""
    if not isinstance(wish, dict) or wish.get("scope") not in SCOPES:
        return None
    scope, paused, language = wish["scope"], wish.get("paused", True), wish.get("language", "")
    document = wish.get("textDocument")
    uri = document.get("uri", "") if isinstance(document, dict) else ""
    if not (isinstance(paused, bool) and isinstance(language, str) and isinstance(uri, str)):
        return None
    found = ls.documents.find(uri) if uri else None
    if found is not None:
        uri = found.uri
        language = language or convert.snapshot(ls.documents, found).language
    needed = {EVERYWHERE: True, LANGUAGE: language, FILE: uri}[scope]
    return (scope, paused, language, uri) if needed else None


async def _clear_cache(ls: Server, *_: object) -> None:
    if (completer := ls.model.completer) is not None:
        await ls.schedule.run(completer.clear)


async def _clear_index(ls: Server, *_: object) -> None:
    try:
        await ls.indexing.clear()
    except PolyError as error:
        raise JsonRpcInternalError(str(error)) from None


def _show_prompt(ls: Server, *arguments: object) -> Coroutine[Any, Any, dict[str, Any]]:
    """What would be sent to the model at a place: `[{textDocument: {uri}, position}]`."""
    try:
        wanted = ls.protocol._converter.structure(arguments[0], lsp.TextDocumentPositionParams)
    except Exception:
        message = f"{protocol.SHOW_PROMPT} takes {{textDocument, position}}"
        raise JsonRpcInvalidParams(message) from None
    uri = wanted.text_document.uri
    if ls.documents.find(uri) is None:
        raise JsonRpcInvalidParams("the document is not open")
    asked = ls.asked(uri, wanted.position)
    others = ls.others(uri)
    remembered = ls.status.remembered(uri)

    async def prompt() -> dict[str, Any]:
        if asked is None:
            return {**_prompt(ls.model.silence), "memory": remembered}
        prompt = await ls.schedule.run(lambda: asked.completer.prompt(asked.cursor, others))
        return {**_prompt(prompt), "memory": remembered}

    return prompt()


def _prompt(prompt: Prompt | Silence) -> dict[str, Any]:
    if isinstance(prompt, Silence):
        return {"text": "", "tokens": 0, "silence": prompt.value}
    return {"text": prompt.text, "tokens": len(prompt.token_ids), "silence": None}


def _accepted(ls: Server, *_: object) -> None:
    if (completer := ls.model.completer) is not None:
        completer.stats.accepted += 1
    ls.journaling.accepted()
