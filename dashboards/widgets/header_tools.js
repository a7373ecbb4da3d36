// The tools of the header: the skip link, the glossary, the copied link, the button that opens the slides, and what happens when a page is printed.

function* deep(root, selector) {
  for (const element of root.querySelectorAll("*")) {
    if (element.matches(selector)) { yield element }
    if (element.shadowRoot) { yield* deep(element.shadowRoot, selector) }
  }
}

function shown(selector) {
  for (const element of deep(document, selector)) {
    if (element.offsetParent !== null) { return element }
  }
  return null
}

// The heading of the tab that is open stands first among the second level.
function skip() {
  const heading = shown("h2") ?? shown("main")
  if (heading) {
    heading.setAttribute("tabindex", "-1")
    heading.focus()
    heading.scrollIntoView()
  }
}

// Printing shows what is folded away, and folds it again afterwards. Long tables are for the screen and for files: they
// stay folded, or a page would fill thirty sheets.
const MOST_PRINTED_ROWS = 24

function prepare_print() {
  const opened = []
  for (const fold of deep(document, "details:not([open]):not([data-screen])")) {
    if (fold.querySelectorAll("tbody tr").length > MOST_PRINTED_ROWS) { continue }
    fold.open = true
    opened.push(fold)
  }
  addEventListener("afterprint", () => opened.forEach((fold) => { fold.open = false }), {once: true})
}

// A page that is served to this computer alone: its address leads nowhere elsewhere.
const alone = () => ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)

// The header may be drawn again without being taken away first: what its last drawing listened to ends here.
const listening = new WeakMap()

function listen_anew(model) {
  listening.get(model)?.abort()
  const now = new AbortController()
  listening.set(model, now)
  model.on("remove", () => now.abort())
  return now.signal
}

function button(label, short, act) {
  const made = document.createElement("button")
  made.type = "button"
  made.setAttribute("aria-label", label)
  const long = document.createElement("span")
  long.className = "long"
  long.textContent = label
  const brief = document.createElement("span")
  brief.className = "brief"
  brief.textContent = short
  made.append(long, brief)
  made.addEventListener("click", act)
  return made
}

const make = (tag, words = "", attributes = {}) => {
  const made = Object.assign(document.createElement(tag), attributes)
  made.textContent = words
  return made
}

// The glossary is asked for when somebody first wants it, and stays.
function make_glossary(model) {
  const box = make("dialog"), top = make("div", "", {className: "top"}), list = make("div")
  box.setAttribute("aria-labelledby", "glossary-title")
  const find = make("input", "", {type: "text", placeholder: "Find a word"})
  find.setAttribute("aria-label", "Find a word")
  const close = make("button", "Close", {type: "button"})
  close.addEventListener("click", () => box.close())
  top.append(make("h2", "What the words mean", {id: "glossary-title"}), find, close)
  box.append(top, list)
  let words = []
  const draw = () => {
    const wanted = find.value.trim().toLowerCase()
    list.replaceChildren(...words.flatMap(([heading, rows]) => {
      const fit = rows.filter((row) => row.join(" ").toLowerCase().includes(wanted))
      if (!fit.length) { return [] }
      const terms = make("dl")
      terms.append(...fit.flatMap(([term, meaning]) => [make("dt", term), make("dd", meaning)]))
      return [make("h3", heading), terms]
    }))
    if (!list.childElementCount) { list.append(make("p", words.length ? "No word like this is explained here." : "Looking…")) }
  }
  find.addEventListener("input", draw)
  const came = (told) => {
    words = told.glossary
    draw()
  }
  model.on("msg:custom", came)
  model.on("remove", () => model.off("msg:custom", came))
  const open = (word = "") => {
    if (!words.length) { model.send_msg({want: "glossary"}) }
    find.value = word
    draw()
    if (!box.open) { box.showModal() }
  }
  return {box, open}
}

export function render({model}) {
  const bar = document.createElement("div")
  bar.className = "bar"
  const link = document.createElement("a")
  link.href = "#"
  link.className = "skip"
  link.textContent = "Skip to the page"
  link.addEventListener("click", (event) => { event.preventDefault(); skip() })
  const said = document.createElement("span")
  said.className = "said"
  said.setAttribute("role", "status")
  let silence = 0
  const say = (words, seconds = 4) => {
    said.textContent = words
    clearTimeout(silence)
    silence = setTimeout(() => { said.textContent = "" }, 1000 * seconds)
  }
  const say_copied = () => {
    const {lacks} = model, here = alone() ? model.alone : ""
    const warned = [here, ...lacks].filter(Boolean).join(". ")
    say(warned ? `Link copied. ${warned}` : "Link copied", warned ? 20 : 4)
  }
  const copy = button("Copy link", "Link", () => {
    const done = navigator.clipboard ? navigator.clipboard.writeText(location.href) : Promise.reject(new Error())
    done.then(say_copied).catch(() => say("Copy it from the address bar"))
  })
  const glossary = make_glossary(model)
  const explain = button("What the words mean", "Words", () => glossary.open())
  const present = button("Presenter view", "Present", () => document.dispatchEvent(new Event("ringfence-present")))
  const done_copying = (copied, place, words) => copied.then(() => {
    say(words)
    const named = place.textContent === "Copied" ? "Copy" : place.textContent
    place.textContent = "Copied"
    setTimeout(() => { place.textContent = named }, 2000)
  }).catch(() => say("This browser does not let a page copy; select the words instead"))
  // A sentence anywhere on the page, or code, is copied with its caveat, its source and the link: buttons with data-copy.
  const copy_words = (event) => {
    const place = event.composedPath().find((part) => part.dataset?.copy)
    if (!place || !navigator.clipboard) { return }
    if (event.composedPath().some((part) => part.classList?.contains("former"))) {
      say("What you changed is still being worked out; copy it in a moment")
      return
    }
    if (place.dataset.alone !== undefined) {
      done_copying(navigator.clipboard.writeText(place.dataset.copy), place, "The code is copied")
      return
    }
    const where = alone() ? "" : `\n${location.href}`
    done_copying(navigator.clipboard.writeText(`${place.dataset.copy}${where}`), place,
      alone() ? "Copied, with its caveat; others cannot open this page" : "Copied, with its caveat and link")
  }
  // A word anywhere on the page leads to its meaning: buttons with data-term.
  const explain_word = (event) => {
    const place = event.composedPath().find((part) => part.dataset?.term !== undefined)
    if (place) { glossary.open(place.dataset.term) }
  }
  const gone = listen_anew(model)
  document.addEventListener("click", copy_words, {signal: gone})
  document.addEventListener("click", explain_word, {signal: gone})
  addEventListener("beforeprint", prepare_print, {signal: gone})
  bar.append(link, said, explain, copy, present, glossary.box)
  // The header stands in the page before anything else comes; the tools come into it, with their own looks.
  const place = document.getElementById("ringfence-tools"), looks = document.createElement("style")
  looks.textContent = model.looks
  const tree = place.shadowRoot ?? place.attachShadow({mode: "open"})
  tree.replaceChildren(looks, bar)
  return document.createElement("div")
}
