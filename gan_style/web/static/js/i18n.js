// All words of the page are in strings.json; elements name theirs by data-text, data-label and data-alt.
const KEPT = "gan-style-language";
const listeners = [];
let strings = {}, language = "en";

export async function loadStrings() {
  strings = await (await fetch("/static/strings.json")).json();
  const kept = localStorage.getItem(KEPT);
  const liked = (navigator.languages ?? [navigator.language]).map((name) => name.slice(0, 2)).find((name) => name in strings);
  setLanguage(kept in strings ? kept : liked ?? "en");
}

export function t(key, values = {}) {
  const text = strings[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const has = (key) => key in strings[language];
export const otherLanguage = () => (language === "en" ? "zh" : "en");
export const onLanguage = (listener) => listeners.push(listener);

export function setLanguage(name) {
  language = name;
  localStorage.setItem(KEPT, name);
  document.documentElement.lang = name === "zh" ? "zh-Hans" : name;
  translate(document);
  for (const listener of listeners) listener();
}

export function translate(root) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t(element.dataset.label));
  for (const element of root.querySelectorAll("[data-alt]")) element.alt = t(element.dataset.alt);
}

export function number(value) {
  return value.toLocaleString(language === "zh" ? "zh-CN" : "en");
}

export function duration(seconds) {
  for (const [unit, length] of [["d", 86400], ["h", 3600], ["min", 60]]) {
    if (seconds >= length) return t(`time.${unit}`, { count: Math.round(seconds / length) });
  }
  return t("time.s", { count: Math.round(seconds) });
}

