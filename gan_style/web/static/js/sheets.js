// The sheets of one run, or of two side by side: the newest, until somebody moves the slider.
import { byId, make, show } from "./dom.js";
import { number, t } from "./i18n.js";

const chosen = new Map(); // by run: the step that was asked for; nothing while the newest is shown

export function drawSheets(runs) {
  const some = runs.filter(({ sheets }) => sheets.length);
  show(byId("sheets-none"), !some.length);
  const holder = byId("sheets"), focused = document.activeElement?.dataset?.run;
  const figures = some.map((run) => kept(holder, run) ?? sheet(run));
  if (figures.length !== holder.children.length || figures.some((one, at) => one !== holder.children[at])) holder.replaceChildren(...figures);
  figures.forEach((figure, index) => update(figure, some[index]));
  if (focused) holder.querySelector(`[data-run="${CSS.escape(focused)}"]`)?.focus();
}

// The same element again: a slider that is being moved must not be taken away.
const kept = (holder, run) => [...holder.children].find((one) => one.dataset.name === run.name);

function sheet(run) {
  const slider = make("input", { type: "range", min: 0, "data-run": run.name });
  const figure = make("figure", { class: "sheet", "data-name": run.name }, make("img", { alt: "" }), make("figcaption", {}, make("output", {}), slider));
  slider.addEventListener("input", () => {
    const at = Number(slider.value);
    if (at === figure.run.sheets.length - 1) chosen.delete(run.name);
    else chosen.set(run.name, figure.run.sheets[at]);
    update(figure, figure.run);
  });
  return figure;
}

function update(figure, run) {
  figure.run = run;
  const step = run.sheets.includes(chosen.get(run.name)) ? chosen.get(run.name) : run.sheets.at(-1);
  const image = figure.querySelector("img"), slider = figure.querySelector("input");
  const address = `/api/runs/${run.name}/sheets/${step}.png`;
  if (image.getAttribute("src") !== address) image.src = address;
  image.alt = t("runs.sheet", { name: run.name, step: number(step) });
  slider.max = run.sheets.length - 1;
  slider.value = run.sheets.indexOf(step);
  slider.setAttribute("aria-label", t("runs.sheet.step"));
  slider.setAttribute("aria-valuetext", t("runs.sheet.at", { step: number(step) }));
  show(slider, run.sheets.length > 1);
  figure.querySelector("output").textContent = `${run.name} · ${t("runs.sheet.at", { step: number(step) })}`;
}
