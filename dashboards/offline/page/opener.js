/* Unpacks the page's scripts and runs them one after the other. The policy of content names the hash of each, so nothing
   else can run. What a browser that is too old to unpack them shows is the answer in the page itself. */
"use strict";

(async () => {
  const at = id => document.getElementById(id), bytes = Uint8Array.from(atob(at("packed").textContent), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  for (const { id, text, type } of JSON.parse(await new Response(stream).text())) {
    const script = document.createElement("script");
    if (type) script.type = type;
    document.body.append(Object.assign(script, { id, textContent: text }));
  }
})().catch(error => {
  const note = document.createElement("p");
  note.className = "note bad";
  note.textContent = `This browser is too old for the model in this page (${error.message}). Below is the answer that was worked out when the page was made; nothing can be moved.`;
  document.getElementById("notices").append(note);
});
