"""The gate: a file goes through where everything that is known of its licence is permissive, and something is."""

from __future__ import annotations

from dataclasses import replace

from polylsp.corpus.files.source import SourceFile
from polylsp.corpus.licences.names import canonical, permissive, restricted
from polylsp.corpus.licences.notices import of_notice

STEP = "licence"


def licensed(file: SourceFile) -> SourceFile:
    """`file` with its licence, dropped where that does not grant enough."""
    licence = canonical(_licence(of_notice(file.text), file.declared))
    known = replace(file, licence=licence)
    return known if permissive(licence) else known.dropped(STEP)


def _licence(notice: str, declared: str) -> str:
    """What a file's own notice says, else what is declared for its place.

    A notice that grants less than the package does is believed; so is a package that grants less than a notice,
    unless all that is known of its terms is a name.
    """
    if notice and not permissive(notice):
        return notice
    if not permissive(declared) and (not notice or restricted(declared)):
        return declared
    return notice or declared
