/* A scenario file as plain nodes that know their line, as `simulator/common/yaml_nodes.py` makes them: nothing in a file is
   expanded, and anchors, aliases, tags and deep nesting are refused. The YAML itself is read by `vendor/yaml.js`. */
"use strict";

const RingfenceNodes = YAML => {
  const LARGEST = 256 * 1024, DEEPEST = 8, MOST_PARTS = 20_000, MOST_PROBLEMS = 100;
  const count = n => n.toLocaleString("en-GB");

  // ---- characters, as `simulator/common/characters.py` handles them ----------------------------------------------

  const DASHES = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g, INVISIBLE = /[\u00ad\u200b\u200c\u200d\u2060\ufeff]/g;
  const normalise = text => text.replace(INVISIBLE, "").replace(DASHES, "-")
    .replace(/[\uff01-\uff5e]/g, letter => String.fromCharCode(letter.charCodeAt(0) - 0xfee0)).replace(/[\p{Zs}\s]+/gu, " ").trim();
  const NAMES = {
    0xa0: "no-break space", 0xad: "soft hyphen", 0x200b: "zero width space", 0x200c: "zero width non-joiner", 0x200d: "zero width joiner",
    0x200e: "left-to-right mark", 0x200f: "right-to-left mark", 0x2028: "line separator", 0x2029: "paragraph separator", 0x202a: "left-to-right embedding",
    0x202b: "right-to-left embedding", 0x202c: "pop directional formatting", 0x202d: "left-to-right override", 0x202e: "right-to-left override",
    0x2060: "word joiner", 0x2066: "left-to-right isolate", 0x2067: "right-to-left isolate", 0x2068: "first strong isolate", 0x2069: "pop directional isolate", 0xfeff: "zero width no-break space",
  };
  const named = letter => {
    const code = letter.codePointAt(0);
    return `<${NAMES[code] || `character U+${code.toString(16).toUpperCase().padStart(4, "0")}`}>`;
  };
  const cut = (text, longest) => [...text].slice(0, longest).join("");
  const visible = (text, longest = 40) => (([...text].length <= longest ? text : `${cut(text, longest)}...`).replace(/[\p{C}\p{Zl}\p{Zp}\p{Zs}]/gu, letter => letter === " " ? " " : named(letter)));

  // ---- problems --------------------------------------------------------------------------------------------------

  class Problems {
    constructor(file) {
      Object.assign(this, { file, list: [] });
    }

    add(line, path, message) {
      if (this.list.length < MOST_PROBLEMS + 20) this.list.push({ line, path: visible(path, 80), message: visible(message, 400) });
    }

    get full() {
      return this.list.length >= MOST_PROBLEMS;
    }

    /** A line each, in the order of the file. */
    get lines() {
      const sorted = this.list.map((one, i) => [one, i]).sort(([a, i], [b, j]) => a.line - b.line || i - j);
      return sorted.map(([{ line, path, message }]) => [`${this.file}:${line}`, path, message].filter(Boolean).join(": "));
    }
  }

  class Refused extends Error {
    constructor(line, message) {
      super(message);
      this.line = line;
    }
  }

  // ---- names that are near ---------------------------------------------------------------------------------------

  /** How alike two words are, as Python's `difflib` counts it: twice what matches, of all letters. */
  const likeness = (a, b) => {
    const longest = (alo, ahi, blo, bhi) => {
      let best = [alo, blo, 0], before = new Map();
      for (let i = alo; i < ahi; i++) {
        const now = new Map();
        for (let j = blo; j < bhi; j++) {
          if (a[i] !== b[j]) continue;
          const size = (before.get(j - 1) || 0) + 1;
          now.set(j, size);
          if (size > best[2]) best = [i - size + 1, j - size + 1, size];
        }
        before = now;
      }
      return best;
    };
    const matches = (alo, ahi, blo, bhi) => {
      const [i, j, size] = longest(alo, ahi, blo, bhi);
      return size ? size + matches(alo, i, blo, j) + matches(i + size, ahi, j + size, bhi) : 0;
    };
    return a.length + b.length ? 2 * matches(0, a.length, 0, b.length) / (a.length + b.length) : 1;
  };
  const fold = name => normalise(name).toLowerCase().replace(/[ -]/g, "_");

  /** The end of a message: the nearest known name after a semicolon, or nothing. */
  const suggest = (word, known) => {
    const spelt = new Map(), wanted = [...fold(cut(word, 60))];
    for (const name of known) if (!spelt.has(fold(name))) spelt.set(fold(name), name);
    let best = null;
    for (const name of spelt.keys()) {
      const score = likeness([...name], wanted);
      if (score >= 0.6 && (!best || score > best[0] || (score === best[0] && name > best[1]))) best = [score, name];
    }
    return best ? `; did you mean '${spelt.get(best[1])}'?` : "";
  };

  // ---- reading ---------------------------------------------------------------------------------------------------

  /** The text of a file, or null with the reason noted. */
  const decode = (bytes, notes) => {
    if (bytes.length > LARGEST) return notes.add(1, "", `is larger than ${LARGEST / 1024} kB: too large for a scenario`), null;
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      notes.add(wrongLine(bytes), "", "is not UTF-8 text; save the file with the encoding UTF-8");
      return null;
    }
  };

  /** The first line that is not UTF-8. */
  const wrongLine = bytes => {
    let line = 1, from = 0;
    for (let at = 0; at <= bytes.length; at++) {
      if (at < bytes.length && bytes[at] !== 10) continue;
      try {
        new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(from, at));
      } catch {
        return line;
      }
      line++;
      from = at + 1;
    }
    return 1;
  };

  /** The words of the command line for what a parser finds; its own where there are none. */
  const syntaxWords = ({ code, message }) => {
    const own = message.split("\n")[0].replace(/ at line \d+, column \d+:?$/, "");
    if (code === "BAD_DQ_ESCAPE") return "is not valid YAML; a character or an escape in it cannot be read";
    const known = {
      TAB_AS_INDENT: "found character '\\t' that cannot start any token (put the text in quotes, and indent with spaces only)",
      BLOCK_AS_IMPLICIT_KEY: "mapping values are not allowed here (put text that holds ': ' in quotes)",
    }[code];
    const ends = /end with a ([\]}])/.exec(own);
    if (!known && ends) return `is not valid YAML: expected ',' or '${ends[1]}', but got 'the end of the file'`;
    return `is not valid YAML: ${known || own}`;
  };

  /** The depth of a file's collections, before anything is built of it that calls itself. */
  const checkTokens = (tokens, lineOf) => {
    const open = tokens.map(token => [token, 0]);
    let parts = 0;
    while (open.length) {
      const [token, depth] = open.pop(), inner = /^(block-map|block-seq|flow-collection)$/.test(token.type);
      if (inner && depth >= DEEPEST) throw new Refused(lineOf(token.offset), `is nested more than ${DEEPEST} levels deep`);
      if (++parts > 2 * MOST_PARTS) throw new Refused(lineOf(token.offset), `contains more than ${count(MOST_PARTS)} parts, which is too many`);
      for (const item of token.items || (token.value ? [{ value: token.value }] : [])) {
        for (const part of [item.key, item.value]) if (part) open.push([part, depth + (inner ? 1 : 0)]);
      }
    }
  };

  /** Anchors, aliases and tags in the order of the file. */
  const checkParts = (tokens, lineOf) => {
    const wrong = [], open = [...tokens];
    while (open.length) {
      const token = open.pop();
      if (token.type === "anchor" || token.type === "alias") wrong.push([token.offset, "uses '&' or '*' to repeat a part; write the part out, or put the text in quotes"]);
      if (token.type === "tag") wrong.push([token.offset, "uses a tag ('!...'), which is not allowed here"]);
      for (const item of token.items || []) open.push(...(item.start || []), ...(item.sep || []), ...[item.key, item.value].filter(Boolean));
      open.push(...[token.start, token.props, token.value].filter(Boolean).flat());
    }
    wrong.sort(([a], [b]) => a - b);
    if (wrong.length) return { at: wrong[0][0], error: new Refused(lineOf(wrong[0][0]), wrong[0][1]) };
    return { at: Infinity, error: null };
  };

  /** The top mapping of a text, or null with the reason noted. */
  const readFields = (text, notes) => {
    if (new TextEncoder().encode(text).length > LARGEST) return notes.add(1, "", `is larger than ${LARGEST / 1024} kB: too large for a scenario`), null;
    const control = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text);
    if (control) return notes.add(text.slice(0, control.index).split("\n").length, "", "contains a control character; remove it"), null;
    try {
      const root = parse(text);
      if (!root || (root.kind === "scalar" && !root.text)) notes.add(1, "", "is empty; a scenario needs at least a title, a question and changes");
      else if (root.kind !== "mapping") notes.add(root.line, "", "is not a scenario: the file must be a mapping, with lines such as 'title: ...'");
      else return root;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      notes.add(error.line, "", error.message);
    }
    return null;
  };

  const parse = text => {
    const lines = new YAML.LineCounter(), lineOf = offset => Math.max(1, lines.linePos(offset).line);
    const tokens = [...new YAML.Parser(lines.addNewLine).parse(text)];
    checkTokens(tokens, lineOf);
    const refused = checkParts(tokens, lineOf);
    const version = tokens.find(token => token.type === "directive" && /^%YAML(?! 1\.[12]\s*$)/.test(token.source));
    if (version) throw new Refused(lineOf(version.offset), "is not valid YAML: found incompatible YAML document (version 1.* is required)");
    const documents = [...new YAML.Composer({ schema: "failsafe", uniqueKeys: false, strict: true }).compose(tokens)];
    const errors = documents.flatMap(one => one.errors).sort((a, b) => a.pos[0] - b.pos[0]);
    const second = documents.length > 1 ? documents[1].range[0] : Infinity;
    if (errors.length && errors[0].pos[0] < Math.min(refused.at, second)) throw new Refused(lineOf(Math.min(errors[0].pos[0], text.length)), syntaxWords(errors[0]));
    if (refused.error && refused.at < second) throw refused.error;
    if (documents.length > 1) throw new Refused(secondLine(tokens, lineOf), "contains a second document after '---'; a file can have only one");
    return documents.length && documents[0].contents ? plain(documents[0].contents, lineOf) : null;
  };

  const secondLine = (tokens, lineOf) => {
    const document = tokens.filter(token => token.type === "document")[1];
    return lineOf(document.offset);
  };

  const plain = (node, lineOf, line = lineOf(node.range[0])) => {
    if (YAML.isMap(node)) return { kind: "mapping", line, pairs: node.items.map(pair => pairOf(pair, lineOf, line)) };
    if (YAML.isSeq(node)) return { kind: "list", line, items: node.items.map(item => plain(item, lineOf)) };
    return { kind: "scalar", line, text: String(node.value ?? ""), plain: node.type === "PLAIN" };
  };

  const pairOf = ({ key, value }, lineOf, line) => {
    const name = key ? plain(key, lineOf) : { kind: "scalar", line, text: "", plain: true };
    if (name.kind !== "scalar") throw new Refused(name.line, "has a list or a mapping where a key should be");
    const node = value ? plain(value, lineOf) : { kind: "scalar", line: name.line, text: "", plain: true };
    return [name, node.kind === "scalar" && node.plain && !node.text ? { ...node, line: name.line } : node];
  };

  // ---- what a scalar says ----------------------------------------------------------------------------------------

  const NUMBER = /^([+-]?) ?([1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?) ?(%|points?\b)?$/;
  const numberOf = node => {
    const found = node.kind === "scalar" && node.plain ? NUMBER.exec(normalise(node.text)) : null;
    if (!found) return null;
    const value = Number(found[1] + found[2].replaceAll(",", "")) + 0;
    return found[3] ? value / 100 : value;
  };
  const switchOf = node => {
    const word = node.kind === "scalar" && node.plain ? normalise(node.text).toLowerCase() : "";
    return ["on", "true", "yes"].includes(word) ? true : ["off", "false", "no"].includes(word) ? false : null;
  };
  const isEmpty = node => node.kind === "scalar" && node.plain && ["", "~", "null"].includes(node.text);

  /** A number as Python's `:g` writes it. */
  const general = x => {
    if (!Number.isFinite(x)) return x > 0 ? "inf" : x < 0 ? "-inf" : "nan";
    if (x === 0) return "0";
    const [digits, power] = x.toExponential(5).split("e"), exponent = Number(power);
    if (exponent >= -4 && exponent < 6) return String(Number(x.toPrecision(6)));
    return `${digits.replace(/\.?0+$/, "")}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  };

  return { Problems, decode, readFields, suggest, normalise, visible, cut, count, numberOf, switchOf, isEmpty, general };
};
