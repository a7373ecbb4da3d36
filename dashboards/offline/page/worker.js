/* The page's worker: it runs the model, so that the page never waits.

   It shares the futures out among helpers (`shares.js`). It hears `{ id, kind, ... }` and tells `{ id, kind, ... }`. Only the newest question of a kind counts: an older one that
   waits is passed over, and the refining of one that is under way ends between two blocks of futures. */
"use strict";

const QUICK = 200, ROOM = 48e6, CHECKPOINTS = 96e6, REPLAYS = 4, OUTCOMES = 40;
const asked = {}, helpers = [], kept = new Map(), keptBehind = new Map();
let model, given, words, answers, examined, whys, checkClaim, busy = false, joined = new Map();
let drawn = { key: "", parts: new Map(), sets: [], known: new Map() };
const shares = new Map(), KEPT_SHARES = 3;
const replays = new Map();

/** Futures `from` to `to` of a question: those of the posterior or, as its `of` says, "structures" (`draws` of each), or
    the first parameter sets "again" with other seeds. */
function futuresOf({ n, seed, settings, of = "", draws = 0 }, from = 0, to = n) {
  const key = JSON.stringify([seed, settings]);
  if (drawn.key !== key) {
    drawn = { key, parts: new Map(), sets: [], known: new Map() };
    kept.clear();
    keptBehind.clear();
    joined.clear();
    model.forget();
  }
  if (of) return behindOf({ n, seed, settings, of, draws }).part(from, to);
  const part = `${from} ${to}`;
  if (!drawn.parts.has(part)) drawn.parts.set(part, model.futures({ n: to - from, first: from, seed, settings }));
  return drawn.parts.get(part);
}

/** All futures of one of the other kinds; of each kind the last are kept. */
function behindOf({ n, seed, settings, of, draws }) {
  const part = of === "structures" ? `${draws}` : `${n}`, known = drawn.parts.get(of), { repeated, more } = given.words.carriers;
  if (known?.part === part) return known.futures;
  const futures = of === "structures" ? model.structureFutures(draws, seed)
    : model.againFutures(model.futures({ n, seed, settings }), repeated, more);
  drawn.parts.set(of, { part, futures });
  return futures;
}

/** Unpacks what the futures of a question need. */
const openFor = async ({ of }) => of === "structures" && model.openStructures();

/** Where runs keep how far they came: only those that a lever which moves will ask for again. */
const keepAtOf = ({ of }) => of ? 0 : null;

/** Which of the first `to` futures share their parameters. */
function setsOf(job, to) {
  for (let from = drawn.sets.length; from < to; from = drawn.sets.length) {
    drawn.sets.push(...labelsOf(futuresOf(job, from, Math.min(to, from + QUICK)), drawn.known));
  }
  return drawn.sets.slice(0, to);
}

/** A label for each of these futures, the same for the same parameters. */
function labelsOf({ points, length }, known = new Map()) {
  const width = points.length / length;
  return Array.from({ length }, (_, j) => {
    const key = String.fromCharCode(...new Uint16Array(points.buffer, points.byteOffset + j * width * 8, width * 4));
    if (!known.has(key)) known.set(key, known.size);
    return known.get(key);
  });
}

/** Scenarios with their schedules, told apart where two have one title. */
async function scenariosOf(slots) {
  const made = slots.map(slot => {
    const schedule = model.schedule(slot.changes);
    const at = schedule.findIndex((x, i) => x !== model.baseline[i]), width = schedule.length / given.model.quarters;
    return { ...slot, schedule, key: schedule.join(), first: at < 0 ? -1 : Math.floor(at / width) };
  });
  const titles = made.map(one => one.title);
  if (new Set(titles).size < titles.length) {
    const items = [];
    for (const one of made) items.push([one.title, one.name, one.origin, (await fingerprint(one.schedule)).slice(0, 6)]);
    distinct(items).forEach((title, i) => { made[i].title = title; });
  }
  return made;
}

/** The name of a schedule: that of `Scenario.fingerprint`. "" where the browser has no digests. */
async function fingerprint(schedule) {
  if (!globalThis.crypto?.subtle) return "";
  const names = Object.keys(given.model.levers), { quarters } = given.model, width = schedule.length / quarters;
  const head = new TextEncoder().encode(names.join()), numbers = new Float64Array(names.length * quarters);
  names.forEach((name, k) => {
    const at = model.layout.records.levers.float64[name] / 8;
    for (let q = 0; q < quarters; q++) numbers[k * quarters + q] = schedule[q * width + at];
  });
  const all = new Uint8Array(head.length + numbers.byteLength);
  all.set(head);
  all.set(new Uint8Array(numbers.buffer), head.length);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  return Array.from(hash, byte => byte.toString(16).padStart(2, "0")).join("").slice(0, 16);
}

