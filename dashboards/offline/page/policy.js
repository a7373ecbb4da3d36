/* The rules of a policy in plain words: which choice stands, what a choice sets, when it starts, how it reads, and how a
   scenario to start from is found. The explorer and the dashboard share them; nothing here touches a page. */
"use strict";

const RingfencePolicy = (given, choice) => {
  const { presets, levers, quarters, controls } = given;
  const END = quarters.length;

  /** The levers that a scenario moves, with what it does to them now. */
  const moves = one => {
    const names = new Set([...Object.keys(presets[one.preset].levers), ...one.edits.map(edit => edit.lever)]);
    return [...names].map(lever => choice.editOf(one, lever) || choice.usual(one, lever));
  };

  const valueOf = (one, lever) => (choice.editOf(one, lever) || choice.usual(one, lever)).value;
  const wanted = (option, lever) => Object.hasOwn(option.sets, lever) ? option.sets[lever] : levers[lever].last;

  /** Which choice of a control stands; -1 for something between. */
  const standing = (one, control) => control.choices.findIndex(option =>
    control.levers.every(lever => Math.abs(valueOf(one, lever) - wanted(option, lever)) < 1e-9));

  const startOf = one => Math.min(...moves(one).map(edit => edit.start), END);

  /** True where a preset takes a lever through several steps, which keep their dates. */
  const isStepped = (one, lever) => {
    const preset = presets[one.preset].levers[lever];
    return !choice.editOf(one, lever) && Boolean(preset) && !preset.one_step;
  };

  const sameDates = (a, b) => a.start === b.start && a.end === b.end;

  /** The dates that a control has, where all that it moves begins and ends together; from a quarter on, for good, otherwise. */
  const datesOf = (one, control, start) => {
    const own = moves(one).filter(({ lever, value }) => control.levers.includes(lever) && Math.abs(value - levers[lever].last) > 1e-9);
    const together = own.length && own.every(edit => sameDates(edit, own[0]) && !isStepped(one, edit.lever));
    return together ? { start: own[0].start, end: own[0].end } : { start, end: choice.LAST };
  };

  /** The scenario with a control put to one of its choices: in the years that it had, or from a quarter on. */
  const putTo = (one, control, option, from) => {
    const none = !Object.keys(option.sets).length;
    const { start, end } = none ? { start: from, end: choice.LAST } : datesOf(one, control, from);
    return control.levers.reduce((made, lever) => {
      const value = wanted(option, lever), preset = choice.usual(one, lever);
      const asPreset = Object.hasOwn(presets[one.preset].levers, lever)
        ? preset.value === value && sameDates(preset, { start, end }) && presets[one.preset].levers[lever].one_step
        : value === levers[lever].last;
      return asPreset ? choice.without(made, lever)
        : choice.withEdit(made, { lever, value, start, phase: 0, end, because: "" });
    }, one);
  };

  /** The levers whose dates are those of another and go with it: a waiver's with the ring-fence that it would lift. */
  const followers = (one, lever) => {
    const control = controls.find(({ levers: [first], follow }) => follow && first === lever), led = moves(one).find(edit => edit.lever === lever);
    return control && led ? moves(one).filter(edit => edit.lever !== lever && control.levers.includes(edit.lever) && sameDates(edit, led) &&
      !isStepped(one, edit.lever)) : [];
  };

  /** The scenario with a lever set, and the dates of what goes with it. */
  const putLever = (one, edit) => followers(one, edit.lever).reduce((made, other) =>
    sameDates(other, edit) ? made : withDates(made, other, edit), choice.withEdit(one, edit));

  /** The scenario with a lever as it is, at other dates; without an edit where the preset is just so. */
  const withDates = (one, edit, { start, end }) => {
    const preset = presets[one.preset].levers[edit.lever], moved = { ...edit, start, end };
    moved.phase = end < choice.LAST ? Math.min(moved.phase, end - start + 1) : moved.phase;
    const same = preset && !edit.because && ["value", "start", "phase", "end"].every(name => preset[name] === moved[name]);
    return same ? choice.without(one, edit.lever) : choice.withEdit(one, moved);
  };

  /** Everything that begins, moved so that the first of it begins in a quarter; what has several steps stays. */
  const startingIn = (one, quarter) => {
    const by = quarter - startOf(one);
    return moves(one).reduce((made, edit) => {
      if (isStepped(one, edit.lever)) return made;
      const start = Math.min(Math.max(edit.start + by, 0), choice.LAST);
      const end = edit.end === choice.LAST ? choice.LAST : Math.min(edit.end + by, choice.LAST);
      return withDates(made, edit, { start, end: Math.max(start, end) });
    }, one);
  };

  // ---- reading aloud ---------------------------------------------------------------------------------------------

  const told = (name, values) => given.aloud[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const yearOr = (quarter, ending) => quarters[quarter].replace(ending ? / Q4$/ : / Q1$/, "");
  const endOf = quarter => `the end of ${yearOr(quarter, true)}`;
  const when = ({ start, phase, end }) => {
    const words = phase > 1 ? told("over", { start: yearOr(start, false), count: phase }) : yearOr(start, false);
    return end < choice.LAST ? told("until", { start: words, end: yearOr(end, true) }) : words;
  };
  const joined = clauses => clauses.length < 2 ? clauses.join("") : `${clauses.slice(0, -1).join(", ")}, and ${clauses.at(-1)}`;
  const named = lever => levers[lever].meaning.split(" (")[0];

  /** When levers with dates of their own are all in force: from the last to arrive in full until the first to end. Where
      they never are together, from the first that begins. */
  const wholeOf = edits => {
    const start = Math.max(...edits.map(edit => edit.start + Math.max(edit.phase - 1, 0)));
    const end = Math.min(...edits.map(edit => edit.end));
    return start <= end ? { start, phase: 0, end } : { start: Math.min(...edits.map(edit => edit.start)), phase: 0, end: choice.LAST };
  };

  /** A lever's value as people read it: `format_setting` and `format_part` in Python. */
  const partOf = value => value === 0 || value === 1 ? ["none", "in full"][value] : `${Number((100 * value).toPrecision(3))}%`;
  const settingOf = (lever, value) => {
    const { asks, part } = levers[lever];
    if (asks && (value === 0 || value === 1)) return value ? "Yes" : "No";
    return part ? partOf(value) : String(Number(value.toPrecision(6)));
  };

  /** What a lever is set to, and what it is without the policy. */
  const setting = (one, { lever, value }) => {
    const to = settingOf(lever, value), today = settingOf(lever, levers[lever].last), words = { lever: named(lever), value: to, today };
    if (isStepped(one, lever)) return told("steps", { ...words, course: presets[one.preset].levers[lever].course });
    return told(`${to === today ? "stays" : "set"}${to === "in full" ? ".full" : ""}`, words);
  };

  /** The scenario in a sentence that can be read aloud, as `simulator/scenarios/policy_sentence.py` writes it: what begins
      together stands together, each with its date. `brief` names what somebody set first, and nothing that stays as it is. */
  const tellAloud = (one, brief) => {
    const order = Object.keys(levers), known = new Set(), spans = new Map(), own = ({ lever }) => brief && choice.editOf(one, lever) ? 0 : 1;
    const moved = moves(one).sort((a, b) => own(a) - own(b) || order.indexOf(a.lever) - order.indexOf(b.lever))
      .filter(({ lever, value }) => !brief || isStepped(one, lever) || settingOf(lever, value) !== settingOf(lever, levers[lever].last));
    const say = (edits, clause) => {
      const together = edits.every(edit => when(edit) === when(edits[0])), whole = together ? edits[0] : wholeOf(edits);
      const date = when(whole);
      if (!spans.has(date)) spans.set(date, { start: whole.start, clauses: [] });
      const parts = () => edits.map(edit => told("part", { lever: named(edit.lever), when: when(edit) })).join(", ");
      spans.get(date).clauses.push(together ? clause : told("dates", { clause, parts: parts() }));
    };
    for (const control of controls) {
      const option = control.choices[standing(one, control)];
      if (!option || control.levers.some(lever => isStepped(one, lever))) continue;
      control.levers.forEach(lever => known.add(lever));
      const edits = moved.filter(({ lever }) => Object.hasOwn(option.sets, lever));
      if (option.says && edits.length) say(edits, `${option.says} ${option.also}`.trimEnd());
    }
    const others = new Map();
    for (const edit of moved.filter(({ lever }) => !known.has(lever))) others.set(when(edit), [...(others.get(when(edit)) || []), edit]);
    for (const edits of others.values()) {
      const each = edits.slice(0, 3).map(edit => setting(one, edit)), more = edits.length - each.length;
      if (more) each.push(told(`more.${more === 1 ? "one" : "many"}`, { count: more }));
      say(edits, each.length > 2 ? joined(each) : each.join(" and "));
    }
    const parts = [...spans].sort(([, a], [, b]) => a.start - b.start).map(([date, { clauses }]) => told("from", { when: date, clauses: joined(clauses) }));
    const text = parts.join("; ");
    return text ? `${text[0].toUpperCase()}${text.slice(1)}.` : told("nothing", {});
  };
  const readAloud = one => tellAloud(one, false), readBriefly = one => tellAloud(one, true);

  /** A lever's value in a quarter from the usual start on, when today's rules no longer change. */
  const valueIn = (one, lever, quarter) => {
    const { value, start, phase, end } = choice.editOf(one, lever) || choice.usual(one, lever), { last } = levers[lever];
    if (quarter < start || quarter > end) return last;
    return last + (value - last) * Math.min(1, (quarter - start + 1) / Math.max(phase, 1));
  };

  /** The first and last quarter in which a national waiver lifts a quarter of the ring-fence or more, and the shares
      that it lifts, as `list_hints` in Python finds them; null for none. */
  const waived = one => {
    const lifting = quarters.map((_, q) => valueIn(one, "waivable", q) * valueIn(one, "waiver", q));
    const later = quarters.map((_, q) => q).filter(q => q >= given.link.usual_start && valueIn(one, "ringfence", q) * lifting[q] >= 0.25);
    if (!later.length) return null;
    const [first, last] = [later[0], later.at(-1)];
    return { first, span: `${quarters[first]} ${last === choice.LAST ? "on" : `until ${endOf(last)}`}`, shares: later.map(q => Number(lifting[q].toFixed(9))).sort((a, b) => a - b) };
  };

  /** The scenario with a lever set from a quarter on for good; without an edit where the preset does just that. */
  const setFrom = (one, lever, value, start) => {
    const edit = { lever, value, start, phase: 0, end: choice.LAST, because: "" }, preset = choice.usual(one, lever);
    const same = presets[one.preset].levers[lever]?.one_step && ["value", "start", "end"].every(name => preset[name] === edit[name]) && preset.phase < 2;
    return same ? choice.without(one, lever) : choice.withEdit(one, edit);
  };

  // ---- finding a scenario ----------------------------------------------------------------------------------------

  const entries = () => Object.entries(presets).map(([name, { title, question, words = "", of45 }]) => {
    const [meant, ...more] = words.split(";");
    return { name, title, meant, more: `${more.join(" ")} ${question}`, numbers: of45 };
  });

  /** A search through all presets, those too that a file or a link has brought since. */
  let search = null, searched = 0;
  const searchNow = () => {
    const count = Object.keys(presets).length;
    if (!search || count !== searched) [search, searched] = [RingfenceSearch.over(entries()), count];
    return search;
  };

  /** The presets that are found, the best match first: in title, question, synonyms, or as the number of an intervention;
      all of them in their order for no words. */
  const find = text => searchNow()(text).map(({ name }) => name);

  /** What is to be known about the words that are sought, before a scenario is chosen. */
  const notesOn = text => {
    const sought = text.toLowerCase().split(/[^\p{L}]+/u);
    return given.search_notes.filter(({ words }) => words.some(word => sought.includes(word))).map(({ says }) => says);
  };

  /** How a preset is offered on one line: an intervention with its number, another version of one by its name. */
  const offerOf = name => {
    const { title, of45, number, levers: set } = presets[name];
    if (!Object.keys(set).length && name === "baseline") return "Today's rules, to be changed";
    if (number) return `${number}. ${title}`;
    return of45.length === 1 ? `${title} (a version of ${of45[0]})` : title;
  };

  return { END, moves, startOf, standing, putTo, putLever, followers, startingIn, isStepped, endOf, readAloud, readBriefly, partOf, waived, setFrom, find, notesOn, offerOf };
};
