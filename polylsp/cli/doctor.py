"""`polylsp doctor`: what is installed, what works, and what to do about the rest."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from polylsp import __version__
from polylsp.editors.instructions import instructions, setups
from polylsp.editors.known import EDITORS, Editor, found
from polylsp.errors import PolyError

_PACKAGES = ("pygls", "lsprotocol", "tree-sitter", "tokenizers", "numpy", "onnxruntime")
_SLOW_LOAD_SECONDS = 5.0
_SLOW_TOKENS_PER_SECOND = 40.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    good: bool
    found: str
    remedy: str = ""
    figures: dict[str, Any] = field(default_factory=dict)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        default="embedded",
        help="`embedded`, a name or Hugging Face id that was pulled, a folder, or a .gguf file",
    )
    parser.add_argument(
        "--editor",
        choices=[editor.name for editor in EDITORS],
        help="only print how this editor is set up",
    )
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(options: argparse.Namespace) -> int:
    if options.editor:
        chosen = [editor for editor in EDITORS if editor.name == options.editor]
        if options.json:
            print(json.dumps({"version": __version__, "editors": setups(chosen)}, indent=2))
        else:
            print("\n".join(instructions(chosen)))
        return 0
    editors = list(found())
    checks = list(_checks(options.model, editors))
    if options.json:
        report = {
            "version": __version__,
            "checks": [asdict(check) for check in checks],
            "editors": setups(editors),
        }
        print(json.dumps(report, indent=2))
    else:
        for check in checks:
            print(f"{'ok ' if check.good else 'BAD'}  {check.name:12} {check.found}")
            if not check.good:
                print(f"     {'':12} → {check.remedy}")
        print("\n".join(["", *instructions(editors)]))
    return 0 if all(check.good for check in checks) else 1


def _checks(model: str, editors: Sequence[Editor]) -> Iterator[Check]:
    yield Check(
        "python",
        sys.version_info >= (3, 10),
        f"{platform.python_version()}, {sys.executable}",
        "polylsp needs Python 3.10 or newer",
    )
    yield _packages()
    yield _grammars()
    yield from _model(model)
    yield _server()
    yield Check(
        "privacy",
        os.environ.get("ORT_DISABLE_TELEMETRY") == "1",
        "onnxruntime's telemetry is switched off",
        "import polylsp before onnxruntime",
    )
    titles = [editor.title for editor in editors]
    yield Check("editors", True, ", ".join(titles) or "none on PATH", figures={"found": titles})


def _packages() -> Check:
    versions, missing = {}, []
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    shown = ", ".join(f"{name} {version}" for name, version in versions.items())
    remedy = f"pip install {' '.join(missing)}"
    return Check("packages", not missing, shown, remedy, versions)


def _grammars() -> Check:
    from polylsp.syntax.languages import LANGUAGES, query

    broken = {}
    for language in LANGUAGES:
        try:
            query(language.name)
        except Exception as error:
            broken[language.name] = f"{type(error).__name__}: {error}"
    found = f"{len(LANGUAGES) - len(broken)} of {len(LANGUAGES)} load"
    remedy = "pip install --force-reinstall polylsp; broken: " + ", ".join(broken)
    return Check("grammars", not broken, found, remedy, broken)


def _model(spec: str) -> Iterator[Check]:
    from polylsp.completer import load
    from polylsp.config import parse
    from polylsp.engine.load import default_threads
    from polylsp.models.advice import pace

    config, _ = parse({"model": spec})
    started = time.perf_counter()
    try:
        completer = load(config, _say)
    except PolyError as error:
        yield Check("model", False, spec, str(error))
        return
    seconds = time.perf_counter() - started
    model = completer.model
    measured = pace(model)
    per_second = 1000 / measured.token_ms
    figures = {
        "name": model.name,
        "folder": str(model.folder),
        "context": model.weights.n_ctx,
        "threads": default_threads(),
        "load_seconds": round(seconds, 3),
        "first_token_ms": round(measured.first_ms, 2),
        "tokens_per_second": round(per_second, 1),
        "megabytes_per_file": round(model.weights.tape_bytes / 2**20, 1),
    }
    yield Check(
        "model",
        seconds < _SLOW_LOAD_SECONDS,
        f"{model.name} ({type(model.weights).__name__}), context {model.weights.n_ctx}, "
        f"loaded in {seconds:.2f} s" + (f"; {model.note}" if model.note else ""),
        "loading is slow: is the disk busy, or on a network?",
        figures,
    )
    yield Check(
        "speed",
        per_second > _SLOW_TOKENS_PER_SECOND,
        f"128 tokens read in {measured.first_ms:.0f} ms, then {per_second:.0f} tokens a second",
        "suggestions will come late: use a smaller model, or more threads (engine.threads)",
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _server() -> Check:
    from polylsp.client.editor import Editor

    started = time.perf_counter()
    try:
        editor = Editor()
    except (PolyError, OSError, TimeoutError) as error:
        return Check("server", False, "does not start", f"run `polylsp lsp --log debug`: {error}")
    seconds = time.perf_counter() - started
    code = editor.quit()
    found = f"answers initialize in {seconds:.2f} s, ends with {code}"
    return Check(
        "server", code == 0, found, "run `polylsp lsp --log debug`", {"seconds": round(seconds, 3)}
    )
