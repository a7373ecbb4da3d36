/* Taking things away: sentences with their caveat, links, pictures as SVG and PNG, tables as CSV. */
"use strict";

const RingfenceExports = given => {
  const SVG = "http://www.w3.org/2000/svg";

  const save = (name, blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  const drawn = (tag, attributes, text) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const lines = (words, letters) => words.split(/\s+/).reduce((made, word) => {
    const last = made.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) made[made.length - 1] = `${last} ${word}`;
    else made.push(word);
    return made;
  }, []);

  /** A picture as a file: its title above, its source below, on white. Returns the node, its width and its height. */
  const framed = (svg, title, source) => {
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    const wide = Math.max(width, 560), scale = wide / width, full = wide + 32;
    const head = lines(title, Math.floor(wide / 9)), foot = lines(`Source: ${source}`, Math.floor(wide / 6.2));
    const top = 16 + 21 * head.length, under = top + height * scale + 22, total = Math.ceil(under + 15 * foot.length + 10);
    const made = drawn("svg", { xmlns: SVG, width: full, height: total, viewBox: `0 0 ${full} ${total}`, role: "img", "font-family": svg.getAttribute("font-family") });
    made.append(drawn("title", {}, title), drawn("desc", {}, source), drawn("rect", { width: full, height: total, fill: "#FFFFFF" }));
    head.forEach((words, i) => made.append(drawn("text", { x: 16, y: 30 + 21 * i, "font-size": 15, "font-weight": 700, fill: "#212B32" }, words)));
    const group = drawn("g", { transform: `translate(16 ${top + 6}) scale(${scale.toFixed(4)})`, "font-size": 13, fill: "#212B32" });
    for (const node of svg.children) if (!["title", "desc"].includes(node.tagName)) group.append(node.cloneNode(true));
    made.append(group);
    foot.forEach((words, i) => made.append(drawn("text", { x: 16, y: under + 12 + 15 * i, "font-size": 11, fill: "#4C6272" }, words)));
    return { made, full, total };
  };

  const asSvg = (svg, title, source) => `${new XMLSerializer().serializeToString(framed(svg, title, source).made)}\n`;

  /** A picture as PNG of this width and height in pixels. */
  const pixels = async (svg, width, height) => {
    const image = new Image(), canvas = document.createElement("canvas");
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
    await image.decode();
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext("2d").drawImage(image, 0, 0, width, height);
    return new Promise(resolve => canvas.toBlob(resolve, "image/png"));
  };

  const asPng = (svg, title, source) => {
    const { made, full, total } = framed(svg, title, source);
    return pixels(made, 2 * full, 2 * total);
  };

  /** Rows as CSV. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
  const asCsv = rows => `\ufeff${rows.map(row => row.map(cell => {
    const text = typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }).join(",")).join("\r\n")}\r\n`;

  return { save, copy: RingfenceCopy, asSvg, asPng, asCsv, pixels };
};
