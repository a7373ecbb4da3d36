/* What is chosen, and the link that carries it: the keys of the dashboard's links (`selection/permalink.py`).

   A link is a stranger's text: every value is checked, and what cannot be kept is said in `notes`. Nothing here touches
   the page. */
"use strict";

const RingfenceSelection = (given, { fill }) => {
  const { link: rules, letters, presets, levers, parameters, quarters } = given;
  const LAST = quarters.length - 1, REASON = ".why", MOST_SEED = 2n ** 64n - 1n;
  const has = (table, name) => Object.hasOwn(table, name);
  const number = x => String(Number(x.toPrecision(6)));
  const isSwitch = lever => given.scenario_files.switches.includes(lever);

  const nameLever = lever => `“${levers[lever].meaning.split(" (")[0]}” (${lever})`;

  // ---- scenarios -------------------------------------------------------------------------------------------------

  const slot = (preset, edits = [], title = "") => ({ preset, title, edits });

  /** Scenarios with one more, under the first letter that is free, and its place among them. A scenario keeps its letter,
      and with it colour and dash, when another is removed. */
  const added = (slots, one) => {
    const letter = [...letters].find(free => !slots.some(other => other.letter === free));
    const made = [...slots, { ...one, letter }].sort((a, b) => letters.indexOf(a.letter) - letters.indexOf(b.letter));
    return { slots: made, at: made.findIndex(other => other.letter === letter) };
  };

  /** How the scenario with a letter is drawn. */
  const styleOf = letter => given.styles[letters.indexOf(letter)];

  /** The choice of a control that stands where levers have these values; undefined for something between. */
  const choiceAt = (control, valueOf) => control.choices.find(option => control.levers.every(lever =>
    Math.abs(valueOf(lever) - (has(option.sets, lever) ? option.sets[lever] : levers[lever].last)) < 1e-9));

  const among = words => words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

  /** What stands between a control's choices, lever by lever: `name_parts` in `simulator/scenarios/plain_controls.py`. */
  const nameParts = (control, now) => {
    const [first = "", ...others] = Object.entries(control.parts || {}).map(([lever, [none, full, between]]) => {
      const value = now(lever);
      return value === 0 ? none : value === 1 ? full : between.replace("{share}", `${Number((100 * value).toPrecision(3))}%`);
    });
    const named = others.filter(Boolean);
    return first && named.length ? `${first} with ${among(named)}` : first;
  };

  /** The choices that stand, as a title; "" where a lever that moves is of no control, or one lies between its choices. */
  const nameChoices = (moved, now) => {
    const controls = given.controls.filter(control => control.levers.some(lever => moved.includes(lever)));
    if (!moved.every(lever => controls.some(control => control.levers.includes(lever)))) return "";
    const stand = controls.map(control => choiceAt(control, now));
    const names = controls.map((control, i) => stand[i] ? stand[i].name : nameParts(control, now));
    const words = names.every((name, i) => name || stand[i]) ? among(names.filter(Boolean)) : "";
    return words && words[0].toUpperCase() + words.slice(1);
  };

  /** Levers in a few words: the control that holds them all, one lever's meaning, or parts. */
  const nameLevers = names => {
    const control = given.controls.find(one => names.every(lever => one.levers.includes(lever)));
    if (control) return control.label[0].toLowerCase() + control.label.slice(1);
    return names.length === 1 ? `‘${levers[names[0]].meaning.split(" (")[0]}’` : "parts";
  };

  /** When it begins, where all begins in another year than the preset's, and when it ends, where it does. */
  const nameDates = (one, moved) => {
    const edits = moved.map(lever => editOf(one, lever) || usual(one, lever));
    const starts = new Set(edits.map(edit => edit.start)), ends = new Set(edits.map(edit => edit.end)), [start] = starts;
    const before = Math.min(...Object.values(presets[one.preset].levers).map(lever => lever.start));
    const preset = Number.isFinite(before) ? before : rules.usual_start;
    const words = starts.size > 1 || start % 4 || start === preset ? "" : `, from ${quarters[start].split(" ")[0]}`;
    const short = edits.filter(edit => edit.end < LAST && edit.end !== usual(one, edit.lever).end);
    if (!short.length) return words;
    const named = ends.size === 1 ? "" : `${nameLevers(short.map(({ lever }) => lever))} `;
    return `${words}, ${named}ending in ${quarters[Math.min(...short.map(({ end }) => end))].replace(/ Q4$/, "")}`;
  };

  const sayAlike = ({ value, start, phase, end }) => JSON.stringify([Number(value.toFixed(9)), start, phase > 1 ? phase : 0, end]);
  const settingsOf = edits => new Map(edits.filter(({ lever, value }) => Math.abs(value - levers[lever].last) >= 1e-9).map(edit => [edit.lever, sayAlike(edit)]));

  /** The title of the preset, or else of the library's scenario, that sets every lever alike; "" for none. */
  const alike = one => {
    const own = presets[one.preset].levers, isOneStep = lever => !has(own, lever) || own[lever].one_step;
    if (one.edits.every(edit => isOneStep(edit.lever) && sayAlike(edit) === sayAlike(usual(one, edit.lever)))) return presets[one.preset].title;
    const kept = Object.keys(own).filter(lever => !editOf(one, lever));
    if (!kept.every(isOneStep)) return "";
    const sets = settingsOf([...one.edits, ...kept.map(lever => usual(one, lever))]);
    const same = name => {
      const others = Object.entries(presets[name].levers);
      if (presets[name].file || presets[name].group === "Your own" || !others.every(([, { one_step }]) => one_step)) return false;
      const found = settingsOf(others.map(([lever, at]) => ({ ...at, lever })));
      return found.size === sets.size && [...sets].every(([lever, at]) => found.get(lever) === at);
    };
    const found = sets.size ? Object.keys(presets).sort().find(same) : undefined;
    return found === undefined ? "" : presets[found].title;
  };

  /** That something of a policy was changed; one that says so already says it once: `_say_changed_from` in Python. */
  const CHANGED_FROM = "Changed from ";
  const changedFrom = (title, what) => title.startsWith(CHANGED_FROM) ? `${title} and ${what}` : `${CHANGED_FROM}${title}: ${what}`;

  /** A title with how many things were changed; one that counts already goes on counting: `_count_changes` in Python. */
  const COUNTED = / \d+ (changes?|more)$/;
  const countChanges = (title, count, undone) => {
    const changes = `${count} change${count === 1 ? "" : "s"}`;
    if (COUNTED.test(title)) return `${title} and ${count} more`;
    return undone ? changedFrom(title, changes) : `${title}, with ${changes}`;
  };

  /** The title of a preset that was changed by hand, and whether it only counts changes, since they are too many to be
      named in it: `write_edited_title` in `selection/edited_titles.py`. */
  const editedTitle = one => {
    const equal = alike(one);
    if (equal) return { text: equal, counts: false };
    const title = presets[one.preset].title, moved = [...new Set([...Object.keys(presets[one.preset].levers), ...one.edits.map(({ lever }) => lever)])];
    const byPreset = lever => usual(one, lever).value, now = lever => (editOf(one, lever) || usual(one, lever)).value;
    const touched = given.controls.filter(control => control.levers.some(lever => editOf(one, lever)));
    const others = Object.keys(levers).filter(lever => editOf(one, lever) && !touched.some(control => control.levers.includes(lever)));
    const count = touched.length + others.length, date = nameDates(one, moved);
    const changed = one.edits.some(({ lever, value }) => Math.abs(value - byPreset(lever)) >= 1e-9);
    const clauses = touched.map(control => {
      const stands = choiceAt(control, now);
      const before = choiceAt(control, byPreset);
      return stands && before && !Object.keys(before.sets).length && stands !== before ? stands.says : "";
    });
    const together = new Set(moved.map(lever => (editOf(one, lever) || usual(one, lever)).end)).size === 1;
    const plain = together && moved.every(lever => editOf(one, lever) || presets[one.preset].levers[lever].one_step);
    const named = !changed ? title : plain ? nameChoices(moved, now) : "";
    const names = [...touched.map(({ label }) => label[0].toLowerCase() + label.slice(1)),
      ...others.map(lever => `‘${levers[lever].meaning.split(" (")[0]}’`)];
    const isSet = lever => moved.includes(lever) && Math.abs(byPreset(lever) - levers[lever].last) >= 1e-9;
    const undone = one.edits.some(({ lever, value }) => Math.abs(value - byPreset(lever)) >= 1e-9 &&
      (given.controls.find(control => control.levers.includes(lever))?.levers || [lever]).some(isSet));
    const whatChanged = undone ? changedFrom(title, among(names)) : `${title}, with ${among(names)} changed`;
    const offers = [
      named && (changed || date) ? named + date : "",
      !date && count <= 2 && !others.length && clauses.every(Boolean) ? `${title}, but ${among(clauses)}` : "",
      count <= 2 && date ? `${whatChanged}${date}` : "",
      count <= 2 ? whatChanged : "",
    ];
    const fitting = offers.find(offer => offer && [...offer].length <= rules.longest_title);
    return fitting ? { text: fitting, counts: false } : { text: countChanges(title, count, undone), counts: true };
  };

  /** The title that a policy has by itself. */
  const plainTitle = one => one.edits.length ? editedTitle(one) : { text: presets[one.preset].title, counts: false };
  const shown = one => one.title || plainTitle(one).text;

  /** What a policy is whose title is somebody's own, in the library's words: `selection/own_titles.py`; "" for others. */
  const ownTitle = (one, title, readAloud, fill) => {
    const plain = plainTitle(one).text, titled = shown(one) !== plain;
    if (!titled && !presets[one.preset].file) return "";
    const aloud = readAloud(one);
    return fill(`title.${titled ? "own" : "file"}`, { title, plain, aloud: aloud[0].toLowerCase() + aloud.slice(1) });
  };

  /** The same for a picture, also where the title is not somebody's own: what somebody set first, nothing that stays. */
  const defineOwn = (one, title, readBriefly, fill) => {
    const plain = plainTitle(one).text, changed = one.edits.length > 0, titled = shown(one) !== plain;
    if (!titled && !changed && !presets[one.preset].file) return "";
    const aloud = readBriefly(one);
    return fill(`title.${changed ? "own.picture" : titled ? "own" : "file"}`, { title, plain, aloud: aloud[0].toLowerCase() + aloud.slice(1) });
  };

  /** The title where nothing else says what a policy is: `name_for_post`. */
  const postedAs = one => {
    const plain = plainTitle(one).text, { file, title } = presets[one.preset];
    if (file) return rules.title_file.replace("{title}", () => plain);
    return plain.startsWith(CHANGED_FROM) ? rules.title_changed.replace("{title}", () => title) : plain;
  };

  /** That a title of somebody's own is that of another policy of the library; "" for a good one. */
  const squashed = title => title.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const isPlain = one => squashed(one.title) === squashed(plainTitle(one).text);
  const titleProblem = one => {
    const taken = one.title && Object.values(presets).find(({ file, title }) => !file && squashed(title) === squashed(one.title)), plain = plainTitle(one).text;
    return taken && squashed(plain) !== squashed(taken.title) ? rules.title_taken.replace("{title}", taken.title).replace("{plain}", plain) : "";
  };

  /** A scenario's changes in order, as the engine takes them: an edit stands instead of all that the preset does. */
  const changesOf = ({ preset, edits }) => {
    const edited = new Set(edits.map(edit => edit.lever));
    const own = edits.map(({ lever, value, start, phase, end }) =>
      ({ lever, kind: "to", value, path: [], start, end, phase: phase > 1 ? phase : 0 }));
    return [...presets[preset].changes.filter(change => !edited.has(change.lever)), ...own];
  };

  const stem = words => words.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 50);
  const nameOf = one => {
    if (!one.edits.length && !one.title) return presets[one.preset].name;
    const name = stem(shown(one)) || "scenario";
    return has(presets, name) ? `${name}-own` : name;
  };

  /** Whether a scenario is none of the library's, nor several of them joined. */
  const isOwn = one => !nameOf(one).split("+").every(name => has(presets, name) && presets[name].file === "");

  /** A scenario as the worker takes it. */
  const forWorker = one => ({
    letter: one.letter, title: shown(one), posted: postedAs(one), name: nameOf(one), own: isOwn(one), origin: one.edits.length || one.title ? "" : presets[one.preset].origin,
    changes: changesOf(one).map(({ lever, kind, value, path, start, end, phase }) => ({ lever, kind, value, path, start, end, phase })),
  });

  /** What a preset does to a lever, as an edit. */
  const usual = ({ preset }, lever) => {
    const own = has(presets[preset].levers, lever) ? presets[preset].levers[lever] : null;
    const { value, start, phase, end } = own || { value: levers[lever].last, start: rules.usual_start, phase: 0, end: LAST };
    return { lever, value, start, phase, end, because: "" };
  };
  const editOf = (one, lever) => one.edits.find(edit => edit.lever === lever) || null;
  const withEdit = (one, edit) => {
    const at = one.edits.findIndex(other => other.lever === edit.lever);
    return { ...one, edits: at < 0 ? [...one.edits, edit] : one.edits.map((other, i) => i === at ? edit : other) };
  };
  const without = (one, lever) => ({ ...one, edits: one.edits.filter(edit => edit.lever !== lever) });

  /** The problem with an edit in words; "" for a good one. */
  const problemOf = ({ lever, value, start, phase, end, because }) => {
    if (!has(levers, lever)) return `“${lever.slice(0, 40)}” is not a lever`;
    const { low, high } = levers[lever], called = nameLever(lever);
    if (!(low <= value && value <= high)) return `${called} must be ${low} to ${high}, not ${number(value)}`;
    if (isSwitch(lever) && value !== 0 && value !== 1) return `${called} is a switch: off (0) or on (1), not ${number(value)}`;
    if (isSwitch(lever) && phase > 1) return `${called} is a switch and cannot be phased in`;
    if (!(start >= 0 && start <= LAST)) return `${called}: the start is outside ${given.years[0]} to ${given.years.at(-1)}`;
    if (!(phase >= 0 && phase <= quarters.length)) return `${called}: it cannot take ${phase} quarters to arrive`;
    if (!(start <= end && end <= LAST)) return `${called}: it would end before it begins in ${quarters[start]}`;
    if (end < LAST && phase > end - start + 1) return `${called}: it would end before it has arrived`;
    return textProblem(because, rules.longest_reason, "a reason");
  };

  const textProblem = (words, longest, what) => {
    if ([...words].length > longest) return `${what} has at most ${longest} letters`;
    if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/u.test(words)) return `${what} holds a control character`;
    if (/\p{M}{5}/u.test(words)) return `${what} stacks too many marks on one letter`;
    if (what === "a title" && /\n/.test(words.trim())) return `${what} has more than one line`;
    return "";
  };

  // ---- years -----------------------------------------------------------------------------------------------------

  /** First year and the one after the last; null where they cannot be read. */
  const yearsOf = text => {
    const found = /^(20\d\d\/\d\d)(?:(?:-| to )(20\d\d\/\d\d)|(-))?$/.exec(text);
    if (!found) return null;
    const first = given.years.indexOf(found[1]), last = found[2] ? given.years.indexOf(found[2]) : found[3] ? given.years.length - 1 : first;
    return first >= 0 && last >= first ? [first, last + 1] : null;
  };

  // ---- links -----------------------------------------------------------------------------------------------------

  const quarterWords = quarter => `${rules.first_year + Math.floor(quarter / 4)}Q${quarter % 4 + 1}`;
  const encode = text => encodeURIComponent(text).replace(/%20/g, "+").replace(/%2F/g, "/")
    .replace(/[!'()*]/g, letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

  /** The query of a link, without a mark before it; "" where it would be too long for one. */
  const makeLink = (selection, more = [], story = null) => {
    const fields = [["v", String(rules.format)], ["m", given.version], ["tab", story ? "boards" : "answer"], ["o", selection.outcome],
      ["seed", selection.seed], ["n", String(selection.n)]];
    if (selection.years) fields.push(["y", selection.years]);
    if (given.own_evidence) fields.push(["with", given.own_evidence]);
    if (story) fields.push(...storyFields(story, usualStory(selection.slots)));
    selection.slots.slice(1).forEach(one => {
      const { letter } = one;
      fields.push([letter, one.preset]);
      if (one.title) fields.push([`${letter}.title`, one.title]);
      if (presets[one.preset].file) fields.push([`${letter}.file`, presets[one.preset].file]);
      for (const edit of one.edits) {
        const phase = edit.phase || edit.end < LAST ? `_${edit.phase}` : "", end = edit.end < LAST ? `_${quarterWords(edit.end)}` : "";
        const value = edit.value.toFixed(10).replace(/0+$/, "").replace(/\.$/, "");
        fields.push([`${letter}.${edit.lever}`, `${value}_${quarterWords(edit.start)}${phase}${end}`]);
        if (edit.because) fields.push([`${letter}.${edit.lever}${REASON}`, edit.because]);
      }
    });
    for (const [name, value] of Object.entries(selection.settings)) fields.push([rules.held + name, String(value)]);
    const query = [...fields, ...more].map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
    return query.length > rules.longest ? "" : query;
  };

  /** A board's story in a link, as the dashboard writes it: no board of a table of one's own. */
  const storyFields = ({ board, shown, against, future }, usual) => {
    const pair = shown + against;
    return [...(given.own_boards ? [] : [["board", given.model.codes[board]]]), ...(pair === usual.shown + usual.against ? [] : [["show", pair]]),
      ...(future === null ? [] : [["future", String(future)]])];
  };

  /** The parts of a link; null if it cannot be one of ours. */
  const fieldsOf = query => {
    const text = query.replace(/^[?#]+/, "");
    if (text.length > 4 * rules.longest || text.split("&").length > 400) return null;
    return new Map([...new URLSearchParams(text)].filter(([, value]) => value));
  };

  const opening = () => ({ slots: [{ ...slot("baseline"), letter: letters[0] }], outcome: "retained", years: "", seed: given.seed, n: given.futures, settings: {} });

  /** What a link holds, with a sentence in `notes` for everything that could not be kept. Never throws. */
  const restore = query => {
    const notes = [], fields = fieldsOf(query);
    if (!fields) {
      const made = restore(given.opening);
      return { ...made, notes: ["This link is too long to be one of ours. Here is the usual start."] };
    }
    for (const [name, value] of fields) {
      const words = name.endsWith(REASON) || name.endsWith(".title");
      if (name.endsWith(".file") || [...value].length <= (words ? rules.longest_words : rules.longest_value)) continue;
      fields.delete(name);
      notes.push(fill("link.too_long", { name: name.slice(0, 30) }));
    }
    readVersions(fields, notes);
    const made = opening();
    for (const letter of letters.slice(1)) {
      const one = readSlot(letter, fields, notes);
      if (one) made.slots.push({ ...one, letter });
    }
    readSettings(made, fields, notes);
    const story = readStory(made.slots, fields, notes);
    const said = [...new Set(notes)], more = said.length - rules.most_notes;
    const shortened = more > 1 ? [...said.slice(0, rules.most_notes), fill("link.more", { more })] : said;
    return { selection: made, notes: shortened, embed: fields.get("embed") === "1", built: Math.max(0, made.slots.findIndex(({ letter }, at) => at && letter === fields.get("built"))), story, boards: fields.get("tab") === "boards" };
  };

  function readVersions(fields, notes) {
    if (![String(rules.format), String(rules.layered)].includes(fields.get("v"))) {
      notes.push("This link was not made by this version of Ringfence; what could be kept is here.");
    }
    const weighed = fields.get("with") || "";
    if (/^[0-9a-f]{16}(\+[0-9a-f]{16})*$/.test(weighed) && weighed !== given.own_evidence) {
      notes.push(fill("link.evidence", { fingerprint: weighed }));
    }
    const made = fields.get("m") || "";
    if (made && made !== given.version) {
      const words = /^[0-9][0-9A-Za-z.+-]{0,20}$/.test(made) ? made : fill("link.another_version");
      notes.push(fill("link.version", { made: words, version: given.version }));
    }
  }

  function readSlot(letter, fields, notes) {
    const preset = fields.get(letter), file = fields.get(`${letter}.file`);
    if (preset === undefined) return null;
    const known = has(presets, preset) ? preset : "", own = Object.keys(presets).find(name => file && presets[name].file === file);
    if (file && !own) {
      notes.push(`Scenario ${letter} of this link is a file of somebody's own, which cannot be read out of it.`);
      return null;
    }
    if (!own && (!known || presets[known].file)) {
      notes.push(`Scenario ${letter} of this link: “${preset.slice(0, 60)}” is not a scenario of this page.`);
      return null;
    }
    const edits = readEdits(letter, fields, notes);
    let title = fields.get(`${letter}.title`) || "";
    const problem = textProblem(title, rules.longest_title, "a title");
    if (problem) {
      notes.push(`Scenario ${letter} of this link: ${problem}.`);
      title = "";
    }
    const taken = titleProblem(slot(own || known, edits, title));
    if (taken) notes.push(`Scenario ${letter} of this link: ${taken}.`);
    const made = slot(own || known, edits, taken ? "" : title);
    if (fields.get("v") === String(rules.layered) && edits.some(edit => has(presets[made.preset].levers, edit.lever))) {
      notes.push(`Scenario ${letter} of this link is of an earlier version, in which what was set by hand lay on top of what its preset does. It now stands instead of it, so numbers may differ.`);
    }
    return made;
  }

  /** The board, the scenarios and the future that a link names; null where it names no board. */
  function readStory(slots, fields, notes) {
    const code = fields.get("board"), show = fields.get("show"), text = fields.get("future");
    if (!code) return null;
    const board = given.model.codes.indexOf(code), story = usualStory(slots);
    if (board < 0) {
      notes.push("The link names a board that is not there; choose one under “One board, and why”.");
      return null;
    }
    if (show) {
      const [shown, against = ""] = show, known = letter => slots.some(one => one.letter === letter);
      const good = /^[A-D]{1,2}$/.test(show) && shown !== against && known(shown) && (!against || known(against));
      if (good) Object.assign(story, { shown, against });
      else notes.push("A setting of this link cannot be kept: the board can be shown under scenarios of the link only.");
    }
    const future = text && /^\d{1,6}$/.test(text) ? Number(text) : -1;
    if (future >= 0 && future < rules.most) story.future = future;
    else if (text) notes.push(`A setting of this link cannot be kept: this page has futures 0 to ${(rules.most - 1).toLocaleString("en-GB")}.`);
    return { ...story, board };
  }

  /** The letters of the first policy of one's own, or else of the first scenario beside today's rules, and of these, with
      which it is compared: `open_map` in Python; a typical future, still to be found. */
  const usualStory = slots => ({ shown: (slots.slice(1).find(one => one.own ?? isOwn(one)) || slots[1] || slots[0]).letter, against: slots.length > 1 ? letters[0] : "", future: null });

  function readEdits(letter, fields, notes) {
    const edits = [];
    for (const [name, value] of fields) {
      const lever = name.slice(2);
      if (!name.startsWith(`${letter}.`) || lever.includes(".") || lever === "title" || lever === "file") continue;
      const found = /^(-?\d{1,4}(?:\.\d{1,12})?)_(20\d\d)Q([1-4])(?:_(\d{1,2}))?(?:_(20\d\d)Q([1-4]))?$/.exec(value);
      if (!has(levers, lever)) {
        notes.push(fill("link.no_lever", { letter, lever: lever.slice(0, 30) }));
      } else if (!found) {
        notes.push(fill("link.scenario", { letter, why: fill("link.unreadable", { lever: nameLever(lever) }) }));
      } else {
        const quarter = (year, q) => 4 * (Number(year) - rules.first_year) + Number(q) - 1;
        const edit = {
          lever, value: Number(found[1]), start: quarter(found[2], found[3]), phase: Number(found[4] || 0),
          end: found[5] ? quarter(found[5], found[6]) : LAST, because: fields.get(name + REASON) || "",
        };
        if (edit.phase > 1 && isSwitch(lever)) {
          notes.push(fill("link.scenario", { letter, why: fill("link.at_once", { lever: nameLever(lever) }) }));
          edit.phase = 0;
        }
        const problem = problemOf(edit);
        if (problem) notes.push(fill("link.scenario", { letter, why: problem }));
        if (!problem) edits.push(edit);
        else if (edit.because && !problemOf({ ...edit, because: "" })) edits.push({ ...edit, because: "" });
      }
    }
    return edits;
  }

  function readSettings(made, fields, notes) {
    const kept = (good, words) => good || (notes.push(fill("link.setting", { why: words })), false);
    const outcome = fields.get("o"), years = fields.get("y"), seed = fields.get("seed"), n = fields.get("n");
    if (outcome && kept(given.shown.includes(outcome), `“${outcome.slice(0, 40)}” is not an outcome that this page shows`)) made.outcome = outcome;
    if (years && kept(yearsOf(years), `“${years.slice(0, 40)}” is not a span of years from ${given.years[0]} to ${given.years.at(-1)}`)) made.years = years;
    if (seed && kept(readSeed(seed) !== null, "a seed is a whole number from 0 to 18446744073709551615")) made.seed = readSeed(seed);
    const many = `this page runs ${rules.least} to ${rules.most.toLocaleString("en-GB")} futures`;
    if (n && kept(readCount(n) !== null, many)) made.n = readCount(n);
    if (fields.get("until")) kept(false, `${many}; it does not go on until a difference is known well enough`);
    for (const [name, value] of fields) {
      if (!name.startsWith(rules.held)) continue;
      const parameter = name.slice(rules.held.length), held = /^-?\d{1,6}(\.\d{1,12})?$/.test(value) ? Number(value) : NaN;
      if (kept(has(parameters, parameter), `“${parameter.slice(0, 40)}” is not an uncertain number`)
        && kept(parameters[parameter].low <= held && held <= parameters[parameter].high, `${parameter} lies between ${parameters[parameter].low} and ${parameters[parameter].high}`)) {
        made.settings[parameter] = held;
      }
    }
  }

  const readSeed = text => /^\d{1,20}$/.test(text) && BigInt(text) <= MOST_SEED ? String(BigInt(text)) : null;
  const readCount = text => /^\d{1,5}$/.test(text) && Number(text) >= rules.least && Number(text) <= rules.most ? Number(text) : null;

  return {
    LAST, slot, added, styleOf, shown, ownTitle, defineOwn, titleProblem, isPlain, changesOf, nameOf, forWorker, usual, editOf, withEdit, without, problemOf, isSwitch, textProblem, yearsOf, makeLink, restore, usualStory,
    readSeed, readCount, number,
  };
};
