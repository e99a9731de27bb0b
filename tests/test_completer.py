"""The whole line, with the embedded model and with models that say what a test tells them to."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from polylsp.completer import Completer, filling, load, snapshot
from polylsp.config import Config, parse
from polylsp.engine.memory import Kind
from polylsp.errors import BackendError, ModelError
from polylsp.models.registry import Model
from polylsp.suggest.calibration import Calibration, Curve
from polylsp.types import Answer, Cursor, Finish, Prompt, Silence
from tests import marks
from tests.fakes import ScriptedWeights, replying, scripted_model
from tests.tinies import FIRST_BYTE, bytes_of

_SOURCE = '''\
"""Counts words."""

import re
from collections import Counter


class Words:
    """The words of some texts."""

    def __init__(self, least: int = 1) -> None:
        self.least = least
        self.counter: Counter[str] = Counter()

    def read(self, text: str) -> None:
        for word in re.findall(r"\\w+", text):
            self.counter[word.lower()] += 1

    def common(self) -> list[str]:
        return [word for word, count in self.counter.items() if count >= self.least]
'''
_RAREST = "\n    def rarest(self) -> list[str]:\n        return [word for word in "


@pytest.fixture
def completer(embedded: Model) -> Completer:
    # Nothing may depend on how fast this machine is just now.
    return Completer(embedded, _config(engine={"budget": 60_000, "explicitBudget": 60_000}))


def scripted(folder: Path, reply: str, **settings: object) -> tuple[Completer, ScriptedWeights]:
    """A completer whose model says `reply`."""
    weights = ScriptedWeights(replying(reply))
    return Completer(scripted_model(folder, weights), _config(**settings)), weights


def parroting(text: str) -> Callable[[Sequence[int]], int]:
    """For `ScriptedWeights`: say what followed in `text` where it last stood as it stands now.

    A pure function of what is on the tape: a wrong token there makes another answer.
    """
    ids = [FIRST_BYTE + byte for byte in text.encode()]
    after = {tuple(ids[at - 8 : at]): ids[at] for at in range(8, len(ids))}

    def says(token_ids: Sequence[int]) -> int:
        spelled = [FIRST_BYTE + byte for byte in bytes_of(token_ids[-8:])]
        return after.get(tuple(spelled[-8:]), 0)

    return says


def test_something_is_suggested_where_it_is_obvious(completer: Completer) -> None:
    place = marks.cursor(_SOURCE + _RAREST + "self.█]\n")
    answer = completer.complete(place, explicit=True)
    assert answer.silence is None
    assert answer.suggestions[0].text.strip()
    assert 0 < answer.suggestions[0].confidence <= 1


def test_the_trace_tells_what_an_answer_cost(completer: Completer) -> None:
    place = marks.cursor(_SOURCE + "\nwords = Words(█)\n")
    trace = completer.complete(place, explicit=True).trace
    assert list(trace.milliseconds) == ["syntax", "context", "prompt", "engine", "suggest"]
    assert trace.prompt_tokens > 100
    assert trace.reused == 0
    again = completer.complete(replace(place, offset=place.offset - 1), explicit=True).trace
    assert again.reused / again.prompt_tokens > 0.9


def test_asked_by_hand_there_are_several_candidates(completer: Completer) -> None:
    place = marks.cursor(_SOURCE + "\nwords = █")
    answer = completer.complete(place, explicit=True)
    texts = [one.text for one in answer.suggestions]
    assert 2 <= len(texts) <= Config().suggest.candidates
    assert len(set(texts)) == len(texts)
    assert not any(a != b and a.startswith(b) for a in texts for b in texts)
    assert list(answer.suggestions) == sorted(answer.suggestions, key=lambda one: -one.confidence)


def test_the_model_is_given_what_people_are_shown(tmp_path: Path) -> None:
    completer, weights = scripted(tmp_path, "x")
    place = marks.cursor(_SOURCE + "\nwords = █")
    prompt = completer.prompt(place)
    completer.complete(place)
    assert isinstance(prompt, Prompt)
    assert tuple(weights.tapes[0].token_ids[: len(prompt.token_ids)]) == prompt.token_ids


def test_what_is_typed_along_costs_no_model(tmp_path: Path) -> None:
    completer, weights = scripted(tmp_path, "counter.total()")
    place = marks.cursor("total = self.█")
    first = completer.complete(place)
    passes = weights.passes
    assert [one.text for one in first.suggestions] == ["counter.total()"]
    for typed in ("c", "counter", "counter.total("):
        left = completer.complete(place.typed(typed))
        assert [one.text for one in left.suggestions] == ["counter.total()"[len(typed) :]]
        assert left.trace.hit
    assert weights.passes == passes


def test_a_stale_answer_is_never_shown(tmp_path: Path) -> None:
    """What is found belongs to the text at hand: other text before or behind, and it is gone."""
    completer, _ = scripted(tmp_path, "counter.total()")
    place = marks.cursor("total = self.█\nprint(total)")
    answer = completer.complete(place)
    assert answer.suggestions[0].cursor == place
    assert completer.find(place.typed("counter"))
    for other in (
        marks.cursor("total = this.counter█\nprint(total)"),
        marks.cursor("total = self.counter█\nprint(totals)"),
        marks.cursor("total = self.counted█\nprint(total)"),
        marks.cursor("total = self.counter█\nprint(total)", path="other.py"),
    ):
        assert completer.find(other) is None, marks.shown(other)


def test_every_cache_may_be_emptied_at_any_moment(tmp_path: Path) -> None:
    """Two completers type the same; one of them forgets everything at every third key.

    What typing has taught is no cache: it changes answers.
    """
    model = scripted_model(tmp_path, ScriptedWeights(parroting(_SOURCE)))
    config = _config(memory={"learn": False})
    keeps, forgets = Completer(model, config), Completer(model, config)
    shown = hits = 0
    left = ""
    typed = _RAREST + "self.counter]\n"
    for count in range(1, len(typed)):
        place = marks.cursor(_SOURCE + typed[:count] + marks.CURSOR)
        if count % 3 == 0:
            forgets.clear()
        kept, fresh = keeps.complete(place), forgets.complete(place)
        if kept.trace.hit:
            # On the screen already, however short: what is left of it once this key was typed.
            assert kept.suggestions[0].text == left.removeprefix(typed[count - 1])
        else:
            assert _said(kept) == _said(fresh), marks.shown(place)[-60:]
        left = kept.suggestions[0].text if kept.suggestions else ""
        shown += bool(left)
        hits += kept.trace.hit
    assert shown > hits >= 5


def test_reuse_changes_no_answer(tmp_path: Path) -> None:
    """Deep into a file that does not fit, with the prompt's left edge moving now and then."""
    model = scripted_model(tmp_path, ScriptedWeights(parroting(_SOURCE)))
    settings = {"suggest": {"cache": 0}, "prompt": {"budget": 500}}
    kept = Completer(model, _config(**settings))
    fresh = Completer(model, _config(**settings, engine={"reuse": False}))
    text = _SOURCE * 3
    for offset in range(len(text) * 2 // 3, len(text)):
        place = Cursor(marks.snapshot(text[:offset]), offset)
        assert _said(kept.complete(place)) == _said(fresh.complete(place)), text[:offset][-50:]
    assert kept.stats.shown > 100
    assert kept.stats.reused_tokens > 0.9 * kept.stats.prompt_tokens
    assert fresh.stats.reused_tokens == 0


@pytest.mark.parametrize("explicit", [False, True])
def test_cancelling_stops_within_one_token(tmp_path: Path, explicit: bool) -> None:
    """Counted: after the flag turns there is no other pass, whichever candidate is being made."""
    place = marks.cursor("value.█")
    completer, weights = scripted(tmp_path, "a_very_long_name_that_goes_on_and_on")
    completer.complete(place, explicit=explicit)
    all_passes = weights.passes
    assert all_passes > 30
    for last in range(1, all_passes):
        completer, weights = scripted(tmp_path, "a_very_long_name_that_goes_on_and_on")
        passes = weights.passes
        answer = completer.complete(
            place,
            explicit=explicit,
            cancelled=lambda w=weights, n=last: w.passes >= n,  # type: ignore[misc]
        )
        assert weights.passes - passes == last
        assert answer.silence is Silence.CANCELLED
        assert not answer.suggestions
        assert completer.find(place) is None


def test_a_deadline_ends_an_answer(tmp_path: Path) -> None:
    completer, weights = scripted(tmp_path, "abcdefghij" * 3, engine={"budget": 1})
    weights.on_pass = lambda _: time.sleep(0.002)
    answer = completer.complete(marks.cursor("value.█"))
    assert answer.trace.finish is Finish.DEADLINE, answer
    assert answer.trace.generated < 30


def test_a_prompt_that_takes_too_long_is_read_on_at_the_next_key(tmp_path: Path) -> None:
    completer, weights = scripted(tmp_path, "counter", engine={"budget": 100})
    weights.on_pass = lambda _: time.sleep(0.15)
    place = marks.cursor(_SOURCE * 3 + "\nself.█")
    answer = completer.complete(place)
    assert (answer.suggestions, answer.silence) == ((), Silence.DEADLINE)
    read = weights.read
    assert 0 < read == answer.trace.prompt_tokens, "what is not read yet has cost nothing"
    again = completer.complete(place).trace
    assert again.reused == read < again.prompt_tokens


def test_a_failure_costs_a_suggestion_never_the_server(tmp_path: Path) -> None:
    completer, weights = scripted(tmp_path, "counter.total()")

    def fail(_: int) -> None:
        raise BackendError("no memory")

    weights.on_pass = fail
    place = marks.cursor("total = self.█")
    assert completer.complete(place) == replace(
        completer.stats.last, suggestions=(), silence=Silence.ERROR
    )
    weights.on_pass = lambda _: None
    assert completer.complete(place).suggestions[0].text == "counter.total()"


@pytest.mark.parametrize(
    ("path", "text", "settings", "silence"),
    [
        (".env", "TOKEN=█", {}, Silence.SECRET),
        ("keys/id_rsa", "x█", {}, Silence.SECRET),
        ("notes.txt", "hello █", {}, Silence.LANGUAGE),
        ("a.py", "x = █", {"disabledLanguages": ["python"]}, Silence.LANGUAGE),
        ("a.py", "x = █", {"enabled": False}, Silence.PAUSED),
        ("a.py", "x = █", {"automatic": False}, Silence.PAUSED),
        ("a.py", "x = \x00█", {}, Silence.BINARY),
        ("a.py", "x" * 2_000_001 + "█", {}, Silence.SIZE),
        ("a.py", "x = █ foo", {}, Silence.GATE),
    ],
)
def test_it_keeps_quiet_and_says_why(
    tmp_path: Path, path: str, text: str, settings: dict[str, object], silence: Silence
) -> None:
    completer, weights = scripted(tmp_path, "anything", **settings)
    before, _, behind = text.partition("█")
    document = snapshot("file:///" + path, 1, "", before + behind, path)
    answer = completer.complete(Cursor(document, len(before)))
    assert (answer.suggestions, answer.silence) == ((), silence)
    assert weights.passes == 0
    assert completer.stats.summary()["lastSilence"] == silence.value


def test_automatic_may_be_off_and_asking_by_hand_still_works(tmp_path: Path) -> None:
    completer, _ = scripted(tmp_path, "counter", automatic=False)
    assert completer.complete(marks.cursor("self.█"), explicit=True).suggestions


def test_secrets_that_are_open_beside_are_not_shown(tmp_path: Path) -> None:
    completer, _ = scripted(tmp_path, "x")
    body = "def connect_database(password, hostname, username):\n    pass\n"
    open_file = marks.snapshot(body, path="settings.py")
    secret = replace(
        open_file, uri="file:///home/me/.ssh/settings.py", file="/home/me/.ssh/settings.py"
    )
    place = marks.cursor(body + "connect_database(█")
    for other, shown in ((open_file, True), (secret, False)):
        prompt = completer.prompt(place, [other])
        assert isinstance(prompt, Prompt)
        assert ("# settings.py" in prompt.text) is shown


def test_a_header_on_disk_is_shown_to_its_source(completer: Completer, tmp_path: Path) -> None:
    (tmp_path / "queue.h").write_text(
        "#ifndef Q\n#define Q\nint queue_push(int *queue, int value);\n#endif\n"
    )
    source = '#include "queue.h"\n\nint main(void)\n{\n    int queue[8];\n    queue_'
    file = tmp_path / "queue.c"
    document = snapshot(file.as_uri(), 1, "c", source, "src/queue.c", str(file))
    prompt = completer.prompt(Cursor(document, len(source)))
    assert isinstance(prompt, Prompt)
    assert "// src/queue.h\n" in prompt.text


def test_crlf_in_is_crlf_out(tmp_path: Path) -> None:
    completer, weights = scripted(tmp_path, "    a = 1\n    b = 2\n")
    text = "def f():\r\n"
    document = snapshot("file:///a.py", 1, "python", text, "a.py")
    answer = completer.complete(Cursor(document, len(document.text)), explicit=True)
    assert answer.suggestions[0].text == "    a = 1\n    b = 2"
    assert answer.suggestions[0].insert_text == "    a = 1\r\n    b = 2"
    assert "\r" not in completer.model.tokenizer.decode(weights.tapes[0].token_ids)


def test_a_word_that_is_only_begun_is_finished(tmp_path: Path) -> None:
    """Though the model would never say a token that starts in the middle of it."""
    model = scripted_model(tmp_path, ScriptedWeights(parroting(_SOURCE)))
    answer = Completer(model, _config()).complete(marks.cursor(_SOURCE + _RAREST + "self.coun█"))
    assert answer.suggestions[0].text.startswith("ter")


def test_new_settings_take_effect_at_once(tmp_path: Path) -> None:
    completer, _ = scripted(tmp_path, "counter")
    place = marks.cursor("self.█")
    assert completer.complete(place).suggestions
    completer.configure(_config(disabledLanguages=["python"]))
    assert completer.complete(place).silence is Silence.LANGUAGE


def test_a_model_that_is_not_there_is_an_error_with_a_remedy() -> None:
    with pytest.raises(ModelError, match="a folder"):
        load(_config(model="/nowhere/at/all"))


def test_no_text_can_make_it_raise(completer: Completer) -> None:
    """Random cuts of broken code, in every language, at random places."""
    chance = random.Random(3)
    languages = ("c", "cpp", "go", "javascript", "php", "python", "ruby", "rust", "scala", "tsx")
    pieces = [
        "{",
        "}",
        "(",
        '"',
        "'",
        "/*",
        "\ud800",
        "\u2028",
        "\f",
        "\t",
        "é",
        "\r",
        "<?php",
        "#",
        "\\",
    ]
    for round_ in range(60):
        parts = [chance.choice([*pieces, _SOURCE[: chance.randrange(200)]]) for _ in range(12)]
        text = marks.snapshot("".join(parts), chance.choice(languages))
        place = Cursor(text, chance.randrange(len(text.text) + 1))
        answer = completer.complete(place, explicit=round_ % 2 == 0)
        assert bool(answer.suggestions) != bool(answer.silence)


def _config(**settings: object) -> Config:
    config, problems = parse(settings)
    assert not problems
    return config


def _said(answer: Answer) -> tuple[list[str], Silence | None]:
    return [one.text for one in answer.suggestions], answer.silence


def test_guessing_ahead_can_be_switched_off_and_changes_no_answer(embedded: Model) -> None:
    def answer(lookup: bool) -> Answer:
        engine = {"lookup": lookup, "explicitBudget": 60_000}
        config = _config(engine=engine, suggest={"candidates": 1})
        cursor = marks.cursor(_SOURCE + "\n    def rarest(self) -> list[str]:\n        █")
        return Completer(embedded, config).complete(cursor, explicit=True)

    plain, guessed = answer(lookup=False), answer(lookup=True)
    assert guessed.suggestions == plain.suggestions != ()
    assert guessed.trace.generated == plain.trace.generated
    assert guessed.trace.passes < plain.trace.passes


def test_a_model_that_says_too_much_is_believed_less(tmp_path: Path) -> None:
    """The calibration tells where decoding stops, what is shown, and how sure of it the user may be."""
    completer, weights = scripted(tmp_path, "counter.total()")
    completer.configure(parse({"memory": {"enabled": False}})[0])
    here = marks.cursor("total = self.█")
    plain = completer.complete(here).suggestions[0]
    assert plain.text == "counter.total()"
    never_right = Curve(((1.0, 0.3),))
    completer.model = replace(completer.model, calibration=Calibration(line=never_right))
    completer.configure(completer.config)
    before = weights.passes
    answer = completer.complete(here)
    assert (answer.suggestions, answer.trace.finish) == ((), Finish.UNSURE)
    assert weights.passes == before + 1, "the prompt was read, and that was enough"
    by_hand = completer.complete(here, explicit=True).suggestions[0]
    assert by_hand.text == plain.text
    assert by_hand.confidence == pytest.approx(0.3 * plain.confidence, rel=1e-3)


def test_what_the_model_says_before_any_of_it_is_cut_can_be_had(tmp_path: Path) -> None:
    completer, _ = scripted(tmp_path, "counter.total()")
    said = completer.draft(marks.cursor("value.█"))
    assert not isinstance(said, Silence)
    draft, request = said
    assert (draft.text, request.explicit) == ("counter.total()", False)
    assert completer.draft(marks.cursor("value.█ other")) is Silence.GATE
    assert completer.draft(marks.cursor("value.█", "")) is Silence.LANGUAGE


def test_what_is_only_supposed_teaches_nothing(tmp_path: Path) -> None:
    """A text that was computed ahead, and never typed, is neither deleted text nor what was typed."""
    completer, _ = scripted(tmp_path, "counter.total()")
    here = marks.cursor("self.words = counter.█")
    completer.complete(here)
    completer.complete(here.typed("an_unlikely_suggestion()\n"), supposed=True)
    prompt = completer.prompt(here)
    assert isinstance(prompt, Prompt)
    memory = completer._memory(here, (), prompt)
    assert memory is not None
    assert Kind.DELETED not in {source.kind for source in memory.sources}
    completer.complete(here.typed("words_that_were_typed\nself."))
    completer.complete(here.typed("z"))
    memory = completer._memory(here, (), prompt)
    assert memory is not None
    assert Kind.DELETED in {source.kind for source in memory.sources}


def test_how_far_loading_is_can_be_told_of_models_that_are_here() -> None:
    filled = filling(Config())
    assert filled is not None
    assert 0 <= filled() <= 99
    assert filling(Config(model="nowhere")) is None
