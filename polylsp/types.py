"""The nouns: every value that flows from a keystroke to a suggestion.

All are frozen, so they may cross threads freely. A place in a document is an offset in code points;
only `lsp/` knows lines and columns. Text inside is tidy (`Snapshot.of`): LF line ends, no lone surrogates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeVar

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One document at one version."""

    uri: str
    version: int
    language: str  # A name from `syntax.languages`, or "" for one it does not know.
    text: str
    path: str = ""  # For people and for the model's file-path header; "" where there is none.
    file: str = ""  # Where it lies on this machine's disk; "" where it does not.
    eol: str = "\n"  # What the document itself ends its lines with.

    @classmethod
    def of(
        cls, uri: str, version: int, language: str, text: str, path: str = "", file: str = ""
    ) -> Snapshot:
        """A snapshot of text as an editor has it.

        Line ends become LF (models never saw CR) and lone surrogates U+FFFD (nothing can encode them).
        Lines and columns stay where they were.
        """
        eol = "\n"
        if "\r" in text:
            first = _LINE_END.search(text)
            eol = first.group() if first else "\n"
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if not text.isascii():
            text = _LONE_SURROGATE.sub("\ufffd", text)
        return cls(uri, version, language, text, path, file, eol)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a snapshot where text could be inserted."""

    snapshot: Snapshot
    offset: int  # Code points from the start of `snapshot.text`.

    @property
    def prefix(self) -> str:
        return self.snapshot.text[: self.offset]

    @property
    def suffix(self) -> str:
        return self.snapshot.text[self.offset :]

    @property
    def line_prefix(self) -> str:
        """The text of the cursor's line before it."""
        text = self.snapshot.text
        return text[text.rfind("\n", 0, self.offset) + 1 : self.offset]

    @property
    def line_suffix(self) -> str:
        """The text of the cursor's line behind it, without the line end."""
        text = self.snapshot.text
        end = text.find("\n", self.offset)
        return text[self.offset :] if end < 0 else text[self.offset : end]

    def typed(self, text: str) -> Cursor:
        """Where the cursor would stand after `text` was typed here."""
        edited = replace(self.snapshot, text=self.prefix + text + self.suffix)
        return Cursor(edited, self.offset + len(text))

    def until(self, now: Cursor) -> str | None:
        """What was typed here, if that and nothing else leads to `now`: the inverse of `typed`."""
        before, after = self.snapshot, now.snapshot
        length = now.offset - self.offset
        if (before.uri, before.language) != (after.uri, after.language) or length < 0:
            return None
        if len(after.text) != len(before.text) + length or now.suffix != self.suffix:
            return None
        return after.text[self.offset : now.offset] if after.text.startswith(self.prefix) else None


_Text = TypeVar("_Text", str, bytes)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of text, in code points."""

    start: int
    end: int

    def __contains__(self, offset: int) -> bool:
        return self.start <= offset < self.end

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: _Text) -> _Text:
        return text[self.start : self.end]


class ChunkKind(Enum):
    """What a chunk shows, and so where it belongs in a prompt."""

    NEIGHBOUR = "neighbour"  # From another file.
    IMPORT = "import"
    SIBLING = "sibling"  # The header of a definition beside the cursor's; its body is left out.
    SCOPE = "scope"  # The header of a definition around the cursor.
    NEAR = "near"  # The text that ends at the cursor.


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of source worth showing: whole lines, as they stand in their file."""

    kind: ChunkKind
    path: str
    span: Span
    text: str


class Mode(Enum):
    """How far a completion may go."""

    LINE = "line"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Context:
    """What could be shown to the model, best first."""

    cursor: Cursor
    mode: Mode
    comment: str  # What starts a line comment in this language: "//", "#".
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is given."""

    text: str  # For people: special tokens are written out.
    token_ids: tuple[int, ...]
    healed: str = ""  # Taken off the prefix's end; the answer must start with it.
    behind: int = 0  # How many of the ids, at the end, do not belong to the text before the cursor.


class Finish(Enum):
    """Why a generation ended."""

    STOP = "stop"  # A stop rule, end of text, or a loop.
    LENGTH = "length"  # The token limit, or the model's context is full.
    UNSURE = "unsure"  # The cumulative probability fell under the floor.
    DEADLINE = "deadline"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model said, raw."""

    token_ids: tuple[int, ...]
    logprobs: tuple[float, ...]  # Natural logarithm, one for each token.
    finish: Finish
    reused: int = 0  # Prompt tokens that were on the tape already.
    prefilled: int = 0  # Prompt tokens that had to be read.
    passes: int = 0  # Of the model, behind the prompt.
    # Of each token, the share that memory gave it; empty without memory.
    recalled: tuple[float, ...] = ()
    origin: object = None  # Where what memory gave the most of stands, as its sources know it.


@dataclass(frozen=True, slots=True)
class Draft:
    """A completion as text that would stand at the cursor."""

    text: str
    ends: tuple[int, ...]  # Where each token ends in `text`, in code points.
    logprobs: tuple[float, ...]
    finish: Finish
    # Of each token, the share that memory gave it; empty without memory.
    recalled: tuple[float, ...] = ()
    origin: object = None  # As of the completion.


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the user sees: text to insert at a cursor."""

    cursor: Cursor
    text: str
    confidence: float  # The probability, 0 to 1, that exactly this text is right: calibrated.
    # How much of it came from the user's own code, a share, 0 to 1; and where most of that stands, as PATH:LINE.
    memory: float = 0.0
    origin: str = ""

    @property
    def insert_text(self) -> str:
        """The text with the document's own line ends."""
        return self.text.replace("\n", self.cursor.snapshot.eol)


class Silence(Enum):
    """Why nothing is shown. One word each: logs, status and `--json` print it."""

    GATE = "gate"  # Not a place to complete at.
    LANGUAGE = "language"  # Not one of the twelve languages, or switched off for it.
    SECRET = "secret"  # noqa: S105 - The file looks as if it held secrets.
    SIZE = "size"  # The file is too big.
    BINARY = "binary"
    EMPTY = "empty"  # The model had nothing to add.
    REPEAT = "repeat"  # It would say what stands there already.
    SYNTAX = "syntax"  # It would break the code.
    SHORT = "short"  # Too little to be worth a look.
    UNSURE = "unsure"  # The model is not sure enough.
    UNWANTED = "unwanted"  # It was turned down there before.
    DEADLINE = "deadline"  # The time was over before the prompt was read.
    CANCELLED = "cancelled"
    PAUSED = "paused"
    LOADING = "loading"
    MODEL = "model"  # No model could be loaded.
    ERROR = "error"  # The runtime failed.


@dataclass(frozen=True, slots=True)
class Trace:
    """What one answer cost."""

    milliseconds: dict[str, float] = field(default_factory=dict, hash=False)  # By station.
    hit: bool = False  # Answered from the suggestion cache.
    earlier: bool = False  # And that had it before it was asked, or from another place.
    prompt_tokens: int = 0  # Reused or read.
    reused: int = 0
    generated: int = 0
    passes: int = 0  # Of the model, for what was generated.
    finish: Finish | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """All there is to say at a cursor: suggestions, best first, or the reason for none."""

    suggestions: tuple[Suggestion, ...] = ()
    silence: Silence | None = None
    trace: Trace = Trace()
