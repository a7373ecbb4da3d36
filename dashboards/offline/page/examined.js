/* What stands behind a comparison: its average over structures, what carries its verdict, and its ranges over parameters
   and over chance, as `simulator/studies/examined_comparison.py` and what it calls make them in Python.

   `examine_answer` of `page_answer.py` makes the same, key by key; tests hold the two to each other. */
"use strict";

const RingfenceExamined = (given, words, { assumedSign, sidesOf }, { mean, sum, quantiles }) => {
  const { carriers: rules, carried, same: ROUNDING, fewest: FEWEST } = given.words, { fill } = words;
  const { structures } = given.model, unit = c => c.about.unit;

  /** The sum of numbers rounded once, as `math.fsum` takes it. */
  const fsum = numbers => {
    const parts = [];
    for (let x of numbers) {
      let kept = 0;
      for (let y of parts) {
        if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
        const high = x + y, low = y - (high - x);
        if (low) parts[kept++] = low;
        x = high;
      }
      parts.length = kept;
      parts.push(x);
    }
    let n = parts.length - 1, high = parts[n], low = 0;
    while (n > 0 && !low) {
      const x = high, y = parts[--n];
      high = x + y;
      low = y - (high - x);
    }
    if (n > 0 && ((low < 0 && parts[n - 1] < 0) || (low > 0 && parts[n - 1] > 0))) {
      const twice = low * 2, next = high + twice;
      if (twice === next - high) high = next;
    }
    return high;
  };

  // ---- averaged over structures ----------------------------------------------------------------------------------

  /** Quantiles of values that count by their weights. */
  const weightedQuantiles = (values, weights, shares) => {
    const order = Array.from(values.keys()).sort((i, j) => values[i] - values[j]);
    const sorted = Float64Array.from(order, i => weights[i]), total = sum(sorted);
    let reached = 0;
    const at = sorted.map(weight => ((reached += weight) - 0.5 * weight) / total), last = at.length - 1;
    return shares.map(share => {
      const next = at.findIndex(x => x > share);
      if (next === 0) return values[order[0]];
      if (next < 0) return values[order[last]];
      const [low, high] = [values[order[next - 1]], values[order[next]]];
      return at[next - 1] === share ? low : (high - low) / (at[next] - at[next - 1]) * (share - at[next - 1]) + low;
    });
  };

  /** A comparison under each structure, and averaged. `news` and `olds` (structures x draws) are outcomes, structure by
      structure; `sets` says which rows share their parameters, `points` are the records of all rows. */
  const average = ({ news, olds, sets, points, draws, offsets, schedules, like, parameterAt }) => {
    const { names, weights, says } = structures, byStructure = {}, width = points.length / news.length;
    const counted = names.filter(name => name in weights), table = {};
    for (const name of counted) {
      const from = names.indexOf(name) * draws, to = from + draws;
      const isNegative = pull => {
        for (let row = from; row < to; row++) if (points[row * width + parameterAt(pull)] < 0) return true;
        return false;
      };
      const isOpen = pull => structures.open[name].includes(pull) || isNegative(pull);
      byStructure[name] = words.compare(news.slice(from, to), olds.slice(from, to), {
        about: like.about, names: like.names, years: like.years, alike: like.alike, sets: sets.slice(from, to),
        assumed: assumedSign(like.about.name, ...schedules, offsets, isOpen),
      });
      table[name] = news.slice(from, to).map((x, i) => Math.abs(x - olds[from + i]) <= ROUNDING ? 0 : x - olds[from + i]);
    }
    const rows = new Float64Array(draws), values = [], each = [];
    for (const name of counted) {
      const defined = table[name].filter(Number.isFinite).length, { difference } = byStructure[name];
      table[name].forEach((x, row) => {
        if (!Number.isFinite(x)) return;
        rows[row] += weights[name] * (x - difference);
        values.push(x);
        each.push(weights[name] / defined);
      });
    }
    const all = counted.map(name => byStructure[name]), first = all[0], n = all.reduce((total, c) => total + c.n, 0);
    const meanOf = read => fsum(counted.map(name => weights[name] * read(byStructure[name])));
    const count = key => {
      const part = fsum(counted.map(name => weights[name] * byStructure[name][key] / byStructure[name].n));
      return words.toWhole(part * n) || Number(part > 0);
    };
    const [low, high, lowest, highest] = weightedQuantiles(values, each, [0.1, 0.9, 0.025, 0.975]);
    const better = count("better"), worse = count("worse");
    const averaged = words.finish({
      names: first.names, years: first.years, about: first.about, alike: first.alike, n,
      assumed: new Set(all.map(c => c.assumed)).size === 1 && !all.some(c => c.same === c.n) ? first.assumed : 0,
      newMean: meanOf(c => c.newMean), oldMean: meanOf(c => c.oldMean), difference: meanOf(c => c.difference),
      likely: [low, high], wide: [lowest, highest], error: words.standardError(rows), better,
      same: Math.max(n - better - worse, 0), worse,
    });
    const order = [...counted].sort((a, b) => byStructure[a].difference - byStructure[b].difference);
    return { average: averaged, byStructure, counted, each: draws, extremes: [order[0], order.at(-1)].map(name => [says[name], byStructure[name].difference]) };
  };

  const averageSentence = ({ average: c, counted, each, extremes: [[lowest, low], [highest, high]] }) =>
    fill(counted.length === 1 ? "structures.average.one" : "structures.average", {
      new: c.names[0], old: c.names[1], count: counted.length, weights: structures.described, each: words.count(each),
      difference: words.averageOf(c), error: words.errorWords(c), frequency: words.frequency(c),
      lowest, low: words.ends(low, high, unit(c))[0], highest, high: words.ends(low, high, unit(c))[1],
    });

  // ---- what carries a verdict ------------------------------------------------------------------------------------

  /** The quantile of Student's t that belongs to a normal quantile, for so many parameter sets, as `widen_for_few` in Python. */
  const widenForFew = (z, sets) => {
    const freedom = Math.max(sets - 1, 1);
    return z + (z ** 3 + z) / 4 / freedom + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96 / freedom ** 2
      + (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384 / freedom ** 3;
  };

  /** Whether the sign of an average gain is told from chance, as `is_beyond_chance` in Python. */
  const isBeyondChance = (gain, error, ahead, behind, z, sets) =>
    Math.abs(gain) > widenForFew(z, sets) * error && Math.sign(gain) * (ahead - behind) - 1 > z * Math.sqrt(ahead + behind);

  /** The condition, if under it the verdict is another beyond chance: to what it turns. */
  const turned = (carrier, c, ahead, behind, z, sets) => {
    const { gain, error } = carrier, critical = widenForFew(z, sets);
    let turns = null;
    if (!(error > 0) || isBeyondChance(gain, error, ahead, behind, z, sets)) {
      const sign = Math.sign(gain);
      if (sign !== c.settled) turns = sign;
    } else if (c.settled && Math.abs(gain - c.gain) > critical * Math.hypot(error, c.error) && words.isSlight(gain, unit(c)) && !(Math.abs(gain) > given.words.wide * error)) turns = 0;
    return turns === null ? [] : [{ ...carrier, turns, difference: gain * (c.about.better || 1) }];
  };

  const atEnds = (name, column, values, sets, c, z) => {
    const order = Array.from(column.keys()).sort((i, j) => column[i] - column[j]), size = Math.floor(order.length / rules.part);
    return [["lowest", order.slice(0, size)], ["highest", order.slice(-size)]].flatMap(([kind, rows]) => {
      const part = Float64Array.from(rows, i => values[i]), edge = column[kind === "lowest" ? rows.at(-1) : rows[0]];
      const carrier = {
        kind, name, edge, n: size, gain: mean(part), error: words.standardError(part, rows.map(i => sets[i])),
        better: part.filter(x => x > 0).length / size,
      };
      const [ahead, behind] = [1, -1].map(sign => part.filter(x => sign * x > ROUNDING).length);
      return turned(carrier, c, ahead, behind, z, words.countSets(rows.map(i => sets[i])));
    });
  };

  /** What turns the verdict of a comparison. `difference` has a number per future, `columns` the uncertain numbers by name. */
  const findCarriers = (c, difference, columns, byStructure, sets) => {
    const kept = Array.from(difference.keys()).filter(i => Number.isFinite(difference[i]));
    const values = kept.map(i => difference[i] * (c.about.better || 1)), labels = kept.map(i => sets[i]);
    const screened = kept.length < rules.part * FEWEST ? [] : Object.entries(columns)
      .map(([name, column]) => [name, kept.map(i => column[i])]).filter(([, column]) => column.some(x => x !== column[0]));
    const others = Object.entries(byStructure).filter(([, other]) => other.n >= rules.fewest_of_way), looks = 2 * screened.length + others.length;
    const tooFew = Object.keys(byStructure).length - others.length;
    if (!looks) return { carriers: [], parameters: 0, structures: 0, tooFew };
    const z = rules.critical[looks - 1], strength = one => Math.abs(one.difference - c.difference);
    const reversal = one => Number(one.turns !== 0 && one.turns === -c.settled);
    const found = [
      ...screened.flatMap(([name, column]) => atEnds(name, column, values, labels, c, z)),
      ...others.flatMap(([name, other]) => turned({
        kind: "structure", name, edge: NaN, n: other.n, gain: other.gain, error: other.error, better: other.better / other.n,
      }, c, other.better, other.worse, z, other.sets)),
    ].sort((a, b) => reversal(b) - reversal(a) || strength(b) - strength(a));
    const strongest = found.filter((one, i) => found.findIndex(({ name }) => name === one.name) === i);
    return { carriers: strongest.slice(0, rules.most), parameters: screened.length, structures: others.length, tooFew };
  };

  const countOf = (share, whole) => {
    const base = Math.min(whole, 100), rounded = words.toWhole(base * share), held = share < 1 ? Math.min(rounded, base - 1) : rounded;
    return share > 0 ? Math.max(held, 1) : held;
  };

  /** The two policies, the one that gives more on average first, as on the cards. */
  const orderOf = c => c.difference >= 0 ? c.names : [...c.names].reverse();
  const partSaid = (x, c) => words.isShare(c) ? fill("gap.of_each", { gap: words.partGap(x) }) : words.changeSaid(x, unit(c));

  const clause = (carrier, c) => {
    const [up, down] = c.about.better ? ["better", "worse"] : ["higher", "lower"], sign = c.difference >= 0 ? 1 : -1;
    const turn = sign * carrier.turns > 0 ? "up" : sign * carrier.turns < 0 ? "down" : carrier.error > 0 ? "neither" : "nothing", about = given.parameters[carrier.name];
    return fill(`carrier.${carrier.kind}`, {
      new: orderOf(c)[0], ahead: c.names[0], up, turns: fill(`carrier.turns.${turn}`, { up, down }), difference: partSaid(sign * carrier.difference, c),
      count: fill("comparison.count", { count: countOf(carrier.better, carrier.n), whole: Math.min(carrier.n, 100) }),
      says: structures?.says[carrier.name] ?? "", plain: about?.plain ?? "",
      least: about ? words.significant(about.least) : "", most: about ? words.significant(about.high) : "",
      edge: carrier.edge === carrier.edge ? words.significant(carrier.edge) : "",
    });
  };

  const carrierSentence = (c, { carriers, parameters, structures: tried, tooFew }) => {
    if (c.verdict === given.words.verdicts.same || words.isSignAssumed(c)) return "";
    const [first, second] = orderOf(c), names = { new: first, old: second };
    if (!(parameters + tried)) return tooFew ? fill("carriers.too_few", { ...names, fewest: rules.part * FEWEST }) : "";
    if (!c.settled) return fill("carriers.unsettled", names);
    if (!carriers.length && !parameters) return fill("carriers.none.ways", { ...names, structures: tried });
    if (!carriers.length) return fill("carriers.none", { ...names, parameters, others: tried ? fill("carriers.none.structures", { structures: tried }) : "" });
    return fill("carriers.some", { ...names, list: carriers.map(carrier => clause(carrier, c)).join("; "), alone: parameters ? "" : fill("carriers.alone") });
  };

  // ---- which numbers act -----------------------------------------------------------------------------------------

  /** Whether a number acts in quarters `from` to before `to` under any of the schedules, as `acts_between` in Python. One whose
      gate holds only while other numbers have their defaults always acts where `settings` hold one of them off it. */
  const actsBetween = (name, schedules, offsets, settings, from, to) => {
    const [clauses, atStart, usual] = given.words.acting.gates[name] || [[], false, []];
    if (usual.some(([other, value]) => (settings[other] ?? value) !== value)) return true;
    return schedules.some(schedule => {
      const width = schedule.length / given.model.quarters;
      const acts = k => !(atStart && k) && clauses.every(clause => clause.some(([lever, rest]) => schedule[offsets[lever] / 8 + k * width] !== rest));
      return Array.from({ length: to - from }, (_, k) => from + k).some(acts);
    });
  };

  /** Whether a number acts on an outcome in these years ("now"), only before them ("before"), or not up to their end ("never"). */
  const actOf = (name, outcome, [from, to], schedules, offsets, settings) => {
    const { ends, cannot } = given.words.acting;
    if (cannot[outcome].includes(name)) return "never";
    if (actsBetween(name, schedules, offsets, settings, 4 * from, 4 * to)) return "now";
    return !ends.includes(name) && actsBetween(name, schedules, offsets, settings, 0, 4 * from) ? "before" : "never";
  };

  const acting = (columns, ...asked) => Object.fromEntries(Object.entries(columns).filter(([name]) => actOf(name, ...asked) === "now"));

  // ---- says who? -------------------------------------------------------------------------------------------------

  /** The uncertain numbers that move the average of `values` most, and those at rest, as `find_carried_numbers` in Python. */
  const findCarried = (values, columns, actOf) => {
    const kept = Array.from(values.keys()).filter(i => Number.isFinite(values[i])), size = Math.floor(kept.length / carried.parts);
    const varied = Object.entries(columns).filter(([, column]) => column.some(x => x !== column[0]));
    if (size < carried.fewest || !varied.length) return { found: [], atRest: [] };
    const z = carried.critical[varied.length - 1];
    const end = rows => {
      const part = Float64Array.from(rows, i => values[i]), middle = mean(part);
      return [middle, sum(part.map(x => (x - middle) * (x - middle))) / size];
    };
    const clear = varied.map(([name, column]) => {
      const order = [...kept].sort((i, j) => column[i] - column[j]);
      const [[low, below], [high, above]] = [order.slice(0, size), order.slice(-size)].map(end);
      return { name, low, high, move: Math.abs(high - low), error: Math.sqrt((below + above) / (size - 1)) };
    }).filter(({ move, error }) => move > z * error).sort((a, b) => b.move - a.move).map(one => ({ ...one, acts: actOf(one.name) }));
    const found = clear.filter(({ acts }) => acts === "now").slice(0, carried.most);
    const until = found.length === carried.most ? clear.indexOf(found.at(-1)) : clear.length;
    return { found, atRest: clear.slice(0, until).filter(({ acts }) => acts !== "now") };
  };

  /** The numbers whose declared sign a promise on the difference of two schedules rests on, as `list_sign_pulls` in Python. */
  const signPulls = (outcome, [, to], schedules, offsets, settings) => {
    const [news, olds] = schedules, width = news.length / given.model.quarters, pulls = new Set();
    for (const [lever, [, own, through]] of Object.entries(given.words.promises[outcome] || {})) {
      const at = offsets[lever] / 8, first = Array.from({ length: 4 * to }, (_, k) => at + k * width).findIndex(k => news[k] !== olds[k]);
      const canBear = pull => !through[pull] || (settings[through[pull][0]] ?? through[pull][1]) !== 0;
      if (first >= 0) own.filter(pull => canBear(pull) && actsBetween(pull, schedules, offsets, settings, first, 4 * to)).forEach(pull => pulls.add(pull));
    }
    return [...pulls];
  };

  const describeNumber = (name, move = "") => {
    const { plain, badge } = given.numbers[name];
    return [name, fill(`answer.carried.${move ? "number" : "sign"}`, { plain: words.capital(plain), badge, move })];
  };

  const describeMove = ({ low, high }, sign) =>
    fill("answer.carried", { low: words.partGap(sign * low / 100), high: words.partGap(sign * high / 100) });

  const describeLevels = ({ low, high }) => {
    return fill("answer.carried", { low: words.average(low), high: words.average(high) });
  };

  /** The part of the variance of values between the fifths of a number's column, as `measure_part` in Python. */
  const measurePart = (values, column) => {
    const kept = Array.from(values.keys()).filter(i => Number.isFinite(values[i])).sort((i, j) => column[i] - column[j]), n = kept.length;
    const ordered = Float64Array.from(kept, i => values[i]), middle = mean(ordered), square = x => x * x;
    const whole = sum(ordered.map(x => square(x - middle))) / n;
    const between = Array.from({ length: carried.parts }, (_, k) => ordered.slice(Math.floor(n * k / carried.parts), Math.floor(n * (k + 1) / carried.parts)))
      .reduce((total, part) => total + part.length * square(mean(part) - middle), 0) / n;
    return whole > ROUNDING * ROUNDING ? between / whole : 0;
  };

  /** What a verdict turns on, in full and in a few words. */
  const describeTurns = (c, difference, columns, sets) => {
    const { carriers, parameters } = findCarriers(c, difference, columns, {}, sets);
    if (!parameters || c.same === c.n) return { turns: "", short: "" };
    if (!carriers.length) {
      const written = words.saysWritten(c), said = fill(written ? "answer.turns.written" : "answer.turns.none", { parameters });
      return { turns: said, short: written ? "" : said };
    }
    const [{ name, kind, turns }] = carriers, side = turns > 0 ? c.names[0] : turns < 0 ? c.names[1] : "";
    const part = measurePart(difference, columns[name]), { plain } = given.numbers[name];
    const said = fill("answer.turns.some", {
      plain, end: kind, effect: fill(`answer.turns.${side ? "side" : "neither"}`, { side }),
      part: part > 0.005 && part < carried.decides ? fill("answer.turns.part", { count: words.toWhole(100 * part) }) : "",
    });
    return { turns: said, short: fill("answer.turns.short", { plain }) };
  };

  /** What stands behind a sentence, as `find_who_says` in Python: on the level `news` where there is no comparison `c`, else
      on `news` less `olds` (an outcome in each future) under `schedules`; `both` says whether both are policies; `when` introduces what is
      of other years than those that were asked about. */
  const who = ({ news, olds, c, schedules, outcome, span, sets, columns, offsets, settings, both = false, asAsked = false, when = "" }) => {
    const putFirst = said => when && said ? `${when}${words.small(said)}` : said;
    const turned = c && c.difference < 0 && !asAsked, sides = c ? sidesOf(c, both) : [];
    if (c && c.difference < 0 && asAsked) sides.reverse();
    const difference = c ? news.map((x, row) => x - olds[row]) : news, asked = [outcome, span, c ? schedules : schedules.slice(0, 1), offsets, settings];
    const { found, atRest } = findCarried(difference.map(x => 100 * x), columns, name => actOf(name, ...asked));
    const told = {
      turns: "", assumed: "", signs: [], short: "",
      lead: putFirst(fill(`answer.who.${!found.length ? "none" : c ? "lead.pair" : "lead"}`, { new: sides[0], old: sides[1] })),
      at_rest: atRest.map(({ name, acts }) => [name, fill(`answer.who.${acts}`, { plain: given.numbers[name].plain })]),
      numbers: found.map(one => describeNumber(one.name, c ? describeMove(one, turned ? -1 : 1) : describeLevels(one))),
    };
    if (!c) return told;
    if (!words.isSignAssumed(c)) {
      const { turns, short } = describeTurns(c, difference, acting(columns, ...asked), sets);
      return { ...told, turns: putFirst(turns), short: when ? "" : short };
    }
    return { ...told, assumed: fill("answer.who.assumed", { what: words.small(c.about.label) }), signs: signPulls(outcome, span, schedules, offsets, settings).map(name => describeNumber(name)) };
  };

  /** The uncertain numbers of futures, a column each. */
  const columnsOf = ({ sets, points }, parameterAt) => {
    const width = points.length / sets.length;
    return Object.fromEntries(given.model.posterior.names.map(name => [name, Float64Array.from(sets, (_, row) => points[row * width + parameterAt(name)])]));
  };

  // ---- ranges apart ----------------------------------------------------------------------------------------------

  /** Ranges over parameters and over chance of rows of differences, a row per parameter set; null where they are too few. */
  const splitRange = table => {
    const rows = table.filter(row => row.every(Number.isFinite)), replicates = 1 + rules.more;
    if (rows.length < rules.fewest_sets) return null;
    const means = Float64Array.from(rows, mean), middle = mean(means);
    const deviations = Float64Array.from(rows.flatMap((row, i) => row.map(x => x - means[i])));
    const chance = sum(deviations.map(x => x * x)) / (rows.length * (replicates - 1));
    const between = sum(means.map(x => (x - middle) * (x - middle))) / (rows.length - 1);
    const left = Math.max(between - chance / replicates, 0), shrink = between > 0 ? Math.sqrt(left / between) : 0;
    const grown = Math.sqrt(replicates / (replicates - 1));
    return {
      parameters: quantiles(means.map(x => middle + shrink * (x - middle)), [0.1, 0.9]),
      chance: quantiles(deviations.map(x => x * grown), [0.1, 0.9]),
    };
  };

  const apartSentence = (c, apart) => {
    if (!apart || c.alike) return "";
    return fill("apart.sentence", {
      new: c.names[0], old: c.names[1], difference: words.averageOf(c), error: words.errorWords(c),
      parameters: words.rangeSaid(...apart.parameters, unit(c)), chance: words.rangeSaid(...apart.chance, unit(c)),
    });
  };

  // ---- all of it -------------------------------------------------------------------------------------------------

  const changes = (ends, c) => words.rangeOf(...ends, unit(c));
  const pairLine = c => ({
    Policy: c.names[0], Against: c.names[1], Difference: words.signedGapOf(c), "More futures could move it by": words.marginOf(c),
  });
  const averageRow = ({ average: c, extremes }) => ({
    ...pairLine(c), "Ways to write it": changes(extremes.map(([, difference]) => difference), c), "Better in": c.about.better ? words.betterIn(c) : "–", Verdict: words.verdictSaid(c),
  });
  const apartRow = (c, apart) => ({ ...pairLine(c), "Over parameters": changes(apart.parameters, c), "Over chance": changes(apart.chance, c) });

  /** In how many ways to write the model each of two policies clearly gives more, in full and in few words, and how far the ways
      differ, as `simulator/studies/reversed_structures.py` says it, nothing for nearly the same. `over` names the years that
      they count where policies start in different ones: `find_ways`. */
  const waysSentences = (c, { byStructure }, over) => {
    const all = Object.keys(byStructure), z = rules.critical[all.length - 1], sizeOf = name => (c.difference >= 0 ? 1 : -1) * byStructure[name].difference;
    const isTold = ({ gain, error, better, worse, sets }) => isBeyondChance(gain, error, better, worse, z, sets);
    const clear = all.filter(name => isTold(byStructure[name])), ahead = clear.filter(name => sizeOf(name) > 0);
    const behind = clear.filter(name => sizeOf(name) < 0).sort((a, b) => sizeOf(a) - sizeOf(b)), close = all.length - clear.length;
    if (!behind.length && c.verdict === given.words.verdicts.same) return [];
    const [first, second] = c.difference >= 0 ? c.names : [...c.names].reverse(), isWritten = words.isSignAssumed(c) || words.saysWritten(c);
    const said = { all: all.length, first, second, ahead: ahead.length || "none", behind: behind.length || "none", n: byStructure[all[0]].n, close: close ? fill(`answer.ways.close.${close === 1 ? "one" : "some"}`, { close }) : "" };
    const after = text => over ? `${over}${words.small(text)}` : text, counted = fill("answer.ways", said);
    if (behind.length) {
      const furthest = fill("answer.ways.furthest", { side: second, says: structures.says[behind[0]], difference: partSaid(Math.abs(sizeOf(behind[0])), c) });
      return [after(`${counted} ${furthest}`), after(fill(words.isSignAssumed(c) ? "answer.ways.short.assumed" : "answer.ways.short", said))];
    }
    const [spread, inShort] = spreadSentences(c, byStructure, all, sizeOf);
    return [after(`${counted} ${spread}`), over ? "" : isWritten ? inShort : fill("answer.ways.short", said)];
  };

  const spreadSentences = (c, byStructure, all, sizeOf) => {
    const [least, most] = [-1, 1].map(sign => all.reduce((best, name) => sign * sizeOf(name) > sign * sizeOf(best) ? name : best));
    const gap = words.isShare(c) ? words.partGap(sizeOf(least)) : partSaid(sizeOf(least), c);
    const low = gap === fill("gap.none") ? fill("answer.ways.nothing") : sizeOf(least) < 0 ? fill("answer.ways.chance", { low: gap }) : gap;
    const said = { side: c.names[c.difference >= 0 ? 0 : 1], all: all.length, n: byStructure[least].n, says: structures.says[least], low, high: partSaid(sizeOf(most), c) };
    return [fill("answer.ways.spread", said), fill("answer.ways.spread.short", said)];
  };

  /** What stands behind every pair of `pairs`, each a comparison with the places of its scenarios, and where one policy
      starts later `matched`: the comparison of the years in which both act with its `span`, `main` and `structural`, whose verdict
      the carriers are of. `main`, `structural` and `again` hold outcomes by place (null where nothing was run), and `sets`
      and `points` of their futures. `second` is the pair of the last card on the other outcome: places, comparison, and
      `outcomes` of both in the structures; null where none was run. */
  const make = ({ pairs, main, structural, again, schedules, outcome, span, offsets, settings, parameterAt, second = null, over = "" }) => {
    const columns = columnsOf(main, parameterAt);
    const examined = pairs.map(([i, j, c, matched]) => {
      const lessOf = outcomes => outcomes[i].map((x, row) => x - outcomes[j][row]), difference = lessOf(main.outcomes);
      const averageOf = (outcomes, like) => outcomes && average({
        ...structural, news: outcomes[i], olds: outcomes[j], schedules: [schedules[i], schedules[j]], like, offsets, parameterAt,
      });
      const averaged = averageOf(structural && structural.outcomes, c);
      const apart = again && splitRange(Array.from({ length: again[i].length / rules.more }, (_, row) => [
        difference[row], ...Array.from({ length: rules.more }, (_, k) => again[i][row * rules.more + k] - again[j][row * rules.more + k])]));
      const carried = matched ? matched.c : c, by = matched ? averageOf(matched.structural, matched.c) : averaged;
      const moving = acting(columns, outcome, matched ? matched.span : span, [schedules[i], schedules[j]], offsets, settings);
      const carriers = findCarriers(carried, matched ? lessOf(matched.main) : difference, moving, by ? by.byStructure : {}, main.sets);
      const said = carrierSentence(carried, carriers), small = said.slice(0, 1).toLowerCase() + said.slice(1);
      return { c, averaged, apart, carried: matched && said ? fill("acting.carriers", { span: words.span(...matched.c.years), sentence: small }) : said };
    });
    const averages = examined.map(one => one.averaged).filter(Boolean), split = examined.filter(one => one.apart);
    return {
      sets: structural ? structural.draws : 0,
      averaged: averages.length ? fill("heading.averaged", { count: averages[0].counted.length, weights: structures.described, each: words.count(averages[0].each) }) : "",
      averages: averages.map(averageSentence),
      average_rows: averages.map(averageRow),
      ways: examined.map(({ c, averaged }, at) => [...pairs[at].slice(0, 2), ...averaged ? waysSentences(c, averaged, over) : []]).filter(([, , said]) => said),
      other_ways: second ? [[...second.pair, ...waysSentences(second.c, average({
        ...structural, news: second.outcomes[0], olds: second.outcomes[1], schedules: second.pair.map(i => schedules[i]), like: second.c, offsets, parameterAt,
      }), over)]].filter(([, , said]) => said) : [],
      carriers: examined.map(one => one.carried).filter(Boolean),
      apart: split.length ? fill("heading.apart") : "",
      ranges: split.map(one => apartSentence(one.c, one.apart)).filter(Boolean),
      apart_rows: split.map(one => apartRow(one.c, one.apart)),
    };
  };

  return { make, who, columnsOf };
};
