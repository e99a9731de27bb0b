"""A file → the documents that are trained on, each as tokens, laid out as prompts are.

    START [PATH path] text                                 and END of the file, where the text ends with it
    START [PATH path] SUFFIX suffix PREFIX prefix middle   and END where the suffix begins

START and END are one token. A file is cut at line starts into pieces as long as what an editor shows; each
file is either read as it stands or, by `Data.fill`, cut up around holes (`holes`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from polylsp.errors import PolyError
from polylsp.prompt.format import shortened
from polylsp.prompt.layout import Layout
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.train.documents import Document
from polylsp.train.holes import hole, line_end

PATH_CHARACTERS = 60
_PLAIN = (1_500, 12_000)  # Characters of a piece, even by their logarithm.
_FILLED = (300, 4_000)
_SUFFIXES = (200, 600, 1_200)  # Characters.
_ANYWHERE = 0.15  # Of the suffixes: they begin anywhere, not where a line or a block ends.
_LEAST = 40  # Characters before a hole.


@dataclass(frozen=True, slots=True)
class Arranged:
    """One document: its tokens, where its middle starts, and whether what ends with it is told."""

    token_ids: np.ndarray[tuple[int], np.dtype[np.uint16]]
    middle: int  # 0 where nothing is filled in.
    whole: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """The special tokens of the layout."""

    start: int
    path: int
    suffix: int
    prefix: int

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Marks:
        """Raises PolyError where the tokenizer lacks one."""
        layout = Layout.detect(tokenizer.special, "<|endoftext|>", False)
        texts = (layout.start, layout.path, layout.suffix, layout.prefix)
        if layout.middle or None in texts or not set(texts) <= tokenizer.special.keys():
            raise PolyError(
                "the tokenizer lacks <|endoftext|>, <|path|>, <|fim_suffix|> or <|fim_prefix|>: "
                "take the one that `polylsp train tokenizer` made, or the embedded model's"
            )
        return cls(*(tokenizer.special[text] for text in texts if text))


@dataclass(frozen=True, slots=True)
class Arranger:
    """Everything about it that does not depend on the file. `marks` is None: text and its start alone."""

    tokenizer: Tokenizer
    start: int
    marks: Marks | None
    fill: float
    path: float

    @classmethod
    def of(cls, tokenizer: Tokenizer, fill: float, path: float) -> Arranger:
        """Raises PolyError where the tokenizer lacks a token that is asked for."""
        if fill or path:
            marks = Marks.of(tokenizer)
            return cls(tokenizer, marks.start, marks, fill, path)
        start = tokenizer.special.get("<|endoftext|>")
        if start is None:
            raise PolyError("the tokenizer lacks <|endoftext|>: take another")
        return cls(tokenizer, start, None, 0.0, 0.0)

    def arrange(self, document: Document, random: Random) -> Iterator[Arranged]:
        """Its pieces, in their order; the same ones for the same state of `random`."""
        text = document.text
        filled = random.random() < self.fill
        at = 0
        while at < len(text):
            stop = _stop(text, at, _length(_FILLED if filled else _PLAIN, random))
            head = self._head(document, random)
            place = hole(text, min(at + _LEAST, stop), stop, random) if filled else None
            if place is None:
                yield self._plain(head, text[at:stop], stop == len(text))
                at = stop
                continue
            cursor, end = place
            if random.random() < _ANYWHERE:
                end = random.randrange(cursor, max(cursor + 1, stop))
            yield self._filled(head, text, at, cursor, end, random)
            at = min(len(text), max(at, line_end(text, end)) + 1)

    def whole(self, text: str) -> Arranged:
        """All of `text` as one document, with nothing around it but its start."""
        return self._plain([self.start], text, False)

    def _head(self, document: Document, random: Random) -> list[int]:
        if self.marks is None or random.random() >= self.path:
            return [self.start]
        path = shortened(document.path, PATH_CHARACTERS) + "\n"
        return [self.start, self.marks.path, *self.tokenizer.encode(path)]

    def _plain(self, head: list[int], text: str, whole: bool) -> Arranged:
        return _arranged([*head, *self.tokenizer.encode(text)], 0, whole)

    def _filled(
        self, head: list[int], text: str, at: int, cursor: int, end: int, random: Random
    ) -> Arranged:
        assert self.marks is not None
        behind = text[end : end + random.choice(_SUFFIXES)]
        if end + len(behind) < len(text) and "\n" in behind.rstrip("\n"):
            behind = behind[: behind.rindex("\n") + 1]  # Whole lines, as prompts have them.
        encode = self.tokenizer.encode
        before = [*head, self.marks.suffix, *encode(behind), self.marks.prefix]
        middle = len(before) + len(encode(text[at:cursor]))
        return _arranged([*before, *encode(text[at:end])], middle, True)


def _arranged(token_ids: list[int], middle: int, whole: bool) -> Arranged:
    return Arranged(np.array(token_ids, np.uint16), min(middle, len(token_ids)), whole)


def _length(bounds: tuple[int, int], random: Random) -> int:
    low, high = map(math.log, bounds)
    return int(math.exp(random.uniform(low, high)))


def _stop(text: str, at: int, length: int) -> int:
    """The start of the line behind `length` characters. A short rest belongs to what is before it."""
    stop = min(len(text), line_end(text, min(len(text), at + length)) + 1)
    return len(text) if len(text) - stop < _LEAST else stop
