// A file of one's own: its size is looked at first, it is sent in pieces, and whatever is wrong is said in words.

const PIECE = 300_000

export function render({model}) {
  const row = document.createElement("div")
  row.className = "row"
  const field = document.createElement("input")
  field.type = "file"
  field.id = `file-${Math.random().toString(36).slice(2)}`
  field.accept = model.accept
  const label = document.createElement("label")
  label.htmlFor = field.id
  label.textContent = model.label
  const said = document.createElement("span")
  said.className = "said"
  const tell = (words, wrong = false) => {
    said.setAttribute("role", wrong ? "alert" : "status")
    said.classList.toggle("wrong", wrong)
    said.textContent = words
  }
  const encoded = (bytes) => {
    let text = ""
    for (let at = 0; at < bytes.length; at += 0x8000) {
      text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
    }
    return btoa(text)
  }
  field.addEventListener("change", async () => {
    const file = field.files[0]
    if (!file) { return }
    const name = file.name
    if (file.size > model.largest) {
      tell(`${name} is larger than ${model.largest_words}, which is the most that is taken here.`, true)
    } else if (file.size === 0) {
      tell(`${name} is empty.`, true)
    } else {
      tell(`Sending ${name}…`)
      try {
        const bytes = new Uint8Array(await file.arrayBuffer())
        for (let at = 0; at < bytes.length; at += PIECE) {
          model.send_msg({name, size: bytes.length, at, data: encoded(bytes.subarray(at, at + PIECE))})
        }
        tell(`${name} was sent.`)
      } catch {
        tell(`${name} could not be read. Is it open in another program?`, true)
      }
    }
  })
  // The same file may be chosen again, once it is mended; until then its name stands at the field.
  field.addEventListener("click", () => {
    field.value = ""
    tell("")
  })
  row.append(label, field, said)
  return row
}
