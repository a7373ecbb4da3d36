// Slides that fill the screen. The header's button opens them; they need no server once they are there.

const PRESENT = "ringfence-present", SWIPE = 50, SMALLEST = 0.5
const STEPS = {ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Backspace: -1}

// The server has escaped what stands in a slide.
function make_slide({title, html}, at, count) {
  const body = make("div", {class: "body"})
  body.innerHTML = html
  for (const squares of body.querySelectorAll(".squares svg")) { squares.setAttribute("preserveAspectRatio", "xMinYMid") }
  const named = {class: "slide", tabindex: "-1", role: "group", "aria-roledescription": "slide", "aria-label": `${at} of ${count}: ${title}`}
  return make("section", named, make("h2", {}, title), body)
}

// Words become smaller until everything is on the screen; a phone scrolls instead.
function fit(slide) {
  slide.style.setProperty("--fit", 1)
  if (!matchMedia("(min-width: 700px)").matches) { return }
  for (let size = 1; size > SMALLEST && slide.scrollHeight > slide.clientHeight + 1; size -= 0.04) {
    slide.style.setProperty("--fit", size)
  }
}

// On paper the slides stand by themselves, one a page: a window in front of the others is cut off after a page.
function put_on_paper(slides, root) {
  const paper = make("div", {id: "ringfence-paper"}), inside = paper.attachShadow({mode: "open"})
  inside.adoptedStyleSheets = root.adoptedStyleSheets ?? []
  const looks = [...root.querySelectorAll("style, link[rel=stylesheet]")].map((look) => look.cloneNode(true))
  inside.append(...looks, ...slides.map((slide, i) => make_slide(slide, i + 1, slides.length)))
  const alone = make("style", {}, "@page { size: A4 landscape; margin: 10mm } @media print { body > :not(#ringfence-paper) " +
    "{ display: none !important } } @media screen { #ringfence-paper { display: none } }")
  document.head.append(alone)
  document.body.append(paper)
  addEventListener("afterprint", () => { alone.remove(); paper.remove() }, {once: true})
}

// Drawn again, the slides stay where they were, and what their last drawing listened to ends.
const shown = new WeakMap()

export function render({model}) {
  const before = shown.get(model)
  before?.listening.abort()
  const listening = new AbortController(), signal = listening.signal
  const state = {at: before ? before.state.at : model.first, listening}
  shown.set(model, {state, listening})
  model.on("remove", () => listening.abort())

  const place = make("div", {class: "place"}), where = make("span", {class: "where"}), spoken = make("span", {class: "spoken", role: "status"})
  const button = (words, act) => make("button", {type: "button", onclick: act}, words)
  const back = button("Previous", () => turn(state.at - 1)), on = button("Next", () => turn(state.at + 1))
  const link = button("Copy link", () => {
    const copied = navigator.clipboard ? navigator.clipboard.writeText(location.href) : Promise.reject(new Error())
    copied.then(() => { spoken.textContent = link.textContent = "Copied" }).catch(() => { link.textContent = "Copy it from the address bar" })
    setTimeout(() => { link.textContent = "Copy link" }, 4000)
  })
  const whole = button("Full screen", () => fill_screen())
  const bar = make("div", {class: "bar"}, back, where, on, spoken, link, whole, button("End", () => box.close()))
  const box = make("dialog", {"aria-label": "Presenter view"}, place, bar)

  const fill_screen = () => {
    const asked = document.fullscreenElement ? null : document.documentElement.requestFullscreen?.()
    return Promise.resolve(asked).catch(() => {})
  }
  const draw = () => {
    const {slides} = model, count = slides.length
    if (!box.open) { return }
    if (!count) {
      place.replaceChildren(make("section", {class: "slide", tabindex: "-1"}, make("p", {}, "Making the slides…")))
      where.textContent = ""
      return
    }
    state.at = Math.min(state.at, count)
    const slide = make_slide(slides[state.at - 1], state.at, count)
    const focused = place.contains(place.getRootNode().activeElement)
    place.replaceChildren(slide)
    fit(slide)
    if (focused) { slide.focus() }
    where.textContent = `Slide ${state.at} of ${count}`
    spoken.textContent = `${where.textContent}: ${slides[state.at - 1].title}`
    back.disabled = state.at === 1
    on.disabled = state.at === count
  }
  const turn = (at) => {
    const count = model.slides.length
    if (!count || at < 1 || at > count || at === state.at) { return }
    state.at = at
    draw()
    model.send_msg({slide: at})
  }
  const open = (at) => {
    state.at = at
    if (!box.open) { box.showModal() }
    draw()
    place.firstElementChild?.focus()
    model.send_msg({slide: at})
  }
  const key = (event) => {
    const pressed = event.target.closest("button") && [" ", "Enter"].includes(event.key)
    const step = event.key === " " && event.shiftKey ? -1 : event.key === "Enter" ? 1 : STEPS[event.key]
    const to = {Home: 1, End: model.slides.length}[event.key] ?? (step && state.at + step)
    if (pressed || !to || event.ctrlKey || event.altKey || event.metaKey) { return }
    event.preventDefault()
    turn(Math.max(1, Math.min(model.slides.length, to)))
  }
  let touched = null
  box.addEventListener("keydown", key)
  place.addEventListener("touchstart", (event) => { touched = event.changedTouches[0].clientX }, {passive: true})
  place.addEventListener("touchend", (event) => {
    const moved = event.changedTouches[0].clientX - (touched ?? event.changedTouches[0].clientX)
    if (Math.abs(moved) > SWIPE) { turn(state.at + (moved < 0 ? 1 : -1)) }
  }, {passive: true})
  box.addEventListener("close", () => {
    state.at = 0
    if (document.fullscreenElement) { document.exitFullscreen().catch(() => {}) }
    model.send_msg({slide: 0})
  })
  // A window that fills the screen first, and the slides in front of it: the other way round they would be behind.
  document.addEventListener(PRESENT, () => fill_screen().then(() => open(1)), {signal})
  document.addEventListener("fullscreenchange", () => {
    whole.hidden = Boolean(document.fullscreenElement)
    if (!document.fullscreenElement && box.open) { box.close() }
  }, {signal})
  addEventListener("resize", () => { if (box.open && place.firstElementChild) { fit(place.firstElementChild) } }, {signal})
  addEventListener("beforeprint", () => { if (box.open && model.slides.length) { put_on_paper(model.slides, box.getRootNode()) } }, {signal})
  model.on("slides", draw)
  if (state.at) { requestAnimationFrame(() => { if (box.isConnected && state.at) { open(state.at) } }) }
  return box
}
