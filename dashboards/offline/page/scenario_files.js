/* Scenario files in the page: opened by choosing or dropping them, read out of a link, and saved. What cannot be used is
   refused with every mistake in it, and nothing else changes. */
"use strict";

const RingfenceFiles = (given, choice, yaml, model, { fill }) => {
  const nodes = RingfenceNodes(yaml), reader = RingfenceReader(given, nodes, model), write = RingfenceWriter(given, model);
  const { presets, scenario_files: rules } = given, LARGEST = 256 * 1024;
  const stemOf = name => name.replace(/\.ya?ml$/i, "");

  // ---- the text of a file as a link carries it -------------------------------------------------------------------

  const through = async (bytes, stream, most = Infinity) => {
    const source = new Blob([bytes]).stream().pipeThrough(stream).getReader(), parts = [];
    for (let size = 0; ;) {
      const { done, value } = await source.read();
      if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
      size += value.length;
      if (size > most) throw new RangeError("too large");
      parts.push(value);
    }
  };
  const pack = async text => {
    const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate"));
    return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join("")).replaceAll("+", "-").replaceAll("/", "_");
  };
  const unpack = async text => {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), letter => letter.charCodeAt(0));
    return through(bytes, new DecompressionStream("deflate"), LARGEST);
  };

  // ---- opening ---------------------------------------------------------------------------------------------------

  const freeName = name => {
    const stem = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40) || "scenario";
    const names = [`${stem}-own`, ...Array.from({ length: 999 }, (_, n) => `${stem}-own-${n + 2}`)];
    return names.find(one => !Object.hasOwn(presets, one));
  };

  /** Adds a scenario to those that the form starts from; its name there. One that is there already keeps its name. */
  const keep = (scenario, file) => {
    const known = Object.keys(presets).find(name => presets[name].file === file && presets[name].name === scenario.name);
    if (known) return known;
    const name = freeName(scenario.name);
    presets[name] = reader.asPreset(scenario, file);
    return name;
  };

  /** Reads the bytes of a file: `{ preset, problems }`, the one null or the other empty. */
  const read = async (bytes, fileName) => {
    const found = reader.readBytes(bytes, fileName);
    if (!found.scenario) return { preset: null, problems: found.problems };
    return { preset: keep(found.scenario, await pack(write(found.scenario))), problems: [] };
  };

  const open = async file => {
    const bytes = file.size > LARGEST ? new Uint8Array(LARGEST + 1) : new Uint8Array(await file.arrayBuffer());
    return read(bytes, file.name);
  };

  /** Learns the scenarios whose files a link carries; what cannot be read is left for the link to say. */
  const learn = async link => {
    const fields = [...new URLSearchParams(link.replace(/^[?#]+/, ""))].slice(0, 400);
    for (const [key, text] of fields.filter(([name]) => /^[B-D]\.file$/.test(name))) {
      if (text.length > given.link.longest || Object.values(presets).some(preset => preset.file === text)) continue;
      try {
        const name = new Map(fields).get(key[0]) || "scenario", { scenario } = reader.readBytes(await unpack(text), `${name}.yaml`);
        if (scenario) keep(scenario, text);
      } catch { /* no file of ours */ }
    }
  };
  const carriesFiles = link => /[&#?][B-D]\.file=/.test(link);

  // ---- saving ----------------------------------------------------------------------------------------------------

  /** The preset's question, with what was changed by hand, as `Slot` in Python. */
  const questionOf = one => {
    const { question } = presets[one.preset];
    if (!one.edits.length) return question;
    const leverName = lever => given.levers[lever].meaning.split(" (")[0].replace(/\?$/, "");
    const [, said] = fill("question.changed", { question: "\n", changes: "\n" }).split("\n");
    const [asked, before = ""] = question.split(said), again = one.edits.map(({ lever }) => fill("question.change", { lever: leverName(lever), value: "" }));
    const kept = before.replace(/\.$/, "").split("; ").filter(told => told && !again.some(words => told.startsWith(words)));
    const changes = one.edits.map(({ lever, value }) => {
      const { asks } = given.levers[lever], isSaid = asks && (value === 0 || value === 1);
      return fill("question.change", { lever: leverName(lever), value: isSaid ? ["no", "yes"][value] : choice.number(value) });
    });
    return fill("question.changed", { question: asked, changes: [...kept, ...changes].join("; ") });
  };

  /** The reason for an edit: its own; or the library's, with its evidence, where the value is the library's and none is
      given: `inherit_reason` in Python. */
  const reasonOf = ({ lever, value, because: given }) => {
    const because = given.trim() || rules.no_reason, own = { because, evidence: [], assumption: true };
    if (!because.endsWith(rules.unreasoned)) return own;
    for (const name of rules.reasoned) {
      const found = presets[name].changes.find(change => change.lever === lever && change.kind === "to" && change.value === value && change.because);
      if (found) return { evidence: found.evidence, assumption: found.assumption, because: fill("reason.library", { title: presets[name].title, because: found.because }) };
    }
    return own;
  };

  /** A scenario of the form as a whole: its title, question, and changes with their reasons. */
  const whole = one => {
    const { of45, cannot_say: cannotSay } = presets[one.preset], edited = new Map(one.edits.map(edit => [edit.lever, edit]));
    const changes = [...presets[one.preset].changes.filter(change => !edited.has(change.lever)), ...one.edits.map(edit => ({
      lever: edit.lever, kind: "to", value: edit.value, path: [], start: edit.start, end: edit.end, phase: edit.phase > 1 ? edit.phase : 0,
      ...reasonOf(edit),
    }))];
    return { title: choice.shown(one), question: questionOf(one), changes, interventions: of45, cannot_say: cannotSay };
  };

  const textOf = one => write(whole(one));
  const nameOf = one => `${stemOf(choice.nameOf(one))}.yaml`;

  return { open, read, learn, carriesFiles, textOf, nameOf, reader };
};
