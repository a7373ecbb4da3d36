/* Numbers and sentences of the page, character for character those of the command line.

   Sentences are the templates of `simulator/data/sentence_templates.json`; `page_words.py` hands them over with the names of
   verdicts. Written twice are only the number formats of `simulator/common/formatting.py`, the statistics of
   `simulator/experiments/core/paired_comparison.py`, and which template is meant: tests hold them to Python's. */
"use strict";

const RingfenceWords = (given, { mean, sum, quantiles }) => {
  const { templates, verdicts, units } = given;
  const UNDEFINED = "not defined", MINUS = "−";

  /** A template with its blanks filled. */
  const fill = (name, values = {}) => {
    if (!(name in templates)) throw new Error(`there is no template ${name}`);
    return templates[name].replace(/\{([a-z_]+)\}/g, (_, blank) => {
      if (values[blank] === undefined) throw new Error(`${name} needs ${blank}`);
      return values[blank];
    });
  };

  const grouped = whole => whole.replace(/\B(?=(\d{3})+$)/g, ",");

  /** A whole number with commas. */
  const count = n => grouped(String(n));

  /** A number rounded to so many significant figures. Halves go to the even digit, as in Python: toPrecision takes them
      away from zero, which is seen only where a number lies exactly half-way. */
  const rounded = (x, figures) => {
    if (!x || !Number.isFinite(x)) return x;
    const [digits, power] = Math.abs(x).toExponential(60).replace(".", "").split("e");
    const kept = BigInt(digits.slice(0, figures));
    if (!/^50*$/.test(digits.slice(figures)) || kept % 2n) return Number(x.toPrecision(figures));
    return Math.sign(x) * Number(`${kept}e${Number(power) - figures + 1}`);
  };

  /** A number with so many significant figures, never in scientific notation. */
  const significant = (x, figures = 2) => {
    if (x === 0) return "0";
    const text = rounded(x, figures).toFixed(6).replace(/0+$/, "").replace(/\.$/, "");
    if (text === "" || text === "-0" || text === "0") return "0";
    const [whole, part] = text.replace("-", "").split(".");
    return (text.startsWith("-") ? MINUS : "") + grouped(whole) + (part ? `.${part}` : "");
  };

  /** A number with so many decimals. Halves go to the even digit, as in Python. */
  const fixed = (x, places) => {
    const odd = x * 2 ** (places + 1), part = Math.abs(odd % 2);
    if (!Number.isInteger(odd) || part !== 1) return x.toFixed(places);
    const scale = 10 ** places, low = Math.floor(x * scale);
    return ((low % 2 === 0 ? low : low + 1) / scale).toFixed(places);
  };

  /** An end of a range of shares, in £ of each £100. */
  const end = share => {
    if (share !== share) return UNDEFINED;
    return share > 0 && share < 0.00995 ? `${significant(10000 * share)}p` : `£${significant(100 * share)}`;
  };

  // Money of each £100, in pounds: one decimal for an average, two where one of those beside it is below £1.
  const NIL = 1e-9;
  const ownDecimals = x => Math.abs(x) >= 9.95 || Math.abs(x) <= NIL ? 0 : Math.abs(x) >= 0.995 ? 1 : 2;
  const toUnits = (x, decimals) => Math.round(Number(fixed(x, decimals)) * 10 ** decimals);
  const decimalsOf = (...averages) => Math.max(1, ...averages.filter(x => x === x).map(ownDecimals));
  const pairDecimals = (a, b) => decimalsOf(a, b, a - b);

  /** The decimals that the averages of one list, column or map share, as `choose_list_decimals` in Python. */
  const listDecimals = amounts => decimalsOf(Math.max(0, ...amounts.filter(x => x === x).map(Math.abs)));

  const money = (x, decimals) => {
    if (x !== x) return UNDEFINED;
    if (Math.abs(Math.abs(x) - 100) <= NIL) return x > 0 ? "£100" : `${MINUS}£100`;
    const units = toUnits(Math.abs(x), decimals), value = units / 10 ** decimals;
    if (!units) return decimals < 2 || Math.abs(x) <= NIL ? "£0" : "under 1p";
    const [whole, part] = fixed(value, decimals).split(".");
    return (x < 0 ? MINUS : "") + (value < 1 && decimals === 2 ? `${units}p` : `£${grouped(whole)}${part ? `.${part}` : ""}`);
  };

  /** An average of each £100 with the decimals of those beside it, or in pence where it is below £1. */
  const average = (x, decimals = 1) => money(x, Math.max(decimals, decimalsOf(x)));
  const pounds = share => average(100 * share);

  /** The size of a difference of two levels that look alike, which is below what their last place shows. */
  const unseen = (size, decimals) => Math.min(size, 0.4 * 0.1 ** decimals);

  const moneyBetween = (a, b, decimals) => {
    const units = Math.abs(toUnits(a, decimals) - toUnits(b, decimals));
    return money(units ? units / 10 ** decimals : unseen(Math.abs(a - b), decimals), decimals);
  };

  /** The difference of two levels as they are shown; of two that look alike one below their last place. */
  const subtracted = (a, b, decimals) => {
    const units = toUnits(a, decimals) - toUnits(b, decimals);
    return units ? units / 10 ** decimals : decimals > 1 ? Math.sign(a - b) * unseen(Math.abs(a - b), decimals) : 0;
  };

  /** The size of a difference with its sign: what is too small for a number says its way in a word. */
  const signed = (size, up) => size === "£0" || size === UNDEFINED ? size
    : /^[£1-9]/.test(size) ? `${up ? "+" : MINUS}${size}` : `${size} ${up ? "more" : "less"}`;

  const changes = (low, high) => {
    const decimals = ownDecimals(Math.max(Math.abs(low), Math.abs(high)));
    return [low, high].map(x => signed(money(Math.abs(x), decimals), x > 0));
  };

  const amount = (x, unit) => {
    if (x !== x) return UNDEFINED;
    if (unit === units.share || unit === units.cases) return `${significant(100 * x)}%`;
    if (unit === units.millions) return `£${significant(x)}m`;
    if (unit === units.percent) return `${significant(x)}% of allocation`;
    return significant(x);
  };

  const shareSize = share => average(Math.abs(100 * share));
  const sizeOfShare = (share, figures) => figures <= 2 || 100 * share <= NIL ? shareSize(share) :
    100 * share < 1 ? `${significant(10000 * share, figures)}p` : `£${significant(100 * share, figures)}`;

  const change = (x, unit, figures = 2) => {
    if (x !== x) return UNDEFINED;
    const sign = x < 0 ? MINUS : x > 0 ? "+" : "", way = x < 0 ? "less" : "more";
    if (unit === units.share) {
      return signed(sizeOfShare(Math.abs(x), figures), x > 0);
    }
    if (unit === units.cases) {
      const points = significant(100 * Math.abs(x), figures);
      if (x !== 0 && Math.abs(x) < 0.001) return `under 0.1 points ${way}`;
      return points === "0" ? "0 points" : `${sign}${points} point${points === "1" ? "" : "s"}`;
    }
    if (unit === units.millions) {
      return x !== 0 && Math.abs(x) < 0.01 ? `under £0.01m ${way}` : `${sign}£${significant(Math.abs(x), figures)}m`;
    }
    const text = significant(Math.abs(x), figures);
    return text === "0" ? text : `${sign}${text}`;
  };

  const size = (x, unit, figures = 2) => change(Math.abs(x), unit, figures).replace(/^\+/, "").replace(/ more$/, "");

  // How much more or less of each £100 one share is than another, as both are shown.
  const sizeBetween = (a, b) => moneyBetween(100 * a, 100 * b, pairDecimals(100 * a, 100 * b));
  const gap = (a, b) => {
    if (a !== a || b !== b) return UNDEFINED;
    if (Math.abs(100 * a - 100 * b) <= NIL) return fill("gap.none");
    return fill(a > b ? "gap.more" : "gap.less", { size: sizeBetween(a, b) });
  };
  const signedGap = (a, b) => {
    if (a !== a || b !== b) return UNDEFINED;
    return signed(sizeBetween(a, b), a > b);
  };
  const gapRange = (low, high) => {
    if (low !== low || high !== high) return UNDEFINED;
    const places = ownDecimals(100 * Math.max(Math.abs(low), Math.abs(high)));
    const [start, end] = [low, high].map(x => money(Math.abs(100 * x), places));
    if (start === "£0" && end === "£0") return fill("gap.none");
    const below = low < 0 && start !== "£0", above = high > 0 && end !== "£0";
    if (below && above) return span(fill("gap.less", { size: start }), fill("gap.more", { size: end }));
    return fill(below ? "gap.less" : "gap.more", { size: below ? span(end, start) : span(start, end) });
  };
  /** A difference of shares, averaged over a part of the futures: always to 10p. */
  const partGap = part => {
    const text = money(Math.abs(100 * part), 1);
    return fill(text === "£0" ? "gap.none" : part > 0 ? "gap.more" : "gap.less", { size: text });
  };
  const between = (low, high) => {
    const short = [" points", " point", " of allocation"].reduce((text, end) => text.endsWith(end) ? text.slice(0, -end.length) : text, low);
    return low === high || high.startsWith(`${short} `) ? high : `${short} to ${high}`;
  };
  /** Two differences that belong together, in a table; `rangeSaid` in a sentence, and `changeSaid` one of them. */
  const ends = (low, high, unit) => unit === units.share && low === low && high === high ?
    changes(100 * low, 100 * high) : [change(low, unit), change(high, unit)];
  const rangeOf = (low, high, unit) => between(...ends(low, high, unit));
  const rangeSaid = (low, high, unit) => unit === units.share ? gapRange(low, high) : rangeOf(low, high, unit);
  const ofEach = unit => unit === units.share ? ` ${fill("of_each")}` : "";
  const changeSaid = (x, unit) => {
    if (unit !== units.share || x !== x) return change(x, unit);
    const text = shareSize(x);
    return fill("gap.of_each", { gap: fill(text === "£0" ? "gap.none" : x > 0 ? "gap.more" : "gap.less", { size: text }) });
  };
  const levelsOf = c => {
    const pair = [100 * c.newMean, 100 * c.oldMean], unit = c.about.unit;
    return isShare(c) ? pair.map(x => money(x, pairDecimals(...pair))) : [amount(c.newMean, unit), amount(c.oldMean, unit)];
  };
  const isShare = c => c.about.unit === units.share;
  const gapOf = c => isShare(c) ? gap(c.newMean, c.oldMean) : change(c.difference, c.about.unit);
  const signedGapOf = c => isShare(c) ? signedGap(c.newMean, c.oldMean) : change(c.difference, c.about.unit);
  const drawnGap = c => signedGapOf(c) === "£0" ? "£0" : gapOf(c);
  const gapRangeOf = (low, high, c) => isShare(c) ? gapRange(low, high) : spread(low, high, c);
  const marginOf = c => isShare(c) ? shareSize(c.margin) : size(c.margin, c.about.unit);
  const averageOf = c => isShare(c) ? fill("gap.of_each", { gap: gapOf(c) }) : gapOf(c);

  /** Halves to the even whole number, as Python rounds. */
  const toWhole = x => {
    const low = Math.floor(x), part = x - low;
    return part > 0.5 || (part === 0.5 && low % 2) ? low + 1 : low;
  };

  const counted = (part, whole) => {
    if (whole < given.fewest) return part;
    const of100 = toWhole(100 * part / whole);
    if (of100 === 100 && part < whole) return 99;
    return of100 === 0 && part ? 1 : of100;
  };

  /** Counts of everything there is: the first two as each stands by itself, whichever side a sentence begins with, and
      for the third what is left, which may be 0 where it is rare: `count_both_ways` in Python. */
  const countedBothWays = (more, less, same, whole) => {
    const counts = [counted(more, whole), counted(less, whole)];
    return [...counts, whole >= given.fewest ? 100 - counts[0] - counts[1] : same];
  };

  const outOf = (part, whole) => fill("comparison.count", { count: counted(part, whole), whole: Math.min(whole, 100) });

  const listed = words => words.length < 2 ? words.join("") :
    fill("list.two", { first: words.slice(0, -1).join(", "), last: words[words.length - 1] });

  const tooFew = (n, about = "") => fill(n === 1 ? "too_few.one" : "too_few.many", { n, about, fewest: given.fewest });

  const span = (first, last) => first === last ? first : fill("span", { first, last });
  /** Over what averages beside it are: the years, or the futures alone for a single year. */
  const averaging = (first, last) => fill(first === last ? "span.averages.year" : "span.averages", { span: span(first, last) });

  const quoted = title => `“${title}”`;
  const small = text => text[0].toLowerCase() + text.slice(1);

  /** A sentence as it is drawn below a title that names the money: it says that it is of this model, and of which years. */
  const ofModel = (sentence, years) => {
    const [start] = templates["answer.copied"].split("{span}");
    if (sentence.startsWith(start) && sentence.includes(years)) return sentence;
    return fill("answer.copied", { span: years, sentence: small(sentence.startsWith(start) ? sentence.slice(start.length) : sentence) });
  };

  /** A sentence as it is copied: it says that it is of this model, of which money, and of which years. */
  /** Words on one line; where they do not fit, they end with … after a word, or within one that is most of them. */
  const cut = (said, letters) => {
    const all = [...said];
    if (all.length <= letters) return said;
    const kept = all.slice(0, letters - 1).join(""), whole = all[letters - 1] === " " ? kept : kept.slice(0, Math.max(0, kept.lastIndexOf(" ")));
    return `${(2 * [...whole].length > letters - 1 ? whole : kept).trimEnd()}…`;
  };

  const standAlone = (sentence, years) => {
    const [start] = templates["answer.copied"].split("{span}");
    return fill("answer.copied.fund") + ofModel(sentence, years).slice(start.length);
  };

  // ---- the paired comparison -------------------------------------------------------------------------------------

  /** Labels from 0, in order of their first row; every row its own where all share one. */
  const numbered = (sets, n) => {
    const known = new Map();
    const labels = Array.from(sets, label => {
      if (!known.has(label)) known.set(label, known.size);
      return known.get(label);
    });
    return known.size < 2 ? Array.from({ length: n }, (_, i) => i) : labels;
  };

  const countSets = (sets, n = sets.length) => Math.max(...numbered(sets, n)) + 1;

  /** The standard error of a mean, rows of one parameter set counted together. */
  const standardError = (values, sets) => {
    const n = values.length;
    if (n < 2) return NaN;
    const labels = sets ? numbered(sets, n) : null, middle = mean(values);
    const groups = labels ? Math.max(...labels) + 1 : n;
    if (groups === n) return Math.sqrt(sum(values.map(x => (x - middle) * (x - middle))) / (n - 1)) / Math.sqrt(n);
    const totals = new Float64Array(groups);
    labels.forEach((label, i) => { totals[label] += values[i] - middle; });
    return Math.sqrt(groups / (groups - 1) * sum(totals.map(x => x * x))) / n;
  };

  /** Compares two outcomes, each a number per future. `alike`: the scenarios are the same. `sets`: which futures share
      their parameters. `about` has name, label, unit and better. `assumed` is the sign of the difference where it is
      assumed. Throws where no future defines both. */
  const compare = (news, olds, { about, names, years, alike = false, sets = null, assumed = 0 }) => {
    const pick = Array.from(news.keys()).filter(i => Number.isFinite(news[i]) && Number.isFinite(olds[i]));
    if (!pick.length) throw new Error(`'${about.name}' is not defined in any of these futures`);
    const a = Float64Array.from(pick, i => news[i]), b = Float64Array.from(pick, i => olds[i]);
    const difference = a.map((x, i) => Math.abs(x - b[i]) <= given.same ? 0 : x - b[i]);
    const [low, high, lowest, highest] = quantiles(difference, [0.1, 0.9, 0.025, 0.975]);
    const direction = about.better || 1;
    const c = {
      names, years, about, alike, assumed, n: pick.length, newMean: mean(a), oldMean: mean(b), difference: mean(difference),
      likely: [low, high], wide: [lowest, highest],
      error: standardError(difference, sets && pick.map(i => sets[i])),
      better: 0, same: 0, worse: 0, sets: sets ? countSets(pick.map(i => sets[i])) : pick.length,
    };
    for (const x of difference) {
      const gain = x * direction;
      if (gain > given.same) c.better++;
      else if (gain < -given.same) c.worse++;
      else c.same++;
    }
    return finish(c);
  };

  /** What follows from the numbers of a comparison: its gain, its margin, its verdict. */
  const finish = c => {
    c.gain = c.difference * (c.about.better || 1);
    c.margin = given.wide * c.error;
    c.verdict = verdictOf(c);
    c.settled = c.verdict === verdicts.same || c.verdict === verdicts.too_few ? 0 : signOf(c.gain, c.error);
    return c;
  };

  const isSignAssumed = c => c.assumed !== 0 && c.same !== c.n && signOf(c.difference, c.error) !== -c.assumed;
  const isSlight = (x, unit) => Math.abs(x) < (given.slight[unit] || 0);

  const signOf = (x, error) => Number(x > given.wide * error) - Number(x < -given.wide * error);

  const verdictOf = c => {
    if (c.n < given.fewest && !c.alike) return verdicts.too_few;
    if (c.same === c.n) return verdicts.same;
    const sign = signOf(c.difference, c.error);
    if (isSignAssumed(c)) return verdicts.assumed[(c.assumed * c.about.better > 0 ? 0 : 1) + (isSlight(c.difference, c.about.unit) ? 2 : 0)];
    if (!sign) return verdicts.not_settled;
    const share = counted(c.gain > 0 ? c.better : c.worse, c.n) / Math.min(c.n, 100);  // as it is shown
    const [up, down] = directions(c);
    const word = sign * (c.about.better || 1) > 0 ? up : down;
    const often = verdicts.often[share >= given.nearly_all ? 0 : share >= given.most ? 1 : 2];
    const slight = isSlight(c.difference, c.about.unit) ? "slightly " : "";
    return `${slight}${word} ${often}`;
  };

  const capital = text => text.slice(0, 1).toUpperCase() + text.slice(1);

  const directions = c => c.about.better ? ["better", "worse"] : ["higher", "lower"];
  const errorWords = c => fill("comparison.error", { margin: marginOf(c) });

  /** The verdict as tables for readers give it, as `verdict_words` in Python. */
  const verdictSaid = c =>
    c.verdict.replace("sign assumed", "as the model assumes").replace(verdicts.often[0], isInEvery(c) ? verdicts.every_written : verdicts.often[0]);

  const isInEvery = c => (c.gain > 0 ? c.better : c.worse) === c.n;
  const saysWritten = c => isInEvery(c) && c.verdict !== verdicts.too_few;
  const isAssumed = c => verdicts.assumed.includes(c.verdict);
  const betterIn = c => isAssumed(c) ? fill("comparison.assumed") : outOf(c.better, c.n);

  /** What a picture says about futures, in a few words, as `short_line` in Python. */
  const shortLine = c => {
    if (isAssumed(c)) return fill("comparison.short.assumed", { word: c.verdict.split(",")[0] });
    if (c.verdict === verdicts.same) return c.verdict;
    if (saysWritten(c)) return fill("comparison.short.every", { word: directions(c)[Number(c.gain < 0)] });
    return fill("comparison.short", { count: betterIn(c) });
  };

  const frequency = c => {
    if (isAssumed(c)) return fill(`comparison.frequency.assumed_${c.verdict.includes("better") ? "better" : "worse"}`, { what: small(c.about.label) });
    const [up, down] = directions(c);
    const [better, worse, same] = countedBothWays(c.better, c.worse, c.same, c.n);
    const level = fill("comparison.frequency.the_same");
    const either = c.same && !same && worse < better;  // 99, 1 and 1 would make 101
    const others = (either ? [[worse, fill("comparison.frequency.either", { one: down, other: level })]] : [[worse, down], [same, level]])
      .filter(([times]) => times);
    const rest = others.map(([times, word]) => fill("comparison.frequency.rest", { word, count: times }));
    const neither = c.about.better ? "" : fill("comparison.frequency.neither");
    const every = saysWritten(c) ? fill("comparison.frequency.every") : "";
    return fill("comparison.frequency", { up, count: outOf(c.better, c.n), rest: rest.join(""), neither, every });
  };

  /** The sentence of `ringfence compare`. */
  const sentence = c => {
    const unit = c.about.unit, [up, down] = directions(c), gap = gapOf(c), [newLevel, oldLevel] = levelsOf(c);
    const kind = c.verdict === verdicts.same ? "same" : c.verdict === verdicts.too_few ? "too_few" :
      c.settled ? "settled" : "not_settled";
    return fill(`comparison.${kind}`, {
      new: c.names[0], old: c.names[1], what: small(c.about.label), span: span(...c.years), n: count(c.n),
      too_few: tooFew(c.n), up, down, new_level: `${newLevel}${ofEach(unit)}`, old_level: oldLevel, difference: gap,
      average: fill("comparison.average", { difference: c.settled ? gap : averageOf(c), error: errorWords(c) }),
      range: fill("comparison.range", { range: gapRangeOf(...c.likely, c) }), frequency: frequency(c),
    });
  };

  // ---- the report's sentences ------------------------------------------------------------------------------------

  const spread = (low, high, c) => rangeOf(low, high, c.about.unit);

  const listNumbers = c => ({
    difference: averageOf(c), error: errorWords(c), range: gapRangeOf(...c.likely, c),
    frequency: frequency(c),
  });
  const numbers = c => fill("sure.numbers", listNumbers(c));

  /** The comparison that the headline is about: the largest gain whose sign is settled, or else loss. */
  const chief = comparisons => {
    const better = comparisons.filter(c => c.settled > 0), worse = comparisons.filter(c => c.settled < 0);
    const among = better.length ? better : worse;
    return among.reduce((best, c) => !best || Math.abs(c.difference) > Math.abs(best.difference) ? c : best, null);
  };

  /** The answer in one sentence, from comparisons with today's rules on the share kept. */
  const headline = comparisons => {
    const first = comparisons[0], chosen = chief(comparisons);
    const values = {
      old: given.today, span: span(...first.years), old_level: pounds(first.oldMean), names: listed(comparisons.map(c => quoted(c.names[0]))),
      n: count(first.n),
    };
    if (chosen) {
      const [a, b] = [100 * chosen.newMean, 100 * chosen.oldMean], own = pairDecimals(a, b);
      Object.assign(values, {
        new: chosen.names[0], new_level: money(a, own), old_level: money(b, own), difference: moneyBetween(a, b, own),
      });
      return fill(chosen.gain > 0 ? "headline.more" : "headline.less", values);
    }
    if (comparisons.some(c => c.verdict === verdicts.too_few)) {
      const levels = comparisons.map(c =>
        fill("headline.too_few.level", { new: c.names[0], new_level: pounds(c.newMean) }));
      return fill("headline.too_few", { ...values, too_few: tooFew(first.n), levels: listed(levels) });
    }
    const kind = comparisons.every(c => c.verdict === verdicts.same) ? "same" : "not_settled";
    return fill(`headline.${kind}.${comparisons.length === 1 ? "one" : "many"}`, values);
  };

  const sureOf = (c, against = given.today) => {
    const values = { new: c.names[0], old: against, frequency: frequency(c), numbers: numbers(c) };
    if (c.verdict === verdicts.same) return fill("sure.same", values);
    if (c.verdict === verdicts.too_few) {
      const about = fill("sure.too_few.about", values), difference = averageOf(c);
      return fill("sure.too_few", { ...values, too_few: tooFew(c.n, about), difference });
    }
    if (c.verdict === verdicts.not_settled) return fill("sure.not_settled", values);
    if (isAssumed(c)) return fill("sure.assumed", { ...values, does: verdicts.does[c.verdict][0] });
    const [word, often] = verdicts.parts[c.verdict];
    return fill("sure.settled", { ...values, word, often: isInEvery(c) ? verdicts.every : often });
  };

  /** What policies of one verdict do; in every future, where that holds for each of them. */
  const doesAlike = alike => {
    const does = verdicts.does[alike[0].verdict][alike.length > 1 ? 1 : 0];
    return alike.every(isInEvery) ? does.replace(verdicts.often[0], verdicts.every) : does;
  };

  /** How far the headline can be trusted, and what can be said of the other scenarios. */
  const howSure = comparisons => {
    const chosen = chief(comparisons);
    if (!chosen) return comparisons.map(c => sureOf(c)).join(" ");
    let text = fill("sure.chief", { ...listNumbers(chosen), new: chosen.names[0], margin: marginOf(chosen) });
    for (const said of verdicts.all) {
      const alike = comparisons.filter(c => c !== chosen && c.verdict === said), names = alike.map(c => quoted(c.names[0]));
      if (alike.length) text += fill("sure.others", { old: given.today, names: listed(names), does: doesAlike(alike) });
    }
    return text;
  };

  const cardLine = c => {
    if (c.verdict === verdicts.same) return fill("card.same", { old: given.today });
    if (isAssumed(c)) return fill(`card.assumed_${c.verdict.split(",")[0].replace(" ", "_")}`, { old: given.today });
    const text = frequency(c), at = text.indexOf(" in ");
    const up = text[0].toUpperCase() + text.slice(1, at).toLowerCase();
    return fill("card.other", { up, old: given.today, counts: text.slice(at + 4) });
  };

  const tally = comparisons => {
    const whole = comparisons.length;
    const clauses = verdicts.all.map(said => comparisons.filter(c => c.verdict === said)).filter(alike => alike.length)
      .map(alike => fill("tally.count", { count: alike.length, whole, does: doesAlike(alike) }));
    return fill("tally", { old: given.today, counts: listed(clauses) });
  };

  const pathsTitle = (baseline, finals, year) => {
    const start = fill("paths.baseline", { year, level: pounds(baseline), old: given.today });
    const known = finals.filter(([, share]) => share === share);
    if (!known.length) return start;
    if (known.length === 1) return fill("paths.one", { start, level: pounds(known[0][1]), new: known[0][0] });
    const shares = known.map(([, share]) => share), [low, high] = [Math.min(...shares), Math.max(...shares)].map(x => pounds(x));
    return fill("paths.many", { start, levels: span(low, high) });
  };

  const cascadeTitle = (retained, front, additional) => fill("cascade", {
    old: given.today, retained: pounds(retained), front: pounds(front), additional: pounds(additional),
  });

  return {
    fill, capital, small, count, rounded, significant, fixed, pounds, end, average, amount, change, size, gap, signed, signedGap, gapRange, partGap, isShare, averageOf, shareSize, gapOf, signedGapOf, drawnGap, gapRangeOf, marginOf, ends, rangeOf, rangeSaid, changeSaid, span, averaging, spread, counted, countedBothWays, outOf, listed, tooFew,
    decimalsOf, pairDecimals, ownDecimals, listDecimals, verdictSaid, money, moneyBetween, subtracted, changes, isAssumed, saysWritten, standardError, countSets, compare, finish, isSignAssumed, isSlight, toWhole, betterIn, sentence, shortLine, frequency, errorWords, headline, sureOf, howSure, cardLine, tally,
    pathsTitle, cascadeTitle, chief, least: given.least_spans, ofModel, standAlone, cut,
  };
};
