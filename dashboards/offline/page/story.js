/* One board in one future: what it decided and why. The worker answers (`why.js`); this asks, and shows it.

   It is asked only while its fold is open, after the answer is on the screen, and at most four times a second, so that a
   lever that moves is answered first; off the screen it waits until the hand rests. `page` are what it borrows from app.js. */
"use strict";

const RingfenceStory = (given, choice, words, charts, { node, options, letterOf, watchFold }, page) => {
  const WAIT = 250, SHOWN = 6, CENTILES = [["usual", 0.5], ["poor", 0.1], ["good", 0.9]];
  const { areas, quarters, link: rules } = given, { fill, fixed, listed } = words;
  const codes = given.model.codes, at = id => document.getElementById(id);
  const signed = x => `${x < 0 ? "−" : "+"}${fixed(Math.abs(x), 2)}`;
  const state = { open: false, board: 0, shown: "B", against: "A", future: null, centile: 0.5, chosen: "", typical: "", question: "", picked: false, data: null, pair: ["B", "A"], asked: 0, last: 0, timer: 0, years: new Set(), fresh: true, jump: false };
  let fold = null;

  // ---- asking ----------------------------------------------------------------------------------------------------

  /** The choice, by letters, with the scenarios that there are: instead of one that is gone the next. */
  const within = () => {
    const { slots } = page.question(), { shown: first, against: second } = choice.usualStory(slots);
    const letters = slots.map(one => one.letter);
    if (!state.picked) Object.assign(state, { shown: first, against: second });
    const shown = letters.find(letter => letter >= state.shown) || letters.at(-1);
    return { shown, against: letters.includes(state.against) && state.against !== shown ? state.against : "" };
  };

  const ask = () => {
    if (!state.open || !page.ready()) return;
    const { shown, against } = within(), question = page.question();
    const slots = [shown, against].filter(Boolean).map(letter => question.slots.find(one => one.letter === letter));
    clearTimeout(state.timer);
    state.timer = 0;
    state.asked++;
    state.pair = [shown, against];
    state.question = JSON.stringify([slots[0], question.n, question.seed, question.settings, question.outcome, page.span()]);
    state.last = performance.now();
    say("working", state.future === null ? "Looking for such a future…" : at("story-state").textContent);
    page.post({ ...question, id: state.asked, kind: "story", slots, board: state.board, future: state.future, centile: state.centile, span: page.span() });
  };

  /** An answer is on the screen: the story of the same scenarios comes after it. */
  const follow = () => {
    if (!state.open) return;
    fillChoices();
    say("working", at("story-state").textContent);
    if (state.timer) return;
    state.timer = setTimeout(() => {
      state.timer = 0;
      requestAnimationFrame(() => page.final() || onScreen() ? ask() : null);
    }, Math.max(0, WAIT - (performance.now() - state.last)));
  };

  const onScreen = () => {
    const { top, bottom } = fold.getBoundingClientRect();
    return top < window.innerHeight && bottom > 0;
  };

  const say = (kind, text) => {
    const place = at("story-result");
    if (place.dataset.state !== kind) {
      place.dataset.state = kind;
      place.setAttribute("aria-busy", String(kind === "working"));
    }
    if (at("story-state").textContent !== text) at("story-state").textContent = text;
  };

  const hear = data => {
    if (data.id !== state.asked || !state.open) return;
    if (data.problem !== undefined) {
      at("story-result").replaceChildren(node("p", { class: "note bad" }, `This cannot be worked out: ${data.problem}.`));
      return say("problem", "");
    }
    if (data.done) return say("working", `Looking for such a future: ${words.count(data.done)} of ${words.count(data.n)}…`);
    if (data.typical) {
      state.future = data.future;
      state.chosen = whichWords(data.typical);
      state.typical = state.question;
      at("story-future").value = state.future;
      page.keepLink();
    }
    state.data = { ...data, pair: state.pair };
    say("done", `Future ${words.count(data.future)} is shown.`);
    return draw();
  };

  const whereWords = () => ({ 0.5: "nearest its average", 0.1: "nearest its worst tenth", 0.9: "nearest its best tenth" })[state.centile];

  /** How the future was chosen. Its amount belongs to one question alone: under another nothing is said of it. */
  const chosenWords = () => !state.typical || state.typical === state.question ? state.chosen
    : `When it was chosen, before something was changed, this board ended ${whereWords()} in it. It stays chosen while levers move; the buttons above look for another.`;

  /** What a board has in a future and on average: `describe_future_beside_average` in Python. */
  const besideAverage = ({ value, average, change, changes }, [shown, against]) => {
    const amount = x => fill(`story.beside.${x >= 0 ? "more" : "less"}`, { size: words.average(Math.abs(x)) });
    if (!Number.isFinite(value)) return fill("story.beside.none");
    return fill("story.beside", { new: shown, here: words.average(value), average: words.average(average) })
      + (Number.isFinite(change) ? fill("story.beside.change", { old: against, here: amount(change), average: amount(changes) }) : "");
  };

  const whichWords = ({ n, less, ...values }) => {
    const kind = state.centile === 0.5 ? "story.usual" : "story.other";
    return `${fill(kind, { n: words.count(n), less: words.counted(100 * less, 100 * n), beside: besideAverage(values, state.pair) })} It stays chosen while levers move.`;
  };

  // ---- choosing --------------------------------------------------------------------------------------------------

  const chosenFields = () => ({ ...within(), board: state.board, future: state.future });

  const pick = (more, kept = false) => {
    Object.assign(state, more, { picked: state.picked || "shown" in more || "against" in more });
    if (!kept) Object.assign(state, { future: null, centile: 0.5, chosen: "", typical: "" });
    fillChoices();
    page.keepLink();
    ask();
  };

  const pickFuture = text => {
    const future = /^\d{1,6}$/.test(text.trim()) ? Number(text) : -1, good = future >= 0 && future < rules.most;
    at("story-future").setAttribute("aria-invalid", String(!good));
    if (!good) return say("problem", `A future has a number from 0 to ${words.count(rules.most - 1)}.`);
    return pick({ future, chosen: "One of many futures, each as likely as the others.", typical: "" }, true);
  };

  const names = areas.map((area, i) => [i, area.name]).sort((a, b) => a[1].localeCompare(b[1], "en-GB"));

  let filled = "";
  /** Puts the choices into their fields, where they are others than those that stand there. */
  const fillChoices = () => {
    const titles = page.question().slots.map(({ letter, title }, i) => [letter, i ? `${letter}: ${title}` : "A: today's rules"]), { shown, against } = within();
    const wanted = JSON.stringify([titles, state.board, shown, against, state.future]);
    if (filled === wanted) return;
    filled = wanted;
    at("story-board").replaceChildren(...options(names, state.board));
    at("story-shown").replaceChildren(...options(titles, shown));
    at("story-against").replaceChildren(...options([["", "Nothing"], ...titles.filter(([letter]) => letter !== shown)], against));
    if (document.activeElement !== at("story-future")) at("story-future").value = state.future ?? "";
  };

  const field = (id, label, make) => node("label", { class: "field", for: id }, label, make);
  const select = (id, label, change) => field(id, label, node("select", { id, onchange: event => change(event.target.value) }));

  const controls = () => [
    node("div", { class: "choose" },
      select("story-board", "Board", board => pick({ board: Number(board) })),
      select("story-shown", "Under", shown => pick({ shown }, true)),
      select("story-against", "Compared with", against => pick({ against }, true)),
      field("story-future", `Future (0 to ${words.count(rules.most - 1)}; the answer uses the first of them)`, node("input", {
        type: "text", id: "story-future", inputmode: "numeric", maxlength: 6, autocomplete: "off", onchange: event => pickFuture(event.target.value),
      }))),
    node("div", { class: "tools" },
      CENTILES.map(([name, centile]) => node("button", { type: "button", onclick: () => pick({ future: null, centile }, true) }, fill(`story.choice.${name}`))),
      node("button", { type: "button", onclick: () => pickFuture(String(Math.floor(Math.random() * page.question().n))) }, "Another future")),
    node("p", { id: "story-state", class: "small", role: "status" }),
    node("div", { id: "story-result" })];

  const toggle = (opened, kept = true) => {
    if (opened === state.open) return;
    state.open = opened;
    if (opened) {
      if (!at("story-board")) {
        fold.append(...controls());
        filled = "";
      }
      fillChoices();
      ask();
    }
    if (kept) page.keepLink();
  };

  /** Puts the fold into the page; with a choice from a link it stands open. */
  const begin = (wished, jump) => {
    const usual = choice.usualStory(page.question().slots);
    Object.assign(state, { open: false, board: names[0][0], centile: 0.5, chosen: "", typical: "", data: null, years: new Set(), fresh: true, ...usual, ...(wished || {}), picked: Boolean(wished), jump });
    if (state.future !== null) state.chosen = "One of many futures, each as likely as the others.";
    fold = node("details", { id: "story-fold" }, node("summary", {}, "An invented example: what one board did with the money in one future, and why"));
    watchFold(fold, opened => toggle(opened));
    at("story").replaceChildren(node("p", { class: "small" }, "Find a board by its name, choose one below or on the map above: the model says what it decided in one of the futures, and what made it decide so."), ...RingfenceBoardSearch(given, words, { node }).field(open), fold);
    if (!wished) return;
    fold.open = true;
    toggle(true, false);
  };

  /** Opens the fold and goes there; once more when the story has come, for what is put in may push its heading away. */
  const show = () => {
    state.jump = at("story-result")?.dataset.state !== "done";
    fold.open = true;
    fold.querySelector("summary").focus({ preventScroll: true });
    at("story-h").scrollIntoView();
  };

  /** Opens a board's story from elsewhere on the page. */
  const open = board => {
    state.board = board;
    Object.assign(state, { future: null, centile: 0.5, chosen: "", typical: "" });
    if (state.open) pick({ board });
    show();
  };

  /** A click on a tile of the map opens its board. */
  const onMap = (svg, tiles) => {
    svg.classList.add("clickable");
    svg.addEventListener("click", event => {
      const [column, row] = charts.tileAt(svg, event), board = tiles.findIndex(tile => tile.column === column && tile.row === row);
      if (board < 0) return;
      open(board);
    });
  };

  // ---- showing ---------------------------------------------------------------------------------------------------

  const decidedBy = d => d.by ? `${areas[d.area].name} (${d.by})` : areas[state.data.board].name;
  /** What a story is about: an invented example with this board's facts, never the board itself. */
  const example = board => {
    const area = areas[board], merges = area.merges < quarters.length && areas.some((other, i) => i !== board && other.head === area.head);
    return fill("story.invented", { whose: area.name.endsWith("s") ? `${area.name}'` : `${area.name}'s`, facts: fill(merges ? "story.facts.merged" : "story.facts") });
  };
  const heading = () => `${invented()}, under “${state.data.titles[0]}”`;
  const invented = () => `${example(state.data.board)}, in future ${words.count(state.data.future)} of seed ${page.question().seed}`;

  /** What adds up to a decision, in log-odds, for the money or against it: pulls, what else counts, chance, and their sum. */
  const rowsOf = d => {
    const helps = d.helps, ranked = d.ranked.filter(({ value }) => Math.abs(value) >= 0.005);
    const shown = ranked.length > SHOWN + 1 ? ranked.slice(0, SHOWN) : ranked, smaller = d.ranked.slice(shown.length);
    const sum = list => list.reduce((total, { value }) => total + value, 0), bar = (name, value, kind = "pull") => ({ name, value, shown: signed(value), kind });
    const rows = shown.map(({ name, value }) => bar(fill(`pull.${name}`), value));
    if (smaller.length) rows.push(bar(smaller.length === 1 ? fill(`pull.${smaller[0].name}`) : `${smaller.length} smaller ones together`, sum(smaller)));
    const other = helps * d.pull - sum(d.ranked);
    if (Math.abs(other) > 1e-9) rows.push(bar(d.ranked.length ? "another way to go on, into mainstream budgets" : "its chance", other));
    rows.push(bar(`what chance adds (draw ${fixed(d.draw, 3)})`, helps * (d.share ? d.odds : -d.odds), "chance"));
    return [...rows, bar("together", -helps * d.flip, "total")];
  };

  const pictureOf = (d, i) => {
    const rows = rowsOf(d), title = `${invented()}: ${quarters[d.quarter]}, ${fill(`decision.${d.event}.question`)}`;
    const svg = charts.pulls(`pulls${i}`, title, `${rows.map(row => `${row.name} ${row.shown}`).join("; ")}.`, rows,
      [`${fill("story.mark")}: future ${words.count(state.data.future)}, ${quarters[d.quarter]}`]);
    const stem = `board-${codes[state.data.board]}-future-${state.data.future}-decision-${i + 1}`;
    const csv = [[fill("story.mark"), invented()], ["Decision", d.sentence], ["Weight of a reason: above 0 for the money, below 0 against it", "Value"],
      ...d.ranked.map(({ name, value }) => [fill(`pull.${name}`), value]), ["chance of a yes", d.chance], ["draw", d.draw]];
    return { svg, tools: page.tools(`decision-${i + 1}`, title, svg, csv, stem) };
  };

  const chanceWords = d => d.share ? "" : `Drawn ${fixed(d.draw, 3)} against a chance of ${fixed(d.chance, 3)}: ${d.taken ? "below it, so yes" : "not below it, so no"}.`;

  const decision = (d, i) => {
    const copy = page.copyButton(`${quarters[d.quarter]}, ${fill(`decision.${d.event}.question`)}`, quoted(d.sentence));
    const { svg, tools } = d.ranked.length ? pictureOf(d, i) : { svg: null, tools: node("div", { class: "tools" }) };
    tools.prepend(copy);
    const by = d.by ? node("p", { class: "small" }, `${d.by} is ${areas[d.area].name}: both act as one board by then.`) : null;
    return node("li", { class: "decision" },
      node("div", {}, node("p", {}, d.plain), by, figures(node("p", {}, d.sentence), chanceWords(d) ? node("p", { class: "small" }, chanceWords(d)) : null), tools),
      svg ? node("div", { class: "pulls" }, svg) : null);
  };

  /** What stands behind plain words. */
  const figures = (...inside) => node("details", { "data-figures": "" }, node("summary", {}, fill("story.head.figures")), ...inside);

  /** A sentence to take away: whose it is, and that the future is made up. */
  const quoted = sentence => `${invented()}\n${sentence}\n${fill("why.caveat")}`;

  /** What `ringfence why` prints, but for its last line on the fit. */
  const wholeText = () => {
    const { decisions, money, divergence } = state.data.told;
    const lines = decisions.length ? decisions.map(d => `- ${d.sentence}`) : [`- ${fill("why.nothing")}`];
    return [heading(), fill("why.caveat"), "", ...lines, "", ...money, ...(divergence ? ["", divergence.sentence] : [])].join("\n");
  };

  /** What `ringfence why --json` gives, with the page's link in the place of its command. A seed may be longer than a number here. */
  const traceText = () => {
    const text = JSON.stringify({ ...state.data.told.document, link: page.link() }, null, 2);
    return `${text.replace(/^  "seed": "(\d+)"/m, '  "seed": $1')}\n`;
  };

  const year = (y, decisions) => {
    const body = node("div", {}), made = node("details", { open: state.years.has(y), "data-year": y }, node("summary", {}, state.data.told.money[y]), body);
    const draw = () => body.replaceChildren(...(made.open ? [node("ul", { class: "decisions" },
      decisions.length ? decisions.map(([d, i]) => decision(d, i)) : node("li", {}, fill("why.nothing")))] : []));
    draw();
    return watchFold(made, opened => {
      if (opened) state.years.add(y);
      else state.years.delete(y);
      draw();
    });
  };

  /** The plan or raid that cost this board's purpose most. */
  const costliest = decisions => decisions.filter(({ cost }) => cost > 5e-4).reduce((best, d) => !best || d.cost > best.cost ? d : best, null);

  const highlights = ({ decisions, divergence }) => {
    const [from, to] = page.span(), inSpan = costliest(decisions.filter(({ quarter }) => Math.floor(quarter / 4) >= from && Math.floor(quarter / 4) < to));
    const ever = costliest(decisions), costly = inSpan || ever;
    const close = decisions.filter(({ event }) => ["plan", "raid"].includes(event)).reduce((best, d) => !best || Math.abs(d.flip) < Math.abs(best.flip) ? d : best, null);
    const cards = costly ? [[fill(`story.head.${inSpan ? "cost" : "none_then"}`, { cost: ` (${costly.cost_words})`, span: words.span(given.years[from], given.years[to - 1]) }), costly.plain, costly.sentence]]
      : [[fill("story.head.none"), fill("story.none", { poor: fill("story.choice.poor") })]];
    if (close && close !== costly && close !== ever) cards.push([fill("story.head.close"), close.plain, close.sentence]);
    if (divergence) cards.push([fill("story.head.diverge"), divergence.plain || divergence.sentence, divergence.plain ? divergence.sentence : ""]);
    return node("div", { class: "says" }, cards.map(([head, text, full]) => node("div", { class: "say" }, node("h4", {}, head), node("p", {}, text),
      full && full !== text ? figures(node("p", {}, full)) : null, page.copyButton(head, quoted(full || text)))));
  };

  /** The quarter in which the scenarios diverge and words for it, or null. */
  const divergenceOf = ({ divergence }) => !divergence || divergence.quarter < 0 ? null : [divergence.quarter, fill(divergence.most ? "timeline.most" : "timeline.first")];

  /** Each £100 of the board's years as a picture, in words and as a table. */
  const timeline = () => {
    const { told, board, future, pair, titles } = state.data, title = `${invented()}: what is left of each £100 of its money, quarter by quarter`;
    const letters = Object.entries(given.words.why.letters).map(([event, letter]) => [letter, fill(`event.${event}`)]);
    const courses = told.courses.map((course, i) => ({ ...course, style: choice.styleOf(pair[i]) }));
    const svg = charts.boardTimeline("timeline", title, told.course_words.join(" "), courses, told.happenings, divergenceOf(told), given.years,
      letters, fill("story.mark"), [...courses.map(({ style }, i) => fill("timeline.name", { letter: style.letter, title: titles[i] })), fill("not_assured")]);
    const cell = x => x !== x ? "–" : words.average(Math.abs(x) >= 0.005 ? x : 0);
    const happened = q => listed(told.happenings.filter(([quarter]) => quarter === q).map(([, , text]) => text)) || "–";
    const head = ["Quarter", `Left under ${pair[0]}, of each £100`, "Taken back so far this year", "Released by the plan",
      ...(courses.length > 1 ? [`Left under ${pair[1]}`] : []), "What happened"];
    const rows = quarters.map((quarter, q) => [quarter, ...[courses[0].left, courses[0].taken, courses[0].released, ...courses.slice(1).map(course => course.left)].map(list => cell(list[q])), happened(q)]);
    const key = letters.filter(([letter]) => told.happenings.some(([, own]) => own === letter)).map(([letter, event]) => fill("timeline.letter", { letter, event }));
    return [node("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Timeline of an invented example" }, node("div", { class: "chart timeline" }, svg)),
      node("p", { class: "small" }, `${fill("story.mark")}: a bar is a quarter, each £100 of its year. ${key.length ? fill("timeline.letters", { letters: listed(key) }) : ""}`.trim()),
      node("details", { "data-words": "" }, node("summary", {}, fill("story.head.words")), node("ul", {}, told.course_words.map(line => node("li", {}, line)))),
      page.tools("timeline", title, svg, [[fill("story.mark"), invented()], head, ...rows], `board-${codes[board]}-future-${future}-timeline`),
      page.table("timeline", title, head, rows)];
  };

  const draw = () => {
    const { told, board, future } = state.data, { decisions, money } = told;
    const rows = decisions.map(d => [quarters[d.quarter], fill(`decision.${d.event}.question`), d.share ? `${fixed(100 * d.taken, 1)}%` : fill(`decision.${d.event}.${d.taken ? "yes" : "no"}`),
      decidedBy(d), fixed(d.chance, 3), fixed(d.draw, 3), listed(d.ranked.slice(0, 3).map(({ name, value }) => `${fill(`pull.${name}`)} (${signed(value)})`)) || "–", fixed(Math.abs(d.flip), 2)]);
    const head = ["Quarter", "Decision", "Decided", "By", "Chance", "Random number", "Strongest pulls", "Extra pull that changes it"];
    const csv = [[fill("story.mark"), heading()], [fill("why.caveat")], ...(told.divergence ? [[told.divergence.sentence]] : []), ...money.map(line => [line]), [],
      ["quarter", "event", "decided by", "taken", "chance", "draw", "pull towards a yes", "flip", "sentence", ...pullNames],
      ...decisions.map(d => [quarters[d.quarter], d.event, d.by || codes[board], d.taken, d.chance, d.draw, d.pull, d.flip, d.sentence,
        ...pullNames.map(name => d.pulls.find(([own]) => own === name)?.[1] ?? "")])];
    const files = page.tools("story", heading(), null, csv, `board-${codes[board]}-future-${future}`);
    files.append(node("button", { type: "button", "aria-label": `Trace (JSON): ${heading()}`, "data-save": "story-json", onclick: () => {
      page.save(`ringfence-board-${codes[board]}-future-${future}-trace.json`, traceText());
    } }, "Trace (JSON)"), page.copyButton("the whole story", wholeText()));
    if (!state.years.size && state.fresh) {
      const quarter = costliest(decisions)?.quarter ?? (told.divergence?.quarter >= 0 ? told.divergence.quarter : 4 * money.length - 1);
      state.years.add(Math.floor(quarter / 4));
    }
    state.fresh = false;
    at("story-result").replaceChildren(
      node("h3", {}, letterOf(state.data.pair[0]), ` ${heading()}`),
      node("p", { class: "note" }, fill("why.caveat")), node("p", { class: "small" }, chosenWords()),
      highlights(told), ...timeline(), node("h3", {}, fill("story.head.why")),
      node("p", { class: "small" }, "A pull of 0 leaves even chances; +1 makes it about 73 in 100, −1 about 27, −2 about 12. Bars show what pulled for the money and against it, what chance added, and what they came to together."),
      ...money.map((_, y) => year(y, decisions.map((d, i) => [d, i]).filter(([d]) => Math.floor(d.quarter / 4) === y))),
      files, page.table("story", `${fill("story.mark")}, every decision: ${invented()}`, head, rows));
    if (state.jump) at("story-h").scrollIntoView();
    state.jump = false;
  };

  const pullNames = Object.keys(given.words.templates).filter(name => name.startsWith("pull.")).map(name => name.slice(5));

  return { begin, show, open, follow, hear, onMap, state, pick, rowsOf, wholeText, traceText, fields: () => state.open ? chosenFields() : null };
};
