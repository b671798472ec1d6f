// The photograph over the painting, cut where the slider stands.
import { byId, show } from "./dom.js";
import { onLanguage, t } from "./i18n.js";

const figure = byId("compare"), cut = byId("cut"), before = byId("before"), after = byId("after");

function place() {
  figure.style.setProperty("--cut", `${cut.value}%`);
  cut.setAttribute("aria-valuetext", t("compare.value", { percent: cut.value }));
}

cut.addEventListener("input", place);
onLanguage(place);

// The figure has the picture's shape, and small pictures are shown larger.
for (const image of [before, after]) {
  image.addEventListener("load", () => figure.style.setProperty("--ratio", image.naturalWidth / image.naturalHeight));
}

export function showPhotograph(address, name, failed) {
  figure.classList.add("single");
  before.onerror = failed;
  before.src = address;
  before.alt = name;
  show(figure, true);
}

export function showBoth({ id, photograph }, told) {
  figure.classList.remove("single");
  before.onerror = null;
  before.src = `/api/paintings/${id}/before.webp`;
  after.src = `/api/paintings/${id}/after.webp`;
  before.alt = photograph.name;
  after.alt = told;
  cut.value = 50;
  place();
  show(figure, true);
}

export function hideBoth() {
  show(figure, false);
  before.removeAttribute("src");
  after.removeAttribute("src");
}
