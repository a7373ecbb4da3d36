/* What the words mean: the glossary of the documentation in a box over the page, with a field to find a word.
   The same rows in the same words as the dashboard's, which `dashboards/common/glossary.py` reads for both. */
"use strict";

const RingfenceGlossary = (sections, { node }) => {
  const list = node("div", {});
  const find = node("input", { type: "text", id: "find-word", placeholder: "Find a word", "aria-label": "Find a word", autocomplete: "off", oninput: () => draw() });
  const box = node("dialog", { id: "glossary", "aria-labelledby": "glossary-h" }, node("div", { class: "tools" },
    node("h2", { id: "glossary-h" }, "What the words mean"), find, node("button", { type: "button", onclick: () => box.close() }, "Close")), list);

  const draw = () => {
    const wanted = find.value.trim().toLowerCase();
    list.replaceChildren(...sections.flatMap(([heading, rows]) => {
      const fit = rows.filter(row => row.join(" ").toLowerCase().includes(wanted));
      return fit.length ? [node("h3", {}, heading), node("dl", {}, fit.flatMap(([term, meaning]) => [node("dt", {}, term), node("dd", {}, meaning)]))] : [];
    }));
    if (!list.childElementCount) list.append(node("p", {}, "No word like this is explained here."));
  };

  /** Opens the box with all words; it is put into the page when somebody first asks. */
  const show = () => {
    if (!box.isConnected) document.body.append(box);
    find.value = "";
    draw();
    box.showModal();
  };

  return { show };
};
