"""How a model wants its prompts: which special tokens it knows, and what they mean.

Part of a model's manifest, because only its training decides it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from polylsp.errors import ModelError


@dataclass(frozen=True, slots=True)
class Layout:
    """Special tokens by their text; None where the model has no such token."""

    start: str | None = None  # Before everything.
    end: tuple[str, ...] = ()  # Any of these ends an answer.
    path: str | None = None  # Before a file's path, on a line of its own.
    suffix: str | None = None  # Suffix-first fill-in-the-middle: before the suffix …
    prefix: str | None = None  # … and before the prefix.
    use_suffix: bool = False  # Whether showing the suffix was measured to help.

    @classmethod
    def parse(cls, manifest: Mapping[str, Any], special: Mapping[str, int]) -> Layout:
        """The `prompt` part of a manifest. Raises ModelError where the tokenizer lacks a token."""
        ends = () if manifest.get("end") is None else manifest["end"]
        texts = [manifest.get(name) for name in ("start", "path", "suffix", "prefix")]
        if not isinstance(ends, list | tuple) or not all(
            isinstance(text, str | None) for text in (*texts, *ends)
        ):
            raise ModelError(
                "the model's manifest has prompt tokens that are no text: export it again"
            )
        start, path, suffix, prefix = (text or None for text in texts)
        layout = cls(
            start, tuple(ends), path, suffix, prefix, bool(manifest.get("use_suffix", False))
        )
        named = (layout.start, *layout.end, layout.path, layout.suffix, layout.prefix)
        missing = sorted({token for token in named if token and token not in special})
        if missing:
            raise ModelError(
                f"the model's tokenizer lacks {', '.join(missing)}: export the model again"
            )
        return layout

    @classmethod
    def detect(cls, special: Mapping[str, int], end: str | None, use_suffix: bool) -> Layout:
        """The layout that a tokenizer's special tokens tell of; `end` is its end-of-text token.

        No special token belongs into an answer, so each of them ends one.
        """
        ends = ((end,) if end else ()) + tuple(token for token in special if token != end)
        if all(token in special for token in _OURS):
            return cls(end, ends, *_OURS, use_suffix)
        return cls(end, ends)

    def manifest(self) -> dict[str, Any]:
        """What `parse` reads."""
        return {
            "start": self.start,
            "end": list(self.end),
            "path": self.path,
            "suffix": self.suffix,
            "prefix": self.prefix,
            "use_suffix": self.use_suffix,
        }

    @property
    def fills(self) -> bool:
        """Whether the model was trained to fill in the middle."""
        return self.suffix is not None and self.prefix is not None


# Path, suffix and prefix of the models that polylsp trains.
_OURS = ("<|path|>", "<|fim_suffix|>", "<|fim_prefix|>")
