"""Counts → lines of plain text: what became of suggestions, with bars. Knows no terminal but its width."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from polylsp.journal.counts import MOMENTS, Counts, figures, total

_NAMES = {
    "accepted": "accepted",
    "partly": "accepted in part",
    "typedOut": "typed out by hand",
    "against": "typed against",
    "dismissed": "dismissed",
}
_MOMENTS = {"15s": "15 seconds", "2min": "2 minutes"}
_LABEL = 19
_MOST_DAYS = 31  # With a bar each; beyond that each week has one.
_EIGHTHS = " ▏▎▍▌▋▊▉"


def lines(
    counts: Counts, today: str, days: int, width: int = 80, plain: bool = False
) -> Iterator[str]:
    """All there is to see of `days` days. `plain`: the bars of letters that every terminal has."""
    bar = _plain_bar if plain else _bar
    everything = total(counts.values())
    yield from _outcomes(everything, width, bar)
    yield ""
    yield from _facts(everything)
    for title, parts in (
        (_title(days), _periods(counts, today, days)),
        ("accepted by language, of those shown", _by(counts, lambda one: one.language)),
        ("accepted by model, of those shown", _by(counts, lambda one: one.model)),
        ("accepted by kind, of those shown", _by(counts, lambda one: one.mode)),
    ):
        yield ""
        yield title
        yield from _parts(parts, width, bar)


def _outcomes(numbers: Counter[str], width: int, bar: Callable[[float, int], str]) -> Iterator[str]:
    shown = numbers["shown"]
    yield f"{_count(shown, 'suggestion')} shown"
    for name, label in _NAMES.items():
        share = numbers[name] / max(1, shown)
        left = f"  {label:{_LABEL}} {numbers[name]:>6} {share:>4.0%} "
        yield (left + bar(share, width - len(left))).rstrip()


def _facts(numbers: Counter[str]) -> Iterator[str]:
    told = figures(numbers)
    yield f"{_count(told['characters'], 'character')} put in without typing"
    for moment in MOMENTS:
        looked = told[f"looked{moment}"]
        if looked:
            survived, unchanged = (told[how + moment] / looked for how in ("survived", "unchanged"))
            yield f"after {_MOMENTS[moment]}: {survived:.0%} still there, {unchanged:.0%} unchanged"
    if told["medianMilliseconds"] is not None:
        yield f"half of the answers took no longer than {told['medianMilliseconds']:.0f} ms"


def _parts(
    parts: Mapping[str, Counter[str]], width: int, bar: Callable[[float, int], str]
) -> Iterator[str]:
    """A line each: how many were accepted, in part included, of how many; the longest bar fills the width."""
    most = max((_taken(numbers) for numbers in parts.values()), default=0)
    for label, numbers in parts.items():
        taken, shown = _taken(numbers), numbers["shown"]
        left = (
            f"  {label[:_LABEL]:{_LABEL}} {taken:>5} of {shown:<5} {taken / max(1, shown):>4.0%} "
        )
        yield (left + bar(taken / max(1, most), width - len(left))).rstrip()


def _taken(numbers: Counter[str]) -> int:
    return numbers["accepted"] + numbers["partly"]


def _title(days: int) -> str:
    return f"accepted by {'day' if days <= _MOST_DAYS else 'week'}, of those shown"


def _periods(counts: Counts, today: str, days: int) -> dict[str, Counter[str]]:
    """Each day, or the week that ends with it, the last one last; those without anything are there too."""
    step = 1 if days <= _MOST_DAYS else 7
    end = date.fromisoformat(today)
    found: dict[str, Counter[str]] = {}
    for back in reversed(range(0, days, step)):
        last = end - timedelta(back)
        names = {(last - timedelta(day)).isoformat() for day in range(min(step, days - back))}
        found[last.isoformat()] = total(one for key, one in counts.items() if key.day in names)
    while len(found) > 1 and not any(found[first := next(iter(found))].values()):
        del found[first]
    return found


def _by(counts: Counts, part: Callable[..., str]) -> dict[str, Counter[str]]:
    """Together what is of the same part, the most shown first."""
    found: dict[str, Counter[str]] = {}
    for key, numbers in counts.items():
        found.setdefault(part(key), Counter()).update(numbers)
    return dict(sorted(found.items(), key=lambda one: (-one[1]["shown"], one[0])))


def _count(number: int, of: str) -> str:
    return f"{number:,} {of}{'' if number == 1 else 's'}"


def _bar(share: float, width: int) -> str:
    whole, part = divmod(round(min(1.0, share) * 8 * max(0, width)), 8)
    return "█" * whole + _EIGHTHS[part]


def _plain_bar(share: float, width: int) -> str:
    return "#" * round(min(1.0, share) * max(0, width))
