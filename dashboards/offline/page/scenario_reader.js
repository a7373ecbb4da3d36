/* Reads a scenario file and reports every mistake in it at once, in the words of `ringfence compare`: what
   `simulator/scenarios/validation.py`, `field_validation.py` and `loader.py` do, kept to them by tests. */
"use strict";

const RingfenceReader = (given, nodes, { applied }) => {
  const { levers, presets, quarters, scenario_files: rules } = given;
  const { Problems, readFields, suggest, normalise, visible, cut, count, numberOf, switchOf, isEmpty, general } = nodes;
  const LAST = quarters.length - 1, TOP = ["title", "question", "extends", "interventions", "cannot_say", "plugin", "changes"];
  const KINDS = ["to", "add", "scale", "path"], KEYS = [...KINDS, "from", "until", "phase", "because", "evidence", "assumption"];
  const has = (table, name) => Object.hasOwn(table, name);
  const quoted = (text, longest = 40) => `'${cut(text, longest)}'`;

  // ---- fields ----------------------------------------------------------------------------------------------------

  const withoutDoubles = (fields, prefix, notes) => {
    const first = new Map();
    return fields.pairs.filter(([key]) => {
      if (first.has(key.text)) return notes.add(key.line, prefix + key.text, `is written twice (first on line ${first.get(key.text)})`), false;
      first.set(key.text, key.line);
      return true;
    });
  };

  const knownKeys = (fields, prefix, known, notes) => {
    const made = new Map();
    for (const [key, node] of withoutDoubles(fields, prefix, notes)) {
      if (notes.full) break;
      if (known.includes(key.text)) made.set(key.text, node);
      else notes.add(key.line, prefix + key.text, `is not a known key${suggest(key.text, known) || `; the keys here are ${known.join(", ")}`}`);
    }
    return made;
  };

  /** Why no page should show a text, as the end of a sentence about it; "" if it may be shown. */
  const whyUnreadable = text => {
    if (/[\p{Cs}]|[^\P{Cc}\n\t]/u.test(text)) return "contains a control character";
    if (/[\p{Mn}\p{Me}]{7}/u.test(text)) return "puts more than 6 marks on one letter";
    return /[\u202a-\u202e\u2066-\u2069]/.test(text) ? "contains characters that change the direction of writing" : "";
  };

  const requireText = (fields, key, prefix, line, notes) => {
    const node = fields.get(key), where = prefix + key;
    if (!node) return notes.add(line, where, "is missing"), "";
    if (node.kind !== "scalar") return notes.add(node.line, where, "must be text"), "";
    const text = node.text.trim(), longest = key === "title" ? rules.longest_title : rules.longest_text, wrong = whyUnreadable(node.text);
    if (!text || isEmpty(node)) notes.add(node.line, where, "is empty; say something");
    else if ([...text].length > longest) notes.add(node.line, where, `has ${count([...text].length)} letters; at most ${count(longest)}`);
    else if (wrong) notes.add(node.line, where, wrong);
    else return text;
    return "";
  };

  const readExtends = (node, notes) => {
    if (!node) return [];
    const items = node.kind === "list" ? node.items : [node], names = new Map();
    for (const item of items) {
      const name = item.kind === "scalar" ? item.text.trim() : "";
      if (!name || whyUnreadable(name) === "contains a control character") notes.add(item.line, "extends", "must be the name of a scenario, a path, or a list of them");
      else if (!names.has(name)) names.set(name, item.line);
    }
    if (!items.length) notes.add(node.line, "extends", "is an empty list; leave it out to start from the baseline");
    if (names.size > rules.most_parents) notes.add(node.line, "extends", `names ${count(names.size)} scenarios; at most ${rules.most_parents}`);
    return [...names].slice(0, rules.most_parents);
  };

  const readInterventions = (node, notes) => {
    const found = [];
    for (const item of node ? node.kind === "list" ? node.items : [node] : []) {
      const number = numberOf(item);
      if (!Number.isInteger(number) || number < 1 || number > rules.interventions) notes.add(item.line, "interventions", `must be a list of whole numbers from 1 to ${rules.interventions}`);
      else if (found.includes(number)) notes.add(item.line, "interventions", `names ${number} twice`);
      else found.push(number);
    }
    return found.sort((a, b) => a - b);
  };

  // ---- dates -----------------------------------------------------------------------------------------------------

  const YEAR = "(?:FY ?)?(20[0-9][0-9]) ?[/-] ?((?:20)?[0-9][0-9])";
  const FORMS = [
    [new RegExp(`^${YEAR}(?: ?[,:-]? ?)Q ?([1-4])$`, "i"), 1, 2, 3],
    [new RegExp(`^Q ?([1-4]) ?,? ?(?:of )?${YEAR}$`, "i"), 2, 3, 1],
    [new RegExp(`^${YEAR}$`, "i"), 1, 2, 0],
  ];
  const LONE = /^(?:(20[0-9][0-9])(?: ?[,:-]? ?Q ?([1-4]))?|Q ?([1-4]) ?(20[0-9][0-9]))$/i;

  /** The index of a quarter; null where a text names none. */
  const parseQuarter = text => {
    const words = [...text].length <= 60 ? normalise(text) : "";
    for (const [form, first, second, quarter] of FORMS) {
      const found = form.exec(words);
      if (!found) continue;
      const [year, next] = [Number(found[first]), Number(found[second])];
      const follows = found[second].length === 4 ? next === year + 1 : next === (year + 1) % 100;
      return follows ? 4 * (year - given.link.first_year) + (quarter ? Number(found[quarter]) : 1) - 1 : null;
    }
    return null;
  };
  const askWhatWasMeant = text => {
    const found = [...text].length <= 60 ? LONE.exec(normalise(text)) : null;
    if (!found) return "";
    const first = Number(found[1] || found[4]), name = `${first}/${String((first + 1) % 100).padStart(2, "0")}`, which = found[2] || found[3];
    if (!which) return `; did you mean ${name}, April ${first} to March ${first + 1}?`;
    const months = ["April to June", "July to September", "October to December", "January to March"][which - 1];
    return `; did you mean ${name} Q${which}, ${months} ${first + (which === "4" ? 1 : 0)}?`;
  };

  const readQuarter = (node, where, notes, last) => {
    if (node.kind !== "scalar") return notes.add(node.line, where, "must be a quarter such as 2027/28 Q1"), null;
    let quarter = parseQuarter(node.text);
    if (quarter === null) return notes.add(node.line, where, `'${visible(node.text)}' is not a quarter; write it like 2023/24 Q3${askWhatWasMeant(node.text)}`), null;
    if (last && !/q/i.test(normalise(node.text))) quarter += 3;
    if (quarter >= 0 && quarter <= LAST) return quarter;
    return notes.add(node.line, where, `'${node.text}' is outside ${quarters[0]} to ${quarters[LAST]}`), null;
  };

  const readPhase = (lever, node, where, notes) => {
    const found = node.kind === "scalar" ? /^([1-9][0-9]?) ?(quarter|year)s?$/i.exec(normalise(node.text)) : null;
    if (!found) return notes.add(node.line, where, "must be a length such as '4 quarters' or '2 years'"), 0;
    if (rules.switches.includes(lever)) notes.add(node.line, where, `'${lever}' is a switch and cannot be phased in`);
    const length = Number(found[1]) * (found[2].toLowerCase() === "year" ? 4 : 1);
    if (length > quarters.length) notes.add(node.line, where, `${length} quarters are more than the ${quarters.length} of the calendar`);
    return length;
  };

  const readDates = (lever, fields, path, where, line, notes) => {
    let start = path.length ? path[0][0] : null, end = LAST, phase = 0;
    if (fields.has("path")) {
      for (const key of ["from", "phase"]) if (fields.has(key)) notes.add(fields.get(key).line, `${where}.${key}`, "does not go with a path, which carries its own dates");
    } else if (fields.has("from")) start = readQuarter(fields.get("from"), `${where}.from`, notes, false);
    else notes.add(line, `${where}.from`, "is missing; say from when, such as 2027/28 Q1");
    if (fields.has("until")) end = readQuarter(fields.get("until"), `${where}.until`, notes, true);
    if (fields.has("phase")) phase = readPhase(lever, fields.get("phase"), `${where}.phase`, notes);
    if (start === null || end === null) return { start: 0, end: LAST, phase };
    if (end < Math.max(start, ...path.map(([quarter]) => quarter))) notes.add(fields.get("until").line, `${where}.until`, `${quarters[end]} is before the change is complete`);
    else if (end < LAST && phase > end - start + 1) notes.add(fields.get("phase").line, `${where}.phase`, `${phase} quarters are more than the ${end - start + 1} that the change lasts`);
    return { start, end, phase };
  };

  // ---- a change --------------------------------------------------------------------------------------------------

  const readValue = (lever, kind, node, where, notes) => {
    const { low, high } = levers[lever], words = low === 0 && high === 1 && (kind === "to" || kind === "path");
    let number = numberOf(node);
    if (number === null && words && switchOf(node) !== null) number = Number(switchOf(node));
    if (number === null) {
      const wanted = words ? "on, off or a number" : "a number";
      if (node.kind !== "scalar") return notes.add(node.line, where, `is not a number; write ${wanted}`), 0;
      const meant = numberOf({ ...node, plain: true }), write = Number.isFinite(meant ?? NaN) ? general(meant) : wanted;
      return notes.add(node.line, where, `${quoted(node.text)} is not a number; write ${write}, without quotes`), 0;
    }
    const sets = kind === "to" || kind === "path", say = message => notes.add(node.line, where, message);
    if (rules.switches.includes(lever) && (!sets || ![0, 1].includes(number))) say(`'${lever}' is a switch: set it with 'to: on' or 'to: off'`);
    else if (kind === "add" && !(Math.abs(number) <= high - low)) say(`${general(number)} is more than the whole range of '${lever}'`);
    else if (kind === "scale" && !(number >= 0 && number <= rules.largest_scale)) say(`${general(number)} is not between 0 and ${general(rules.largest_scale)}`);
    else if (sets && number > high) {
      const hint = high === 1 && number >= 2 && number <= 100 ? `; ${general(number)}% is ${general(number / 100)}` : "";
      say(`${general(number)} is above ${general(high)} (the highest value of '${lever}')${hint}`);
    } else if (sets && !(number >= low)) say(`${general(number)} is below ${general(low)} (the lowest value of '${lever}')`);
    return number;
  };

  const readPath = (lever, node, where, notes) => {
    if (node.kind !== "mapping" || !node.pairs.length) return notes.add(node.line, where, "must be a mapping from quarter to value, such as {2023/24: 1, 2024/25 Q3: 0}"), [];
    const entries = [];
    for (const [key, value] of withoutDoubles(node, `${where}.`, notes)) {
      const quarter = readQuarter(key, `${where}.${key.text}`, notes, false), number = readValue(lever, "path", value, `${where}.${key.text}`, notes);
      if (quarter === null) continue;
      if (entries.length && quarter <= entries.at(-1)[0]) notes.add(key.line, `${where}.${key.text}`, "comes before or with the entry above; keep the order of time");
      entries.push([quarter, number]);
    }
    return entries;
  };

  const readAssumption = (node, where, notes) => {
    if (!node) return false;
    const marked = node.kind === "scalar" ? switchOf(node) : null;
    if (marked === null) notes.add(node.line, where, "must be true or false");
    return marked;
  };

  const readEvidence = (node, assumption, where, line, notes) => {
    if (!node) return notes.add(line, where, "is missing; cite ids of the register, or write 'evidence: []' with 'assumption: true'"), [];
    if (node.kind !== "list") return notes.add(node.line, where, "must be a list of ids, such as [E60, R07]"), [];
    if (node.items.length > rules.most_evidence) return notes.add(node.line, where, `has ${count(node.items.length)} ids; at most ${rules.most_evidence}`), [];
    for (const item of node.items) {
      if (item.kind !== "scalar") notes.add(item.line, where, "must be a list of ids, such as [E60, R07]");
      else if (!rules.evidence.includes(normalise(item.text))) notes.add(item.line, where, `${quoted(item.text)} is not in the register of evidence`);
    }
    if (!node.items.length && assumption === false) notes.add(node.line, where, "is empty; cite evidence, or write 'assumption: true'");
    return node.items.filter(item => item.kind === "scalar").map(item => normalise(item.text));
  };

  const readChange = (lever, node, where, line, source, notes) => {
    if (node.kind !== "mapping") return notes.add(line, where, "must be a mapping such as {to: 1, from: 2027/28 Q1, because: ..., evidence: [...]}"), null;
    const known = notes.list.length, fields = knownKeys(node, `${where}.`, KEYS, notes), kinds = KINDS.filter(kind => fields.has(kind));
    if (kinds.length !== 1) notes.add(line, where, `needs exactly one of to, add, scale and path, but ${kinds.length ? `has ${kinds.join(" and ")}` : "has none"}`);
    let value = 0, path = [];
    for (const kind of kinds) {
      if (kind === "path") path = readPath(lever, fields.get(kind), `${where}.path`, notes);
      else value = readValue(lever, kind, fields.get(kind), `${where}.${kind}`, notes);
    }
    const dates = readDates(lever, fields, path, where, line, notes);
    const because = requireText(fields, "because", `${where}.`, line, notes);
    const assumption = readAssumption(fields.get("assumption"), `${where}.assumption`, notes);
    const evidence = readEvidence(fields.get("evidence"), assumption, `${where}.evidence`, line, notes);
    if (notes.list.length > known) return null;
    return { lever, kind: kinds[0], value, path, ...dates, because, evidence, assumption: Boolean(assumption), where: `${source}:${line}` };
  };

  const unknownLever = name => {
    if (has(rules.tombstones, name)) return `'${name}' is no longer a lever: ${rules.tombstones[name]}`;
    if (rules.parameters.includes(name)) return `'${name}' is a parameter, not a lever: a scenario cannot change it`;
    return `${quoted(name)} is not a lever${suggest(name, Object.keys(levers)) || "; the library's README lists the levers"}`;
  };

  const readLever = (key, node, source, notes) => {
    const lever = key.text, where = `changes.${lever}`, several = node.kind === "list", parts = several ? node.items : [node];
    if (!has(levers, lever)) return notes.add(key.line, where, unknownLever(lever)), [];
    if (!parts.length) notes.add(node.line, where, "is an empty list; write a change or leave the lever out");
    const found = parts.map((part, i) => {
      const line = several ? part.line : key.line;
      const change = readChange(lever, part, several ? `${where}[${i + 1}]` : where, line, source, notes);
      return change && { change, line };
    }).filter(Boolean).sort((a, b) => a.change.start - b.change.start);
    found.slice(1).forEach((later, i) => {
      const earlier = found[i];
      if (later.change.start <= earlier.change.end) notes.add(later.line, where, `overlaps the change on line ${earlier.line}, which lasts to ${quarters[earlier.change.end]}; give the earlier one an 'until'`);
    });
    return found.map(({ change }) => change);
  };

  // ---- the file --------------------------------------------------------------------------------------------------

  /** Library scenarios by name: a file in a page can extend these only. */
  const library = () => Object.fromEntries(Object.entries(presets).filter(([, preset]) => !preset.file));

  /** The scenario of a file's bytes, and `problems`, a line each: the one null or the other empty. */
  const readBytes = (bytes, file) => {
    const notes = new Problems(file), text = nodes.decode(bytes, notes);
    const scenario = text === null ? null : readScenario(text, file, notes);
    return notes.list.length ? { scenario: null, problems: notes.lines } : { scenario, problems: [] };
  };

  const readScenario = (text, file, notes) => {
    const fields = readFields(text, notes);
    if (!fields) return null;
    const top = knownKeys(fields, "", TOP, notes), parents = readExtends(top.get("extends"), notes), body = top.get("changes"), own = [];
    if (top.has("plugin")) {
      const needed = top.get("plugin"), name = cut(String(needed.text ?? "of its own"), 80);
      notes.add(needed.line, "plugin", `this scenario needs the plug-in ${name}: a page in a browser cannot compile Python, so run it with ringfence --plugin`);
    }
    if (body?.kind === "mapping") {
      for (const [key, node] of withoutDoubles(body, "changes.", notes)) {
        if (notes.full) {
          notes.add(key.line, "changes", "has more problems; these are the first");
          break;
        }
        if (!top.has("plugin") || has(levers, key.text)) own.push(...readLever(key, node, file, notes));
      }
    } else if (body && !isEmpty(body)) notes.add(body.line, "changes", "must be a mapping from lever to change");
    const made = {
      name: file.replace(/\.ya?ml$/i, ""), title: requireText(top, "title", "", 1, notes), question: requireText(top, "question", "", 1, notes),
      interventions: readInterventions(top.get("interventions"), notes), cannot_say: top.has("cannot_say") ? requireText(top, "cannot_say", "", 1, notes) : "",
    };
    const known = library();
    for (const [parent, line] of parents) {
      const near = suggest(parent, Object.keys(known)) || "; name one of the library, or a file with its ending (.yaml)";
      if (has(known, parent)) continue;
      if (/[/\\]|\.ya?ml(@[0-9a-f]{16})?$/.test(parent)) notes.add(line, "extends", `names the file '${parent}', but a text by itself extends the library's scenarios only`);
      else notes.add(line, "extends", `there is no scenario '${parent}' in the library${near}`);
    }
    return notes.list.length ? null : inherit(made, parents.map(([parent]) => known[parent]), own);
  };

  /** Parents' changes side by side, each once, and then one's own. */
  const inherit = (made, parents, own) => {
    const key = change => JSON.stringify(change), again = new Set(own.map(key)), seen = new Map();
    for (const change of parents.flatMap(parent => parent.changes)) if (!again.has(key(change))) seen.set(key(change), change);
    const numbers = [...new Set([...made.interventions, ...parents.flatMap(parent => parent.of45)])].sort((a, b) => a - b);
    const remarks = [...new Set(parents.map(parent => parent.cannot_say).filter(Boolean))].join(" ");
    return { ...made, interventions: numbers, cannot_say: made.cannot_say || remarks, changes: [...seen.values(), ...own] };
  };

  // ---- what the form needs to know of it -------------------------------------------------------------------------

  const valuesOf = (changes, lever) => {
    const { low, high } = levers[lever], own = changes.filter(change => change.lever === lever), { baseline } = given.model.levers[lever];
    return own.length ? applied(own, baseline).map(x => Math.min(Math.max(x, low), high)) : Float64Array.from(baseline);
  };

  const courseOf = (values, start) => {
    const steps = [general(values[start])];
    for (let q = start + 1; q < values.length; q++) if (values[q] !== values[q - 1]) steps.push(`${general(values[q])} from ${quarters[q]}`);
    return steps.length <= 4 ? steps.join(", then ") : `${steps.slice(0, 2).join(", then ")}, and so on to ${steps.at(-1)}`;
  };

  const usualOf = (changes, lever) => {
    const own = changes.filter(change => change.lever === lever), values = valuesOf(changes, lever);
    const start = Math.min(...own.map(change => change.start)), end = Math.max(...own.map(change => change.end));
    const edit = { value: values[end], start, phase: Math.min(own.at(-1).phase, end - start + 1), end };
    const alone = applied([{ lever, kind: "to", path: [], ...edit, phase: edit.phase > 1 ? edit.phase : 0 }], given.model.levers[lever].baseline);
    const near = alone.every((x, q) => Math.abs(x - values[q]) <= 1e-8 + 1e-5 * Math.abs(values[q]));
    return { ...edit, one_step: near, course: courseOf(values, Math.min(rules.usual_start, start)) };
  };

  /** A scenario as something that the form can start from; `file` is its text as links carry it. */
  const asPreset = (scenario, file) => ({
    title: scenario.title, question: scenario.question, cannot_say: scenario.cannot_say, group: "Your own", of45: scenario.interventions, name: scenario.name,
    origin: "", file, changes: scenario.changes,
    levers: Object.fromEntries([...new Set(scenario.changes.map(change => change.lever))].map(lever => [lever, usualOf(scenario.changes, lever)])),
  });

  return { readBytes, asPreset, valuesOf };
};