/** A label for each item, as `simulator/scenarios/labels.py` gives it. */
function distinct(items) {
  const key = item => item.join("\n"), each = [...new Map(items.map(item => [key(item), item])).values()];
  const titles = new Map();
  for (const [title] of each) titles.set(title, (titles.get(title) || 0) + 1);
  const labels = new Map(each.filter(([title]) => titles.get(title) === 1).map(item => [key(item), item[0]]));
  for (const item of each.filter(one => !labels.has(key(one)))) {
    const rivals = items.filter(other => other[0] === item[0] && key(other) !== key(item));
    const own = item.filter((word, at) => at && word && rivals.every(other => other[at] !== word)).slice(0, 1);
    const taken = new Set([...labels.values(), ...titles.keys()]);
    const tried = [...own, item.slice(1).filter(Boolean).join(", ")];
    for (let n = 1; n <= items.length + 1; n++) tried.push(String(n));
    labels.set(key(item), tried.map(word => `${item[0]} (${word})`).find(label => !taken.has(label)));
  }
  return items.map(item => labels.get(key(item)));
}

/** A scenario's result in futures `from` to `to`, run here; null where a newer question came. */
async function runHere(one, from, to, job, stale) {
  const steps = model.steps({ schedule: one.schedule, futures: futuresOf(job, from, to), keepAt: keepAtOf(job) });
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    if (!stale) continue;
    await breathe();
    if (stale()) return null;
  }
}

/** Keeps a result as the newest, and lets go of the oldest where they are too many. */
function keep(key, result, store = kept) {
  store.delete(key);
  store.set(key, result);
  let total = 0;
  for (const value of store.values()) total += value.nation.byteLength;
  for (const [old, value] of store) {
    if (total <= ROOM || old === key) break;
    store.delete(old);
    total -= value.nation.byteLength;
  }
  return result;
}

/** The results of every scenario in futures `from` to `to`, cut by cut, from what is kept or run by all workers at once;
    null where a newer question came. */
async function block(scenarios, from, to, job, stale) {
  futuresOf(job, from, to); // another seed, or other numbers held: what is kept goes
  const cuts = cutsOf(from, to, 1 + helpers.length), running = new Map();
  const keyOf = (one, [a, b]) => `${a} ${b} ${one.key}`, store = job.of ? new Map() : kept;
  for (const one of scenarios) {
    cuts.slice(1).forEach((cut, k) => {
      const key = keyOf(one, cut);
      if (!store.has(key) && !running.has(key)) running.set(key, helpers[k].run(one.schedule, job, ...cut, Boolean(stale)));
    });
  }
  const made = scenarios.map(() => []);
  for (const [c, cut] of cuts.entries()) {
    for (const [i, one] of scenarios.entries()) {
      const key = keyOf(one, cut), result = store.get(key) || (c && await running.get(key)) || await runHere(one, ...cut, job, stale);
      if (!result || (stale && stale())) {
        helpers.forEach(helper => helper.stop());
        await Promise.all(running.values());
        return null;
      }
      made[i].push(keep(key, result, store));
    }
  }
  return made;
}

/** The results of a scenario's first `to` futures as one; the same object as last time where nothing is new, since it
    keeps what was worked out of it. */
function join(one, parts, to) {
  const key = `${to} ${one.key}`;
  return joined.get(key) || new answers.Joined(parts);
}

async function answer(job) {
  const stale = () => asked.answer !== undefined;
  const scenarios = await scenariosOf(job.slots), parts = scenarios.map(() => []);
  const tell = to => {
    const results = scenarios.map((one, i) => join(one, parts[i], to)), sets = setsOf(job, to);
    joined = new Map(scenarios.map((one, i) => [`${to} ${one.key}`, results[i]]));
    const made = answers.make({
      scenarios, results, sets, outcome: job.outcome, years: job.years, offsets: model.layout.records.levers.float64, settings: job.settings,
    });
    postMessage({ id: job.id, kind: "answer", answer: made, final: to === job.n, moving: job.moving, n: job.n });
  };
  for (let from = 0; from < job.n; from += QUICK) {
    const to = Math.min(job.n, from + QUICK), results = await block(scenarios, from, to, job, from ? stale : null);
    if (!results) return;
    results.forEach((own, i) => parts[i].push(...own));
    if (!from || to === job.n) tell(to);
    await breathe();
    if (stale() || job.moving) return;
    if (to < job.n) postMessage({ id: job.id, kind: "progress", done: to, n: job.n });
  }
}

