// A real table of boards whose names are buttons.

function cell(kind, words, scope) {
  const made = document.createElement(kind)
  if (scope) { made.scope = scope }
  // An amount stays with its sign.
  const parts = words.split(/([−+±]£[\d.,]+)/)
  made.append(...parts.map((part, at) => {
    if (at % 2 === 0) { return part }
    const amount = document.createElement("span")
    amount.className = "amount"
    amount.textContent = part
    return amount
  }))
  return made
}

export function render({model, el}) {
  const scroll = document.createElement("div")
  scroll.className = "wide"
  scroll.tabIndex = 0
  scroll.setAttribute("role", "region")
  const table = document.createElement("table")
  const caption = document.createElement("caption")
  const head = document.createElement("thead")
  const body = document.createElement("tbody")
  table.append(caption, head, body)
  scroll.append(table)
  el.append(scroll)

  const press = () => {
    for (const button of body.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", button.dataset.code === model.chosen ? "true" : "false")
    }
  }
  const row = ([code, name, ...cells]) => {
    const made = document.createElement("tr")
    const first = cell("th", "", "row")
    const button = document.createElement("button")
    button.type = "button"
    button.dataset.code = code
    button.textContent = name
    button.addEventListener("click", () => { model.chosen = code; press() })
    first.append(button)
    made.append(first, ...cells.map((words) => cell("td", words)))
    return made
  }
  const draw = () => {
    caption.textContent = model.named
    scroll.setAttribute("aria-label", model.named)
    const top = document.createElement("tr")
    model.head.forEach((words, at) => {
      const made = cell("th", words, "col")
      if (at === model.by) { made.setAttribute("aria-sort", model.falling ? "descending" : "ascending") }
      top.append(made)
    })
    head.replaceChildren(top)
    body.replaceChildren(...model.rows.map(row))
    press()
  }
  draw()
  let waiting = false
  const soon = () => {  // what changes together is drawn once, when all of it is here
    if (!waiting) { waiting = true; queueMicrotask(() => { waiting = false; draw() }) }
  }
  for (const name of ["rows", "named", "head", "by", "falling"]) { model.on(name, soon) }
  model.on("chosen", press)
}
