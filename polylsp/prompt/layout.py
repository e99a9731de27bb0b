"""How a model wants its prompts: which special tokens it knows, and what they mean.

Part of a model's manifest, because only its training decides it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from polylsp.errors import ModelError
from polylsp.prompt.families import FAMILIES

_TEXTS = ("start", "path", "suffix", "prefix", "middle", "repository", "separator")


@dataclass(frozen=True, slots=True)
class Layout:
    """Special tokens by their text; None where the model has no such token.

    The suffix comes first (`SUFFIX suffix PREFIX prefix`, or with a middle token `PREFIX SUFFIX suffix MIDDLE
    prefix`), or `PREFIX prefix SUFFIX suffix MIDDLE`. Typing only appends to the former.
    """

    start: str | None = None  # Before everything.
    end: tuple[str, ...] = ()  # Any of these ends an answer.
    path: str | None = None  # Before a file's path, on a line of its own.
    suffix: str | None = None  # Fill-in-the-middle: before the suffix …
    prefix: str | None = None  # … and before the prefix …
    use_suffix: bool = False  # Whether the suffix is shown where settings do not say.
    middle: str | None = None  # … and what asks for what stands between.
    suffix_first: bool = True
    repository: str | None = None  # Before everything of a repository; {} is its name.
    separator: str | None = None  # Between files, or what `path` is; None: one file a prompt.
    path_within: bool = False  # Whether the path belongs to the prefix.

    @classmethod
    def parse(cls, manifest: Mapping[str, Any], special: Mapping[str, int]) -> Layout:
        """The `prompt` part of a manifest. Raises ModelError where the tokenizer lacks a token."""
        ends = () if manifest.get("end") is None else manifest["end"]
        texts = {name: manifest.get(name) or None for name in _TEXTS}
        if not isinstance(ends, list | tuple) or not all(
            isinstance(text, str | None) for text in (*map(manifest.get, _TEXTS), *ends)
        ):
            raise ModelError(
                "the model's manifest has prompt tokens that are no text: export it again"
            )
        layout = cls(
            end=tuple(ends),
            use_suffix=bool(manifest.get("use_suffix", False)),
            suffix_first=bool(manifest.get("suffix_first", True)),
            path_within=bool(manifest.get("path_within", False)),
            **texts,
        )
        missing = sorted(layout._tokens() - special.keys())
        if missing:
            raise ModelError(
                f"the model's tokenizer lacks {', '.join(missing)}: export the model again"
            )
        return layout

    @classmethod
    def detect(cls, special: Mapping[str, int], end: str | None, use_suffix: bool) -> Layout:
        """The layout that a tokenizer's special tokens tell of; `end` is its end-of-text token.

        No special token belongs into an answer, so each of them ends one. Models of others that fill in the
        middle are shown the suffix; for ours, `use_suffix` says whether that helps.
        """
        ends = ((end,) if end else ()) + tuple(token for token in special if token != end)
        for family in FAMILIES.values():
            layout = cls(**{"start": end, "end": ends, **family})
            if layout._tokens() <= special.keys():
                shown = layout.fills and (use_suffix or layout.middle is not None)
                return replace(layout, use_suffix=shown)
        return cls(end, ends)

    def manifest(self) -> dict[str, Any]:
        """What `parse` reads. What came later is left out where it says nothing."""
        found: dict[str, Any] = {}
        for at, field in enumerate(fields(self)):
            value = getattr(self, field.name)
            if at < _FIRST_FIELDS or value != field.default:
                found[field.name] = list(value) if isinstance(value, tuple) else value
        return found

    @property
    def fills(self) -> bool:
        """Whether the model was trained to fill in the middle."""
        return self.suffix is not None and self.prefix is not None

    def _tokens(self) -> set[str]:
        """Every special token that is named."""
        repository = (self.repository or "").partition("{}")[0]
        named = (self.start, *self.end, self.path, self.suffix, self.prefix)
        return {text for text in (*named, self.middle, self.separator, repository) if text}


_FIRST_FIELDS = 6  # Those that every manifest names.