/** Outcomes of a scenario in all `total` futures of a question, block by block; null where a newer one came. */
async function outcomesIn(one, job, total, asked_, stale) {
  const made = asked_.map(() => new Float64Array(total));
  for (let first = 0; first < total; first += QUICK) {
    const results = await block([one], first, Math.min(total, first + QUICK), job, stale);
    if (!results) return null;
    let at = first;
    for (const cut of results[0]) {
      asked_.forEach((what, k) => made[k].set(cut.outcome(...what), at));
      at += cut.length;
    }
    await breathe();
    if (stale()) return null;
  }
  return made;
}

/** One outcome of every scenario, from what is kept or run; `also` is another that will be asked for, of the same runs. */
async function outcomesOf(scenarios, job, total, what, stale, also = []) {
  const made = [], keep = (key, values) => {
    keptBehind.delete(key);
    if (job.of) keptBehind.set(key, values);
    if (keptBehind.size > OUTCOMES) keptBehind.delete(keptBehind.keys().next().value);
  };
  for (const one of scenarios) {
    const keyOf = asked_ => [job.of, job.n, ...asked_, one.key].join(" "), known = keptBehind.get(keyOf(what)), all = known ? [what] : [what, ...also];
    const values = known ? [known] : await outcomesIn(one, job, total, all, stale);
    if (!values) return null;
    all.forEach((asked_, k) => keep(keyOf(asked_), values[k]));
    made.push(values[0]);
  }
  return made;
}

/** What stands behind the sentences of the cards, and then of each policy's own. It gives the other outcome, which the last
    card is about, by scenario; null where a newer question came. */
async function tellWho({ job, scenarios, main, sets, points, offsets, parameterAt }, stale) {
  const { n, span, outcome } = job, columns = examined.columnsOf({ sets, points }, parameterAt), who = [];
  const pair = answers.pairOf(scenarios), second = answers.otherOf(outcome);
  const others = await outcomesOf(scenarios, job, n, [second, ...span], stale);
  if (!others) return null;
  const spoken = [[outcome, 0, 0], [outcome, ...pair], [second, ...pair], ...scenarios.slice(1).map((_, i) => [outcome, i + 1, 0, true])];
  for (const [name, i, j, asAsked] of spoken) {
    const [one, other] = [scenarios[i], scenarios[j]], matched = i && j ? answers.matchedSpan([one, other], span) : null;
    const inMatched = matched && await outcomesOf(scenarios, job, n, [name, ...matched], stale);
    if (matched && !inMatched) return null;
    const known = matched && [i, j].every(k => inMatched[k].some(Number.isFinite)), years = known ? matched : span;
    const all = known ? inMatched : name === outcome ? main : others, asks = { outcome: name, span: years, sets, offsets, settings: job.settings };
    const c = i ? answers.compare(one, other, all[i], all[j], asks) : null, when = known ? answers.whenBothAct(matched) : "";
    who.push(examined.who({ ...asks, news: all[i], olds: all[j], c, schedules: [one.schedule, other.schedule], columns, both: j > 0, asAsked, when }));
    await breathe();
    if (stale()) return null;
  }
  postMessage({ id: job.id, kind: "who", who });
  return others;
}

/** What stands behind an answer: averages over structures, what carries its verdicts, ranges apart. It is worked out after
    the answer, and gives way to the next one between two blocks of futures. */
