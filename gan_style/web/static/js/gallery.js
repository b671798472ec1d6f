// What was painted since the page was opened, also after it was loaded again.
import { get } from "./api.js";
import { byId, make, show } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { painterName } from "./settings.js";

const KEPT = "gan-style-gallery", MOST = 60;
let paintings = [], choose = () => {}, current = null;

export async function openGallery(hear) {
  choose = hear;
  onLanguage(list);
  const ids = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
  const known = await Promise.all(ids.map((id) => get(`/api/paintings/${id}`).catch(() => null)));
  paintings = known.filter((one) => one?.state === "done");
  list();
}

export function add(painting) {
  paintings = [painting, ...paintings].slice(0, MOST);
  mark(painting);
}

export function mark(painting) {
  current = painting?.id ?? null;
  list();
}

function list() {
  sessionStorage.setItem(KEPT, JSON.stringify(paintings.map(({ id }) => id)));
  show(byId("gallery"), paintings.length > 0);
  byId("gallery").querySelector("ul").replaceChildren(...paintings.map(tile));
}

function tile(painting) {
  const painter = painterName(painting.painter), name = painting.photograph.name;
  const button = make("button", {
    type: "button",
    "aria-label": t("gallery.show", { name, painter }),
    "aria-current": painting.id === current && "true",
    onclick: () => choose(painting),
  }, make("img", { src: `/api/paintings/${painting.id}/after.webp`, alt: "", loading: "lazy" }), make("span", {}, `${painter} · ${name}`));
  return make("li", {}, button);
}
