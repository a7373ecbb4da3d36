/* Finds entries by everyday words, the best match first. The form's picker and the site's search box share it; nothing
   here touches a page. */
"use strict";

const RingfenceSearch = (() => {
  const IDLE = new Set(["a", "an", "and", "for", "from", "in", "is", "like", "of", "on", "should", "that", "the", "to", "with", "no", "number",
    "recommendation", "recommendations", "intervention", "interventions"]), LABEL = "report";
  const FIELDS = { title: 3, meant: 3, more: 1 }, PART = 0.7, PHRASE = 2;

  const wordsOf = text => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim().split(" ").filter(Boolean);
  const singular = word => word.length > 3 ? word.replace(/s$/, "") : word;

  /** How well a word is found among others: whole, as a beginning, or not at all. */
  const match = (known, word) => Math.max(0, ...known.map(other =>
    singular(other) === word ? 1 : !/^\d+$/.test(word) && other.startsWith(word) ? PART : 0));

  /** Whether words stand in a row. */
  const inRow = (known, words) => known.some((_, at) => words.every((word, i) => known[at + i]?.startsWith(word)));

  /** A search through `entries`, of which each has `title`, `meant` (words by which people mean just this), `more` (words
      that may lead to it) and `numbers`. It takes a text and gives the entries in which every word is found and
      those with half of the words or more in `title` or `meant`, or, where there are none, those with any of them
      there: those with every word first, then the best match; all in their order for no words. A word counts the more,
      the fewer entries have it. */
  const over = entries => {
    const fields = entries.map(entry => Object.keys(FIELDS).map(name => [FIELDS[name], wordsOf(entry[name] || "")]));
    return text => {
      const told = wordsOf(text).filter(word => !IDLE.has(word)).map(singular), named = told.filter(word => word !== LABEL);
      const sought = named.length ? named : told; // a number of the report is sought by the number, reporting by the word
      if (!sought.length) return [...entries];
      const isNumber = word => /^\d{1,2}$/.test(word);
      const weigh = (i, word) => isNumber(word) ? Number((entries[i].numbers || []).includes(Number(word)))
        : fields[i].reduce((sum, [weight, known]) => sum + weight * match(known, word), 0);
      const found = sought.map(word => entries.map((_, i) => weigh(i, word)));
      const rare = found.map(scores => Math.log(1 + entries.length / Math.max(1, scores.filter(score => score > 0).length)));
      const count = least => entries.map((_, i) => sought.filter((_, k) => found[k][i] >= least).length);
      const whole = count(Number.MIN_VALUE), strong = count(FIELDS.title * PART), half = Math.max(2, Math.ceil(sought.length / 2));
      const good = entries.map((_, i) => whole[i] === sought.length || strong[i] >= half), some = good.some(Boolean);
      const score = i => sought.reduce((sum, _, k) => sum + rare[k] * found[k][i], 0)
        + (sought.length > 1 ? PHRASE * fields[i].reduce((sum, [weight, known]) => sum + (inRow(known, sought) ? weight : 0), 0) : 0);
      return entries.map((_, i) => i).filter(i => some ? good[i] : strong[i] > 0)
        .map(i => [i, score(i)]).sort((a, b) => (whole[b[0]] === sought.length) - (whole[a[0]] === sought.length) || b[1] - a[1] || a[0] - b[0]).map(([i]) => entries[i]);
    };
  };

  return { over };
})();
