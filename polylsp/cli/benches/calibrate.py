"""`polylsp bench calibrate`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polylsp.cli.benches import common
from polylsp.errors import PolyError

if TYPE_CHECKING:
    from polylsp.bench.calibrate.measure import Measured

HELP = "how often a model is right when it says how sure it is"
DESCRIPTION = (
    "Let the model speak at every place of real files, compare how likely it finds what would be shown "
    "with how often that is what the file says, and fit the curve that leads from one to the other."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    common.add_sources(parser, "files, folders")
    parser.add_argument("--model", default="embedded", help="a model's name or folder")
    parser.add_argument(
        "--files", type=int, default=4, metavar="N", help="of each language (default: 4)"
    )
    parser.add_argument(
        "--characters", type=int, default=500, metavar="N", help="of each file (default: 500)"
    )
    parser.add_argument(
        "--memory",
        action="store_true",
        help="with the rest of each file's package remembered, but for near twins of it",
    )
    parser.add_argument(
        "--write", action="store_true", help="keep what was fitted in the model's folder"
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench.calibrate.measure import measure
    from polylsp.sources import find as sources

    named = sources.find(options.sources, options.set, common.say_line)
    files = common.files(named.folders, options.files)
    roots = named.folders if options.memory else ()
    found = measure(
        files, options.model, roots=roots, characters=options.characters, say=common.say
    )
    common.end()
    if options.write:
        folder = found.model.folder
        try:
            common.say_line(f"wrote {_write(found, options.memory)}")
        except OSError as error:
            raise PolyError(
                f"{folder} cannot be written ({error}): is it a folder of yours?"
            ) from error
    return found.report


def _write(found: Measured, remembers: bool) -> Path:
    """Keep the curves: the mixture's beside its weights, the model's own by themselves."""
    from polylsp.models import calibrations, mixtures
    from polylsp.models.mixtures import Mixture

    told = {name: found.report[name] for name in ("model", "files", "characters", "way")}
    if not remembers:
        return calibrations.write(found.model.folder, found.calibration, told)
    mixture = Mixture(found.model.mixture.gate, found.calibration)
    return mixtures.write(found.model.folder, mixture, {"calibration": told})


def show(report: dict[str, Any]) -> None:
    with_memory = " with memory" if report["memory"] else ""
    print(
        f"{report['model']}{with_memory}, {report['files']} files, {report['characters']} characters; "
        f"fitted: {report['way']}, judged on files it was not fitted to"
    )
    for name, rows in report["shown"].items():
        for level, row in rows.items():
            worth = (
                f"completed {row['completed']:6.1%}  wrong {row['wrong']:6.1%}"
                if "completed" in row
                else ""
            )
            print(
                f"{name:7} {level:9} {row['shown']:6} shown  said {row['said']:.3f}  "
                f"right {row['right']:.3f}  error {row['error']:.3f}  {worth}"
            )
    for row in report["curve"]:
        print(
            f"threshold {row['threshold']:.2f}  completed {row['completed']:6.1%}  "
            f"wrong {row['wrong']:6.1%}  error {row['error']:.3f}  {row['shown']:6} shown"
        )
