// A stretch of a page in one component: words, fields, buttons and files, as the server lists them in blocks.

const BLOCKS = 16

function save(told) {
  const raw = atob(told.data)
  const bytes = new Uint8Array(raw.length)
  for (let i = 0; i < raw.length; i++) { bytes[i] = raw.charCodeAt(i) }
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([bytes], {type: told.mime}))
  link.download = told.filename
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

// Folds that were open stay open where the words change around them.
// Each is known by its name or its words, and by which it is of those that share them: every card has a “Says who?”.
function name_folds(place) {
  const seen = new Map()
  return [...place.querySelectorAll("details")].map((fold) => {
    const name = fold.dataset.fold ?? fold.querySelector("summary")?.textContent ?? ""
    seen.set(name, (seen.get(name) ?? 0) + 1)
    return [`${name} ${seen.get(name)}`, fold]
  })
}

// Markup, which the server has escaped. Nothing else on the page is put in as markup.
function words() {
  const place = make("div", {class: "words"})
  const show = ({html}) => {
    const open = new Set(name_folds(place).filter(([, fold]) => fold.open).map(([name]) => name))
    place.innerHTML = html
    for (const [name, fold] of name_folds(place)) { fold.open ||= open.has(name) }
  }
  return {place, show}
}

function choice(send) {
  const select = make("select", {onchange: () => send(select.value)}), name = make("span")
  const place = make("label", {class: "field"}, name, select)
  let known = ""
  const show = ({label, options, value}) => {
    name.textContent = label
    if (known !== options.join("\n")) {
      known = options.join("\n")
      // An option without a value of its own sends its words with their spaces collapsed, which no field offers.
      select.replaceChildren(...options.map((option) => make("option", {value: option}, option)))
    }
    select.selectedIndex = options.indexOf(value)
  }
  return {place, show}
}

function entry(send) {
  const input = make("input", {type: "text", onchange: () => send(input.value)}), name = make("span")
  const place = make("label", {class: "field"}, name, input)
  let due = 0
  const heard = () => { clearTimeout(due); due = setTimeout(() => send(input.value), 200) }
  const entered = ({key}) => {
    if (key !== "Enter") { return }
    clearTimeout(due)
    send(`${input.value}\n`)
  }
  const show = ({label, value, longest, live}) => {
    name.textContent = label
    input.maxLength = longest
    input.oninput = live ? heard : null
    input.onkeydown = live ? entered : null
    place.classList.toggle("unasked", live && !value)
    const writing = live && input.getRootNode().activeElement === input
    if (!writing) { input.value = value }
  }
  return {place, show}
}

function tick(send) {
  const box = make("input", {type: "checkbox", onchange: () => send(box.checked ? "on" : "off")}), name = make("span")
  const show = ({label, value}) => {
    name.textContent = label
    box.checked = value
  }
  return {place: make("label", {class: "tick"}, box, name), show}
}

function push(send) {
  const place = make("button", {type: "button", class: "push", onclick: () => send("")})
  const show = ({label, disabled, filled}) => {
    place.textContent = label
    place.disabled = disabled
    place.classList.toggle("filled", filled)
  }
  return {place, show}
}

function files(send) {
  const said = make("span", {class: "said", role: "status"}), place = make("div", {class: "files", role: "group"})
  let buttons = {}
  const busy = (key, on) => buttons[key]?.setAttribute("aria-disabled", String(on))
  const tell = (text, wrong) => {
    said.textContent = text
    said.classList.toggle("wrong", wrong)
    said.setAttribute("role", wrong ? "alert" : "status")
  }
  const show = ({title, before, items}) => {
    place.setAttribute("aria-label", title)
    buttons = {}
    place.replaceChildren(...(before ? [make("span", {}, before)] : []))
    for (const [key, label, named] of items) {
      const ask = (event) => {
        if (buttons[key].getAttribute("aria-disabled") === "true") { return }
        if (event.composedPath().some((part) => part.classList?.contains("former"))) {
          tell("What you changed is still being worked out; take it in a moment.", false)
          return
        }
        busy(key, true)
        tell("Making it…", false)
        send(key)
      }
      buttons[key] = make("button", {type: "button", "aria-label": named, onclick: ask}, label)
      place.append(buttons[key])
    }
    place.append(said)
  }
  const came = (told) => {
    busy(told.key, false)
    if (told.problem) {
      tell(told.problem, true)
    } else {
      save(told)
      tell(`Saved as ${told.filename}`, false)
      setTimeout(() => { if (!said.classList.contains("wrong")) { tell("", false) } }, 6000)
    }
  }
  return {place, show, came}
}

const KINDS = {words, choice, entry, tick, push, files}

// A page that is visited again is drawn again, and Panel keeps what listened to messages: one listener at a time, and
// none once the sheet has gone, or each click would save a file for every visit.
const listening = new WeakMap()

function listen(model, came) {
  const before = listening.get(model)
  if (before) { model.off("msg:custom", before) }
  listening.set(model, came)
  model.on("msg:custom", came)
  model.on("remove", () => model.off("msg:custom", came))
}

export function render({model}) {
  const sheet = make("div", {class: "sheet"}), parts = {}
  const fill = (block, at) => {
    let tools = null
    block.replaceChildren()
    model[`block_${at}`].forEach((told, i) => {
      const part = `${at}.${i}`
      const send = (value) => {
        parts[part].told = ""  // it shows something else than it was told
        model.send_msg({part, value})
      }
      parts[part] ??= {told: "", ...KINDS[told.kind](send)}
      const {place} = parts[part]
      if (told.kind === "words" || told.kind === "files") {
        tools = null
        block.append(place)
      } else {
        if (!tools) { block.append(tools = make("div", {class: "tools"})) }
        tools.append(place)
      }
    })
    if (model[`block_${at}`].some(({kind}) => kind !== "words")) { block.classList.add("fields") }
  }
  // A part that stays as it was is left alone, and a field keeps its place, so that nobody loses the focus.
  const show = (at) => model[`block_${at}`].forEach((told, i) => {
    const part = parts[`${at}.${i}`], now = JSON.stringify(told)
    if (part.told === now) { return }
    part.told = now
    part.place.hidden = !told.visible
    part.show(told)
  })
  for (let at = 0; at < BLOCKS && model[`block_${at}`].length; at++) {
    const block = make("div", {class: "block"})
    fill(block, at)
    show(at)
    sheet.append(block)
    model.on(`block_${at}`, () => show(at))
  }
  listen(model, (told) => {
    if (told.stands) {  // what was sent was not taken
      parts[told.part].told = ""
      show(Number(told.part.split(".")[0]))
    } else if (told.brought) {
      const {place} = parts[told.part]
      place.tabIndex = -1
      Object.assign(place.style, {outline: "none", scrollMarginTop: "72px"})
      place.focus({preventScroll: true})
      place.scrollIntoView()
    } else {
      parts[told.part]?.came?.(told)
    }
  })
  return sheet
}
