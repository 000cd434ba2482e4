// The only way this page creates elements. Texts become text nodes and attributes, never markup, so
// that the words of users, models and peers remain text.

const SVG = "http://www.w3.org/2000/svg";

// Attributes that could carry code or leave the page are set by name where needed.
const PLAIN = /^(?:id|class|role|type|title|tabindex|for|name|value|scope|colspan|href|download|hidden|disabled|placeholder|spellcheck|open|d|x|y|x1|x2|y1|y2|cx|cy|r|rx|width|height|viewBox|points|transform|preserveAspectRatio|dx|dy|text-anchor|clip-path|aria-[a-z]+|data-[a-z-]+)$/;

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (PLAIN.test(name)) node.setAttribute(name, value === true ? "" : String(value));
    else throw new Error(`no attribute ${name} here`);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** An HTML element: `h("p", { class: "muted" }, "text", child)`. `on...` properties are listeners. */
export function h(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** An SVG element, likewise. */
export function s(tag, properties, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/** Text from a peer: isolated from its surroundings, so that its direction marks end with it. */
export function said(text, properties) {
  return h("bdi", properties, text ?? "");
}

/** Changes a text only if it differs, to avoid needless layout and announcements. */
export function setText(node, text) {
  const value = text === null || text === undefined ? "" : String(text);
  if (node.textContent !== value) node.textContent = value;
}

export function setData(node, name, value) {
  if (value === null || value === undefined || value === "") delete node.dataset[name];
  else if (node.dataset[name] !== String(value)) node.dataset[name] = value;
}

export const byId = id => document.getElementById(id);

let announced = "";
/** Announces a text to screen readers. A repeated text is announced once. */
export function announce(text) {
  if (text === announced) return;
  announced = text;
  setText(byId("announcer"), text);
}

/** Calls `draw` once before the next frame, however often it was requested. */
export function coalesced(draw) {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => { isAsked = false; draw(); });
  };
}
