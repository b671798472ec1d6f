// Requests to the server. What it refuses becomes an Error with its sentence; 429 is tried again.
import { t } from "./i18n.js";

const TRIES = 40;

export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

export const get = (path) => ask(path);
export const remove = (path) => ask(path, { method: "DELETE" });
export const post = (path, body, busy) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }, busy);

async function ask(path, options = {}, busy = () => {}) {
  for (let tried = 0; ; tried++) {
    let answer;
    try {
      answer = await fetch(path, options);
    } catch {
      throw new Refused(0, t("offline"));
    }
    if (answer.status === 429 && tried < TRIES) {
      busy();
      await pause(1000 * Number(answer.headers.get("Retry-After") ?? 1));
    } else return told(answer.status, await answer.text());
  }
}

// A file as it is; `hear` is told what share of it has gone.
export async function send(file, hear) {
  for (let tried = 0; ; tried++) {
    const answer = await sent(file, hear);
    if (answer.status !== 429 || tried >= TRIES) return told(answer.status, answer.responseText);
    await pause(1000 * Number(answer.getResponseHeader("Retry-After") ?? 1));
  }
}

function sent(file, hear) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/photographs?name=${encodeURIComponent(file.name || "picture")}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", ({ loaded, total }) => total && hear(loaded / total));
    request.addEventListener("load", () => done(request));
    request.addEventListener("error", () => failed(new Refused(0, t("offline"))));
    request.send(file);
  });
}

function told(status, text) {
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch { /* no JSON: the status has to do */ }
  if (status >= 400) throw new Refused(status, answer?.detail ?? `${status}`);
  return answer;
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// What a painting is told to be doing, until it has ended; asked for now and then where events do not come.
export function follow(id, hear) {
  return new Promise((done, failed) => {
    const source = new EventSource(`/api/paintings/${id}/events`);
    const take = (told) => {
      hear(told);
      if (!["done", "failed", "cancelled"].includes(told.state)) return false;
      source.close();
      done(told);
      return true;
    };
    source.addEventListener("message", ({ data }) => take(JSON.parse(data)));
    source.addEventListener("error", async () => {
      source.close();
      try {
        while (!take(await get(`/api/paintings/${id}`))) await pause(700);
      } catch (problem) {
        failed(problem);
      }
    });
  });
}
