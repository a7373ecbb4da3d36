/* The page: it asks the worker, and shows its answers.

   Every question has a number. An answer to an older question than the newest is shown only while a newer one is worked
   out, and the page then says that it is working. */
"use strict";

(() => {
  const at = id => document.getElementById(id);
  const given = JSON.parse(at("data").textContent);
  const words = RingfenceWords(given.words, RingfenceModel);
  const charts = RingfenceCharts(words), choice = RingfenceSelection(given, words), takeaway = RingfenceExports(given);
  const form = RingfenceControls(given, choice, charts), { node, options } = form, inPlace = RingfenceInPlace;
  const shared = RingfenceSharePicture(words, charts);
  const who = RingfenceWho(given, words, form), glossary = RingfenceGlossary(given.glossary, form);
  const files = RingfenceFiles(given, choice, YAML, RingfenceModel, words);
  const { letters } = given, { styleOf } = choice;
  const view = { selection: null, slot: 1, newest: 0, shown: 0, final: false, runs: 0, answer: null, behind: null, map: null, mapOf: {}, open: new Set(), embed: false };
  const pictures = new Map(), sayings = new Map(), tables = new Map(), unfolded = new Set(), seen = new Set(), asked = new Map();
  let worker = null;
  const story = RingfenceStory(given, choice, words, charts, form, {
    question: () => question(), ready: () => worker && view.shown && view.shown === view.newest, post: job => worker.postMessage(job),
    span: () => view.answer.span, final: () => view.final, keepLink: () => keepLink(), copyButton: (...sent) => copyButton(...sent),
    tools: (...sent) => tools(...sent), table: (...sent) => table(...sent),
    link: () => fileHere(linkHere()), save: (name, text) => saveText(name, text),
  });

  // ---- asking ----------------------------------------------------------------------------------------------------

  const question = () => {
    const { selection } = view;
    return {
      slots: selection.slots.map(choice.forWorker), outcome: selection.outcome, n: selection.n, seed: selection.seed,
      settings: selection.settings, years: selection.years ? choice.yearsOf(selection.years) : null,
    };
  };

  const post = moving => {
    view.newest++;
    view.final = false;
    asked.set(view.newest, view.selection.slots);
    if (worker) worker.postMessage({ id: view.newest, kind: "answer", moving, ...question() });
  };

  const ask = (moving = false) => {
    view.ahead = false;
    post(moving);
    if (!moving || at("result").dataset.state !== "working") tellState("working");
    if (view.late === undefined) dimLater();
  };

  /** What stands behind the answer is asked for once it is whole, and gives way to the next one. */
  const askBehind = () => {
    if (!worker || !view.final || view.answer.scenarios.length < 2) return;
    worker.postMessage({ id: view.newest, kind: "behind", span: view.answer.span, ...question() });
  };

  const askMap = () => {
    if (!worker || !view.answer || !view.final || !view.open.has("map")) return;
    const { selection, answer } = view;
    worker.postMessage({ id: view.newest, kind: "map", most: 500, span: answer.span, ...question(), outcome: selection.outcome });
    at("map").querySelector(".waiting")?.replaceChildren("Working out the boards…");
  };

  const tellState = (state, words_ = "Working out…") => {
    if (at("result").dataset.state !== state) {
      at("result").dataset.state = state;
      at("answer").setAttribute("aria-busy", String(state === "working"));
    }
    inPlace.text(at("state"), words_);
  };

  /** An older answer than was asked for is dimmed once it has stood there for a while: dimming costs a painting. */
  const undim = () => {
    clearTimeout(view.late);
    view.late = undefined;
    delete at("result").dataset.late;
  };
  const dimLater = () => {
    undim();
    view.late = setTimeout(() => {
      at("result").dataset.late = "";
      inPlace.text(at("state"), "Working out…");
    }, 250);
  };

  const doneOf = (done, n) => `${words.count(done)} of ${words.count(n)} futures…`;
  const doneWords = n => `${words.count(n)} futures, seed ${view.selection.seed}`;

  const heard = ({ data }) => {
    if (data.kind === "broken") return fallBack(data.problem);
    if (data.kind === "bits") return hearBits(data);
    if (data.kind === "claim") return hearClaim(data);
    if (data.kind === "story" || data.of === "story") return story.hear(data);
    if (data.kind === "memory") return window.dispatchEvent(new CustomEvent("memory", { detail: data }));
    if (data.id < view.shown) return undefined;
    if (data.kind === "problem" && data.of === "behind") return data.id === view.newest ? drawBehind(data.problem) : undefined;
    if (data.kind === "who" && data.id === view.newest) {
      view.who = data.who;
      tellWho(data.who);
    }
    if (data.kind === "behind" && data.id === view.newest) {
      view.behind = data;
      drawBehind();
      tellWho(view.who);
    }
    if (data.kind === "problem" && data.id === view.newest) {
      undim();
      tellState("problem", "");
      return notice([`This cannot be worked out: ${data.problem}.`], true);
    }
    if (data.kind === "progress" && data.id === view.newest) at("state").textContent = doneOf(data.done, data.n);
    if (data.kind === "map" && data.id === view.newest) {
      view.map = data;
      drawMap();
    }
    if (data.kind === "answer") {
      if (view.ahead && !data.final) return tellState("working", doneOf(data.answer.n, data.n));
      view.ahead = false;
      view.shown = data.id;
      view.answer = data.answer;
      view.told = asked.get(data.id);
      for (const id of asked.keys()) if (id <= data.id && id < view.newest) asked.delete(id);
      view.final = data.final && !data.moving && data.id === view.newest;
      view.runs = data.n;
      if (data.id === view.newest) undim();
      else dimLater();
      if (view.final) tellState("done", doneWords(data.n));
      else tellState("working", data.id === view.newest ? doneOf(data.answer.n, data.n) : "Working out…");
      show(view.final);
    }
    return undefined;
  };

  // ---- changing --------------------------------------------------------------------------------------------------

  const change = (selection, moving = false, problem = "", slot = view.slot) => {
    view.selection = selection;
    view.slot = Math.min(slot, selection.slots.length - 1);
    view.touched = true;
    notice(problem ? [problem] : [], true);
    inPlace.text(at("copied"), "");
    if (moving) form.follow(selection, view.slot);
    else drawForm();
    ask(moving);
    if (!moving) keepLink();
  };

  const chooseSlot = slot => {
    view.slot = slot;
    view.touched = true;
    drawForm();
    keepLink();
    if (!view.answer || view.shown !== view.newest) return;
    showLead(view.answer);
    tellWho(view.who || []);
  };

  /** That a national waiver lifts the ring-fence which is being built, and a button that ends it. */
  const waiverRemark = () => {
    const { slots } = view.selection, one = slots[view.slot], found = form.waived(one);
    if (!found) return [];
    const { first, span, shares } = found, most = shares.at(-1), ends = [...new Set([shares[0], most])].map(share => share === 1 ? words.fill("hint.waiver.all") : form.partOf(share));
    const said = { span, share: ends.join(" to "), effect: words.fill(most >= 0.75 ? "hint.waiver.most" : "hint.waiver.part") };
    const mend = () => change({ ...view.selection, slots: slots.map(other => other === one ? form.setFrom(one, "waiver", 0, first) : other) });
    return [node("div", { class: "hint" }, node("p", {}, words.fill("hint.waiver", said)),
      node("button", { type: "button", "data-keep": "hint", onclick: mend }, words.fill("hint.waiver.fix")))];
  };

  const drawForm = () => {
    const kept = document.activeElement?.dataset?.keep || document.activeElement?.id, top = at("build").scrollTop;
    form.draw(view.selection, view.slot, { change, choose: chooseSlot, remarks: waiverRemark });
    at("build").scrollTop = top;
    if (kept) (document.querySelector(`[data-keep="${CSS.escape(kept)}"]`) || document.getElementById(kept))?.focus({ preventScroll: true });
    at("outcome").replaceChildren(...options(given.shown.map(name => [name, given.outcomes[name].title]), view.selection.outcome));
    const all = `${given.years[0]}-${given.years.at(-1)}`, own = view.selection.years;
    const spans = [["", "From the first change on"], [all, `All years, ${given.years[0]} to ${given.years.at(-1)}`], ...given.years.map(year => [year, year])];
    const starts = view.selection.slots.map(slot => Math.min(...choice.forWorker(slot).changes.map(change => change.start))).filter(Number.isFinite);
    const acting = Math.ceil(Math.max(...starts) / 4);
    if (starts.length && acting > Math.floor(Math.min(...starts) / 4) && acting < given.years.length) {
      const last = given.years.length - 1, value = acting === last ? given.years[last] : `${given.years[acting]}-${given.years[last]}`;
      const known = spans.findIndex(([one]) => one === value);
      if (known >= 0) spans.splice(known, 1);
      spans.splice(1, 0, [value, words.fill("years.all_act", { span: value.replace("-", " to ") })]);
    }
    if (own && !spans.some(([value]) => value === own)) spans.push([own, own]);
    at("years").replaceChildren(...options(spans, own));
  };

  /** Which policy the first sentence is about, for a link, where it is not the one that does most. */
  const spokenField = () => view.touched && view.slot && view.slot < view.selection.slots.length ? [["built", view.selection.slots[view.slot].letter]] : [];

  const keepLink = () => {
    const query = choice.makeLink(view.selection, [...spokenField(), ...view.embed ? [["embed", "1"]] : []], story.fields());
    try {
      if (query) history.replaceState(null, "", `#${query}`);
    } catch { /* some browsers refuse it for a file; the link can still be copied */ }
  };

  const isHere = location.protocol === "file:";  // its folders say nothing to anybody else
  const onlyHere = isHere ? "; it opens on this computer alone" : "";
  const fileHere = address => isHere ? address.replace(/^[^#?]*\//, "") : address;

  const linkHere = (more = []) => {
    const query = choice.makeLink(view.selection, [...spokenField(), ...more], story.fields());
    return query ? `${location.href.replace(/[?#].*$/, "")}#${query}` : "";
  };

  const notice = (lines, bad = false) => at("notices").replaceChildren(...(lines.length
    ? [node("div", { class: bad ? "note bad" : "note", role: bad ? "alert" : "status" }, lines.map(line => node("p", {}, line)))] : []));

  // ---- showing ---------------------------------------------------------------------------------------------------

  const caveat = () => {
    const held = Object.entries(view.selection.settings).map(([name, value]) => `${name} = ${value}`);
    return `Ringfence ${given.version}, a model and not a forecast: ${words.count(view.answer.n)} futures, seed ${view.selection.seed}, for ${given.boards}. ${given.badge}${held.length ? `; held: ${held.join(", ")}` : ""}. ${given.no_forecast} ${words.fill("not_assured")}${ownTitles().map(line => ` ${line}`).join("")}`;
  };

  /** The policies of the answer that stands, which may be older than the newest choice and have more of them. */
  const slotsShown = () => view.told || (view.selection.slots.length < view.answer.scenarios.length ? choice.restore(given.opening).selection.slots : view.selection.slots);

  /** What each policy is that has a title of somebody's own. */
  const ownTitles = () => view.answer.scenarios.map(({ title }, i) => ownTitleOf(i, title)).filter(Boolean);
  const ownTitlesIn = sentence => ownTitles().filter(line => sentence.includes(line.split("”")[0]));
  const ownTitleOf = (i, title) => choice.ownTitle(slotsShown()[i], title, form.readAloud, (name, blanks) => words.fill(name, blanks));

  const ofModel = sentence => words.ofModel(sentence, words.span(...view.answer.years));
  const alone = sentence => words.standAlone(sentence, words.span(...view.answer.years));

  const copyButton = (what, saying) => {
    sayings.set(what, saying);
    return node("button", { type: "button", "aria-label": `Copy: ${what}`, "data-copy": what, onclick: copySaying }, "Copy");
  };

  /** Says beside the first sentence, and on the button, what became of a copy. */
  const tellCopied = (button, copied, done, failed) => {
    at("live").textContent = copied ? done : failed;
    inPlace.text(at("copied"), button.closest("#lead-tools") || !copied ? at("live").textContent : "");
    const { name = button.textContent } = button.dataset;
    button.dataset.name = name;
    if (copied) button.textContent = "Copied";
    setTimeout(() => { button.textContent = name; }, 2000);
  };

  /** What is shown or copied before the futures that were asked for are there says so, for its verdict may change. */
  const firstLook = () => view.answer.n < view.runs ? words.fill("first_look", { done: words.count(view.answer.n), every: words.count(view.runs) }) : "";

  /** That what the answer turns on, and the other ways to write the model, are not in a copy yet. */
  const moreToCome = () => worker && view.answer.scenarios.length > 1 && !(view.who && view.behind) ? " What it turns on, and other ways to write the model, are still being worked out: copy it again in some seconds to have them too." : "";

  /** What a link of a page from a folder is worth to whom it is sent: nothing without the file. */
  const howToOpen = () => isHere ? `To look at it, open the file ${fileHere(location.href).replace(/[?#].*$/, "")} (ask whoever sent you this), and put what follows “#” after its name in the browser's address:\n` : "";

  const copySaying = async ({ currentTarget: button }) => {
    const early = moreToCome(), copied = await takeaway.copy(`${[firstLook(), sayings.get(button.dataset.copy)].filter(Boolean).join(" ")}\n\n${caveat()}\n${howToOpen()}${fileHere(linkHere())}`);
    tellCopied(button, copied, `${isHere ? "Copied, with its caveat; send the file of this page along, which the last line opens at this answer." : "Copied, with its caveat and link."}${early}`,
      "This browser does not let a page copy; select the text instead.");
  };

  const tools = (key, name, svg, rows, stem = key) => {
    pictures.set(key, { name, svg, rows, stem });
    return node("div", { class: "tools" }, ...(svg ? ["PNG", "SVG", "CSV"] : ["CSV"]).map(kind => node("button", {
      type: "button", "aria-label": `${kind}: ${name}`, "data-save": `${key}-${kind.toLowerCase()}`, "data-kind": kind, "data-key": key, onclick: savePicture,
    }, kind)));
  };

  const savePicture = async ({ currentTarget: { dataset: { kind, key } } }) => {
    const { name, svg, rows, stem } = pictures.get(key), file = `ringfence-${stem}.${kind.toLowerCase()}`, source = `${caveat()} ${isHere ? linkHere().replace(/^[^#]*/, "") : linkHere()}`;
    if (kind === "CSV") {
      takeaway.save(file, new Blob([takeaway.asCsv([...rows, [], [name], [source]])], { type: "text/csv" }));
    } else if (kind === "SVG") {
      takeaway.save(file, new Blob([takeaway.asSvg(svg, name, source)], { type: "image/svg+xml" }));
    } else {
      takeaway.save(file, await takeaway.asPng(svg, name, source));
    }
    at("live").textContent = `Saved as ${file}.`;
  };

  /** The picture of the policy that the first sentence is about. One that somebody built is marked as one's own. */
  const policyPicture = () => {
    const { answer, selection } = view, at_ = spokenOf(answer) || answer.chief || 1, policy = answer.scenarios[at_], slot = slotsShown()[at_], { presets } = given;
    const preset = presets[slot.preset], own = slot.edits.length > 0 || slot.title !== "" || preset.file !== "", unsaid = own ? "" : preset.cannot_say;
    const held = Object.entries(selection.settings).map(([name, value]) => `${given.parameters[name]?.plain || name} = ${value}`);
    const eyebrow = own ? words.fill("picture.example", { question: given.question[0].toLowerCase() + given.question.slice(1) }) : given.question, address = isHere ? "" : linkHere();
    const named = ownTitleOf(at_, policy.title), defined = choice.defineOwn(slot, policy.title, form.readBriefly, words.fill), caveat = `${given.no_forecast} ${words.fill("not_assured")}`, unsure = [who.weightOf(2 + at_), waysOf({ new: at_, old: 0 })[0], policy.sure, policy.rests];
    const small = [defined, held.length ? `Held by hand: ${held.join("; ")}.` : "", unsaid && `What it cannot say: ${unsaid}`].filter(Boolean);
    const runs = `${words.count(answer.n)} futures${given.own_boards ? ` on ${given.boards} (fingerprint ${given.boards_fingerprint})` : ""}, seed ${selection.seed}; ${words.small(given.badge)}.`;
    const place = `Source: ${address ? address.length <= given.longest_shown ? address : address.replace(/#.*$/, "") : `Ringfence ${given.version}`}`;
    return shared.draw({
      eyebrow, ...policy.glance, caveat, small, counted: `${given.outcomes[answer.outcome].label}, £ in each £100, ${words.span(...answer.years)}`, source: [runs, place],
      spoken: [ofModel(policy.against), ...unsure, named, ...small, `${given.badge}. ${caveat}`, answer.cards[0].copied].filter(Boolean).join(" "),
    }, shared.cardsOf([answer.scenarios[0], policy], styleOf));
  };

  const stemOf = title => title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 50) || "policy";
  const savePolicyPicture = async () => {
    for (let tries = 0; worker && !(view.who && view.behind) && tries < 60; tries++) await new Promise(done => { setTimeout(done, 100); });
    const { answer } = view, { title } = answer.scenarios[spokenOf(answer) || answer.chief || 1], file = `ringfence-${stemOf(title)}.png`;
    takeaway.save(file, await takeaway.pixels(policyPicture(), 1200, 630));
    at("live").textContent = `Saved as ${file}.`;
    inPlace.text(at("copied"), at("live").textContent);
  };

  const saveText = (file, text) => {
    takeaway.save(file, new Blob([text], { type: "application/json" }));
    at("live").textContent = `Saved as ${file}.`;
  };

  /** A fold with a table, which is filled only while it is open. */
  const table = (key, caption, head, rows) => {
    tables.set(key, { caption, head, rows });
    const place = node("div", { class: "wide", tabindex: 0, role: "region", "aria-label": caption }), open = unfolded.has(key);
    if (open) place.append(tableOf(key));
    const fold = node("details", { open, "data-table": key }, node("summary", {}, `Show the numbers: ${caption.length <= 80 ? caption : `${caption.slice(0, 79).trimEnd()}…`}`), place);
    return form.watchFold(fold, () => fillTable(fold));
  };

  const tableOf = key => {
    const { caption, head, rows } = tables.get(key);
    return node("table", {}, node("caption", {}, caption), node("thead", {}, node("tr", {}, head.map(words => node("th", { scope: "col" }, words)))),
      node("tbody", {}, rows.map(([first, ...cells]) => node("tr", {}, node("th", { scope: "row" }, first), cells.map(cell => node("td", {}, cell))))));
  };

  const fillTable = fold => {
    const key = fold.dataset.table, place = fold.querySelector(".wide");
    if (fold.open) unfolded.add(key);
    else unfolded.delete(key);
    if (fold.open !== place.hasChildNodes()) place.replaceChildren(...(fold.open ? [tableOf(key)] : []));
  };

  /** Puts new content in the place of old, with folds as open as they were. */
  const renew = (id, ...content) => inPlace.children(at(id), content.filter(part => part !== null && part !== ""));

  const pictured = (id, name, svg, words_, head, rows, csv = rows, extra = "") => renew(id,
    node("div", { class: `chart scrolls ${id}`, tabindex: 0, role: "region", "aria-label": name }, svg), ...words_.map(line => node("p", { class: "small" }, line)), extra,
    tools(id, name, svg, [head, ...csv]), table(id, name, head, rows));

  /** The place among the scenarios of the policy that the first sentence is about: the one that is being changed; 0 for
      the one that does most, as long as nothing was changed. */
  const spokenOf = answer => view.touched && view.slot < answer.scenarios.length ? view.slot : 0;

  /** The first sentences: what was just built or changed, and which policy gives the most, if that is another. */
  const showLead = answer => {
    const spoken = spokenOf(answer), own = spoken ? answer.scenarios[spoken] : answer;
    const best = spoken && answer.best && answer.best[0] !== spoken - 1 ? answer.best[1] : "";
    inPlace.text(at("main"), own.headline);
    inPlace.text(at("best"), best);
    inPlace.text(at("sure"), [firstLook(), ...ownTitlesIn([own, ...answer.cards].map(one => one.headline || one.copied).join(" ")), own.sure || "Add a scenario to compare it with today's rules in the same futures."].filter(Boolean).join(" "));
    at("best").hidden = !best;
    renew("lead-tools", view.embed ? null : copyButton("the answer", [alone(own.headline), own.sure, best, answer.cards[answer.cards[1].old ? 1 : 0].sentence].filter(Boolean).join(" ")),
      view.embed || firstLook() || !cardAsked(answer).short ? null : node("button", { type: "button", id: "copy-short", title: "Two hundred and eighty letters at most, with its range, a caveat and the link", onclick: copyShort }, "Copy short"),
      node("button", { type: "button", id: "copy-link", onclick: copyLink }, "Copy link"),
      view.embed ? null : node("button", { type: "button", id: "copy-embed", onclick: copyEmbed }, "Copy for a web page"),
      view.embed || answer.scenarios.length < 2 ? null : node("button", { type: "button", id: "to-picture", title: "A picture to share, 1200 by 630", onclick: savePolicyPicture }, "Picture"),
      view.embed || !worker ? null : node("button", { type: "button", id: "to-story", onclick: () => story.show() }, "Why? One board's reasons"),
      node("a", { class: "only-embed", href: linkHere(), target: "_blank", rel: "noopener", id: "whole" }, "Open the whole page"));
  };

  /** The card that answers what was asked: of two policies, or of today's rules alone. */
  const cardAsked = answer => answer.cards[answer.scenarios.length > 1 ? 1 : 0];

  /** Policies by what is said of the failed checks that bear on a lever they move: what each means, or the check in words. */
  const failuresOf = (slots, pick) => {
    const found = new Map(), { levers } = given.doubts;
    for (const slot of slots) {
      for (const said of new Set(choice.changesOf(slot).flatMap(({ lever }) => levers[lever] || []).map(pick))) found.set(said, [...(found.get(said) || []), `“${choice.shown(slot)}”`]);
    }
    return [...found];
  };

  /** What the model cannot tell: first the failed checks that bear on the policies shown, `list_failed_checks` in Python. */
  const drawLimits = () => renew("limits", ...[
    ...failuresOf(slotsShown().slice(1), ([, failed]) => failed).map(([failed, policies]) => words.fill("limits.failed", { policies: words.listed(policies), failed })),
    ...given.limits].map(limit => node("li", {}, limit)));

  /** What the checks say against a card, in full and for a post: `add_doubts` in Python. */
  const doubtsOf = ({ key, new: i, old: j }) => {
    const { level, short } = given.doubts;
    if (key === "today") return { brief: level, short };
    const found = failuresOf([i, j].filter(Boolean).map(k => slotsShown()[k]).filter(Boolean), ([means]) => means);
    return { brief: found.map(([means, policies]) => words.fill("limits.failed.card", { policies: words.listed(policies), means })).join(" "), short: "" };
  };

  const shortOf = card => {
    const { short } = doubtsOf(card), room = card.short && short && card.short.length + short.length < given.doubts.longest;
    return room ? `${card.short} ${short}` : card.short;
  };

  /** What is posted: of the policy that the first sentence is about, or else of the two that were asked about. */
  const shortSaid = answer => spokenOf(answer) ? answer.scenarios[spokenOf(answer)].short : shortOf(cardAsked(answer));

  /** Letters for the quoted titles of policies: `say_letters` in Python. */
  const sayLetters = text => view.answer.scenarios.slice(1).reduce((said, one) => said.replaceAll(`“${one.title}”`, one.letter), text);

  /** In how many ways to write the model the sentence of a pair is the other way round, or how far they differ, in full and
      in a few words; "" until that is known. */
  const waysOf = ({ new: one, old: other }, ways = view.behind?.behind.ways) => {
    if (one === other) return ["", ""];
    const untried = view.behind && !view.behind.behind.sets && view.behind.n >= given.words.fewest ? words.fill("answer.ways.untried") : "";
    const [, , said = untried, short = untried] = (ways || []).find(([i, j]) => i === Math.max(one, other) && j === Math.min(one, other)) || [];
    return [said, short];
  };

  /** What stands behind the sentences: said once it is known, and never of an older answer. */
  const tellWho = found => {
    const { answer } = view, spoken = spokenOf(answer), main = answer.chief || 1;
    who.hear(found || [], found ? "" : "This needs a browser that runs the model.");
    who.show(at("lead-who"), answer.scenarios.length > 1 ? 2 + (spoken || main) : 0);
    answer.cards.forEach(({ heading, copied, caveat: known, brief }, i) => {
      const joined = parts => parts.filter(Boolean).join(" "), [ways, inShort] = waysOf(answer.cards[i], view.behind?.behind[i === 2 ? "other_ways" : "ways"]);
      const turns = joined([who.turnsOf(i), ways]), doubts = doubtsOf(answer.cards[i]).brief, saying = [joined([copied, turns]), joined([known, doubts])].join("\n");
      inPlace.text(at(`say${i}-brief`), joined([firstLook(), ...view.embed ? ownTitlesIn(copied) : [], sayLetters(joined([brief, doubts, who.shortOf(i), inShort]))]));
      inPlace.text(at(`say${i}-turns`), turns);
      at(`say${i}-turns`).hidden = !turns;
      renew(`say${i}-tools`, copyButton(heading, saying));
      who.show(at(`say${i}-who`), i);
    });
  };

  const show = whole => {
    const { answer } = view;
    showLead(answer);
    if (at("cards").children.length !== answer.scenarios.length) inPlace.forget();
    renew("cards", ...answer.scenarios.map(card));
    at("squares-years").textContent = `${words.averaging(...answer.years)} ${words.fill("answer.counts")}`;
    answer.scenarios.forEach((one, i) => inPlace.text(at(`card${i}-d`), inSquares(one)));
    for (const id of ["caveat", "caveat-here"]) inPlace.text(at(id), caveat());
    document.body.classList.toggle("lone", answer.scenarios.length < 2);
    answer.cards.forEach(({ heading, sentence, caveat: known }, i) => {
      for (const [part, text] of Object.entries({ heading, said: sentence, caveat: known })) inPlace.text(at(`say${i}-${part}`), text);
    });
    tellWho(worker ? [] : null);
    if (!view.embed) {
      drawParts(answer, whole);
      drawLimits();
      story.follow();
    }
    if (whole) {
      at("live").textContent = view.embed ? cardAsked(answer).copied : answer.headline;
      view.behind = view.who = null;
      drawBehind();
      askBehind();
      view.map = null;
      drawMap();
      askMap();
    }
  };

  /** Pictures below: at once where they are seen or the answer is whole, else when the hand rests. */
  const drawParts = (answer, whole) => {
    clearTimeout(view.later);
    const parts = [["bands", drawBands], ["differences", drawDifferences], ["cascade", drawCascade]];
    const now = whole ? parts : parts.filter(([id]) => seen.has(id)), rest = parts.filter(part => !now.includes(part));
    now.forEach(([, draw]) => draw(answer));
    if (rest.length) view.later = setTimeout(() => rest.forEach(([, draw]) => draw(answer)), 150);
    for (const id of ["behind", "map"]) at(id).classList.toggle("old", !whole);
  };

  /** Which pictures are on the screen, without asking for a layout. */
  const watchParts = () => {
    const watching = new IntersectionObserver(entries => entries.forEach(({ target, isIntersecting }) =>
      isIntersecting ? seen.add(target.id) : seen.delete(target.id)));
    for (const id of ["bands", "differences", "cascade"]) watching.observe(at(id));
  };

  const inSquares = one => `${one.share} in each £100 on average; 8 in 10 results ${one.likely}.`;
  const card = (one, i) => {
    const said = inSquares(one);
    const counts = charts.countSquares(one.mean, one.low, one.high);
    const svg = inPlace.once(`card${i}`, JSON.stringify([one.letter, one.title, counts]), () => charts.squares(`card${i}`, `${one.title}: 100 squares, £1 each`, said, counts, styleOf(one.letter)));
    return node("section", { class: `card style-${one.letter}`, "aria-label": `${one.letter}: ${one.title}` }, node("h3", {}, form.letterOf(one.letter), ` ${one.title}`),
      node("p", { class: "big" }, one.share, node("small", {}, " of each £100")), node("p", {}, `8 in 10 results: ${one.likely}`), svg, node("p", {}, one.line));
  };

  const digits = x => x === x && x !== null ? Math.round(x * 1e6) / 1e6 : "";

  /** Years after the first change in which a scenario changes something, with words, as `list_later_changes` in Python. */
  const laterChanges = (answer, first) => {
    const starting = new Map(), changing = new Map(), last = given.quarters.length - 1;
    slotsShown().slice(0, answer.scenarios.length).forEach((slot, i) => {
      const dates = ({ start, end, path }) => [start, ...path.map(([quarter]) => quarter), ...end < last ? [end + 1] : []];
      const years = i ? choice.forWorker(slot).changes.flatMap(change => dates(change).map(quarter => Math.floor(quarter / 4))) : [];
      for (const year of new Set(years)) {
        const told = year === answer.scenarios[i].first ? starting : changing;
        told.set(year, [...told.get(year) || [], slot.letter]);
      }
    });
    const say = (kind, own) => own ? [words.fill(`paths.${kind}.${own.length === 1 ? "one" : "many"}`, { letters: words.listed(own) })] : [];
    return [...new Set([...starting.keys(), ...changing.keys()])].sort((a, b) => a - b).filter(year => year > first)
      .map(year => [year, [...say("start", starting.get(year)), ...say("changes", changing.get(year))].join(", ")]);
  };

  const drawBands = answer => {
    const courses = answer.scenarios.map(one => ({ title: one.title, style: styleOf(one.letter), bands: one.bands, first: 0 }));
    const starts = answer.scenarios.slice(1).map(one => one.first).filter(Boolean), first = Math.min(...starts, 99) % 99;
    const svg = charts.overTime(courses, given.years, first, answer.courses, answer.scenarios.map(one => one.course).join(" "), laterChanges(answer, first));
    const head = ["Scenario", ...given.years], csv = answer.scenarios.flatMap(one => ["10%", "25%", "average", "75%", "90%"].map((share, k) =>
      [`${one.letter} ${one.title}, ${share}`, ...one.bands[k].map(digits)]));
    inPlace.text(at("bands-h"), answer.courses);
    pictured("bands", answer.courses, svg, [`Lines: the average. Strong bands hold 50 of 100 futures, faint bands 80. ${words.fill("paths.key")}`], head,
      answer.scenarios.map(one => [`${one.letter} ${one.title}`, ...given.years.map((_, year) =>
        `${words.pounds(one.bands[2][year])} (${words.end(one.bands[0][year])} to ${words.end(one.bands[4][year])})`)]), csv,
      node("ul", {}, answer.scenarios.map(one => node("li", {}, one.course))));
  };

  const drawDifferences = answer => {
    if (answer.scenarios.length < 2) return renew("differences", node("p", {}, "Add a scenario to compare it with today's rules."));
    const around = rows => charts.aroundZero(rows.flatMap(row => [...row.wide, row.difference]).map(x => 100 * x).filter(x => x === x)), length = ([low, high]) => high - low;
    const shared = around(answer.differences.flatMap(({ rows }) => rows)), endsOf = ({ rows }) => length(around(rows)) < 0.6 * length(shared) ? around(rows) : shared;
    const letterAt = i => answer.scenarios[i].letter;
    const head = ["Scenario", "Average difference", "More futures could move it by", "8 in 10 results", "How often", "Verdict"];
    const rowsOf = ({ rows }) => rows.map((row, i) => [`${letterAt(i + 1)} ${row.new}`, row.change, row.margin, row.range, row.frequency, row.verdict_said]);
    const panels = answer.differences.map(panel => {
      const { label } = given.outcomes[panel.outcome], key = `differences-${panel.outcome}`;
      const rows = panel.rows.map((row, i) => ({
        title: row.new, style: styleOf(letterAt(i + 1)), mean: 100 * row.difference, likely: row.likely.map(x => 100 * x), wide: row.wide.map(x => 100 * x),
        value: row.drawn, says: row.short,
      }));
      const svg = charts.differences(key, label, panel.rows.map(row => row.sure).join(" "), rows, endsOf(panel));
      const csv = panel.rows.map((row, i) => [`${letterAt(i + 1)} ${row.new}`, ...[row.difference, ...row.likely, ...row.wide, row.error].map(digits), row.better, row.same, row.worse, row.verdict]);
      return node("div", { class: "chart" }, node("h3", {}, label), svg,
        tools(key, `${label}: differences from today's rules`, svg, [["scenario", "mean", "10%", "90%", "2.5%", "97.5%", "standard error", "better", "same", "worse", "verdict"], ...csv]),
        table(key, `${label}: differences from today's rules`, head, rowsOf(panel)));
    });
    const pairs = answer.pairs.map(([j, i, row]) => [`${letterAt(j)} less ${letterAt(i)}`, row.change, row.margin, row.range, row.frequency, row.verdict_said]);
    return renew("differences", node("p", { class: "small" }, "Mark: average difference in the same future. Thick line: 8 in 10 results; thin line: 95 in 100."), node("div", { class: "cards wider" }, panels),
      node("h3", {}, `In words (${given.outcomes[answer.outcome].label})`), node("ul", { id: "sentences" }, answer.differences[0].rows.map(row => node("li", {}, row.sure)), answer.pairs.map(([, , row]) => node("li", {}, row.sure))),
      pairs.length ? table("pairs", "The policies with each other", head, pairs) : "");
  };

  /** Sentences with a heading of their own, to be copied together; where they have a table, it stands for them. */
  const inWords = (key, title, about, sentences, rows) => {
    if (!sentences.length) return null;
    const list = node("ul", {}, sentences.map(text => node("li", {}, text)));
    if (rows.length) tables.set(`behind-${key}`, { caption: title, head: Object.keys(rows[0]), rows: rows.map(row => Object.values(row)) });
    return node("div", {}, node("h3", {}, title), about ? node("p", { class: "small" }, about) : null,
      rows.length ? node("div", { class: "wide", tabindex: 0, role: "region", "aria-label": title }, tableOf(`behind-${key}`)) : list,
      node("div", { class: "tools" }, copyButton(title, alone(sentences.join(" ")))),
      rows.length ? node("details", {}, node("summary", {}, "In words"), list) : null);
  };

  /** What `ringfence compare` prints below its table, in its words. */
  const drawBehind = (problem = "") => {
    const { answer, behind: found, selection } = view, say = text => renew("behind", node("p", {}, text));
    if (answer.scenarios.length < 2) return say("Add a scenario to compare it with today's rules.");
    if (problem) return say(`This cannot be worked out: ${problem}.`);
    if (!found) return say(worker ? "Working out other ways to write the model…" : "This needs a browser that runs the model.");
    at("behind").dataset.of = found.id;
    const { behind, n, rows } = found, taken = Math.floor(n * rows / 1000), { fewest } = given.words;
    if (n < fewest) return say(`With fewer than ${fewest} futures nothing is averaged over other ways to write the model, and no verdict is given that something could carry.`);
    const fewer = behind.sets && taken > rows ? `This page holds ${rows} versions of each way to write the model; ringfence compare takes ${taken} beside ${words.count(n)} futures.` : "";
    const unfitted = !behind.sets && Object.keys(selection.settings).length ? words.fill("structures.not_fitted") : "";
    return renew("behind",
      inWords("carriers", "What carries the verdicts", "", behind.carriers, []),
      inWords("averaged", "Averaged over ways to write the model", [behind.averaged, fewer].filter(Boolean).join(" "), behind.averages, behind.average_rows),
      unfitted ? node("p", {}, unfitted) : null,
      inWords("apart", "What nobody knows, and chance, apart", behind.apart, behind.ranges, behind.apart_rows));
  };

  const drawCascade = answer => {
    const labels = ["In the fund", ...given.cascade.map(name => given.outcomes[name].label)], base = [1, ...answer.scenarios[0].cascade];
    const small = text => text[0].toLowerCase() + text.slice(1);
    const panels = answer.scenarios.map((one, i) => {
      const shares = [1, ...one.cascade], said = `${labels.map((label, k) => `${words.pounds(shares[k])} ${small(label)}`).join(", ")}.`;
      const steps = shares.map((share, k) => {
        const part = given.cascade[k - 1] === "place";
        return { label: part ? `of which: ${small(labels[k])}` : labels[k], share, reference: base[k], part };
      });
      const svg = charts.cascade(`cascade${i}`, one.title, said, steps, styleOf(one.letter), i > 0);
      return node("div", { class: `card style-${one.letter}` }, node("h3", {}, form.letterOf(one.letter), ` ${one.title}`), svg,
        tools(`cascade-${one.letter}`, `Where each £100 goes: ${one.title}`, svg, [labels, shares.map(digits)]));
    });
    inPlace.text(at("cascade-h"), answer.cascade);
    return renew("cascade", node("p", { class: "small" }, `Averages over futures, ${words.span(...answer.years)}. Under a policy, the mark is where today's rules stand. Money that is taken still buys care: that care does good too, but not what this money is for.`),
      node("div", { class: "cards wider level" }, panels), table("cascade", "Where each £100 goes", ["Scenario", ...labels], answer.scenarios.map(one => [`${one.letter} ${one.title}`, ...[1, ...one.cascade].map(x => words.pounds(x))])));
  };

  // ---- by board --------------------------------------------------------------------------------------------------

  /** Which boards are shown, as on the dashboard: what can be chosen, what is, and what it says of itself. */
  const mapFilters = () => {
    const sorted = read => [...new Set(given.areas.map(read))].filter(Boolean).sort(), third = area => given.thirds[area.third];
    const filter = (key, label, all, of, values, say = name => name) => {
      const chosen = values.includes(view.mapOf[key]) ? view.mapOf[key] : "";
      return { key, label, of, chosen, said: say(chosen), choices: [["", all], ...values.map(name => [name, name])] };
    };
    return [
      filter("region", "Region", "All regions", area => area.region, sorted(area => area.region)),
      filter("third", "Deprivation", "All", third, [...given.thirds].reverse(), name => name.toLowerCase()),
      filter("footprint", "Merged board", "All merged boards", area => area.body, sorted(area => area.body)),
    ];
  };

  const CLEAR = 3;
  const drawMap = () => {
    const fold = node("details", { open: view.open.has("map") }, node("summary", {}, "A map of averages by board"));
    form.watchFold(fold, opened => {
      if (!opened) return view.open.delete("map");
      view.open.add("map");
      fold.append(node("p", { class: "waiting", role: "status" }, "Working out the boards…"));
      return askMap();
    });
    at("map").replaceChildren(fold);
    if (!view.map) {
      if (view.open.has("map")) fold.append(node("p", { class: "waiting", role: "status" }, "Working out the boards…"));
      return undefined;
    }
    const { boards, of, titles, letters: called, n, outcome, span } = view.map, last = boards.length - 1;
    const chosen = called.indexOf(view.mapShown), shown = chosen < 0 ? last : chosen, signed = shown > 0, own = boards[shown], exact = board => 100 * (signed ? board.less : board.level);
    const filters = mapFilters(), filtered = filters.filter(({ chosen }) => chosen);
    const passes = i => filtered.every(({ of: valueOf, chosen }) => valueOf(given.areas[i]) === chosen), heads = [...new Set(of[shown].filter((_, i) => passes(i)))];
    const places_ = words.listDecimals(own.map(exact));
    /** A board's amount; a difference is that of the two levels as the table shows them, where both are of the same areas. */
    const amounts = own.map((board, k) => {
      const today = of[0][k], alike = of[shown].every((head, i) => (head === k) === (of[0][i] === today));
      return signed && alike && board.less === board.less ? words.subtracted(100 * board.level, 100 * boards[0][today].level, places_) : exact(board);
    });
    const values = heads.map(k => amounts[k]).filter(x => x === x);
    const scale = charts.colourScale([...own.map(exact), ...amounts].filter(x => x === x), signed), places = given.areas.map(area => area.tile.join());
    const mates = i => given.areas.map((_, k) => k).filter(k => k !== i && of[shown][k] === of[shown][i]);
    const short = x => {
      if (x !== x) return "–";
      return signed ? words.signed(words.money(Math.abs(x), places_), x > 0) : words.money(x, places_);
    };
    const tiles = given.areas.map((area, i) => {
      const near = new Set(mates(i).map(k => places[k])), [column, row] = area.tile;
      const sides = { left: [column - 1, row], right: [column + 1, row], up: [column, row - 1], down: [column, row + 1] };
      const x = amounts[of[shown][i]];
      return { column, row, name: area.short, value: short(x), fill: scale.fill(x === x ? Number(words.fixed(x, places_)) : x), joins: Object.keys(sides).filter(side => near.has(sides[side].join())), merged: mates(i).length > 0 };
    });
    const visible = tiles.filter((_, i) => passes(i)), ends = [...new Set([Math.min(...values), Math.max(...values)].map(short))];
    const range = values.length ? `${ends.join(" to ")} in each £100` : "nothing that can be averaged";
    const clear = heads.filter(k => Math.abs(own[k].less) > CLEAR * own[k].error && own[k].less === own[k].less);
    const what = `${given.outcomes[outcome].label}, ${words.span(given.years[span[0]], given.years[span[1] - 1])}`;
    const title = signed
      ? `${what}: ${called[shown]} differs from today's rules by ${range}, by board`
      : `${what}: ${range} under today's rules, by board`;
    const told = signed ? [`In ${clear.length} of ${heads.length} boards the average difference can be told from none (more than ${CLEAR} standard errors). ${n} futures are too few to rank boards that lie close together, and none is named a winner.`]
      : ["Boards that lie close together cannot be told apart."];
    const kinds = `Shown: ${filtered.map(({ said }) => said).join(", ")}.`;
    if (filtered.length) told.push(`${kinds} Colours are those of the whole map.`);
    const bodyName = k => of[shown].filter(head => head === k).length > 1 ? given.areas[k].body || given.areas[k].name : given.areas[k].name;
    const rows = heads.map(k => [bodyName(k), given.areas[k].region, ...boards.map((list, i) => words.money(100 * list[of[i][k]].level, places_)), ...(signed ? [short(amounts[k])] : [])]);
    const head = ["Board", "Region", ...called, ...(signed ? [`${called[shown]} less A`] : [])];
    const pick = node("label", { class: "field" }, "Show ", node("select", { onchange: event => { view.mapShown = called[event.target.value]; drawMap(); } },
      options(titles.map((words_, i) => [i, i ? `${called[i]} less today's rules: ${words_}` : "A: today's rules"]), shown)));
    const where = filters.map(({ key, label, choices, chosen }) => node("label", { class: "field" }, `${label} `, node("select", {
      id: `map-${key}`, onchange: event => { view.mapOf[key] = event.target.value; drawMap(); at(`map-${key}`).focus(); },
    }, options(choices, chosen))));
    fold.append(pick, node("div", { class: "choose" }, where));
    if (!heads.length) return fold.append(node("p", { role: "status" }, `${kinds} No board is in all of these.`));
    const svg = charts.tileMap(title, "Average over futures, £ in each £100, by board.", visible, scale);
    story.onMap(svg, tiles.map((tile, i) => passes(i) ? tile : {}));
    return fold.append(node("h3", {}, title), node("div", { class: "chart map", tabindex: 0, role: "region", "aria-label": title }, svg), ...told.map(line => node("p", { class: "small" }, line)),
      node("p", { class: "small" }, "Boards as they stand after the mergers of April 2026 and 2027; merged boards are joined. Names bring published facts; finances and leaders are drawn afresh in every future, so no number is a forecast of a board."),
      node("p", { class: "small" }, words.fill(`map.colours.${signed ? "differences" : "levels"}`, { span: `£${words.least[Number(signed)]}` })),
      tools("map", title, svg, [head, ...rows]), table("map", title, head, rows));
  };

  // ---- taking away -----------------------------------------------------------------------------------------------

  const told = async ({ currentTarget: button }, text, words_) =>
    tellCopied(button, Boolean(text) && await takeaway.copy(text), words_, "This cannot be copied here; take the address from the browser instead.");
  const copyLink = event => told(event, linkHere(), `The link is copied${onlyHere}${isHere ? ". To share it, send the file of this page and what follows “#”" : ""}.`);
  const copyShort = event => told(event, `${shortSaid(view.answer)}${isHere ? "" : `\n${linkHere()}`}`, `The short sentence is copied${isHere ? "; this page has no address for others" : ", with its link"}.`);
  const copyEmbed = event => {
    const quoted = said => said.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const link = quoted(linkHere([["embed", "1"]])), card = cardAsked(view.answer);
    const named = quoted(`Ringfence: ${[card.copied, card.caveat, ...ownTitles(), given.no_forecast, words.fill("not_assured")].join(" ")}`);
    return told(event, link && given.frames[view.answer.scenarios.length - 1].replace("{page}", () => link).replace("{named}", () => named), `The code for a web page is copied${onlyHere}${isHere ? ". Put the file of this page on the site, and its address in place of what stands before “#”" : ""}.`);
  };

  const hearBits = ({ done, total, found }) => {
    if (found === undefined) at("bits-told").textContent = `${words.count(done)} of ${words.count(total)} futures…`;
    else if (found === null) at("bits-told").textContent = "Nothing is published for these boards, so there is nothing to compare with.";
    else {
      const equal = Object.values(found.equal).reduce((sum, n) => sum + n, 0), all = found.blocks * Object.keys(found.equal).length;
      at("bits-told").textContent = found.same
        ? `Yes: this page gives the published numbers here, to the last bit (${equal} of ${all} checks agree).`
        : `No: only ${equal} of ${all} checks agree with the published numbers. Do not quote what this page says here; try another browser, and tell whoever gave you the page.`;
    }
  };

  const hearClaim = ({ done, total, told: claim }) => {
    if (claim) at("claim-told").replaceChildren(node("p", {}, node("b", {}, claim.standing)), ...claim.lines.map(line => node("p", { class: "small" }, line)));
    else at("claim-told").textContent = `${words.count(done)} of ${words.count(total)} futures…`;
  };
  const checkClaim = async file => {
    const most = 5_000_000;
    if (file && worker) worker.postMessage({ id: 0, kind: "claim", text: file.size > most ? "" : await file.text() });
  };
  const watchClaims = () => {
    const input = at("claim-file");
    at("check-claim").addEventListener("click", () => input.click());
    input.addEventListener("change", () => { checkClaim(input.files[0]).finally(() => { input.value = ""; }); });
  };

  // ---- scenario files --------------------------------------------------------------------------------------------

  /** Opens a file as a scenario of its own beside the others, or says every mistake in it. */
  const openFile = async file => {
    if (!file || !worker) return undefined;
    if (/\.json(ld)?$/i.test(file.name)) {
      notice([`${file.name} is read as a claim; what became of it stands at the foot of this page.`]);
      at("check-claim").scrollIntoView({ block: "center" });
      return checkClaim(file);
    }
    const { preset, problems } = await files.open(file), { slots } = view.selection;
    if (!preset) notice([`${file.name} was not opened, and nothing has changed:`, ...problems], true);
    else if (slots.length < letters.length) {
      const more = choice.added(slots, choice.slot(preset));
      change({ ...view.selection, slots: more.slots }, false, "", more.at);
    }
    else {
      drawForm();
      notice([`${file.name} stands under “Start from” now, in “Your own”: three scenarios are compared already.`]);
    }
    return undefined;
  };

  const watchFiles = () => {
    const input = at("file");
    at("open-file").addEventListener("click", () => input.click());
    input.addEventListener("change", () => { openFile(input.files[0]).finally(() => { input.value = ""; }); });
    at("save-file").addEventListener("click", () => {
      const one = view.selection.slots[view.slot], name = files.nameOf(one);
      takeaway.save(name, new Blob([files.textOf(one)], { type: "text/yaml" }));
      at("live").textContent = `Saved as ${name}, which ringfence compare reads.`;
    });
    document.addEventListener("dragover", event => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
    document.addEventListener("drop", event => {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      openFile(event.dataTransfer.files[0]);
    });
  };

  // ---- without a model -------------------------------------------------------------------------------------------

  /** Numbers that JSON cannot hold stand in it as null. */
  const revived = value => value === null ? NaN : Array.isArray(value) ? value.map(revived)
    : typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, revived(one)])) : value;

  const fallBack = problem => {
    worker = null;
    view.broken = problem;
    if (!view.selection) return; // nothing is laid out yet: `begin` comes back here
    view.selection = choice.restore(given.opening).selection;
    view.selection.n = given.futures;
    view.newest++;
    view.answer = revived(given.ahead);
    view.told = undefined;
    view.final = true;
    document.body.classList.add("ahead");
    at("controls").replaceChildren(node("p", {}, "Levers need a browser that runs WebAssembly with SIMD."));
    at("slots").replaceChildren();
    at("files").replaceChildren();
    at("bits").disabled = at("outcome").disabled = at("years").disabled = true;
    notice([`This browser does not run the model (${problem}). Below is the answer that was worked out when this page was made; nothing can be moved.`], true);
    tellState("done", doneWords(view.answer.n));
    show(true);
    for (const id of ["behind", "map", "story"]) at(id).replaceChildren(node("p", {}, "This needs a browser that runs the model."));
  };

  // ---- beginning -------------------------------------------------------------------------------------------------

  const open = query => {
    const found = choice.restore(query || given.opening);
    view.selection = query ? found.selection : { ...found.selection, n: given.futures };
    view.slot = found.built || Math.min(1, found.selection.slots.length - 1);
    view.touched = found.built > 0;
    view.embed = found.embed || new URLSearchParams(location.search).get("embed") === "1";
    document.body.classList.toggle("embed", view.embed);
    drawForm();
    story.begin(found.story, found.boards);
    notice(found.notes);
  };

  /** One worker that answers, and up to three that run a share of the futures for it. */
  const startWorkers = () => {
    const code = ["script-engine", "script-words", "script-answer", "script-why", "worker"].map(id => at(id).textContent).join("\n");
    const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const workers = Math.min(4, Math.max(1, navigator.hardwareConcurrency || 2));
    const begun = { parts: at("parts").textContent, data: at("data").textContent, workers };
    worker = new Worker(address);
    const ports = Array.from({ length: workers - 1 }, () => {
      const { port1, port2 } = new MessageChannel(), helper = new Worker(address);
      helper.onerror = () => worker?.postMessage({ kind: "alone" });
      helper.postMessage({ kind: "help", ...begun }, [port2]);
      return port1;
    });
    worker.onmessage = heard;
    worker.onerror = event => fallBack(event.message || "its worker stopped");
    worker.postMessage({ kind: "start", ...begun }, ports);
  };

  const able = typeof WebAssembly === "object" && typeof Worker === "function" && typeof DecompressionStream === "function";

  /** Workers begin first: they load the model while the page is laid out, and the first question waits for them. */
  const begin = async () => {
    let problem = able ? "" : "it has no WebAssembly, or is too old";
    try {
      if (able) startWorkers();
    } catch (error) {
      problem = error.message;
    }
    const asked = location.hash.length > 1 ? location.hash : location.search.length > 1 && /[?&]v=/.test(location.search) ? location.search : "";
    if (files.carriesFiles(asked) && typeof DecompressionStream === "function") await files.learn(asked);
    open(asked);
    at("outcome").addEventListener("change", event => change({ ...view.selection, outcome: event.target.value }));
    at("years").addEventListener("change", event => change({ ...view.selection, years: event.target.value }));
    at("build").addEventListener("submit", event => event.preventDefault());
    at("to-build").addEventListener("click", event => { event.preventDefault(); form.jump("build"); });
    at("skip").addEventListener("click", event => { event.preventDefault(); form.jump("answer"); });
    at("glossary-button").hidden = false;
    at("glossary-button").addEventListener("click", glossary.show);
    at("bits").addEventListener("click", () => worker?.postMessage({ id: 0, kind: "bits" }));
    const closed = () => [...document.querySelectorAll("#result details:not([open])")].filter(fold => fold.dataset.table || fold.matches(".sure"));
    watchParts();
    watchFiles();
    watchClaims();
    let printed = [];
    window.addEventListener("beforeprint", () => { printed = closed(); printed.forEach(fold => {
      fold.open = true;
      if (fold.dataset.table) fillTable(fold);
    }); });
    window.addEventListener("afterprint", () => printed.forEach(fold => { fold.open = false; }));
    window.addEventListener("hashchange", async () => { await files.learn(location.hash); open(location.hash); ask(); });
    if (problem || view.broken) return fallBack(problem || view.broken);
    post(false);
    tellState("working", "Opening the model…");
    if (!asked && given.ahead) {
      view.answer = revived(given.ahead);
      view.ahead = true; // of as many futures as are asked for: fewer would only make its numbers jump
      show(false);
    }
    return undefined;
  };

  window.Ringfence = { shared, policyPicture, story, view, given, choice, files, form, change, charts, words, open, ask, hearBits, askMemory: () => worker.postMessage({ id: 0, kind: "memory" }) };
  begin();
})();
