/* Why one board decided as it did in one future, in the words of `ringfence why`: `simulator/agents/explain.py` and
   `decision_text.py` once more, filling the same templates.

   Decisions, pulls and draws come out of the model's own trace; nothing is decided here. Written twice are how much a pull
   counts for a fact (`findFlips`) and log-odds as a chance, and tests hold both to Python's. */
"use strict";

const RingfenceWhy = (given, words) => {
  const { fill, listed, significant, fixed, average } = words, { why, templates } = given.words;
  const order = Object.keys(why.helps);
  const pullNames = Object.keys(templates).filter(name => name.startsWith("pull.")).map(name => name.slice(5));
  const among = (list, event) => list.includes(event);

  // The exponential and the logarithm of `simulator/rules/exact.py`, with its constants: those of browsers have other last digits.
  const e = why.exact, cells = new DataView(new ArrayBuffer(8));
  const FRACTION = 52n;
  const bitsOf = x => { cells.setFloat64(0, x); return cells.getBigInt64(0); };
  const doubleOf = bits => { cells.setBigInt64(0, bits); return cells.getFloat64(0); };

  const exp = x => {
    if (!(x >= e.EXP_LOWEST && x <= e.EXP_HIGHEST)) return x < 0 ? 0 : x + Infinity;
    const power = (x * e.LOG2_E + e.ROUNDING) - e.ROUNDING, high = x - power * e.LN2_HIGH, low = power * e.LN2_LOW;
    const r = high - low, r2 = r * r, r4 = r2 * r2;
    const upper = ((e.E4 + e.E5 * r) + r2 * (e.E6 + e.E7 * r)) + r4 * (e.E8 + e.E9 * r);
    const rest = ((e.E0 + e.E1 * r) + r2 * (e.E2 + e.E3 * r)) + r4 * upper;
    return (1 + (high + (r2 * rest - low))) * doubleOf(BigInt(power + 1023) << FRACTION);
  };

  const log = x => {
    if (!(x >= e.LOG_LOWEST && x <= e.LOG_HIGHEST)) return x < e.LOG_LOWEST ? -Infinity : x;
    const steps = (bitsOf(x) + bitsOf(1) - bitsOf(e.ROOT_HALF)) >> FRACTION, power = Number(steps) - 1023;
    const f = doubleOf(bitsOf(x) - (BigInt(power) << FRACTION)) - 1, s = f / (2 + f), z = s * s, w = z * z;
    const rest = w * (e.L2 + w * (e.L4 + w * e.L6)) + z * (e.L1 + w * (e.L3 + w * (e.L5 + w * e.L7))), square = 0.5 * f * f;
    return power * e.LN2_HIGH - ((square - (s * (square + rest) + power * e.LN2_LOW)) - f);
  };

  const logit = u => log(u / (1 - u));
  const logistic = x => x > -700 ? 1 / (1 + exp(-x)) : 0;

  const signed = x => `${x < 0 ? "−" : "+"}${fixed(Math.abs(x), 2)}`;
  const sizeOf = x => Math.abs(x) >= 0.005 ? fixed(Math.abs(x), 2) : fill("why.flip.small");
  const percent = x => x > 0 && x < 0.01 ? "under 1%" : x > 0.99 && x < 1 ? "over 99%" : `${fixed(100 * x, 0)}%`;
  /** An amount in £m, or in pounds below £0.1m. */
  const millions = x => Math.abs(x) >= 0.1 ? `£${significant(x, 3)}m` : `£${significant(Number(fixed(1e6 * x, 0)), 3)}`;

  /** A decision with what its sentence needs: pulls strongest first, positive where they help the money; `luck`, what chance
      adds; `chance`, and `flip`, the extra pull towards a yes that would just have changed it. */
  const read = decision => {
    const helps = why.helps[decision.event], odds = logit(decision.draw), share = among(why.shares, decision.event);
    const ranked = decision.pulls.filter(([, value]) => value).map(([name, value]) => ({ name, value: helps * value }))
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
    const flip = decision.width ? -(decision.pull + odds) : odds - decision.pull;
    return { ...decision, helps, share, ranked, odds, chance: logistic(decision.pull), flip };
  };

  /** A board's own decisions, and the plans and raids that another board decided for it. */
  const select = ({ decisions, deciders }, at) => decisions.filter(({ event, area, quarter }) =>
    area === (among(why.by_head, event) ? deciders[quarter][at] : at)).map(read);

  /** How strong a pull is, in a word. */
  const nameStrength = x => Math.abs(x) >= why.strong ? "strong" : Math.abs(x) >= why.some ? "some" : "slight";
  const strength = x => fill(`why.${nameStrength(x)}`);

  const listPulls = (pulls, tell) => listed(pulls.map(({ name, value }) => fill("why.pull", { name: fill(`pull.${name}`), value: tell(value) })));

  /** Whether somebody left or something ended: nobody decided it, so that it has words of its own. */
  const departs = ({ event, taken }) => why.departures[event] === Boolean(taken);

  const reasons = (d, tell = signed) => {
    const { ranked } = d, names = d.event === "offset" ? ["why.offset.less", "why.offset.more"] : ["why.favour", "why.against"];
    const [stay, go] = departs(d) ? ["why.departure.stay", "why.departure.go"] : names;
    const helped = ranked.filter(({ value }) => value > why.named).slice(0, why.shown);
    const hurt = ranked.filter(({ value }) => value < -why.named).slice(0, why.shown);
    const favour = fill(stay, { pulls: listPulls(helped, tell) }), against = fill(go, { pulls: listPulls(hurt, tell) });
    if (helped.length && hurt.length) return fill("why.both", { favour, against });
    return helped.length ? favour : hurt.length ? against : "";
  };

  const result = ({ event, taken }) => fill(`decision.${event}.${taken ? "yes" : "no"}`);

  const outcome = d => {
    const draw = fixed(d.draw, 3);
    if (!d.share) return fill("why.outcome", { result: result(d), chance: percent(d.chance), draw });
    const share = fill(`share.${d.event}`, { share: percent(d.taken) });
    const name = d.event === "offset" ? "why.outcome.offset" : "why.outcome.share";
    return fill(name, { result: share, pull: signed(d.helps * d.pull), odds: signed(d.helps * d.odds), draw });
  };

  /** Single changes of a fact that would have changed a plan or a raid, the smallest part of its range first.
      `number` reads the future's parameters and `lever` the quarter's levers, by name. */
  const findFlips = (d, number, lever) => {
    if (!among(why.by_head, d.event)) return [];
    const need = d.flip * d.helps, flips = [];
    const pull = name => d.ranked.find(one => one.name === name)?.value || 0;
    const add = (fact, change, whole = 1) => flips.push({ fact, change, part: Math.abs(change) / whole });
    for (const [fact, parameter] of Object.entries(why.leader_facts)) {
      const weight = number(parameter), level = weight > 0 ? 0.5 + pull(fact) / weight : 0.5;
      if (weight > 0 && level + need / weight >= 0 && level + need / weight <= 1 && !(fact === "finance" && pull("veto"))) add(fact, need / weight);
    }
    const plan = d.event === "plan", now = pull("pressure");
    const grip = lever("finance_grip") * (1 - number("alignment_relief") * lever("alignment"));
    const foresight = number("foresight"), learnt = 1 - exp(-number("plan_learning") * Math.floor(d.quarter / 4));
    const weight = number("pull_pressure") * grip * (plan ? foresight + (1 - foresight) * learnt : 1);
    if (weight > 0 && !number("pressure_threshold") && now + need <= 0 && !(plan && now === 0) && Math.abs(-need / weight) <= why.widest_gap) {
      add("gap", -need / weight, why.widest_gap);
    }
    const fence = number("pull_ringfence"), level = fence > 0 ? pull("ringfence") / fence : 0;
    if (fence > 0 && level + need / fence >= 0 && level + need / fence <= 1 && !number("ring_leader_mix")) add("ringfence", need / fence);
    return flips.sort((a, b) => a.part - b.part);
  };

  const flipWords = (d, number, lever) => {
    const sides = d.event === "offset" ? ["why.flip.less", "why.flip.more"] : ["why.flip.money", "why.flip.against"];
    const towards = fill(sides[d.flip * d.helps > 0 ? 0 : 1]);
    const flip = fill("why.flip", { size: sizeOf(d.flip), towards, result: fill(d.share ? "why.flip.half" : "why.flip.turned") });
    const ways = findFlips(d, number, lever).slice(0, 2).map(({ fact, change }) => fill("why.flip.way", {
      change: fill(`fact.${fact}.${change > 0 ? "more" : "less"}`), size: significant(Math.abs(change)), unit: fill(`fact.${fact}.unit`),
    }));
    if (!ways.length) return flip;
    return fill("why.flip.ways", { flip, ways: ways.length < 2 ? ways[0] : fill("why.flip.or", { first: ways[0], second: ways[1] }) });
  };

  /** One decision in full. `by` names the deciding board where it is another one. */
  const sentence = (d, by, number, lever) => {
    const said = reasons(d);
    if (departs(d)) return departureWords(d, by, said);
    return fill("why.decision", {
      when: given.quarters[d.quarter], by: by ? fill("why.decision.by", { by }) : "", outcome: outcome(d),
      reasons: said ? fill("why.decision.reasons", { reasons: said[0].toUpperCase() + said.slice(1) }) : "", flip: flipWords(d, number, lever),
    });
  };

  /** What was decided, in a few words; a share with so many decimals, if more than none. */
  const told = (d, decimals = 0) => !d.width ? result(d) : decimals ? `${fixed(100 * d.taken, decimals)}%` : percent(d.taken);

  /** That reasons count which are not among those named; "" where all are. */
  const unnamed = ({ ranked }) => {
    const rest = [1, -1].reduce((sum, sign) => sum + Math.max(0, ranked.filter(({ value }) => sign * value > why.named).length - why.shown), 0);
    return rest ? fill("why.plain.rest", { count: `${rest} smaller one${rest === 1 ? "" : "s"}` }) : "";
  };

  /** One decision without its figures. */
  const plainly = (d, by) => {
    const said = reasons(d, strength), offset = d.event === "offset", sides = offset ? ["less", "more"] : ["for", "against"];
    const side = x => fill(`why.plain.${nameStrength(x)}`) + fill(`why.plain.${sides[d.helps * x > 0 ? 0 : 1]}`);
    const chance = d.share ? fill(offset ? "why.plain.offset" : "why.plain.protect", { reasons: side(d.pull), chance: side(d.odds), rest: unnamed(d) })
      : fill("why.plain.chance", { chance: percent(d.taken ? d.chance : 1 - d.chance) });
    return fill("why.plain", {
      when: given.quarters[d.quarter], by: by ? fill("why.decision.by", { by }) : "",
      result: d.share ? fill(`share.${d.event}`, { share: percent(d.taken) }) : result(d),
      reasons: said ? fill("why.decision.reasons", { reasons: said[0].toUpperCase() + said.slice(1) }) : "", chance,
    });
  };

  /** Who left or what ended, how likely it was, and what would have prevented it. */
  const departureWords = (d, by, said) => fill("why.departure", {
    when: given.quarters[d.quarter], by: by ? fill("why.decision.by", { by }) : "", result: result(d), draw: fixed(d.draw, 3),
    chance: percent(d.taken ? d.chance : 1 - d.chance), reasons: said ? fill("why.decision.reasons", { reasons: said[0].toUpperCase() + said.slice(1) }) : "",
    flip: fill("why.departure.flip", { size: sizeOf(d.flip) }),
  });

  /** A year's money in a sentence. `money(name, year)` is the board's, £m. */
  const moneyWords = (decisions, money, year) => {
    const amounts = Object.fromEntries(["pot", "released", "spent", "front", "additional"].map(name => [name, millions(money(name, year))]));
    const raided = [1, 2, 3, 4].reduce((total, k) => total + money(`raided_q${k}`, year), 0);
    const plan = decisions.find(({ event, quarter }) => event === "plan" && Math.floor(quarter / 4) === year);
    const kept = plan ? keptByPromises(plan, money) : 0;
    const promised = kept > why.seen ? fill("why.money.promised", { kept: millions(kept) }) : "";
    const direct = money("direct", year) > why.seen ? fill("why.money.direct", { direct: millions(money("direct", year)) }) : "";
    return fill("why.money", { ...amounts, year: given.years[year], raided: millions(raided), promised, direct });
  };

  /** £m that a plan, or money taken back, took from the purpose; 0 for every other decision. */
  const costOf = (d, money) => !d ? 0 : d.event === "plan" ? money("released", Math.floor(d.quarter / 4))
    : d.event === "raid" && d.taken ? money(`raided_q${d.quarter % 4 + 1}`, Math.floor(d.quarter / 4)) : 0;

  /** £m of the fund that promises already made kept out of a plan's reach. */
  const keptByPromises = (plan, money) => {
    const year = Math.floor(plan.quarter / 4);
    return (1 - plan.taken) * money("pot", year) - money("released", year);
  };

  /** What a plan decides on under two scenarios, £m. */
  const potsOf = ({ quarter }, ...moneys) => moneys.map(money => money("pot", Math.floor(quarter / 4)));

  /** £m that two decisions move: of plans on unequal amounts what their shares move of the first. */
  const movedBy = ([a, b], mineOf, yoursOf) => {
    const ours = costOf(a, mineOf), theirs = costOf(b, yoursOf);
    if (!a || !b || a.event !== "plan") return Math.abs(ours - theirs);
    const [pot, other] = potsOf(a, mineOf, yoursOf);
    return Math.abs(ours - theirs * (Math.min(pot, other) > 0 ? pot / other : 1));
  };

  /** What two policies pay straight to providers at a board, where they pay different amounts: from when, how much in the
      largest year, and words; else null. */
  const straightOf = ([title, other], mineOf, yoursOf) => {
    const gaps = given.years.map((_, year) => Math.abs(mineOf("direct", year) - yoursOf("direct", year))), year = gaps.findIndex(gap => gap > why.seen);
    if (year < 0) return null;
    const [paid, unpaid] = [mineOf, yoursOf].map(money => money("direct", year)).map(x => x > why.seen ? millions(x) : fill("why.diverge.direct.none"));
    const words_ = { year: given.years[year], paid, other: unpaid, fund: millions(mineOf("funding", year)), new: title, old: other };
    return { quarter: 4 * year, most: Math.max(...gaps), told: fill("why.diverge.direct", words_) };
  };

  /** What is paid straight is told before the decisions, and is where two scenarios diverge most if it moves more. */
  const putFirst = (straight, made, amount) => {
    const told = { ...made, sentence: `${straight.told} ${made.sentence}`, plain: `${straight.told} ${made.plain}` };
    return straight.most < amount ? told : { ...told, quarter: straight.quarter, event: null, changed: [], most: true };
  };

  /** What two decisions move; of plans also what promises keep, without which shares and pounds seem to disagree. */
  const moveWords = ([a, b], amount, [title, other], [mineOf, yoursOf]) => {
    const moved = { amount: millions(amount) };
    if (a && b && a.event === "plan") {
      const [pot, otherPot] = potsOf(a, mineOf, yoursOf), names = { new: title, old: other };
      const kept = keptByPromises(a, mineOf), yours = keptByPromises(b, yoursOf), rest = Math.abs(a.taken - b.taken) * pot - amount;
      const told = { kept: millions(kept), yours: millions(yours), ...names };
      if (Math.abs(pot - otherPot) >= why.seen) {
        const said = fill("why.diverge.moved.pots", { ...moved, pot: millions(pot), other: millions(otherPot) });
        return said + (Math.abs(rest) > why.seen ? fill("why.diverge.moved.pots.kept", told) : "");
      }
      if (rest > why.seen) return fill("why.diverge.moved.rest", { ...moved, pot: millions(pot), rest: millions(rest) });
      if (Math.max(kept, yours) > why.seen) return fill("why.diverge.moved.kept", { ...moved, ...told });
    }
    return fill("why.diverge.moved", moved);
  };

  /** Which of two traces' decisions differ and move the most money; where none is seen to, the first that reads differently. */
  const diverge = (ours, theirs, titles, [mineOf, yoursOf], sameMoney) => {
    const [mine, yours] = [ours, theirs].map(list => new Map(list.map(d => [100 * d.quarter + order.indexOf(d.event), d])));
    const pairs = [...new Set([...mine.keys(), ...yours.keys()])].sort((a, b) => a - b).map(key => [mine.get(key), yours.get(key)])
      .filter(([a, b]) => !a || !b || Math.abs(a.taken - b.taken) > why.different);
    const moved = pairs.map(pair => movedBy(pair, mineOf, yoursOf)), most = Math.max(0, ...moved), seen = most > why.seen;
    const straight = straightOf(titles, mineOf, yoursOf), only = straight && !seen ? `${straight.told} ${fill("why.diverge.direct.only")}` : "";
    if (only) return { quarter: straight.quarter, event: null, most: true, changed: [], sentence: only, plain: only };
    if (pairs.length) {
      const [a, b] = seen ? pairs[moved.indexOf(most)] : pairs.find(([x, y]) => !x || !y || told(x) !== told(y)) || pairs[0];
      const { quarter, event } = a || b, when = given.quarters[quarter], question = fill(`decision.${event}.question`);
      const said = { when, question, diverge: fill(`why.diverge.${straight ? "most.decided" : seen ? "most" : "first"}`), moved: seen ? moveWords([a, b], most, titles, [mineOf, yoursOf]) : "" };
      const sentence = fill("why.diverge.asked", { ...said, only: a ? titles[0] : titles[1] });
      const made = { quarter, event, most: seen, ...(a && b ? differs(a, b, titles, said) : { changed: [], sentence, plain: sentence }) };
      return straight ? putFirst(straight, made, most) : made;
    }
    const money = fill(sameMoney ? "why.diverge.same_money" : "why.diverge.other_money");
    return { quarter: -1, event: null, changed: [], plain: "", sentence: fill("why.diverge.never", { new: titles[0], old: titles[1], money }) };
  };

  /** Changes of pulls: those that speak for the money, and those against it. */
  const changedWords = (event, changed, tell) => {
    const sides = [changed.filter(({ value }) => value > 0), changed.filter(({ value }) => value < 0)];
    const said = (event === "offset" ? ["less", "more"] : ["favour", "against"]).map((name, i) => sides[i].length ? fill(`why.diverge.${name}`, { pulls: listPulls(sides[i], tell) }) : "");
    return said.every(Boolean) ? fill("why.both", { favour: said[0], against: said[1] }) : said.join("");
  };

  const differs = (a, b, titles, said) => {
    const [after, before] = [a, b].map(d => new Map(d.ranked.map(({ name, value }) => [name, value])));
    const changed = pullNames.filter(name => before.has(name) || after.has(name))
      .map(name => ({ name, value: (after.get(name) || 0) - (before.get(name) || 0) })).filter(({ value }) => Math.abs(value) > why.different)
      .sort((x, y) => Math.abs(y.value) - Math.abs(x.value));
    let decimals = 0;
    while (decimals < why.most_decimals && told(a, decimals) === told(b, decimals)) decimals++;
    const say = (name, tell) => fill(name, {
      ...said, result: told(a, decimals), new: titles[0], other: told(b, decimals), old: titles[1],
      draw: fixed(a.draw, 3), changed: changed.length ? changedWords(a.event, changed.slice(0, why.most_changed), tell)
        : fill("why.diverge.chance", { change: signed(a.chance - b.chance) }),
    });
    return { changed, sentence: say("why.diverge", signed), plain: say("why.diverge.plain", strength) };
  };

  // ---- the timeline ----------------------------------------------------------------------------------------------

  /** How a board's money went, quarter by quarter: £ in each £100 of its year that are left, taken back so far and released;
      NaN before there is a plan, or without money. */
  const course = money => {
    const made = { left: quarterly(), taken: quarterly(), released: quarterly() };
    given.years.forEach((_, year) => {
      const total = money("pot", year) + money("direct", year);
      let taken = 0;
      for (let k = 0; k < 4 && total > 0; k++) {
        const q = 4 * year + k;
        taken += money(`raided_q${k + 1}`, year);
        if (q < 1) continue;
        made.taken[q] = 100 * taken / total;
        made.released[q] = 100 * money("released", year) / total;
        made.left[q] = 100 - made.taken[q] - made.released[q];
      }
    });
    return made;
  };
  const quarterly = () => new Float64Array(given.quarters.length).fill(NaN);

  /** What happened to a board's people and pilots, and when it merged: [quarter, letter, words]. */
  const happenings = ({ trace, lever }, at) => {
    const area = given.areas[at], letters = why.letters, leaders = ["chief_leaves", "finance_leaves"];
    const leading = quarter => quarter >= area.shares && lever(quarter, "reorganise") > 0 ? area.head : at;
    const made = [];
    for (const { quarter, area: own, event, taken } of trace.decisions) {
      const owner = leaders.includes(event) ? leading(quarter) : at;
      if (own !== owner) continue;
      const words_ = taken && event in letters ? fill(`event.${event}`) : "";
      if (words_) made.push([quarter, letters[event], owner === at ? words_ : fill("event.shared", { event: words_ })]);
      else if (event === "pilot_fate" && !taken) made.push([quarter, letters.pilot_ends, fill("event.pilot_ends")]);
    }
    const merged = given.quarters.some((_, quarter) => quarter >= area.merges && lever(quarter, "reorganise") > 0);
    if (merged && given.areas.some((other, i) => i !== at && other.head === area.head)) made.push([area.merges, letters.merged, fill("event.merged")]);
    return made.sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0));
  };

  /** The timeline in words, year by year. */
  const courseWords = (shown, other) => given.years.map((year, y) => {
    const last = 4 * y + 3, known = x => x === x, pounds = x => average(Math.abs(x) >= 0.005 ? x : 0);
    if (!known(shown.left[last])) return fill("timeline.no_money", { year });
    const first = known(shown.left[4 * y]) ? 4 * y : last;
    const raid = q => shown.taken[q] - (q % 4 && known(shown.taken[q - 1]) ? shown.taken[q - 1] : 0);
    const raids = [0, 1, 2, 3].filter(k => raid(4 * y + k) > 0), taken = raids.reduce((sum, k) => sum + raid(4 * y + k), 0);
    return fill("timeline.year", {
      year, planned: pounds(shown.left[first] + shown.taken[first]), left: pounds(shown.left[last]),
      raids: raids.length ? fill("timeline.raids", { quarters: listed(raids.map(k => `Q${k + 1}`)), taken: pounds(taken) }) : "",
      other: other && known(other.left[last]) ? fill("timeline.other", { left: pounds(other.left[last]) }) : "",
    });
  });

  const amounts = pulls => Object.fromEntries(pulls.map(({ name, value }) => [name, value]));

  /** All of it for programs: field by field what `Explanation.document` in Python holds. */
  const describe = ({ title, decisions, money, divergence }, asked, settings) => {
    const held = Object.keys(settings).sort().map(name => `${name} = ${Number(settings[name].toPrecision(6))}`);
    return {
      kind: fill("story.mark"), title, ...asked, badge: `${given.fit}${held.length ? `; held: ${held.join(", ")}` : ""}`,
      decisions: decisions.map(({ quarter, event, by, taken, chance, draw, pulls, flip, flips, sentence }) => ({
        quarter: given.quarters[quarter], event, by, taken, chance, draw, pulls: Object.fromEntries(pulls), flip,
        flips: flips.map(({ fact, change, part }) => ({ fact, change, unit: fill(`fact.${fact}.unit`), part })), sentence,
      })),
      money,
      parting: divergence && {
        quarter: divergence.quarter < 0 ? null : given.quarters[divergence.quarter], event: divergence.event,
        sentence: divergence.sentence, changed: amounts(divergence.changed),
      },
      caveat: fill("why.caveat"), note: "",
    };
  };

  /** A board in one future. `runs` are the scenario shown and, if there is one, the other: their title, trace, `money(name,
      year)` and `lever(quarter, name)`; `number(name)` reads the parameters that they share. */
  const explain = ({ at, future, seed, runs, number, settings }) => {
    const [shown, other] = runs, every = select(shown.trace, at), area = given.areas[at], codes = given.model.codes;
    const decisions = every.filter(({ event, taken }) => among(why.always, event) || taken).map(d => {
      const by = d.area === at ? "" : codes[d.area];
      const lever = name => shown.lever(d.quarter, name);
      return { ...d, by, sentence: sentence(d, by, number, lever), plain: plainly(d, by), flips: findFlips(d, number, lever) };
    });
    const years = given.years.map((_, year) => year);
    const sameMoney = other && Object.keys(shown.columns).every(name => years.every(year => shown.money(name, year) === other.money(name, year)));
    const courses = runs.map(({ money }) => course(money));
    const story = {
      title: fill("why.title", { name: area.full, code: codes[at], period: fill("why.all_years"), scenario: shown.title, future, seed }),
      decisions: decisions.map(d => ({ ...d, cost: costOf(d, shown.money), cost_words: millions(costOf(d, shown.money)) })),
      money: years.map(year => moneyWords(every, shown.money, year)),
      divergence: other ? diverge(every, select(other.trace, at), [shown.title, other.title], [shown.money, other.money], sameMoney) : null,
    };
    const document = describe(story, { scenario: shown.name, board: codes[at], seed: String(seed), run: future }, settings);
    return { ...story, document, courses, happenings: happenings(shown, at), course_words: courseWords(...courses) };
  };

  return { explain, signed, percent, millions, logistic };
};