async function behind(job) {
  const stale = () => {
    if (asked.story || asked.map) asked.behind ||= job; // what somebody waits for goes first; what was run is kept
    return asked.answer !== undefined || asked.behind !== undefined;
  };
  const scenarios = await scenariosOf(job.slots), { n, span, outcome } = job, what = [outcome, ...span];
  const { rows, fewest, names } = given.model.structures || {}, offsets = model.layout.records.levers.float64;
  const enough = n >= given.words.fewest && scenarios.length > 1;
  const main = await outcomesOf(scenarios, job, n, what, stale);
  if (!main) return;
  const sets = setsOf(job, n), { points } = futuresOf(job), parameterAt = name => model.layout.records.parameters.float64[name] / 8;
  const inSecond = await tellWho({ job, scenarios, main, sets, points, offsets, parameterAt }, stale);
  if (!inSecond) return;
  const second = answers.otherOf(outcome), pair = answers.pairOf(scenarios).sort((i, j) => j - i);
  let structural = null, again = null, inStructures = () => null;
  const inYears = async years => {
    const own = await outcomesOf(scenarios, job, n, [outcome, ...years], stale), others = own && await inStructures(years);
    return own && (others || !structural) ? { main: own, structural: others } : null;
  };
  if (enough && names && !Object.keys(job.settings).length) {
    const draws = Math.min(Math.max(Math.floor(n * rows / 1000), fewest), rows), asks = { ...job, of: "structures", draws };
    await openFor(asks);
    const ofSecond = [second, ...span], outcomes = await outcomesOf(scenarios, asks, names.length * draws, what, stale, [ofSecond]);
    const seconds = outcomes && await outcomesOf(pair.map(i => scenarios[i]), asks, names.length * draws, ofSecond, stale);
    if (!seconds) return;
    const all = behindOf(asks);
    structural = { outcomes, seconds, draws, points: all.points, sets: labelsOf(all) };
    inStructures = years => outcomesOf(scenarios, asks, names.length * draws, [outcome, ...years], stale);
  }
  if (enough) {
    again = await outcomesOf(scenarios, { ...job, of: "again" }, behindOf({ ...job, of: "again" }).length, what, stale);
    if (!again) return;
  }
  const others = scenarios.map((_, i) => i).slice(1), pairs = [...others.map(i => [i, 0]), ...others.flatMap(j => others.filter(i => i > j).map(i => [i, j]))];
  const compared = [];
  for (const [i, j] of pairs) {
    const asks = { outcome, span, sets, offsets, settings: job.settings }, c = answers.compare(scenarios[i], scenarios[j], main[i], main[j], asks);
    const years = j && answers.matchedSpan([scenarios[i], scenarios[j]], span), matched = years ? await inYears(years) : null;
    if (years && !matched) return;
    const known = matched && [i, j].every(k => matched.main[k].some(Number.isFinite));
    compared.push([i, j, c, known ? { ...matched, span: years, c: answers.compare(scenarios[i], scenarios[j], matched.main[i], matched.main[j], { ...asks, span: years }) } : null]);
  }
  const made = examined.make({
    pairs: compared, main: { outcomes: main, sets, points }, structural, again, schedules: scenarios.map(one => one.schedule), outcome, span, offsets, settings: job.settings, parameterAt, over: answers.overYears(scenarios, span),
    second: structural && {
      pair, outcomes: structural.seconds,
      c: answers.compare(...pair.map(i => scenarios[i]), ...pair.map(i => inSecond[i]), { outcome: second, span, sets, offsets, settings: job.settings }),
    },
  });
  postMessage({ id: job.id, kind: "behind", behind: made, rows: rows || 0, n });
}

/** Money by board added up over years, £m, future by future; shares of bodies that act as one. */
async function map(job) {
  const stale = () => asked.answer !== undefined || asked.map !== undefined;
  const scenarios = await scenariosOf(job.slots);
  const about = given.model.outcomes[job.outcome], { bytes, float64 } = model.layout.records.area_year;
  const [from, to] = job.span, areas = given.areas.length, width = bytes / 8, n = Math.min(job.n, job.most);
  const terms = list => list.map(term => [float64[term.replace("-", "")] / 8, term.startsWith("-") ? -1 : 1]);
  const over = terms(about.over), by = terms(about.by), last = given.model.quarters - 1;
  const made = [];
  for (const one of scenarios) {
    const at = model.layout.records.levers.float64.reorganise / 8, levers = one.schedule.length / given.model.quarters;
    const goes = one.schedule[last * levers + at] > 0;
    const of = given.areas.map((area, i) => goes && area.merges <= last ? area.head : i);
    const shares = new Float64Array(n * areas);
    const eachBlock = (first, count, rows) => {
      const years = rows.length / count / areas / width;
      for (let j = 0; j < count; j++) {
        const top = new Float64Array(areas), bottom = new Float64Array(areas);
        for (let year = from; year < to; year++) {
          for (let k = 0; k < areas; k++) {
            const row = ((j * years + year) * areas + k) * width;
            for (const [term, sign] of over) top[of[k]] += sign * rows[row + term];
            for (const [term, sign] of by) bottom[of[k]] += sign * rows[row + term];
          }
        }
        for (let k = 0; k < areas; k++) shares[(first + j) * areas + k] = bottom[of[k]] > 0 ? top[of[k]] / bottom[of[k]] : NaN;
      }
    };
    const steps = model.steps({ schedule: one.schedule, futures: futuresOf(job, 0, n), areasFrom: from, eachBlock });
    for (let step = steps.next(); !step.done; step = steps.next()) {
      await breathe();
      if (stale()) return;
    }
    made.push({ of, shares });
  }
  const column = (i, k) => made[i].shares.filter((_, at) => at % areas === k);
  const board = (i, k) => {
    const own = column(i, k), old = column(0, k), less = own.map((x, j) => x - old[j]);
    return { level: RingfenceModel.mean(own), less: RingfenceModel.mean(less), error: words.standardError(less) };
  };
  const boards = scenarios.map((_, i) => given.areas.map((_, k) => board(i, k)));
  postMessage({ id: job.id, kind: "map", n, outcome: job.outcome, span: job.span, titles: scenarios.map(s => s.title), letters: scenarios.map(s => s.letter), of: made.map(m => m.of), boards });
}

