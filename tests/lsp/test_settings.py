"""Where settings come from, which count more, and what becomes of bad ones."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polylsp.config import Config
from polylsp.lsp.settings import merged, section
from tests.lsp.wire import END, NOTHING, SAID, SOURCE, Wire, asynchronous, scripted

PULLS = {"workspace": {"configuration": True}}
WATCHES = {
    "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}
}


class Client:
    """Answers what the server asks: settings, and registrations."""

    def __init__(self, settings: Any = None) -> None:
        self.settings = settings
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, method: str, params: Any) -> Any:
        self.asked.append((method, params))
        return [self.settings] if method == "workspace/configuration" else None


def wire(folder: Path, client: Client | None = None) -> Wire:
    return Wire(scripted(folder)[1], client or Client())


def config(client: Wire) -> Config:
    return client.server.settings.config


async def settled(client: Wire) -> None:
    """Once settings that were asked for have come, and are in force on the engine thread too."""
    while client.server.background.tasks:
        await asyncio.wait(client.server.background.tasks)


def warnings(client: Wire) -> list[str]:
    return [one["message"] for one in client.said("window/showMessage")]


@pytest.mark.parametrize(
    "options",
    [
        {"suggest": {"confidence": "quiet"}},
        {"suggest.confidence": "quiet"},
        {"polylsp": {"suggest": {"confidence": "quiet"}}},
        {"polylsp": {"suggest.confidence": "quiet"}, "python": {"x": 1}},
    ],
)
@asynchronous
async def test_settings_come_with_initialize(tmp_path: Path, options: Any) -> None:
    client = await wire(tmp_path).ready(options)
    assert config(client).suggest.confidence == "quiet"
    assert client.server.model.completer is not None
    assert client.server.model.completer.config is config(client)
    assert warnings(client) == []


@asynchronous
async def test_settings_are_asked_for_where_the_client_has_some(tmp_path: Path) -> None:
    answers = Client({"suggest": {"lineTokens": 5}})
    options = {"suggest": {"lineTokens": 7, "blockTokens": 9}}
    client = await wire(tmp_path, answers).ready(options, PULLS)
    await settled(client)
    assert answers.asked == [("workspace/configuration", {"items": [{"section": "polylsp"}]})]
    # What is asked for lies over what came with initialize.
    assert (config(client).suggest.line_tokens, config(client).suggest.block_tokens) == (5, 9)


@asynchronous
async def test_settings_are_not_asked_for_where_the_client_has_none(tmp_path: Path) -> None:
    answers = Client()
    await wire(tmp_path, answers).ready()
    assert answers.asked == []


@asynchronous
async def test_changes_are_watched_where_that_can_be_asked_for(tmp_path: Path) -> None:
    answers = Client()
    await wire(tmp_path, answers).ready(None, WATCHES)
    [registered] = [params for method, params in answers.asked if "register" in method]
    [one] = registered["registrations"]
    assert one["method"] == "workspace/didChangeConfiguration"
    assert one["registerOptions"] == {"section": "polylsp"}


@asynchronous
async def test_a_client_that_never_answers_is_not_waited_for(tmp_path: Path) -> None:
    client = Wire(scripted(tmp_path)[1], lambda method, params: NOTHING)
    await client.ready({"suggest.confidence": "quiet"}, WATCHES)
    client.open(SOURCE)
    assert await client.texts(*END) == [SAID]
    assert config(client).suggest.confidence == "quiet"


@asynchronous
async def test_a_notification_may_bring_the_settings(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready({"suggest.lineTokens": 7})
    settings = {"polylsp": {"suggest": {"confidence": "eager"}}}
    client.tell("workspace/didChangeConfiguration", {"settings": settings})
    assert config(client).suggest.confidence == "eager"
    assert config(client).suggest.line_tokens == 7
    await settled(client)
    completer = client.server.model.completer
    assert completer is not None
    assert completer.config is config(client)


@pytest.mark.parametrize("settings", [None, {}])
@asynchronous
async def test_a_bare_notification_has_them_asked_for_again(
    tmp_path: Path, settings: object
) -> None:
    answers = Client({"suggest": {"lineTokens": 5}})
    client = await wire(tmp_path, answers).ready(None, PULLS)
    answers.settings = {"suggest": {"lineTokens": 6}}
    client.tell("workspace/didChangeConfiguration", {"settings": settings})
    await settled(client)
    assert config(client).suggest.line_tokens == 6


@asynchronous
async def test_a_setting_that_is_taken_back_is_the_default_again(tmp_path: Path) -> None:
    answers = Client({"suggest": {"lineTokens": 5}})
    client = await wire(tmp_path, answers).ready(None, PULLS)
    answers.settings = None
    client.tell("workspace/didChangeConfiguration", {"settings": None})
    await settled(client)
    assert config(client) == Config()


@asynchronous
async def test_what_cannot_be_used_is_shown_and_defaulted(tmp_path: Path) -> None:
    options = {"suggest": {"lineTokens": 0, "confidence": "eager"}, "modell": "x", "enabled": 1}
    client = await wire(tmp_path).ready(options)
    assert config(client).suggest.line_tokens == Config().suggest.line_tokens
    assert config(client).suggest.confidence == "eager"
    [message] = client.said("window/showMessage")
    assert message["type"] == 2
    assert "suggest.lineTokens must be between 1 and 1000, not 0; using 32" in message["message"]
    assert "modell: there is no such setting (did you mean model?)" in message["message"]
    assert "enabled must be true or false, not 1" in message["message"]


@pytest.mark.parametrize("options", [5, "text", [1, 2], True])
@asynchronous
async def test_settings_of_a_wrong_shape_leave_the_defaults(tmp_path: Path, options: Any) -> None:
    client = await wire(tmp_path).ready(options)
    assert config(client) == Config()
    [warning] = warnings(client)
    assert warning.startswith("polylsp: settings must be an object, not ")


@asynchronous
async def test_a_mistake_is_shown_once(tmp_path: Path) -> None:
    answers = Client()
    client = await wire(tmp_path, answers).ready({"modell": "x"}, PULLS)
    for _ in range(3):
        client.tell("workspace/didChangeConfiguration", {"settings": None})
    await settled(client)
    assert len(warnings(client)) == 1


@asynchronous
async def test_a_toggle_outlives_a_notification_that_changes_nothing(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready({"suggest.lineTokens": 7})
    assert await client.command("polylsp.toggle") == {"enabled": False}
    client.tell("workspace/didChangeConfiguration", {"settings": {"suggest.lineTokens": 7}})
    assert not config(client).enabled
    client.tell("workspace/didChangeConfiguration", {"settings": {"suggest.lineTokens": 8}})
    assert config(client).enabled


@pytest.fixture
def our_log() -> Iterator[logging.Logger]:
    logger = logging.getLogger("polylsp")
    before = logger.level
    yield logger
    logger.setLevel(before)


@asynchronous
async def test_the_command_lines_log_level_holds_until_settings_say_another(
    tmp_path: Path, our_log: logging.Logger
) -> None:
    our_log.setLevel(logging.ERROR)
    client = await wire(tmp_path).ready({"suggest.lineTokens": 7})
    assert our_log.level == logging.ERROR
    for level in ("debug", "warning", "info"):
        client.tell("workspace/didChangeConfiguration", {"settings": {"lsp.log": level}})
        assert our_log.level == logging.getLevelName(level.upper())


def test_the_section_that_is_ours() -> None:
    assert section({"polylsp": {"a": 1}, "python": {}}) == {"a": 1}
    assert section({"polylsp": None}) is None
    assert section({"a": 1}) == {"a": 1}
    assert section(None) is None
    assert section([1]) == [1]


def test_merged_settings_keep_what_the_upper_ones_do_not_say() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 4}, "e": 5}) == {
        "a": {"b": 4, "c": 2},
        "d": 3,
        "e": 5,
    }
    assert merged({"a": 1}, {"a": None}) == {"a": 1}
    assert merged({"a": 1}, None) == {"a": 1}
    assert merged(None, {"a": 1}) == {"a": 1}
    assert merged({"a": 1}, 5) == 5
