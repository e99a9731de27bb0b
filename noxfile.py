"""Everything that checks polylsp. `nox` runs it all; `nox -s core` what needs no heavy download.

core   format, lint, strict types, and every test that a normal installation can run
heavy  torch, transformers and optimum: our graphs against the reference implementation's logits
"""

from __future__ import annotations

import nox

nox.options.sessions = ["core", "heavy"]
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False

# One known release: what a plain "torch" brings on Linux is gigabytes of GPU libraries.
TORCH = "torch==2.13.0"


@nox.session
def core(session: nox.Session) -> None:
    """Format, lint, types, tests. Arguments go to pytest: `nox -s core -- -k session`."""
    session.install("-q", "-e", ".[dev]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("pytest", "-q", "-m", "not heavy", *session.posargs)


@nox.session
def heavy(session: nox.Session) -> None:
    """The tests marked `heavy`."""
    session.install("-q", TORCH)
    session.install("-q", "-e", ".[dev,optimum]")
    session.run("pytest", "-q", "-m", "heavy", *session.posargs)
