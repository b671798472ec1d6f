// Who paints, and how: the panel beside the picture.
import { get, send } from "./api.js";
import { byId, make, show } from "./dom.js";
import { has, onLanguage, t } from "./i18n.js";
import { takePictures } from "./source.js";

let painters = [], stylePicture = null, changed = () => {};

// An included painter has a name in every language; a run has its own.
export function painterName(name) {
  const key = `painter.${name.replace("included/", "")}`;
  return name.startsWith("included/") && has(key) ? t(key) : name;
}

export const chosen = () => painters.find(({ name }) => name === document.querySelector("[name=painter]:checked")?.value);
export const needsPicture = () => Boolean(chosen()?.style_image && !chosen().styles.length && !stylePicture);

export async function openSettings(hear, trouble) {
  changed = hear;
  takePictures(byId("style-drop"), byId("style-choose"), byId("style-file"), (file) => takeStyle(file).catch(trouble));
  byId("style-remove").addEventListener("click", () => {
    stylePicture = null;
    showStyle();
    byId("style-choose").focus();
  });
  byId("strength").addEventListener("input", () => { byId("strength-value").textContent = `${byId("strength").value} %`; });
  byId("seed-again").addEventListener("click", () => { byId("seed").value = Math.floor(Math.random() * 1e6); });
  byId("size").addEventListener("change", () => { byId("size").dataset.chosen = "yes"; });
  onLanguage(list);
  await loadPainters();
}

export async function loadPainters() {
  painters = await get("/api/painters");
  show(byId("painters-wait"), false);
  list();
}

function list() {
  if (!painters.length) return;
  const before = chosen()?.name ?? painters[0].name;
  for (const included of [true, false]) {
    const some = painters.filter((painter) => painter.included === included);
    byId(included ? "painters-included" : "painters-own").replaceChildren(...some.map(swatch));
    if (!included) show(byId("painters-own-title"), some.length > 0);
  }
  const radio = [...document.querySelectorAll("[name=painter]")].find(({ value }) => value === before);
  (radio ?? document.querySelector("[name=painter]")).checked = true;
  suit();
}

function swatch({ name, included }) {
  const picture = included ? make("img", { src: `/api/painters/${name}/picture`, alt: "", loading: "lazy" }) : null;
  const radio = make("input", { type: "radio", name: "painter", value: name, onchange: suit });
  return make("label", {}, radio, picture, make("span", {}, painterName(name)));
}

// Only what this painter understands can be set.
function suit() {
  const painter = chosen(), styles = painter.styles;
  const key = `about.${painter.name.replace("included/", "")}`;
  byId("about").textContent = painter.included ? (has(key) ? t(key) : painter.about) : painter.method;
  suggestSize(painter.size);
  show(byId("style-setting"), styles.length > 0);
  const kept = byId("style").value;
  byId("style").replaceChildren(make("option", { value: "" }, t("style.all")), ...styles.map((style) => make("option", {}, style)));
  byId("style").value = styles.includes(kept) ? kept : "";
  show(byId("style-picture-setting"), painter.style_image);
  show(byId("strength-setting"), painter.strength);
  show(byId("seed-setting"), painter.seed);
  show(byId("slow"), painter.slow);
  changed();
}

// The size that a run was made for, until somebody chooses another.
function suggestSize(size) {
  const select = byId("size");
  if (select.dataset.chosen) return;
  if (![...select.options].some(({ value }) => value === String(size))) select.prepend(make("option", {}, String(size)));
  select.value = String(size);
}

async function takeStyle(file) {
  const sent = await send(file, () => {});
  stylePicture = { ...sent, file, address: URL.createObjectURL(file) };
  showStyle();
}

function showStyle() {
  const shown = byId("style-shown");
  show(shown, stylePicture);
  show(byId("style-remove"), stylePicture);
  if (stylePicture) {
    shown.src = stylePicture.address;
    shown.alt = stylePicture.name;
  }
  byId("style-choose").textContent = stylePicture ? stylePicture.name : t("style.choose");
  changed();
}

// The style picture may have expired on the server; it is still here.
export async function sendStyleAgain() {
  if (stylePicture) stylePicture = { ...stylePicture, ...(await send(stylePicture.file, () => {})) };
}

export function wishes() {
  const painter = chosen(), size = byId("size").value, strength = Number(byId("strength").value) / 100;
  return {
    painter: painter.name,
    style: painter.styles.length ? byId("style").value || null : null,
    style_image: painter.style_image && stylePicture ? stylePicture.id : null,
    strength: painter.strength && strength < 1 ? strength : null,
    size: size === "full" ? size : Number(size),
    seed: painter.seed && Number(byId("seed").value) > 0 ? Math.floor(Number(byId("seed").value)) : null,
  };
}
