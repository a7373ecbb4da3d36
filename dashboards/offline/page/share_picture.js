/* A picture to share of one policy beside today's rules, 1200 by 630: node for node what `simulator/charts/share_picture.py`
   draws. It travels alone, so it holds the sentence, its caveat, its years and where it comes from. */
"use strict";

const RingfenceSharePicture = (words, { picture, text, rect, line, wrap, squaresAt, countSquares }) => {
  const INK = "#212B32", QUIET = "#4C6272", RULE = "#D8DDE0", WHITE = "#FFFFFF", BRAND = "#00468C";
  const [WIDTH, HEIGHT, MARGIN, TOP, FLOOR, COLUMN, RIGHT] = [1200, 630, 48, 92, 556, 640, 736];
  const LETTER = { 400: 0.57, 700: 0.63 }, SCALES = [1, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58, 0.52, 0.47], LEADING = 1.27, GAP = 18;
  const TITLES = [[14, 22, 3, 25, 17], [12, 26, 4, 20, 13], [10.5, 29, 4, 20, 12.5]], SMALLEST_FOOT = 11;
  const { cut } = words;

  const linesOf = ({ said, size, weight }, scale) => wrap(said, Math.trunc(COLUMN / (LETTER[weight] * size * scale)), Infinity);
  const stepOf = ({ size }, scale) => Number(words.fixed(LEADING * size * scale, 1));
  const heightOf = (paragraphs, scale) => paragraphs.reduce((sum, one) => sum + linesOf(one, scale).length * stepOf(one, scale), 0) +
    GAP * scale * (paragraphs.length - 1) + 6;

  const wordsOf = (sentence, sure, caveat) => {
    const paragraphs = [[sentence, 37, INK, 700], [sure, 21, INK, 400], [caveat, 18.5, INK, 400]]
      .map(([said, size, fill, weight]) => ({ said, size, fill, weight })).filter(({ said }) => said.trim());
    const scale = SCALES.find(one => heightOf(paragraphs, one) <= FLOOR - TOP) || SCALES.at(-1), drawn = [];
    let y = TOP;
    for (const one of paragraphs) {
      const step = stepOf(one, scale), room = Math.max(0, Math.trunc((FLOOR - y - 0.2 * step) / step));
      let lines = linesOf(one, scale);
      if (lines.length > room) lines = room ? [...lines.slice(0, room - 1), `${lines[room - 1].replace(/[.,;: ]+$/, "")} …`] : [];
      for (const said of lines) {
        y += step;
        drawn.push(text(MARGIN, y - 0.22 * step, said, { size: one.size * scale, weight: one.weight, fill: one.fill }));
      }
      y += GAP * scale;
    }
    return drawn;
  };

  /** A scenario's title in the largest lettering in which it fits. */
  const titleOf = (title, x, y) => {
    const [size, letters, most, first, step] = TITLES.find(([, letters, most]) => wrap(title, letters, Infinity).length <= most) || TITLES.at(-1);
    return wrap(title, letters, most, " …").map((said, j) => text(x, y + first + step * j, said, { size, weight: 700 }));
  };

  /** A line at the foot, smaller where more than so many letters must fit. */
  const footOf = (said, y, size, letters) => {
    const fitting = said ? Math.max(SMALLEST_FOOT, Math.min(size, size * letters / [...said].length)) : size;
    return text(MARGIN, y, cut(said, Math.trunc(letters * size / fitting)), { size: fitting, fill: QUIET });
  };

  /** `shown` have title, style, mean, likely and level (the average in words). */
  const scenariosOf = shown => {
    const flat = shown.length > 2, parts = shown.slice(0, 4).flatMap(({ title, style, mean, likely: [low, high], level }, i) => {
      const x = RIGHT + i % 2 * 216, y = TOP + 4 + Math.floor(i / 2) * 236;
      const [columns, size, gap] = flat ? [20, 7.6, 2.3] : [10, 16.4, 3.5], foot = y + 118 + Math.floor(100 / columns) * (size + gap) + 16;
      return [rect(x, y, 196, 6, style.colour),
        ...titleOf(title, x, y),
        text(x, y + 102, level, { size: 44, weight: 700 }),
        ...squaresAt(countSquares(mean, low, high), style.colour, x + 1, y + 118, columns, size, gap),
        text(x, foot, `8 in 10: ${words.span(words.end(low), words.end(high))}`, { size: 14, fill: QUIET })];
    });
    const [each, sure, average, maybe] = ["each", "sure", "mean", "maybe"].map(kind => words.fill(`picture.key.${kind}`));
    const [key, top, step, lettering] = flat ? [[`${each} ${sure}`, `${average} ${maybe}`], FLOOR - 15, 17, 13] : [[each, sure, average, maybe], TOP + 368, 20, 14];
    return [...parts, ...key.map((said, i) => text(RIGHT, top + step * i, said, { size: lettering, fill: QUIET }))];
  };

  /** `source` are up to three lines at its foot. */
  const draw = (eyebrow, sentence, sure, caveat, source, shown) => {
    const [top, step, size, room] = source.length < 3 ? [38, 22, 15.5, [100, 118]] : [32, 18, 13.5, [114, 136]];
    const described = shown.map(({ title, level }) => `${title}: ${level} in each £100`).join("; ");
    return picture("share", [WIDTH, HEIGHT], sentence, `${described}. ${sure} ${caveat} ${words.fill("not_assured")}`, [
      rect(0, 0, WIDTH, HEIGHT, WHITE), rect(0, 0, WIDTH, 12, BRAND), text(MARGIN, 62, cut(eyebrow, 84), { size: 21, weight: 700, fill: BRAND }),
      ...wordsOf(sentence, sure, caveat), ...scenariosOf(shown), line(MARGIN, FLOOR + 12, WIDTH - MARGIN, FLOOR + 12, RULE, 1.5),
      ...source.slice(0, 3).map((said, i) => footOf(said, FLOOR + top + step * i, size, room[Math.min(i, 1)])),
      text(WIDTH - MARGIN, FLOOR + top, words.fill("not_assured"), { anchor: "end", size: 13, weight: 600, fill: INK }),
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
