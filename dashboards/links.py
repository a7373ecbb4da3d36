"""A link that restores everything. Plain text, so that people can read it, and a broken one still gives what it can.

`v` is the version of this format, `m` that of the model, `B`, `C` and `D` the scenarios: `B=ringfence`,
`B.audit=0.5_2027Q2_4` (value, first quarter, quarters to arrive), `B.audit.why=...`, `B.title=...`, `B.file=...` (an
uploaded scenario, compressed). Every value is checked as if it came from a stranger, for it may.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from dashboards import asked as questions
from dashboards import place as places
from dashboards.asked import Asked
from dashboards.choice import LETTERS, TODAY, UNTIL, Choice, ChoiceError, Edit, Slot, opening
from dashboards.place import Place
from simulator.calendar import FIRST_YEAR
from simulator.levers import LEVERS
from simulator.results import version
from simulator.scenario_text import LARGEST, ScenarioError

FORMAT = 1
USUAL, OPENING = Place(), Asked()
LONGEST = 8_000
TABS = ("answer", "build", "compare", "money", "boards", "equals", "sure", "evidence", "share")
_SETTING = re.compile(r"(-?\d{1,4}(?:\.\d{1,12})?)_(20\d\d)Q([1-4])(?:_(\d{1,2}))?")
_WHOLE = re.compile(r"\d{1,10}")


@dataclass(frozen=True)
class Restored:
    """What a link gave: a choice, a tab, and a sentence for everything that could not be kept; where one looks, and
    what is asked.
    """

    choice: Choice
    tab: str
    notes: tuple[str, ...]
    place: Place = USUAL
    asked: Asked = OPENING


def link(choice: Choice, tab: str = "answer", place: Place | None = None, asked: Asked = OPENING) -> str:
    """The query of a link, with its question mark. Raises ChoiceError for what is too long for one.

    A table of one's own boards stays in the session: neither it nor a board of it is in the link.
    """
    pairs: list[tuple[str, str]] = [("v", str(FORMAT)), ("m", version()), ("tab", tab)]
    pairs += [("o", choice.outcome), ("seed", str(choice.seed))]
    pairs += [("until", f"{choice.until:g}") if choice.until else ("n", str(choice.futures))]
    pairs += [("y", choice.years)] if choice.years else []
    pairs += places.pairs(place) if place and not choice.own else []
    pairs += questions.pairs(asked)
    for letter, slot in zip(LETTERS[1:], choice.slots[1:], strict=False):
        pairs += _slot_pairs(letter, slot)
    text = "?" + urlencode(pairs, safe="/")
    if len(text) > LONGEST:
        raise ChoiceError("these scenarios are too long for a link; download their files instead")
    return text


def _slot_pairs(letter: str, slot: Slot) -> list[tuple[str, str]]:
    pairs = [(letter, slot.preset)]
    if slot.title:
        pairs.append((f"{letter}.title", slot.title))
    if slot.text:
        packed = zlib.compress(slot.text.encode("utf-8"), 9)
        pairs.append((f"{letter}.file", base64.urlsafe_b64encode(packed).decode("ascii")))
    for edit in slot.edits:
        quarter = f"{FIRST_YEAR + edit.start // 4}Q{edit.start % 4 + 1}"
        phase = f"_{edit.phase}" if edit.phase else ""
        number = f"{edit.value:.10f}".rstrip("0").rstrip(".")
        pairs.append((f"{letter}.{edit.lever}", f"{number}_{quarter}{phase}"))
        if edit.because:
            pairs.append((f"{letter}.{edit.lever}.why", edit.because))
    return pairs


def restore(query: str) -> Restored:
    """What a link holds. Never raises: what cannot be kept is said in `notes`."""
    if not query.strip("?"):
        return Restored(opening(), "answer", ())
    notes: list[str] = []
    if len(query) > 4 * LONGEST:
        return Restored(opening(), "answer", ("This link is too long to be one of ours. Here is the usual start.",))
    try:
        found = dict(parse_qsl(query.lstrip("?"), max_num_fields=400, errors="replace"))
    except ValueError:
        return Restored(opening(), "answer", ("This link cannot be read. Here is the usual start.",))
    _versions(found, notes)
    slots = [TODAY]
    for letter in LETTERS[1:]:
        slot = _slot(letter, found, notes)
        slots += [slot] if slot else []
    tab = found.get("tab", "answer")
    if tab not in TABS:
        notes.append("The link names a page that is not there; it opens on the answer.")
        tab = "answer"
    if len(slots) == 1 and not any(letter in found for letter in LETTERS[1:]) and "v" not in found:
        slots = list(opening().slots)
    choice, place = _choice(tuple(slots), found, notes), places.restored(found, notes)
    asked = questions.restored(found, notes)
    return Restored(choice, tab, tuple(dict.fromkeys(notes)), place, asked)


def _versions(found: dict[str, str], notes: list[str]) -> None:
    if found.get("v") != str(FORMAT):
        notes.append("This link was not made by this version of the dashboard; what could be kept is here.")
    made = found.get("m", "")
    if made and made != version():
        shown = made if re.fullmatch(r"[0-9][0-9A-Za-z.+-]{0,20}", made) else "another version"
        notes.append(f"This link was made with Ringfence {shown}; this is {version()}, so numbers may differ.")


def _until(text: str | None) -> float | None:
    if text is None:
        return None
    return next((x for x in UNTIL if f"{x:g}" == text), -1.0)


def _choice(slots: tuple[Slot, ...], found: dict[str, str], notes: list[str]) -> Choice:
    """A choice of these scenarios, with each setting that is sound."""
    choice = Choice(slots)
    wishes: dict[str, object] = {"outcome": found.get("o"), "years": found.get("y"),
                                 "seed": _whole(found.get("seed")), "futures": _whole(found.get("n")),
                                 "until": _until(found.get("until"))}  # fmt: skip
    for name, value in wishes.items():
        if value is None:
            continue
        try:
            choice = Choice(**{**_settings(choice), name: value})  # type: ignore[arg-type]
        except (ValueError, LookupError) as error:
            notes.append(f"A setting of this link cannot be kept: {error}.")
    return choice


def _settings(choice: Choice) -> dict[str, object]:
    return {"slots": choice.slots, "outcome": choice.outcome, "years": choice.years, "seed": choice.seed,
            "futures": choice.futures, "until": choice.until}  # fmt: skip


def _whole(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if _WHOLE.fullmatch(text) and text.isascii() else -1


def _slot(letter: str, found: dict[str, str], notes: list[str]) -> Slot | None:
    preset = found.get(letter)
    if preset is None:
        return None
    text = _unpack(found.get(f"{letter}.file", ""), letter, notes)
    slot: Slot | None = None
    for title in (found.get(f"{letter}.title", ""), ""):
        try:
            slot = Slot(preset[:60], title, (), text)
            break
        except (ChoiceError, ScenarioError) as error:
            notes.append(f"Scenario {letter} of this link: {str(error).splitlines()[0]}.")
            if isinstance(error, ScenarioError):
                break  # another title would not mend the file
    if slot is None:
        return None
    for key, value in found.items():
        if key.startswith(f"{letter}.") and key.split(".")[1] not in ("title", "file") and key.count(".") == 1:
            slot = _edited(slot, letter, key[2:], value, found, notes)
    return slot


def _edited(slot: Slot, letter: str, lever: str, value: str, found: dict[str, str], notes: list[str]) -> Slot:
    """The scenario with one lever of the link, if that is sound."""
    if lever not in LEVERS:
        notes.append(f"Scenario {letter} of this link moves a lever that is not there: “{lever[:30]}”.")
        return slot
    match = _SETTING.fullmatch(value)
    if not match:
        notes.append(f"Scenario {letter} of this link: the setting of “{lever}” cannot be read.")
        return slot
    start = 4 * (int(match[2]) - FIRST_YEAR) + int(match[3]) - 1
    for because in (found.get(f"{letter}.{lever}.why", ""), ""):
        try:
            return slot.with_edit(Edit(lever, float(match[1]), start, int(match[4] or 0), because))
        except ChoiceError as error:
            notes.append(f"Scenario {letter} of this link: {error}.")
    return slot


def _unpack(packed: str, letter: str, notes: list[str]) -> str:
    """The text of an uploaded file in a link; never more than a file may have."""
    if not packed:
        return ""
    try:
        raw = base64.b64decode(packed.encode("ascii"), altchars=b"-_", validate=True)
        tool = zlib.decompressobj()
        text = tool.decompress(raw, LARGEST)
        if tool.unconsumed_tail or not tool.eof:
            raise ValueError("cut off")
        return text.decode("utf-8")
    except (ValueError, binascii.Error, zlib.error):
        notes.append(f"Scenario {letter} of this link was an uploaded file that cannot be read any more.")
        return ""
