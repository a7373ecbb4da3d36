/* Finds boards by their name, code or short form, by their region, or by a place in them, as
   `dashboards/selection/board_search.py` does for the dashboard; and the field for it. */
"use strict";

const RingfenceBoardSearch = (given, words, { node }) => {
  const { idle, longest, most } = given.board_search, IDLE = new Set(idle), { fill } = words;

  const split = text => text.toLowerCase().replace(/&/g, " and ").replace(/['\u2019]/g, "").match(/[\p{L}\p{N}_]+/gu) || [];
  const holds = (known, sought) => sought.every(word => known.some(other => other.startsWith(word)));
  const begins = (known, sought) => sought.every((word, i) => known[i] === word);

  const rank = ({ known }, sought) => {
    if (known.some(own => own.length === sought.length && begins(own, sought))) return 4;
    if (known.some(own => begins(own, sought))) return 3;
    if (known.some(own => holds(own, sought))) return 2;
    return Number(holds(known.flat(), sought));
  };

  /** The boards (places in the table) in which each word is found, those that are named like it first; none for no words. */
  const find = text => {
    const sought = split(text).filter(word => !IDLE.has(word));
    if (!sought.length) return [];
    const ranks = given.areas.map(area => rank(area, sought)), least = Math.max(0, ...ranks) > 1 ? 2 : 1;
    return [...ranks.keys()].filter(i => ranks[i] >= least).sort((a, b) => ranks[b] - ranks[a] || a - b);
  };

  /** How many boards were found, and what to do next. */
  const describe = (text, found) => {
    const sought = text.trim();
    if (!sought) return "";
    if (!found) return fill("boards.found.none", { sought });
    const more = found > most ? fill("boards.found.more", { most }) : "";
    return fill("boards.found", { count: `${found} board${found === 1 ? "" : "s"}`, sought, more });
  };

  /** The field, what was found in words, and a button for each board, which hands its place to `choose`; Enter takes the first. */
  const field = choose => {
    const said = node("p", { class: "small", role: "status" }), offers = node("div", { class: "tools" });
    const show = text => {
      const found = find(text);
      said.textContent = describe(text, found.length);
      offers.replaceChildren(...found.slice(0, most).map(i => node("button", { type: "button", onclick: () => choose(i) }, `${given.areas[i].name} (${given.areas[i].code})`)));
    };
    const box = node("input", { type: "search", id: "find-board", autocomplete: "off", maxlength: longest, oninput: event => show(event.target.value), onkeydown: event => {
      const [first] = find(event.target.value);
      if (event.key !== "Enter" || first === undefined) return;
      event.preventDefault();
      choose(first);
    } });
    return [node("label", { class: "field" }, `${fill("boards.search")} `, box), said, offers];
  };

  return { find, describe, field };
};
