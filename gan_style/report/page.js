"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const HUES = ["#3f7ea6", "#c47f2c", "#5f9140", "#9a5fae", "#c9566f", "#2f9b8d", "#8d7d3b", "#6b78cf", "#b8699a", "#7f8b99"];
const DASHES = ["", "6 3", "2 3"];

// The default is drawn in ink, the others in hues; beyond ten they are dashed.
function pen(label) {
  const index = data.labels.indexOf(label) - (data.labels[0] === "default" ? 1 : 0);
  if (index < 0) return { colour: "var(--ink)", dash: "" };
  return { colour: HUES[index % HUES.length], dash: DASHES[Math.floor(index / HUES.length) % DASHES.length] };
}

function element(name, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function option(value, text) {
  const made = document.createElement("option");
  made.value = value;
  made.textContent = text;
  return made;
}

/* ---- light and dark ---- */
byId("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

/* ---- tables: sort by a column, best first at the first click ---- */
for (const table of document.querySelectorAll("table.results")) {
  const headings = [...table.tHead.rows[0].cells];
  const body = table.querySelector("tbody.methods");
  headings.forEach((heading, column) => {
    const scored = [...body.rows].some((row) => row.cells[column].dataset.score !== undefined);
    if (column > 0 && !scored) for (const row of table.rows) row.cells[column].classList.add("unscored");
    heading.querySelector("button").addEventListener("click", () => {
      const rising = heading.dataset.better !== "higher";
      const best = rising ? "ascending" : "descending";
      const worst = rising ? "descending" : "ascending";
      const order = heading.getAttribute("aria-sort") === best ? worst : best;
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", order);
      sortRows(body, column, order === "ascending" ? 1 : -1);
    });
  });
}

function sortRows(body, column, sign) {
  const value = (row) => row.cells[column].dataset.sort;
  const compare = (a, b) => (column === 0 ? value(a).localeCompare(value(b)) : value(a) - value(b));
  const rows = [...body.rows];
  const known = rows.filter((row) => value(row) !== undefined).sort((a, b) => sign * compare(a, b));
  body.append(...known, ...rows.filter((row) => value(row) === undefined));
}

byId("scored").addEventListener("change", (event) => byId("results").classList.toggle("only-scored", event.target.checked));

/* ---- pictures: those of one photograph zoom and move together ---- */
for (const strip of document.querySelectorAll(".strip")) {
  const images = [...strip.querySelectorAll("img")];
  const state = { scale: 1, x: 0, y: 0 }; // x and y as shares of the view's size
  let drag = null, pinch = null; // where the pointer or the two fingers were

  function show() {
    state.scale = Math.min(12, Math.max(1, state.scale));
    state.x = Math.min(0, Math.max(1 - state.scale, state.x));
    state.y = Math.min(0, Math.max(1 - state.scale, state.y));
    for (const image of images) image.style.transform = `translate(${state.x * 100}%, ${state.y * 100}%) scale(${state.scale})`;
    strip.classList.toggle("zoomed", state.scale > 1);
  }
  function zoom(factor, x, y) { // around the place (x, y), in shares of the view
    const before = state.scale;
    state.scale = Math.min(12, Math.max(1, before * factor));
    state.x = x - ((x - state.x) * state.scale) / before;
    state.y = y - ((y - state.y) * state.scale) / before;
    show();
  }
  function place(view, event) {
    const box = view.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }
  for (const view of strip.querySelectorAll(".view")) {
    view.addEventListener("wheel", (event) => {
      // Whoever only scrolls by must not be held: the wheel zooms what was clicked, or with Ctrl.
      if (!event.ctrlKey && !event.metaKey && !strip.contains(document.activeElement)) return;
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), ...place(view, event));
    }, { passive: false });
    view.addEventListener("pointerdown", (event) => {
      if (state.scale === 1 || !event.isPrimary) return;
      drag = place(view, event);
      view.setPointerCapture(event.pointerId);
    });
    view.addEventListener("pointermove", (event) => {
      if (!drag || pinch || !event.isPrimary) return;
      const now = place(view, event);
      state.x += now[0] - drag[0];
      state.y += now[1] - drag[1];
      drag = now;
      show();
    });
    for (const end of ["pointerup", "pointercancel"]) view.addEventListener(end, () => { drag = null; });
    // Touches rather than pointers: of a pinch the browser would make a scroll, and cancel the pointers.
    for (const kind of ["touchstart", "touchmove"]) view.addEventListener(kind, (event) => {
      if (event.touches.length !== 2) return;
      event.preventDefault();
      const [a, b] = [...event.touches].map((touch) => place(view, touch));
      const now = { apart: Math.hypot(a[0] - b[0], a[1] - b[1]), x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2 };
      if (pinch) {
        state.x += now.x - pinch.x;
        state.y += now.y - pinch.y;
        zoom(now.apart / Math.max(pinch.apart, 1e-3), now.x, now.y);
      }
      pinch = now;
    }, { passive: false });
    view.addEventListener("touchend", () => { pinch = drag = null; });
    view.addEventListener("dblclick", () => { state.scale = 1; show(); });
    view.addEventListener("keydown", (event) => {
      const keys = {
        "+": () => zoom(1.4, 0.5, 0.5), "=": () => zoom(1.4, 0.5, 0.5), "-": () => zoom(1 / 1.4, 0.5, 0.5), "0": () => zoom(0, 0.5, 0.5),
        ArrowLeft: () => { state.x += 0.1; show(); }, ArrowRight: () => { state.x -= 0.1; show(); },
        ArrowUp: () => { state.y += 0.1; show(); }, ArrowDown: () => { state.y -= 0.1; show(); },
      };
      if (!keys[event.key] || event.ctrlKey || event.metaKey || (event.key.startsWith("Arrow") && state.scale === 1)) return;
      event.preventDefault();
      keys[event.key]();
    });
  }
}

