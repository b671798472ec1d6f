// The third tab: which of two paintings do people like better?
import { get, post } from "./api.js";
import { byId, draw, make, show } from "./dom.js";
import { onLanguage, t } from "./i18n.js";

const KEYS = { ArrowLeft: "left", ArrowRight: "right", ArrowDown: "tie", s: "skip", S: "skip" };
const PERSON = "gan-style-voter";
let question = null, answering = false, count = 0, scores = null, trouble = () => {};

export async function openAsk(tell) {
  trouble = tell;
  for (const button of document.querySelectorAll("[data-choice]")) button.addEventListener("click", () => answer(button.dataset.choice));
  addEventListener("keydown", (event) => {
    const busy = event.target.matches?.("input, select, textarea, [role=tab]") || event.ctrlKey || event.metaKey || event.altKey;
    if (busy || byId("ask").hidden || !question || !(event.key in KEYS)) return;
    event.preventDefault();
    answer(KEYS[event.key]);
  });
  byId("scores").addEventListener("toggle", () => byId("scores").open && loadScores().catch(trouble));
  onLanguage(() => {
    if (count) byId("thanks").textContent = t("ask.thanks", { count });
    drawScores();
  });
  await ask();
}

// A mark of this browser, so that answers of one person are known to be of one; it says nothing else.
function person() {
  const known = localStorage.getItem(PERSON) ?? crypto.getRandomValues(new Uint32Array(3)).join("-");
  localStorage.setItem(PERSON, known);
  return known;
}

async function ask() {
  const next = await get("/api/ask/next");
  question = next.id ? next : null;
  show(byId("question"), Boolean(question));
  show(byId("ask-none"), !question);
  if (!question) return;
  for (const side of ["left", "right"]) document.querySelector(`[data-choice=${side}] img`).src = question[side];
  const photograph = byId("ask-photograph");
  show(photograph, Boolean(question.photograph));
  photograph.parentElement.classList.toggle("without", !question.photograph);
  if (question.photograph) photograph.querySelector("img").src = question.photograph;
}

async function answer(choice) {
  if (answering || !question) return;
  answering = true;
  try {
    await post(`/api/ask/${question.id}`, { choice, voter: person() });
    count += choice !== "skip";
    byId("thanks").textContent = t("ask.thanks", { count });
    await ask();
    if (byId("scores").open) await loadScores();
  } catch (problem) {
    if (problem.status !== 404) return trouble(problem);
    await ask().catch(trouble); // the server was started anew: its questions are other ones
  } finally {
    answering = false;
  }
}

async function loadScores() {
  scores = await get("/api/ask/scores");
  drawScores();
}

function drawScores() {
  if (!scores) return;
  byId("scores-told").textContent = scores.answers ? t("ask.answers", scores) : t("ask.noscores");
  show(byId("scores-alike"), scores.alike && scores.answers > 0);
  byId("strengths").replaceChildren(...scores.strengths.map(row));
}

function row({ name, share, low, high }) {
  const at = (value) => `${(100 * value).toFixed(1)}%`, percent = (value) => Math.round(100 * value);
  const picture = draw("svg", { "aria-hidden": "true" },
    draw("line", { x1: 0, x2: "100%", y1: 10, y2: 10 }), draw("line", { x1: "50%", x2: "50%", y1: 2, y2: 18 }),
    draw("line", { class: "interval", x1: at(low), x2: at(high), y1: 10, y2: 10 }), draw("circle", { cx: at(share), cy: 10, r: 5 }));
  const told = t("ask.row", { share: percent(share), low: percent(low), high: percent(high) });
  return make("div", { class: "strength" }, make("b", {}, name), picture, make("span", {}, told));
}
