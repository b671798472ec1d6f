// Tabs, the language, and what all parts share: one place for what went wrong.
import { byId, show } from "./dom.js";
import { loadStrings, otherLanguage, setLanguage, t } from "./i18n.js";
import { openAsk } from "./ask.js";
import { openPaint } from "./paint.js";
import { openRuns, watchRuns } from "./runs.js";

const TABS = ["paint", "runs", "ask"];
const opened = new Set();
const openers = { paint: openPaint, runs: openRuns, ask: openAsk };

export function trouble(problem) {
  const told = byId("trouble");
  show(told, Boolean(problem));
  told.textContent = problem ? t("error", { text: problem.message ?? problem }) : "";
}

function choose(name, focused = false) {
  for (const each of TABS) {
    const tab = byId(`tab-${each}`), chosen = each === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    show(byId(each), chosen);
    if (chosen && focused) tab.focus();
  }
  if (location.hash.slice(1) !== name) history.replaceState(null, "", name === "paint" ? "/" : `#${name}`);
  trouble(null);
  watchRuns(name === "runs");
  if (!opened.has(name)) {
    opened.add(name);
    openers[name](trouble).catch(trouble);
  }
}

function turn(event) {
  const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const at = TABS.findIndex((name) => event.target.id === `tab-${name}`);
  const next = way ? (at + way + TABS.length) % TABS.length : { Home: 0, End: TABS.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  choose(TABS[next], true);
}

await loadStrings();
for (const name of TABS) {
  byId(`tab-${name}`).addEventListener("click", (event) => {
    choose(name);
    if (event.detail) byId("main").focus({ preventScroll: true }); // after a mouse, keys are for what is shown
  });
  byId(`tab-${name}`).addEventListener("keydown", turn);
}
byId("language").addEventListener("click", () => setLanguage(otherLanguage()));
addEventListener("hashchange", () => TABS.includes(location.hash.slice(1)) && choose(location.hash.slice(1)));
choose(TABS.includes(location.hash.slice(1)) ? location.hash.slice(1) : "paint");
document.documentElement.dataset.ready = "yes";
