/* Writes a scenario as the text of a file that reads back to the same schedule: line for line what
   `simulator/scenarios/writer.py` writes. */
"use strict";

const RingfenceWriter = (given, { applied }) => {
  const { levers, quarters, scenario_files: rules } = given, LAST = quarters.length - 1;
  const cut = (text, longest) => [...text].slice(0, longest).join("");

  const quote = text => JSON.stringify(text).replace(/[\p{C}\p{Z}]/gu, letter =>
    letter === " " ? letter : `\\U${letter.codePointAt(0).toString(16).toUpperCase().padStart(8, "0")}`);

  const number = x => {
    if (Number.isInteger(x) || Math.abs(x) >= 1e-4) return String(x);
    return x.toExponential().replace(/e-(\d)$/, "e-0$1");
  };

  const changeLines = change => {
    const lines = [];
    if (change.kind === "path") {
      lines.push(`path: {${change.path.map(([quarter, value]) => `${quarters[quarter]}: ${number(value)}`).join(", ")}}`);
    } else {
      lines.push(`${change.kind}: ${number(change.value)}`, `from: ${quarters[change.start]}`);
      if (change.phase) lines.push(`phase: ${change.phase} quarter${change.phase > 1 ? "s" : ""}`);
    }
    if (change.end < LAST) lines.push(`until: ${quarters[change.end]}`);
    lines.push(`because: ${quote(cut(change.because, rules.longest_text))}`, `evidence: [${change.evidence.slice(0, rules.most_evidence).join(", ")}]`);
    if (change.assumption || !change.evidence.length) lines.push("assumption: true");
    return lines;
  };

  /** A lever's changes as a path of values, where a file cannot hold them as they were written. */
  const asPath = (lever, changes) => {
    const { low, high } = levers[lever], values = applied(changes, given.model.levers[lever].baseline).map(x => Math.min(Math.max(x, low), high));
    const start = Math.min(...changes.map(one => one.start)), end = Math.max(...changes.map(one => one.end)), path = [];
    for (let q = start; q <= end; q++) if (q === start || values[q] !== values[q - 1]) path.push([q, values[q]]);
    const because = cut([...new Set(changes.map(one => one.because))].join(" "), rules.longest_text);
    return { kind: "path", path, start, end, phase: 0, because, evidence: [...new Set(changes.flatMap(one => one.evidence))], assumption: true };
  };

  const leverLines = (lever, changes) => {
    let ordered = [...changes].sort((a, b) => a.start - b.start);
    const { baseline } = given.model.levers[lever], [inOrder, asGiven] = [ordered, changes].map(list => applied(list, baseline));
    const overlap = ordered.some((one, i) => i && one.start <= ordered[i - 1].end);
    if (overlap || inOrder.some((x, q) => x !== asGiven[q])) ordered = [asPath(lever, changes)];
    if (ordered.length === 1) return [`  ${lever}:`, ...changeLines(ordered[0]).map(line => `    ${line}`)];
    return [`  ${lever}:`, ...ordered.flatMap(one => changeLines(one).map((line, i) => `    ${i ? "  " : "- "}${line}`))];
  };

  /** The text of a file. `scenario` has title, question, changes, interventions and cannot_say. */
  return ({ title, question, changes, interventions, cannot_say: cannotSay }) => {
    const lines = [rules.schema_line, `title: ${quote(cut(title, rules.longest_title))}`, `question: ${quote(cut(question, rules.longest_text))}`, "extends: baseline"];
    if (interventions.length) lines.push(`interventions: [${interventions.join(", ")}]`);
    if (cannotSay) lines.push(`cannot_say: ${quote(cut(cannotSay, rules.longest_text))}`);
    const named = [...new Set(changes.map(change => change.lever))];
    if (named.length) lines.push("changes:");
    for (const lever of named) lines.push(...leverLines(lever, changes.filter(change => change.lever === lever)));
    return `${lines.join("\n")}\n`;
  };
};
