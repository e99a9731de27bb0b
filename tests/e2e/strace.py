"""What a command does to the world outside of it, by its system calls. Linux only.

Sockets that lead anywhere, name look-ups, and files made or changed: each is an offence.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

_CALLS = "%network,%file,io_uring_setup"
_OFFENCES = [
    re.compile(pattern)
    for pattern in (
        # A pair of UNIX sockets is how an event loop wakes itself; nothing else needs a socket.
        r"^(socket\((?!AF_UNIX)|connect\(|bind\(|listen\(|accept|io_uring_setup\()",
        r"AF_INET|AF_NETLINK",
        r'/etc/(resolv\.conf|hosts|host\.conf|gai\.conf|nsswitch\.conf|services)"',
        r"nscd|libnss_|/run/systemd/resolve",
        r"O_(CREAT|TRUNC|WRONLY|RDWR|APPEND|TMPFILE)",
        r"^(creat|mkdir(at)?|mknod(at)?|rename(at2?)?|link(at)?|symlink(at)?|unlink(at)?|rmdir|truncate)\(",
    )
]
_ALLOWED = re.compile(r'"/dev/(null|tty)"')


def problem() -> str:
    """Why nothing can be traced here; "" where it can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed"
    tried = subprocess.run(
        [strace, "-f", "-qq", "true"], capture_output=True, text=True, check=False
    )
    return "" if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()}"


def traced(command: Sequence[str], into: Path) -> list[str]:
    """`command`, to be run under strace; its calls are written to `into`, a folder of their own."""
    return [
        "strace",
        "-ff",
        "-qq",
        "-y",
        "-e",
        f"trace={_CALLS}",
        "-o",
        str(into / "calls"),
        *command,
    ]


def environment(home: Path) -> dict[str, str]:
    """As bare as can be: nothing switches telemetry off, and above all not `CI`.

    Python's own cache of compiled modules is left out: it is no word of ours.
    """
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def offences(folder: Path) -> list[str]:
    """The calls that were none of the command's business. Raises if nothing at all was traced."""
    lines = [
        line
        for file in sorted(folder.glob("calls*"))
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    assert any("execve(" in line for line in lines), "nothing was traced"
    return [
        line
        for line in lines
        if any(offence.search(line) for offence in _OFFENCES) and not _ALLOWED.search(line)
    ]
