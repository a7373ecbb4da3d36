// Small buttons that ask for a file and save it when it comes.

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

// A page that is visited again is drawn again, and Panel keeps what listened to messages: one listener at a time, and
// none once the row has gone, or each click would save a file for every visit.
const listening = new WeakMap()

function listen(model, came) {
  const before = listening.get(model)
  if (before) { model.off("msg:custom", before) }
  listening.set(model, came)
  model.on("msg:custom", came)
  model.on("remove", () => model.off("msg:custom", came))
}

export function render({model}) {
  const row = document.createElement("div")
  row.className = "row"
  row.setAttribute("role", "group")
  const said = document.createElement("span")
  said.className = "said"
  said.setAttribute("role", "status")
  let buttons = {}
  const busy = (key, on) => {
    const button = buttons[key]
    if (button) { button.setAttribute("aria-disabled", String(on)) }
  }
  const tell = (words, wrong) => {
    said.textContent = words
    said.classList.toggle("wrong", wrong)
    said.setAttribute("role", wrong ? "alert" : "status")
  }
  const draw = () => {
    row.setAttribute("aria-label", model.title)
    buttons = {}
    const words = document.createElement("span")
    words.textContent = model.words
    row.replaceChildren(...(model.words ? [words] : []))
    for (const [key, label, named] of model.items) {
      const button = document.createElement("button")
      button.type = "button"
      button.textContent = label
      button.setAttribute("aria-label", named)
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") === "true") { return }
        busy(key, true)
        tell("Making it…", false)
        model.send_msg({key})
      })
      buttons[key] = button
      row.append(button)
    }
    row.append(said)
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
  draw()
  model.on("items", draw)
  listen(model, came)
  return row
}
