"""The core's dependencies come as wheels, without a compiler, for every system that we say works.

A resolver is asked for each; nothing is installed. `docs/install.md` shows the same table to people.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
# System → the resolver's name of it, and the Pythons for which there is a wheel of everything.
SYSTEMS = {
    "Linux, x86-64": ("x86_64-manylinux_2_28", PYTHONS),
    "Linux, Arm 64": ("aarch64-manylinux_2_28", PYTHONS),
    "macOS 14, Apple silicon": ("aarch64-apple-darwin", PYTHONS),
    # The last onnxruntime for Intel Macs is 1.23, which has no wheel for Python 3.14.
    "macOS 13, Intel": ("x86_64-apple-darwin", PYTHONS[:-1]),
    "Windows, x86-64": ("x86_64-pc-windows-msvc", PYTHONS),
    # Neither numpy nor tokenizers has Arm wheels for older Pythons.
    "Windows, Arm 64": ("aarch64-pc-windows-msvc", PYTHONS[2:]),
}


CASES = [(system, python) for system, (_, pythons) in SYSTEMS.items() for python in pythons]
_AT_ONCE = 8  # Resolving waits for the network more than it computes.


@pytest.fixture(scope="module")
def resolved() -> dict[tuple[str, str], subprocess.CompletedProcess[str]]:
    """What the resolver says of each case."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(CASES, pool.map(_resolve, *zip(*CASES, strict=True)), strict=True))


@pytest.mark.network
@pytest.mark.parametrize(("system", "python"), CASES)
def test_the_core_resolves_to_wheels(
    system: str, python: str, resolved: dict[tuple[str, str], subprocess.CompletedProcess[str]]
) -> None:
    run = resolved[system, python]
    assert run.returncode == 0, run.stderr
    assert "onnxruntime==" in run.stdout


@pytest.mark.network
def test_what_has_no_wheel_is_noticed() -> None:
    """numpy 1.26 is older than Python 3.14."""
    run = _resolve("Linux, x86-64", "3.14", "numpy==1.26.4")
    assert run.returncode != 0
    assert "no usable wheels" in run.stderr or "no wheels" in run.stderr


def test_the_supported_pythons_are_those_that_are_declared() -> None:
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert tuple(re.findall(r'Python :: (3\.\d+)"', declared)) == PYTHONS


@pytest.mark.parametrize("system", SYSTEMS)
def test_people_are_told_which_systems_work(system: str) -> None:
    rows = (ROOT / "docs" / "install.md").read_text(encoding="utf-8").splitlines()
    pythons = SYSTEMS[system][1]
    expected = f"| {system} | {pythons[0]} to {pythons[-1]} |"
    assert any(row.startswith(expected) for row in rows), expected


def _resolve(system: str, python: str, requirements: str = "") -> subprocess.CompletedProcess[str]:
    """Ask for wheels of what the core needs, or of other `requirements`."""
    uv = shutil.which("uv", path=sysconfig.get_path("scripts")) or shutil.which("uv")
    assert uv, "the dev extra brings uv"
    version = re.search(r"macOS (\d+)", system)
    return subprocess.run(
        [
            *(uv, "pip", "compile", "--quiet", "--no-header", "--only-binary", ":all:"),
            *("--python-version", python, "--python-platform", SYSTEMS[system][0]),
            "-" if requirements else str(ROOT / "pyproject.toml"),
        ],
        input=requirements,
        env=os.environ | {"MACOSX_DEPLOYMENT_TARGET": f"{version.group(1) if version else 14}.0"},
        capture_output=True,
        text=True,
        check=False,
    )
