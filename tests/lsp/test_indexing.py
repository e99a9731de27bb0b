"""What of a workspace is remembered, and when it is read: never while somebody types."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polylsp.completer import Completer
from polylsp.config import Config
from polylsp.engine.memory import Memory
from polylsp.lsp.power import Power
from polylsp.workspace.index import Updated
from polylsp.workspace.library import Library
from polylsp.workspace.update import Progress
from tests.fakes import ScriptedWeights, replying, scripted_model
from tests.lsp.wire import END, SAID, SOURCE, URI, Wire, asynchronous

FILES = {
    "a.py": "def first_thing(alpha, beta):\n    return alpha + beta\n",
    "b.py": "def second_thing(gamma, delta):\n    return gamma * delta\n",
    "notes.txt": "def third_thing(omega):\n",
}
PROGRESS = {"window": {"workDoneProgress": True}}
WATCHES = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}


class Watched(Library):
    """The real one; what it is asked to do is written down, and it may be held up in an update."""

    def __init__(self, *about: Any) -> None:
        super().__init__(*about)
        self.asked: list[str] = []
        self.opened: list[list[Path]] = []
        self.hold = False  # Let the next update last until it is halted.
        self.begun, self.ended, self.go = (threading.Event() for _ in range(3))
        self.go.set()  # Otherwise updates stay where they are once they have said so.
        self.thread = ""

    def folders(self, paths: Any) -> None:
        self.opened.append(list(paths))
        super().folders(paths)

    def update(
        self,
        halted: Callable[[], bool] = lambda: False,
        say: Callable[[Progress], None] = lambda _: None,
    ) -> Updated:
        self.asked.append("update")
        self.thread = threading.current_thread().name
        self.begun.set()
        while self.hold and not halted():
            self.ended.wait(0.001)
        self.hold = False

        def saying(progress: Progress) -> None:
            say(progress)
            assert self.go.wait(20)

        done = super().update(halted, saying)
        self.ended.set()
        return done

    def changed(self, file: Path) -> None:
        self.asked.append(file.name)
        super().changed(file)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits until there has been quiet for a while."""
    monkeypatch.setattr("polylsp.lsp.quiet._QUIET", 0.0)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A workspace's folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


class Client(Wire):
    """One with a workspace, and with what its server remembers of that."""

    def __init__(self, folder: Path | None, place: Path, **how: Any) -> None:
        """`folder` is the workspace's; `place` is where the model's files go."""
        super().__init__(self._loaded, root=folder.as_uri() if folder else None, **how)
        self._place = place
        self.library: Watched
        self.hold = self.stay = False

    def _loaded(self, config: Config) -> Completer:
        completer = Completer(
            scripted_model(self._place, ScriptedWeights(replying(SAID + "\n"))), config
        )
        self.library = Watched(completer.model.tokenizer, config.memory)
        self.library.hold = self.hold
        if self.stay:
            self.library.go.clear()
        completer.library = self.library
        return completer

    async def until(self, come: Callable[[], bool]) -> Client:
        """Wait until something has come about."""
        while not come():
            await self.server.indexing._thread.run(lambda: None)
        return self

    async def read(self, options: Any = None, capabilities: Any = None) -> Client:
        """Wait until the workspace has been read for the first time."""
        await self.ready(options, capabilities)
        await self.until(self.library.ended.is_set)
        return await self.settled()

    async def settled(self) -> Client:
        """Wait until nothing is left to be read."""
        return await self.until(lambda: not self.server.indexing._quiet.wanted)

    def knows(self, text: str) -> bool:
        """Whether the workspace says how `text` ends, by the tokens before."""
        token_ids = self.library._tokenizer.encode(text)
        matches = Memory(self.library.sources()).look(token_ids[:-1])
        return any(
            match.length >= 8 and token_ids[-1] in dict(match.following) for match in matches
        )

    def event(self, *files: Path) -> None:
        """Say that files have changed on disk."""
        changes = [{"uri": file.as_uri(), "type": 2} for file in files]
        self.tell("workspace/didChangeWatchedFiles", {"changes": changes})


def write(folder: Path, count: int) -> list[Path]:
    """Files that were not there before."""
    files = [folder / f"new{number}.py" for number in range(count)]
    for number, file in enumerate(files):
        file.write_text(f"def newly_written_{number}(value):\n    pass\n", encoding="utf-8")
    return files


@asynchronous
async def test_what_the_workspace_holds_is_known_once_it_is_read(
    project: Path, tmp_path: Path
) -> None:
    client = await Client(project, tmp_path).read()
    assert client.library.thread == "polylsp-index"
    for name, text in FILES.items():
        assert client.knows(text) == name.endswith(".py")
    memory = (await client.status())["memory"]
    assert (memory["enabled"], memory["workspace"]) == (True, True)
    assert (memory["share"], memory["origin"]) == (0.0, "")
    [folder] = memory["folders"]
    assert (folder["path"], folder["files"], folder["state"]) == (str(project), 2, "ready")
    assert folder["tokens"] > 0


