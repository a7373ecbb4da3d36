// The form of the Build page: the explorer's fields, with a server behind them. What is chosen here is sent whole, with a
// running number; what the server holds is drawn unless something newer has been sent meanwhile.

const given = JSON.parse(GIVEN)
const SVG = "http://www.w3.org/2000/svg"

const sample = ({ colour, dash }) => {
  const svg = document.createElementNS(SVG, "svg"), line = document.createElementNS(SVG, "line")
  const put = (node, values) => Object.entries(values).forEach(([name, value]) => node.setAttribute(name, value))
  put(svg, { viewBox: "0 0 26 10", width: 26, height: 10, "aria-hidden": "true" })
  put(line, { x1: 0, y1: 5, x2: 26, y2: 5, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash })
  line.style.stroke = `var(--page-c${colour.slice(1).toLowerCase()}, ${colour})`
  svg.append(line)
  return svg
}

export function render({ model }) {
  const own = { ...given, presets: { ...given.presets } }
  const box = document.createElement("form")
  box.id = "build"
  box.setAttribute("aria-label", "Build a policy")
  box.setAttribute("autocomplete", "off")
  box.addEventListener("submit", event => event.preventDefault())
  const slots = document.createElement("div"), controls = document.createElement("div"), answer = document.createElement("p")
  Object.assign(slots, { id: "slots", className: "tabs" })
  slots.setAttribute("role", "group")
  slots.setAttribute("aria-label", "Scenarios")
  controls.id = "controls"
  answer.className = "said"
  answer.setAttribute("aria-hidden", "true")  // the headline says it to screen readers
  box.append(slots, controls, answer)

  const choice = RingfenceSelection(own, { fill: name => name })
  // A form that is drawn again, when a lost connection is back, has the same folds open.
  const open = window.ringfenceFolds ??= new Set()
  const form = RingfenceControls(own, choice, { sample, open }, box)
  let held = { slots: [], settings: {} }, at = 0, shown = "", sent = model.state.rev

  const send = (moving) => {
    sent += 1
    model.send_msg({ change: JSON.stringify({ rev: sent, at, moving, slots: held.slots.slice(1) }) })
  }
  const mend = (fix, says) => {
    sent += 1
    model.send_msg({ change: JSON.stringify({ rev: sent, fix, says }) })
  }
  const change = (selection, moving = false, problem = "", slot = at) => {
    held = selection
    at = Math.min(slot, selection.slots.length - 1)
    if (moving) form.follow(held, at)
    else draw()
    send(moving)
  }
  const choose = (slot) => {
    at = slot
    draw()
    send(false)
  }
  const remarks = () => {
    const { hints, differs, from_today } = model.state, { node } = form
    const boxes = hints.map(([says, button], i) => node("div", { class: "hint" }, node("p", {}, says),
      button ? node("button", { type: "button", "data-keep": `hint-${i}`, onclick: () => mend(i, says) }, button) : null))
    const listed = lines => () => lines.length ? node("ul", {}, lines.map(line => node("li", {}, line))) : node("p", { class: "small" }, "Not at all so far.")
    const start = own.presets[held.slots[at].preset]
    const printed = from_today.length ? [node("div", { class: "printed" },
      node("p", {}, node("b", {}, "What differs from today's rules")), listed(from_today)())] : []
    return [...boxes, ...printed, form.fold("today", `What differs from today's rules (${from_today.length})`, listed(from_today)),
      ...Object.keys(start.levers).length ? [form.fold("differs", `What differs from “${start.title}” (${differs.length})`, listed(differs))] : []]
  }
  const draw = () => {
    const kept = box.getRootNode().activeElement
    const key = box.contains(kept) ? kept.dataset?.keep || kept.id : ""
    form.draw(held, at, { change, choose, remarks })
    if (key) (box.querySelector(`[data-keep="${CSS.escape(key)}"]`) || box.querySelector(`#${CSS.escape(key)}`))?.focus({ preventScroll: true })
  }
  const receive = () => {
    const { rev, at: slot, slots: told, own: starts } = model.state
    if (rev < sent) return
    sent = rev
    const text = JSON.stringify(model.state)
    if (text === shown) return
    shown = text
    Object.assign(own.presets, starts)
    held = { slots: told, settings: {} }
    at = slot
    draw()
  }
  const say = () => { answer.textContent = model.said }
  model.on("state", receive)
  model.on("said", say)
  receive()
  say()
  return box
}
