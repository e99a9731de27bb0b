"""What was measured, kept in files as it comes, so that a long measurement goes on where it was ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from polylsp.errors import PolyError

Row = list[Any]  # As JSON has it.
_Item = TypeVar("_Item")


class Kept:
    """A folder of such files; None for none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def rows(
        self,
        name: str,
        items: Mapping[str, _Item],
        measure: Callable[[_Item], Row],
        told: object = "",
    ) -> dict[str, Row]:
        """What `measure` makes of each of `items`, by their keys; what `name` has measured before is not again.

        `told` is all that a row depends on, beside its item. Raises PolyError where nothing can be kept.
        """
        file = self._file(name, told)
        found = dict(_read(file)) if file and file.is_file() else {}
        for key, item in items.items():
            if key not in found:
                found[key] = measure(item)
                if file:
                    _add(file, key, found[key])
        return {key: found[key] for key in items}

    def _file(self, name: str, told: object) -> Path | None:
        if self._folder is None:
            return None
        plain = "".join(one if one.isalnum() else "-" for one in name)
        stamp = hashlib.sha256(repr(told).encode()).hexdigest()[:12]
        return self._folder / f"{plain}-{stamp}.jsonl"


def stamp(folder: Path) -> str:
    """What tells the model in a folder from another one, or from what it was before."""
    return hashlib.sha256((folder / "polylsp.json").read_bytes()).hexdigest()


def _read(file: Path) -> Iterator[tuple[str, Row]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            key, *row = json.loads(line)
        except ValueError:
            continue  # It was ended within this one.
        yield key, row


def _add(file: Path, key: str, row: Row) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as opened:
            opened.write(json.dumps([key, *row]) + "\n")
    except OSError as error:
        raise PolyError(f"{file} cannot be written ({error}): choose another folder") from error
