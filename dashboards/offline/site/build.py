"""Making the whole site: run, compare, draw, fill, and write into a folder all at once."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dashboards.offline import explorer
from dashboards.offline.site.answers import SiteAnswers, work_out
from dashboards.offline.site.data_files import data_files
from dashboards.offline.site.folder import check_site_folder, write_site_folder
from dashboards.offline.site.pages import EXPLORER, SitePages
from dashboards.offline.site.pictures import draw_site_pictures
from simulator.assurance.pack_files import FILES, read_pack
from simulator.boards.table import Boards, read_boards
from simulator.common.errors import InputError
from simulator.runs.futures import DEFAULT_N, SEED, draw_futures
from simulator.runs.recipe import Option, Recipe
from simulator.scenarios.scenario import Scenario

MOST_OWN = 3
PACK_FOLDER = "assurance"
Step = Callable[[int, int], None]


@dataclass(frozen=True)
class SiteOptions:
    """What a site is made of: futures, seed, boards, scenarios of one's own, the address where it will stand, and the
    folder of an assurance pack to put into it.
    """

    futures: int = DEFAULT_N
    seed: int = SEED
    boards: Boards | None = None
    own: tuple[Scenario, ...] = ()
    address: str = ""
    assurance: Path | None = None

    def __post_init__(self) -> None:
        if len(self.own) > MOST_OWN:
            raise InputError(f"a site holds up to {MOST_OWN} scenarios of one's own, not {len(self.own)}")


@dataclass(frozen=True)
class Site:
    """A site that was written: its files with their sizes, what it says, and the command that makes it again."""

    folder: Path
    sizes: dict[str, int]
    answers: SiteAnswers
    address: str
    command: str


def write_site(
    folder: Path,
    options: SiteOptions,
    step: Callable[[str], Step | None] = lambda _: None,
    today: dt.date | None = None,
) -> Site:
    """Make the site and write it, whole or not at all. `step` is told what begins, and gives what counts its progress.

    The same options give the same bytes on the same day (`today`; the explorer has that of the clock). Raises
    InputError for an address that cannot be used or a folder that holds other things, FileWriteError, and as `run`.
    """
    check_site_folder(folder)
    pack = {} if options.assurance is None else read_pack(options.assurance)
    address, day = read_address(options.address), today or dt.date.today()
    table = options.boards or read_boards()
    futures = draw_futures(options.futures, seed=options.seed)
    answers = work_out(options.own, futures, table, step("running the library"))
    command = _command(answers, address, options.assurance)
    pages = SitePages(answers, address, command, f"{day.day} {day:%B %Y}", FILES if pack else None)
    files = {
        **pages.render(),
        **draw_site_pictures(answers, address, day, step("drawing pictures")),
        **data_files(answers, address, command),
        **{f"{PACK_FOLDER}/{name}": content for name, content in pack.items()},
        EXPLORER: _make_explorer(options, table, step("making the explorer")),
    }
    write_site_folder(folder, files)
    return Site(folder, {name: len(data) for name, data in files.items()}, answers, address, command)


def _make_explorer(options: SiteOptions, table: Boards, progress: Step | None) -> bytes:
    """The explorer's file, as `ringfence explorer` writes it."""
    with tempfile.TemporaryDirectory(prefix="ringfence-") as place:
        path = Path(place) / EXPLORER
        explorer.write(str(path), options.own, options.futures, options.seed, progress, table)
        return path.read_bytes()


def read_address(text: str) -> str:
    """The address where a site will stand, with a slash at its end; "" for none. Raises InputError."""
    if not text:
        return ""
    problem = (
        f"'{text[:80]}' cannot be the address of a site; give it whole, beginning with http or https and the host's "
        "name, and without a query, a # or a user's name"
    )
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise InputError(problem) from None
    strange = not text.isprintable() or not text.isascii() or set(text) & set(" \"'<>\\?#@")
    if not usable or strange:
        raise InputError(problem)
    return text if text.endswith("/") else f"{text}/"


def _command(answers: SiteAnswers, address: str, assurance: Path | None) -> str:
    """What to type for the same site."""
    made = answers.headline.baseline.manifest
    own = [answer.study.recipe.names[0] for answer in answers.own]
    options: list[Option] = [*answers.headline.recipe.table, ("--seed", made.seed), ("-n", made.futures)]
    options += [("--address", address)] if address else []
    options += [("--assurance", assurance.name)] if assurance else []
    return Recipe.line("site", ["pages", *own], options)
