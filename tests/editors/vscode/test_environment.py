"""Setting the server up, upgrading and removing it, from packaged extensions and a folder of wheels, offline."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.editors.ground.vscode import VSCode
from tests.editors.home import Home
from tests.editors.vscode import offline
from tests.editors.vscode.conftest import SOURCE, Saw, servers
from tests.editors.workbench import Server, Workbench, window

ID = "polylsp.polylsp"
# What code-server itself keeps in a home.
_EDITORS = (
    "vscode",
    "run/",
    "tmp/vscode-",
    "extensions",
    "code-server.log",
    ".cache/Microsoft",
    ".config",
    ".local/share/code-server",
)
LONG = 240  # Seconds; a busy machine takes its time to unpack 280 MB.


@dataclasses.dataclass(frozen=True, slots=True)
class Newcomer:
    """A user without polylsp, whose editor is told of a folder of wheels and of a proxy that refuses all."""

    home: Home
    code: Server
    asked: list[bytes]  # Of the proxy.

    @property
    def storage(self) -> Path:
        return self.home.folder / "vscode" / "User" / "globalStorage" / ID

    def current(self) -> str:
        """The version that is set up, or nothing."""
        try:
            return str(json.loads((self.storage / "current.json").read_text("utf-8"))["version"])
        except OSError:
            return ""

    def online(self) -> list[bytes]:
        """What was asked of the proxy; not by the editor, which looks for extensions of its own accord."""
        return [one for one in self.asked if b"open-vsx.org" not in one]

    def left(self) -> list[str]:
        """Every file of the home folder, but for the editor's own logs and caches."""
        folder = self.home.folder
        files = [one.relative_to(folder).as_posix() for one in folder.rglob("*")]
        own = ("vscode/logs", "vscode/User/History", "vscode/CachedProfilesData")
        return sorted(one for one in files if not one.startswith(own))


@pytest.fixture(scope="session")
def wheels(vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return offline.wheels(vsix, tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def newcomer(vscode: VSCode, home: Home, wheels: Path) -> Iterator[Newcomer]:
    with offline.proxy() as (address, asked):
        (home.folder / "bin" / "polylsp").unlink()
        (home.folder / "tmp").mkdir()
        kept = {
            name: value
            for name, value in home.environment.items()
            if not name.startswith("POLYLSP_")
        }
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), address)
        environment = {
            **kept,
            **proxies,
            "PATH": "/usr/bin:/bin",
            "TMPDIR": str(home.folder / "tmp"),
            "PIP_CONFIG_FILE": "/dev/null",
        }
        user = dataclasses.replace(home, environment=environment)
        code = Server(vscode, user)
        code.configure({"http.proxy": address, "editor.wordBasedSuggestions": "off"})
        _set_for_machine(
            home,
            {
                "polylsp.environment.python": sys.executable,
                "polylsp.environment.wheels": str(wheels),
            },
        )
        yield Newcomer(user, code, asked)


def _set_for_machine(home: Home, settings: dict[str, str]) -> None:
    """What holds on the machine where the code is: a user's own settings may come from another one."""
    file = home.folder / "vscode" / "Machine" / "settings.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(settings), encoding="utf-8")


