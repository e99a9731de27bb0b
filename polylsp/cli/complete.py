"""`polylsp complete FILE:LINE:COL`: one completion, and how it came about."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from polylsp.errors import PolyError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "place",
        metavar="FILE:LINE[:COL]",
        help="where: line and column from 1, the column counted in characters (default: the line's end)",
    )
    parser.add_argument(
        "--model",
        default="embedded",
        help="`embedded`, a name or Hugging Face id that was pulled, a folder, or a .gguf file",
    )
    parser.add_argument(
        "--automatic",
        action="store_true",
        help="answer as while typing: silent where unsure (default: as asked by hand)",
    )
    parser.add_argument(
        "--prompt", action="store_true", help="print what the model is given instead"
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.epilog = (
        "Where the file lies in a folder that `polylsp index` or a server has remembered, that code weighs in.\n\n"
        "examples:\n"
        "  polylsp complete src/main.c:120:9\n"
        "  polylsp complete app.py:42 --json | jq .milliseconds"
    )


def run(options: argparse.Namespace) -> int:
    from polylsp.completer import load
    from polylsp.config import parse
    from polylsp.types import Prompt

    cursor = _cursor(options.place)
    config, _ = parse({"model": options.model})
    completer = load(config, _say)
    if completer.model.note:
        _say(f"polylsp: {completer.model.note}")
    if options.prompt:
        prompt = completer.prompt(cursor)
        if not isinstance(prompt, Prompt):
            raise PolyError(f"the model would not be asked here: {prompt.value}")
        print(prompt.text)
        return 0
    file, fingerprint = Path(cursor.snapshot.file), completer.model.tokenizer.fingerprint
    if (root := _remembered(file, fingerprint)) is not None:
        completer.library.folders([root])
    answer = completer.complete(cursor, explicit=not options.automatic)
    if options.json:
        print(json.dumps(_report(answer, completer.model.name), indent=2, ensure_ascii=False))
    elif answer.suggestions:
        print(answer.suggestions[0].text)
    else:
        assert answer.silence is not None
        print(f"polylsp: no suggestion ({answer.silence.value})", file=sys.stderr)
    return 0 if answer.suggestions else 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _remembered(file: Path, fingerprint: str) -> Path | None:
    """The innermost folder around `file` that there is an index of, by that tokenizer."""
    from polylsp.workspace import shelf

    around = file.resolve().parents
    return next(
        (one for one in around if shelf.place(shelf.shelf(), one, fingerprint).exists()), None
    )


def _cursor(place: str) -> Any:
    from polylsp.completer import snapshot
    from polylsp.types import Cursor

    found = re.fullmatch(r"(.+?):(\d+)(?::(\d+))?", place)
    if not found:
        raise PolyError(f"{place!r} is not FILE:LINE or FILE:LINE:COL")
    file, line = Path(found.group(1)), int(found.group(2))
    try:
        text = file.read_bytes().decode("utf-8", errors="replace")
    except OSError as error:
        raise PolyError(f"{file} cannot be read: {error.strerror}") from error
    path = file.as_posix() if not file.is_absolute() else file.name
    document = snapshot(file.absolute().as_uri(), 0, "", text, path, str(file.absolute()))
    lines = document.text.split("\n")
    if not 1 <= line <= len(lines):
        raise PolyError(f"{file} has lines 1 to {len(lines)}, not {line}")
    here = lines[line - 1]
    column = int(found.group(3)) if found.group(3) else len(here) + 1
    if not 1 <= column <= len(here) + 1:
        raise PolyError(f"line {line} of {file} has columns 1 to {len(here) + 1}, not {column}")
    return Cursor(document, sum(len(one) + 1 for one in lines[: line - 1]) + column - 1)


def _report(answer: Any, model: str) -> dict[str, Any]:
    trace = answer.trace
    return {
        "suggestions": [
            {
                "text": one.text,
                "confidence": round(one.confidence, 4),
                "memory": round(one.memory, 4),
                "origin": one.origin,
            }
            for one in answer.suggestions
        ],
        "reason": answer.silence.value if answer.silence else None,
        "model": model,
        "promptTokens": trace.prompt_tokens,
        "reusedTokens": trace.reused,
        "generatedTokens": trace.generated,
        "finish": trace.finish.value if trace.finish else None,
        "milliseconds": trace.milliseconds,
    }
