"""The simplest thing that could help: to copy the earlier line of the file that is most like this one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from polylsp.evals.polyline.ngram import Told
from polylsp.evals.polyline.score import similarity

_BACK = 400  # Lines that are looked through.


def copied(above: str) -> Told:
    """The rest of the line that `above` ends within, as an earlier one has it.

    That is the one that has the most of what stands before the place; at the start of a line, the one that stands
    behind a line most like the one above. The nearest of equals.
    """
    lines = above.split("\n")
    begun, earlier = lines[-1], lines[:-1][-_BACK:]
    options = _behind(begun, earlier) if begun.strip() else _below(begun, earlier)
    alike, text = max(options, key=lambda one: one[0], default=(0.0, ""))
    return Told(text, alike)


def _behind(begun: str, earlier: list[str]) -> Iterator[tuple[float, str]]:
    """What stands behind the longest end of `begun` that a line has, from the nearest up."""
    said = begun.lstrip()
    for line in reversed(earlier):
        for length in range(len(said), 0, -1):
            at = line.rfind(said[-length:])
            if at >= 0:
                rest = line[at + length :]
                if rest.strip():
                    yield length / len(said), rest
                break


def _below(begun: str, earlier: list[str]) -> Iterator[tuple[float, str]]:
    last = next((line for line in reversed(earlier) if line.strip()), "")
    for above, line in reversed(list(pairwise(earlier))):
        indent = line[: len(line) - len(line.lstrip())]
        if line.strip() and indent == begun:
            yield similarity(above.strip(), last.strip()), line.lstrip()
