"""Emacs for a terminal, with lsp-mode 10, which can show inline completions; eglot comes with Emacs."""

from __future__ import annotations

import re
from pathlib import Path

from tests.editors.ground.debian import TESTING, unpack
from tests.editors.ground.shelf import Editor, kept, ran


def emacs() -> Editor:
    """Emacs and lsp-mode as the testing suite has them. Raises UnavailableError.

    The environment stands for the paths that Debian builds into the program.
    """
    folder = kept(f"emacs-{TESTING}", _unpack)
    program = folder / "usr/bin/emacs-nox"
    version = _version(folder)
    share = folder / "usr/share/emacs" / version
    library = next(folder.glob(f"usr/libexec/emacs/{version}/*"))
    packages = [*folder.glob("usr/share/emacs/site-lisp/elpa*/*/")]
    lisp = [
        share / "lisp",
        *(one for one in (share / "lisp").rglob("*/") if one.is_dir()),
        *packages,
    ]
    environment = {
        "EMACSLOADPATH": ":".join(map(str, lisp)),
        "EMACSDATA": str(share / "etc"),
        "EMACSDOC": str(share / "etc"),
        "EMACSPATH": str(library),
    }
    dump = next(library.glob("*.pdmp"))
    return Editor("Emacs", version, (str(program), f"--dump-file={dump}"), environment)


def lsp_mode() -> str:
    """The version of lsp-mode that is there."""
    return re.search(r"lsp-mode-([\d.]+)", " ".join(map(str, _packages())))[1]


def _unpack(folder: Path) -> None:
    unpack(TESTING, ["emacs-nox", "elpa-lsp-mode"], folder, programs=["usr/bin/emacs*"])
