"""Tests of an extension, run inside VS Code's real extension host.

The bare server inside code-server takes the switch of VS Code's own integration tests: it loads an unpacked
extension and a module whose `run()` is the test, and tells what both print.
"""

from __future__ import annotations

import json
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from tests.editors.ground.vscode import VSCode
from tests.editors.home import Home
from tests.editors.waiting import until
from tests.editors.workbench import address, ended, page, started


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: the exit code of the tests, and the lines they have printed."""

    code: int
    lines: tuple[str, ...]


def run_tests(
    vscode: VSCode, user: Home, extension: Path, tests: Path, *, seconds: float = 120
) -> Outcome:
    """Run the compiled module `tests` beside the unpacked `extension`, in the user's workspace."""
    lines: list[str] = []
    codes: list[int] = []

    def log(kind: str, arguments: list[object]) -> None:
        line = " ".join(map(str, arguments))
        if not line.startswith("%c"):  # The workbench's own, in colour.
            lines.append(f"{kind}: {line}")

    def end(code: int) -> None:
        codes.append(code)

    command = [*vscode.bare, "--accept-server-license-terms", "--without-connection-token"]
    command += ["--host", "127.0.0.1", "--port", "0", "--enable-smoke-test-driver"]
    command += ["--server-data-dir", str(user.folder / "exthost")]
    command += ["--extensions-dir", str(user.folder / "exthost-extensions")]
    output = user.folder / "exthost.log"
    process = started(command, user, output)
    try:
        url = address(process, output, r"(http://localhost:\d+)").replace("localhost", "127.0.0.1")
        where = _url(url, user.workspace, extension, tests)
        exposed = {"codeAutomationLog": log, "codeAutomationExit": end}
        with page(vscode.browser, where, exposed) as shown:
            until(
                lambda: codes,
                "the end of the tests",
                seconds=seconds,
                rest=lambda seconds: shown.wait_for_timeout(seconds * 1000),
            )
    finally:
        ended(process)
    return Outcome(codes[0], tuple(lines))


def _url(server: str, folder: Path, extension: Path, tests: Path) -> str:
    host = urllib.parse.urlsplit(server).netloc
    payload = [
        [name, f"vscode-remote://{host}{path.as_posix()}"]
        for name, path in (("extensionDevelopmentPath", extension), ("extensionTestsPath", tests))
    ]
    query = urllib.parse.urlencode({"folder": folder.as_posix(), "payload": json.dumps(payload)})
    return f"{server}/?{query}"
