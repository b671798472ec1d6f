// Elements, found and made.
export const byId = (id) => document.getElementById(id);

export function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  return filled(made, attributes, children);
}

export function draw(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function show(element, shown) {
  element.hidden = !shown;
}

// A number for people: three digits that count, without an exponent where that reads well.
export function short(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 10000 || size < 0.001 ? value.toExponential(1) : String(+value.toPrecision(3));
}
