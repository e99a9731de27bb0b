"""The documents tell the truth: options, links, commands."""

from __future__ import annotations

import argparse
import importlib
import os
import re
from pathlib import Path

import pytest

from polylsp.cli.__main__ import _COMMANDS
from polylsp.config import Option, options
from polylsp.editors.known import TEXTS, rendered
from polylsp.lsp import protocol

ROOT = Path(__file__).parent.parent
DOCS = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")])
CONFIGURATION = ROOT / "docs" / "configuration.md"
EDITORS = ROOT / "docs" / "editors.md"
_BLOCK = re.compile(r"(^<!-- (\S+) -->\n```\w*\n)(.*?)^```\n", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"(?<=<!-- options -->\n).*?(?=<!-- end of options -->)", re.DOTALL)


def test_every_option_is_documented_as_it_is() -> None:
    """`UPDATE_GOLDEN=1 pytest tests/test_docs.py` writes the table anew."""
    table = "| option | type | default | |\n|---|---|---|---|\n" + "".join(map(_row, options()))
    document = CONFIGURATION.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_GOLDEN"):
        document = _TABLE.sub(lambda _: table, document)
        CONFIGURATION.write_text(document, encoding="utf-8")
    assert _TABLE.findall(document) == [table]


@pytest.mark.parametrize("document", DOCS, ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (document.parent / link).exists(), link


@pytest.mark.parametrize("document", DOCS, ids=lambda document: document.name)
def test_commands_in_documents_exist(document: Path) -> None:
    """`polylsp …` with its options, wherever one is shown."""
    text = document.read_text(encoding="utf-8")
    for name, arguments in re.findall(
        r"polylsp ([a-z]+)((?: +[^\s`|#&\"]+)*)", "\n".join(_code(text))
    ):
        assert name in _COMMANDS, name
        for flag in re.findall(r"--[a-z-]+", arguments):
            assert flag in _flags(name), f"polylsp {name} {flag}"


def test_configurations_of_editors_are_those_that_doctor_prints() -> None:
    """`UPDATE_GOLDEN=1 pytest tests/test_docs.py` writes the blocks anew."""
    document = EDITORS.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_GOLDEN"):
        document = _BLOCK.sub(lambda block: block[1] + rendered(block[2]) + "```\n", document)
        EDITORS.write_text(document, encoding="utf-8")
    blocks = {name: text for _, name, text in _BLOCK.findall(document)}
    assert blocks == {file.name: rendered(file.name) for file in TEXTS.iterdir()}


def test_our_own_methods_and_commands_are_documented() -> None:
    text = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    names = (
        protocol.STATUS,
        protocol.TOGGLE,
        protocol.PAUSE,
        protocol.CLEAR_CACHE,
        protocol.CLEAR_INDEX,
        protocol.SHOW_PROMPT,
        protocol.ACCEPTED,
        protocol.STATUS_CAPABILITY,
    )
    for name in names:
        assert f"`{name}`" in text, name


def _row(option: Option) -> str:
    default = f"`{option.default!r}`" if option.default != () else "`[]`"
    if isinstance(option.default, bool):
        default = f"`{str(option.default).lower()}`"
    elif isinstance(option.default, str):
        default = f'`"{option.default}"`'
    kind = " \\| ".join(f"`{choice}`" for choice in option.choices) or option.type
    if option.between:
        kind += f", {option.between[0]:g} to {option.between[1]:g}"
    return f"| `{option.name}` | {kind} | {default} | {option.description} |\n"


def _code(text: str) -> list[str]:
    blocks = re.findall(r"^```(?:sh|text)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    inline = re.findall(r"(?<!`)`(polylsp [^`]+)`(?!`)", text)
    return [*(re.sub(r" #.*", "", block) for block in blocks), *inline]


def _flags(name: str) -> set[str]:
    parser = argparse.ArgumentParser()
    importlib.import_module(f"polylsp.cli.{name}").add_arguments(parser)
    found: set[str] = set()
    waiting = [parser]
    while waiting:
        for action in waiting.pop()._actions:
            found.update(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                waiting.extend(action.choices.values())
    return found
