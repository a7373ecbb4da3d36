/* The model in a page: parameter sets, calendars and boards laid out for model.wasm, futures run, outcomes made.

   A plain script without modules, so that it works inlined, in a worker made of a Blob, and from file://. It defines one
   name, RingfenceModel. README.md beside it tells how to use it. Everything here gives the bits that Python gives: sums
   are taken in numpy's order, and nothing is computed that is not the same operations in the same order there. */
"use strict";

const RingfenceModel = (() => {
  const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`.|}~";
  const PAGE = 65536, ROOM = 128e6, WORD = 0xffffffffn;

  /** The bytes of a text that has four of them in five letters, as `page_data.py` writes it. */
  function bytesOf(text) {
    const values = new Uint8Array(128), groups = Math.ceil(text.length / 5), made = new DataView(new ArrayBuffer(4 * groups));
    Array.from(LETTERS).forEach((letter, value) => { values[letter.charCodeAt(0)] = value; });
    for (let group = 0; group < groups; group++) {
      let number = 0;
      for (let i = 5 * group; i < 5 * group + 5; i++) number = 85 * number + (i < text.length ? values[text.charCodeAt(i)] : 84);
      made.setUint32(4 * group, number);
    }
    return new Uint8Array(made.buffer, 0, 4 * groups - (5 * groups - text.length));
  }

  /** The same, inflated where they were deflated. */
  async function unpacked(text, deflated) {
    const bytes = bytesOf(text);
    if (!deflated) return bytes;
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /** The sum of `count` numbers from `from` on, added in the order in which numpy adds them. */
  function sum(values, from = 0, count = values.length) {
    if (count < 8) {
      let total = 0;
      for (let i = 0; i < count; i++) total += values[from + i];
      return total;
    }
    if (count > 128) {
      let half = Math.floor(count / 2);
      half -= half % 8;
      return sum(values, from, half) + sum(values, from + half, count - half);
    }
    const lanes = Float64Array.from({ length: 8 }, (_, k) => values[from + k]);
    const whole = count - (count % 8);
    for (let i = 8; i < whole; i += 8) for (let k = 0; k < 8; k++) lanes[k] += values[from + i + k];
    const [a, b, c, d, e, f, g, h] = lanes;
    let total = ((a + b) + (c + d)) + ((e + f) + (g + h));
    for (let i = whole; i < count; i++) total += values[from + i];
    return total;
  }

  const mean = values => sum(values) / values.length;

  /** Quantiles by linear interpolation, as `numpy.quantile` makes them; `shares` lie between 0 and 1. */
  function quantiles(values, shares) {
    const sorted = Float64Array.from(values).sort();
    return shares.map(share => {
      const at = (sorted.length - 1) * share;
      const low = Math.floor(at), part = at - low;
      const a = sorted[low], b = sorted[Math.min(low + 1, sorted.length - 1)];
      return part >= 0.5 ? b - (b - a) * (1 - part) : a + (b - a) * part;
    });
  }

  /** To the nearest whole number, halves to the even one. */
  function nearest(x) {
    const magic = x < 0 ? -4503599627370496 : 4503599627370496;
    return Math.abs(x) < 4503599627370496 ? (x + magic) - magic : x;
  }

  /** Refuses a change that cannot be meant; the page's own checks say it better. */
  function checkChange(change, levers, quarters) {
    const { lever, kind, value, path = [], start, end, phase } = change;
    if (!Object.hasOwn(levers, lever)) throw new Error(`no lever ${lever}`);
    const within = q => Number.isInteger(q) && q >= 0 && q < quarters;
    const numbers = kind === "path" ? path.map(step => step[1]) : [value];
    const good = ["to", "add", "scale", "path"].includes(kind) && numbers.every(Number.isFinite) && within(start)
      && within(end) && path.every(step => within(step[0])) && Number.isInteger(phase) && phase >= 0;
    if (!good) throw new RangeError(`${lever}: a change has a known kind, finite numbers, and quarters within the calendar`);
  }

  /** A lever's quarters after one change, as `simulator/scenarios/change.py` makes them. */
  function changed(change, before) {
    const after = before.slice();
    if (change.kind === "path") {
      for (const [quarter, value] of change.path) after.fill(value, quarter, change.end + 1);
      return after;
    }
    const origin = before[Math.max(0, change.start - 1)];
    for (let q = change.start; q <= change.end; q++) {
      const weight = Math.min(1, (q - change.start + 1) / Math.max(1, change.phase));
      if (change.kind === "add") after[q] += weight * change.value;
      else if (change.kind === "scale") after[q] *= (1 - weight) + weight * change.value;
      else after[q] = weight === 1 ? change.value : (1 - weight) * origin + weight * change.value;
    }
    return after;
  }

  /** A lever's quarters after several changes, as `apply_all` makes them: not held to its bounds. */
  function applied(changes, before) {
    return changes.reduce((values, change) => changed(change, values), Float64Array.from(before)).map(x => nearest(x * 1e12) / 1e12 + 0);
  }

  /** Parameter sets and addresses of chance. `points` has a record a future, `runs` its run number under the seed. */
  class Futures {
    constructor(points, runs, seed, key) {
      Object.assign(this, { points, runs, seed, key, length: runs.length });
    }

    /** Futures `from` to `to`; each keeps its own parameters and chance. */
    part(from, to) {
      const width = this.points.length / this.length;
      const points = this.points.subarray(from * width, to * width);
      return new Futures(points, this.runs.subarray(from, to), this.seed, `${this.key}[${from}:${to}]`);
    }
  }

  /** What a schedule gives in each future. `nation` holds records (futures, years); `areas`, if kept, records
      (futures, years from `areasFrom` on, areas); both as numbers, in the order of the layout. */
  class Result {
    constructor(model, futures, years, nation, areas, areasFrom, areaCount) {
      Object.assign(this, { model, length: futures, years, nation, areas, areasFrom, areaCount });
    }

    /** An output variable: numbers (futures, years). */
    values(name) {
      return this.model._column(this.nation, this.model._place("nation_year", name), "nation_year");
    }

    /** An outcome over years `from` to `to` (without it): a number for each future. */
    outcome(name, from = 0, to = this.years) {
      return this.model._ratio(this.nation, "nation_year", name, this.length, this.years, 1, from, to);
    }

    /** An outcome of every year by itself: numbers (futures, years). */
    eachYear(name) {
      const made = new Float64Array(this.length * this.years);
      for (let year = 0; year < this.years; year++) {
        this.outcome(name, year, year + 1).forEach((value, j) => { made[j * this.years + year] = value; });
      }
      return made;
    }

    /** An outcome of every area over years `from` to `to`: numbers (futures, areas). Its terms must be area measures. */
    outcomeByArea(name, from = this.areasFrom, to = this.years) {
      if (!this.areas || from < this.areasFrom) throw new Error("areas were not kept for these years");
      const years = this.years - this.areasFrom;
      return this.model._ratio(this.areas, "area_year", name, this.length, years, this.areaCount,
        from - this.areasFrom, to - this.areasFrom);
    }
  }

  class Model {
    constructor(exports, layout, data, areas, posterior) {
      Object.assign(this, { layout, data, areas, _exports: exports, _posterior: posterior, room: ROOM, _kept: [], _given: 0, _structures: null });
      this.baseline = this.schedule([]);
    }

    // ---- what goes in -------------------------------------------------------------------------------------------

    /** The draw of the random generator at an address: run, area, quarter and event under a seed. */
    uniform(seed, run, area, quarter, event) {
      const cell = [run, area, quarter, event].map(BigInt);
      return this._exports.uniform(...cell, seed & WORD, seed >> 32n);
    }

    /** Futures `first` to `first + n` of a seed, from the posterior, some parameters held at `settings`. */
    futures({ n, seed, first = 0, settings = {} }) {
      const { data, _posterior: posterior } = this;
      seed = BigInt(seed);
      if (seed < 0n || seed >> 64n) throw new RangeError("a seed lies between 0 and 2^64 - 1");
      if (!Number.isInteger(n) || n < 1 || !Number.isInteger(first) || first < 0) {
        throw new RangeError("futures are a whole number from 1, and the first of them one from 0");
      }
      const width = this.layout.records.parameters.bytes / 8;
      const points = new Float64Array(n * width);
      const place = name => this._place("parameters", name);
      for (const name of Object.keys(settings)) {
        if (!Object.hasOwn(data.parameters, name)) throw new Error(`no parameter ${name}`);
      }
      const set = name => Object.hasOwn(settings, name);
      for (const [name, about] of Object.entries(data.parameters)) {
        if (set(name) && !(about.low <= settings[name] && settings[name] <= about.high)) {
          throw new RangeError(`${name} lies between ${about.low} and ${about.high}`);
        }
        points[place(name)] = set(name) ? settings[name] : about.default;
      }
      for (let j = 1; j < n; j++) points.copyWithin(j * width, 0, width);
      const drawn = posterior.names.flatMap((name, k) => (set(name) ? [] : [[place(name), k]]));
      const { row, word, block, blocks, event } = data.posterior.order;
      const begin = Math.floor(this.uniform(seed, row, word, 0, event) * block);
      for (let j = 0; j < n; j++) {
        const wanted = first + j;
        const draw = Math.floor(wanted / block) % blocks * block + (begin + wanted) % block;
        if (draw >= posterior.rows) throw new RangeError(`this page holds parameters for ${posterior.rows} futures`);
        for (const [at, k] of drawn) points[j * width + at] = posterior.value(draw, k);
      }
      const runs = BigUint64Array.from({ length: n }, (_, j) => BigInt(first + j));
      const held = Object.keys(settings).sort().map(name => `${name}=${settings[name]}`);
      return new Futures(points, runs, seed, [seed, first, n, ...held].join());
    }

    /** Futures with parameters of one's own: records as numbers, run numbers, a seed. */
    givenFutures(points, runs, seed) {
      return new Futures(points, BigUint64Array.from(runs, BigInt), BigInt(seed), `given ${this._given++}`);
    }

    /** The first `draws` futures of each structure, structure by structure: row k of each has the same chance. Wait for
        `openStructures` first. */
    structureFutures(draws, seed) {
      const { names, held, rows } = this.data.structures, { points } = this._structures, width = points.length / names.length / rows;
      const made = new Float64Array(names.length * draws * width);
      names.forEach((name, k) => {
        made.set(points.subarray(k * rows * width, (k * rows + draws) * width), k * draws * width);
        for (const [parameter, value] of Object.entries(held[name])) {
          for (let row = k * draws; row < (k + 1) * draws; row++) made[row * width + this._place("parameters", parameter)] = value;
        }
      });
      return this.givenFutures(made, Array.from({ length: names.length * draws }, (_, i) => i % draws), seed);
    }

    /** Unpacks the structures' draws, which only answers averaged over structures need. */
    async openStructures() {
      const { structures, parameters } = this.data, width = this.layout.records.parameters.bytes / 8;
      if (this._structures || !structures) return;
      const packed = await draws({ ...structures, names: this._posterior.names, rows: structures.names.length * structures.rows });
      const points = new Float64Array(packed.rows * width);
      for (const [name, about] of Object.entries(parameters)) {
        const at = this._place("parameters", name), k = packed.names.indexOf(name);
        for (let row = 0; row < packed.rows; row++) points[row * width + at] = k < 0 ? about.default : packed.value(row, k);
      }
      this._structures = { points };
    }

    /** The first parameter sets of `futures`, at most `most`, each `times` over with seeds of their own. */
    againFutures(futures, most, times) {
      const count = Math.min(futures.length, most), width = futures.points.length / futures.length;
      const points = new Float64Array(count * times * width);
      for (let row = 0; row < count * times; row++) {
        const at = Math.floor(row / times) * width;
        points.set(futures.points.subarray(at, at + width), row * width);
      }
      return this.givenFutures(points, Array.from({ length: count * times }, (_, i) => futures.length + i), futures.seed);
    }

    /** The levers by quarter after these changes on the baseline, each held to its bounds: records as numbers. */
    schedule(changes) {
      const { quarters, levers } = this.data;
      const width = this.layout.records.levers.bytes / 8;
      const made = new Float64Array(quarters * width);
      for (const change of changes) checkChange(change, levers, quarters);
      for (const [name, about] of Object.entries(levers)) {
        const own = changes.filter(change => change.lever === name);
        const values = own.length ? applied(own, about.baseline) : about.baseline;
        const at = this._place("levers", name);
        values.forEach((x, q) => { made[q * width + at] = Math.min(Math.max(x, about.low), about.high); });
      }
      return made;
    }

    // ---- running ------------------------------------------------------------------------------------------------

    /** Runs a schedule through futures at once; see `steps` for what can be asked. */
    run(job) {
      const steps = this.steps(job);
      let step = steps.next();
      while (!step.done) step = steps.next();
      return step.value;
    }

    /** The same a block of futures at a time: yields how many are done; return early to stop. The value is a Result.

        `areasFrom`: keep areas from this year on. `eachBlock(first, count, rows)`: be shown them instead, block by block;
        `rows` are numbers (count, years, areas, measures), right from that year on and for this call only. `keepAt`: keep where futures stand at this quarter, for the next schedule that is equal until
        then; without it the first quarter that differs from the baseline. */
    * steps({ schedule, futures, areas = this.areas, firstPlan = 1, areasFrom = null, eachBlock = null, keepAt = null }) {
      const { records } = this.layout;
      const width = records.levers.bytes / 8, quarters = schedule.length / width, years = quarters / 4;
      const areaCount = areas.length / records.area.bytes, n = futures.length;
      this._check(schedule, areas, firstPlan);
      const key = [futures.key, this._boards(areas), firstPlan].join();
      const wanted = areasFrom === null ? (eachBlock ? 0 : years) : areasFrom;
      const from = this._checkpoint(key, schedule, width, wanted * 4 + 3);
      const begin = from ? from.quarter : 0;
      const keep = this._keepAt(keepAt, schedule, width, begin, quarters);
      const made = {
        nation: new Float64Array(n * years * records.nation_year.bytes / 8),
        areas: areasFrom === null || eachBlock ? null : new Float64Array(n * (years - wanted) * areaCount * records.area_year.bytes / 8),
        saved: keep ? new Uint8Array(n * this._boardBytes(areaCount)) : null,
      };
      const shape = { years, areaCount, quarters, firstPlan, begin, keep, wanted, detail: Boolean(eachBlock || made.areas) };
      for (let at = 0; at < n; at += this.layout.block) {
        const count = Math.min(this.layout.block, n - at);
        const memory = this._runBlock(schedule, futures, areas, from, at, count, shape);
        this._copyOut(memory, made, at, count, shape, eachBlock);
        yield at + count;
      }
      const result = new Result(this, n, years, made.nation, made.areas, wanted, areaCount);
      if (keep) this._keep({ key, quarter: keep, prefix: schedule.slice(0, keep * width), saved: made.saved, result });
      return result;
    }

    /** A result of this model whose national records another worker made. */
    ranElsewhere(nation, futures) {
      const years = nation.byteLength / futures / this.layout.records.nation_year.bytes;
      return new Result(this, futures, years, nation, null, years, 0);
    }

    /** Why: every decision of future `index`, in the order in which they were taken in each quarter.

        Each has `quarter`, `area`, `event`; `pulls` as [name, log-odds towards a yes] pairs, `pull` their total; `draw`,
        `taken` (1 or 0, or the share decided), `width` (0 for a yes or no). `deciders[quarter][area]` is the area whose
        board decides: plans and raids of an area are those of its decider. `of`: only the decisions of these areas, and of the
        deciders of the first of them. */
    trace({ schedule, futures, index = 0, areas = this.areas, firstPlan = 1, of = null }) {
      const { records, trace: told, entries } = this.layout;
      this._check(schedule, areas, firstPlan);
      if (!(index >= 0 && index < futures.length)) throw new RangeError(`there is no future ${index}`);
      const quarters = schedule.length / (records.levers.bytes / 8), areaCount = areas.length / records.area.bytes;
      const width = futures.points.length / futures.length, room = quarters * areaCount * told.most;
      const whole = told.whole.length, given = told.numbers.length;
      const memory = this._room({
        point: width * 8, runs: 8, seed: 16, areas: areas.length, schedule: schedule.byteLength,
        decisions: room * whole * 8, numbers: room * told.columns * 8, deciders: quarters * areaCount * 8,
      });
      memory.put("point", futures.points.subarray(index * width, (index + 1) * width));
      memory.put("runs", futures.runs.subarray(index, index + 1));
      memory.put("seed", BigUint64Array.of(futures.seed & WORD, futures.seed >> 32n));
      memory.put("areas", areas);
      memory.put("schedule", schedule);
      memory.bytes("numbers").fill(0);
      const counts = { area_count: areaCount, quarters, first_plan: firstPlan };
      const count = this._exports.trace(...entries.trace.map(([name, kind]) =>
        kind === "address" ? memory.at[name] : BigInt(counts[name])));
      const places = new BigInt64Array(memory.bytes("decisions").slice().buffer), numbers = memory.numbers("numbers");
      const who = Array.from(new BigInt64Array(memory.bytes("deciders").slice().buffer), Number);
      const deciders = Array.from({ length: quarters }, (_, q) => who.slice(q * areaCount, (q + 1) * areaCount));
      const decisions = [];
      for (let i = 0; i < count; i++) {
        const [quarter, area, event] = Array.from(places.subarray(i * whole, (i + 1) * whole), Number);
        if (of && !of.includes(area) && deciders[quarter][of[0]] !== area) continue;
        const row = numbers.subarray(i * told.columns, (i + 1) * told.columns);
        const { name, pulls } = told.events[event];
        decisions.push({
          quarter, area, event: name, ...Object.fromEntries(told.numbers.map((number, k) => [number, row[k]])),
          pulls: pulls.map(([pull, sign], k) => [pull, sign * row[given + k]]),
        });
      }
      return { decisions, deciders };
    }

    /** SHA-256 of each `block` of `n` futures of a seed, over national and then area records of one future after the
        other, lowest byte first: what a published digest holds. `progress(done)` is called with futures. */
    async digests({ schedule, n, block, seed, progress = () => {} }) {
      if (!globalThis.crypto?.subtle) throw new Error("a browser makes digests only for a file or over https");
      const made = [];
      for (let first = 0; first < n; first += block) {
        const futures = this.futures({ n: Math.min(block, n - first), seed, first });
        const { nation, areas } = this.run({ schedule, futures, areasFrom: 0 });
        const [a, b] = [nation.length / futures.length, areas.length / futures.length];
        const all = new Float64Array(nation.length + areas.length);
        for (let j = 0; j < futures.length; j++) {
          all.set(nation.subarray(j * a, (j + 1) * a), j * (a + b));
          all.set(areas.subarray(j * b, (j + 1) * b), j * (a + b) + a);
        }
        const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
        made.push(Array.from(hash, byte => byte.toString(16).padStart(2, "0")).join(""));
        progress(first + futures.length);
      }
      return made;
    }

    /** Whether this browser gives the published bits: by scenario how many of its `blocks` digests are as published.
        `progress(done, total)` is called with futures. null where the page has other boards or too few draws. */
    async publishedBits(progress = () => {}) {
      const { published } = this.data;
      if (!published) return null;
      const { seed, futures: n, block, scenarios } = published, equal = {}, names = Object.keys(scenarios);
      for (const [k, name] of names.entries()) {
        const { changes, digests } = scenarios[name], schedule = this.schedule(changes);
        const made = await this.digests({ schedule, n, block, seed, progress: done => progress(k * n + done, names.length * n) });
        equal[name] = made.filter((digest, i) => digest === digests[i]).length;
      }
      const blocks = Math.ceil(n / block);
      return { equal, blocks, same: Object.values(equal).every(count => count === blocks) };
    }

    /** Bytes that are kept of where futures stand. */
    get kept() {
      return this._kept.reduce((total, one) => total + one.saved.length + one.nation.byteLength, 0);
    }

    /** Lets go of everything kept. */
    forget() {
      this._kept = [];
    }

    _check(schedule, areas, firstPlan) {
      const { records } = this.layout;
      const quarters = schedule.length / (records.levers.bytes / 8), n = areas.length / records.area.bytes;
      if (!quarters || quarters % 4) throw new RangeError("a schedule holds whole years");
      if (!n || n % 1) throw new RangeError("there are no areas");
      if (![0, 1, 2, 3].includes(firstPlan)) throw new RangeError("the first plan is made in quarter 0 to 3");
      const whole = new BigInt64Array(areas.slice().buffer), size = records.area.bytes / 8;
      const { region, head } = records.area.int64;
      const of = (i, offset) => Number(whole[i * size + offset / 8]);
      const within = i => i >= 0 && i < n;
      for (let i = 0; i < n; i++) {
        if (!within(of(i, region)) || !within(of(i, head)) || of(of(i, head), head) !== of(i, head)) {
          throw new RangeError(`area ${i}: its region or footprint is not in the table`);
        }
      }
    }

    /** A name for a table of boards: the same for the same bytes. */
    _boards(areas) {
      if (areas === this.areas) return "boards";
      return Array.from(areas, byte => String.fromCharCode(byte)).join("");
    }

    /** The latest place to go on from: the same futures and boards, and the same levers until then. */
    _checkpoint(key, schedule, width, latest) {
      const fits = one => one.key === key && one.quarter <= latest && one.prefix.every((x, i) => x === schedule[i]);
      const [best] = this._kept.filter(fits).sort((a, b) => b.quarter - a.quarter);
      if (best) this._kept = [...this._kept.filter(one => one !== best), best];
      return best;
    }

    _keepAt(asked, schedule, width, begin, quarters) {
      const first = schedule.findIndex((x, i) => x !== this.baseline[i]);
      const usual = first < 0 ? this.data.policy_start : Math.floor(first / width);
      const quarter = asked === null ? usual : asked;
      return quarter > begin && quarter < quarters ? quarter : 0;
    }

    _keep({ key, quarter, prefix, saved, result }) {
      const years = Math.floor(quarter / 4), size = this.layout.records.nation_year.bytes / 8;
      const nation = new Float64Array(result.length * years * size);
      for (let j = 0; j < result.length; j++) {
        nation.set(result.nation.subarray(j * result.years * size, (j * result.years + years) * size), j * years * size);
      }
      const same = one => one.key === key && one.quarter === quarter && one.prefix.every((x, i) => x === prefix[i]);
      this._kept = [...this._kept.filter(one => !same(one)), { key, quarter, prefix, saved, nation, years }];
      while (this.kept > this.room && this._kept.length) this._kept.shift();
    }

    /** Lays out and runs futures `at` to `at + count`; returns where the results lie in memory. */
    _runBlock(schedule, futures, areas, from, at, count, shape) {
      const { records, entries, tolerance } = this.layout;
      const { years, areaCount, quarters, firstPlan, begin, keep, detail } = shape;
      const points = futures.points.length / futures.length, boards = this._boardBytes(areaCount);
      const slotCount = 1 + (begin ? 1 : 0);
      const slots = new BigInt64Array(quarters + 1).fill(-1n);
      if (begin) slots[begin] = 1n;
      if (keep) slots[keep] = 0n;
      const size = {
        points: count * points * 8, runs: count * 8, seed: 16, areas: areas.length, schedules: schedule.byteLength,
        entries: count * records.entry.bytes, slots: slots.byteLength, saved: count * slotCount * boards,
        nation: count * years * records.nation_year.bytes, detail: detail ? count * years * areaCount * records.area_year.bytes : 0,
      };
      const memory = this._room(size);
      memory.put("points", futures.points.subarray(at * points, (at + count) * points));
      memory.put("runs", futures.runs.subarray(at, at + count));
      memory.put("seed", BigUint64Array.of(futures.seed & WORD, futures.seed >> 32n));
      memory.put("areas", areas);
      memory.put("schedules", schedule);
      memory.put("slots", slots);
      memory.bytes("nation").fill(0);
      memory.bytes("detail").fill(0);
      const list = new BigInt64Array(count * records.entry.bytes / 8), { future, point, begin: start, after } = records.entry.int64;
      for (let j = 0; j < count; j++) {
        const row = j * records.entry.bytes;
        list[(row + future) / 8] = list[(row + point) / 8] = BigInt(j);
        list[(row + start) / 8] = BigInt(begin);
        list[(row + after) / 8] = -1n;
        if (from) this._goOn(memory, from, at, j, years, boards);
      }
      memory.put("entries", list);
      const counts = {
        point_count: count, futures: count, area_count: areaCount, schedule_count: 1, quarters, first_plan: firstPlan,
        entry_count: count, until: quarters, saved_futures: count, saved_slots: slotCount, detail_futures: detail ? count : 0,
      };
      const off = this._exports.run_block(...entries.run_block.map(([name, kind]) =>
        kind === "address" ? memory.at[name] : BigInt(counts[name])));
      if (!(off <= tolerance)) throw new Error(`pounds are not conserved: off by ${off}`);
      return memory;
    }

    /** Bytes of the state of so many boards, which lie side by side in records of `lanes`. */
    _boardBytes(areaCount) {
      return Math.ceil(areaCount / this.layout.lanes) * this.layout.records.board.bytes;
    }

    /** Puts future `j` of a block where it stood. */
    _goOn(memory, from, at, j, years, boards) {
      const size = this.layout.records.nation_year.bytes;
      memory.bytes("saved").set(from.saved.subarray((at + j) * boards, (at + j + 1) * boards), (j * 2 + 1) * boards);
      const closed = from.nation.subarray((at + j) * from.years * size / 8, (at + j + 1) * from.years * size / 8);
      memory.numbers("nation").set(closed, j * years * size / 8);
    }

    _copyOut(memory, made, at, count, { years, areaCount, begin, keep, wanted }, eachBlock) {
      const { records } = this.layout, boards = this._boardBytes(areaCount);
      made.nation.set(memory.numbers("nation"), at * years * records.nation_year.bytes / 8);
      if (keep) {
        const saved = memory.bytes("saved"), slotCount = begin ? 2 : 1;
        for (let j = 0; j < count; j++) {
          const row = j * slotCount * boards;
          made.saved.set(saved.subarray(row, row + boards), (at + j) * boards);
        }
      }
      const detail = memory.numbers("detail"), year = areaCount * records.area_year.bytes / 8;
      for (let j = 0; made.areas && j < count; j++) {
        made.areas.set(detail.subarray((j * years + wanted) * year, (j + 1) * years * year), (at + j) * (years - wanted) * year);
      }
      if (eachBlock) eachBlock(at, count, detail);
    }

    /** Addresses for arrays of these sizes, one after the other, and views of them. */
    _room(size) {
      const { memory, __heap_base: base } = this._exports, at = {};
      let end = (base.value + 15) & ~15;
      for (const [name, bytes] of Object.entries(size)) {
        at[name] = end;
        end += (bytes + 15) & ~15;
      }
      if (end > memory.buffer.byteLength) memory.grow(Math.ceil((end - memory.buffer.byteLength) / PAGE));
      const bytes = name => new Uint8Array(memory.buffer, at[name], size[name]);
      const numbers = name => new Float64Array(memory.buffer, at[name], size[name] / 8);
      const put = (name, values) => bytes(name).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      return { at, bytes, numbers, put };
    }

    // ---- what comes out -----------------------------------------------------------------------------------------

    /** Where a number stands in its record, counted in numbers. */
    _place(record, name) {
      const offsets = this.layout.records[record].float64;
      if (!Object.hasOwn(offsets, name)) throw new Error(`${record} holds no ${name}`);
      return offsets[name] / 8;
    }

    _column(numbers, at, record) {
      const width = this.layout.records[record].bytes / 8;
      return Float64Array.from({ length: numbers.length / width }, (_, i) => numbers[i * width + at]);
    }

    /** The outcome of records (futures, years, each), over years `from` to `to`: numbers (futures, each). */
    _ratio(numbers, record, name, futures, years, each, from, to) {
      if (!Object.hasOwn(this.data.outcomes, name)) throw new Error(`no outcome ${name}`);
      const about = this.data.outcomes[name], width = this.layout.records[record].bytes / 8;
      const terms = list => list.map(term => [this._place(record, term.replace("-", "")), term.startsWith("-")]);
      const over = terms(about.over), by = terms(about.by), span = to - from;
      const made = new Float64Array(futures * each), yearly = new Float64Array(span);
      const total = (list, j, k) => {
        for (let year = 0; year < span; year++) {
          const row = ((j * years + from + year) * each + k) * width;
          let value = 0;
          for (const [at, minus] of list) value = minus ? value - numbers[row + at] : value + numbers[row + at];
          yearly[year] = value;
        }
        return sum(yearly);
      };
      for (let j = 0; j < futures; j++) {
        for (let k = 0; k < each; k++) {
          const top = total(over, j, k), bottom = by.length ? total(by, j, k) : span;
          made[j * each + k] = bottom > 0 ? top / bottom : NaN;
        }
      }
      return made;
    }
  }

  /** The posterior's draws, unpacked: five bytes a number where it has few digits, else eight. */
  async function draws({ names, rows, short, long }) {
    const planes = await unpacked(short.bytes, true), count = short.names.length * rows;
    const signed = new Int8Array(planes.buffer, count * 4, count), float = new DataView(new ArrayBuffer(4));
    const exact = new Float64Array((await unpacked(long.bytes, true)).buffer);
    const tens = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
    const column = names.map(name => [short.names.indexOf(name), long.names.indexOf(name)]);
    const value = (row, k) => {
      const [at, other] = column[k];
      if (at < 0) return exact[other * rows + row];
      const i = at * rows + row;
      const word = planes[i] | planes[count + i] << 8 | planes[2 * count + i] << 16 | planes[3 * count + i] << 24;
      if (signed[i] === 127) {
        float.setInt32(0, word);
        return float.getFloat32(0);
      }
      const power = signed[i];
      if (power < -22) return Number(`${word}e${power}`);
      return power < 0 ? word / tens[-power] : word * tens[power];
    };
    return { names, rows, value };
  }

  /** A model from the bytes of model.wasm, what model.json holds, and what `page_data.py` writes. */
  async function load(wasm, layout, data) {
    if (!WebAssembly.validate(wasm)) throw new Error("its WebAssembly has no SIMD");
    const [{ instance }, areas, posterior] = await Promise.all([
      WebAssembly.instantiate(wasm, {}), unpacked(data.areas, false), draws(data.posterior)]);
    return new Model(instance.exports, layout, data, areas, posterior);
  }

  return { load, unpacked, sum, mean, quantiles, applied };
})();
