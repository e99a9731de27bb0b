"""Type real files into a real server, accept what is right, and count what that was worth.

The ideal user: looks at every suggestion, takes it whole when it is what the file says and at least three
characters, else types on. Every key waits for its answer, so nothing here depends on how fast the machine is.
Half of the files are typed at their end, half into a hole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from polylsp.bench.claims import Claim, machine
from polylsp.client.editor import Editor

_LEAST = 3  # Characters worth a look.


@dataclass(slots=True)
class Tally:
    """What came of typing in one language."""

    characters: int = 0  # Typed or accepted.
    completed: int = 0  # Of these, accepted.
    accepted: int = 0  # Suggestions; each costs a key.
    shown: int = 0  # One that survives what is typed along with it counts once.
    wrong: int = 0

    def row(self) -> dict[str, float]:
        """Shares of 1, and suggestions shown per 100 characters."""
        return {
            "completed": round(self.completed / max(1, self.characters), 4),
            "net_saved": round((self.completed - self.accepted) / max(1, self.characters), 4),
            "wrong": round(self.wrong / max(1, self.shown), 4),
            "shown_per_100": round(100 * self.shown / max(1, self.characters), 2),
            "characters": self.characters,
        }


def measure(
    files: Mapping[str, Sequence[Path]],
    settings: dict[str, Any],
    *,
    characters: int = 900,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The report on typing `characters` of each file. Raises PolyError where the server does not start."""
    # Time plays no part: a slow machine gets the answers that a fast one gets.
    editor = Editor({**settings, "engine": {"budget": 60_000}})
    tallies: dict[str, Tally] = {}
    try:
        model = editor.wait_until_ready()["model"]
        for language, chosen in files.items():
            tally = tallies.setdefault(language, Tally())
            for index, file in enumerate(chosen):
                say(f"{language}: {index + 1} of {len(chosen)}")
                text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
                _play(editor, file, text, characters, index % 2 == 1, tally)
    finally:
        editor.quit()
    rows = {language: tally.row() for language, tally in tallies.items()}
    names = list(next(iter(rows.values()), {}))
    means = {name: round(mean(row[name] for row in rows.values()), 4) for name in names}
    shown = sum(tally.shown for tally in tallies.values())
    claims = [
        Claim("completed_ratio", means.get("completed", 0), 0.16, shown),
        Claim("wrong_show_rate", means.get("wrong", 0), 0.30, shown, more_is_better=False),
    ]
    return {
        "benchmark": "replay",
        "machine": machine(),
        "model": model,
        "settings": settings,
        "files": sum(map(len, files.values())),
        "mean": means,
        "languages": rows,
        "claims": [claim.row() for claim in claims],
        "summary": [str(claim) for claim in claims],
    }


def _play(editor: Editor, file: Path, text: str, characters: int, hole: bool, tally: Tally) -> None:
    """Type from the first third of `text` on."""
    at = text.rfind("\n", 0, len(text) // 3) + 1
    end = text.rfind("\n", at, at + characters) + 1
    uri = file.absolute().as_uri()
    editor.open(uri, "", text[:at] + ("\n" + text[end:] if hole else ""))
    expected = ""  # What is left of the suggestion on the screen.
    tally.characters += max(0, end - at)
    while at < end:
        suggestion = next(iter(editor.complete(uri, at)), "")
        right = text.startswith(suggestion, at, end)
        if suggestion and suggestion != expected:
            tally.shown += 1
            tally.wrong += not right
        if right and len(suggestion) >= _LEAST:
            tally.accepted += 1
            tally.completed += len(suggestion)
            typed, expected = suggestion, ""
        else:
            typed = text[at]
            expected = suggestion[1:] if suggestion.startswith(typed) else ""
        editor.replace(uri, at, at, typed)
        at += len(typed)
    editor.close(uri)
