"""Permalinks: links that restore everything chosen. They are plain text, and a damaged one restores what it can.

`v` is the version of this format, `m` that of the model, `B`, `C` and `D` the scenarios, any of which may be missing:
`B=ringfence`, `B.audit=0.5_2027Q2_4_2028Q4` (value, first quarter, quarters to arrive, last quarter; the latter two if
they are not 0 and without end), `B.audit.why=...`, `B.title=...`, `B.file=...` (an uploaded scenario, compressed).
Every value is checked as if it came from a stranger, for it may, and is bounded before anything is made of it.

In format 1 what was set by hand lay on top of what the preset does to that lever; since 2 it stands instead of it.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from dashboards.common.log import explain_failure, log_job
from dashboards.selection import analysis_selection as questions
from dashboards.selection import map_selection as places
from dashboards.selection.analysis_selection import AnalysisSelection
from dashboards.selection.map_selection import MapSelection
from dashboards.selection.selection import (
    LETTERS,
    LONGEST_PRESET,
    PRECISIONS,
    TODAYS_RULES,
    LeverEdit,
    Selection,
    SelectionError,
    Slot,
    make_opening_selection,
)
from simulator.common.errors import InputError
from simulator.common.event_log import Level
from simulator.common.sentence_templates import get_template
from simulator.common.yaml_nodes import ScenarioError
from simulator.declarations.calendar import FIRST_YEAR, quarter_name
from simulator.declarations.levers import LEVERS
from simulator.reports.answer_cards import choose_pair
from simulator.runs.manifest import find_version
from simulator.scenarios.change import LAST, is_switch, name_lever
from simulator.scenarios.loader import LayeredChanges, add_on_top
from simulator.scenarios.scenario import Scenario

FORMAT, LAYERED_FORMAT = 2, 1
DEFAULT_MAP, DEFAULT_ANALYSES = MapSelection(), AnalysisSelection()
LONGEST, LONGEST_FILE = 8_000, 64 * 1024
LONGEST_VALUE, LONGEST_WORDS, MOST_NOTES = 100, 1_000, 12
LONGEST_READ = 10.0
"""Seconds that reading the scenario files in a link may take."""
EVIDENCE = "with"
HELD = "set."
"""Begins the name of an uncertain number that the page in one file holds at a value."""
MOST_SLIDES = 20
TABS = ("answer", "build", "compare", "money", "boards", "equals", "sure", "evidence", "share")
_VALUE = r"-?\d{1,4}(?:\.\d{1,24})?(?:e-\d{1,3})?"
_SETTING = re.compile(rf"({_VALUE})_(20\d\d)Q([1-4])(?:_(\d{{1,2}}))?(?:_(20\d\d)Q([1-4]))?", re.ASCII)
_WHOLE = re.compile(r"\d{1,10}")


@dataclass(frozen=True)
class Restored:
    """What a link restored: the selection, the tab, a sentence for everything that could not be kept, and what was
    chosen on the Boards page and for the analyses. `evidence` is the fingerprint of evidence that it was made with, and
    `slide` the slide that was on the screen, 0 for none; `built` is the place of the policy that was built last.
    """

    selection: Selection
    tab: str
    notes: tuple[str, ...]
    map_selection: MapSelection = DEFAULT_MAP
    analysis_selection: AnalysisSelection = DEFAULT_ANALYSES
    evidence: str = ""
    slide: int = 0
    built: int = 1


def make_link(
    selection: Selection,
    tab: str = "answer",
    map_selection: MapSelection | None = None,
    analysis_selection: AnalysisSelection = DEFAULT_ANALYSES,
    slide: int = 0,
    built: int = 1,
) -> str:
    """Write the query of a link, with its question mark. Raises SelectionError if it would be too long.

    `built` is the place of the policy that Build opens on; the first is not written.

    A visitor's own table of boards stays in the session: neither the table nor any of its boards is in the link. Nor is
    evidence of their own; the link says its fingerprint.
    """
    fields: list[tuple[str, str]] = [("v", str(FORMAT)), ("m", find_version()), ("tab", tab)]
    fields += [("slide", str(slide))] if slide else []
    fields += [("built", selection.letters[built])] if 1 < built < len(selection.slots) else []
    fields += [("o", selection.outcome), ("seed", str(selection.seed))]
    fields += [("until", f"{selection.until:g}") if selection.until else ("n", str(selection.futures))]
    fields += [("y", selection.years)] if selection.years else []
    fields += places.map_to_fields(map_selection, open_map(selection)) if map_selection and not selection.own else []
    fields += questions.analyses_to_fields(analysis_selection)
    fields += [(EVIDENCE, selection.evidence.fingerprint)] if selection.evidence else []
    for letter, slot in zip(selection.letters[1:], selection.slots[1:], strict=True):
        fields += _write_slot_fields(letter, slot)
    text = "?" + urlencode(fields, safe="/")
    if len(text) > LONGEST:
        raise SelectionError("these scenarios are too long for a link; download their files instead")
    return text


def open_map(selection: Selection) -> MapSelection:
    """What Boards shows until somebody chooses: the policy that Answer compares first, against today's rules."""
    names = [slot.name for slot in selection.slots]
    first, _ = choose_pair(names, names)
    return replace(DEFAULT_MAP, shown=LETTERS.index(selection.letters[first])) if first else DEFAULT_MAP


