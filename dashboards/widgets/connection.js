// Keeps an eye on the connection with the server: says when it is lost, turns the levers off, and comes back by itself.

(() => {
  const token = "TOKEN"
  const [GONE, FULL] = [4410, 4503]
  const BEAT = 15_000        // how often the server is asked whether it is there
  const SILENT = 20_000      // how long it may leave a change without an answer
  const PATIENCE = 10_000    // how long it may take to say that it is there
  const RETURN = 60_000      // how long a page may take to be drawn again
  const SOON = [500, 1_000, 2_000, 3_000]
  const LATER = 5_000
  const KEPT = "ringfence-unsent"
  const socket_address = () => {
    const path = location.pathname.replace(/\/+$/, "")
    return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}/ws${location.search}`
  }

  // Words. They are put into a live region that is there from the start.
  const place = () => document.getElementById("ringfence-connection")
  let said = ""
  function say(words, {note = false, link = "", close = false} = {}) {
    if (words === said) { return }
    said = words
    const box = document.createElement("div")
    box.className = note ? "note" : ""
    for (const line of words.split("\n")) {
      const paragraph = document.createElement("p")
      paragraph.textContent = line
      box.append(paragraph)
    }
    if (link) {
      const anchor = document.createElement("a")
      anchor.href = location.href
      anchor.textContent = link
      box.append(anchor)
    }
    if (close) {
      const button = document.createElement("button")
      button.type = "button"
      button.textContent = "Close"
      button.addEventListener("click", unsay)
      box.append(button)
    }
    place().replaceChildren(box)
  }
  function unsay() {
    said = ""
    place().replaceChildren()
  }

  // Levers off and on again, with the keyboard where it was.
  let focused = null
  function turn_off() {
    if (document.querySelector("body > [inert]")) { return }
    focused = document.activeElement
    while (focused?.shadowRoot?.activeElement) { focused = focused.shadowRoot.activeElement }
    for (const part of document.body.children) {
      if (part !== place() && !["SCRIPT", "STYLE"].includes(part.tagName)) { part.inert = true }
    }
  }
  function turn_on() {
    for (const part of document.body.children) { part.inert = false }
    if (focused?.isConnected) { focused.focus() }
    focused = null
  }

  // What was sent, and not yet answered.
  const waiting = new Map()
  let message = null
  function note_sent(data) {
    if (typeof data === "string" && data.startsWith('{"msgid"')) {
      const header = JSON.parse(data)
      message = header.msgtype === "PATCH-DOC" ? {parts: [], at: Date.now()} : null
      if (message) { waiting.set(header.msgid, message) }
    }
    message?.parts.push(data)
  }
  function note_heard(data) {
    if (typeof data === "string" && data.startsWith('{"msgid"')) {
      const header = JSON.parse(data)
      if (header.reqid) { waiting.delete(header.reqid) }
    }
  }
  const events = (sent) => { try { return JSON.parse(sent.parts[2]).events } catch { return [] } }
  // A value may be set twice; a press of a button counts twice.
  const again = (sent) => events(sent).length > 0 && events(sent).every((one) => one.kind === "ModelChanged")
  const PRESSES = ["data_event"]
  const pressed = (sent) => events(sent).some((one) => PRESSES.includes(one.msg_data?.name))
  function labels() {
    const found = new Set()
    for (const sent of waiting.values()) {
      for (const one of events(sent)) {
        const model = one.model && window.Bokeh?.documents[0]?.get_model_by_id(one.model.id)
        const label = model?.data?.label ?? model?.label
        if (label && one.kind === "ModelChanged") { found.add(label) }
      }
    }
    return [...found]
  }
  const Plain = window.WebSocket
  class Watched extends Plain {
    constructor(...given) {
      super(...given)
      this.addEventListener("message", (event) => {
        note_heard(event.data)
        if (this.resends && String(event.data).startsWith('{"msgid"') && event.data.includes('"ACK"')) {
          this.resends = false
          for (const sent of [...waiting.values()].filter(again)) { sent.parts.forEach((one) => super.send(one)) }
        }
      })
      this.resends = returning
    }

    send(data) {
      if (String(data).startsWith('{"msgid"')) { this.dropped = returning && data.includes('"PATCH-DOC"') }
      // A page that is drawn again would send all of itself back to where it came from.
      if (this.dropped || this.readyState !== Plain.OPEN) { return }
      note_sent(data)
      super.send(data)
    }
  }
  window.WebSocket = Watched

  // The server is asked.
  let session = null, returning = false, gone = false, away = false, asking = false, tries = 0, presses = false
  async function ask(address) {
    const answer = await fetch(address, {cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE)})
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) { return "out" }
    if (answer.status === 503) { return "full" }
    return answer.ok ? "here" : "away"
  }

  function lost(words) {
    if (away) { return }
    away = true
    tries = 0
    presses = [...waiting.values()].some(pressed)
    turn_off()
    say(words)
    come_back()
  }

  const LOST = "The connection to the server is lost. Levers are off, and numbers are those from before.\n" +
    "This page keeps trying to come back. What you have chosen is kept."

  const BACK = "The connection is back."

  async function come_back() {
    if (asking) { return }
    asking = true
    let found = "away"
    try {
      found = await ask(location.pathname)
    } catch { /* it is not there */ }
    asking = false
    if (!away) { return }
    tries += 1
    if (session && !gone && (found === "here" || found === "full")) {  // its page may still be there
      returning = true
      session.reconnect()
      setTimeout(not_there, RETURN)
      return
    }
    if (found === "here") {
      reload()
      return
    }
    if (found === "out") {
      say("You are signed out, or your login has run out. Levers are off.\nWhat you have chosen is kept.",
        {link: "Sign in and go on"})
      return
    }
    if (found === "full") {
      say("The dashboard is full. This page comes back by itself as soon as there is room. What you have chosen is kept.")
    } else if (tries > SOON.length) {
      say(LOST)
    }
    setTimeout(come_back, SOON[tries - 1] ?? LATER)
  }

  function not_there() {
    if (!away || !returning) { return }
    returning = false
    gone = true
    come_back()
  }

  function reload() {
    const names = labels()
    if (names.length) { store(KEPT, JSON.stringify(names)) }
    location.reload()
  }
  function store(key, value) { try { sessionStorage.setItem(key, value) } catch { /* not allowed here */ } }
  function take(key) {
    try {
      const value = sessionStorage.getItem(key)
      sessionStorage.removeItem(key)
      return value
    } catch { return null }
  }

  // Panel's own keeper of the address does not outlive a lost connection.
  let keeper = 0
  function keep_address() {
    const kept = window.Bokeh.documents[0].roots().find((one) => one.type.endsWith(".Location"))
    if (kept?.search && kept.search !== location.search) { history.replaceState({}, "", kept.search) }
  }

  function is_back() {
    keeper ||= setInterval(keep_address, 500)
    away = false
    returning = false
    turn_on()
    waiting.clear()
    if (presses) {
      say("The connection is back. What you pressed last may not have arrived.", {note: true, close: true})
    } else {
      say(BACK, {note: true})
      setTimeout(() => { if (said === BACK) { unsay() } }, 4_000)
    }
  }

  // The first connection: it has the page made while the scripts are still on their way.
  const early = new Plain(socket_address(), ["bokeh", token])
  early.onclose = (event) => {
    if (session || window.Bokeh?.documents?.length) { return }
    if (event.code === FULL) {
      say("The dashboard is full. This page opens by itself as soon as there is room.")
      setTimeout(() => location.reload(), LATER)
    } else if (event.code === GONE) {
      location.reload()
    } else if (event.code !== 1000) {
      lost(LOST)
    }
  }
  addEventListener("pagehide", () => early.close(1000))
  addEventListener("pageshow", (event) => { if (event.persisted) { location.reload() } })

  // From when the page stands.
  const stands = setInterval(() => {
    const document_ = window.Bokeh?.documents?.[0]
    if (!document_) { return }
    clearInterval(stands)
    early.close(1000)
    document_.on_event("connection_lost", (_, event) => {
      session = event
      if (returning) { not_there() } else { lost(LOST) }
    })
    document_.on_event("client_reconnected", is_back)
    const names = JSON.parse(take(KEPT) ?? "[]")
    if (names.length) {
      say(`What you changed as the connection broke may not have arrived. Please check: ${names.join("; ")}.`,
        {note: true, close: true})
    }
    setInterval(beat, BEAT)
    addEventListener("offline", beat)
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { beat() } })
  }, 100)

  // A connection may hang without an end: then the server is asked, and what waits for an answer tells.
  let silent = false
  async function beat() {
    if (away || (document.hidden && !silent)) { return }
    const oldest = Math.min(...[...waiting.values()].map((sent) => sent.at))
    let here = false
    try {
      await ask("favicon.ico")
      here = !(Date.now() - oldest > SILENT)
    } catch { /* no answer */ }
    if (away) { return }
    if (!here && !silent) {
      silent = true
      turn_off()
      say("The server does not answer. Levers are off until it does; what you have chosen is kept.")
    } else if (here && silent) {
      silent = false
      turn_on()
      say("The server answers again.", {note: true})
      setTimeout(() => { if (said === "The server answers again.") { unsay() } }, 4_000)
    }
    if (silent) { setTimeout(beat, LATER) }
  }
})()
