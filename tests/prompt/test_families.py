"""Each family of models gets the prompts that it was trained with."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from polylsp.config import ContextConfig, PromptConfig
from polylsp.context.collect import collect
from polylsp.prompt.build import Builder
from polylsp.prompt.families import FAMILIES, is_marker
from polylsp.prompt.layout import Layout
from polylsp.syntax.parser import Trees
from polylsp.types import Chunk, ChunkKind, Context, Mode, Prompt, Span
from tests import golden
from tests.marks import cursor
from tests.prompt.kinds import EMBEDDED, SPECIAL, of_family

CASES = golden.cases("families")
FILL = [name for name, family in FAMILIES.items() if "suffix" in family]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_family_gets_its_own_prompt(case: golden.Case) -> None:
    other, here = case.given
    suffix = "on" if case.name == "polylsp" else "auto"
    prompt = _prompt(case.name, here.text + "\n", PromptConfig(suffix=suffix), other)
    case.check(_spelled(case.name, prompt))


def test_every_family_has_a_case() -> None:
    assert [case.name for case in CASES] == list(FAMILIES)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_told_by_its_tokens_flagged_or_not(name: str) -> None:
    tokenizer, layout = of_family(name)
    wanted = {"start": SPECIAL[0], **FAMILIES[name]}
    assert {key: getattr(layout, key) for key in wanted} == wanted
    assert set(layout.end) == set(tokenizer.special)
    assert layout.use_suffix is (layout.middle is not None)
    assert Layout.parse(layout.manifest(), tokenizer.special) == layout


@pytest.mark.parametrize("name", FAMILIES)
def test_source_text_that_spells_a_sentinel_is_plain_text(name: str) -> None:
    tokenizer, layout = of_family(name)
    special = set(tokenizer.special.values())
    plain = _prompt(name, "x = 1  # █\ny = 2\n", PromptConfig(suffix="on"))
    spelled = "".join(tokenizer.special)
    place = f"x = 1  # {spelled}█\ny = '{spelled}'\n"
    prompt = _prompt(name, place, PromptConfig(suffix="on"))
    assert sum(id_ in special for id_ in prompt.token_ids) == sum(
        id_ in special for id_ in plain.token_ids
    )
    assert tokenizer.decode(tokenizer.encode(spelled)) == spelled
    assert layout.end


@pytest.mark.parametrize("name", FILL)
def test_what_was_healed_stood_at_the_end_of_the_prefix(name: str) -> None:
    tokenizer, layout = of_family(name)
    prompt = _prompt(name, "total = summed(val█)\nprint(total)\n", PromptConfig(suffix="on"))
    assert prompt.healed == "val"
    if layout.suffix_first:
        assert tokenizer.decode(prompt.token_ids).endswith("summed(")
    else:
        assert prompt.token_ids[-1] == tokenizer.special[layout.middle or ""]
        assert "summed()\nprint" in tokenizer.decode(prompt.token_ids)


@pytest.mark.parametrize("name", FILL)
def test_with_nothing_behind_the_cursor_there_is_no_middle_to_fill(name: str) -> None:
    tokenizer, layout = of_family(name)
    prompt = _prompt(name, "total = summed(val█\n\n", PromptConfig())
    assert tokenizer.special[layout.suffix or ""] not in prompt.token_ids
    assert tokenizer.decode(prompt.token_ids).endswith("summed(")


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("room", [1, 2, 3, 4, 6, 9, 14, 25, 60])
def test_however_small_the_budget_it_is_kept(name: str, room: int) -> None:
    text = "import tax\n\n\ndef total(net):\n    return tax.of(net█)\n\n\nprint(total(1))\n"
    other = golden.Block("python lib/tax.py", "def of(net): ...")
    for setting in ("on", "off"):
        prompt = _prompt(name, text, PromptConfig(suffix=setting), other, room)
        assert 1 <= len(prompt.token_ids) <= room


@pytest.mark.parametrize("name", FAMILIES)
def test_typing_leaves_all_before_the_cursor_where_it_is(name: str) -> None:
    text = "".join(f"value_{index} = function({index})\n" for index in range(60))
    before = _prompt(name, f"{text}    █\nprint(1)\n", PromptConfig(), room=200)
    tokenizer, layout = of_family(name)
    last = tokenizer.special.get(layout.suffix or "") if not layout.suffix_first else None
    kept = before.token_ids[: before.token_ids.index(last) if last else None]
    for typed in ("re", "return", "return va"):
        after = _prompt(name, f"{text}    {typed}█\nprint(1)\n", PromptConfig(), room=200)
        assert after.token_ids[: len(kept)] == kept


def test_all_names_in_the_table_are_parts_of_a_layout() -> None:
    names = {field.name for field in dataclasses.fields(Layout)}
    assert all(family.keys() <= names for family in FAMILIES.values())


@pytest.mark.parametrize("text", ["  ", "\n\n", "õ", "<table>", "</h1>", "<a|b", "▁▁"])
def test_added_tokens_that_are_mere_text_are_no_markers(text: str) -> None:
    assert not is_marker(text)


def test_the_embedded_model_is_recognised_as_ever() -> None:
    manifest = (EMBEDDED / "polylsp.json").read_text(encoding="utf-8")
    tokenizer, _ = of_family("polylsp")
    assert '"use_suffix": false' in manifest
    assert list(Layout.detect(tokenizer.special, SPECIAL[0], use_suffix=False).manifest()) == [
        *("start", "end", "path", "suffix", "prefix", "use_suffix")
    ]


def _prompt(
    name: str,
    text: str,
    config: PromptConfig,
    other: golden.Block | None = None,
    room: int = 400,
) -> Prompt:
    tokenizer, layout = of_family(name)
    place = cursor(text, "python", "app/order.py")
    here = dataclasses.replace(place.snapshot, file=str(Path("/home/me/shop/app/order.py")))
    place = dataclasses.replace(place, snapshot=here)
    context = collect(place, Mode.LINE, None, [], Trees(), ContextConfig())
    if other is not None:
        shown = other.text + "\n"
        path = other.info.split()[1]
        chunk = Chunk(ChunkKind.NEIGHBOUR, path, Span(0, len(shown)), shown)
        context = Context(place, context.mode, context.comment, (chunk, *context.chunks))
    return Builder.of(tokenizer, layout, config, room).build(context)


def _spelled(name: str, prompt: Prompt) -> str:
    """Exactly what the model is given, and what its answer must start with."""
    tokenizer, _ = of_family(name)
    by_id = {id_: token for token, id_ in tokenizer.special.items()}
    said = b"".join(
        by_id[id_].encode() if id_ in by_id else tokenizer.bytes_of([id_])
        for id_ in prompt.token_ids
    )
    return said.decode() + f"⟦{prompt.healed}⟧"
