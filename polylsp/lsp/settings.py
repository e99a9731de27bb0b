"""What the client wants: settings from initializationOptions, workspace/configuration and notifications.

What comes later lies over what came with `initialize`. Those that cannot be used are shown to the user,
once; what was set before is not set again, so that a toggle outlives a notification that changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from polylsp.config import Config, parse
from polylsp.lsp.register import register

log = logging.getLogger(__name__)

SECTION = "polylsp"
_NONE_YET = object()


class Settings:
    """The settings of one client. `config` is always whole."""

    def __init__(self, client: LanguageServer, changed: Callable[[Config], None]) -> None:
        """`changed` is called with every new configuration, the first one included."""
        self.config = Config()
        self._client = client
        self._changed = changed
        self._initial: Any = None
        self._last: Any = _NONE_YET
        self._log_level = self.config.lsp.log

    def start(self, options: Any) -> None:
        """Take initializationOptions over; what is wrong with them is told by the first `apply`."""
        self._initial = section(options)
        self.config, _ = parse(self._initial)

    def apply(self, settings: Any = None) -> None:
        """Lay `settings` over the initial ones, and complain of those that cannot be used."""
        wanted = merged(self._initial, section(settings))
        if wanted == self._last:
            return
        self._last = wanted
        self.config, problems = parse(wanted)
        for problem in problems:
            log.warning("setting ignored: %s", problem)
        if problems:
            message = "polylsp: " + "; ".join(problems[:3])
            self._client.window_show_message(
                lsp.ShowMessageParams(lsp.MessageType.Warning, message)
            )
        # The command line's level holds until the settings say another.
        if self.config.lsp.log != self._log_level:
            self._log_level = self.config.lsp.log
            logging.getLogger("polylsp").setLevel(self._log_level.upper())
        self._changed(self.config)

    def toggle(self) -> bool:
        """Pause, or go on; whether there are suggestions now."""
        self.enable(not self.config.enabled)
        return self.config.enabled

    def enable(self, enabled: bool) -> None:
        """Suggest, or do not, until settings change."""
        if enabled != self.config.enabled:
            self.config = replace(self.config, enabled=enabled)
            self._changed(self.config)

    async def fetch(self) -> None:
        """Ask the client for its settings, if it has any to ask for."""
        workspace = self._client.client_capabilities.workspace
        if not (workspace and workspace.configuration):
            return
        wanted = lsp.ConfigurationParams([lsp.ConfigurationItem(section=SECTION)])
        try:
            [settings] = await self._client.workspace_configuration_async(wanted)
        except Exception as error:
            log.warning("the client did not tell its settings: %s", type(error).__name__)
        else:
            self.apply(settings)

    async def watch(self) -> None:
        """Ask to be told when settings change."""
        method = lsp.WORKSPACE_DID_CHANGE_CONFIGURATION
        await register(self._client, "did_change_configuration", method, {"section": SECTION})


def section(settings: Any) -> Any:
    """The part that is ours, where a client wraps it: `{polylsp: {…}}`."""
    return settings[SECTION] if isinstance(settings, dict) and SECTION in settings else settings


def merged(under: Any, over: Any) -> Any:
    """Nested settings, those of `over` counting more."""
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over if over is not None else under
    keys = dict.fromkeys([*under, *over])
    return {key: merged(under.get(key), over.get(key)) for key in keys}