/** What each board keeps of its own money in each future, in each £100, (futures, areas): added up as the dashboard does,
    so that both find the same typical future. The last few are kept. */
async function sharesOf(one, job, stale) {
  const all = futuresOf(job), [from, to] = job.span;
  const key = [all.key, one.key, job.outcome, from, to].join();
  if (shares.has(key)) return shares.get(key);
  const about = given.model.outcomes[job.outcome], { bytes, float64 } = model.layout.records.area_year;
  const areas = given.areas.length, width = bytes / 8, values = new Float64Array(job.n * areas);
  const eachBlock = (first, count, rows) => {
    const years = rows.length / count / areas / width;
    const total = (terms, j, k) => terms.reduce((sum, term) => {
      const at = float64[term.replace("-", "")] / 8;
      let added = 0;
      for (let year = from; year < to; year++) added += rows[((j * years + year) * areas + k) * width + at];
      return term.startsWith("-") ? sum - Math.fround(added) : sum + Math.fround(added);
    }, 0);
    for (let j = 0; j < count; j++) {
      for (let k = 0; k < areas; k++) {
        const bottom = total(about.by, j, k);
        values[(first + j) * areas + k] = bottom > 0 ? 100 * (total(about.over, j, k) / bottom) : NaN;
      }
    }
  };
  for (const done of model.steps({ schedule: one.schedule, futures: all, eachBlock })) {
    await breathe();
    if (stale()) return null;
    postMessage({ id: job.id, kind: "story", done, n: job.n });
  }
  shares.set(key, values);
  if (shares.size > KEPT_SHARES) shares.delete(shares.keys().next().value);
  return values;
}

/** The future whose value is nearest to a centile of a board's; of several equally near, the first. */
function typicalOf(own, centile) {
  const known = Array.from(own.keys()).filter(j => own[j] === own[j]);
  if (!known.length) return 0;
  const [target] = RingfenceModel.quantiles(known.map(j => own[j]), [centile]);
  return known.reduce((best, j) => Math.abs(own[j] - target) < Math.abs(own[best] - target) ? j : best);
}

const changesOf = ([own, other]) => other ? own.map((value, j) => value - other[j]) : null;
const averageKnown = values => RingfenceModel.mean(values.filter(Number.isFinite));

/** The future nearest to a board's average and, where two scenarios are compared, to the average change: the one whose furthest
    of them is nearest (`find_average_future` in Python). */
function averageOf(kept) {
  const kinds = [kept[0], changesOf(kept)].filter(Boolean), averages = kinds.map(averageKnown);
  const gaps = Array.from(kept[0].keys(), j => Math.max(...kinds.map((values, k) => Math.abs(values[j] - averages[k]))));
  return gaps.reduce((best, gap, j) => gap === gap && !(gap >= gaps[best]) ? j : best, 0);
}

/** A future, what a board has in it and on average, and what the policy changes; `less` counts the futures with less. */
function besideAverage(kept, future) {
  const [own] = kept, changes = changesOf(kept);
  return {
    future, n: own.length, value: own[future], average: averageKnown(own), less: own.filter(value => value < own[future] - 1e-9).length,
    ...changes && { change: changes[future], changes: averageKnown(changes) },
  };
}

