"""Complete blocks of real files with and without guessing ahead, and count what guessing is worth.

Files are cut behind lines that open a block, so nothing stands below the cursor. Both ways start from the
same prompt, read already, one after the other in turns: only decoding is timed. There is no deadline.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from polylsp.bench.claims import Claim, machine
from polylsp.completer import Completer, snapshot
from polylsp.config import Config, parse
from polylsp.engine.generate import Limits, generate, never
from polylsp.engine.session import Session
from polylsp.models.registry import Model, load_model
from polylsp.suggest import scope
from polylsp.syntax.languages import opens_block
from polylsp.syntax.parser import Trees
from polylsp.syntax.text import in_text
from polylsp.types import Completion, Cursor, Mode, Prompt

_BUDGET = 1900  # Tokens of a prompt.
_LEAST = 300  # Characters of a file before a cut.


@dataclass(frozen=True, slots=True)
class Case:
    """One block, completed both ways."""

    language: str
    plain: Completion
    guessed: Completion
    plain_seconds: float
    guessed_seconds: float

    @property
    def identical(self) -> bool:
        same_end = self.plain.finish is self.guessed.finish
        return same_end and self.plain.token_ids == self.guessed.token_ids


def measure(
    files: Mapping[str, Sequence[Path]],
    model: str = "embedded",
    *,
    positions: int = 500,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The report on completing `positions` blocks of `files`. Raises ModelError and BackendError."""
    settings = {"model": model, "prompt": {"budget": _BUDGET}}
    config, _ = parse(settings)
    loaded = load_model(model, config.engine)
    chosen = cuts(files, positions)
    cases = []
    for case in _cases(loaded, config, chosen):
        cases.append(case)
        say(f"{len(cases)} of {len(chosen)} blocks, {case.language}")
    return {
        "benchmark": "lookup",
        "machine": machine(),
        "model": loaded.name,
        "settings": settings,
        "files": sum(map(len, files.values())),
        **_report(loaded.name, cases),
    }


def cuts(files: Mapping[str, Sequence[Path]], positions: int, seed: int = 7) -> list[Cursor]:
    """Up to `positions` cursors behind lines that open a block, from all files alike; always the same."""
    ranked = []
    for order, file in enumerate(file for some in files.values() for file in some):
        found = list(_openings(file))
        random.Random(seed).shuffle(found)
        ranked += [(rank, order, cursor) for rank, cursor in enumerate(found)]
    ranked.sort(key=lambda one: one[:2])
    # In the order of each file, a prompt shares most of its tokens with the one before it.
    chosen = sorted(ranked[:positions], key=lambda one: (one[1], one[2].offset))
    return [cursor for _, _, cursor in chosen]


def _openings(file: Path) -> Iterator[Cursor]:
    text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    whole = snapshot(file.absolute().as_uri(), 0, "", text, file.name)
    tree = Trees().parse(whole)
    start = 0
    for line in text.split("\n"):
        end = start + len(line.rstrip())
        start += len(line) + 1
        if end < _LEAST or not opens_block(whole.language, line) or (tree and in_text(tree, end)):
            continue
        yield Cursor(snapshot(whole.uri, 0, whole.language, text[:end], file.name), end)


def _cases(model: Model, config: Config, cursors: Sequence[Cursor]) -> Iterator[Case]:
    completer = Completer(model, config)
    session = Session(model.weights.tape())
    for index, cursor in enumerate(cursors):
        prompt = completer.prompt(cursor)
        if not isinstance(prompt, Prompt):
            continue
        session.read(prompt.token_ids, never)
        said: dict[bool, tuple[Completion, float]] = {}
        for lookup in (False, True) if index % 2 else (True, False):
            said[lookup] = _timed(model, config, session, cursor, prompt, lookup)
        (plain, plain_seconds), (guessed, guessed_seconds) = said[False], said[True]
        yield Case(cursor.snapshot.language, plain, guessed, plain_seconds, guessed_seconds)


def _timed(
    model: Model, config: Config, session: Session, cursor: Cursor, prompt: Prompt, lookup: bool
) -> tuple[Completion, float]:
    """What is said at `cursor` as if asked for a block by hand, and the seconds it took."""
    tokenizer, floor, healed = model.tokenizer, scope.floor(cursor), len(prompt.healed.encode())

    def stop(answer: Sequence[int]) -> bool:
        text = tokenizer.bytes_of(answer)[healed:].decode(errors="ignore")
        return scope.ended(text, Mode.BLOCK, floor, explicit=True)

    limits = Limits(
        config.suggest.block_tokens,
        frozenset(tokenizer.special[token] for token in model.layout.end),
    )
    allowed = tokenizer.constraint(prompt.healed)
    start = time.perf_counter()
    completion = generate(
        session, prompt.token_ids, limits, stop=stop, allowed=allowed, lookup=lookup
    )
    return completion, time.perf_counter() - start


def _report(model: str, cases: Sequence[Case]) -> dict[str, Any]:
    languages = sorted({case.language for case in cases})
    rows = {one: _row([case for case in cases if case.language == one]) for one in languages}
    whole = _row(cases)
    claims = [
        Claim("lookup_pass_ratio", whole["pass_ratio"], 1.5, len(cases), model=model),
        Claim("lookup_time_ratio", whole["time_ratio"], 1.15, len(cases), model=model),
        Claim("lookup_identical", whole["identical"], 1.0, len(cases), model=model),
    ]
    return {
        "all": whole,
        "languages": rows,
        "claims": [claim.row() for claim in claims],
        "summary": [str(claim) for claim in claims],
    }


def _row(cases: Sequence[Case]) -> dict[str, Any]:
    """Ratios of what decoding took without guessing to what it took with it: more is better."""
    passes = [sum(case.plain.passes for case in cases), sum(case.guessed.passes for case in cases)]
    seconds = [sum(case.plain_seconds for case in cases), sum(c.guessed_seconds for c in cases)]
    ratios = [case.plain_seconds / case.guessed_seconds for case in cases]
    return {
        "blocks": len(cases),
        "tokens": sum(len(case.plain.token_ids) for case in cases),
        "passes": passes,
        "seconds": [round(one, 3) for one in seconds],
        "pass_ratio": round(passes[0] / max(1, passes[1]), 4),
        "time_ratio": round(seconds[0] / seconds[1], 4) if seconds[1] else 0.0,
        "median_time_ratio": round(median(ratios), 4) if ratios else 0.0,
        "identical": sum(case.identical for case in cases) / max(1, len(cases)),
        "same_logprobs": sum(c.plain.logprobs == c.guessed.logprobs for c in cases)
        / max(1, len(cases)),
    }