def list_lacks(selection: Selection, words: str = "link.lacks") -> list[str]:
    """What a link does not carry of a selection, a sentence each; `words` begins the names of the templates."""
    lacks = [get_template(f"{words}.boards")] if selection.own is not None else []
    if evidence := selection.evidence:
        told = {"fingerprint": evidence.fingerprint, "file": evidence.file}
        lacks.append(get_template(f"{words}.evidence").format_map(told))
    return lacks


def _write_slot_fields(letter: str, slot: Slot) -> list[tuple[str, str]]:
    fields = [(letter, slot.preset)]
    if slot.title:
        fields.append((f"{letter}.title", slot.title))
    if slot.text:
        fields.append((f"{letter}.file", pack_file(slot.text)))
    for edit in slot.edits:
        phase = f"_{edit.phase}" if edit.phase or edit.end < LAST else ""
        end = f"_{_format_quarter(edit.end)}" if edit.end < LAST else ""
        number = repr(float(edit.value)).removesuffix(".0")  # the shortest that reads back to the same bits
        fields.append((f"{letter}.{edit.lever}", f"{number}_{_format_quarter(edit.start)}{phase}{end}"))
        if edit.because:
            fields.append((f"{letter}.{edit.lever}.why", edit.because))
    return fields


def pack_file(text: str) -> str:
    """The text of a scenario file as a link carries it. Raises SelectionError for one that is too long."""
    raw = text.encode("utf-8")
    if len(raw) > LONGEST_FILE:
        raise SelectionError("these scenarios are too long for a link; download their files instead")
    return base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode("ascii")


def _format_quarter(quarter: int) -> str:
    return f"{FIRST_YEAR + quarter // 4}Q{quarter % 4 + 1}"


def holds_files(query: str) -> bool:
    """True when a link carries uploaded scenarios, which take time to read."""
    return any(name.endswith(".file") for name in _parse_fields(query) or ())


def restore_in_thread(query: str, arrived: Callable[[Restored], None], reader: Executor | None = None) -> None:
    """`restore` without keeping other visitors waiting: files are read on a thread of their own, within PATIENCE.

    `arrived` is called once, on a thread, with what the link holds; without its files if they took too long.
    """
    first = threading.Lock()

    def deliver(restored: Restored) -> None:
        if first.acquire(blocking=False):
            arrived(restored)

    def give_up() -> None:
        work.cancel()
        restored = restore(query, files=False)
        note = f"The scenario files in this link take more than {LONGEST_READ:g} seconds to read; they were left out."
        deliver(replace(restored, notes=(note, *restored.notes)))

    def done(work: Future[Restored]) -> None:
        if not work.cancelled():
            timer.cancel()
            deliver(work.result())

    work = (reader or get_link_reader()).submit(restore, query)
    timer = threading.Timer(LONGEST_READ, give_up)
    timer.daemon = True
    timer.start()
    work.add_done_callback(done)


@lru_cache(maxsize=1)
def get_link_reader() -> ThreadPoolExecutor:
    """The one thread that reads scenario files from links and uploads, so that only these wait for each other."""
    return ThreadPoolExecutor(1, "link-reader")


def _parse_fields(query: str) -> dict[str, str] | None:
    """The parts of a link; None if it cannot be one of ours."""
    if len(query) > 4 * LONGEST:
        return None
    try:
        return dict(parse_qsl(query.lstrip("?"), max_num_fields=400, errors="replace"))
    except ValueError:
        return None


def restore(query: str, files: bool = True) -> Restored:
    """Read a link, with or without its uploaded scenarios. Never raises: what cannot be kept is said in `notes`."""
    try:
        with log_job("link", Level.INFO if files and ".file=" in query else Level.DEBUG, letters=len(query)):
            return _restore(query, files)
    except Exception as problem:
        return Restored(make_opening_selection(), "answer", (explain_failure(problem, "reading this link"),))


