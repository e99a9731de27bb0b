"""Work that the editor shows as long as it lasts; nothing where the client shows none."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from polylsp.lsp.schedule import Background

log = logging.getLogger(__name__)

_LONG = 200  # Things to do that are worth telling the user of.


class Progress:
    """One piece of work, from now on until `end`. Used from the event loop alone."""

    def __init__(
        self,
        client: LanguageServer,
        background: Background,
        message: str,
        percentage: int | None = None,
    ) -> None:
        """`percentage`: how much of it is done, where that will be told."""
        self._client = client
        self._message = message
        self._percentage = percentage
        self._token = ""  # None yet that the client knows.
        self._task = background.start(self._show())

    def report(self, percentage: int) -> None:
        """Tell how much of it is done."""
        if percentage == self._percentage:
            return
        self._percentage = percentage
        if self._token:
            report = lsp.WorkDoneProgressReport(percentage=percentage)
            self._client.work_done_progress.report(self._token, report)

    async def end(self) -> None:
        """It is done: show it no longer."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _show(self) -> None:
        window = self._client.client_capabilities.window
        if not (window and window.work_done_progress):
            return
        token = f"polylsp-{time.monotonic_ns()}"
        progress = self._client.work_done_progress
        try:
            await progress.create_async(token)
        except Exception as error:
            log.info("the client will not show progress: %s", type(error).__name__)
            return
        begin = lsp.WorkDoneProgressBegin(
            "polylsp", message=self._message, percentage=self._percentage
        )
        progress.begin(token, begin)
        self._token = token
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._token = ""
            progress.end(token, lsp.WorkDoneProgressEnd())
            progress.tokens.pop(token, None)  # The framework would keep it for good.


class Gradual:
    """The same for many small things; if there are only a few of them, nothing is shown."""

    def __init__(self, client: LanguageServer, background: Background, message: str) -> None:
        self._client = client
        self._background = background
        self._message = message
        self._loop = asyncio.get_running_loop()
        self._percentage = -1
        self._progress: Progress | None = None

    def say(self, progress: Any) -> None:
        """So much is `done` of the `total`. May be called from any thread."""
        percentage = 100 * progress.done // max(1, progress.total)
        if progress.total >= _LONG and percentage != self._percentage:
            self._percentage = percentage
            with contextlib.suppress(RuntimeError):  # The loop is closed: the server has ended.
                self._loop.call_soon_threadsafe(self._show, percentage)

    async def end(self) -> None:
        """Nothing more is done: show it no longer."""
        if self._progress is not None:
            await self._progress.end()

    def _show(self, percentage: int) -> None:
        if self._progress is None:
            self._progress = Progress(self._client, self._background, self._message, percentage)
        self._progress.report(percentage)
