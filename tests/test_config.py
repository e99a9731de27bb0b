from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.config import Config, Option, options, parse

_KEYS = st.sampled_from([one.name for one in options()]) | st.text()
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_JSON = st.recursive(
    _SCALARS, lambda deeper: st.lists(deeper) | st.dictionaries(_KEYS, deeper), max_leaves=20
)


@given(_JSON)
def test_parsing_never_fails(settings: object) -> None:
    config, problems = parse(settings)
    for one in options():
        value = _get(config, one.name)
        assert type(value) is type(one.default)
        assert not one.choices or value in one.choices
        assert one.between is None or one.between[0] <= value <= one.between[1]
    assert all(problem.encode() for problem in problems)


@given(st.dictionaries(st.sampled_from([one.name for one in options()]), _SCALARS))
def test_every_setting_is_used_or_reported_and_never_both(settings: dict[str, Any]) -> None:
    config, problems = parse(settings)
    for one in options():
        value, used = settings.get(one.name), _get(config, one.name)
        same = value == used and isinstance(value, bool) == isinstance(used, bool)
        reported = any(problem.startswith(one.name + " ") for problem in problems)
        assert reported == (value is not None and not same)
        if reported or value is None:
            assert used == one.default


def test_no_settings_are_the_defaults() -> None:
    assert parse(None) == (Config(), [])
    assert parse({}) == (Config(), [])


@pytest.mark.parametrize("one", list(options()), ids=lambda one: one.name)
def test_flattened_and_nested_settings_mean_the_same(one: Option) -> None:
    other = _another(one)
    nested: Any = other
    for name in reversed(one.name.split(".")):
        nested = {name: nested}
    assert parse({one.name: other}) == parse(nested)
    config, problems = parse(nested)
    assert not problems
    assert _get(config, one.name) == (tuple(other) if isinstance(other, list) else other)


def test_flattened_settings_add_to_nested_ones_in_any_order() -> None:
    expected = parse({"suggest": {"blocks": False, "candidates": 1}})
    nested, flat = {"suggest": {"blocks": False}}, {"suggest.candidates": 1}
    assert parse({**nested, **flat}) == expected
    assert parse({**flat, **nested}) == expected


def test_null_stands_for_a_setting_that_is_not_set() -> None:
    assert parse({"model": None, "suggest": None, "suggest.blocks": False}) == parse(
        {"suggest": {"blocks": False}}
    )
    assert parse({"suggest.blocks": False, "suggest": None}) == parse({"suggest.blocks": False})


def test_parsing_leaves_the_settings_alone() -> None:
    settings = {"suggest": {"blocks": False}, "suggest.candidates": 1}
    before = json.dumps(settings)
    parse(settings)
    assert json.dumps(settings) == before


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"sugest": {}}, "sugest: there is no such setting (did you mean suggest?)"),
        (
            {"suggest": {"block_tokens": 3}},
            "suggest.block_tokens: there is no such setting (did you mean suggest.blockTokens?)",
        ),
        (
            {"confidence": "eager"},
            "confidence: there is no such setting (did you mean suggest.confidence?)",
        ),
        (
            {"engine.candidates": 1},
            "engine.candidates: there is no such setting (did you mean suggest.candidates?)",
        ),
        ({"xyzzy": 1}, "xyzzy: there is no such setting"),
        ({"enabled": "yes"}, 'enabled must be true or false, not "yes"; using true'),
        (
            {"suggest.candidates": 2.5},
            "suggest.candidates must be a whole number, not 2.5; using 3",
        ),
        (
            {"suggest.candidates": True},
            "suggest.candidates must be a whole number, not true; using 3",
        ),
        (
            {"suggest.candidates": 11},
            "suggest.candidates must be between 1 and 10, not 11; using 3",
        ),
        ({"prompt.contextShare": "1"}, 'prompt.contextShare must be a number, not "1"; using 0.3'),
        (
            {"prompt.contextShare": float("nan")},
            "prompt.contextShare must be between 0 and 0.8, not NaN; using 0.3",
        ),
        ({"model": 7}, 'model must be text, not 7; using "embedded"'),
        (
            {"suggest.confidence": "loud"},
            'suggest.confidence must be one of quiet, balanced, eager, not "loud"; using "balanced"',
        ),
        (
            {"disabledLanguages": "c"},
            'disabledLanguages must be a list of names, not "c"; using []',
        ),
        (
            {"disabledLanguages": [1]},
            "disabledLanguages must be a list of names, not a list; using []",
        ),
        ({"suggest": 3}, "suggest must be an object, not 3"),
        (
            {"model.name": "x", "model": "y"},
            "model is given as a setting and as a group of settings",
        ),
        ({"model": "y", "model.name": "x"}, "model.name: model is not a group of settings"),
        ([], "settings must be an object, not []"),
        ("x", 'settings must be an object, not "x"'),
    ],
)
def test_a_problem_says_what_is_wrong_and_what_is_used(settings: object, problem: str) -> None:
    assert problem in parse(settings)[1]


def test_numbers_that_are_whole_may_be_written_with_a_point() -> None:
    config, problems = parse({"suggest": {"candidates": 2.0}})
    assert not problems
    assert config.suggest.candidates == 2
    assert isinstance(config.suggest.candidates, int)


def test_what_is_wrong_does_not_spoil_what_is_right() -> None:
    config, problems = parse({"suggest": {"candidates": 10**400, "blocks": False}, "lsp": 3})
    assert len(problems) == 2
    assert (config.suggest.candidates, config.suggest.blocks) == (3, False)


def test_every_field_is_an_option_with_its_type_default_and_description() -> None:
    names = [one.name for one in options()]
    assert names == list(_fields(Config(), ""))
    for one in options():
        assert one.type in ("boolean", "integer", "number", "string", "array")
        assert one.default == _get(Config(), one.name)
        assert one.description.endswith((".", "help.", "…"))
        assert not one.choices or one.default in one.choices
        assert (one.between is not None) == (one.type in ("integer", "number"))
        assert one.between is None or one.between[0] <= one.default <= one.between[1]


def _get(config: Config, name: str) -> Any:
    value: Any = config
    for part in name.split("."):
        value = getattr(value, "".join("_" + c.lower() if c.isupper() else c for c in part))
    return value


def _fields(branch: Any, at: str) -> Iterator[str]:
    for one in dataclasses.fields(branch):
        value = getattr(branch, one.name)
        head, *rest = one.name.split("_")
        name = at + head + "".join(word.capitalize() for word in rest)
        if dataclasses.is_dataclass(value):
            yield from _fields(value, name + ".")
        else:
            yield name


def _another(one: Option) -> Any:
    """A value that is allowed, and not the default."""
    if one.type == "boolean":
        return not one.default
    if one.choices:
        return next(choice for choice in one.choices if choice != one.default)
    if one.between:
        end = one.between[1] if one.default != one.between[1] else one.between[0]
        return int(end) if one.type == "integer" else float(end)
    return ["python"] if one.type == "array" else "a/folder"
