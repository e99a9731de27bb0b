"""VS Code's workbench in a browser without a window: a folder is opened, keys are pressed, the page is read."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from tests.editors.ground.shelf import Editor, ran
from tests.editors.ground.vscode import VSCode
from tests.editors.home import Home
from tests.editors.waiting import until

T = TypeVar("T")

SETTINGS = {
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "window.commandCenter": False,
    "telemetry.telemetryLevel": "off",
    "extensions.autoUpdate": False,
    "git.enabled": False,
    "files.autoSave": "off",
    "chat.disableAIFeatures": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
}
_QUIET = ("--disable-telemetry", "--disable-update-check", "--disable-getting-started-override")
_GHOST = (
    ".ghost-text, .ghost-text-decoration, .ghost-text-decoration-preview, .suggest-preview-text"
)


class Workbench:
    """A window with one folder open, as its user sees it. `page` is playwright's."""

    def __init__(self, page: Any, code: Server) -> None:
        self.page = page
        self.code = code

    def until(self, look: Callable[[], T], what: str, seconds: float = 30) -> T:
        """As `waiting.until`, while the page goes on."""

        def rest(seconds: float) -> None:
            self.page.wait_for_timeout(seconds * 1000)

        return until(look, what, seconds=seconds, rest=rest)

    def open(self, file: Path) -> None:
        """Open a file of the folder, its cursor at the start."""
        tabs = self.page.locator(".tab", has_text=file.name)
        if tabs.count():
            tabs.first.click()
        for _ in range(
            3
        ):  # What is picked while the list is still being made is not always opened.
            if tabs.count():
                break
            self._pick(file)
            with suppress(AssertionError):
                self.until(tabs.count, f"a tab for {file.name}", 10)
        front = self.page.locator(".tab.active", has_text=file.name)
        front.first.wait_for(timeout=10_000)
        self.page.locator(".editor-instance .view-lines").first.wait_for(timeout=30_000)
        self.focus()

    def _pick(self, file: Path) -> None:
        self.press("Escape", "Control+p")
        self.page.locator(".quick-input-widget input").first.fill(str(file))
        self.page.locator(".quick-input-list .monaco-list-row", has_text=file.name).first.wait_for()
        self.press("Enter")

    def focus(self) -> None:
        """Have keys go to the editor."""
        self.run("View: Focus Active Editor Group")

    def run(self, command: str) -> None:
        """Run a command by its title, from the palette."""
        self.press("F1")
        self.page.locator(".quick-input-widget input").first.fill(f">{command}")
        row = self.page.locator(".quick-input-list .monaco-list-row", has_text=command).first
        row.wait_for(timeout=15_000)
        row.click()

    def commands(self, search: str) -> list[str]:
        """The titles that the palette finds."""
        self.press("F1")
        self.page.locator(".quick-input-widget input").first.fill(f">{search}")
        rows = self.page.locator(".quick-input-list .monaco-list-row")
        rows.first.wait_for(timeout=15_000)
        found = [str(row) for row in rows.all_inner_texts()]
        self.press("Escape")
        return found

    def type(self, text: str, delay: float = 30) -> None:
        """Type text, `delay` milliseconds between keys."""
        self.page.keyboard.type(text, delay=delay)

    def insert(self, text: str) -> None:
        """Put text in at once, as an input method does: what no key says."""
        self.page.keyboard.insert_text(text)

    def press(self, *keys: str) -> None:
        """Press keys by playwright's names: Tab, Control+ArrowRight, …"""
        for key in keys:
            self.page.keyboard.press(key)

    def ghost_text(self) -> str:
        """The suggestion that is shown in the text, or nothing."""
        parts = self.page.evaluate(
            "css => [...document.querySelectorAll(css)].map(one => one.textContent)", _GHOST
        )
        return "".join(parts).replace("\u00a0", " ")

    def see_ghost_text(self, seconds: float = 30) -> str:
        return self.until(self.ghost_text, "ghost text", seconds)

    def saved(self, file: Path) -> bytes:
        """The buffer's exact bytes: it is saved, and read."""
        self.press("Control+s")
        clean = self.page.locator(".tab.active:not(.dirty)")
        clean.first.wait_for(timeout=15_000)
        return file.read_bytes()

    def status(self, search: str = "polylsp") -> str:
        """The text of the status bar's item whose id, label or text has `search`; nothing if there is none."""
        items = self.page.evaluate(
            "() => [...document.querySelectorAll('.statusbar-item')].map("
            "one => [one.id, one.getAttribute('aria-label') ?? '', one.textContent])"
        )
        for item in items:
            if any(search.lower() in part.lower() for part in item):
                return f"{item[2].strip()} | {item[1]}"
        return ""

    def see_status(self, pattern: str, seconds: float = 60) -> str:
        """What `status` says, once the regular expression `pattern` is found in it."""
        said = ""

        def look() -> str:
            nonlocal said
            said = self.status()
            return said if re.search(pattern, said) else ""

        try:
            return self.until(look, f"{pattern!r} in the status bar", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; it says {said!r}") from None

    def messages(self) -> list[str]:
        """The messages that pop up in the corner."""
        return [str(one) for one in self.page.locator(".notification-toast").all_inner_texts()]

    def screenshot(self, file: Path) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(file))
        return file


