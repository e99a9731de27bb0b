"""The model, from being asked for to being ready, or the reason why there is none.

It is loaded on the engine thread, and again whenever the settings name another one. Its own imports come
only then: they take as long as all of the protocol's types, and nobody waits for them before.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from polylsp.config import Config
from polylsp.errors import ModelError
from polylsp.lsp.progress import Progress
from polylsp.lsp.schedule import Background, Schedule
from polylsp.types import Silence

if TYPE_CHECKING:
    from polylsp.completer import Completer

log = logging.getLogger(__name__)

_GLANCE = 0.1  # Seconds between two looks at how far it is.


def load_completer(config: Config) -> Completer:
    from polylsp import completer

    return completer.load(config, log.info)


def watch_loading(config: Config) -> Callable[[], int] | None:
    from polylsp import completer

    return completer.filling(config)


class Loader:
    """Keeps `completer` what the settings ask for."""

    def __init__(
        self,
        client: LanguageServer,
        schedule: Schedule,
        background: Background,
        changed: Callable[[], None],
        load: Callable[[Config], Completer] = load_completer,
    ) -> None:
        """`changed` is called whenever `state` is another."""
        self.completer: Completer | None = None
        self.state = "loading"  # Then "ready", "resting" (its memory given back) or "no model".
        self.message = ""  # Why there is no model.
        self._client = client
        self._schedule = schedule
        self._background = background
        self._changed = changed
        self._load = load
        self._config: Config | None = None
        self._loading: asyncio.Task[None] | None = None
        self._used = 0.0  # When somebody was at work last, on the loop's clock.
        self._timer: asyncio.TimerHandle | None = None

    @property
    def silence(self) -> Silence:
        """Why there is no suggestion where there is no model."""
        return Silence.LOADING if self.state == "loading" else Silence.MODEL

    @property
    def in_force(self) -> bool:
        """Whether the completer works under the last settings by now: it takes them over in its turn."""
        return self.completer is not None and self.completer.config == self._config

    def configure(self, config: Config) -> None:
        """Work under these settings from now on, with another model if they name one."""
        old, self._config = self._config, config
        if old is None or _model(config) != _model(old):
            if self._loading is not None:
                self._loading.cancel()
            self._loading = self._background.start(self._replace())
        elif self.completer is not None:
            if self._timer is not None:  # The time until it rests may be another.
                self._timer.cancel()
                self._timer = None
            self.used()
            self._background.start(self._schedule.run(partial(self.completer.configure, config)))

    def used(self) -> None:
        """Note that somebody is at work: the weights stay, or come back."""
        loop = asyncio.get_running_loop()
        self._used = loop.time()
        if self.state == "resting" and self.completer is not None:
            self.state = "ready"
            self._changed()
            self._background.start(self._wake(self.completer))
        if self._timer is None:
            self._look_again(loop)

    async def _wake(self, completer: Completer) -> None:
        try:
            await self._schedule.run(completer.wake)
        except ModelError as error:
            self._give_up(str(error))
            self._changed()

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        """One timer at a time, however often somebody is at work."""
        self._timer = None
        after = self._config.engine.unload_after if self._config else 0
        if not after or self.completer is None or self.state != "ready":
            return
        left = self._used + after - loop.time()
        if left > 0:
            self._timer = loop.call_later(left, self._look_again, loop)
        else:
            self._background.start(self._rest(self.completer))

    async def _rest(self, completer: Completer) -> None:
        began = self._used
        await self._schedule.run(completer.rest)
        # Whoever asks for something meanwhile has it loaded again.
        if self._used == began and self.completer is completer:
            self.state = "resting"
            self._changed()

    async def _replace(self) -> None:
        """Load what `_config` names; settings that change meanwhile are taken over afterwards."""
        assert self._config is not None
        config = self._config
        self.completer, self.state, self.message = None, "loading", ""
        self._changed()
        progress = Progress(self._client, self._background, f"loading {config.model}", 0)
        watching = self._background.start(self._watch(progress, config))
        started = time.perf_counter()
        try:
            loaded = await self._schedule.run(partial(self._load, config))
            while config != self._config:
                config = self._config
                await self._schedule.run(partial(loaded.configure, config))
            self.completer, self.state = loaded, "ready"
            self.used()
            if loaded.model.note:
                self._tell(lsp.MessageType.Warning, loaded.model.note)
            log.info("%s ready in %.2f s", loaded.model.name, time.perf_counter() - started)
        except ModelError as error:
            self._give_up(str(error))
        except Exception as error:
            log.debug("loading failed", exc_info=True)
            self._give_up(f"{type(error).__name__}: {error}")
        finally:
            watching.cancel()
            await progress.end()
        self._changed()

    async def _watch(self, progress: Progress, config: Config) -> None:
        """Tell how much of the model is in memory, until this is cancelled."""
        filled = await asyncio.to_thread(watch_loading, config)
        while filled is not None:
            progress.report(filled())
            await asyncio.sleep(_GLANCE)

    def _give_up(self, why: str) -> None:
        self.state, self.message = "no model", why
        log.error("no model: %s", why)
        self._tell(lsp.MessageType.Error, f"polylsp has no model to work with: {why}")

    def _tell(self, kind: lsp.MessageType, message: str) -> None:
        self._client.window_show_message(lsp.ShowMessageParams(kind, message))


def _model(config: Config) -> tuple[object, ...]:
    """The settings that only loading again can follow."""
    engine = config.engine
    return config.model, engine.threads, engine.backend, engine.weights, engine.model_memory
