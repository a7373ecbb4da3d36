/* Claims in the page: what `ringfence compare --claim` saved is run again by this page's model. It says what
   `ringfence verify` says, as far as a page can: its boards, its posterior, and no more parameter sets than it holds. */
"use strict";

const RingfenceClaims = (given, model, answers, words, labelsOf) => {
  const BLOCK = 200, FORMAT = "ringfence-claim-1", LONGEST_NAME = 110, CLOSE = 1e-9;
  const OTHER_WORDS = "the words that stand outside its record are not those of the record, which is what is run again, so that they say something that was never checked; get the file again from where it was published";
  const OTHER_NUMBERS = "The runs give the same bits, and numbers worked out of them are others. So how the outcome or its error is worked out has changed, or the saved numbers are not those that were found.";
  class Refused extends Error {}

  /** JSON with sorted names and no spaces, as simulator/common/canonical_json.py writes it. */
  const canonical = value => {
    if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
    if (!value || typeof value !== "object") return JSON.stringify(value);
    return `{${Object.keys(value).sort().map(name => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
  };
  const hash = async bytes => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), byte => byte.toString(16).padStart(2, "0")).join("");

  /** Whether a name stands twice in one mapping of a JSON text: programs differ in which of the two they read. */
  const namesTwice = text => {
    const open = [];
    let last = "";
    for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g)) {
      if (token === "{" || token === "[") open.push(new Set());
      else if (token === "}" || token === "]") open.pop();
      else if (token !== ":") last = token;
      else if (open.at(-1).has(JSON.parse(last))) return true;
      else open.at(-1).add(JSON.parse(last));
    }
    return false;
  };

  /** What a claim says outside its record, for people and archives, as make_document in claim_file.py writes it. */
  const outsideOf = ({ sentence, scenarios, futures, software, saved }) => {
    const refer = name => ({ "@id": name }), about = scenarios.map((_, k) => refer(`#scenario-${k}`));
    return [
      { "@id": "ro-crate-metadata.json", "@type": "CreativeWork", conformsTo: refer("https://w3id.org/ro/crate/1.1"), about: refer("./") },
      {
        "@id": "./", "@type": "Dataset", name: `A claim of Ringfence ${software.version}`, datePublished: saved, hasPart: [], mentions: refer("#claim"),
        description: `${sentence} (${futures.badge}.) Check it with: ringfence verify FILE`,
      },
      { "@id": "#claim", "@type": "Claim", name: Array.from(sentence).slice(0, LONGEST_NAME).join(""), text: sentence, about },
      ...scenarios.map(({ title, fingerprint }, k) => ({ "@id": `#scenario-${k}`, "@type": "CreativeWork", name: title, identifier: fingerprint })),
      { "@id": "#ringfence", "@type": "SoftwareApplication", name: "Ringfence", softwareVersion: software.version, license: "https://spdx.org/licenses/MIT" },
      {
        "@id": "#run", "@type": "CreateAction", name: `${words.count(futures.count)} futures, seed ${futures.seed}`, instrument: refer("#ringfence"),
        object: about, result: refer("#claim"), endTime: saved,
      },
    ];
  };

  /** Refuses words outside the record that are not those of the record, which is what is run again. */
  const holdWords = (document, record) => {
    const graph = document["@graph"].map(({ ringfenceRecord, sha256, ...rest }) => rest), run = graph.at(-1);
    if (run["@id"] === "#run") run.name = String(run.name).replace(" paired futures, seed ", " futures, seed ");
    const own = Object.keys(document).sort().join() === "@context,@graph";
    if (!own || canonical(graph) !== canonical(outsideOf(record))) throw new Refused(OTHER_WORDS);
    if (record.sentence !== record.statements.map(({ sentence }) => sentence).join(" ")) throw new Refused("its sentence is not that of its parts; save the claim again");
  };

  /** The record in a claim's text. Throws for what is none, and for what was changed since it was saved. */
  const read = async text => {
    if (!globalThis.crypto?.subtle) throw new Refused("a browser makes digests only for a file or over https");
    let graph, document, records, texts;
    try {
      document = JSON.parse(text);
      graph = Array.from(document["@graph"], entity => Object(entity));
      texts = graph.map(entity => entity.ringfenceRecord).filter(Boolean);
      records = texts.map(record => typeof record === "string" ? JSON.parse(record) : record);
    } catch {
      throw new Refused("this is no claim; ringfence compare --claim FILE writes one");
    }
    const root = graph.find(entity => entity["@id"] === "./");
    if (!root || records.length !== 1 || !records[0]) throw new Refused("this is no claim; ringfence compare --claim FILE writes one");
    if ([text, ...texts.filter(record => typeof record === "string")].some(namesTwice)) throw new Refused("a name stands twice in one mapping of the file");
    const [record] = records, { sha256 } = root;
    if (record.format !== FORMAT) throw new Refused("this is no claim that this page reads; ringfence verify reads registrations, and newer claims");
    delete root.sha256;
    if (await hash(new TextEncoder().encode(canonical(document))) !== sha256) {
      throw new Refused("the file was changed since it was saved: its digest no longer fits its content. Nothing in it can be relied on");
    }
    holdWords(document, record);
    return record;
  };

  /** Why this page cannot run a claim, or "". */
  const unable = ({ futures, boards }) => {
    if (futures.posterior.length || futures.source !== "posterior") return "it draws from evidence or a fit of its own, or from no posterior";
    if (given.own_evidence) return "this page draws from evidence of its own";
    if (boards.fingerprint !== given.boards_fingerprint) return "it is about other boards than this page";
    if (!(futures.count >= 1 && futures.count <= model._posterior.rows)) return `it has ${words.count(futures.count)} futures, and this page holds ${words.count(model._posterior.rows)} parameter sets`;
    return futures.first_plan === 1 ? "" : "it begins with another plan";
  };

  /** A scenario's levers by quarter, as the claim holds them. */
  const scheduleOf = ({ title, levers }) => {
    const made = Float64Array.from(model.baseline), { quarters } = given.model, width = made.length / quarters;
    for (const [name, steps] of Object.entries(levers)) {
      if (!Object.hasOwn(given.model.levers, name)) throw new Refused(`“${title}” sets ${name}, which this page does not have`);
      const at = model.layout.records.levers.float64[name] / 8, values = steps.flatMap(([value, length]) => Array(Math.min(length, quarters + 1)).fill(value));
      if (values.length !== quarters || !values.every(Number.isFinite)) throw new Refused(`“${title}”: the steps of ${name} do not fill ${quarters} quarters`);
      const { low, high } = given.model.levers[name];
      values.forEach((value, quarter) => { made[quarter * width + at] = Math.min(Math.max(value, low), high); });
    }
    return made;
  };

  /** Results of each schedule, block by block, and their digests. `progress(done, total)` counts futures. */
  const run = async (schedules, { count, seed, settings }, progress) => {
    const blocks = [], digests = [], sets = [], known = new Map();
    for (const [k, schedule] of schedules.entries()) {
      const own = [];
      for (let first = 0; first < count; first += BLOCK) {
        const futures = model.futures({ n: Math.min(BLOCK, count - first), seed, settings, first });
        if (!k) sets.push(...labelsOf(futures, known));
        own.push(model.run({ schedule, futures }));
        progress(k * count + first + futures.length, schedules.length * count);
        await new Promise(resolve => { setTimeout(resolve); });
      }
      blocks.push(own);
      digests.push(await hash(await new Blob(own.map(part => part.nation)).arrayBuffer()));
    }
    return { blocks, digests, sets };
  };

  const holds = ({ quantity, relation, threshold, at_least: least }, c, news, olds) => {
    if (quantity === "difference") {
      const all = Array.from(news, (x, i) => x - olds[i]).filter(Number.isFinite).map(x => (Math.abs(x) <= given.words.same ? 0 : x) - threshold);
      const so = { above: x => x > given.words.same, below: x => x < -given.words.same, "equal to": x => Math.abs(x) <= given.words.same }[relation];
      return 100 * all.filter(so).length >= least * all.length;
    }
    const middle = quantity === "level" ? c.newMean : c.difference, margin = quantity === "settled" ? c.margin : 0;
    const [above, below] = [middle - margin > threshold, middle + margin < threshold];
    return relation === "above" ? above : relation === "below" ? below : !above && !below;
  };
  const textOf = ({ quantity, relation, threshold, at_least: least }) => `${quantity} ${relation} ${threshold}${least ? ` in at least ${least} of 100` : ""}`;

  /** A claim run again: `standing` in words, whether it is `true` today, and `lines` to read. Throws Refused. */
  const verify = async (text, progress) => {
    const record = await read(text), why = unable(record);
    if (why) throw new Refused(`this page cannot run it, for ${why}; ringfence verify FILE can`);
    const schedules = record.scenarios.map(scheduleOf), { blocks, digests, sets } = await run(schedules, record.futures, progress);
    const same = digests.every((digest, i) => digest === record.digests[i]);
    const lines = [], failed = [];
    let numbers = true;
    for (const { new: i, old: j, outcome, years, sentence, numbers: saved, conditions } of record.statements) {
      const span = [given.years.indexOf(years[0]), given.years.indexOf(years[1]) + 1];
      const values = at => Float64Array.from(blocks[at].flatMap(part => Array.from(part.outcome(outcome, ...span))));
      const [news, olds] = [values(i), values(j)], scenarios = [i, j].map(at => ({ title: record.scenarios[at].title, schedule: schedules[at] }));
      const c = answers.compare(...scenarios, news, olds, {
        outcome, span, sets, offsets: model.layout.records.levers.float64, settings: record.futures.settings,
      });
      numbers &&= Object.entries({ new_mean: c.newMean, old_mean: c.oldMean, difference: c.difference, n: c.n }).every(([name, value]) => Math.abs(value - saved[name]) <= CLOSE);
      lines.push(sentence);
      if (i !== j && words.sentence(c) !== sentence) lines.push(`Today: ${words.sentence(c)}`);
      for (const part of conditions) {
        const so = holds(part, c, news, olds);
        if (!so) failed.push(part);
        lines.push(`${so ? "Holds" : "DOES NOT HOLD"}: ${textOf(part)}`);
      }
    }
    const rules = record.software.code === given.code ? "" : " The rules of this page are others than those of the claim.";
    if (same && !numbers) lines.push(OTHER_NUMBERS);
    const standing = failed.length ? "No longer true: a condition of the claim does not hold today." : same && numbers
      ? "The same bits: this browser gives every result of the claim again." : "The same claim with other numbers: every condition still holds.";
    return { standing: standing + rules, lines, holds: !failed.length, same: same && numbers };
  };

  /** What the page shows of a claim: never throws. */
  return async (text, progress) => {
    try {
      return await verify(text, progress);
    } catch (error) {
      const words_ = error instanceof Refused ? error.message : "this is no whole claim, or it asks about what this page does not know";
      return { standing: `It was not checked: ${words_}.`, lines: [], holds: false, same: false };
    }
  };
};