def _restore(query: str, files: bool) -> Restored:
    if not query.strip("?"):
        return Restored(make_opening_selection(), "answer", ())
    notes: list[str] = []
    fields = _parse_fields(query)
    if fields is None:
        why = "is too long to be one of ours" if len(query) > 4 * LONGEST else "cannot be read"
        return Restored(make_opening_selection(), "answer", (f"This link {why}. Here is the usual start.",))
    if not files:
        fields = _drop_files(fields)
    _drop_long_values(fields, notes)
    _check_versions(fields, notes)
    held = [name.removeprefix(HELD) for name in fields if name.startswith(HELD)]
    if held:
        notes.append(
            "This link was made in a page that holds uncertain numbers at a value (" + ", ".join(held)[:80] + "); the "
            "dashboard leaves them free, so numbers differ."
        )
    read = {letter: _read_slot(letter, fields, notes) for letter in LETTERS[1:]}
    slots = {LETTERS[0]: TODAYS_RULES, **{letter: slot for letter, slot in read.items() if slot}}
    tab = fields.get("tab", "answer")
    if tab not in TABS:
        notes.append("The link names a page that is not there; it opens on the answer.")
        tab = "answer"
    if len(slots) == 1 and not any(letter in fields for letter in LETTERS[1:]) and "v" not in fields:
        slots = dict(zip(LETTERS, make_opening_selection().slots, strict=True))
    selection = _read_selection(slots, fields, notes)
    map_selection = places.map_from_fields(fields, notes, open_map(selection))
    analysis_selection = questions.analyses_from_fields(fields, notes)
    evidence, slide = _read_evidence(fields), _read_slide(fields, notes)
    built = selection.letters.find(fields.get("built", "")[:1] or LETTERS[1])
    return Restored(
        selection, tab, _limit_notes(notes), map_selection, analysis_selection, evidence, slide, max(1, built)
    )


def _read_slide(fields: dict[str, str], notes: list[str]) -> int:
    """The slide that a link opens on, 0 for none."""
    slide = _read_count(fields.get("slide", "0")) or 0
    if 0 <= slide <= MOST_SLIDES:
        return slide
    notes.append("The link names a slide that is not there; it opens on the page.")
    return 0


def _read_evidence(fields: dict[str, str]) -> str:
    """The fingerprint of the evidence that a link was made with, if it has one."""
    text = fields.get(EVIDENCE, "")
    return text if re.fullmatch(r"[0-9a-f]{16}(\+[0-9a-f]{16})*", text, re.ASCII) else ""


def _drop_files(fields: dict[str, str]) -> dict[str, str]:
    """The parts of a link without the scenarios that are uploaded files."""
    letters = tuple(name.removesuffix(".file") for name in fields if name.endswith(".file"))
    return {name: value for name, value in fields.items() if name.split(".")[0] not in letters}


def _drop_long_values(fields: dict[str, str], notes: list[str]) -> None:
    """Drop values that are longer than any that `make_link` writes."""
    for name in list(fields):
        longest = LONGEST_WORDS if name.endswith((".why", ".title")) else LONGEST_VALUE
        longest = LONGEST_PRESET if name in LETTERS[1:] else longest
        if len(fields[name]) > longest and not name.endswith(".file"):
            del fields[name]
            notes.append(get_template("link.too_long").format(name=name[:30]))


def _limit_notes(notes: list[str]) -> tuple[str, ...]:
    """Each note once, and no more notes than anybody reads."""
    unique = list(dict.fromkeys(notes))
    more = len(unique) - MOST_NOTES
    return (*unique[:MOST_NOTES], get_template("link.more").format(more=more)) if more > 1 else tuple(unique)


def _check_versions(fields: dict[str, str], notes: list[str]) -> None:
    if fields.get("v") not in (str(FORMAT), str(LAYERED_FORMAT)):
        notes.append("This link was not made by this version of the dashboard; what could be kept is here.")
    written_by = fields.get("m", "")
    if written_by and written_by != find_version():
        readable = re.fullmatch(r"[0-9][0-9A-Za-z.+-]{0,20}", written_by)
        shown = written_by if readable else get_template("link.another_version")
        notes.append(get_template("link.version").format(made=shown, version=find_version()))


def _read_until(text: str | None) -> float | None:
    if text is None:
        return None
    return next((x for x in PRECISIONS if f"{x:g}" == text), -1.0)


