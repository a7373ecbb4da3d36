/* “Says who?” under a sentence: what it turns on, the uncertain numbers that carry it, and for each its evidence with its
   address, in the words of the dashboard's Answer page (`dashboards/evidence/says_who.py`). */
"use strict";

const RingfenceWho = (given, words, { node, watchFold }) => {
  const open = new Set();
  let told = [], missing = "";

  /** Where there are several sources or addresses, each address bears the name of its host, so that nobody takes one
      source's address for another's. */
  const addressed = ({ source, url: addresses }) => {
    const link = (url, text) => node("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
    if (addresses.length === 1 && !source.includes(";")) return [link(addresses[0], source)];
    const hosts = addresses.flatMap((url, i) => [i ? ", " : " ", link(url, new URL(url).hostname.replace(/^www\./, ""))]);
    return [node("cite", {}, source), ...hosts];
  };

  /** What a number rests on: each piece of evidence with what it says and where it is to be read. */
  const evidenceOf = name => {
    const { evidence, strength, meaning } = given.numbers[name], known = evidence.filter(id => given.evidence.entries[id]);
    const code = node("p", { class: "small" }, words.fill("answer.carried.code", { name, meaning }));
    if (!known.length) return [node("p", {}, words.fill("answer.who.no_evidence", { strength })), code];
    return [node("ul", { class: "evidence" }, known.map(id => {
      const entry = given.evidence.entries[id];
      return node("li", {}, `${id} (${entry.strength}): ${entry.says} `, addressed(entry));
    })), code];
  };

  /** A fold that is filled only while it is open, and stays as the hand left it. */
  const fold = (key, summary, make) => {
    const body = node("div", {}), made = node("details", { open: open.has(key), "data-who": key }, node("summary", {}, summary), body);
    if (open.has(key)) body.append(...[make()].flat(9));
    return watchFold(made, opened => {
      if (opened) open.add(key);
      else open.delete(key);
      body.replaceChildren(...(opened ? [make()].flat(9) : []));
    });
  };

  const numbers = (key, list) => list.map(([name, text]) => fold(`${key} ${name}`, text, () => evidenceOf(name)));

  const linesOf = key => {
    const who = told[at(key)];
    if (!who) return [node("p", {}, missing || "Looking…")];
    return [node("p", {}, who.lead), ...numbers(key, who.numbers), ...(who.at_rest || []).map(([, text]) => node("p", { class: "small" }, text)), ...who.assumed ? [node("p", {}, who.assumed), ...numbers(key, who.signs)] : []];
  };

  /** Which of what was told belongs to a place: the three cards come first, then each policy's own sentence. */
  const places = new Map();
  const at = key => places.get(key).index;

  /** Shows what stands behind the sentence of number `index` in a place of the page. */
  const show = (place, index) => {
    const key = place.id, said = JSON.stringify([index, told[index] || missing]);
    if (places.get(key)?.said === said) return;
    places.set(key, { index, said });
    const fresh = fold(key, "Says who?", () => linesOf(key));
    const focused = place.contains(document.activeElement) && document.activeElement.closest("details").dataset.who;
    place.replaceChildren(fresh);
    if (focused) (place.querySelector(`[data-who="${CSS.escape(focused)}"]`) || fresh).querySelector("summary").focus({ preventScroll: true });
  };

  /** What a sentence turns on or, where nothing turns it, what its size turns on most: `describe_weight`. */
  const weightOf = index => {
    const { turns = "", numbers: [[, first] = []] = [] } = told[index] || {};
    return turns || !first ? turns : words.fill("picture.size", { number: words.small(first) });
  };

  /** What stands behind the sentences of the newest answer; none while it is looked for, or where `reason` says why not. */
  const hear = (who, reason = "") => {
    told = who;
    missing = reason;
  };

  return { hear, show, turnsOf: index => told[index]?.turns || "", shortOf: index => told[index]?.short || "", weightOf };
};
