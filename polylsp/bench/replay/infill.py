"""What llama-server does with a request to fill in: its prompt, what it reads again, and when it stops.

Facts from llama.cpp's server (MIT, ggml-org/llama.cpp): the last answer's tokens are kept, the longest common
start of them is not read again, and 256 tokens or more that only stand elsewhere are moved there
(`--cache-reuse 256`, as its authors advise for completion). `Infill` knows no editor.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from polylsp.bench.llama import Llama
from polylsp.prompt.layout import Layout

_WORTH_MOVING = 256  # Tokens.
_SUFFIX_SHARE = 4  # One token in so many may be the suffix'.


@dataclass(frozen=True, slots=True)
class Request:
    """Text around a cursor, and how far to go on."""

    path: str
    prefix: str
    suffix: str = ""
    n_predict: int = 128
    cap_ms: float = 0  # Of generation: from then on, the next line end is the last; 0 for none.
    indent: int = 0  # A further line that is indented by less is left out.
    one_line: bool = False
    reuse: bool = True  # Else everything is read again.
    sure: bool = True  # Whether it ends where it is not sure, as llama.cpp does to fill in.


@dataclass(frozen=True, slots=True)
class Answer:
    """A text, and what it cost."""

    text: str
    prompt: int  # Tokens, of which …
    reused: int  # … so many did not have to be read.
    generated: int
    ms: float


class Infill:
    """One slot of such a server."""

    def __init__(
        self, llama: Llama, layout: Layout, encode: Callable[[str], list[int]], show_suffix: bool
    ) -> None:
        self._llama, self._layout, self._encode = llama, layout, encode
        self._special = llama.special()
        self._show_suffix = show_suffix and layout.fills
        self._ends = {self._special[text] for text in layout.end}
        self._read: list[int] = []  # What the memory holds.
        self._samplers = {sure: llama.sampler(infill=sure) for sure in (False, True)}

    def answer(self, asked: Request) -> Answer:
        started = time.perf_counter()
        prompt = self.prompt(asked)
        reused = self._prepare(prompt) if asked.reuse else self._forget()
        self._llama.read(prompt[reused:])
        self._read = list(prompt)
        text, generated = self._generate(asked)
        ms = (time.perf_counter() - started) * 1000
        return Answer(text, len(prompt), reused, generated, round(ms, 1))

    def prompt(self, asked: Request) -> list[int]:
        """At least one token; room is left for the answer."""
        layout = self._layout
        start = self._of(layout.start)
        path = self._path(asked.path)
        room = max(1, self._llama.n_ctx - asked.n_predict - len(start) - len(path) - 3)
        behind = self._encode(asked.suffix) if self._show_suffix and asked.suffix.strip() else []
        behind = behind[: room // _SUFFIX_SHARE]
        text = self._encode(asked.prefix)[-(room - len(behind)) :]
        head, named = ([], path) if layout.path_within else (path, [])
        if not behind:
            return [*start, *head, *named, *text] or self._encode("\n")
        prefix, suffix, middle = map(self._of, (layout.prefix, layout.suffix, layout.middle))
        if not layout.suffix_first:
            filled = [*prefix, *named, *text, *suffix, *behind, *middle]
        elif middle:
            filled = [*prefix, *suffix, *behind, *middle, *named, *text]
        else:
            filled = [*suffix, *behind, *prefix, *named, *text]
        return [*start, *head, *filled]

    def _path(self, path: str) -> list[int]:
        mark = self._of(self._layout.path or self._layout.separator)
        return [*mark, *self._encode(path + "\n")] if mark and path else []

    def _of(self, special: str | None) -> list[int]:
        return [self._special[special]] if special else []

    def _forget(self) -> int:
        self._llama.keep(0)
        return 0

    def _prepare(self, prompt: Sequence[int]) -> int:
        """Have the memory hold as much of `prompt` as it can, from its start; how many tokens that is."""
        kept = at = common(self._read, 0, prompt, 0)
        while at < len(self._read) and kept < len(prompt):
            same = common(self._read, at, prompt, kept)
            if same >= _WORTH_MOVING:
                self._llama.move(at, at + same, kept)
                kept, at = kept + same, at + same
            else:
                at += 1
        kept = min(kept, len(prompt) - 1)  # One has to be read, to know what follows it.
        self._llama.keep(kept)
        return kept

    def _generate(self, asked: Request) -> tuple[str, int]:
        """The answer, and of how many tokens it is."""
        spelt, generated, begun = b"", 0, time.perf_counter()
        for token in self._tokens(asked):
            if not generated:
                begun = time.perf_counter()
            piece = self._llama.piece(token)
            spelt, generated = spelt + piece, generated + 1
            late = asked.cap_ms and (time.perf_counter() - begun) * 1000 > asked.cap_ms
            if b"\n" in piece and (asked.one_line or late):
                break
            if dedented(spelt.decode(errors="ignore"), asked.indent) is not None:
                break
        text = spelt.decode(errors="ignore")
        text = text[: dedented(text, asked.indent)]
        return text.partition("\n")[0] if asked.one_line else text, generated

    def _tokens(self, asked: Request) -> Iterator[int]:
        """What follows, token by token; each is read when the next one is wanted."""
        sampler = self._samplers[asked.sure]
        for _ in range(min(asked.n_predict, self._llama.n_ctx - len(self._read))):
            token = self._llama.sample(sampler)
            if self._llama.ends(token) or token in self._ends:
                return
            yield token
            self._llama.read([token])
            self._read.append(token)


def common(some: Sequence[int], start: int, others: Sequence[int], begin: int) -> int:
    """How many tokens are the same in both, from there on."""
    most = min(len(some) - start, len(others) - begin)
    return next((at for at in range(most) if some[start + at] != others[begin + at]), most)


def dedented(text: str, indent: int) -> int | None:
    """Where the first line after the first one says something, indented by less; None for nowhere."""
    start = text.find("\n") + 1
    while indent and start:
        line = text[start:]
        said = len(line) - len(line.lstrip(" \t"))
        if said < len(line) and said < indent:
            return start + said
        start = text.find("\n", start) + 1
    return None
