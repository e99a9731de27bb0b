"""Which files may be shown to a model, and the one beside a C or C++ file that should be."""

from __future__ import annotations

import re
from collections import OrderedDict
from pathlib import Path, PurePosixPath

from polylsp.types import Snapshot

MOST_CHARACTERS = 2_000_000

# File names that hold secrets by convention. Whole names, matched without regard to case.
_SECRET = re.compile(
    r"""(?ix) ^(?:
        \.env(?:\..+)? | .+\.env | \.envrc
      | .*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|crt|cer|der|tfvars|ovpn)
      | id_(?:rsa|dsa|ecdsa|ed25519)(?:\..+)?
      | \.?(?:netrc|pgpass|htpasswd|npmrc|pypirc|dockercfg|my\.cnf|s3cfg|vault-token)
      | _netrc
      | (?:.*[._-])?(?:secrets?|credentials?|passwords?)(?:[._-].*)?
      | service[_-]?account.*\.json
      | authorized_keys | known_hosts | shadow | master\.key
    )$"""
)
_SECRET_FOLDERS = frozenset({".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure"})
# Source code about secrets is not a secret: `secrets.py` ships with Python.
_SOURCE = re.compile(
    r"(?i)\.(c|cc|cpp|cs|cu|cxx|go|h|hh|hpp|hxx|java|jsx?|kt|mjs|php|pyi?|rb|rs|scala|swift|tsx?)$"
)
_EXAMPLES = re.compile(r"(?i)\.(example|sample|template|dist)$")


def is_secret(path: str) -> bool:
    """Whether a file looks as if it held secrets, by its name and folders."""
    pure = PurePosixPath(path.replace("\\", "/"))
    if _SECRET_FOLDERS & set(pure.parts[:-1]):
        return True
    if _SOURCE.search(pure.name) or _EXAMPLES.search(pure.name):
        return False
    return _SECRET.match(pure.name) is not None


_HEADERS = (".h", ".hpp", ".hh", ".hxx", ".h++")
_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".cu", ".m", ".mm")
_PLACES = (".", "../include", "../inc", "../src", "include", "src")
_MOST_BYTES = 200_000


class Companions:
    """The header beside a C or C++ source, and the source beside a header, read from disk once."""

    _KEPT = 16

    def __init__(self) -> None:
        self._read: OrderedDict[Path, tuple[float, Snapshot]] = OrderedDict()

    def find(self, file: Path, shown_as: str) -> Snapshot | None:
        """The companion of `file`; None where there is none that can be read.

        `shown_as` is the path of `file` as people see it; the companion's is made like it.
        """
        ends = {**dict.fromkeys(_SOURCES, _HEADERS), **dict.fromkeys(_HEADERS, _SOURCES)}
        for place in _PLACES:
            for end in ends.get(file.suffix.lower(), ()):
                candidate = file.parent / place / (file.stem + end)
                try:
                    changed = candidate.stat().st_mtime
                    return self._snapshot(candidate, changed, shown_as)
                except (OSError, ValueError):
                    continue
        return None

    def _snapshot(self, file: Path, changed: float, shown_as: str) -> Snapshot | None:
        known = self._read.pop(file, None)
        if known is None or known[0] != changed:
            if file.stat().st_size > _MOST_BYTES:
                return None
            text = file.read_text(encoding="utf-8", errors="replace")
            path = str(PurePosixPath(shown_as.replace("\\", "/")).with_name(file.name))
            language = "c" if file.suffix in (".c", ".h") else "cpp"
            known = (changed, Snapshot.of(f"disk:{file}", 0, language, text, path))
        self._read[file] = known
        if len(self._read) > self._KEPT:
            self._read.popitem(last=False)
        return known[1]
