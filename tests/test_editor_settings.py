"""The settings that the editors' own clients offer are the server's, in its words."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from polylsp.config import Option, options

ROOT = Path(__file__).parent.parent
VSCODE = ROOT / "editors" / "vscode" / "package.json"
OWN = (
    "polylsp.server.",
    "polylsp.environment.",
)  # The extension's own: the server does not know them.
# What runs, and what it may take of the machine, is for its user to say: no workspace can set these.
MACHINE = ("model", "engine.", "memory.megabytes", "lsp.log", "stats.")


def test_vscode_offers_every_setting_as_the_server_describes_it() -> None:
    """`UPDATE_GOLDEN=1 pytest tests/test_editor_settings.py` writes package.json anew."""
    package = json.loads(VSCODE.read_text(encoding="utf-8"))
    configuration = package["contributes"]["configuration"]
    ours = {name: one for name, one in configuration["properties"].items() if name.startswith(OWN)}
    wanted = ours | {f"polylsp.{one.name}": _vscode(one) for one in options()}
    if os.environ.get("UPDATE_GOLDEN"):
        configuration["properties"] = wanted
        VSCODE.write_text(
            json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    assert configuration["properties"] == wanted


def test_no_workspace_can_choose_what_vscode_runs() -> None:
    properties = json.loads(VSCODE.read_text(encoding="utf-8"))["contributes"]["configuration"][
        "properties"
    ]
    chosen = [name for name in properties if name.startswith((*OWN, "polylsp.model"))]
    assert {"polylsp.server.path", "polylsp.model"} <= set(chosen)
    assert {properties[name]["scope"] for name in chosen} == {"machine"}


def _vscode(option: Option) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "type": option.type,
        "default": list(option.default) if option.type == "array" else option.default,
        "markdownDescription": option.description,
        "scope": "machine" if option.name.startswith(MACHINE) else "window",
    }
    if option.choices:
        shown["enum"] = list(option.choices)
    if option.between is not None:
        shown["minimum"], shown["maximum"] = option.between
    if option.type == "array":
        shown |= {"items": {"type": "string"}, "uniqueItems": True}
    return shown