def _read_selection(slots: dict[str, Slot], fields: dict[str, str], notes: list[str]) -> Selection:
    """A selection of these scenarios under their letters, with each valid setting."""
    selection = Selection(tuple(slots.values()), letters="".join(slots))
    wishes: dict[str, object] = {
        "outcome": fields.get("o"),
        "years": fields.get("y"),
        "seed": fields.get("seed"),
        "futures": _read_count(fields.get("n")),
        "until": _read_until(fields.get("until")),
    }
    for name, value in wishes.items():
        if value is None:
            continue
        try:
            selection = replace(selection, **{name: value})  # type: ignore[arg-type]
        except Exception as error:
            notes.append(get_template("link.setting").format(why=explain_failure(error, "reading it").rstrip(".")))
    return selection


def _read_count(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if _WHOLE.fullmatch(text) and text.isascii() else -1


def _read_slot(letter: str, fields: dict[str, str], notes: list[str]) -> Slot | None:
    preset = fields.get(letter)
    if preset is None:
        return None
    text = _unpack_file(fields.get(f"{letter}.file", ""), letter, notes)
    slot: Slot | None = None
    edits = _read_edits(letter, fields, notes)
    for title in (fields.get(f"{letter}.title", ""), ""):
        try:
            slot = Slot(preset, title, edits, text)
            break
        except (SelectionError, ScenarioError) as error:
            notes.append(get_template("link.scenario").format(letter=letter, why=str(error).splitlines()[0]))
            if isinstance(error, ScenarioError):
                break  # another title would not mend the file
    if slot is not None and fields.get("v") == str(LAYERED_FORMAT):
        notes += _note_changed_meaning(letter, slot)
    return slot


def _read_edits(letter: str, fields: dict[str, str], notes: list[str]) -> tuple[LeverEdit, ...]:
    """The levers that a link sets in a scenario, leaving out those that are not valid."""
    edits: list[LeverEdit] = []
    for key, value in fields.items():
        if key.startswith(f"{letter}.") and key.count(".") == 1 and key[2:] not in ("title", "file"):
            edit = _read_edit(letter, key[2:], value, fields.get(f"{key}.why", ""), notes)
            edits += [edit] if edit else []
    return tuple(edits)


def _read_edit(letter: str, lever: str, value: str, because: str, notes: list[str]) -> LeverEdit | None:
    if lever not in LEVERS:
        notes.append(get_template("link.no_lever").format(letter=letter, lever=lever[:30]))
        return None
    match = _SETTING.fullmatch(value)
    if not match:
        why = get_template("link.unreadable").format(lever=name_lever(lever))
        notes.append(get_template("link.scenario").format(letter=letter, why=why))
        return None
    start, end = (4 * (int(match[i] or 0) - FIRST_YEAR) + int(match[i + 1] or 0) - 1 for i in (2, 5))
    phase = int(match[4] or 0)
    if phase > 1 and is_switch(lever):
        why = get_template("link.at_once").format(lever=name_lever(lever))
        notes.append(get_template("link.scenario").format(letter=letter, why=why))
        phase = 0
    for reason in (because, ""):
        try:
            return LeverEdit(lever, float(match[1]), start, phase, reason, end if match[5] else LAST)
        except SelectionError as error:
            notes.append(get_template("link.scenario").format(letter=letter, why=error))
    return None


def _note_changed_meaning(letter: str, slot: Slot) -> list[str]:
    """Notes on levers whose setting meant something else in format 1."""
    before = layer_edits(slot)
    notes = []
    for lever in before.differs_from(slot.scenario):
        edit = slot.edit(lever)
        assert edit is not None
        notes.append(
            f"Scenario {letter} of this link is of an earlier version, which kept what “{slot.base.title}” does to "
            f"“{LEVERS[lever].about.meaning}” before {quarter_name(edit.start)}. What was set by hand now stands "
            "instead of it, so numbers differ from those that the link gave then."
        )
    return notes


def layer_edits(slot: Slot) -> Scenario:
    """The scenario as format 1 read it: each edit on top of what the preset does to its lever."""
    base = slot.base
    layers = add_on_top(LayeredChanges(base.changes, base.clashes), [edit.change for edit in slot.edits])
    return Scenario("earlier", "Earlier", "Earlier", layers.changes)


def _unpack_file(packed: str, letter: str, notes: list[str]) -> str:
    """The text of an uploaded file in a link; never more than LONGEST_FILE."""
    if not packed:
        return ""
    try:
        raw = base64.b64decode(packed.encode("ascii"), altchars=b"-_", validate=True)
        decompressor = zlib.decompressobj()
        text = decompressor.decompress(raw, LONGEST_FILE)
        if decompressor.unconsumed_tail or not decompressor.eof:
            raise InputError("cut off")
        return text.decode("utf-8")
    except (ValueError, binascii.Error, zlib.error):
        notes.append(f"Scenario {letter} of this link was an uploaded file that cannot be read any more.")
        return ""
