"""The model, from being asked for to being ready, or the reason why there is none."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from polylsp import completer
from polylsp.client.rpc import Message
from polylsp.completer import Completer
from polylsp.config import Config
from polylsp.errors import ModelError
from tests import tinies
from tests.lsp.wire import END, NOTHING, SAID, SOURCE, Wire, asynchronous, scripted

PROGRESS = {"window": {"workDoneProgress": True}}


class Gate:
    """Loads when it is told to."""

    def __init__(self, folder: Path) -> None:
        _, self._load = scripted(folder)
        self.asked: list[Config] = []
        self.begun, self.open = threading.Event(), threading.Event()

    def __call__(self, config: Config) -> Completer:
        self.asked.append(config)
        self.begun.set()
        assert self.open.wait(20)
        if config.model == "missing":
            raise ModelError("there is no such model")
        if config.model == "broken":
            raise ZeroDivisionError("oh")
        return self._load(config)


def states(client: Wire) -> list[str]:
    return [status["state"] for status in client.said("polylsp/status")]


def setting(client: Wire, **settings: Any) -> None:
    client.tell("workspace/didChangeConfiguration", {"settings": settings})


async def until(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 20)


@asynchronous
async def test_requests_before_it_is_ready_get_an_empty_list(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    client = Wire(gate)
    await client.start()
    client.open(SOURCE)
    await until(gate.begun)
    assert await client.texts(*END) == []
    status = await client.status()
    assert (status["state"], status["lastSilence"]) == ("loading", "loading")
    gate.open.set()
    await client.status_that(lambda status: status["state"] == "ready")
    assert await client.texts(*END) == [SAID]


@asynchronous
async def test_loading_is_told_as_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled = iter((10, 42))
    monkeypatch.setattr(completer, "filling", lambda config: lambda: next(filled, 42))
    gate = Gate(tmp_path)
    client = Wire(gate)
    await client.start(None, PROGRESS)
    await client.heard_that(lambda message: _percentage(message) == 42)
    gate.open.set()
    await client.status_that(lambda status: status["state"] == "ready")
    assert states(client) == ["loading", "ready"]
    [create] = client.said("window/workDoneProgress/create")
    begin, *reports, end = client.said("$/progress")
    assert begin["token"] == end["token"] == create["token"]
    assert (begin["value"]["kind"], begin["value"]["message"]) == ("begin", "loading embedded")
    assert reports[-1]["value"] == {"kind": "report", "percentage": 42}
    assert end["value"] == {"kind": "end"}


def _percentage(message: Message) -> Any:
    return (
        message["params"]["value"].get("percentage")
        if "value" in message.get("params", {})
        else None
    )


@asynchronous
async def test_no_progress_is_shown_to_clients_that_cannot(tmp_path: Path) -> None:
    client = await Wire(scripted(tmp_path)[1]).ready()
    assert not client.said("window/workDoneProgress/create")
    assert not client.said("$/progress")


@asynchronous
async def test_progress_that_the_client_never_answers_delays_nothing(tmp_path: Path) -> None:
    client = Wire(scripted(tmp_path)[1], lambda method, params: NOTHING)
    await client.ready(None, PROGRESS)
    assert client.said("window/workDoneProgress/create")
    assert not client.said("$/progress")


@asynchronous
async def test_a_missing_model_leaves_the_server_running(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    gate.open.set()
    client = await Wire(gate).ready({"model": "missing"})
    client.open(SOURCE)
    assert await client.texts(*END) == []
    status = await client.status()
    assert status["state"] == "no model"
    assert status["message"] == "there is no such model"
    assert (status["model"], status["lastSilence"]) == (None, "model")
    [message] = client.said("window/showMessage")
    assert message == {
        "type": 1,
        "message": "polylsp has no model to work with: there is no such model",
    }


@asynchronous
async def test_a_model_that_breaks_in_loading_is_no_model(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    gate.open.set()
    client = await Wire(gate).ready({"model": "broken"})
    assert (await client.status())["message"] == "ZeroDivisionError: oh"
    assert len(client.said("window/showMessage")) == 1


@asynchronous
async def test_another_model_is_loaded_when_settings_name_it(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    gate.open.set()
    client = await Wire(gate).ready({"model": "missing"})
    setting(client, model="other")
    await client.status_that(lambda status: status["state"] == "ready")
    assert [config.model for config in gate.asked] == ["missing", "other"]
    client.open(SOURCE)
    assert await client.texts(*END) == [SAID]


@asynchronous
async def test_other_settings_load_nothing(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    gate.open.set()
    client = await Wire(gate).ready()
    setting(client, suggest={"confidence": "eager"})
    await client.server.schedule.run(lambda: None)
    assert len(gate.asked) == 1
    gate.begun.clear()
    setting(client, engine={"threads": 1})
    await until(gate.begun)
    assert [config.engine.threads for config in gate.asked] == [0, 1]


@asynchronous
async def test_settings_that_change_meanwhile_hold_once_it_is_loaded(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    client = Wire(gate)
    await client.start({"suggest": {"lineTokens": 1}})
    await until(gate.begun)
    for tokens in (2, 3, 4):
        setting(client, suggest={"lineTokens": tokens})
    gate.open.set()
    await client.status_that(lambda status: status["state"] == "ready")
    assert len(gate.asked) == 1
    assert client.server.model.completer is not None
    assert client.server.model.completer.config.suggest.line_tokens == 4


@asynchronous
async def test_the_last_model_asked_for_is_the_one_that_stays(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    client = Wire(gate)
    await client.start()
    await until(gate.begun)
    for model in ("a", "missing", "b"):
        setting(client, model=model)
    gate.open.set()
    await client.status_that(lambda status: status["state"] == "ready")
    # Those that were waiting are not loaded any more.
    assert [config.model for config in gate.asked] == ["embedded", "b"]
    assert client.server.model.completer is not None
    assert client.server.model.completer.config.model == "b"
    assert not client.said("window/showMessage")


@asynchronous
async def test_a_model_that_nobody_uses_rests_and_is_back_when_somebody_types(
    tmp_path: Path,
) -> None:
    folder = tinies.exported(tmp_path)
    client = Wire(completer.load)
    await client.start({"model": str(folder)})
    await client.status_that(lambda status: status["state"] == "ready")
    loader = client.server.model
    assert loader.completer is not None
    weights = loader.completer.model.weights
    client.open(SOURCE)
    await client.texts(*END)
    assert weights.loaded
    setting(client, engine={"unloadAfter": 1}, model=str(folder))
    await client.status_that(lambda status: status["state"] == "resting")
    await client.server.schedule.run(lambda: None)
    assert not weights.loaded
    assert (await client.status())["megabytes"]["tapes"] == 0
    before = await client.texts(*END, trigger=1)
    assert weights.loaded
    assert (await client.status())["state"] == "ready"
    assert await client.texts(*END, trigger=1) == before


@asynchronous
async def test_a_model_that_cannot_come_back_is_no_model(tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path)
    client = Wire(completer.load)
    await client.start({"model": str(folder), "engine": {"unloadAfter": 1}})
    await client.status_that(lambda status: status["state"] == "resting")
    await client.server.schedule.run(lambda: None)
    (folder / "model.onnx").unlink()
    client.open(SOURCE)
    status = await client.status_that(lambda status: status["state"] == "no model")
    assert "model.onnx" in status["message"]
    assert await client.texts(*END) == []


@asynchronous
async def test_a_model_never_rests_where_settings_say_so(tmp_path: Path) -> None:
    client = await Wire(scripted(tmp_path)[1]).ready({"engine": {"unloadAfter": 0}})
    client.open(SOURCE)
    assert client.server.model._timer is None
