// Stands before the scripts of widgets that build their elements by hand.

function make(tag, values = {}, ...inner) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith("on")) { element.addEventListener(name.slice(2), value) } else { element.setAttribute(name, value) }
  }
  element.append(...inner)
  return element
}
