"""Nothing leaves the machine, and nothing is left on it: seen in the system calls, dependencies included."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from polylsp.client.editor import INVOKED
from tests.e2e import strace
from tests.e2e.conftest import Start

SOURCE = "import os\n\n\ndef read(path):\n    with open("


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """A folder for what strace writes. Where there is no strace, these tests fail in CI."""
    if sys.platform != "linux":
        pytest.skip("system calls are traced on Linux only")
    if problem := strace.problem():
        if os.environ.get("CI"):
            pytest.fail(problem)
        pytest.skip(problem)
    folder = tmp_path / "traces"
    folder.mkdir()
    (tmp_path / "home").mkdir()
    return folder


def left_behind(traces: Path) -> list[Path]:
    return list((traces.parent / "home").iterdir())


def run(command: list[str], traces: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        strace.traced(command, traces),
        env=strace.environment(traces.parent / "home"),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("program", "seen"),
    [
        ("import socket; socket.socket().connect_ex(('127.0.0.1', 9))", "connect("),
        ("import socket; socket.socket(type=socket.SOCK_DGRAM)", "AF_INET"),
        ("import socket; socket.socket(socket.AF_INET6).bind(('::1', 0))", "AF_INET6"),
        ("import socket; socket.getaddrinfo('localhost', 80)", "/etc/hosts"),
        ("import os; os.path.exists('/etc/resolv.conf')", "/etc/resolv.conf"),
        ("import threading; threading.Thread(target=open, args=('made', 'w')).start()", "O_CREAT"),
        ("import os, subprocess; subprocess.run(['mkdir', os.environ['HOME'] + '/made'])", "mkdir"),
    ],
)
def test_offences_are_seen(traces: Path, program: str, seen: str) -> None:
    """The controls: a check that cannot fail would say nothing."""
    home = traces.parent / "home"
    run([sys.executable, "-c", f"import os; os.chdir({str(home)!r})\n{program}"], traces)
    assert any(seen in line for line in strace.offences(traces))


def test_a_program_that_does_nothing_commits_none(traces: Path) -> None:
    run([sys.executable, "-c", "import asyncio; asyncio.run(asyncio.sleep(0))"], traces)
    assert strace.offences(traces) == []


def test_nothing_leaves_the_machine(traces: Path, start: Start) -> None:
    editor = start(
        command=strace.traced([sys.executable, "-m", "polylsp", "lsp"], traces),
        environment=strace.environment(traces.parent / "home"),
    )
    editor.wait_until_ready()
    uri = "file:///nowhere/a.py"
    editor.open(uri, "python", SOURCE)
    assert editor.complete(uri, len(SOURCE), INVOKED)
    editor.replace(uri, len(SOURCE), len(SOURCE), "path")
    editor.complete(uri, len(SOURCE) + 4)
    editor.command("polylsp.clearCache")
    editor.close(uri)
    assert editor.quit() == 0
    assert strace.offences(traces) == []
    assert left_behind(traces) == []


def test_statistics_are_all_that_is_left_behind_where_they_are_kept(
    traces: Path, start: Start
) -> None:
    kept = traces.parent / "home" / "kept" / "statistics.db"
    editor = start(
        {"stats": {"enabled": True}},
        command=strace.traced([sys.executable, "-m", "polylsp", "lsp"], traces),
        environment={
            **strace.environment(traces.parent / "home"),
            "POLYLSP_STATISTICS": str(kept),
        },
    )
    editor.wait_until_ready()
    uri = "file:///nowhere/hidden_name.py"
    editor.open(uri, "python", SOURCE)
    [text, *_] = editor.complete(uri, len(SOURCE), INVOKED)
    editor.replace(uri, len(SOURCE), len(SOURCE), text)
    assert editor.quit() == 0
    assert [one for one in strace.offences(traces) if str(kept.parent) not in one] == []
    assert left_behind(traces) == [kept.parent]
    assert list(kept.parent.iterdir()) == [kept]
    content = kept.read_bytes()
    assert b"accepted" in content
    assert not [part for part in (b"hidden_name", b"path", text.encode()) if part in content]


def test_completing_at_the_command_line_keeps_to_itself(traces: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text(SOURCE, encoding="utf-8")
    done = run([sys.executable, "-m", "polylsp", "complete", f"{source}:5"], traces)
    assert done.stdout.strip(), done.stderr
    assert strace.offences(traces) == []
    assert left_behind(traces) == []


# Tells at the first import of each of them what is said to it.
WATCH = """
import os, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in ("onnxruntime", "huggingface_hub", "tokenizers"):
            said = [os.environ.get(f"{one}_DISABLE_TELEMETRY") for one in ("ORT", "HF_HUB")]
            print(name, *said, file=sys.stderr)

sys.meta_path.insert(0, Watch())
from polylsp.cli.__main__ import main
"""


@pytest.mark.parametrize("value", [None, "0"])
def test_telemetry_is_switched_off_before_anything_could_send_it(
    tmp_path: Path, value: str | None
) -> None:
    source = tmp_path / "a.py"
    source.write_text(SOURCE, encoding="utf-8")
    given = {} if value is None else {"ORT_DISABLE_TELEMETRY": value}
    bare = {key: text for key, text in os.environ.items() if "TELEMETRY" not in key and key != "CI"}
    done = subprocess.run(
        [sys.executable, "-c", f"{WATCH}\nmain(['complete', {f'{source}:5'!r}])"],
        env={**bare, **given},
        capture_output=True,
        text=True,
        check=True,
    )
    told = dict(line.split(maxsplit=1) for line in done.stderr.splitlines())
    assert told["onnxruntime"] == "1 1"
    assert set(told.values()) == {"1 1"}
