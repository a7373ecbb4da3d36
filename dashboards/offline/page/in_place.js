/* New content put into what stands there, node by node: a browser then lays out and paints only what differs, and folds,
   focus and selected text stay.

   A node that changes hears with the listeners of what it has become: a button that moves up into the place of another
   does what it says. One that stays as it is keeps its own, so none may hold on to an answer: it looks up what it needs
   when it is called. */
"use strict";

const RingfenceInPlace = (() => {
  const LISTENERS = Symbol("listeners");
  const NONE = {};

  /** Calls `act(event)`, or what takes its place when the node becomes another. */
  const listen = (node, kind, act) => {
    node[LISTENERS] = { ...node[LISTENERS], [kind]: act };
    node.addEventListener(kind, event => node[LISTENERS][kind](event));
  };

  const heard = node => Object.keys(node[LISTENERS] || NONE).join();
  const alike = (old, made) => old.nodeType === made.nodeType && old.nodeName === made.nodeName && heard(old) === heard(made);

  const attributes = (old, made) => {
    for (const { name, value } of made.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    if (old.attributes.length === made.attributes.length) return;
    for (const name of old.getAttributeNames()) if (!made.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  };

  /** A node that stands for what is there already. */
  const KEPT = "kept";
  const drawn = new Map();

  /** `make()`, or a node that keeps the old one where it was made for the same `key`. */
  const once = (id, key, make) => {
    if (drawn.get(id) === key) return document.createComment(KEPT);
    drawn.set(id, key);
    return make();
  };

  const patch = (old, made) => {
    if (made.nodeType === Node.COMMENT_NODE && made.data === KEPT) return;
    if (!alike(old, made)) old.replaceWith(made);
    else if (old.nodeType !== Node.ELEMENT_NODE) old.data === made.data || (old.data = made.data);
    else if (!old.isEqualNode(made)) {
      attributes(old, made);
      if (made[LISTENERS]) old[LISTENERS] = made[LISTENERS];
      children(old, [...made.childNodes]);
    }
  };

  /** Makes these nodes, some of which may be texts, the children of a place. */
  const children = (place, nodes) => {
    const wanted = nodes.map(node => typeof node === "string" ? document.createTextNode(node) : node);
    const known = [...place.childNodes];
    wanted.forEach((node, i) => i < known.length ? patch(known[i], node) : place.append(node));
    known.slice(wanted.length).forEach(node => node.remove());
  };

  const text = (place, words) => place.textContent === words || place.replaceChildren(...RingfenceAmounts(words));

  return { children, listen, text, once, forget: () => drawn.clear() };
})();
