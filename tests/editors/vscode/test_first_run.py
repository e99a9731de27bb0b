"""What a newcomer meets, and what the extension costs an editor that starts."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from polylsp.models.advice import MEASURED
from tests.editors.conftest import Open
from tests.editors.exthost import run_tests
from tests.editors.ground.vscode import VSCode
from tests.editors.home import Home
from tests.editors.vscode.conftest import SOURCE, TYPED, Saw, servers
from tests.editors.vscode.package import BUNDLE

# How long the extension host takes for it, from the first line of the bundle on.
ACTIVATES = """\
const vscode = require("vscode");
exports.run = async () => {
  const extension = vscode.extensions.getExtension("polylsp.polylsp");
  const began = performance.now();
  await extension.activate();
  console.log(`activated in ${Math.round(performance.now() - began)} ms`);
};
"""


def test_the_first_run_tells_what_the_model_can_do_and_which_does_more(
    workbench: Open, vsix: Path, home: Home, saw: Saw
) -> None:
    window = workbench(vsix)
    window.open(home.file("reader.py", SOURCE))
    window.see_status("embedded")
    [message] = window.until(window.messages, "a message", seconds=60)
    assert f"{100 * MEASURED['embedded'][0]:.0f} % of what is typed" in message
    assert "All Models" in message
    saw(" ".join(message.split()))
    window.page.locator(".notification-toast .monaco-button", has_text="All Models").click()
    rows = window.page.locator(".quick-input-list .monaco-list-row")
    rows.first.wait_for(timeout=60_000)
    first = rows.first.inner_text()
    assert "embedded" in first
    assert "MIT" in first
    saw(" ".join(first.split()))


def test_a_second_extension_that_suggests_is_explained_once(
    workbench: Open, vsix: Path, home: Home, tmp_path: Path, saw: Saw
) -> None:
    window = workbench(vsix, _extension(tmp_path, "TabNine", "tabnine-vscode", "Rival"))
    file = home.file("reader.py", SOURCE)
    window.open(file)
    said = window.until(
        lambda: [one for one in window.messages() if "Rival" in one], "an explanation", seconds=60
    )
    saw(" ".join(said[0].split()))
    window.run("Notifications: Clear All Notifications")
    window.page.reload()
    window.page.locator(".statusbar-item").first.wait_for(timeout=60_000)
    window.open(file)
    window.see_status("embedded", seconds=90)
    assert not [one for one in window.messages() if "Rival" in one]


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "restricted"])
def test_no_repository_can_choose_what_is_run(
    workbench: Open, vsix: Path, home: Home, saw: Saw, trusted: bool
) -> None:
    trap = home.file("trap", '#!/bin/sh\ntouch "$HOME/sprung"\n')
    trap.chmod(0o755)
    names = ("server.path", "environment.python", "environment.wheels", "model")
    chosen = {f"polylsp.{name}": str(trap) for name in names}
    home.file(".vscode/settings.json", json.dumps(chosen))
    home.file("polylsp/__main__.py", "import pathlib\n(pathlib.Path.home() / 'sprung').touch()\n")
    settings: dict[str, object] = {"security.workspace.trust.startupPrompt": "never"}
    window = workbench(vsix, settings=settings, trusted=trusted)
    window.open(home.file("reader.py", SOURCE))
    window.see_status("embedded")
    window.press("Control+End")
    window.type(TYPED)
    text = window.see_ghost_text()
    [server] = servers(home)
    assert str(home.workspace) not in " ".join([*server.cmdline(), server.cwd()])
    assert not list(home.folder.rglob("sprung"))
    saw(f"{text!r} by {' '.join(server.cmdline())}")


def test_the_bundle_is_small_and_activation_is_quick(
    vscode: VSCode, vsix: Path, home: Home, tmp_path: Path, saw: Saw
) -> None:
    kilobytes = BUNDLE.stat().st_size / 1000
    assert kilobytes <= 700
    with zipfile.ZipFile(vsix) as package:
        package.extractall(tmp_path)
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "index.js").write_text(ACTIVATES, encoding="utf-8")
    outcome = run_tests(vscode, home, tmp_path / "extension", tests / "index.js")
    [line] = [one for one in outcome.lines if "activated in" in one]
    milliseconds = int(line.split()[-2])
    saw(f"bundle {kilobytes:.0f} kB, activation {milliseconds} ms")
    assert outcome.code == 0
    assert milliseconds <= 300


def _extension(folder: Path, publisher: str, name: str, title: str) -> Path:
    """A package with nothing in it but its name."""
    package = {"name": name, "publisher": publisher, "version": "1.0.0", "displayName": title}
    identity = f'<Identity Id="{name}" Version="1.0.0" Publisher="{publisher}" Language="en-US" />'
    manifest = f"""<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata>{identity}<DisplayName>{title}</DisplayName></Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" /></Assets>
</PackageManifest>"""
    file = folder / f"{name}.vsix"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("extension.vsixmanifest", manifest)
        engines = {"engines": {"vscode": "^1.91.0"}}
        archive.writestr("extension/package.json", json.dumps(package | engines))
    return file
