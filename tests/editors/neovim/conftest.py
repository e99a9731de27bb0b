"""Neovims with the plug-in, one for each version and layer of ghost text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.editors.conftest import STRICT, needed
from tests.editors.ground import neovim as neovims
from tests.editors.ground.shelf import Editor
from tests.editors.home import Home, home
from tests.editors.neovim.driver import PLUGIN, Neovim

# A busy machine's suggestions come late, but they come; what one test types teaches nothing to the next.
PATIENT = "{ settings = { engine = { budget = 20000, explicitBudget = 20000 }, memory = { learn = false } } }"

Start = Callable[..., Neovim]

VERSIONS: dict[str, Callable[[], Editor]] = {
    "0.12": neovims.newest,
    "0.11": neovims.older,
    "0.10": neovims.oldest,
}
VARIANTS = [("0.12", "builtin"), ("0.12", "own"), ("0.11", "own"), ("0.10", "own")]


def editor(version: str) -> Editor:
    """Only 0.11 never vanishes: it has to be there where one must."""
    with needed(strict=STRICT and version == "0.11"):
        return VERSIONS[version]()


def configured(user: Home, setup: str) -> None:
    """Put the plug-in where packpath finds it, and its one line into init.lua."""
    package = user.folder / ".local/share/nvim/site/pack/polylsp/start"
    package.mkdir(parents=True)
    (package / "polylsp").symlink_to(PLUGIN, target_is_directory=True)
    user.config(
        "nvim/init.lua",
        f'require("polylsp").setup(vim.tbl_deep_extend("force", {PATIENT}, {setup or "{}"}))\n',
    )


@pytest.fixture(scope="session", params=VARIANTS, ids=[f"{one}-{layer}" for one, layer in VARIANTS])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Neovim]:
    """One that several tests use, one after the other."""
    version, layer = request.param
    user = home(tmp_path_factory.mktemp("user") / "home")
    configured(user, f'{{ inline = {{ layer = "{layer}" }} }}')
    started = Neovim(editor(version), user, layer)
    yield started
    started.end()


@pytest.fixture
def vim(shared: Neovim) -> Iterator[Neovim]:
    """After the test, nothing may have been complained of."""
    yield shared
    assert shared.messages() == ""


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def start(version: str, home: Home) -> Iterator[Start]:
    """Starts a Neovim of its own for a test: `start("{ … }")` with what setup() is given."""
    with ExitStack() as stack:

        def start_(setup: str = "") -> Neovim:
            configured(home, setup)
            layer = "builtin" if version == "0.12" else "own"
            started = Neovim(editor(version), home, layer)
            stack.callback(started.end)
            return started

        yield start_
