"use strict"
// Chooses among results that were worked out ahead. Every number and its words come from the data; nothing is fetched.
const D = JSON.parse(document.getElementById("data").textContent)
const at = (id) => document.getElementById(id)
const NAMES = "http://www.w3.org/2000/svg"
const SIZE = {leads: D.leadership.length, pressures: D.pressure.length}
const GRID = D.fences.length * SIZE.leads * SIZE.pressures

function made(tag, text, attributes = {}) {
  const found = document.createElement(tag)
  if (text !== undefined) { found.textContent = text }
  for (const [name, value] of Object.entries(attributes)) { found.setAttribute(name, value) }
  return found
}

function drawn(tag, attributes, text) {
  const found = document.createElementNS(NAMES, tag)
  for (const [name, value] of Object.entries(attributes)) { found.setAttribute(name, value) }
  if (text !== undefined) { found.textContent = text }
  return found
}

function picture(width, height, label) {
  return drawn("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, "font-size": 14, fill: "#212b32",
    "font-family": "'Segoe UI', -apple-system, BlinkMacSystemFont, 'Helvetica Neue', Arial, sans-serif"})
}

function fill(id, words, chosen) {
  words.forEach((word, i) => at(id).append(made("option", word, {value: i})))
  at(id).value = String(chosen)
}

const number = (id) => Number(at(id).value)
const cell = (side, pressure) => {
  const own = number(`own-${side}`)
  return own ? GRID + own - 1 : (number(`fence-${side}`) * SIZE.leads + number(`lead-${side}`)) * SIZE.pressures + pressure
}

function state() {
  const owned = number("own-b") || number("own-c")
  for (const side of ["b", "c"]) {
    at(`fence-${side}`).disabled = at(`lead-${side}`).disabled = number(`own-${side}`) > 0
  }
  if (owned) { at("pressure").value = "1" }
  at("pressure").disabled = Boolean(owned)
  at("pinned").textContent = owned ? "Scenarios of your own were worked out under the money pressure that is assumed." : ""
  const pressure = number("pressure")
  return {cells: [pressure, cell("b", pressure), cell("c", pressure)], outcome: number("outcome"), time: number("time")}
}

const title = (index) => D.titles[index]
const shown = (s) => [0, 1, 2].filter((i) => i < 2 || s.cells[2] !== s.cells[1])
const small = (word) => word[0].toLowerCase() + word.slice(1)
const what = (s) => `${small(D.outcomes[s.outcome][1])}, ${D.times[s.time][0]}`

// How many figures levels have: as few as let every difference on the page be that of the levels beside it.
function figures(s) {
  const differences = shown(s).slice(1).map((i) => D.cells[s.cells[i]].changes[s.outcome][s.time][10])
  if (shown(s).length > 2 && s.time === 0) {
    const found = between(s)
    if (found) { differences.push(found.change[s.outcome][10]) }
  }
  const enough = [0, 1, 2].findIndex((n) => differences.every((fits) => fits[n]))
  return enough < 0 ? 2 : enough
}

const level = (s, i) => D.cells[s.cells[i]].levels[s.outcome][s.time][3][figures(s)]

function lead(s, i) {
  const change = D.cells[s.cells[i]].changes[s.outcome][s.time]
  const [own, old] = [level(s, i), level(s, 0)]
  const verdict = D.verdicts[change[0]]
  if (verdict === D.same) {
    return `In this model, “${title(s.cells[i])}” makes no difference: about ${own} in each £100 (${what(s)}), as under today's rules.`
  }
  if (verdict === D.not_settled) {
    return `${D.futures.toLocaleString("en-GB")} futures do not settle whether “${title(s.cells[i])}” does better or worse on average ` +
      `than today's rules: about ${own} against ${old} in each £100 (${what(s)}).`
  }
  if (verdict === D.too_few) {
    return `${D.futures} futures are too few for a verdict, which takes ${D.fewest}: in what was run, “${title(s.cells[i])}” gives about ` +
      `${own} in each £100 (${what(s)}), today's rules ${old}.`
  }
  return `In this model, “${title(s.cells[i])}” gives about ${own} in each £100 (${what(s)}), on average ${change[6]} ` +
    `${change[1] > 0 || change[7][0] === "+" ? "more" : "less"} than today's rules (${old}).`
}

