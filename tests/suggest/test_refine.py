"""Draft → Suggestion, through every filter: the golden suite, its order, and what always holds."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from polylsp.config import SuggestConfig
from polylsp.suggest.calibration import Calibration, Curve
from polylsp.suggest.refine import Request, refine, starts, still_good, thresholds, worth
from polylsp.syntax.languages import LANGUAGES
from polylsp.syntax.parser import Trees
from polylsp.types import Cursor, Draft, Finish, Mode, Silence, Snapshot, Suggestion
from tests import golden, marks
from tests.golden import Case

UNLIKELY = 0.1


def draft(marked: str, finish: Finish = Finish.STOP) -> Draft:
    """A draft of word and punctuation tokens, certain but for the marked ones."""
    text, unlikely = marks.spans(marked)
    tokens = list(re.finditer(r"_?[^\W_]+|_|\s+|[^\w\s]", text))
    sure = [not any(token.start() in span for span in unlikely) for token in tokens]
    return Draft(
        text,
        tuple(token.end() for token in tokens),
        tuple(0.0 if one else math.log(UNLIKELY) for one in sure),
        finish,
    )


def refined(
    source: Cursor,
    said: Draft,
    mode: Mode = Mode.LINE,
    *,
    explicit: bool = False,
    config: SuggestConfig | None = None,
) -> Suggestion | Silence:
    """What is shown of `said` at `source`. The one place in the tests that calls `refine`."""
    tree = Trees().parse(source.snapshot)
    return refine(said, Request(source, mode, explicit, tree), config or SuggestConfig())


def shown(source: str, marked: str, mode: Mode = Mode.LINE, *, explicit: bool = False) -> str:
    """The text shown, or the word for the silence."""
    result = refined(marks.cursor(source), draft(marked), mode, explicit=explicit)
    return result.text if isinstance(result, Suggestion) else result.value


@pytest.mark.parametrize("case", golden.cases("refine"), ids=lambda case: case.name)
def test_golden(case: Case) -> None:
    source, said = case.given
    here = marks.cursor(source.text, source.language)
    flags = said.info.split()[1:]
    result = refined(
        here,
        draft(said.text, Finish.LENGTH) if "length" in flags else draft(said.text + "\n"),
        Mode.BLOCK if "block" in flags else Mode.LINE,
        explicit="explicit" in flags,
    )
    if isinstance(result, Suggestion):
        case.check(f"{here.prefix}⟦{result.text}⟧{here.suffix}")
    else:
        case.check(result.value)


def test_the_first_filter_that_leaves_nothing_gives_the_reason() -> None:
    assert shown("x = 1█\n", "\n\n") == "empty"
    assert shown("total += 1\n█\n", "total += 1\n") == "repeat"
    assert shown("x = 1█\n", ")") == "syntax"
    assert shown("x = [█\n", "1, = = ⟦3⟧, 4\n") == "syntax"
    assert shown("x = █\n", "⟦abc⟧\n") == "unsure"
    assert shown("x = █\n", "a\n") == "short"


def test_the_syntax_filter_can_be_switched_off() -> None:
    here, said = marks.cursor("x = [█\n"), draft("1, = = 2, 3\n")
    assert refined(here, said) is Silence.SYNTAX
    off = refined(here, said, config=SuggestConfig(syntax=False))
    assert isinstance(off, Suggestion)
    assert off.text == "1, = = 2, 3"


def test_without_a_tree_the_text_filters_do() -> None:
    here = marks.cursor("x = █\n")
    result = refine(draft("f(a))\n"), Request(here, Mode.LINE, False, None), SuggestConfig())
    assert isinstance(result, Suggestion)
    assert result.text == "f(a)"


@pytest.mark.parametrize(
    ("confidence", "text"), [("quiet", "first"), ("balanced", "first + second"), ("eager", "all")]
)
def test_how_sure_the_model_must_be_is_a_setting(confidence: str, text: str) -> None:
    whole = "first + second + third"
    said = Draft(whole, (5, 14, 22), tuple(map(math.log, (0.9, 0.9, 0.88))), Finish.STOP)
    result = refined(marks.cursor("x = █\n"), said, config=SuggestConfig(confidence=confidence))
    assert isinstance(result, Suggestion)
    assert result.text == (whole if text == "all" else text)


@pytest.mark.parametrize("memory", [False, True])
def test_the_thresholds_are_ordered_as_their_names_are(memory: bool) -> None:
    asked = thresholds(memory=memory)
    assert 1 > asked["quiet"] > asked["balanced"] > asked["eager"] > 0


def test_with_memory_more_is_asked() -> None:
    assert all(
        thresholds(memory=True)[name] > least for name, least in thresholds(memory=False).items()
    )
    least = thresholds(memory=False)["balanced"]
    said = Draft("value", (5,), (math.log(least + 0.01),), Finish.STOP)
    here = Request(marks.cursor("x = █\n"), Mode.LINE, False, None)
    assert isinstance(refine(said, here, SuggestConfig()), Suggestion)
    assert refine(said, here, SuggestConfig(), memory=True) is Silence.UNSURE


def test_confidence_is_the_probability_of_what_is_shown() -> None:
    said = Draft("abc + def", (3, 6, 9), tuple(map(math.log, (0.9, 0.95, 0.1))), Finish.STOP)
    result = refined(marks.cursor("x = █\n"), said)
    assert isinstance(result, Suggestion)
    assert result.text == "abc +"
    assert result.confidence == pytest.approx(0.9 * 0.95)


@pytest.mark.parametrize(("right", "text"), [(1.0, "abc +"), (0.8, "abc"), (0.5, "")])
def test_what_is_shown_is_right_as_often_as_the_setting_asks(right: float, text: str) -> None:
    """Of a model that is right less often than it says, less is shown, and with less confidence."""
    said = Draft("abc + def", (3, 6, 9), tuple(map(math.log, (0.95, 0.88, 0.88))), Finish.STOP)
    calibration = Calibration(line=Curve(((1.0, right),)))
    here = Request(marks.cursor("x = █\n"), Mode.LINE, False, None)
    result = refine(said, here, SuggestConfig(), calibration)
    if not text:
        assert result is Silence.UNSURE
        return
    assert isinstance(result, Suggestion)
    assert result.text == text
    raw = 0.95 * (0.88 if right == 1 else 1)
    assert result.confidence == pytest.approx(right * raw)


def test_a_cut_inside_a_token_counts_the_whole_token() -> None:
    said = Draft("abc)", (1, 4), tuple(map(math.log, (0.9, 0.8))), Finish.STOP)
    result = refined(marks.cursor("f(█)\n"), said)
    assert isinstance(result, Suggestion)
    assert result.text == "abc"
    assert result.confidence == pytest.approx(0.72)


@pytest.mark.parametrize(
    ("marked", "ends"),
    [
        ("first(second)", ["first", "first(", "first(second", "first(second)"]),
        ("first_one.second", ["first_one", "first_one.", "first_one.second"]),
        ("  first", ["  first"]),
        ("", []),
    ],
)
def test_a_start_ends_at_a_border_and_says_something(marked: str, ends: list[str]) -> None:
    said = draft(marked)
    assert [one.text for one in starts(said, said.text)] == ends


def test_a_start_is_as_likely_as_all_tokens_that_it_holds_a_part_of() -> None:
    said = draft("first⟦_one⟧.⟦second⟧")
    assert [one.raw for one in starts(said, said.text)] == pytest.approx([0.1, 0.1, 0.01])
    assert [one.text for one in starts(said, "first_")] == ["first_"]


@pytest.mark.parametrize(
    ("second", "text"), [(0.85, "first + second"), (0.82, "first"), (0.7, "first")]
)
def test_what_is_longer_must_be_sure_enough_to_be_worth_more(second: float, text: str) -> None:
    """At 0.95 five characters are worth 1.25; fourteen are worth as much at 0.789."""
    said = Draft("first + second", (5, 14), tuple(map(math.log, (0.95, second))), Finish.STOP)
    result = refined(marks.cursor("x = █\n"), said)
    assert isinstance(result, Suggestion)
    assert result.text == text


def test_what_is_nearly_certain_to_follow_is_not_left_out() -> None:
    """By themselves 24 characters at 0.75 are worth 1.2, two more at 0.73 but 0.8."""
    said = Draft(
        'x = "' + "a" * 19 + '")', (24, 26), (math.log(0.75), math.log(0.73 / 0.75)), Finish.STOP
    )
    result = refined(marks.cursor("call(█\n"), said, config=SuggestConfig(syntax=False))
    assert isinstance(result, Suggestion)
    assert result.text == said.text


def test_what_a_filter_drops_gives_way_to_what_is_worth_less() -> None:
    said = Draft("((first", (2, 7), tuple(map(math.log, (1.0, 0.72))), Finish.STOP)
    assert worth(2, 1.0, 0.7) > worth(7, 0.72, 0.7)
    result = refined(marks.cursor("x = █\n"), said, config=SuggestConfig(syntax=False))
    assert isinstance(result, Suggestion)
    assert result.text == "((first", "brackets alone are no suggestion"


def test_what_filters_cut_is_not_brought_back_by_confidence() -> None:
    said = draft("first(second)")
    assert [one.text for one in starts(said, "first")] == ["first"]


def test_asked_by_hand_unsure_and_short_answers_are_shown() -> None:
    assert shown("x = █\n", "⟦abc + def⟧\n", explicit=True) == "abc + def"
    assert shown("x = █\n", "⟦a⟧\n", explicit=True) == "a"
    assert shown("x = f(█\n", "⟦)⟧\n", explicit=True) == ")"


@pytest.mark.parametrize(
    ("finish", "text"),
    [
        (Finish.STOP, "a = 1\n    b = 2"),
        (Finish.LENGTH, "a = 1"),
        (Finish.DEADLINE, "a = 1"),
        (Finish.UNSURE, "a = 1"),
    ],
)
def test_of_a_block_that_was_not_finished_whole_lines_are_shown(finish: Finish, text: str) -> None:
    here = marks.cursor("def f():\n    █\n")
    result = refined(here, draft("a = 1\n    b = 2", finish), Mode.BLOCK)
    assert isinstance(result, Suggestion)
    assert result.text == text


@pytest.mark.parametrize("finish", [Finish.LENGTH, Finish.DEADLINE])
@pytest.mark.parametrize(
    ("said", "text"), [("first + seco", "first +"), ("first(", "first("), ("firs", "firs")]
)
def test_of_a_line_that_was_not_finished_whole_words_are_shown(
    finish: Finish, said: str, text: str
) -> None:
    result = refined(marks.cursor("x = █\n"), draft(said, finish))
    assert isinstance(result, Suggestion)
    assert result.text == text


def test_the_suggestion_stands_at_the_cursor_it_was_asked_for() -> None:
    here = marks.cursor("x = █\n")
    result = refined(here, draft("first\n"))
    assert isinstance(result, Suggestion)
    assert result.cursor is here


def test_what_is_left_of_a_typed_through_suggestion_is_good_however_short() -> None:
    here = marks.cursor("call(█)")
    assert still_good(Suggestion(here, "a", 0.5))
    assert still_good(Suggestion(here, "first, second", 0.5))
    assert not still_good(Suggestion(here, "a)", 0.5))
    assert not still_good(Suggestion(here, "  ", 0.5))


_PIECES = ("word", "value", "end", "def", "if", "//", "/*", *"(){}[]\"'`,;:#\\.=0é\U0001f600")
_CODE = st.lists(st.sampled_from([*_PIECES, " ", "\t", "\n", "\n    "]), max_size=25).map("".join)
_DRAFTS = st.lists(
    st.tuples(_CODE.filter(bool).map(lambda code: code[:6]), st.floats(-3, 0)), max_size=12
)


@given(
    before=_CODE,
    behind=_CODE,
    tokens=_DRAFTS,
    finish=st.sampled_from(Finish),
    mode=st.sampled_from(Mode),
    explicit=st.booleans(),
    confidence=st.sampled_from(sorted(thresholds(memory=False))),
    language=st.sampled_from([*(language.name for language in LANGUAGES), ""]),
)
@example(
    "f(", ")", [("a, ", 0.0), ("b)", -1.0)], Finish.STOP, Mode.LINE, False, "balanced", "python"
)
@example("", "if", [("if if ", 0.0)], Finish.STOP, Mode.LINE, True, "balanced", "c")
def test_filters_only_remove(
    before: str,
    behind: str,
    tokens: list[tuple[str, float]],
    finish: Finish,
    mode: Mode,
    explicit: bool,
    confidence: str,
    language: str,
) -> None:
    """A suggestion is a start of the draft, whatever the code around it; and it stays good."""
    text = "".join(token for token, _ in tokens)
    ends = tuple(len("".join(token for token, _ in tokens[: n + 1])) for n in range(len(tokens)))
    said = Draft(text, ends, tuple(logprob for _, logprob in tokens), finish)
    here = marks.cursor(f"{before}█{behind}", language)
    config = SuggestConfig(confidence=confidence)
    result = refined(here, said, mode, explicit=explicit, config=config)
    if isinstance(result, Silence):
        return
    assert result.text.strip()
    assert text.startswith(result.text)
    assert result.text == result.text.rstrip()
    assert 0 <= result.confidence <= 1
    assert still_good(result)
    if not explicit and len(result.text) in ends:
        assert result.confidence >= thresholds(memory=False)[confidence] * 0.999


@pytest.mark.parametrize("mode", Mode)
def test_lone_surrogates_are_refined_like_any_text(mode: Mode) -> None:
    text = "x = '\ud800' + \n"
    here = Cursor(Snapshot("file:///a.py", 1, "python", text), text.index("\n"))
    result = refine(
        draft("y + '\udfff'\n"),
        Request(here, mode, True, Trees().parse(here.snapshot)),
        SuggestConfig(),
    )
    assert isinstance(result, Suggestion)
    assert result.text == "y + '\udfff'"


def test_an_unknown_language_is_refined_by_its_text() -> None:
    here = replace(marks.cursor("call(█)\n").snapshot, language="")
    result = refined(Cursor(here, 5), draft("a, b)\n"))
    assert isinstance(result, Suggestion)
    assert result.text == "a, b"
