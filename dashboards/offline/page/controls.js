/* The fields of the form: choose a scenario, say it in plain words, move any lever, hold an uncertain number.

   It draws what `state` holds and tells `change(selection, moving)`; nothing is kept here but which folds are `open`
   and what is wrong with a field, until something is changed. */
"use strict";

/** Words as pieces of which each signed amount is one: a browser may break a line between − and £. */
const RingfenceAmounts = words => words.split(/([−+±]£[\d.,]+)/).map((part, i) => {
  if (i % 2 === 0) return part;
  const amount = document.createElement("span");
  amount.className = "amount";
  amount.textContent = part;
  return amount;
}).filter(part => part !== "");

const RingfenceControls = (given, choice, { sample, open = new Set() }, root = document) => {
  const { letters, presets, levers, parameters, quarters, link: rules } = given;
  const { END, startOf, standing, putTo, putLever, followers, startingIn, isStepped, endOf, moves, readAloud, readBriefly, partOf, waived, setFrom, find, notesOn, offerOf } = RingfencePolicy(given, choice);
  const at_ = id => root.querySelector(`#${CSS.escape(id)}`);

  const node = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) RingfenceInPlace.listen(made, name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    const held = child => tag !== "option" && typeof child === "string" ? RingfenceAmounts(child) : child;
    made.append(...children.flat(9).filter(child => child !== null && child !== undefined).flatMap(held));
    return made;
  };

  const options = (pairs, chosen) => pairs.map(([value, words]) =>
    node("option", { value, selected: String(value) === String(chosen) }, words));

  const select = (id, label, pairs, chosen, onchange) => node("label", { class: "field", for: id }, label,
    node("select", { id, onchange: event => onchange(event.target.value) }, options(pairs, chosen)));

  /** Goes to a part of the page, without a change of the address. */
  const jump = id => {
    const place = at_(id);
    place.focus({ preventScroll: true });
    place.scrollIntoView();
  };

  /** Tells `act(opened)` of a fold at the click or key that opens or closes it. A browser's `toggle` comes later: what is
      drawn anew before it would have the fold as it was. It is heard too, for what opens a fold without a hand. */
  const watchFold = (fold, act) => {
    let told = fold.open;
    const tell = () => {
      if (!fold.isConnected || fold.open === told) return;
      told = fold.open;
      act(told);
    };
    fold.querySelector("summary").addEventListener("click", event => {
      event.preventDefault();
      fold.open = !fold.open;
      tell();
    });
    fold.addEventListener("toggle", tell);
    return fold;
  };

  const letterOf = letter => node("span", { class: `letter style-${letter}`, "aria-hidden": "true" }, letter);

  // ---- the scenario ----------------------------------------------------------------------------------------------

  /** The presets in their groups, as pairs of a group and its names. */
  const grouped = names => {
    const groups = new Map();
    for (const name of names) groups.set(presets[name].group, [...(groups.get(presets[name].group) || []), name]);
    return [...groups];
  };

  /** What a policy starts from, with a field to search by words: typing narrows the list, and only a click or Enter on a line chooses. */
  const presetField = (one, change, choose) => {
    const list = node("div", { class: "found" }), told = node("p", { class: "small", role: "status" }), notes = node("div", { class: "notes", role: "status" });
    const offer = name => node("button", {
      type: "button", class: "offer", "data-preset": name, "aria-current": name === one.preset ? "true" : false, title: presets[name].question,
      onclick: () => {
        const twin = current.slots.findIndex((other, i) => i && i !== at && other.preset === name && !other.edits.length);
        if (twin < 0) start(name);
        else stands(name, twin);
      },
    }, offerOf(name));
    const start = name => {
      open.delete("preset");
      replaced = one.edits.length || one.title || Object.keys(presets[one.preset].levers).length ? { was: one, now: name } : null;
      change(choice.slot(name));
    };
    /** What is compared already is not compared with itself unless somebody asks for it. */
    const stands = (name, twin) => {
      const { letter } = current.slots[twin];
      told.replaceChildren(`“${presets[name].title}” is there already, as ${letter}. `,
        node("button", { type: "button", "data-keep": "to-twin", onclick: () => { open.delete("preset"); choose(twin); } }, `Go to ${letter}`), " ",
        node("button", { type: "button", onclick: () => start(name) }, `Start ${current.slots[at].letter} from it too`));
      told.scrollIntoView({ block: "nearest" });
    };
    const show = text => {
      const names = find(text);
      const shown = text.trim() && names.length ? [["Best match first", names]] : grouped(names);
      list.replaceChildren(...shown.map(([group, some]) => node("div", { role: "group", "aria-label": group || "Today" },
        group ? node("p", { class: "group", "aria-hidden": "true" }, group) : null, some.map(offer))));
      notes.replaceChildren(...notesOn(text).map(says => node("p", { class: "note" }, says)));
      told.textContent = names.length ? `${names.length} to start from.` : `Nothing is called that. Try “peer support”, “trusts”, or the number of an intervention.`;
    };
    const step = (event, by) => {
      const offers = [...list.querySelectorAll("button")], next = offers[offers.indexOf(event.target) + by];
      event.preventDefault();
      (next || (by < 0 ? sought : offers.at(-1)))?.focus();
    };
    const sought = node("input", {
      type: "search", id: "sought", autocomplete: "off", maxlength: 60, "data-keep": "sought", placeholder: "peer support, trusts, 14 …",
      oninput: event => show(event.target.value),
      onkeydown: event => event.key === "ArrowDown" && step(event, 1),
    });
    list.addEventListener("keydown", event => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by) step(event, by);
    });
    return node("div", { class: "picker" }, fold("preset", ["Start from: ", node("b", { id: "preset-title" }, presets[one.preset].title)], () => {
      show("");
      return [node("label", { class: "field", for: "sought" }, "Find by what it does, or by its number in the list of 45 interventions", sought), notes, told, list];
    }, "fold-preset", "find"), node("p", { class: "small" }, `${isChanged(one) ? "Before your changes: " : ""}${presets[one.preset].question}`), tellReplaced(one, change));
  };

  /** What stood here before another policy was chosen in its place, and the way back, until this one is changed. */
  let replaced = null;
  const tellReplaced = (one, change) => {
    if (!replaced || replaced.was.letter !== one.letter || replaced.now !== one.preset || one.edits.length || one.title) return null;
    const { was } = replaced;
    return node("p", { class: "small", role: "status", id: "replaced" }, `${one.letter} was “${choice.shown(was)}”. `,
      node("button", { type: "button", "data-keep": "back-to-replaced", onclick: () => { replaced = null; change(was); } }, "Undo"));
  };

  /** Whether a policy is no longer what it started from. */
  const isChanged = one => one.edits.some(edit => {
    const own = choice.usual(one, edit.lever);
    return ["value", "start", "phase", "end"].some(part => edit[part] !== own[part]);
  });

  // ---- plain words -----------------------------------------------------------------------------------------------

  const plainField = (one, control, start, change) => {
    const at = standing(one, control);
    return node("fieldset", {}, node("legend", {}, control.label), node("div", { class: "choices" },
      control.choices.map((option, i) => node("label", {}, node("input", {
        type: "radio", name: `plain-${control.key}`, value: i, checked: i === at, "data-keep": `plain-${control.key}-${i}`,
        onchange: () => change(putTo(one, control, option, start)),
      }), option.label))),
    control.note && at >= 0 && Object.keys(control.choices[at].sets).length ? node("p", { class: "small" }, control.note) : null);
  };

  const startField = (one, start, change) => {
    const stay = moves(one).filter(edit => isStepped(one, edit.lever)).map(edit => levers[edit.lever].meaning);
    return [select("start", "Starts in", given.years.map((year, i) => [4 * i, year]).concat(
      start % 4 ? [[start, quarters[start]]] : []), start, value => change(startingIn(one, Number(value)), Number(value))),
    ...stay.length ? [node("p", { class: "small" }, `Several steps, which keep their dates: ${stay.join("; ")}.`)] : []];
  };

  const faults = new Map();

  /** What is wrong with a field, said at the field; what was typed stays in it, also where the form is drawn again. */
  const fault = (input, words) => {
    faults.set(input.id, { words, typed: input.value });
    const id = `${input.id || input.dataset.keep}-fault`, told = at_(id) || node("p", { class: "wrong", id, role: "alert" });
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", id);
    told.textContent = words;
    if (!told.isConnected) (input.closest(".row, .field") || input).after(told);
  };
  const capital = words => `${words[0].toUpperCase()}${words.slice(1)}`, sentence = words => `${capital(words)}.`;

  /** What a lever rests on: what its badge means, and what its sources say, with their addresses. */
  const evidenceOf = (lever, { rests, evidence, meaning }) => {
    const { badges, entries } = given.evidence, sources = evidence.length === 1 ? "1 source" : `${evidence.length} sources`;
    return fold(`evidence-${lever}`, [node("span", { class: "hidden" }, `${meaning}: `), `${capital(rests)}, ${sources}`], () => [
      node("p", { class: "small" }, badges[rests]),
      node("ul", { class: "small" }, evidence.map(id => node("li", {}, `${entries[id].says} (${id}, ${entries[id].strength}) `,
        node("cite", {}, entries[id].source), entries[id].url.flatMap(url => [" ", node("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url)])))),
    ], `evidence-${lever}`);
  };

  // ---- every lever -----------------------------------------------------------------------------------------------

  const leverField = (one, lever, change) => {
    const { meaning, low, high, step, bounds, course, asks } = levers[lever], own = choice.editOf(one, lever);
    const preset = Object.hasOwn(presets[one.preset].levers, lever) ? presets[one.preset].levers[lever] : null;
    const edit = own || choice.usual(one, lever), id = `lever-${lever}`;
    const wrong = node("p", { class: "wrong", role: "alert" }, faults.get(id)?.words), whole = choice.isSwitch(lever);
    /** Takes what is right; what is wrong is said beside it, and the fields show again what stands. */
    const put = (more, moving = false) => {
      const now = choice.editOf(current.slots[at], lever) || choice.usual(current.slots[at], lever), made = { ...now, ...more };
      const problem = choice.problemOf(made);
      wrong.textContent = problem && `${problem}. This was not applied, and the answer is unchanged.`;
      if (problem) faults.set(id, { words: wrong.textContent });
      if (!problem) return change(putLever(current.slots[at], made), moving);
      if (asks) return void (answer.value = now.value);
      box.value = choice.number(now.value);
      slider.value = now.value;
      return undefined;
    };
    /** Yes or No; what a file or a link set between them stands beside these. */
    const answer = asks ? node("select", { id, "data-keep": id, onchange: event => put({ value: Number(event.target.value) }) },
      options([[0, "No"], [1, "Yes"], ...[0, 1].includes(edit.value) ? [] : [[edit.value, choice.number(edit.value)]]], edit.value)) : null;
    const held = value => Math.min(high, Math.max(low, Number(Number(value).toFixed(6))));
    const slider = node("input", { type: "range", id, min: low, max: high, step: "any", "aria-valuetext": choice.number(edit.value), "data-keep": id });
    slider.value = edit.value;
    const box = node("input", { type: "number", min: low, max: high, step: "any", "aria-label": `Number: ${meaning}`, "data-keep": `${id}-box` });
    box.value = choice.number(edit.value);
    const snapped = value => held(low + Math.round((value - low) / step) * step);
    slider.addEventListener("input", () => {
      const value = snapped(slider.value);
      box.value = choice.number(value);
      slider.setAttribute("aria-valuetext", choice.number(value));
      put({ value }, true);
    });
    slider.addEventListener("change", () => put({ value: snapped(slider.value) }));
    slider.addEventListener("keydown", event => {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 5, PageDown: -5 }[event.key];
      if (!by) return;
      event.preventDefault();
      put({ value: held(Number(slider.value) + by * step) });
    });
    box.addEventListener("change", () => {
      if (box.value !== "") put({ value: Number(Number(box.value).toFixed(6)) });
      else change(current.slots[at]);
    });
    const phases = [...new Set([...rules.phases, edit.phase])].sort((a, b) => a - b);
    const small = (name, words, pairs, chosen, take) => node("label", {}, `${words} `, node("select", {
      "aria-label": `${words}: ${meaning}`, "data-keep": `${id}-${name}`, onchange: event => take(Number(event.target.value)),
    }, options(pairs, chosen)));
    const named = quarters.map((quarter, q) => [q, quarter]), carried = followers(one, lever).map(other => levers[other.lever].meaning.split(" (")[0]);
    return node("div", { class: own || preset ? "lever moved" : "lever", "data-lever": lever },
      node("label", { for: id }, meaning), node("div", { class: "row" }, ...asks ? [answer] : [slider, box]),
      node("div", { class: "row" }, small("start", "From", named, edit.start, start => put({ start, end: Math.max(start, edit.end) })),
        whole ? null : small("phase", "Arrives", phases.map(n => [n, n > 1 ? `over ${n} quarters` : "at once"]), edit.phase > 1 ? edit.phase : 0, phase => put({ phase })),
        small("end", "Until", [...named.slice(0, -1).map(([q]) => [q, endOf(q)]), [choice.LAST, `no end (the model's last year is ${quarters.at(-1).split(" ")[0]})`]], edit.end, end => put({ end })),
        own ? node("button", { type: "button", "data-keep": `${id}-back`, "aria-label": `As before: ${meaning}`, onclick: () => change(choice.without(current.slots[at], lever)) }, "As before") : null),
      node("p", { class: "small" }, `${bounds}. In “${presets[one.preset].title}”: ${preset ? preset.course : course}${preset && !preset.one_step ? "; what you set stands instead of all these steps" : ""}.`),
      carried.length ? node("p", { class: "small" }, `These dates are also those of: ${carried.join("; ")}.`) : null,
      evidenceOf(lever, levers[lever]),
      wrong, own ? node("label", { class: "field" }, "Why? ", node("input", {
        type: "text", maxlength: rules.longest_reason, value: own.because, "aria-label": `Why: ${meaning}`, "data-keep": `${id}-why`,
        onchange: event => put({ because: event.target.value.trim() }),
      })) : null);
  };

  /** Levers by their words, and by those of the plain choices and of the library's smaller policies that set them. */
  let leverSearch = null, soughtLever = "";
  const findLevers = text => {
    const few = Object.values(presets).filter(preset => Object.keys(preset.levers).length <= 3);
    leverSearch ||= RingfenceSearch.over(Object.entries(levers).map(([name, { meaning }]) => ({
      name, title: meaning, meant: given.controls.filter(control => control.levers.includes(name)).map(control => control.label).join(" "),
      more: few.filter(preset => Object.hasOwn(preset.levers, name)).map(preset => `${preset.title} ${preset.words || ""}`).join(" "), numbers: [],
    })));
    return leverSearch(text).map(({ name }) => name);
  };
  /** Every lever: a field to search among them, and what is found, or all in their groups. */
  const leverFields = put => {
    const told = node("p", { class: "small", role: "status" }), list = node("div", {});
    const show = () => {
      const names = soughtLever.trim() ? findLevers(soughtLever) : [];
      told.textContent = !soughtLever.trim() ? "" : names.length ? `${names.length} of ${Object.keys(levers).length} levers.` : "No lever is called that.";
      list.replaceChildren(...soughtLever.trim() ? names.map(lever => leverField(current.slots[at], lever, put))
        : given.lever_groups.map(([words, some]) => fold(`group-${words}`, words, () => some.map(lever => leverField(current.slots[at], lever, put)))));
    };
    show();
    return [node("label", { class: "field", for: "sought-lever" }, "Find a lever", node("input", {
      type: "search", id: "sought-lever", autocomplete: "off", maxlength: 60, "data-keep": "sought-lever", value: soughtLever, placeholder: "trusts, audit, waiver …",
      oninput: event => { soughtLever = event.target.value; show(); },
    })), told, list];
  };

  // ---- uncertain numbers, futures, seed --------------------------------------------------------------------------

  const heldFields = (selection, change) => {
    const held = Object.entries(selection.settings), free = Object.keys(parameters).filter(name => !Object.hasOwn(selection.settings, name));
    const set = settings => change({ ...selection, settings });
    const list = held.map(([name, value]) => {
      const { plain, low, high } = parameters[name], meaning = capital(plain);
      const box = node("input", {
        type: "number", min: low, max: high, step: "any", value, "data-keep": `held-${name}`, "aria-label": `${meaning}, held at`,
        onchange: event => {
          const wish = Number(event.target.value), good = event.target.value !== "" && wish >= low && wish <= high;
          set({ ...selection.settings, [name]: good ? Number(wish.toFixed(6)) : value });
        },
      });
      return node("div", { class: "lever moved" }, node("span", { class: "name" }, meaning), node("div", { class: "row" }, box, node("span", { class: "small" }, `${low} to ${high}`),
        node("button", { type: "button", "aria-label": `Leave free: ${meaning}`, onclick: () => set(Object.fromEntries(held.filter(([other]) => other !== name))) }, "Leave free")));
    });
    return [node("p", { class: "small" }, "What nobody has measured differs from future to future. Hold a number to ask what if it were known: leaders' pull at 0 asks what if leaders made no difference. Today's rules have the same number."),
      list, select("hold", "Hold a number", [["", "Choose one"], ...free.map(name => [name, capital(parameters[name].plain)])], "",
        name => name && set({ ...selection.settings, [name]: parameters[name].middle }))];
  };

  const runFields = (selection, change) => [
    select("futures", "Futures", [...new Set([...rules.choices, given.futures, selection.n])].sort((a, b) => a - b).map(n => [n, n.toLocaleString("en-GB")]), selection.n,
      n => change({ ...selection, n: Number(n) })),
    node("label", { class: "field", for: "seed" }, "Seed of chance", node("input", {
      type: "text", id: "seed", inputmode: "numeric", maxlength: 20, value: selection.seed,
      onchange: event => {
        const seed = choice.readSeed(event.target.value.trim());
        change(seed === null ? selection : { ...selection, seed }, false, seed === null ? "A seed is a whole number from 0 to 18446744073709551615." : "");
      },
    })),
    node("p", { class: "small" }, "More futures make the average surer; they do not narrow what may happen."),
  ];

  // ---- the whole form --------------------------------------------------------------------------------------------

  const fold = (key, words, make, keep = null, part = null) => {
    const body = node("div", {}), made = node("details", { open: open.has(key), "data-fold": key, "data-part": part }, node("summary", { "data-keep": keep }, words), body);
    if (open.has(key)) body.append(...[make()].flat(9));
    return watchFold(made, opened => {
      if (opened) open.add(key);
      else open.delete(key);
      body.replaceChildren(...(opened ? [make()].flat(9) : []));
    });
  };

  let current, at, faultsOf = "", wishedStart = rules.usual_start;

  const draw = (selection, slotAt, { change, choose, remarks = () => [] }) => {
    current = selection;
    at = slotAt;
    const one = selection.slots[at];
    if (faultsOf !== `${one?.letter} ${one?.preset}`) faults.clear();
    faultsOf = `${one?.letter} ${one?.preset}`;
    const put = (made, moving = false) => {
      faults.clear();
      change({ ...current, slots: current.slots.map((other, i) => i === at ? { ...made, letter: other.letter } : other) }, moving);
    };
    at_("slots").replaceChildren(node("span", { class: "small" }, "Change"), ...selection.slots.slice(1).map((other, i) => node("button", {
      type: "button", "aria-pressed": String(i + 1 === at), "aria-label": `${other.letter}: ${choice.shown(other)}`, "data-keep": `slot-${other.letter}`, onclick: () => choose(i + 1),
    }, sample(choice.styleOf(other.letter)), ` ${other.letter}`)),
    selection.slots.length < letters.length ? node("button", {
      type: "button", "data-keep": "add", onclick: () => {
        const { slots, at: place } = choice.added(current.slots, choice.slot("baseline"));
        change({ ...current, slots }, false, "", place);
      },
    }, "Add") : node("span", { class: "small" }, `${letters.length - 1} at most`));
    if (!one || at === 0) {
      at_("controls").replaceChildren(node("p", {}, "Only today's rules are left. Add a scenario to change something."));
      return;
    }
    const begins = startOf(one), start = begins < END ? begins : wishedStart;
    at_("controls").replaceChildren(
      presetField(one, made => put(made), choose),
      ...startField(one, start, (made, quarter) => { wishedStart = quarter; put(made); if (begins >= END) draw(current, at, { change, choose, remarks }); }),
      ...given.controls.map(control => plainField(one, control, start, made => put(made))),
      node("p", { class: "reads", id: "reads" }, readAloud(one)),
      ...remarks(),
      node("p", { class: "jump" }, node("a", { href: "#answer", id: "to-answer", onclick: event => { event.preventDefault(); jump("answer"); } }, "To the answer")),
      node("div", { class: "tools" },
        node("button", { type: "button", disabled: !one.edits.length && !one.title, "data-keep": "reset", onclick: () => put(choice.slot(one.preset)) }, "Reset"),
        node("button", { type: "button", "data-keep": "drop", onclick: () => change({ ...current, slots: current.slots.filter((_, i) => i !== at) }, false, "", Math.max(1, at - 1)) }, `Remove ${one.letter}`)),
      fold("levers", `Every lever (${Object.keys(levers).length} levers)`, () => leverFields(put)),
      node("label", { class: "field", for: "titled" }, "Title of your own (optional)", node("input", {
        type: "text", id: "titled", maxlength: rules.longest_title, value: one.title,
        onchange: event => {
          const title = event.target.value.trim(), problem = choice.textProblem(title, rules.longest_title, "a title") || choice.titleProblem({ ...one, title });
          if (problem) fault(event.target, sentence(problem));
          else put({ ...one, title: choice.isPlain({ ...one, title }) ? "" : title });
        },
      })),
      ...parameters ? [fold("held", `Hold an uncertain number${Object.keys(selection.settings).length ? ` (${Object.keys(selection.settings).length} held)` : ""}`, () => heldFields(current, change)),
      fold("run", "Futures and seed", () => runFields(current, change))] : [],
    );
    for (const [id, { words, typed }] of faults) {
      const input = typed === undefined ? null : at_(id);
      if (input) fault(Object.assign(input, { value: typed }), words);
    }
  };

  /** The same while a slider moves: the form stays, for the hand is on it. */
  const follow = (selection, slotAt) => {
    current = selection;
    at = slotAt;
    const reads = at_("reads");
    const said = readAloud(selection.slots[at]);
    if (reads && reads.textContent !== said) reads.textContent = said;
  };

  return { node, options, jump, fold, watchFold, letterOf, draw, follow, readAloud, readBriefly, partOf, waived, setFrom, putTo, startingIn, standing };
};
