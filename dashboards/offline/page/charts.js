/* Pictures in the shapes of `simulator/charts/`: squares, lines over time, differences, the cascade, the map of tiles.

   Node for node what Python draws, which tests hold it to. Nodes are made one by one, so no text can become markup. */
"use strict";

const RingfenceCharts = ({ fill, pounds, significant, fixed, least: [leastLevels, leastDifferences] }) => {
  const SVG = "http://www.w3.org/2000/svg";
  const INK = "#212B32", QUIET = "#4C6272", RULE = "#D8DDE0", OUTLINE = "#C4CBD0", WHITE = "#FFFFFF", NO_MONEY = "#E1E5E8";
  const FONT = "'Segoe UI', -apple-system, BlinkMacSystemFont, 'Helvetica Neue', Arial, sans-serif";
  const TODAY = "#3D3D3D";

  const number = x => {
    const text = fixed(x, 2).replace(/0+$/, "").replace(/\.$/, "");
    return text === "-0" ? "-0" : text;
  };

  // ---- pieces ----------------------------------------------------------------------------------------------------

  const element = (tag, attributes, ...children) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) made.setAttribute(name, typeof value === "number" ? number(value) : value);
    }
    made.append(...children.flat(9));
    return made;
  };

  const picture = (key, [width, height], title, description, body, alone = false) => element("svg", {
    ...(alone ? { width, height } : {}), viewBox: `0 0 ${width} ${height}`, role: "img", "aria-labelledby": `${key}-t ${key}-d`,
    "font-family": FONT, "font-size": 13, fill: INK,
  }, element("title", { id: `${key}-t` }, title), element("desc", { id: `${key}-d` }, description), body);

  const text = (x, y, words, { anchor, size, weight, fill, rim } = {}) => element("text", {
    x, y, "text-anchor": anchor, "font-size": size, "font-weight": weight, fill,
    ...(rim ? { "paint-order": "stroke", stroke: WHITE, "stroke-width": 4, "stroke-linejoin": "round" } : {}),
  }, words);
  /** A line of text on a white plate about as wide, so that no line of a grid runs through it. */
  const measured = words => 0.55 * 13 * [...words].length;
  const plated = (x, y, words, look) => {
    const width = measured(words);
    return [rect(look.anchor === "end" ? x - width : x, y - 10, width, 14, WHITE), text(x, y, words, { ...look, rim: true })];
  };
  const note = (x, y, words, anchor, size = 12) => text(x, y, words, { anchor, size, fill: QUIET });
  const line = (x1, y1, x2, y2, stroke, width, dash) => element("line", {
    x1, y1, x2, y2, stroke, "stroke-width": width, "stroke-dasharray": dash || null,
  });
  const rect = (x, y, width, height, fill, stroke, radius) => element("rect", { x, y, width, height, rx: radius, fill, stroke });
  const corners = points => points.map(([x, y]) => `${fixed(x, 1)},${fixed(y, 1)}`).join(" ");
  const polygon = (points, fill, opacity, stroke, width) => element("polygon", {
    points: corners(points), fill, "fill-opacity": opacity, stroke, "stroke-width": width,
  });
  const curve = (points, stroke, width, dash) => element("polyline", {
    points: corners(points), fill: "none", stroke, "stroke-width": width, "stroke-dasharray": dash || null,
  });

  const MARKS = {
    square: s => [[-s, -s], [s, -s], [s, s], [-s, s]],
    triangle: s => [[0, -s * 1.2], [s * 1.15, s * 0.9], [-s * 1.15, s * 0.9]],
    diamond: s => [[0, -s * 1.3], [s * 1.3, 0], [0, s * 1.3], [-s * 1.3, 0]],
  };
  const marker = (kind, x, y, colour, size = 5.5) => kind === "circle"
    ? element("circle", { cx: x, cy: y, r: size, fill: colour, stroke: WHITE, "stroke-width": 1.2 })
    : polygon(MARKS[kind](size).map(([dx, dy]) => [x + dx, y + dy]), colour, null, WHITE, 1.2);

  /** A scenario's line, as it stands beside its title. */
  const sample = style => element("svg", { viewBox: "0 0 26 10", width: 26, height: 10, "aria-hidden": "true" },
    line(0, 5, 26, 5, style.colour, 3, style.dash));

  const PIECES = /\s+|\S+?(?:-(?:(?<=[\p{L}_]{2}-)|(?<=[\p{L}_]-[\p{L}_]-))(?=[\p{L}_]-?[\p{L}_])|(?=\s|$))/gu;

  /** Words on two lines (or `most`) of so many letters at most, broken where Python's textwrap breaks them; `mark` stands
      for what does not fit. */
  const wrap = (words, letters, most = 2, mark = "…") => {
    const size = piece => [...piece].length, blank = piece => piece.trim() === "";
    const pieces = words.match(PIECES) || [], lines = [];
    while (pieces.length) {
      const line = [];
      let length = 0;
      if (lines.length && blank(pieces[0])) pieces.shift();
      while (pieces.length && length + size(pieces[0]) <= letters) {
        length += size(pieces[0]);
        line.push(pieces.shift());
      }
      if (pieces.length && size(pieces[0]) > letters) {
        const chars = [...pieces[0]], room = letters - length, hyphen = chars.lastIndexOf("-", room - 1);
        const end = hyphen > 0 && chars.slice(0, hyphen).some(char => char !== "-") ? hyphen + 1 : room;
        line.push(chars.slice(0, end).join(""));
        length += end;
        pieces[0] = chars.slice(end).join("");
      }
      if (line.length && blank(line.at(-1))) length -= size(line.pop());
      if (!line.length) continue;
      const over = !pieces.length || (pieces.length === 1 && blank(pieces[0]));
      if (lines.length + 1 < most || (over && length <= letters)) lines.push(line.join(""));
      else return shortened(lines, line, length, letters, mark);
    }
    return lines.length ? lines : [""];
  };

  /** Lines and a last one that more would follow: as much of it as fits, and the mark. */
  const shortened = (lines, line, length, letters, mark) => {
    while (line.length) {
      if (line.at(-1).trim() && length + mark.length <= letters) return [...lines, `${line.join("")}${mark}`];
      length -= [...line.pop()].length;
    }
    const before = lines.at(-1)?.trimEnd();
    if (before !== undefined && [...before].length + mark.length <= letters) return [...lines.slice(0, -1), before + mark];
    return [...lines, mark.trimStart()];
  };

  const apart = (heights, room) => {
    const order = heights.map((_, i) => i).sort((a, b) => heights[a] - heights[b]), moved = heights.slice();
    for (let round = 0; round < 60; round++) {
      for (let k = 0; k + 1 < order.length; k++) {
        const push = (room - (moved[order[k + 1]] - moved[order[k]])) / 2;
        if (push > 0) {
          moved[order[k]] -= push;
          moved[order[k + 1]] += push;
        }
      }
    }
    return moved;
  };

  // ---- a hundred squares -----------------------------------------------------------------------------------------

  const countSquares = (mean, low, high) => {
    if (mean !== mean) return { sure: 0, mean: 0, maybe: 0, lost: 100 };
    const round = x => Math.min(100, Math.max(0, Math.floor(100 * x + 0.5)));
    const average = round(mean), sure = Math.min(average, round(low)), top = Math.max(average, round(high));
    return { sure, mean: average - sure, maybe: top - average, lost: 100 - top };
  };
  const LOOKS = colour => ({
    sure: { fill: colour, stroke: colour },
    mean: { fill: colour, "fill-opacity": 0.55, stroke: colour },
    maybe: { fill: colour, "fill-opacity": 0.12, stroke: colour, "stroke-dasharray": "2 2" },
    lost: { fill: WHITE, stroke: OUTLINE },
  });

  /** A hundred squares in rows, filled from the top left. */
  const squaresAt = (counts, colour, x, y, columns, size, gap) => {
    const parts = [], step = size + gap;
    let first = 0;
    for (const [kind, look] of Object.entries(LOOKS(colour))) {
      const after = first + counts[kind], cells = [];
      for (let i = first; i < after; i++) {
        cells.push(rect(x + i % columns * step, y + Math.floor(i / columns) * step, size, size, null, null, 2));
      }
      if (cells.length) parts.push(element("g", { class: kind, ...look }, cells));
      first = after;
    }
    return parts;
  };
  const squares = (key, title, description, counts, style) =>
    picture(key, [366, 91], title, description, squaresAt(counts, style.colour, 1, 1, 20, 15, 3.3));

  // ---- over time -------------------------------------------------------------------------------------------------

  /** `courses` have title, style, bands (10, 25%, average, 75 and 90% by year) and first, the first year of their own. */
  const overTime = (courses, years, start, title, description, changes = []) => {
    const [left, right, top, floor] = [52, 660, 16, 330], known = course => course.bands[2].map((_, i) => i).filter(i => i >= course.first && course.bands[2][i] === course.bands[2][i]);
    const highest = courses.flatMap(course => known(course).flatMap(i => [100 * course.bands[2][i], 100 * course.bands[4][i]])), most = [20, 40, 60].find(end => highest.length && Math.max(...highest) <= end) || 100;
    const x = year => left + (right - left) * year / Math.max(1, years.length - 1);
    const y = share => floor - (floor - top) * share * 100 / most;
    const parts = [];
    for (const hundred of [0, 1, 2, 3, 4].map(quarter => most * quarter / 4)) {
      const at = y(hundred / 100);
      parts.push(line(left, at, right, at, hundred === 0 ? QUIET : RULE), note(left - 7, at + 4, `£${hundred}`, "end"));
    }
    years.forEach((year, i) => parts.push(note(x(i), floor + 20, year, "middle", null)));
    [...(start > 0 ? [[start, fill("paths.starts")]] : []), ...changes].forEach(([year, said], i, told) => {
      const at = x(year - 0.5), last = year === years.length - 1, leftward = last || i === 0 && told.length > 1 && told[1][0] - year === 1;
      parts.push(line(at, top, at, floor, QUIET, 1, "2 3"), note(leftward ? at - 5 : at + 5, floor - 7 - 16 * (i % 3),
        last ? fill("paths.in_last", { words: said, year: years.at(-1) }) : said, leftward ? "end" : null, null));
    });
    for (const course of courses) {
      const own = known(course);
      if (!own.length) continue;
      for (const [[low, high], dim] of [[[0, 4], 0.1], [[1, 3], 0.2]]) {
        const there = own.map(i => [x(i), y(course.bands[high][i])]), back = own.map(i => [x(i), y(course.bands[low][i])]);
        parts.push(polygon([...there, ...back.reverse()], course.style.colour, dim));
      }
    }
    for (const course of courses) {
      const points = known(course).map(i => [x(i), y(course.bands[2][i])]);
      if (!points.length) continue;
      parts.push(curve(points, course.style.colour, 2.6, course.style.dash));
      for (const [px, py] of points) parts.push(marker(course.style.marker, px, py, course.style.colour, 4.5));
    }
    const shown = courses.filter(course => course.bands[2].at(-1) === course.bands[2].at(-1));
    apart(shown.map(course => y(course.bands[2].at(-1))), 18).forEach((height, i) => parts.push(
      text(right + 12, height + 4, `${shown[i].style.letter} ${pounds(shown[i].bands[2].at(-1))}`, { weight: 600, fill: INK })));
    courses.forEach((course, i) => {
      const at = floor + 50 + 20 * i;
      parts.push(line(left, at, left + 34, at, course.style.colour, 3, course.style.dash));
      parts.push(text(left + 44, at + 4, `${course.style.letter}  ${course.title}`));
    });
    return picture("bands", [760, floor + 46 + 20 * courses.length], title, description, parts, true);
  };

  // ---- differences -----------------------------------------------------------------------------------------------

  const STEPS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000];
  const makeScale = (low, high, start, end) => {
    const at = x => start + (end - start) * (Math.min(Math.max(x, low), high) - low) / ((high - low) || 1);
    at.ticks = most => {
      const step = STEPS.find(s => (high - low) / s <= most) || (high - low) / most, ticks = [];
      for (let k = low < 0 ? -Math.trunc(-low / step + 1e-9) : Math.trunc(low / step + 0.999999); k * step <= high + 1e-9; k++) ticks.push(k * step);
      return ticks;
    };
    return at;
  };
  const tickWords = x => {
    if (Math.abs(x) < 1e-12) return "0";
    return `${x > 0 ? "+" : "−"}${Number(Math.abs(x).toPrecision(6))}`;
  };
  /** A range of points that holds numbers and zero, with a little room on both sides. */
  const aroundZero = values => {
    const low = Math.min(...values, 0), high = Math.max(...values, 0), room = Math.max(high - low, 1) * 0.05;
    return [low - room, high + room];
  };

  /** `rows` have title, style, mean, likely, wide (in points), value in words, and says (a few more words, or none); `ends` are the axis's. */
  const differences = (key, title, description, rows, ends) => {
    const scale = makeScale(...ends, 14, 326), names = rows.map(row => wrap(`${row.style.letter}  ${row.title}`, Math.max(40 - [...row.value].length, 16), Infinity));
    const heights = rows.map((row, i) => 31 + 15 * names[i].length + (row.says ? 15 : 0));
    const floor = 14 + heights.reduce((total, height) => total + height, 0), parts = [];
    parts.push(note(170, floor + 36, "£ in each £100", "middle"));
    for (const tick of scale.ticks(7)) {
      const at = scale(tick);
      parts.push(line(at, 6, at, floor + 4, tick ? RULE : INK, tick ? null : 1.6), note(at, floor + 18, tickWords(tick), "middle"));
    }
    let top = 14;
    rows.forEach((row, i) => {
      const told = row.says ? [...names[i], row.says] : names[i];
      parts.push(rect(2, top - 8, Math.max(...told.map(measured)), 15 * told.length + 4, WHITE));
      names[i].forEach((words, k) => parts.push(...plated(2, top + 6 + 15 * k, words, { weight: 600 })));
      parts.push(...plated(338, top + 6, row.value, { anchor: "end", weight: 600 }));
      if (row.says) parts.push(...plated(2, top + 6 + 15 * names[i].length, row.says, { fill: QUIET }));
      if (row.mean === row.mean) {
        const y = top + heights[i] - 22, { colour } = row.style;
        for (const [[low, high], width] of [[row.wide, 2], [row.likely, 7]]) parts.push(line(scale(low), y, scale(high), y, colour, width));
        parts.push(marker(row.style.marker, scale(row.mean), y, colour, 7));
      }
      top += heights[i];
    });
    return picture(key, [340, floor + 44], title, description, parts);
  };

  // ---- where each £100 goes --------------------------------------------------------------------------------------

  /** `steps` have label, share, reference (under today's rules) and part: whether it is a part of the one before. */
  const cascade = (key, title, description, steps, style, compared) => {
    const parts = [];
    let y = 4;
    for (const step of steps) {
      const height = step.part ? 7 : 14, share = step.share === step.share ? step.share : 0;
      const look = step.part ? { size: 12, fill: QUIET } : {};
      parts.push(text(step.part ? 18 : 2, y + 13, step.label, look));
      parts.push(text(328, y + 13, pounds(step.share), { anchor: "end", weight: 600, ...look }));
      parts.push(rect(2, y + 18, 326, height, WHITE, OUTLINE), rect(2, y + 18, 326 * share, height, style.colour));
      if (compared && step.reference === step.reference) {
        const x = 2 + 326 * step.reference;
        parts.push(line(x, y + 15, x, y + 21 + height, WHITE, 5), line(x, y + 15, x, y + 21 + height, TODAY, 2.2));
      }
      y += 30 + height;
    }
    return picture(key, [340, Math.trunc(y) + 2], title, description, parts);
  };

  // ---- the map of tiles ------------------------------------------------------------------------------------------

  const MORE = [[0xe8, 0xf1, 0xfa], [0x4c, 0x92, 0xc9], [0x08, 0x30, 0x6b]];
  const LESS = [[0xfd, 0xef, 0xe2], [0xe0, 0x8a, 0x3c], [0x6b, 0x2e, 0x04]];
  const mixed = (stops, share) => {
    const place = Math.min(1, Math.max(0, share)) * (stops.length - 1), i = Math.min(Math.trunc(place), stops.length - 2);
    const even = x => { const low = Math.floor(x), rest = x - low; return rest > 0.5 || (rest === 0.5 && low % 2) ? low + 1 : low; };
    return `#${stops[i].map((a, k) => even(a + (stops[i + 1][k] - a) * (place - i)).toString(16).padStart(2, "0").toUpperCase()).join("")}`;
  };

  /** A scale of colours with round ends around values, £ in each £100; `signed` for differences. */
  const colourScale = (values, signed) => {
    let low = signed ? Math.min(0, ...values) : Math.min(99, ...values), high = signed ? Math.max(0, ...values) : Math.max(...values);
    if (signed && high >= -low) high = Math.max(high, leastDifferences);
    else if (signed) low = Math.min(low, -leastDifferences);
    else if (high - low < leastLevels) {
      low = Math.min(Math.max((low + high - leastLevels) / 2, 0), 100 - leastLevels);
      high = low + leastLevels;
    }
    for (const step of [1, 2, 5, 10, 20, 25, 50, 100]) {
      const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9);
      if (last - first > 8) continue;
      const from = first * step, to = Math.max(last, first + 1) * step, count = Math.max(1, Math.round((to - from) / step));
      const classOf = value => Math.min(count - 1, Math.max(0, Math.floor((value - from) / step + 1e-9)));
      const colour = i => {
        if (!signed) return mixed(MORE, i / Math.max(1, count - 1));
        const [a, b] = [from + i * step, from + (i + 1) * step];
        const farthest = Math.max(1, Math.max(Math.abs(from), Math.abs(to)) / step - 1);
        return a >= -1e-9 ? mixed(MORE, a / step / farthest) : mixed(LESS, -b / step / farthest);
      };
      return { count, signed, classOf, colour, ends: i => [from + i * step, from + (i + 1) * step], fill: value => value === value ? colour(classOf(value)) : NO_MONEY };
    }
    throw new Error("these amounts are too wide for a map of £ in each £100");
  };

  const luminance = colour => {
    const [r, g, b] = [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16) / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const inkOn = fill => contrast(fill, "#000000") >= contrast(fill, "#FFFFFF") ? "#000000" : "#FFFFFF";
  const poundWords = (value, signed) => `${signed ? (value < 0 ? "−" : value > 0 ? "+" : "") : ""}£${significant(Math.abs(value), 3)}`;

  const [TILE, EDGE] = [76, 8];

  /** The column and row of the tile at a point of the screen. */
  const tileAt = (svg, { clientX, clientY }) => {
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [x, y].map(place => Math.floor((place - EDGE) / TILE));
  };

  /** `tiles` have column, row, name, value, fill, joins (sides) and merged. */
  const tileMap = (title, description, tiles, scale) => {
    const columns = 1 + Math.max(...tiles.map(t => t.column)), rows = 1 + Math.max(...tiles.map(t => t.row));
    const parts = tiles.flatMap(tile => {
      const x = EDGE + TILE * tile.column, y = EDGE + TILE * tile.row, gap = side => tile.joins.includes(side) ? 0 : 2;
      const [left, top, right, bottom] = [x + gap("left"), y + gap("up"), x + TILE - gap("right"), y + TILE - gap("down")];
      const made = [rect(left, top, right - left, bottom - top, tile.fill)], ink = inkOn(tile.fill);
      for (const [side, ends] of [["left", [left, top, left, bottom]], ["right", [right, top, right, bottom]], ["up", [left, top, right, top]], ["down", [left, bottom, right, bottom]]]) {
        const inner = tile.joins.includes(side);
        made.push(line(...ends, INK, tile.merged && !inner ? 3 : 1, inner ? "2 3" : null));
      }
      const middle = x + TILE / 2;
      made.push(text(middle, y + 34, tile.name, { anchor: "middle", size: 13, weight: 700, fill: ink }));
      made.push(text(middle, y + 52, tile.value, { anchor: "middle", size: 13, fill: ink }));
      return made;
    });
    const foot = EDGE + rows * TILE + 22;
    for (let i = 0; i < scale.count; i++) {
      const [low, high] = scale.ends(i).map(x => poundWords(x, scale.signed)), x = EDGE + i % 4 * 150, y = foot + Math.floor(i / 4) * 22;
      parts.push(rect(x, y - 12, 20, 15, scale.colour(i), QUIET), text(x + 26, y, `${low} to ${high}`, { size: 12 }));
    }
    const size = [2 * EDGE + Math.max(columns * TILE, 600), foot + 22 * (1 + Math.floor((scale.count - 1) / 4))];
    return picture("tiles", size, title, description, parts, true);
  };

  // ---- why -------------------------------------------------------------------------------------------------------

  const FOR = "#005EB8", AGAINST = "#B5460B";

  /** Pulls as bars from a line in the middle: to the right for the money, to the left against it. `rows` have name, value,
      shown (the value in words) and kind: "pull", "chance" (hollow) or "total" (below a line). `marks` stand above. */
  const pulls = (key, title, description, rows, marks) => {
    const [left, right, middle, step] = [2, 338, 170, 25], top = 18 + 15 * marks.length, floor = top + step * rows.length;
    const widest = Math.max(...rows.map(row => Math.abs(row.value)), 1e-9), parts = marks.map((words, i) => note(left, 13 + 15 * i, words));
    parts.push(note(middle - 7, top + 2, "← against the money", "end"), note(middle + 7, top + 2, "for the money →"));
    rows.forEach((row, i) => {
      const y = top + 6 + step * i, width = (right - middle) * Math.abs(row.value) / widest, ahead = row.value >= 0, colour = ahead ? FOR : AGAINST;
      const weight = row.kind === "total" ? 700 : null;
      if (row.kind === "total") parts.push(line(left, y + 1, right, y + 1, QUIET));
      parts.push(text(left, y + 14, row.name, { size: 12, weight }), text(right, y + 14, row.shown, { anchor: "end", size: 12, weight }));
      parts.push(rect(ahead ? middle : middle - width, y + 17.5, width, 6, row.kind === "chance" ? WHITE : colour, colour));
      parts.push(line(middle, y + 16, middle, y + 26, INK, 1.4));
    });
    return picture(key, [340, floor + 12], title, description, parts);
  };

  // ---- a board's years -------------------------------------------------------------------------------------------

  const [LEFT, TAKEN, RELEASED] = ["#9CC3E6", "#B0441A", "#E8EDEE"], MOST_LETTERS = 3, SEEN = 0.05, FOOT_LINE = 17;

  /** A bar a quarter: left of each £100, taken back, released. `courses` are the scenario shown and perhaps another, each with
      style, left, taken and released; `events` are quarters and letters; `divergence` is a quarter and words, or null. `letters` are
      letters and their meanings, `foot` lines below them; `mark` stands across the picture. */
  const boardTimeline = (key, title, description, courses, events, divergence, years, letters, mark, foot) => {
    const [start, end, top, floor, lane] = [46, 752, 40, 232, 262], quarters = 32, [shown, other] = courses;
    const x = quarter => start + (end - start) * quarter / quarters, y = pounds_ => floor - (floor - top) * pounds_ / 100;
    const hatching = `url(#${key}-hatch)`, known = (course, q) => course.left[q] === course.left[q];
    const parts = [element("defs", {}, element("pattern", { id: `${key}-hatch`, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      element("rect", { width: 5, height: 5, fill: TAKEN }), line(0, 0, 0, 5, WHITE, 1.6)))];
    for (const hundred of [0, 25, 50, 75, 100]) {
      parts.push(line(start, y(hundred), end, y(hundred), hundred === 0 ? QUIET : RULE), note(start - 7, y(hundred) + 4, `£${hundred}`, "end"));
    }
    years.forEach((year, i) => {
      if (i) parts.push(line(x(4 * i), top, x(4 * i), lane + 18, RULE));
      parts.push(text(x(4 * i + 2), floor + 17, year, { anchor: "middle", size: 12 }));
    });
    for (let q = 0; q < quarters; q++) {
      if (!known(shown, q)) continue;
      let foot = 0;
      for (const [amounts, fill] of [[shown.left, LEFT], [shown.taken, hatching], [shown.released, RELEASED]]) {
        const amount = amounts[q];
        if (amount > SEEN) {
          parts.push(element("rect", {
            x: x(q) + 1.5, y: y(foot + amount), width: x(1) - x(0) - 3, height: (floor - top) * amount / 100, fill, stroke: QUIET, "stroke-width": 0.6,
          }));
        }
        foot += amount;
      }
    }
    if (other) {
      const steps = [];
      for (let q = 0; q < quarters; q++) {
        if (!known(other, q)) continue;
        const height = fixed(y(other.left[q]), 1), joined = q % 4 && known(other, q - 1);
        steps.push(`${joined ? "L" : "M"}${fixed(x(q) + 1.5, 1)},${height} L${fixed(x(q + 1) - 1.5, 1)},${height}`);
      }
      for (const [stroke, width] of [[WHITE, 5], [other.style.colour, 2.6]]) {
        parts.push(element("path", { d: steps.join(" "), fill: "none", stroke, "stroke-width": width }));
      }
    }
    if (divergence) {
      const at = x(divergence[0]), right = at > end - 180;
      parts.push(line(at, top - 14, at, floor, INK, 1.6, "3 3"));
      parts.push(text(right ? at - 5 : at + 5, top - 4, divergence[1], { anchor: right ? "end" : "start", size: 12, weight: 600 }));
    }
    const rows = new Map();
    for (const [quarter, letter] of events) {
      const row = rows.get(quarter) || 0, middle = x(quarter + 0.5), height = lane + 4 + 17 * row;
      rows.set(quarter, row + 1);
      if (row >= MOST_LETTERS) continue;
      parts.push(element("circle", { cx: middle, cy: height, r: 8.5, fill: WHITE, stroke: INK }));
      parts.push(text(middle, height + 4, letter, { anchor: "middle", size: 11, weight: 700 }));
    }
    let place = start;
    for (const [fill, meaning, amounts] of [[LEFT, `left under ${shown.style.letter}`, shown.left], [hatching, "taken back in the year", shown.taken], [RELEASED, "released by the plan", shown.released]]) {
      if (!amounts.some(amount => amount > SEEN)) continue;
      parts.push(rect(place, 6, 14, 12, fill, QUIET), text(place + 20, 16, meaning, { size: 12 }));
      place += 40 + 0.55 * 12 * meaning.length;
    }
    if (other) parts.push(line(place, 12, place + 22, 12, other.style.colour, 2.6), text(place + 28, 16, `left under ${other.style.letter}`, { size: 12 }));
    const used = letters.filter(([letter]) => events.some(([, own]) => own === letter));
    used.forEach(([letter, meaning], i) => {
      const middle = start + 9 + 360 * (i % 2), height = 318 + 22 * Math.floor(i / 2) + 4;
      parts.push(element("circle", { cx: middle, cy: height, r: 8.5, fill: WHITE, stroke: INK }));
      parts.push(text(middle, height + 4, letter, { anchor: "middle", size: 11, weight: 700 }), text(middle + 16, height + 4, meaning, { size: 12 }));
    });
    const bottom = 318 + 22 * Math.ceil(used.length / 2), lines = foot.flatMap(words_ => wrap(words_, 94));
    lines.forEach((words_, i) => parts.push(text(start, bottom + 8 + FOOT_LINE * i, words_, { size: 12 })));
    [180, 400, 620].forEach((at, i) => parts.push(element("text", {
      transform: `translate(${at} ${158 + 34 * (i % 2)}) rotate(-18)`, "font-size": 25, "font-weight": 700, "text-anchor": "middle", "fill-opacity": 0.42,
    }, mark)));
    return picture(key, [760, bottom + 4 + FOOT_LINE * lines.length], title, description, parts);
  };

  return { boardTimeline, pulls, tileAt, element, picture, text, rect, line, wrap, squaresAt, sample, countSquares, squares, overTime, differences, aroundZero, cascade, colourScale, tileMap };
};
