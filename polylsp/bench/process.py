"""A module of ours in a process of its own: lines of JSON go in, and each gets one line of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from polylsp.errors import ModelError, PolyError

Answer = Callable[[Mapping[str, Any]], None]


class Process:
    """The process, seen from outside."""

    def __init__(
        self, module: str, name: str, environment: Mapping[str, str] | None = None
    ) -> None:
        """`name` is who to complain about; what the user's own environment says counts more than this one."""
        self._name = name
        self._process = subprocess.Popen(  # noqa: S603 - Our own program.
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env={**(environment or {}), **os.environ},
        )

    def ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one line. Raises ModelError where there is none; the process has ended then."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except (OSError, ValueError):  # A closed pipe is a ValueError.
            line = ""
        answer: dict[str, Any] = json.loads(line) if line else {"error": "its process has died"}
        if "error" in answer:
            self.quit()
            raise ModelError(f"{self._name}: {answer['error']}")
        return answer

    def quit(self) -> None:
        """Let it finish, and wait for its end."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.communicate()

    def kill(self) -> None:
        """End it, whatever it does; somebody else may be waiting for its answer, and gets none."""
        self._process.kill()
        self._process.wait()


def run(serve: Callable[[TextIO, Answer], None]) -> None:
    """What such a module does when it is run: `serve` reads lines, and answers; its errors are told as well."""
    # Libraries print; what they say must not end up among the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(value: Mapping[str, Any]) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    try:
        serve(sys.stdin, answer)
    except (PolyError, OSError, RuntimeError, ValueError, MemoryError) as error:
        answer({"error": str(error) or type(error).__name__})
