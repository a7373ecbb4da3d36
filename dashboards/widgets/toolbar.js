// The toolbar: scenario chips, what counts, undo and redo; a fold with the other settings and what the answer rests on.

const SVG = "http://www.w3.org/2000/svg"

function sample({colour, dash}) {
  const svg = document.createElementNS(SVG, "svg"), line = document.createElementNS(SVG, "line")
  const put = (node, values) => Object.entries(values).forEach(([name, value]) => node.setAttribute(name, value))
  put(svg, {viewBox: "0 0 26 10", width: 26, height: 10, "aria-hidden": "true"})
  put(line, {x1: 0, y1: 5, x2: 26, y2: 5, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash})
  line.style.stroke = `var(--page-c${colour.slice(1).toLowerCase()}, ${colour})`
  svg.append(line)
  return svg
}

// A field keeps its place while the rest is drawn again, so that nobody loses the focus.
function choice(label, send) {
  const select = make("select", {"aria-label": label, onchange: () => send(select.value)})
  const show = (options, value) => {
    const known = JSON.stringify(options)
    if (select.dataset.known !== known) {
      select.replaceChildren(...options.map(([key, words]) => make("option", {value: key}, words)))
      select.dataset.known = known
    }
    select.value = value
  }
  return {select, show}
}

export function render({model}) {
  const send = (what, value = "") => model.send_msg({what, value: String(value)})
  const title = make("h1", {}), chips = make("ul", {class: "chips", "aria-label": "Scenarios"})
  const outcome = choice("What counts", (value) => send("outcome", value))
  const years = choice("Years", (value) => send("years", value)), futures = choice("Futures", (value) => send("futures", value))
  const wrong = make("p", {class: "wrong", role: "alert", id: "seed-wrong"})
  const seed = make("input", {type: "text", "aria-label": "Seed", maxlength: 40, autocomplete: "off", onchange: () => send("seed", seed.value)})
  const undo = make("button", {type: "button", "aria-label": "Undo", onclick: () => send("undo")}, "↶")
  const redo = make("button", {type: "button", "aria-label": "Redo", onclick: () => send("redo")}, "↷")
  const cancel = make("button", {type: "button", onclick: () => send("cancel")}, "Cancel")
  const said = make("p", {class: "quiet", role: "status"}), bar = make("progress", {"aria-label": "Futures worked out"})
  const rests = make("p", {class: "quiet"})
  const field = (words, control) => make("label", {}, words, " ", control)
  const seed_field = make("div", {}, field("Seed", seed), wrong)
  const fold = make("div", {class: "settings", id: "settings", hidden: ""}, field("Years", years.select),
    field("Futures", futures.select), seed_field, rests)
  const open = make("button", {type: "button", "aria-controls": "settings", onclick: () => {
    fold.hidden = !fold.hidden
    name_fold()
  }}, "Settings")
  const name_fold = () => {
    open.setAttribute("aria-expanded", String(!fold.hidden))
    open.setAttribute("aria-label", fold.hidden ? "Show settings" : "Hide settings")
  }
  name_fold()
  const tools = make("div", {class: "tools"}, outcome.select, undo, redo, open)
  const draw = () => {
    const {state} = model
    title.textContent = state.title
    globalThis.ringfenceTitles = state.chips.slice(1).map((chip) => chip.title)  // for the offer to go on, continue.js
    const known = JSON.stringify(state.chips)
    if (chips.dataset.known !== known) {
      chips.replaceChildren(...state.chips.map((chip) =>
        make("li", {}, make("button", {type: "button", title: chip.title, "aria-label": `${chip.letter}: ${chip.title}. Open in Build`,
          onclick: () => send("open", chip.letter)}, make("b", {}, chip.letter), sample(chip), make("span", {}, chip.title)))))
      chips.dataset.known = known
    }
    outcome.show(state.outcomes, state.outcome)
    years.show(state.spans, state.years)
    futures.show(state.counts, state.futures)
    if (seed.getRootNode().activeElement !== seed || !state.wrong) { seed.value = state.wrong ? seed.value : state.seed }
    wrong.textContent = state.wrong
    if (state.wrong) {
      seed.setAttribute("aria-invalid", "true")
      seed.setAttribute("aria-describedby", "seed-wrong")
      fold.hidden = false
      name_fold()
    } else {
      seed.removeAttribute("aria-invalid")
      seed.removeAttribute("aria-describedby")
    }
    undo.disabled = !state.can_undo
    redo.disabled = !state.can_redo
    rests.textContent = state.rests
    tell()
  }
  // What comes many times a second, while futures are worked out, touches these alone.
  const tell = () => {
    const [done, total] = model.progress
    cancel.hidden = bar.hidden = !total
    bar.max = total || 1
    bar.value = done
    if (said.textContent !== model.said) { said.textContent = model.said }
  }
  model.on("state", draw)
  model.on("progress", tell)
  model.on("said", tell)
  const stand = () => {
    said.classList.toggle("waits", model.standing !== "whole")
  }
  model.on("standing", stand)
  stand()
  draw()
  return make("div", {class: "bar"}, make("div", {class: "line top"}, title, said, bar, cancel),
    make("div", {class: "line"}, chips, tools), fold)
}
