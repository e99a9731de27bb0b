"""What a recipe may say, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.corpus import recipe
from polylsp.corpus.files.language import TWELVE
from polylsp.errors import PolyError
from polylsp.sources.packages import SETS, is_held_out


def parsed(text: str) -> recipe.Recipe:
    return recipe.parse(text, Path("/recipes"))


def test_a_recipe_names_packages_with_versions() -> None:
    made = parsed(
        '[sources]\ndebian = ["libuv1=1.44.2-1"]\npypi = ["attrs==25.4.0"]\nnpm = ["@babel/core@7.28.0"]\n'
        'git = [{ from = "https://host/a/b.git", commit = "0123456789", licence = "MIT" }]\n'
        'folders = [{ path = "mine" }]\n'
    )
    assert [(one.package, one.version) for one in made.sources] == [
        ("debian:libuv1", "1.44.2-1"),
        ("folder:mine", ""),
        ("git:b", "0123456789"),
        ("npm:@babel/core", "7.28.0"),
        ("pypi:attrs", "25.4.0"),
    ]
    assert made.sources[0].name == "debian:libuv1=1.44.2-1"
    assert made.sources[3].name == "npm:@babel/core@7.28.0"
    assert made.guards == ("humaneval", "held-out")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sources", "no TOML"),
        ("", "names no source"),
        ('[sources]\ndebian = ["libuv1"]', "has no version"),
        ('[sources]\npypi = ["--index-url==1"]', "has no version"),
        ('[sources]\ndebian = ["tmux=3.3a-3"]', "held out"),
        ('[sources]\nnpm = ["koa@1.0.0"]', "held out"),
        ('[sources]\ndebian = ["node-express=4.18-1"]', "held out"),
        ('[sources]\npypi = ["a==1", "a==2"]', "twice"),
        ('[sources]\ngit = [{ from = "x" }]', "commit"),
        ('[sources]\ngit = [{ from = "--upload-pack=x", commit = "0123456789" }]', "commit"),
        ('[sources]\nfolders = ["x"]', "folders: write"),
        ("[wheels]\na = 1", "known are sources"),
        ('[sources]\ncargo = ["a=1"]', "known are"),
    ],
)
def test_what_a_recipe_may_not_say_is_told(text: str, said: str) -> None:
    with pytest.raises(PolyError, match=said):
        parsed(text)


@pytest.mark.parametrize("name", [name for names in SETS.values() for name in names])
def test_no_recipe_may_name_what_is_held_out(name: str) -> None:
    assert is_held_out(name)


@pytest.mark.parametrize(
    "name", ["debian:scala", "debian:catch2", "npm:@trpc/server", "debian:c-ares"]
)
def test_what_only_sounds_like_it_may_be_named(name: str) -> None:
    assert not is_held_out(name)


def test_the_shipped_recipe_is_pinned_and_draws_c_and_cpp_at_three_tenths() -> None:
    made = recipe.read(None)
    assert len(made.sources) > 150
    assert set(made.sampling) == set(TWELVE)
    shares = made.shares(dict.fromkeys(TWELVE, 1.0))
    assert shares["c"] + shares["cpp"] >= 0.3
    aside = {one.package for one in made.sources if made.sets_aside(one.package)}
    assert set(made.validation) < aside | {"-"}
    assert len(aside) < 0.15 * len(made.sources)


def test_languages_that_are_not_named_share_what_is_left() -> None:
    made = parsed('[sources]\npypi = ["a==1"]\n[sampling]\nc = 0.5\n')
    assert made.shares({"c": 1, "go": 30, "java": 10}) == {"c": 0.5, "go": 0.375, "java": 0.125}


def test_a_package_is_set_aside_by_its_name() -> None:
    made = parsed('[sources]\npypi = ["a==1"]\n[validation]\nshare = 0.5\npackages = ["pypi:a"]\n')
    assert made.sets_aside("pypi:a")
    some = [made.sets_aside(f"pypi:{number}") for number in range(400)]
    assert 150 < sum(some) < 250
