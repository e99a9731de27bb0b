"""Answers to places, kept in a file as they come, so that a measurement goes on where it was ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from polylsp.errors import PolyError
from polylsp.evals.polyline.points import Point
from polylsp.evals.polyline.speaker import Said

Answers = dict[str, Said]  # By the point's key.


class Kept:
    """Files of answers in a folder; None for nowhere."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def answers(
        self, name: str, points: Sequence[Point], say: Callable[[Point], Said], told: object = ""
    ) -> Answers:
        """What is said at each of `points`; what `name` said before is not asked again.

        `told` is all that an answer depends on, beside the place. Raises PolyError where nothing can be kept.
        """
        file = self._file(name, told)
        found = dict(_read(file)) if file and file.is_file() else {}
        for point in points:
            if point.key not in found:
                found[point.key] = say(point)
                if file:
                    _add(file, point.key, found[point.key])
        return {point.key: found[point.key] for point in points}

    def _file(self, name: str, told: object) -> Path | None:
        if self._folder is None:
            return None
        plain = "".join(one if one.isalnum() else "-" for one in name)
        return (
            self._folder / f"{plain}-{hashlib.sha256(repr(told).encode()).hexdigest()[:12]}.jsonl"
        )


def _read(file: Path) -> Iterator[tuple[str, Said]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            key, *said = json.loads(line)
        except ValueError:
            continue  # It was ended within this one.
        yield key, Said(*said)


def _add(file: Path, key: str, said: Said) -> None:
    line = json.dumps([key, said.text, round(said.confidence, 6), said.prompt_tokens])
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as opened:
            opened.write(line + "\n")
    except OSError as error:
        raise PolyError(f"{file} cannot be written ({error}): choose another folder") from error
