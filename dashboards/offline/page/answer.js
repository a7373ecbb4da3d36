/* What an answer says: numbers and sentences of results, as `page_answer.py` makes them in Python, key by key.

   Tests hold the two to each other, so a change of one is a change of both. */
"use strict";

const RingfenceAnswer = (given, words, { mean, quantiles }) => {
  const CENTILES = [0.1, 0.25, 0.75, 0.9];
  const { fill, pounds, end, amount } = words;
  const { today } = given.words, { millions } = given.words.units;
  const small = text => text.slice(0, 1).toLowerCase() + text.slice(1);
  const whole = values => values.every(x => x === x);
  const spread = (values, shares) => whole(values) ? quantiles(values, shares) : shares.map(() => NaN);

  let number = 0;

  /** Results of parts of the futures, one after the other, read as one. It keeps what was worked out of it, since a
      scenario that does not move is read again at every move of another. */
  class Joined {
    constructor(parts) {
      this.id = ++number;
      this.known = new Map();
      this.parts = parts;
      this.length = parts.reduce((n, part) => n + part.length, 0);
      this.years = parts[0].years;
    }

    _each(read) {
      const all = this.parts.map(read), made = new Float64Array(all.reduce((n, part) => n + part.length, 0));
      let at = 0;
      for (const part of all) {
        made.set(part, at);
        at += part.length;
      }
      return made;
    }

    once(key, make) {
      if (!this.known.has(key)) {
        if (this.known.size > 200) this.known.clear();
        this.known.set(key, make());
      }
      return this.known.get(key);
    }

    outcome(name, from, to) { return this.once(`outcome ${name} ${from} ${to}`, () => this._each(part => part.outcome(name, from, to))); }

    eachYear(name) { return this._each(part => part.eachYear(name)); }

    values(name) { return this.once(`values ${name}`, () => this._each(part => part.values(name))); }
  }

  /** 10%, 25%, the average, 75% and 90% by year of numbers (futures, years). */
  const bandsOf = (values, years) => {
    const columns = Array.from({ length: years }, (_, year) => values.filter((_, i) => i % years === year));
    const made = columns.map(column => spread(column, CENTILES)), at = k => made.map(column => column[k]);
    return [at(0), at(1), columns.map(mean), at(2), at(3)];
  };

  /** The year between the first and the last in which a course is lowest, where it is a pound below both: `name_lowest`. */
  const lowest = levels => {
    const least = Math.min(...levels), year = given.years[levels.indexOf(least)];
    return least < Math.min(levels[0], levels.at(-1)) - 0.01 ? fill("paths.course.least", { year, level: pounds(least) }) : "";
  };

  const course = (letter, title, bands) => fill("paths.course", {
    letter, new: title, least: lowest(bands[2]), first: pounds(bands[2][0]), start: given.years[0], last: pounds(bands[2].at(-1)),
    end: given.years.at(-1), low: end(bands[0].at(-1)), high: end(bands[4].at(-1)),
  });

  const courseTitle = (about, baseline, finals) => {
    const year = given.years.at(-1);
    if (about.name === "retained") return words.pathsTitle(baseline, finals.map(([, title, share]) => [title, share]), year);
    const levels = [["A", "", baseline], ...finals].map(([letter, , share]) => fill("paths.level", { level: pounds(share), letter }));
    return fill("paths.other", { label: about.label, year, levels: words.listed(levels) });
  };

  const headline = (compared, about, level, span) => {
    if (compared.length && about.name === "retained") return words.headline(compared);
    const chosen = words.chief(compared);
    if (chosen) {
      const levels = [100 * chosen.newMean, 100 * chosen.oldMean], places = words.pairDecimals(...levels);
      const [new_level, old_level] = levels.map(level => words.money(level, places));
      return fill("answer.settled", {
        new: chosen.names[0], old: today, new_level, old_level, difference: words.gapOf(chosen), what: small(about.label), span,
      });
    }
    const names = words.listed(compared.map(c => `“${c.names[0]}”`));
    const kind = compared.length === 1 ? "not_settled.one" : compared.length ? "not_settled.many" : "alone";
    return fill(`answer.${kind}`, {
      old: today, level: pounds(level), old_level: pounds(level), names, span, what: small(about.label),
      n: compared.length ? words.count(compared[0].n) : "",
    });
  };

  /** Which of several policies gives the most on average, by its place among them, and a sentence that says so; or null.
      `against(i, j)` compares two of them, and `year` is that of the comparisons where policies start in different years. */
  const bestOf = (compared, against, year = "") => {
    const chosen = words.chief(compared);
    if (compared.length < 2 || !chosen || chosen.gain <= 0) return null;
    const level = pounds(chosen.newMean), alike = compared.filter(c => pounds(c.newMean) === level).map(c => `“${c.names[0]}”`);
    if (compared.some(c => c.gain > chosen.gain && pounds(c.newMean) !== level)) return null;
    const said = { count: compared.length, new: chosen.names[0], names: words.listed(alike), level, year };
    const place = compared.indexOf(chosen), sentence = fill(`answer.best${alike.length > 1 ? ".alike" : ""}${year ? ".late" : ""}`, said);
    return [place, sentence + leadOf(place, compared, against)];
  };

  const row = (c, against, matched) => ({
    new: c.names[0], old: c.names[1], n: c.n, new_mean: c.newMean, old_mean: c.oldMean, difference: c.difference,
    likely: c.likely, wide: c.wide, better: c.better, same: c.same, worse: c.worse, error: c.error, verdict: c.verdict, verdict_said: words.verdictSaid(c),
    change: words.gapOf(c), range: words.gapRangeOf(...c.likely, c), frequency: words.frequency(c),
    drawn: words.drawnGap(c), short: words.shortLine(c), margin: words.marginOf(c), sentence: words.sentence(c), sure: [words.sureOf(c, against), matched].filter(Boolean).join(" "),
  });

  /** The sign of one schedule less another on an outcome where it is assumed, as `find_assumed_sign` in Python: +1, -1 or
      0. `offsets` are the levers' places in a quarter, in bytes; `isOpen(pull)` says whether a pull may be negative. */
  const assumedSign = (name, news, olds, offsets, isOpen) => {
    const promises = given.words.promises[name], width = news.length / given.model.quarters, signs = new Set();
    if (!promises) return 0;
    for (const [lever, at] of Object.entries(offsets)) {
      let up = false, down = false;
      for (let k = at / 8; k < news.length; k += width) {
        up ||= news[k] > olds[k];
        down ||= news[k] < olds[k];
      }
      if (!up && !down) continue;
      if (!promises[lever] || (up && down)) return 0;
      const [sign, pulls] = promises[lever];
      if (pulls.some(isOpen)) return 0;
      signs.add(up ? sign : -sign);
    }
    return signs.size === 1 ? [...signs][0] : 0;
  };

  /** What the difference of two schedules rests on that no source measures: the kinds of `simulator/reports/unmeasured.py`. */
  const unmeasuredOf = (one, other, offsets, outcome) => {
    const { gates, cannot } = given.words.acting, { kinds, plain } = given.words.unmeasured, width = one.length / given.model.quarters;
    const at = (schedule, lever, k) => schedule[offsets[lever] / 8 + k * width];
    const actsIn = (name, k) => {
      const [clauses, atStart] = gates[name] || [[], false];
      return !(atStart && k) && [one, other].some(schedule => clauses.every(clause => clause.some(([lever, rest]) => at(schedule, lever, k) !== rest)));
    };
    return [...new Set(Object.entries(kinds).flatMap(([lever, names]) => {
      const apart = Array.from({ length: given.model.quarters }, (_, k) => k).filter(k => at(one, lever, k) !== at(other, lever, k));
      return names.filter(name => apart.length && (!(name in plain) || (!cannot[outcome].includes(name) && apart.some(k => actsIn(name, k)))));
    }))];
  };
  const restsOn = kinds => {
    const { plain, sentences, most } = given.words.unmeasured, listed = kinds.filter(kind => !sentences.includes(kind)).map(kind => plain[kind] ?? fill(`unmeasured.${kind}`));
    if (listed.length > most + 1) listed.splice(most, listed.length, fill("unmeasured.more", { count: listed.length - most }));
    const list = listed.length < 2 ? listed.join("") : `${listed.slice(0, -1).join(", ")} or ${listed.at(-1)}`;
    return [...listed.length ? [fill("unmeasured", { list })] : [], ...kinds.filter(kind => sentences.includes(kind)).map(kind => fill(`unmeasured.${kind}`))].join(" ");
  };

  // ---- the sentence to be posted, as `simulator/reports/short_sentence.py` writes it --------------------------------

  const shortFrame = (said, outcome, span, caveat, frame = "short") =>
    fill(frame, { what: outcome === "additional" ? fill("short.what.additional") : small(given.outcomes[outcome].label), span, said, caveat });

  /** The caveat that matters most, and shorter ways to say it: `list_caveats`. */
  const shortCaveats = (outcome, rests) => {
    const much = fill("short.rests.much"), [first] = rests, plain = given.words.unmeasured.plain[first];
    if (rests.length > 1) return [much];
    if (plain) return [fill("short.rests.number", { plain: plain[0].toUpperCase() + plain.slice(1) }), much];
    return first ? [fill(`short.rests.${first}`), much] : [fill(outcome === "additional" ? "short.additional" : "short.forecast")];
  };

  const shortPair = (c, kind, size, sides, rests, span) => {
    const template = { alike: "same", nearly: "nearly", not_settled: "open" }[kind] || (kind.includes("assumed") ? "assumed" : "more");
    const [shortest, longest] = given.words.short, caveats = shortCaveats(c.about.name, rests);
    const whole = Math.max(...sides.map(side => [...side].length)), cuts = Array.from({ length: Math.max(whole - shortest + 1, 0) }, (_, less) => ["short.tight", whole - less]);
    for (const [frame, letters] of [["short", whole], ...cuts]) {
      const [one, other] = sides.map(side => side ? `“${words.cut(side, letters)}”` : fill("short.today"));
      const said = fill(`short.${template}`, { new: one, old: other, size, range: rangeOf(c) });
      const told = caveats.map(caveat => shortFrame(said, c.about.name, span, caveat, frame)).find(each => [...each].length <= longest);
      if (told) return one !== other && kind !== "too_few" ? told : "";
    }
    return "";
  };

  // ---- at a glance, for a picture, as `simulator/reports/glance.py` writes it ---------------------------------------

  /** What no source measures, in as many words as a picture has room for: `say_unmeasured_shortly`. */
  const restsShortly = kinds => {
    const said = restsOn(kinds), much = fill("short.rests.much"), fits = told => [...told].length <= given.words.glance;
    const told = kinds.map(kind => given.words.unmeasured.plain[kind] ? fill("short.rests.number", { plain: words.capital(given.words.unmeasured.plain[kind]) }) : fill(`short.rests.${kind}`)).join(" ");
    return [said, told].find(fits) ?? much;
  };

  /** A policy against today's rules: the sentence, and its range with how often it is so: `glance_at_pair`. */
  const glancePair = c => {
    const [kind, said] = pairWords(c, c.about.name, false, 0), every = fill("answer.pair.every");
    if (kind === "too_few") return [fill(`answer.pair.${kind}`, said), ""];
    const isLess = kind.startsWith("today_"), short = isLess ? "less" : { alike: "same", nearly: "nearly", not_settled: "open" }[kind] || "more";
    const sides = isLess ? sidesOf(c, false).reverse() : sidesOf(c, false), isWay = ["more", "less"].includes(short);
    const key = `picture.${short}${isWay && c.about.name === "retained" ? ".retained" : ""}`, range = fill("picture.range", { range: isLess ? words.gapRange(...c.likely) : rangeOf(c) });
    const sentence = fill(key, { new: sides[0], old: sides[1], size: said.size, what: small(c.about.label) });
    if (!isWay) return [sentence, short === "open" ? fill("picture.range.open", { range: rangeOf(c), new: sides[0], old: sides[1] }) : ""];
    const often = { count: said.count, every: said.rest === every ? every : "" };
    return [sentence, `${range} ${kind.endsWith("assumed") ? fill(`picture.assumed.${short}`) : fill(`picture.count.${short}`, often)}`];
  };

  // ---- the answer in three sentences, as `simulator/reports/answer_cards.py` writes them ---------------------------

  const otherOf = outcome => outcome === "additional" ? "retained" : "additional";
  const samePolicy = (one, other) => one.schedule.every((x, k) => x === other.schedule[k]);
  /** The two that the cards compare; those that are none of the library's come first: `choose_pair` in Python. */
  const pairOf = scenarios => {
    if (scenarios.length < 2) return [0, 0];
    const [first, ...others] = [...scenarios.keys()].slice(1).sort((i, j) => Number(scenarios[j].own || 0) - Number(scenarios[i].own || 0) || i - j);
    return [first, others.find(i => !samePolicy(scenarios[first], scenarios[i])) ?? 0];
  };

  /** Averages so near to each other that neither is said to give more, as `is_nearly_same` in Python. */
  const isNearlySame = c => {
    const { same, too_few } = given.words.verdicts, gap = Math.abs(c.difference), larger = Math.max(Math.abs(c.newMean), Math.abs(c.oldMean));
    return ![same, too_few].includes(c.verdict) && Boolean(c.settled || words.isAssumed(c)) && gap < 0.001 && gap < 0.02 * larger;
  };

  const todayCard = ({ outcome, span, fund, begun, level, values }) => {
    const ends = spread(values(0, outcome), [0.1, 0.9]).map(x => 100 * x), places = words.ownDecimals(Math.max(...ends.map(Math.abs)));
    const millions = x => `£${words.significant(x, 3)}m`;
    const sentence = fill("answer.today", {
      old: today, level: pounds(level), does: fill(`answer.does.${outcome}`), span,
      millions: millions(level * fund), fund: millions(fund),
    });
    const [low, high] = ends.map(x => words.money(x, places));
    const growth = { start: millions(begun), year: given.years[0], fund: millions(fund), span }, grows = millions(begun) !== millions(fund);
    const grown = grows ? fill(span.includes(" ") ? "answer.caveat.fund" : "answer.caveat.fund.year", growth) : "";
    const own = { key: "today", outcome, new: 0, old: 0, heading: fill("answer.heading.today"), sentence };
    return { ...own, caveat: fill("answer.caveat.today", { low, high }) + grown, brief: fill("answer.brief.today", { low, high }) + (grows ? fill("answer.brief.fund", growth) : ""),
      short: shortFrame(fill(outcome === "additional" ? "short.level.additional" : "short.level", { level: pounds(level), does: fill(`answer.does.${outcome}`), low, high }), outcome, span, shortCaveats(outcome, [])[0]) };
  };

  const decimalsOf = c => {
    const levels = [100 * c.newMean, 100 * c.oldMean], told = !isNearlySame(c) && (c.settled || words.isAssumed(c));
    return told ? words.pairDecimals(...levels) : words.decimalsOf(...levels);
  };

  /** Both sides as the cards name them, the one that gives more on average first. */
  const sidesOf = (c, both) => {
    const sides = [`“${c.names[0]}”`, both ? `“${c.names[1]}”` : today];
    return c.difference >= 0 ? sides : sides.reverse();
  };

  const saysRange = c => c.verdict !== given.words.verdicts.same && c.verdict !== given.words.verdicts.too_few;
  const rangeOf = c => words.gapRange(...c.difference >= 0 ? c.likely : [-c.likely[1], -c.likely[0]]);

  /** The caveat of a comparison, which names its years if `span` does: `_write_caveat`. */
  const caveatOf = (c, both, span = "") => {
    if (!saysRange(c)) return fill("answer.caveat.none");
    const [first, second] = sidesOf(c, both);
    return fill(`answer.caveat.pair${span ? ".years" : ""}`, { range: rangeOf(c), new: first, old: second, margin: words.shareSize(c.margin), span });
  };

  /** What of the caveat of two policies must be seen at once, where the rest is a click away: `_write_brief`. */
  const briefOf = (c, outcome, { scenarios, compare, averaged }, acting) => {
    const range = saysRange(c) && !acting ? [fill("answer.brief.range", { range: rangeOf(c) })] : [];
    return [
      ...acting ? [acting] : [],
      ...outcome === "additional" ? [fill("answer.brief.additional")] : range,
      ...listLate(scenarios, averaged).map(([i, first]) => fill("answer.brief.late", { new: scenarios[i].title, year: given.years[first] })),
      ...listIdle(scenarios, outcome, compare).map(([one]) => fill("answer.brief.idle", { new: one.title, what: given.outcomes[outcome].label })),
    ].join(" ");
  };

  /** What the futures do in which the subject does not do more, as `describe_rest` in Python. */
  const restOf = (more, less, same, n) => {
    if (more === n) return fill("answer.pair.every");
    const [, fewer, level] = words.countedBothWays(more, less, same, n), either = same && !level && less < more;
    return [[fewer, either ? "either" : "less"], [level, "same"]].filter(([times]) => times)
      .map(([count, word]) => fill("answer.pair.rest", { word: fill(`answer.pair.${word}`), count })).join("");
  };

  const templateOf = (c, ahead, todayFirst, mixed) => {
    const { same, too_few } = given.words.verdicts;
    if (c.verdict === same) return "alike";
    if (c.verdict === too_few) return "too_few";
    if (isNearlySame(c)) return "nearly";
    if (words.isAssumed(c) && c.assumed > 0 === ahead) return todayFirst ? "today_assumed" : "assumed";
    if (!c.settled) return "not_settled";
    return `${todayFirst ? "today_more" : "more"}${mixed ? "_mixed" : ""}`;
  };

  /** The words of a sentence on two policies whose subject is who does more, and which sentence it is. */
  const pairWords = (c, outcome, both, fund) => {
    const ahead = c.difference >= 0, todayFirst = !both && !ahead, places = decimalsOf(c);
    const [first, second] = ahead ? c.names : [...c.names].reverse();
    const [a, b] = ahead ? [c.newMean, c.oldMean] : [c.oldMean, c.newMean];
    const [more, less] = ahead === c.about.better >= 0 ? [c.better, c.worse] : [c.worse, c.better];
    const levels = { new_level: words.money(100 * a, places), old_level: words.money(100 * b, places) };
    const alike = levels.new_level === levels.old_level ? "_alike" : "";
    return [templateOf(c, ahead, todayFirst, more < less), {
      new: first, old: !both && ahead ? today : `“${second}”`, more: fill(`answer.more${todayFirst ? "_many" : ""}.${outcome}`),
      count: words.outOf(more, c.n), rest: restOf(more, less, c.same, c.n), size: words.moneyBetween(100 * a, 100 * b, places),
      ...levels, levels: fill(`answer.pair.levels${alike}`, levels), millions: amount(Math.abs(c.difference) * fund, millions),
      n: words.count(c.n), too_few: words.tooFew(c.n),
    }];
  };

  const pairSentence = (...asked) => {
    const [kind, said] = pairWords(...asked);
    return fill(`answer.pair.${kind}`, said);
  };

  /** A pair in the years in which all policies act, in brief: `_tell_all_act`. */
  const actingBrief = (c, outcome, both, { fund, span }) => {
    const [kind, said] = pairWords(c, outcome, both, fund), [first, second] = sidesOf(c, both);
    if (kind === "too_few") return "";
    const short = kind.endsWith("assumed") ? "assumed" : ["not_settled", "nearly", "alike"].includes(kind) ? kind : "more";
    return fill("answer.brief.all_act", { span, said: fill(`answer.brief.all_act.${short}`, { ...said, new: first, old: second }) });
  };

  /** What sets the policy that gives the most apart from the next: by how much, and in how many futures: `_with_lead`. */
  const leadOf = (place, compared, against) => {
    const after = compared.reduce((most, c, i) => i !== place && (most < 0 || c.newMean > compared[most].newMean) ? i : most, -1);
    const c = against(place, after), [kind, said] = pairWords(c, c.about.name, true, 0), nearly = pounds(compared[place].newMean) === pounds(compared[after].newMean);
    return kind === "too_few" ? "" : fill(`answer.best.by.${kind !== "alike" && (nearly || c.difference < 0) ? "nearly" : kind}`, said);
  };

  /** The policies that start after the first of the years `from` to `to` that are averaged over, each with its first year. */
  const listLate = (scenarios, [from, to]) => scenarios.map((one, i) => [i, Math.floor(one.first / 4)]).filter(([i, first]) => i && first > from && first < to);

  /** A remark on each of them, with what the outcome is in the last year, `levels()` by scenario, and the most that another
      gives then. */
  const lateStarts = (scenarios, [from, to], levels) => {
    const late = listLate(scenarios, [from, to]);
    if (!late.length) return "";
    const inLast = levels();
    return late.map(([i, first]) => {
      const best = inLast.reduce((most, level, k) => k !== i && (most < 0 || level > inLast[most]) ? k : most, -1);
      return fill("answer.caveat.late", {
        new: scenarios[i].title, year: given.years[first], last: given.years[to - 1], level: pounds(inLast[i]),
        other: pounds(inLast[best]), best: best ? `“${scenarios[best].title}”` : today,
      });
    }).join("");
  };

  /** The policies that move other outcomes and not this one in any future, and which each moves. */
  const listIdle = (scenarios, outcome, compare) => scenarios.map((one, i) =>
    [one, i ? [outcome, ...given.differences].filter(name => { const c = compare(i, 0, name); return c.same < c.n; }) : []])
    .filter(([, moved]) => moved.length && !moved.includes(outcome));

  /** A remark on each of them: on which it acts. */
  const idle = (scenarios, outcome, compare) => listIdle(scenarios, outcome, compare).map(([one, moved]) => fill("answer.caveat.idle", {
    new: one.title, what: given.outcomes[outcome].label, others: words.listed(moved.map(name => `“${given.outcomes[name].label}”`)),
  })).join("");

  /** The years of `from` to `to` in which each of some scenarios acts the whole year through, or the last alone; null where
      none starts after the first: `find_matched_span`. */
  const matchedSpan = (scenarios, [from, to]) => {
    const starts = scenarios.map(one => one.first);
    if (!starts.some(first => Math.floor(first / 4) > from && Math.floor(first / 4) < to)) return null;
    return [Math.min(Math.max(...starts.map(first => Math.ceil(first / 4))), to - 1), to];
  };

  const whenBothAct = ([from, to]) => fill("acting.turns", { span: words.span(given.years[from], given.years[to - 1]) });

  const overYears = (scenarios, [from, to]) => matchedSpan(scenarios, [from, to]) ? fill("acting.over", { span: words.span(given.years[from], given.years[to - 1]) }) : "";

  /** What holds of two scenarios in the years in which both act: `describe_matched_years`. */
  const matchedSaid = (c, acts) => {
    const { same, not_settled } = given.words.verdicts;
    return fill(`acting.${acts && c.verdict === same ? "same" : acts ? "both" : "one"}`, {
      span: words.span(...c.years), new: c.names[0], old: acts ? `“${c.names[1]}”` : today, gap: words.averageOf(c),
      margin: words.marginOf(c), range: words.gapRangeOf(...c.likely, c),
      settled: c.verdict === not_settled ? fill("acting.not_settled") : "", frequency: words.frequency(c),
    });
  };

  const pairCard = (key, outcome, asked) => {
    const { scenarios, fund, compare, average, averaged, inLast, onceAllAct, offsets } = asked;
    const [i, j] = pairOf(scenarios), what = given.outcomes[outcome].title, own = { key, outcome, new: i, old: j };
    if (!i) return { ...own, heading: fill("answer.heading.none", { what }), sentence: fill("answer.pair.none"), caveat: fill("answer.caveat.none"), brief: "", short: "" };
    const c = compare(i, j, outcome), letterOf = k => scenarios[k].letter ?? given.styles[k].letter;
    const also = (c, averageOf) => scenarios.map((one, k) => [i, j].includes(k) ? "" :
      fill(k ? "answer.pair.also" : "answer.pair.also.today", { new: one.title, level: words.average(100 * averageOf(k, outcome), decimalsOf(c)) })).join("");
    const rests = c.verdict === given.words.verdicts.same ? [] : unmeasuredOf(scenarios[i].schedule, scenarios[j].schedule, offsets, outcome);
    const [kind, { size }] = pairWords(c, outcome, j > 0, fund), sides = [i, j].map(k => k ? scenarios[k].posted ?? scenarios[k].title : "");
    const once = onceAllAct && onceAllAct.compare(i, j, outcome);
    const acting = once ? fill("answer.caveat.all_act", {
      span: onceAllAct.span, sentence: pairSentence(once, outcome, j > 0, onceAllAct.fund) + also(once, onceAllAct.average), range: saysRange(once) ? `${caveatOf(once, j > 0)} ` : "",
    }) : "";
    const judged = outcome === "additional" && saysRange(c) ? fill("answer.caveat.additional") : "", averagedOver = acting ? words.span(...c.years) : "";
    return {
      ...own, heading: fill(`answer.heading.${j ? "pair" : "one"}`, { what, new: letterOf(i), old: letterOf(j) }),
      sentence: pairSentence(c, outcome, j > 0, fund) + also(c, average), caveat: acting + judged + caveatOf(c, j > 0, averagedOver) + lateStarts(scenarios, averaged, () => inLast(outcome)) + idle(scenarios, outcome, compare) + (rests.length ? ` ${restsOn(rests)}` : ""),
      brief: briefOf(c, outcome, asked, once ? actingBrief(once, outcome, j > 0, onceAllAct) : ""), short: shortPair(c, kind, size, c.difference >= 0 ? sides : sides.reverse(), rests, asked.span),
    };
  };

  const cardsOf = asked => [
    todayCard(asked), pairCard("pair", asked.outcome, asked), pairCard("other", otherOf(asked.outcome), asked),
  ].map(card => ({ ...card, copied: words.standAlone(card.sentence, asked.span) }));

  /** Two scenarios compared on an outcome of years `from` to `to`; `news` and `olds` have a number for each future. */
  const comparePair = (one, other, news, olds, { outcome, span: [from, to], sets, offsets, settings }) => words.compare(news, olds, {
    about: given.outcomes[outcome], names: [one.title, other.title], years: [given.years[from], given.years[to - 1]], sets,
    alike: samePolicy(one, other),
    assumed: assumedSign(outcome, one.schedule, other.schedule, offsets, pull => settings[pull] < 0),
  });

  /** An answer. `scenarios` have letter, title, schedule and first (the first quarter that differs from today's rules, or -1);
      `results` are as `Joined`; `sets` says which futures share their parameters; `years` is [first, after the last],
      or null for those from the first change on; `offsets` are as `assumedSign` takes them, `settings` are numbers that are
      held. */
  const make = ({ scenarios, results, sets, outcome, years, offsets, settings = {} }) => {
    const starts = scenarios.map(one => one.first).filter(quarter => quarter >= 0);
    const from = years ? years[0] : Math.floor((starts.length ? Math.min(...starts) : 0) / 4);
    const to = years ? years[1] : given.years.length;
    const names = [given.years[from], given.years[to - 1]], span = words.span(...names);
    const about = given.outcomes[outcome], base = results[0];
    const values = (i, name) => results[i].outcome(name, from, to);
    const average = (i, name) => results[i].once(`mean ${name} ${from} ${to}`, () => mean(values(i, name)));
    const pairOf = (i, j, name) => `${results[j].id} ${name} ${from} ${to} ${scenarios[i].title}\n${scenarios[j].title}`;
    const compare = (i, j, name) => results[i].once(`compare ${pairOf(i, j, name)}`, () =>
      comparePair(scenarios[i], scenarios[j], values(i, name), values(j, name), { outcome: name, span: [from, to], sets, offsets, settings }));
    const fundIn = (first, last) => mean(base.values("funding").filter((_, i) => i % base.years >= first && i % base.years < last));
    const acting = matchedSpan(scenarios, [from, to]), onceAllAct = acting && {
      span: words.span(given.years[acting[0]], given.years[to - 1]), fund: fundIn(...acting), average: (i, name) => mean(results[i].outcome(name, ...acting)),
      compare: (i, j, name) => [i, j].every(k => results[k].outcome(name, ...acting).some(Number.isFinite)) && results[i].once(`all act ${acting} ${pairOf(i, j, name)}`, () => comparePair(scenarios[i], scenarios[j],
        results[i].outcome(name, ...acting), results[j].outcome(name, ...acting), { outcome: name, span: acting, sets, offsets, settings })),
    };
    const inMatched = (i, j, name) => {
      const years = matchedSpan([scenarios[i], scenarios[j]], [from, to]);
      if (!years || ![i, j].every(k => results[k].outcome(name, ...years).some(Number.isFinite))) return "";
      return matchedSaid(comparePair(scenarios[i], scenarios[j], results[i].outcome(name, ...years), results[j].outcome(name, ...years),
        { outcome: name, span: years, sets, offsets, settings }), scenarios[j].first >= 0);
    };
    const rowOf = (i, j, name, against) => results[i].once(`row ${pairOf(i, j, name)} ${against || ""}`, () => row(compare(i, j, name), against, inMatched(i, j, name)));
    const listed = [...new Set([outcome, ...given.differences])], others = scenarios.map((_, i) => i).slice(1);
    const compared = Object.fromEntries(listed.map(name => [name, others.map(i => compare(i, 0, name))]));
    const main = compared[outcome];
    const level = average(0, outcome);
    const begun = mean(base.values("funding").filter((_, i) => i % base.years === 0));
    const inLast = name => results.map(result => result.once(`last ${name} ${to}`, () =>
      mean(result.eachYear(name).filter((_, i) => i % base.years === to - 1))));
    const late = lateStarts(scenarios, [from, to], () => inLast(outcome));
    const remarks = late + idle(scenarios, outcome, compare);
    const valuesInLast = i => results[i].outcome(outcome, to - 1, to);
    const isKnownInLast = i => valuesInLast(i).some((value, k) => Number.isFinite(value + valuesInLast(0)[k]));
    const comparedInLast = (i, j = 0) => results[i].once(`last ${pairOf(i, j, outcome)}`, () => comparePair(scenarios[i], scenarios[j],
      valuesInLast(i), valuesInLast(j), { outcome, span: [to - 1, to], sets, offsets, settings }));
    const glanceOf = (c, i, kinds) => {
      const [sentence, sure] = glancePair(c), isLate = listLate(scenarios, [from, to]).some(([k]) => k === i);
      return { sentence, sure: [sure, isLate ? fill("picture.late") : "", outcome === "additional" && saysRange(c) ? fill("short.additional") : "", restsShortly(kinds)].filter(Boolean).join(" ") };
    };
    const postOf = (c, one, kinds) => {
      const [kind, { size }] = pairWords(c, outcome, false, fundIn(from, to)), sides = [one.posted ?? one.title, ""];
      return shortPair(c, kind, size, c.difference >= 0 ? sides : sides.reverse(), kinds, span);
    };
    const shown = scenarios.map((one, i) => scenario(one, i, i ? main[i - 1] : null));

    function scenario(one, i, c) {
      const result = results[i], middle = average(i, outcome), letter = one.letter ?? given.styles[i].letter;
      const [low, high] = result.once(`range ${outcome} ${from} ${to}`, () => spread(values(i, outcome), [0.1, 0.9]));
      const kinds = c && c.verdict !== given.words.verdicts.same ? unmeasuredOf(one.schedule, scenarios[0].schedule, offsets, outcome) : [];
      const bands = result.once(`bands ${outcome}`, () => bandsOf(result.eachYear(outcome), base.years));
      return {
        letter, title: one.title, mean: middle, low, high, share: pounds(middle),
        likely: `${end(low)} to ${end(high)}`, line: c ? words.cardLine(c) : "What the others are compared with.",
        headline: c ? headline([c], about, c.oldMean, span) : "", sure: c ? words.howSure([c]) + remarks : "",
        against: c ? pairSentence(c, outcome, false, fundIn(from, to)) : "", places: c ? decimalsOf(c) : 1,
        rests: restsOn(kinds), glance: c && glanceOf(c, i, kinds), short: c ? postOf(c, one, kinds) : "",
        first: Math.floor(Math.max(one.first, 0) / 4), bands, course: course(letter, one.title, bands),
        cascade: given.cascade.map(name => average(i, name)),
      };
    }

    const step = name => shown[0].cascade[given.cascade.indexOf(name)];
    const fund = fundIn(from, to), old = main.length ? main[0].oldMean : level;
    return {
      n: base.length, outcome, span: [from, to], years: names,
      cards: cardsOf({ scenarios, outcome, span, fund, begun, level, compare, average, values, averaged: [from, to], inLast, onceAllAct, offsets }),
      headline: headline(main, about, old, span),
      sure: main.length ? words.howSure(main) + remarks : "",
      chief: main.length && words.chief(main) ? main.indexOf(words.chief(main)) + 1 : null,
      best: !late ? bestOf(main, (i, j) => compare(i + 1, j + 1, outcome)) : others.every(isKnownInLast)
        ? bestOf(others.map(i => comparedInLast(i)), (i, j) => comparedInLast(i + 1, j + 1), given.years[to - 1]) : null,
      scenarios: shown,
      differences: listed.map(name => ({ outcome: name, rows: others.map(i => rowOf(i, 0, name)) })),
      pairs: others.flatMap(i => others.filter(j => j > i).map(j => [j, i, rowOf(j, i, outcome, `“${scenarios[i].title}”`)])),
      courses: courseTitle(about, shown[0].bands[2].at(-1), shown.slice(1).map(s => [s.letter, s.title, s.bands[2].at(-1)])),
      cascade: words.cascadeTitle(step("retained"), step("front"), step("additional")),
    };
  };

  return { make, sidesOf, compare: comparePair, matchedSpan, overYears, whenBothAct, pairOf, otherOf, assumedSign, Joined };
};
