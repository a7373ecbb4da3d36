// A tile map of real buttons: one stop for the Tab key, arrows to the nearest tile, Enter or Space to choose.

const BETWEEN = 2.2

function nearest(tiles, from, dx, dy) {
  let best = null, least = Infinity
  for (const tile of tiles) {
    const along = (tile.col - from.col) * dx + (tile.row - from.row) * dy
    const across = Math.abs((tile.col - from.col) * dy) + Math.abs((tile.row - from.row) * dx)
    const far = along + BETWEEN * across
    if (along > 0 && far < least) { best = tile; least = far }
  }
  return best
}

function dress(button, tile) {
  button.firstChild.textContent = tile.abbr
  button.firstChild.className = tile.abbr.length > 6 ? "long" : ""
  button.lastChild.textContent = tile.value
  button.setAttribute("aria-label", tile.label)
  button.className = `tile ${tile.joins.map((side) => `join-${side}`).join(" ")}${tile.body ? " body" : ""}${tile.off ? " off" : ""}`
  button.style.gridColumn = tile.col + 1
  button.style.gridRow = tile.row + 1
  button.style.backgroundColor = tile.off ? "transparent" : tile.fill
  button.style.color = tile.off ? "inherit" : tile.ink
}

export function render({model, el}) {
  const map = document.createElement("div")
  map.className = "map"
  map.setAttribute("role", "group")
  const said = document.createElement("p")
  said.className = "said"
  said.setAttribute("aria-hidden", "true")  // the same words are each tile's name
  const frame = document.createElement("div")
  frame.className = "frame"
  frame.append(map)
  el.append(frame, said)
  let buttons = new Map()
  let stop = ""

  const tiles = () => model.tiles
  const tell = (code) => {
    const tile = tiles().find((one) => one.code === code)
    said.textContent = tile ? tile.label : matchMedia("(hover: none)").matches ? model.touch_hint : model.hint
  }
  const settle = () => {
    if (!buttons.has(stop)) { stop = buttons.has(model.chosen) ? model.chosen : (tiles()[0] ?? {code: ""}).code }
    for (const [code, button] of buttons) {
      button.tabIndex = code === stop ? 0 : -1
      button.setAttribute("aria-pressed", code === model.chosen ? "true" : "false")
    }
  }
  const make = (tile) => {
    const button = document.createElement("button")
    button.type = "button"
    button.dataset.code = tile.code
    button.append(document.createElement("b"), document.createElement("span"))
    button.addEventListener("click", () => { stop = tile.code; model.chosen = tile.code; settle() })
    button.addEventListener("focus", () => { stop = tile.code; settle(); tell(tile.code) })
    button.addEventListener("mouseenter", () => tell(tile.code))
    button.addEventListener("mouseleave", () => tell(model.chosen))
    return button
  }
  const draw = () => {
    const codes = tiles().map((tile) => tile.code)
    if (codes.join(" ") !== [...buttons.keys()].join(" ")) {
      buttons = new Map(tiles().map((tile) => [tile.code, make(tile)]))
      map.replaceChildren(...buttons.values())
    }
    for (const tile of tiles()) { dress(buttons.get(tile.code), tile) }
    map.style.setProperty("--columns", 1 + Math.max(0, ...tiles().map((tile) => tile.col)))
    map.setAttribute("aria-label", model.named)
    settle()
    tell(model.chosen)
  }
  map.addEventListener("keydown", (event) => {
    const at = tiles().find((tile) => tile.code === stop)
    const ways = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]}
    let to = null
    if (event.ctrlKey || event.altKey || event.metaKey || !at) { return }
    if (event.key in ways) { to = nearest(tiles(), at, ...ways[event.key]) }
    else if (event.key === "Home") { to = tiles()[0] }
    else if (event.key === "End") { to = tiles().at(-1) }
    else { return }
    event.preventDefault()
    event.stopPropagation()
    if (to) { buttons.get(to.code).focus() }
  })
  draw()
  model.on("tiles", draw)
  model.on("named", draw)
  model.on("hint", () => tell(model.chosen))
  model.on("chosen", () => { if (buttons.has(model.chosen)) { stop = model.chosen } settle(); tell(model.chosen) })
}
