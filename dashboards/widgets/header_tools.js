// The tools of the header: the skip link, the copied link, the presenter view, and what happens when a page is printed.

const TYPED = "input, textarea, select, [role=slider], [role=grid], [role=option], [role=tab], [contenteditable]"

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

function to_top() {
  const main = shown(".main-content")
  if (main) { main.scrollTo(0, 0) }
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
const MOST_PRINTED_ROWS = 24, PAPER = 680

function prepare_print() {
  const opened = []
  for (const fold of deep(document, "details:not([open]):not([data-screen])")) {
    if (fold.querySelectorAll("tr").length > MOST_PRINTED_ROWS) { continue }
    fold.open = true
    opened.push(fold)
  }
  // A canvas keeps the size that it has on the screen: one that is wider than the paper is made smaller.
  const shrunk = [...deep(document, ".bk-Figure")].filter((figure) => figure.offsetWidth > PAPER)
  for (const figure of shrunk) { figure.style.zoom = PAPER / figure.offsetWidth }
  addEventListener("afterprint", () => {
    opened.forEach((fold) => { fold.open = false })
    shrunk.forEach((figure) => { figure.style.zoom = "" })
  }, {once: true})
}

function enlarge(on) {
  const root = document.documentElement
  root.style.fontSize = on ? "140%" : ""
  root.style.setProperty("--tools", on ? "none" : "flex")
  root.style.setProperty("--folds", on ? "none" : "block")  // folds are for reading alone; caveats stay
  if (on && !document.fullscreenElement && root.requestFullscreen) {
    root.requestFullscreen().catch(() => {})
  } else if (!on && document.fullscreenElement) {
    document.exitFullscreen().catch(() => {})
  }
}

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
  const say = (words) => {
    said.textContent = words
    setTimeout(() => { said.textContent = "" }, 4000)
  }
  const copy = button("Copy link", "Link", () => {
    const done = navigator.clipboard ? navigator.clipboard.writeText(location.href) : Promise.reject(new Error())
    const alone = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)
    done.then(() => say(alone ? "Link copied; it opens on this computer alone" : "Link copied")).catch(() => say("Copy it from the address bar"))
  })
  const present = button("Presenter view", "Present", () => { model.presenting = !model.presenting })
  const show = () => {
    const on = model.presenting
    present.setAttribute("aria-pressed", String(on))
    enlarge(on)
  }
  const key = (event) => {
    const at = event.composedPath()[0]
    if (!model.presenting || (at.matches && at.matches(TYPED))) { return }
    const step = {PageDown: 1, ArrowRight: 1, PageUp: -1, ArrowLeft: -1}[event.key]
    if (event.key === "Escape") { model.presenting = false }
    if (step) {
      event.preventDefault()
      model.send_msg({step})
      to_top()
    }
  }
  // A sentence anywhere on the page is copied with its caveat, its source and the link: buttons with data-copy.
  const copy_words = (event) => {
    const place = event.composedPath().find((part) => part.dataset?.copy)
    if (!place || !navigator.clipboard) { return }
    navigator.clipboard.writeText(`${place.dataset.copy}\n${location.href}`)
      .then(() => {
        say("Copied, with its caveat and link")
        place.textContent = "Copied"
        setTimeout(() => { place.textContent = "Copy" }, 2000)
      })
      .catch(() => say("This browser does not let a page copy; select the words instead"))
  }
  const left = () => {
    if (!document.fullscreenElement && model.presenting) { model.presenting = false }
  }
  const gone = listen_anew(model)
  document.addEventListener("keydown", key, {signal: gone})
  document.addEventListener("fullscreenchange", left, {signal: gone})
  document.addEventListener("click", copy_words, {signal: gone})
  addEventListener("beforeprint", prepare_print, {signal: gone})
  model.on("presenting", show)
  bar.append(link, said, copy, present)
  return bar
}