def test_it_is_set_up_upgraded_and_uninstalled_without_a_network(
    vscode: VSCode, vsix: Path, newcomer: Newcomer, tmp_path: Path, saw: Saw
) -> None:
    home, code = newcomer.home, newcomer.code
    file = home.file("reader.py", SOURCE)
    before = newcomer.left()
    code.install(offline.older(vscode, vsix, tmp_path))
    with window(code, home, vscode.browser) as bench:
        bench.open(file)
        press(bench, "not set up yet", "Set Up")
        bench.until(newcomer.current, "an environment", LONG)
        saw(f"set up {newcomer.current()}: {suggested(bench)!r}")
        [old] = servers(home)
        assert newcomer.current() == offline.OLDER
        assert old.cmdline()[0].startswith(str(newcomer.storage))
    code.install(vsix)
    with window(code, home, vscode.browser) as bench:
        bench.open(file)
        suggested(bench)  # The old one works until the new one is there.
        press(bench, f"the server that was set up is {offline.OLDER}", "Upgrade")
        bench.until(lambda: newcomer.current() != offline.OLDER, "an upgrade", LONG)
        saw(f"upgraded to {newcomer.current()}: {suggested(bench)!r}")
        [new] = bench.until(lambda: _of_version(home, newcomer.current()), "the new server", 60)
        program = new.cmdline()[0]
    environments = newcomer.storage / "environments"
    assert len(list(environments.iterdir())) == 2, "another window may still use the old one"
    clean = [program, "-I", "-m", "polylsp", "clean", "--all", "--yes"]
    cleaned = subprocess.run(
        clean, env=home.environment, capture_output=True, text=True, check=True
    )
    saw(cleaned.stdout.splitlines()[-1])
    size = sum(one.stat().st_size for one in newcomer.storage.rglob("*") if not one.is_symlink())
    code.uninstall(ID)
    with window(code, home, vscode.browser) as bench:
        bench.until(lambda: not newcomer.storage.exists(), "an empty storage", 60)
        bench.open(file)
    left = [one for one in newcomer.left() if one not in before]
    ours = [one for one in left if "polylsp" in one or not one.startswith(_EDITORS)]
    saw(f"{size / 1e6:.0f} MB went; left, but for the editor's own: {ours}")
    assert not ours
    assert not newcomer.online(), "somebody wanted to go online"


def test_setting_up_is_cancelled_tried_again_and_removed_with_everything(
    vscode: VSCode, vsix: Path, newcomer: Newcomer, saw: Saw
) -> None:
    home, code = newcomer.home, newcomer.code
    file = home.file("reader.py", SOURCE)
    code.install(vsix)
    with window(code, home, vscode.browser) as bench:
        bench.open(file)
        press(bench, "not set up yet", "Set Up")
        press(bench, "getting packages", "Cancel")
        environments = newcomer.storage / "environments"
        bench.until(lambda: not any(environments.iterdir()), "nothing to be left", 30)
        assert not newcomer.current()
        bench.run("polylsp: Set Up the Server")
        bench.until(newcomer.current, "an environment", LONG)
        saw(f"set up {newcomer.current()}: {suggested(bench)!r}")
        index = home.folder / ".cache" / "polylsp"
        bench.until(index.exists, "an index of the workspace", 60)
        bench.run("polylsp: Remove the Server's Environment")
        button = bench.page.locator(".monaco-dialog-box .monaco-button", has_text="Everything")
        button.click(timeout=30_000)
        bench.until(lambda: not any(newcomer.storage.iterdir()), "an empty storage", 60)
        assert not servers(home)
        assert not index.exists()
    assert not newcomer.online(), "somebody wanted to go online"


def press(bench: Workbench, message: str, button: str) -> None:
    """Press a button of a message that pops up."""
    toast = bench.page.locator(".notification-toast", has_text=message).first
    toast.wait_for(timeout=60_000)
    toast.locator(".monaco-button", has_text=button).first.click()


def suggested(bench: Workbench) -> str:
    """What the server suggests at the end of the file, which is as before afterwards."""
    bench.see_status("embedded", seconds=120)
    bench.focus()
    bench.press("Control+End")

    def asked() -> str:
        bench.type("re")
        bench.press("Alt+\\")  # By hand, which has more time; a busy machine may miss that too.
        try:
            return bench.see_ghost_text(8)
        except AssertionError:
            return ""
        finally:
            bench.press("Escape", "Backspace", "Backspace")

    return bench.until(asked, "a suggestion", 120)


def _of_version(home: Home, version: str) -> list[psutil.Process]:
    """The servers that run, if all are of that version, as their folders tell."""
    found = servers(home)
    folders = [Path(one.cmdline()[0]).parts[-3] for one in found]
    return found if all(one.startswith(f"{version}-") for one in folders) else []
