/* A picture to share of one policy beside today's rules, 1200 by 630: node for node what `simulator/charts/share_picture.py`
   draws. It is read on a phone and travels alone: what would be too small to read there is in its description. */
"use strict";

const RingfenceSharePicture = (words, { picture, text, rect, line, wrap }) => {
  const INK = "#212B32", QUIET = "#4C6272", RULE = "#D8DDE0", WHITE = "#FFFFFF", BRAND = "#00468C";
  const [WIDTH, HEIGHT, MARGIN, TOP, FLOOR, COLUMN] = [1200, 630, 48, 72, 566, 1104], [LEVEL, BAR, LONG, RANGE] = [560, 584, 330, 936];
  const LETTER = { 400: 0.58, 700: 0.63 }, SENTENCES = [[44, 2], [40, 3], [36, 3], [33, 4], [29, 5], [25, 6], [22, 6]], NOTES = [24, 22, 20, 18, 16, 14];
  const TITLES = [[23, 28, 1], [20, 32, 2], [16, 40, 2], [14, 46, 3]], [LEAST_ROW, MOST_ROW, NEAT, SMALLEST_FOOT] = [44, 84, 20, 11];
  const { cut } = words, tenth = x => Number(words.fixed(x, 1));

  const wrapped = (said, size, weight) => wrap(said, Math.trunc(COLUMN / (LETTER[weight] * size)), Infinity);
  /** As many lines as there is room for, the last with an ellipsis if some are left out. */
  const cutLines = (lines, most) => lines.length <= most ? lines : [...lines.slice(0, most - 1), `${lines[most - 1].replace(/[.,;: ]+$/, "")} …`];

  /** The sentence in the largest lettering in which it fits, and where it ends. */
  const sentenceOf = sentence => {
    const [size, most] = SENTENCES.find(([size, most]) => wrapped(sentence, size, 700).length <= most) || SENTENCES.at(-1);
    const step = tenth(1.2 * size), lines = cutLines(wrapped(sentence, size, 700), most);
    return [lines.map((said, i) => text(MARGIN, TOP + step * (i + 0.8), said, { size, weight: 700 })), TOP + step * lines.length];
  };

  /** What stands under the bars, in the largest lettering that fits into so many pixels, and where it begins. */
  const notesOf = ({ small, sure, caveat }, room) => {
    const layOut = (size, count) => [[small.slice(0, count).join(" "), 0.75, 400, QUIET], [sure, 1, 400, INK], [caveat, 0.9, 700, INK]]
      .filter(([said]) => said.trim())
      .flatMap(([said, part, weight, fill]) => wrapped(said, size * part, weight).map(line => [line, size * part, weight, fill]));
    const measure = lines => lines.reduce((sum, [, size]) => sum + tenth(1.25 * size), 0);
    const fitsOf = count => NOTES.filter(size => measure(layOut(size, count)) <= room);
    let count = small.length;
    while (count && !fitsOf(count).length) count--;
    const fits = fitsOf(count), fitting = fits.length ? fits : NOTES.slice(-1);
    const lines = layOut(fitting.find(size => size >= NEAT && wrapped(sure, size, 400).length <= 2) ?? fitting[0], count), top = FLOOR - measure(lines);
    let y = top;
    return [lines.map(([said, size, weight, fill]) => {
      y += tenth(1.25 * size);
      return text(MARGIN, y - 0.35 * size, said, { size, weight, fill });
    }), top];
  };

  /** A scenario's title in the largest lettering in which it fits. */
  const titleOf = (title, middle) => {
    const [size, letters, most] = TITLES.find(([, letters, most]) => wrap(title, letters, Infinity).length <= most) || TITLES.at(-1);
    const lines = wrap(title, letters, most, " …"), top = middle + 0.35 * size - 0.55 * size * (lines.length - 1);
    return lines.map((said, j) => text(MARGIN + 20, top + 1.1 * size * j, said, { size, weight: 700 }));
  };

  /** A line at the foot, smaller where it is long. */
  const footOf = (said, y) => {
    const size = Math.max(SMALLEST_FOOT, tenth(said ? Math.min(17, 1900 / [...said].length) : 17));
    return text(MARGIN, y, cut(said, Math.trunc(1900 / size) + 1), { size, fill: QUIET });
  };

  /** How long a share of £100 is on a bar; nothing where it is not defined. */
  const lengthOf = share => share === share ? tenth(LONG * Math.min(1, Math.max(0, share))) : 0;

  /** A row for each scenario, between these heights: its title, its level, a bar with a line for the range. `shown` have
      title, style, mean, likely and level (the average in words). */
  const scenariosOf = (counted, shown, top, floor) => {
    const count = Math.max(1, shown.length), row = Math.max(LEAST_ROW, Math.min(MOST_ROW, tenth((floor - top - 36) / count)));
    const y = top + 22 + Math.max(0, tenth((floor - top - 36 - row * shown.length) / 2)), quiet = { size: 17, fill: QUIET };
    return [text(MARGIN, y, counted, quiet), text(BAR, y, words.fill("picture.average"), quiet), text(RANGE, y, words.fill("picture.futures"), quiet),
      ...shown.flatMap(({ title, style, mean, likely: [low, high], level }, i) => {
        const middle = y + 8 + row * (i + 0.5);
        return [rect(MARGIN, middle - 18, 8, 36, style.colour),
          ...titleOf(title, middle),
          text(LEVEL, middle + 13, level, { size: 38, weight: 700, anchor: "end" }),
          rect(BAR, middle - 17, LONG, 24, RULE), rect(BAR, middle - 17, lengthOf(mean), 24, style.colour),
          line(BAR + lengthOf(low), middle + 14, BAR + lengthOf(high), middle + 14, INK, 4),
          text(RANGE, middle + 9, words.span(words.end(low), words.end(high)), { size: 26 })];
      })];
  };

  /** `said` is a `ShareWords`. */
  const draw = (said, given) => {
    const shown = given.slice(0, 4), { eyebrow, sentence, counted, source, spoken } = said;
    const described = shown.map(({ title, level }) => `${title}: ${level} in each £100`).join("; ");
    const [drawn, y] = sentenceOf(sentence), [notes, top] = notesOf(said, FLOOR - (y + 34 + LEAST_ROW * shown.length));
    const size = tenth(Math.min(24, COLUMN / (LETTER[700] * Math.max(1, [...eyebrow].length))));
    return picture("share", [WIDTH, HEIGHT], sentence, `${described}. ${spoken}`, [
      rect(0, 0, WIDTH, HEIGHT, WHITE), rect(0, 0, WIDTH, 12, BRAND), text(MARGIN, 52, eyebrow, { size, weight: 700, fill: BRAND }),
      ...drawn, ...scenariosOf(counted, shown, y, top), ...notes, line(MARGIN, FLOOR + 6, WIDTH - MARGIN, FLOOR + 6, RULE, 1.5),
      ...source.slice(0, 2).map((line, i) => footOf(line, FLOOR + 28 + 23 * i)),
    ], true);
  };

  /** Today's rules and a policy as they stand in a picture, with the decimals of the sentence beside them. */
  const cardsOf = (scenarios, styleOf) => {
    const decimals = scenarios.at(-1).places;
    return scenarios.map(({ title, letter, mean, low, high }) => ({
      title, style: styleOf(letter), mean, likely: [low, high], level: words.average(100 * mean, decimals),
    }));
  };

  return { draw, cardsOf };
};
