"""`polylsp models advise`: which model suits this machine."""

from __future__ import annotations

import argparse
import dataclasses
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polylsp.models.advice import Advice, Pace

ABOUT = "which one suits this machine"
DESCRIPTION = (
    "Measure how fast the embedded model runs here, and tell from it which models would be quick enough, beside\n"
    "what each is worth as far as that was measured."
)


def run(options: argparse.Namespace) -> int:
    from polylsp.config import EngineConfig
    from polylsp.models import memory
    from polylsp.models.advice import advise, pace
    from polylsp.models.cards import Card, cards
    from polylsp.models.registry import load_model

    measured = pace(load_model("embedded"))
    known = [one for one in cards() if isinstance(one, Card)]
    found = advise(known, measured, memory.limit(EngineConfig()))
    if options.json:
        print(json.dumps(_report(measured, found), indent=2))
    else:
        print(f"the embedded model writes {1000 / measured.token_ms:.0f} tokens a second here")
        for one in found:
            print(_shown(one))
    return 0


def _report(measured: Pace, found: list[Advice]) -> dict[str, Any]:
    return {
        "tokensPerSecond": round(1000 / measured.token_ms, 1),
        "models": [
            {
                **dataclasses.asdict(one.card),
                "folder": str(one.card.folder) if one.card.folder else None,
                "local": one.card.folder is not None,
                "completed": one.completed,
                "wrong": one.wrong,
                "lineMilliseconds": round(one.line_ms),
                "suits": one.suits,
                "best": one.best,
            }
            for one in found
        ],
    }


def _shown(one: Advice) -> str:
    worth = "not measured"
    if one.completed is not None and one.wrong is not None:
        worth = f"completes {one.completed:.1%} of what is typed, {one.wrong:.1%} of what it shows is wrong"
    verdict = "best here" if one.best else "suits" if one.suits else "too slow or too big here"
    return f"{one.card.name:20} a suggestion in about {one.line_ms:5.0f} ms  {verdict:25} {worth}"