function sure(name, against, change) {
  const verdict = D.verdicts[change[0]]
  if (verdict === D.same) { return `${name} gives the same result as ${against} in every future.` }
  if (verdict === D.too_few) {
    return `${D.futures} futures are too few for a verdict on ${name} against ${against}, which takes ${D.fewest}: ${change[7]} on average; ${change[9]}.`
  }
  const numbers = `${change[7]} on average, ${change[11]}; 80% range ${change[8]}; ${change[9]}`
  if (verdict === D.not_settled) { return `Whether ${name} does better or worse than ${against} on average is not settled: ${numbers}.` }
  const [word, often] = D.parts[change[0]]
  return `${name} does ${word} than ${against} ${often}: ${numbers}.`
}

function between(s) {
  const [, b, c] = s.cells
  const turned = c < b
  const change = D.pairs[turned ? `${b}-${c}` : `${c}-${b}`]
  return b === c || !change ? null : {change, names: turned ? ["B", "C"] : ["C", "B"]}
}

function pair(s) {
  const found = between(s)
  if (!found) { return "" }
  return `${sure(...found.names, found.change[s.outcome])} (${D.times[0][0]}, the same futures.)`
}

function card(s, i) {
  const [mean, low, high, , likely] = D.cells[s.cells[i]].levels[s.outcome][s.time]
  const said = level(s, i)
  const [colour] = D.styles[i]
  const section = made("section", undefined, {class: "card", style: `border-top-color:${colour}`})
  const heading = made("h3")
  heading.append(made("span", D.letters[i], {class: "letter", style: `border-color:${colour}`}), ` ${i ? title(s.cells[i]) : "Today's rules"}`)
  const big = made("p", said, {class: "big"})
  big.append(made("small", " of each £100"))
  const line = i ? D.cells[s.cells[i]].changes[s.outcome][s.time][9] : "what the others are compared with"
  section.append(heading, big, made("p", `80% range ${likely}`), squares(mean, low, high, colour, said, likely),
    made("p", `${line[0].toUpperCase()}${line.slice(1)}.`))
  return section
}

function squares(mean, low, high, colour, said, likely) {
  const svg = picture(182, 182, `100 squares, £1 each: ${said} on average; 80% range ${likely}.`)
  const round = (x) => Math.min(100, Math.max(0, Math.floor(x / 10 + 0.5)))
  const average = mean === null ? 0 : round(mean)
  const certain = mean === null ? 0 : Math.min(average, round(low))
  const top = mean === null ? 0 : Math.max(average, round(high))
  for (let i = 0; i < 100; i++) {
    const paint = i < certain ? {fill: colour, stroke: colour} : i < average ? {fill: colour, "fill-opacity": 0.55, stroke: colour} :
      i < top ? {fill: colour, "fill-opacity": 0.12, stroke: colour, "stroke-dasharray": "2 2"} : {fill: "#fff", stroke: "#c4cbd0"}
    svg.append(drawn("rect", {x: 1 + (i % 10) * 18.3, y: 1 + Math.floor(i / 10) * 18.3, width: 15, height: 15, rx: 2, ...paint}))
  }
  return svg
}

