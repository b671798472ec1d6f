// The second tab: a training as it goes, and another one beside it.
import { get } from "./api.js";
import { chart } from "./chart.js";
import { byId, make, show } from "./dom.js";
import { duration, number, onLanguage, t } from "./i18n.js";
import { drawSheets } from "./sheets.js";

const EVERY = 2000; // milliseconds between looks
const HIDDEN = /^(images_per_second|.*gradient_norm)$/;
let runs = [], losses = new Map(), watched = false, timer = 0, trouble = () => {};

export async function openRuns(tell) {
  trouble = tell;
  for (const id of ["run", "beside"]) byId(id).addEventListener("change", () => look().catch(trouble));
  onLanguage(drawAll);
  await look();
}

// Asked again and again while the tab is open, and not while the window is out of sight.
export function watchRuns(open) {
  watched = open;
  clearTimeout(timer);
  if (open) timer = setTimeout(again, EVERY);
}

async function again() {
  try {
    if (!document.hidden) await look();
  } catch (problem) {
    trouble(problem);
  }
  if (watched) timer = setTimeout(again, EVERY);
}

const shown = () => [byId("run").value, byId("beside").value].filter(Boolean).map((name) => runs.find((run) => run.name === name)).filter(Boolean);

async function look() {
  const before = JSON.stringify([runs, byId("run").value, byId("beside").value]);
  runs = await get("/api/runs");
  show(byId("runs-none"), !runs.length);
  show(byId("runs-some"), runs.length > 0);
  offer(byId("run"), runs.map(({ name }) => [name, name]));
  offer(byId("beside"), [["", t("runs.alone")], ...runs.map(({ name }) => [name, name])]);
  const stale = shown().filter(({ name, step }) => losses.get(name)?.last !== step);
  for (const { name } of stale) losses.set(name, await get(`/api/runs/${name}/losses`));
  if (stale.length || before !== JSON.stringify([runs, byId("run").value, byId("beside").value])) drawAll();
}

function offer(select, options) {
  const kept = select.value, names = options.map(([value]) => value);
  if (names.join("\n") !== [...select.options].map(({ value }) => value).join("\n")) {
    select.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
    select.value = names.includes(kept) ? kept : names[0];
  } else if (options[0]?.[0] === "") select.options[0].textContent = options[0][1];
}

function drawAll() {
  const some = shown();
  if (!some.length) return;
  byId("facts").replaceChildren(...some.map(fact));
  const alarms = some.flatMap((run) => run.alarms.map((alarm) => [run, alarm]));
  show(byId("alarms"), alarms.length > 0);
  byId("alarms").querySelector("ul").replaceChildren(...alarms.map(alarmed));
  drawSheets(some);
  drawCurves(some);
}

function fact(run, index) {
  const share = run.steps ? run.step / run.steps : 0;
  const status = make("span", { class: `status ${run.status}` }, t(`status.${run.status}`));
  return make("article", { class: index ? "fact second" : "fact" },
    make("h3", {}, run.name),
    make("p", {}, status,
      make("span", {}, t("runs.step", { step: number(run.step), steps: run.steps ? number(run.steps) : "?" })),
      run.images_per_second ? make("span", {}, t("runs.speed", { speed: number(Math.round(run.images_per_second)) })) : null,
      make("span", {}, t("runs.age", { age: duration(run.age) }))),
    make("progress", { max: 1, value: share, "aria-label": run.name }));
}

function alarmed([run, alarm]) {
  return make("li", {},
    make("b", {}, alarm.name.replaceAll("_", " ")),
    make("small", {}, `${run.name}, ${t("runs.alarm", { step: number(alarm.step) })}`),
    make("span", { lang: "en" }, [alarm.seen, alarm.advice].filter(Boolean).join("; ")));
}

function drawCurves(some) {
  const terms = some.map(({ name }) => losses.get(name)?.terms ?? {});
  const names = [...new Set(terms.flatMap(Object.keys))].filter((name) => !HIDDEN.test(name));
  const order = (name) => (name.endsWith("/total") ? 0 : 1);
  names.sort((one, other) => order(one) - order(other));
  const figure = (name) => {
    const curves = terms.map((term) => term[name] ?? { steps: [], values: [] });
    return chart(name.replace("validation/", ""), curves);
  };
  const validation = names.filter((name) => name.startsWith("validation/"));
  byId("losses").replaceChildren(...names.filter((name) => !validation.includes(name)).map(figure));
  byId("validation").replaceChildren(...validation.map(figure));
  show(byId("validation-section"), validation.length > 0);
  show(byId("curves-none"), !names.length);
}
