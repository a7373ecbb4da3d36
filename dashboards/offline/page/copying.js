/* Copying, for the explorer and the site. */
"use strict";

/** Copies text, also where a page from a folder may not use the clipboard; true where the browser let it be. */
const RingfenceCopy = async text => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "hidden";
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
};
