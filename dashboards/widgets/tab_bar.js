// The tabs of the page and what each holds: one component, after the tabs pattern of ARIA. A page comes when it is first
// opened, and stays: who comes back finds it as it was left. The browser's Back goes to the page before, with the choices
// as they stand now.

function make(tag, values, ...inner) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(values)) { element.setAttribute(name, value) }
  element.append(...inner)
  return element
}

const readKey = (address) => new URL(address, location.href).searchParams.get("tab")

// Every choice changes the address, which Panel would make a step of the browser's history: only another page is one.
const push = history.pushState.bind(history)
history.pushState = (state, title, address) => {
  const before = readKey(location.href)
  if (before === null || address == null || before === readKey(address)) {
    history.replaceState(state, title, address)
  } else {
    push(state, title, address)
  }
}

export function render({model, view, el}) {
  const titles = model.options
  const tabs = titles.map((title, at) => make("button", {type: "button", role: "tab", id: `tab-${at}`, "aria-controls": `page-${at}`}, title))
  const pages = titles.map((_, at) => make("div", {role: "tabpanel", class: "page", id: `page-${at}`, "aria-labelledby": `tab-${at}`}))
  const list = make("div", {role: "tablist", "aria-label": "Pages"}, ...tabs)

  // Where the bar is wider than the screen, it moves sideways, and fades out at an end that has more.
  const fade = () => {
    list.classList.toggle("before", list.scrollLeft > 4)
    list.classList.toggle("after", list.scrollLeft + list.clientWidth < list.scrollWidth - 4)
  }
  const centre = () => {
    const tab = tabs[model.active]
    list.scrollLeft = tab.offsetLeft - list.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2
    fade()
  }
  const show = () => {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === model.active))
      tab.tabIndex = at === model.active ? 0 : -1
      pages[at].hidden = at !== model.active
    })
    centre()
  }
  // A page is drawn when it comes, and by itself: the others are not laid out again.
  const put = (at, child) => {
    if (!child || pages[at].contains(child.el)) { return }
    pages[at].replaceChildren(child.el)
    view.rerender_(child)
  }
  // Arrows go from tab to tab; Enter or Space opens one, for opening is work.
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target), last = tabs.length - 1
    const to = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key]
    if (at < 0 || to === undefined || event.ctrlKey || event.altKey || event.metaKey) { return }
    event.preventDefault()
    tabs[to].focus()
  })
  list.addEventListener("scroll", fade, {passive: true})
  tabs.forEach((tab, at) => {
    tab.addEventListener("click", () => { model.active = at })
    view.on_child_render(`page_${at}`, ([child]) => put(at, child))
  })
  const age = () => pages.forEach((page, at) => page.classList.toggle("former", model.former.includes(at)))
  model.on("active", show)
  model.on("former", age)
  age()
  const goBack = () => {
    const at = model.keys.indexOf(readKey(location.href))
    if (at >= 0 && at !== model.active) { model.active = at }
  }
  window.addEventListener("popstate", goBack)
  // Looks for a place inside a page, also within the shadow trees of its parts.
  const findPart = (root, name) => {
    const found = root.querySelector(`[data-part="${name}"]`)
    if (found) { return found }
    for (const each of root.querySelectorAll("*")) {
      const inside = each.shadowRoot && findPart(each.shadowRoot, name)
      if (inside) { return inside }
    }
    return null
  }
  // A page is drawn after it is shown, and grows while its parts arrive: the place is gone to until it stays.
  const goTo = (page, name, left = 25, before = NaN) => {
    const part = findPart(page, name), top = part ? part.getBoundingClientRect().top + scrollY : NaN
    if (part?.localName === "details") { part.open = true }  // what it holds is drawn after it is opened
    if (part && top !== before) {
      part.scrollIntoView();
      (part.querySelector("input[type=search]") || part.querySelector(":scope > summary") || part).focus({ preventScroll: true })
    }
    if (left && wanted === name) { setTimeout(() => goTo(page, name, left - 1, top), 120) }
  }
  let wanted = ""
  for (const moved of ["wheel", "touchmove", "keydown"]) { el.addEventListener(moved, () => { wanted = "" }, { passive: true }) }
  // A sentence may lead to the page that says more: buttons with data-page, and data-goto for a place within it.
  const follow = (event) => {
    const place = event.composedPath().find((part) => part.dataset?.page !== undefined)
    const at = place ? model.keys.indexOf(place.dataset.page) : -1
    if (at < 0) { return }
    model.active = at
    tabs[at].focus()
    scrollTo(0, 0)
    wanted = place.dataset.goto || ""
    if (wanted) { goTo(pages[at], wanted) }
  }
  window.addEventListener("click", follow)
  const sized = new ResizeObserver(centre)
  sized.observe(list)
  model.on("remove", () => {
    window.removeEventListener("popstate", goBack)
    window.removeEventListener("click", follow)
    sized.disconnect()
  })
  show()
  el.append(list, ...pages)
  titles.forEach((_, at) => put(at, view.get_child_view(model[`page_${at}`])))
}
