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

  /** The scenario with a control put to one of its choices, from a quarter on. */
  const putTo = (one, control, option, start) => control.levers.reduce((made, lever) => {
    const value = wanted(option, lever), preset = choice.usual(one, lever);
    const asPreset = Object.hasOwn(presets[one.preset].levers, lever)
      ? preset.value === value && preset.start === start && presets[one.preset].levers[lever].one_step
      : value === levers[lever].last;
    return asPreset ? choice.without(made, lever)
      : choice.withEdit(made, { lever, value, start, phase: 0, end: choice.LAST, because: "" });
  }, one);

  /** True where a preset takes a lever through several steps, which keep their dates. */
  const isStepped = (one, lever) => {
    const preset = presets[one.preset].levers[lever];
    return !choice.editOf(one, lever) && Boolean(preset) && !preset.one_step;
  };

  /** Everything that begins, moved so that the first of it begins in a quarter; what has several steps stays. */
  const startingIn = (one, quarter) => {
    const by = quarter - startOf(one);
    return moves(one).reduce((made, edit) => {
      if (isStepped(one, edit.lever)) return made;
      const own = choice.editOf(one, edit.lever), preset = presets[one.preset].levers[edit.lever];
      const start = Math.min(Math.max(edit.start + by, 0), choice.LAST);
      const end = edit.end === choice.LAST ? choice.LAST : Math.min(edit.end + by, choice.LAST);
      const moved = { ...edit, start, end: Math.max(start, end) };
      moved.phase = moved.end < choice.LAST ? Math.min(moved.phase, moved.end - start + 1) : moved.phase;
      const same = preset && !own?.because && ["value", "start", "phase", "end"].every(name => preset[name] === moved[name]);
      return same ? choice.without(made, edit.lever) : choice.withEdit(made, moved);
    }, one);
  };

  // ---- reading aloud ---------------------------------------------------------------------------------------------

  const yearOr = (quarter, ending) => quarters[quarter].replace(ending ? / Q4$/ : / Q1$/, "");
  const when = ({ start, phase, end }) => `${yearOr(start, false)}${phase > 1 ? `, over ${phase} quarters,` : ""}` +
    `${end < choice.LAST ? ` until the end of ${yearOr(end, true)}` : ""}`;
  const joined = clauses => clauses.length < 2 ? clauses.join("") : `${clauses.slice(0, -1).join(", ")}, and ${clauses.at(-1)}`;

  /** When levers with dates of their own are all in force: from the last to arrive in full until the first to end. Where
      they never are together, from the first that begins. */
  const wholeOf = edits => {
    const start = Math.max(...edits.map(edit => edit.start + Math.max(edit.phase - 1, 0)));
    const end = Math.min(...edits.map(edit => edit.end));
    return start <= end ? { start, phase: 0, end } : { start: Math.min(...edits.map(edit => edit.start)), phase: 0, end: choice.LAST };
  };

  /** The scenario in a sentence that can be read aloud: what begins together stands together, each with its date. */
  const readAloud = one => {
    const moved = moves(one), known = new Set(), spans = new Map();
    const say = (edits, clause) => {
      const together = edits.every(edit => when(edit) === when(edits[0])), whole = together ? edits[0] : wholeOf(edits);
      const date = when(whole);
      if (!spans.has(date)) spans.set(date, { start: whole.start, clauses: [] });
      spans.get(date).clauses.push(together ? clause : `${clause} (a part of this has other dates: see “Every lever”)`);
    };
    for (const control of controls) {
      const option = control.choices[standing(one, control)];
      if (!option) continue;
      control.levers.forEach(lever => known.add(lever));
      const edits = moved.filter(({ lever }) => Object.hasOwn(option.sets, lever));
      if (option.says && edits.length) say(edits, option.says);
    }
    const others = new Map();
    for (const edit of moved.filter(({ lever }) => !known.has(lever))) others.set(when(edit), [...(others.get(when(edit)) || []), edit]);
    for (const edits of others.values()) {
      const alone = edits.length === 1 && levers[edits[0].lever].meaning.split(" (")[0];
      say(edits, alone ? `the lever “${alone}” moves` : `${edits.length} ${spans.size ? "other " : ""}levers move`);
    }
    const parts = [...spans].sort(([, a], [, b]) => a.start - b.start).map(([date, { clauses }]) => `from ${date} ${joined(clauses)}`);
    const text = parts.join("; ");
    return text ? `${text[0].toUpperCase()}${text.slice(1)}.` : "Nothing is changed so far: this is as today's rules.";
  };

  // ---- finding a scenario ----------------------------------------------------------------------------------------

  const search = RingfenceSearch.over(Object.entries(presets).map(([name, { title, question, words = "", of45 }]) => {
    const [meant, ...more] = words.split(";");
    return { name, title, meant, more: `${more.join(" ")} ${question}`, numbers: of45 };
  }));

  /** The presets that are found, the best match first: in title, question, synonyms, or as the number of an intervention;
      all of them in their order for no words. */
  const find = text => search(text).map(({ name }) => name);

  /** How a preset is offered on one line: an intervention with its number, another version of one by its name. */
  const offerOf = name => {
    const { title, of45, number, levers: set } = presets[name];
    if (!Object.keys(set).length && name === "baseline") return "Today's rules, to be changed";
    if (number) return `${number}. ${title}`;
    return of45.length === 1 ? `${title} (a version of ${of45[0]})` : title;
  };

  return { END, moves, startOf, standing, putTo, startingIn, isStepped, readAloud, find, offerOf };
};