class Server:
    """code-server with one user's settings and extensions."""

    def __init__(self, vscode: VSCode, user: Home, *, trusted: bool = True) -> None:
        self._vscode = vscode
        self._user = user
        self._trusted = trusted
        self._data = user.folder / "vscode"
        self._extensions = user.folder / "extensions"
        self._process: subprocess.Popen[bytes] | None = None
        self.log = user.folder / "code-server.log"

    def configure(self, settings: dict[str, Any]) -> None:
        """The user's settings, over those that keep tests quiet."""
        file = self._data / "User" / "settings.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({**SETTINGS, **settings}), encoding="utf-8")

    def install(self, package: Path) -> None:
        """Install a packaged extension, as a user would from the command line."""
        ran(
            [*self.command, "--force", "--install-extension", package],
            environment=self._user.environment,
        )

    def uninstall(self, identifier: str) -> None:
        ran(
            [*self.command, "--uninstall-extension", identifier],
            environment=self._user.environment,
        )

    def extensions(self) -> list[str]:
        """What is installed, as `publisher.name@version`."""
        command = [*self.command, "--list-extensions", "--show-versions"]
        said = ran(command, environment=self._user.environment)
        return [line for line in said.splitlines() if "@" in line]

    def start(self) -> str:
        """Its address, once it listens."""
        command = [*self.command, "--bind-addr", "127.0.0.1:0", *_QUIET]
        if self._trusted:
            command.append("--disable-workspace-trust")
        self._process = started(command, self._user, self.log)
        return address(self._process, self.log, r"HTTP server listening on (http://[\d.:]+)")

    def stop(self) -> None:
        if self._process is not None:
            ended(self._process)
            self._process = None

    def logs(self, pattern: str = "**/*.log") -> str:
        """What VS Code and its extensions have logged."""
        files = sorted(self._data.glob(pattern))
        return "\n".join(f"== {one}\n{one.read_text('utf-8', 'replace')}" for one in files)

    @property
    def command(self) -> list[str]:
        """What `code` is elsewhere."""
        folders = ["--user-data-dir", str(self._data), "--extensions-dir", str(self._extensions)]
        return [*self._vscode.server.command, "--auth", "none", *folders]


@contextmanager
def window(code: Server, user: Home, browser: Editor) -> Iterator[Workbench]:
    """A workbench on the user's workspace; the server is started for it, and stopped behind it."""
    url = code.start()
    try:
        with page(browser, f"{url}/?folder={user.workspace.as_posix()}") as shown:
            shown.locator(".monaco-workbench").wait_for(timeout=60_000)
            shown.locator(".statusbar-item").first.wait_for(timeout=60_000)
            shown.locator(".explorer-folders-view").first.wait_for(timeout=60_000)
            yield Workbench(shown, code)
    finally:
        code.stop()


@contextmanager
def page(browser: Editor, url: str, expose: dict[str, Any] | None = None) -> Iterator[Any]:
    """A page of a browser without a window; `expose`: functions that its scripts may call."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=browser.command[0],
            env={**os.environ, **browser.environment},
            args=["--no-sandbox", "--disable-gpu"],
        )
        try:
            shown = running.new_page(viewport={"width": 1280, "height": 800})
            for name, function in (expose or {}).items():
                shown.expose_function(name, function)
            shown.goto(url)
            yield shown
        finally:
            running.close()


def started(command: Sequence[str], user: Home, log: Path) -> subprocess.Popen[bytes]:
    """A server of the user's, in a process group of its own."""
    with log.open("wb") as file:
        return subprocess.Popen(
            command,
            env=dict(user.environment),
            cwd=user.workspace,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def address(process: subprocess.Popen[bytes], log: Path, pattern: str) -> str:
    """What a server says of where it listens."""

    def look() -> str:
        assert process.poll() is None, log.read_text("utf-8", "replace")
        found = re.search(pattern, log.read_text("utf-8", "replace"))
        return found[1] if found else ""

    return until(look, "a server that listens", seconds=60)


def ended(process: subprocess.Popen[bytes]) -> None:
    """End a server and all it has started."""
    try:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