/* ---- charts ---- */
const MARGIN = { left: 58, right: 16, top: 14, bottom: 40 };

function ticks(low, high, log) {
  if (log) {
    const all = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) for (const digit of [1, 2, 5]) all.push(digit * 10 ** power);
    const inside = all.filter((value) => value >= low && value <= high);
    const coarse = inside.filter((value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9);
    return inside.length > 7 && coarse.length > 1 ? coarse : inside.slice(0, 9);
  }
  const rough = (high - low) / 6 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((digit) => digit * power).find((size) => size >= rough * 0.99);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, index) => (first + index) * step);
}

const short = (value) => (Math.abs(value) >= 1e4 ? `${+(value / 1000).toPrecision(3)}k` : `${+value.toPrecision(3)}`);

// Draws axes and grid; gives the drawing and the scales from values to pixels.
function axes(holder, xs, ys, { xLabel, yLabel, xLog = false, yLog = false }) {
  const width = Math.max(280, holder.clientWidth - 26), height = Math.round(Math.min(430, Math.max(260, width * 0.48)));
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${yLabel} by ${xLabel}` });
  const scale = (values, log, from, to) => {
    let low = Math.min(...values), high = Math.max(...values);
    const pad = log ? Math.max(1.04, (high / low) ** 0.06) : (high - low || Math.abs(high) || 1) * 0.06;
    [low, high] = log ? [low / pad, high * pad] : [low - pad, high + pad];
    const at = log ? Math.log : (value) => value;
    return { low, high, log, at: (value) => from + ((at(value) - at(low)) / (at(high) - at(low))) * (to - from) };
  };
  const x = scale(xs, xLog, MARGIN.left, width - MARGIN.right), y = scale(ys, yLog, height - MARGIN.bottom, MARGIN.top);
  for (const value of ticks(y.low, y.high, yLog)) {
    svg.append(element("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y.at(value), y2: y.at(value) }));
    svg.append(element("text", { x: MARGIN.left - 8, y: y.at(value) + 4, "text-anchor": "end" }, short(value)));
  }
  for (const value of ticks(x.low, x.high, xLog)) svg.append(element("text", { x: x.at(value), y: height - MARGIN.bottom + 18, "text-anchor": "middle" }, short(value)));
  svg.append(element("text", { x: (MARGIN.left + width - MARGIN.right) / 2, y: height - 3, "text-anchor": "middle" }, xLabel));
  svg.append(element("text", { transform: `translate(12 ${(height - MARGIN.bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, yLabel));
  holder.replaceChildren(svg);
  return { svg, x: x.at, y: y.at, width };
}

function say(holder, text) {
  const told = document.createElement("p");
  told.className = "note";
  told.textContent = text;
  holder.replaceChildren(told);
}

/* ---- quality and cost ---- */
const metricChoice = byId("cost-metric"), kindChoice = byId("cost-kind");
for (const { name, scored } of data.cost.metrics) metricChoice.append(option(name, name.replaceAll("_", " ") + (scored ? ": score" : "")));

function drawCost() {
  const holder = byId("cost-chart"), kind = kindChoice.value;
  const metric = data.cost.metrics.find(({ name }) => name === metricChoice.value);
  const points = data.cost.points.filter((point) => point[kind] > 0 && point.quality[metric.name]);
  if (!points.length) return say(holder, "These results say nothing of this cost.");
  const quality = (point) => point.quality[metric.name];
  const costs = points.map((point) => point[kind]);
  const heights = points.flatMap((point) => { // an interval over two seeds can be very wide; the points decide what is seen
    const all = points.map((other) => quality(other)[0]), spread = Math.max(...all) - Math.min(...all) || Math.abs(all[0]) || 1;
    return quality(point).map((value) => Math.min(Math.max(...all) + spread, Math.max(Math.min(...all) - spread, value)));
  });
  const yLabel = metric.name.replaceAll("_", " ") + (metric.scored ? ", score (1 = real vs real)" : metric.better === "lower" ? " (lower is better)" : " (higher is better)");
  const { svg, x, y, width } = axes(holder, costs, heights, { xLabel: kind === "ms" ? "milliseconds a step" : "seconds of training", yLabel, xLog: Math.max(...costs) / Math.min(...costs) > 4 });
  const budgets = [...new Set(points.map((point) => point.budget))];
  const taken = [];
  for (const point of points) {
    const { colour } = pen(point.label), [value, low, high] = quality(point), at = [x(point[kind]), y(value)];
    const clip = (where) => Math.min(Math.max(...heights), Math.max(Math.min(...heights), where));
    const interval = low === high ? "" : ` [${+low.toPrecision(3)}, ${+high.toPrecision(3)}]`;
    if (interval) svg.append(element("line", { x1: at[0], x2: at[0], y1: y(clip(low)), y2: y(clip(high)), stroke: colour, "stroke-width": 1.5, opacity: 0.5 }));
    const hollow = budgets.indexOf(point.budget) > 0;
    const dot = element("circle", { cx: at[0], cy: at[1], r: 5.5, fill: hollow ? "var(--card)" : colour, stroke: colour, "stroke-width": 2 });
    dot.append(element("title", {}, `${point.label}, ${point.budget}: ${+value.toPrecision(3)}${interval}`));
    svg.append(dot);
    taken.push([at[0] - 7, at[0] + 7, at[1] - 7, at[1] + 7]);
  }
  for (const point of points) labelPoint(svg, point.label, x(point[kind]), y(quality(point)[0]), taken, width);
  if (budgets.length > 1) {
    const told = document.createElement("p");
    told.className = "note";
    told.textContent = `● ${budgets[0]}   ○ ${budgets.slice(1).join(", ")}`;
    holder.append(told);
  }
}

// Beside its point, where nothing else stands and it is not cut off.
function labelPoint(svg, label, x, y, taken, width) {
  const long = label.length * 6.8;
  const places = [0, -14, 14, -28, 28, -42, 42].flatMap((down) => [x + 11, x - 11 - long].map((left) => [left, left + long, y + down - 7, y + down + 7]));
  const free = (box) => box[0] > MARGIN.left && box[1] < width && !taken.some((other) => box[0] < other[1] && other[0] < box[1] && box[2] < other[3] && other[2] < box[3]);
  const box = places.find(free) ?? places[0];
  taken.push(box);
  const left = box[0] < x;
  svg.append(element("text", { class: "name", x: left ? box[1] : box[0], y: box[2] + 11, "text-anchor": left ? "end" : "start" }, label));
}

/* ---- curves ---- */
const termChoice = byId("curve-term"), budgetChoice = byId("curve-budget"), hidden = new Set();
for (const budget of Object.keys(data.curves)) budgetChoice.append(option(budget, budget));
const most = Object.keys(data.curves).sort((a, b) => Object.values(data.curves[b])[0].length - Object.values(data.curves[a])[0].length)[0];
if (most) budgetChoice.value = most;
for (const term of new Set(Object.values(data.curves).flatMap((terms) => Object.keys(terms)))) termChoice.append(option(term, term));

function drawCurves() {
  const holder = byId("curve-chart");
  const all = data.curves[budgetChoice.value]?.[termChoice.value] ?? [];
  drawLegend(all);
  const shown = all.filter(({ label }) => !hidden.has(label));
  if (!shown.length) return say(holder, all.length ? "Every method is switched off." : "No run folder with such curves was found beside these results.");
  const ys = shown.flatMap(({ low, high }) => [...low, ...high]);
  const yLog = byId("curve-log").checked && Math.min(...ys) > 0;
  const { svg, x, y } = axes(holder, shown.flatMap((curve) => curve.x), ys, { xLabel: "step", yLabel: termChoice.value, yLog });
  const path = (xs, values) => values.map((value, index) => `${index ? "L" : "M"}${x(xs[index]).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  for (const curve of [...shown].reverse()) {
    const { colour, dash } = pen(curve.label);
    const around = path([...curve.x, ...[...curve.x].reverse()], [...curve.high, ...[...curve.low].reverse()]);
    svg.append(element("path", { class: "band", d: `${around}Z`, fill: colour, "data-label": curve.label }));
    const line = element("path", { class: "line", d: path(curve.x, curve.mean), stroke: colour, "stroke-dasharray": dash, "data-label": curve.label });
    line.append(element("title", {}, curve.label));
    svg.append(line);
    if (curve.x.length === 1) svg.append(element("circle", { cx: x(curve.x[0]), cy: y(curve.mean[0]), r: 3, fill: colour, "data-label": curve.label }));
  }
}

function drawLegend(all) {
  byId("curve-legend").replaceChildren(...all.map(({ label }) => {
    const { colour, dash } = pen(label), button = document.createElement("button"), key = element("svg", { viewBox: "0 0 24 10", "aria-hidden": "true" });
    key.append(element("line", { x1: 0, x2: 24, y1: 5, y2: 5, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash }));
    button.type = "button";
    button.setAttribute("aria-pressed", String(!hidden.has(label)));
    button.append(key, label);
    const emphasise = (on) => { for (const part of byId("curve-chart").querySelectorAll("[data-label]")) part.classList.toggle("dim", on && part.dataset.label !== label); };
    button.addEventListener("mouseenter", () => emphasise(true));
    button.addEventListener("mouseleave", () => emphasise(false));
    button.addEventListener("click", () => {
      if (!hidden.delete(label)) hidden.add(label);
      drawCurves();
      [...byId("curve-legend").children].find((other) => other.textContent === label)?.focus();
    });
    return button;
  }));
}

for (const choice of [metricChoice, kindChoice]) choice.addEventListener("change", drawCost);
for (const choice of [termChoice, budgetChoice, byId("curve-log")]) choice.addEventListener("change", drawCurves);
budgetChoice.parentElement.hidden = budgetChoice.length < 2;
let drawnWidth = 0;
function draw() {
  if (innerWidth === drawnWidth) return;
  drawnWidth = innerWidth;
  drawCost();
  drawCurves();
}
addEventListener("resize", draw);
draw();