/** One board in one future under one scenario, and where another one diverges. */
async function story(job) {
  const stale = () => asked.answer !== undefined || asked.story !== undefined;
  const { board, seed, settings } = job;
  const scenarios = await scenariosOf(job.slots);
  let { future } = job, typical = null;
  if (future === null) {
    const kept = [];
    for (const one of scenarios) {
      const values = await sharesOf(one, job, stale);
      if (!values) return;
      kept.push(values.filter((_, i) => i % given.areas.length === board));
    }
    typical = besideAverage(kept, job.centile === 0.5 ? averageOf(kept) : typicalOf(kept[0], job.centile));
    ({ future } = typical);
  }
  const one = model.futures({ n: 1, seed, first: future, settings }), runs = [];
  const { records } = model.layout, columns = records.area_year.float64, width = records.area_year.bytes / 8;
  for (const { title, name, schedule, key } of scenarios) {
    const place = [board, one.key, key].join(), known = replays.get(place);
    if (!known) await breathe();
    if (stale()) return;
    const { areas, areaCount, trace } = known || {
      ...model.run({ schedule, futures: one, areasFrom: 0, keepAt: 0 }), trace: model.trace({ schedule, futures: one, of: [board, given.areas[board].head] }),
    };
    replays.delete(place);
    replays.set(place, { areas, areaCount, trace });
    if (replays.size > REPLAYS) replays.delete(replays.keys().next().value);
    runs.push({
      title, name, columns, trace,
      money: (name, year) => areas[(year * areaCount + board) * width + columns[name] / 8],
      lever: (quarter, name) => schedule[(quarter * records.levers.bytes + records.levers.float64[name]) / 8],
    });
  }
  const number = name => one.points[records.parameters.float64[name] / 8];
  const told = whys.explain({ at: board, future, seed, runs, number, settings });
  postMessage({ id: job.id, kind: "story", board, future, typical, titles: scenarios.map(({ title }) => title), told });
}

async function bits(job) {
  const found = await model.publishedBits((done, total) => postMessage({ id: job.id, kind: "bits", done, total }));
  postMessage({ id: job.id, kind: "bits", found });
}

/** A claim's text, run again. */
async function claim({ id, text }) {
  const told = await checkClaim(text, (done, total) => postMessage({ id, kind: "claim", done, total }));
  postMessage({ id, kind: "claim", told });
}

async function start({ parts, data, workers }) {
  given = JSON.parse(data);
  const { wasm, layout } = JSON.parse(parts);
  model = await RingfenceModel.load(await RingfenceModel.unpacked(wasm, true), layout, given.model);
  model.room = CHECKPOINTS / workers;
  words = RingfenceWords(given.words, RingfenceModel);
  answers = RingfenceAnswer(given, words, RingfenceModel);
  examined = RingfenceExamined(given, words, answers, RingfenceModel);
  whys = RingfenceWhy(given, words);
  checkClaim = RingfenceClaims(given, model, answers, words, labelsOf);
}

/** Bytes that are kept from one question to the next. */
const memory = () => ({
  checkpoints: model.kept, results: [...kept.values()].reduce((total, one) => total + one.nation.byteLength, 0),
  wasm: model._exports.memory.buffer.byteLength,
});

const work = { answer, story, map, behind, bits, claim, memory: job => postMessage({ id: job.id, kind: "memory", ...memory() }) };

async function next() {
  if (busy) return;
  busy = true;
  for (;;) {
    const kind = Object.keys(work).find(one => asked[one]);
    if (!kind) break;
    const job = asked[kind];
    asked[kind] = undefined;
    try {
      await work[kind](job);
    } catch (error) {
      postMessage({ id: job.id, kind: "problem", of: kind, problem: error.message });
    }
    await breathe();
  }
  busy = false;
}

self.onmessage = async ({ data, ports }) => {
  if (data.kind === "alone") {
    helpers.forEach(helper => helper.leave());
  } else if (data.kind === "help") {
    help(ports[0], start(data));
  } else if (data.kind === "start") {
    helpers.push(...ports.map(port => new Helper(port)));
    busy = true;
    try {
      await start(data);
    } catch (error) {
      postMessage({ kind: "broken", problem: error.message });
    }
    busy = false;
  } else {
    asked[data.kind] = data;
    if (data.kind === "answer") asked.behind = undefined;
  }
  if (model && !busy) next();
};