const listed = (words) => words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`
const money = (thousandths) => thousandths === null ? "not defined" : `£${Number((thousandths / 10).toPrecision(2))}`

const room = (id) => Math.max(250, Math.min(760, at(id).clientWidth - 34))

function bands(s) {
  const wide = room("bands")
  const [left, right, top, floor] = [46, wide - 70, 14, wide < 500 ? 220 : 300]
  const last = D.years.length - 1
  const x = (i) => left + (right - left) * i / last
  const y = (v) => floor - (floor - top) * v / 1000
  const words = shown(s).map((i) => {
    const q = D.cells[s.cells[i]].bands[s.outcome]
    return `${D.letters[i]}, ${i ? title(s.cells[i]) : "today's rules"}: the middle future of ${D.years[last]} is ${money(q[2][last])} in each ` +
      `£100; 80 of 100 futures lie between ${money(q[0][last])} and ${money(q[4][last])}.`
  })
  const svg = picture(wide, floor + 30, words.join(" "))
  for (const v of [0, 250, 500, 750, 1000]) {
    svg.append(drawn("line", {x1: left, x2: right, y1: y(v), y2: y(v), stroke: v ? "#d8dde0" : "#4c6272"}),
      drawn("text", {x: left - 8, y: y(v) + 5, "text-anchor": "end", fill: "#4c6272"}, `£${v / 10}`))
  }
  const every = Math.ceil(62 * D.years.length / (right - left))
  D.years.forEach((year, i) => (last - i) % every || svg.append(
    drawn("text", {x: x(i), y: floor + 22, "text-anchor": "middle", fill: "#4c6272"}, year)))
  const ends = []
  for (const i of shown(s)) {
    const q = D.cells[s.cells[i]].bands[s.outcome]
    const [colour, dash] = D.styles[i]
    const there = q[2].map((v, k) => k).filter((k) => q[2][k] !== null && (i === 0 || k >= D.times[0][1] - 1))
    const area = (low, high) => [...there.map((k) => `${x(k)},${y(q[high][k])}`), ...there.reverse().map((k) => `${x(k)},${y(q[low][k])}`)].join(" ")
    for (const [low, high, shade] of [[0, 4, 0.1], [1, 3, 0.2]]) {
      svg.append(drawn("polygon", {points: area(low, high), fill: colour, "fill-opacity": shade}))
      there.reverse()
    }
    svg.append(drawn("polyline", {points: there.map((k) => `${x(k)},${y(q[2][k])}`).join(" "), fill: "none", stroke: colour,
      "stroke-width": 2.6, "stroke-dasharray": dash || "none"}))
    if (q[2][last] !== null) { ends.push([y(q[2][last]), `${D.letters[i]} ${money(q[2][last])}`]) }
  }
  ends.sort((a, b) => a[0] - b[0])
  ends.forEach((end, k) => { if (k && end[0] < ends[k - 1][0] + 18) { end[0] = ends[k - 1][0] + 18 } })
  for (const [height, label] of ends) { svg.append(drawn("text", {x: right + 10, y: height + 5, "font-weight": 600}, label)) }
  at("bands").replaceChildren(svg)
  const middles = shown(s).map((i) => `${money(D.cells[s.cells[i]].bands[s.outcome][2][last])} under ${D.letters[i]}`)
  at("time-h").textContent = `In the middle future of ${D.years[last]}: ${listed(middles)} in each £100`
  at("bands-words").replaceChildren(...words.map((word) => made("li", word)))
}

function differences(s) {
  const rows = shown(s).slice(1).map((i) => [i, D.cells[s.cells[i]].changes[s.outcome][s.time]])
  const ends = rows.flatMap(([, change]) => change.slice(1, 6)).filter((v) => v !== null)
  const [least, most] = [Math.min(0, ...ends) - 10, Math.max(0, ...ends) + 10]
  const wide = room("differences")
  const x = (v) => 18 + (wide - 36) * (v - least) / (most - least)
  const height = 30 + 62 * rows.length
  const svg = picture(wide, height + 34, rows.map(([i, change]) => sure(D.letters[i], "today's rules", change)).join(" "))
  const step = [5, 10, 20, 50, 100, 200, 500].find((one) => (most - least) / one <= wide / 80) ?? 500
  for (let v = Math.ceil(least / step) * step; v <= most; v += step) {
    svg.append(drawn("line", {x1: x(v), x2: x(v), y1: 4, y2: height, stroke: v ? "#d8dde0" : "#212b32", "stroke-width": v ? 1 : 1.6}),
      drawn("text", {x: x(v), y: height + 20, "text-anchor": "middle", fill: "#4c6272"}, `${v > 0 ? "+" : v < 0 ? "−" : ""}${Math.abs(v / 10)}`))
  }
  rows.forEach(([i, change], k) => {
    const [colour] = D.styles[i]
    const y = 56 + 62 * k
    const rim = {"paint-order": "stroke", stroke: "#fff", "stroke-width": 5, "stroke-linejoin": "round", "font-weight": 600}
    svg.append(drawn("text", {x: 4, y: y - 22, ...rim}, wide < 500 ? D.letters[i] : `${D.letters[i]}  ${title(s.cells[i])}`), drawn("text", {x: wide - 4, y: y - 22, "text-anchor": "end", ...rim}, change[7]))
    if (change[1] === null) { return }
    svg.append(drawn("line", {x1: x(change[4]), x2: x(change[5]), y1: y, y2: y, stroke: colour, "stroke-width": 2}),
      drawn("line", {x1: x(change[2]), x2: x(change[3]), y1: y, y2: y, stroke: colour, "stroke-width": 8}),
      drawn("circle", {cx: x(change[1]), cy: y, r: 8, fill: colour, stroke: "#fff", "stroke-width": 1.5}))
  })
  at("differences").replaceChildren(svg)
  const found = rows.map(([i, change]) => `${D.letters[i]} ${D.does[change[0]]}`)
  at("diff-h").textContent = `Against today's rules, ${listed(found)}`
}

