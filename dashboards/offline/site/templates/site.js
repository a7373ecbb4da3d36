/* The site's search box and Copy buttons. Without scripts both stay hidden, and everything else works.

   RINGFENCE_PLACES, above, holds for each page its address, its title, and other words that it is found by: before a
   semicolon those that mean just this page, after it those that may; RingfenceSearch and RingfenceCopy are the explorer's, from `page/search.js` and `page/copying.js`. */
"use strict";

(() => {
  const root = document.currentScript.dataset.root, at = id => document.getElementById(id);
  const box = at("find"), list = at("found"), count = at("found-count");
  const find = RingfenceSearch.over(RINGFENCE_PLACES.map(([page, title, words]) => {
    const [meant, ...more] = words.split(";"), number = /^\d+/.exec(title);
    return { page, title, meant, more: more.join(" "), numbers: number ? [Number(number[0])] : [] };
  }));

  const show = () => {
    const asked = box.value.trim(), hits = asked ? find(asked).slice(0, 8) : [];
    list.replaceChildren(...hits.map(({ page, title }) => {
      const link = document.createElement("a"), item = document.createElement("li");
      link.href = root + page;
      link.textContent = title;
      item.append(link);
      return item;
    }));
    count.textContent = !asked ? "" : hits.length ? `${hits.length} found` : "Nothing is found under these words. Try “peer support”, “audit”, or a number from 1 to 45.";
    at("results").hidden = !asked;
  };

  const step = (event, by) => {
    const links = [...list.querySelectorAll("a")], next = links.indexOf(document.activeElement) + by;
    event.preventDefault();
    (next < 0 ? box : links[Math.min(next, links.length - 1)])?.focus();
  };

  const clear = () => {
    box.value = "";
    show();
    box.focus();
  };

  at("search").hidden = false;
  box.addEventListener("input", show);
  at("search").addEventListener("keydown", event => {
    if (event.key === "ArrowDown") step(event, 1);
    else if (event.key === "ArrowUp") step(event, -1);
    else if (event.key === "Escape") clear();
    else if (event.key === "Enter" && event.target === box) list.querySelector("a")?.click();
  });

  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const link = button.dataset.link || new URL(button.dataset.page, location.href).href.replace(/^file:.*\//, ""); // a folder says nothing to others
      const copied = await RingfenceCopy(`${button.dataset.copy}\n${link}`);
      at("copied").textContent = copied ? "Copied, with its caveat and link." : "This browser does not let a page copy; select the text instead.";
      button.textContent = copied ? "Copied" : "Copy";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }
})();
