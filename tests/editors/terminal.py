"""A terminal without a window, for editors that draw into one: keys go in, the screen is read."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.editors.waiting import until


class Terminal:
    """One program in one terminal (tmux, with a server and settings of its own)."""

    def __init__(
        self,
        tmux: str,
        socket: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        size: tuple[int, int] = (100, 30),
    ) -> None:
        """`size` in columns and rows; `environment` is all of it."""
        self._tmux = [tmux, "-S", str(socket), "-f", "/dev/null"]
        self._environment = dict(environment)
        columns, rows = size
        # Without the short wait for a sequence's rest an Escape would be taken for Alt and the next key.
        self._run("start-server", ";", "set-option", "-g", "escape-time", "0", ";",
                  "new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", str(folder),
                  shlex.join(command))  # fmt: skip

    def type(self, text: str) -> None:
        """Type text as it is."""
        self._run("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: Enter, Escape, Tab, C-x, M-f, …"""
        self._run("send-keys", *keys)

    def screen(self) -> str:
        """What is shown; nothing once the program has ended."""
        done = self._do("capture-pane", "-p")
        return done.stdout if done.returncode == 0 else ""

    def see(self, pattern: str, seconds: float = 30) -> str:
        """The line of the screen in which the regular expression `pattern` is found, once it is."""
        return until(lambda: self.line(pattern), f"{pattern!r} on the screen", seconds=seconds)

    def line(self, pattern: str) -> str:
        """The first line of the screen in which `pattern` is found; "" if there is none."""
        lines = self.screen().splitlines()
        return next((line.strip() for line in lines if re.search(pattern, line)), "")

    def is_running(self) -> bool:
        return self._do("has-session").returncode == 0

    def end(self) -> None:
        """End the program, whatever it is at."""
        self._do("kill-server")

    def _run(self, *arguments: str) -> None:
        done = self._do(*arguments)
        assert done.returncode == 0, done.stderr

    def _do(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._tmux, *arguments],
            env=self._environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=20,
        )