function table(s) {
  at("table-c").textContent = `${D.outcomes[s.outcome][1]} (${D.outcomes[s.outcome][2]}), ${D.times[s.time][0]}: £ in each £100`
  const row = (tag, cells) => {
    const found = made("tr")
    cells.forEach((cell, i) => found.append(made(tag === "th" || i === 0 ? "th" : "td", cell, tag === "th" ? {scope: "col"} : i === 0 ? {scope: "row"} : {})))
    return found
  }
  at("table-head").replaceChildren(row("th", ["Policy", "Average", "80% range", "Against today's rules", "Known to within", "80% range of that", "Futures", "Verdict"]))
  at("table-body").replaceChildren(...shown(s).map((i) => {
    const found = D.cells[s.cells[i]]
    const [, , , , likely] = found.levels[s.outcome][s.time]
    const said = level(s, i)
    const change = found.changes[s.outcome][s.time]
    const name = `${D.letters[i]} ${i ? title(s.cells[i]) : "Today's rules"}`
    return row("td", [name, said, likely, ...(i ? [change[7], change[12], change[8], change[9], D.verdicts[change[0]]] : ["", "", "", "", ""])])
  }))
}

function show() {
  const s = state()
  at("lead-one").textContent = lead(s, 1)
  at("lead-two").textContent = shown(s).length > 2 ? lead(s, 2) : ""
  at("sure").textContent = pair(s)
  at("cards").replaceChildren(...shown(s).map((i) => card(s, i)))
  bands(s)
  differences(s)
  table(s)
  at("prints").textContent = `Fingerprints: ${shown(s).map((i) => `${D.letters[i]} ${D.prints[s.cells[i]]}`).join(", ")}; code ${D.code}.`
}

fill("pressure", D.pressure, 1)
fill("outcome", D.outcomes.map((one) => one[1]), Math.max(0, D.outcomes.findIndex((one) => one[0] === D.outcome)))
fill("time", D.times.map((one) => one[0]), 0)
for (const [side, fence, leads] of [["b", 2, 0], ["c", 0, 2]]) {
  fill(`own-${side}`, ["The two choices below", ...D.own.map((word) => `Own: ${word}`)], 0)
  fill(`fence-${side}`, D.fences, fence)
  fill(`lead-${side}`, D.leadership, leads)
}
D.limits.forEach((words) => at("limits").append(made("li", words)))
at("made").textContent = `Ringfence ${D.version}, made on ${D.date}. ${D.futures.toLocaleString("en-GB")} paired futures of ${D.boards}${D.own_boards ? ` (fingerprint ${D.own_boards})` : ""}, seed ${D.seed}. ${D.badge}.`
at("again").textContent = D.command
at("needs").textContent = D.needs.join(" ")
at("controls").addEventListener("change", show)
let waiting = 0
addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => { const s = state(); bands(s); differences(s) }, 150) })
at("controls").addEventListener("submit", (event) => event.preventDefault())
show()
