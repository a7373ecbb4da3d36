// Takes the first words away; keeps the address of what was chosen in this browser, and offers to go on with it.

const KEPT = "ringfence-last", LOOK = 1_000

function read() {
  try { return JSON.parse(localStorage.getItem(KEPT) ?? "null") } catch { return null }
}
function keep(value) {
  try {
    if (value) { localStorage.setItem(KEPT, JSON.stringify(value)) } else { localStorage.removeItem(KEPT) }
  } catch { /* not allowed here */ }
}

// One watch a page, however often this is drawn: an address is kept once it differs from the one that the page began with.
// What the browser was sent to: the server itself writes an address soon after.
const began = new URL(performance.getEntriesByType("navigation")[0]?.name ?? location.href).search
const without_slide = (search) => search.replace(/&slide=\d+/, "")  // who comes back wants the page
let first = without_slide(began), watching = false, told = null
function watch() {
  if (watching) { return }
  watching = true
  setInterval(() => {
    const now = without_slide(location.search)
    if (!first) { first = now }
    const titles = globalThis.ringfenceTitles ?? []
    if (now && (now !== first || (told && told !== titles))) {
      first = now
      told = titles  // the toolbar may say them after the address has changed
      keep({search: now, at: Date.now(), titles})
    }
  }, LOOK)
}

function button(label, act) {
  const made = document.createElement("button")
  made.type = "button"
  made.textContent = label
  made.addEventListener("click", act)
  return made
}

let offered = false
export function render() {
  document.getElementById("ringfence-first")?.remove()
  const box = document.createElement("div")
  const last = read()
  watch()
  if (offered || began || !last || typeof last.search !== "string" || !last.search.startsWith("?")) { return box }
  const words = document.createElement("p")
  const day = new Date(last.at).toLocaleString("en-GB", {dateStyle: "long", timeStyle: "short"})
  const titles = Array.isArray(last.titles) ? last.titles.filter((title) => typeof title === "string") : []
  const quoted = titles.map((title) => `“${title}”`)
  const what = quoted.length > 1 ? `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}` : quoted[0]
  const lacks = new URLSearchParams(last.search).has("with")
    ? " Your own evidence is not kept: send its file, or enter it, again on the Evidence page." : ""
  words.textContent = `Continue ${what ? `with ${what}, ` : ""}where you left off on ${day}? This browser keeps the address of what you last chose, with ` +
    `your reasons and titles; nobody else is sent it.${lacks}`
  // It lies over the foot of the page: whoever does anything else has answered it.
  const ACTS = ["pointerdown", "keydown"], MOVES = new Set(["Tab", "Shift", "Control", "Alt", "Meta", "Escape", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"])
  const act = (event) => {
    if (!event.composedPath().includes(box) && !MOVES.has(event.key)) { away() }
  }
  const away = () => {
    for (const name of ACTS) { document.removeEventListener(name, act, true) }
    offered = true
    box.replaceChildren()
    box.className = ""
  }
  box.className = "offer"
  box.setAttribute("role", "region")
  box.setAttribute("aria-label", "Continue where you left off")
  for (const name of ACTS) { document.addEventListener(name, act, true) }
  const forget = () => { keep(null); away() }
  box.append(words, button("Continue", () => location.assign(location.pathname + last.search)),
    button("Forget it", forget), button("Not now", away))
  return box
}