@asynchronous
async def test_a_document_without_a_folder_has_nothing_read(project: Path, tmp_path: Path) -> None:
    client = Client(None, tmp_path)
    await client.ready()
    client.open(FILES["a.py"], (project / "a.py").as_uri())
    client.tell("textDocument/didSave", {"textDocument": {"uri": (project / "a.py").as_uri()}})
    await client.idle()
    assert client.library.asked == []
    assert (await client.status())["memory"]["folders"] == []


@pytest.mark.parametrize("inside", [".", "projects"])
@asynchronous
async def test_a_home_folder_is_not_read(
    project: Path,
    tmp_path: Path,
    inside: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nor is one that holds it."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(project / inside))
    with caplog.at_level(logging.WARNING, "polylsp"):
        client = Client(project, tmp_path)
        await client.ready()
        await client.until(lambda: bool(client.library.opened))
    await client.settled()
    assert client.library.opened == [[]]
    assert client.library.asked == []
    [folder] = (await client.status())["memory"]["folders"]
    assert (folder["path"], folder["state"]) == (str(project), "off")
    assert f"{project} is not indexed" in caplog.text


@asynchronous
async def test_folders_come_and_go(project: Path, tmp_path: Path) -> None:
    client = Client(None, tmp_path)
    await client.ready()
    folder = {"uri": project.as_uri(), "name": "project"}
    event: dict[str, Any] = {"added": [folder], "removed": []}
    client.tell("workspace/didChangeWorkspaceFolders", {"event": event})
    await client.until(lambda: client.knows(FILES["a.py"]))
    event = {"added": [], "removed": [folder]}
    client.tell("workspace/didChangeWorkspaceFolders", {"event": event})
    await client.until(lambda: not client.knows(FILES["a.py"]))
    await client.until(lambda: client.server.indexing.folders() == [])


@asynchronous
async def test_settings_hold_at_once(project: Path, tmp_path: Path) -> None:
    client = await Client(project, tmp_path).read()
    for memory in ({"workspace": False}, {"enabled": False}):
        settings = {"settings": {"memory": memory}}
        client.tell("workspace/didChangeConfiguration", settings)
        await client.until(lambda: not client.knows(FILES["a.py"]))
        assert memory.items() <= (await client.status())["memory"].items()
        client.tell("workspace/didChangeConfiguration", {"settings": {"memory": {}}})
        await client.until(lambda: client.knows(FILES["a.py"]))


@asynchronous
async def test_another_model_gets_the_folders_too(project: Path, tmp_path: Path) -> None:
    client = await Client(project, tmp_path).read()
    before = client.library
    client.tell("workspace/didChangeConfiguration", {"settings": {"model": "another"}})
    await client.until(lambda: client.library is not before and client.library.ended.is_set())
    assert client.knows(FILES["a.py"])
    assert before.opened == [[project], []]


@asynchronous
async def test_a_key_ends_an_update_and_quiet_goes_on_with_it(
    project: Path, tmp_path: Path
) -> None:
    client = Client(project, tmp_path)
    client.hold = True
    await client.ready()
    assert await asyncio.to_thread(client.library.begun.wait, 20)
    client.open(SOURCE)
    assert not client.library.ended.is_set()
    client.type("o", *END)
    await client.until(lambda: len(client.library.asked) > 1 and client.knows(FILES["a.py"]))


@asynchronous
async def test_whoever_asks_ends_an_update(project: Path, tmp_path: Path) -> None:
    client = Client(project, tmp_path)
    client.hold = True
    await client.ready()
    client.open(SOURCE)
    assert await asyncio.to_thread(client.library.begun.wait, 20)
    assert await client.texts(*END) == [SAID]
    await client.until(client.library.ended.is_set)


@asynchronous
async def test_nothing_is_read_on_battery(project: Path, tmp_path: Path) -> None:
    client = Client(project, tmp_path)
    looked = threading.Event()

    def look() -> bool:
        looked.set()
        return True

    client.server.indexing._quiet._power = Power(look)
    await client.ready()
    await client.until(looked.is_set)
    await client.idle()
    assert client.library.asked == []


@asynchronous
async def test_what_is_saved_is_known_before_the_next_update(project: Path, tmp_path: Path) -> None:
    client = await Client(project, tmp_path).read()
    [file] = write(project, 1)
    client.tell("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})
    await client.until(lambda: client.knows(file.read_text(encoding="utf-8")))
    assert client.library.asked == ["update", file.name]


@asynchronous
async def test_what_has_changed_on_disk_is_known_too(project: Path, tmp_path: Path) -> None:
    client = await Client(project, tmp_path).read()
    files = write(project, 3)
    client.event(*files)
    await client.until(lambda: len(client.library.asked) == 4)
    await client.until(lambda: all(client.knows(file.read_text("utf-8")) for file in files))
    assert client.library.asked == ["update", *(file.name for file in files)]
    (project / "a.py").unlink()
    client.event(project / "a.py")
    await client.until(lambda: not client.knows(FILES["a.py"]))


@pytest.mark.parametrize("together", [100, 1])
@asynchronous
async def test_very_many_changes_end_in_one_update(
    project: Path, tmp_path: Path, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many of them a client tells at a time."""
    client = await Client(project, tmp_path).read()
    monkeypatch.setattr("polylsp.lsp.quiet._QUIET", 0.05)
    files = write(project, 100)
    for start in range(0, len(files), together):
        client.event(*files[start : start + together])
    await client.until(lambda: client.knows(files[-1].read_text("utf-8")))
    await client.settled()
    assert client.library.asked == ["update", "update"]


@asynchronous
async def test_other_rules_about_what_is_ignored_are_followed(
    project: Path, tmp_path: Path
) -> None:
    client = await Client(project, tmp_path).read()
    (project / ".gitignore").write_text("a.py\n", encoding="utf-8")
    client.event(project / ".gitignore")
    await client.until(lambda: not client.knows(FILES["a.py"]))
    assert client.knows(FILES["b.py"])


@asynchronous
async def test_a_document_closed_unsaved_counts_as_it_is_on_disk(
    project: Path, tmp_path: Path
) -> None:
    client = await Client(project, tmp_path).read()
    uri = (project / "a.py").as_uri()
    client.open(FILES["a.py"], uri)
    client.close_document(uri)
    client.open(FILES["a.py"], uri)
    client.change("other = 1\n", uri)
    client.close_document(uri)
    await client.until(lambda: "a.py" in client.library.asked)
    await client.until(lambda: client.knows(FILES["a.py"]))
    assert client.library.asked.count("a.py") == 1


@asynchronous
async def test_an_index_that_is_cleared_is_built_anew(project: Path, tmp_path: Path) -> None:
    client = await Client(project, tmp_path).read()
    client.library.ended.clear()
    assert await client.command("polylsp.clearIndex") is None
    assert not client.knows(FILES["a.py"])
    await client.until(client.library.ended.is_set)
    assert client.knows(FILES["a.py"])


@asynchronous
async def test_a_first_index_is_told_as_it_grows(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polylsp.lsp.progress._LONG", 50)
    write(project, 100)
    client = Client(project, tmp_path)
    client.stay = True
    await client.ready(None, PROGRESS)
    begin = await client.heard_that(
        lambda message: "remembering the workspace" in str(message.get("params"))
    )
    value = {"kind": "begin", "title": "polylsp", "message": "remembering the workspace"}
    assert begin["params"]["value"] == {**value, "percentage": 0}
    since = len(client.heard)
    client.library.go.set()
    await client.settled()
    *reports, end = [one["params"]["value"] for one in client.heard[since:] if "value" in str(one)]
    assert [one["percentage"] for one in reports] == list(range(1, 100))
    assert end == {"kind": "end"}


@asynchronous
async def test_a_small_update_is_not_told(project: Path, tmp_path: Path) -> None:
    client = await Client(project, tmp_path).read(None, PROGRESS)
    assert not any("remembering" in str(one) for one in client.said("$/progress"))


@asynchronous
async def test_clients_that_can_are_asked_to_watch_files(project: Path, tmp_path: Path) -> None:
    client = await Client(project, tmp_path).read(None, WATCHES)
    [asked] = client.said("client/registerCapability")
    [one] = asked["registrations"]
    assert one["method"] == "workspace/didChangeWatchedFiles"
    globs = [watcher["globPattern"] for watcher in one["registerOptions"]["watchers"]]
    assert all(f",{end}" in globs[0] for end in ("py", "rs", "tsx", "c++"))
    assert ".gitignore" in globs[1]


@asynchronous
async def test_others_are_not(project: Path, tmp_path: Path) -> None:
    client = await Client(project, tmp_path).read()
    assert not client.said("client/registerCapability")


@asynchronous
async def test_what_came_from_the_users_own_code_is_told(project: Path, tmp_path: Path) -> None:
    client = await Client(project, tmp_path).read()
    client.open(f"{SOURCE}{SAID}\n" * 9, (project / "b.py").as_uri())
    client.open(SOURCE)
    assert await client.texts(*END) == [SAID]
    memory = (await client.status())["memory"]
    assert 0 < memory["share"] <= 1
    assert memory["origin"].startswith("b.py:")
    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}
    shown = (await client.command("polylsp.showPrompt", place))["memory"]
    assert shown == {name: memory[name] for name in ("share", "origin")}
    client.close_document()
    client.open(SOURCE)
    shown = (await client.command("polylsp.showPrompt", place))["memory"]
    assert shown == {"share": 0.0, "origin": ""}
