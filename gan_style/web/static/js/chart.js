// A small curve of one logged number, with that of a second run beside it where there is one; either may lack it.
import { draw, make, short } from "./dom.js";
import { number, t } from "./i18n.js";

const WIDTH = 240, HEIGHT = 84, LEFT = 44, BOTTOM = 14;

export function chart(name, both) {
  const curves = both.map((curve, run) => ({ ...curve, kind: run ? "second" : "first" })).filter(({ steps }) => steps.length);
  const all = curves.flatMap(({ values }) => values), steps = curves.flatMap((curve) => curve.steps);
  let [low, high] = [Math.min(...all), Math.max(...all)];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  [low, high] = [low - room, high + room];
  const [first, last] = [Math.min(...steps), Math.max(...steps)];
  const x = (step) => LEFT + ((step - first) / (last - first || 1)) * (WIDTH - LEFT - 4);
  const y = (value) => 4 + ((high - value) / (high - low)) * (HEIGHT - BOTTOM - 8);
  const told = make("output", {});
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  for (const value of [high - room, low + room]) {
    svg.append(draw("line", { class: "rule", x1: LEFT, x2: WIDTH - 4, y1: y(value), y2: y(value) }));
    svg.append(draw("text", { x: LEFT - 4, y: y(value) + 3, "text-anchor": "end" }, short(value)));
  }
  svg.append(draw("text", { x: LEFT, y: HEIGHT - 1 }, number(first)), draw("text", { x: WIDTH - 4, y: HEIGHT - 1, "text-anchor": "end" }, number(last)));
  const dots = curves.map((curve) => {
    const { kind } = curve;
    const line = curve.values.map((value, at) => `${at ? "L" : "M"}${x(curve.steps[at]).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    const dot = draw("circle", { class: kind, r: 2.6 });
    svg.append(draw("path", { class: kind, d: line }), dot);
    return dot;
  });
  const pointAt = (step) => {
    const values = curves.map((curve, index) => {
      const at = nearest(curve.steps, step);
      dots[index].setAttribute("cx", x(curve.steps[at]));
      dots[index].setAttribute("cy", y(curve.values[at]));
      return short(curve.values[at]);
    });
    told.textContent = values.join(" · ");
  };
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    pointAt(first + (((event.clientX - box.left) / box.width) * WIDTH - LEFT) / (WIDTH - LEFT - 4) * (last - first));
  });
  svg.addEventListener("pointerleave", () => pointAt(last));
  pointAt(last);
  svg.setAttribute("aria-label", t("runs.curve", { name, value: told.textContent, step: number(last) }));
  return make("figure", { class: "chart" }, make("figcaption", {}, make("span", {}, name.replaceAll("_", " ").replace("/", "/\u200b")), told), svg);
}

function nearest(steps, wanted) {
  let best = 0;
  for (let at = 1; at < steps.length; at++) if (Math.abs(steps[at] - wanted) < Math.abs(steps[best] - wanted)) best = at;
  return best;
}
