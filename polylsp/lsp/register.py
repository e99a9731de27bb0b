"""What the client is asked to tell of: once there is a connection, and only where it knows how."""

from __future__ import annotations

import logging
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

log = logging.getLogger(__name__)


async def register(client: LanguageServer, capability: str, method: str, options: Any) -> None:
    """Ask to be told by `method`; `capability` is where the client says that it can be asked."""
    able = getattr(client.client_capabilities.workspace, capability, None)
    if not (able and able.dynamic_registration):
        return
    wanted = lsp.Registration(f"polylsp-{method}", method, options)
    try:
        await client.client_register_capability_async(lsp.RegistrationParams([wanted]))
    except Exception as error:
        log.info("the client will not send %s: %s", method, type(error).__name__)
