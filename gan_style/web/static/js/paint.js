// The first tab: a photograph, a painter, and what comes of them.
import { follow, post, remove, send } from "./api.js";
import { openCamera } from "./camera.js";
import { hideBoth, showBoth, showPhotograph } from "./compare.js";
import { byId, show } from "./dom.js";
import * as gallery from "./gallery.js";
import { onLanguage, t } from "./i18n.js";
import { chosen, needsPicture, openSettings, painterName, sendStyleAgain, wishes } from "./settings.js";
import { takePasted, takePictures } from "./source.js";

const bar = byId("progress");
let photograph = null, job = null, said = () => "", trouble = () => {}, ticking = 0;

export async function openPaint(tell) {
  trouble = tell;
  const take = (file) => takePhotograph(file).catch(failed);
  takePictures(byId("easel"), byId("choose"), byId("file"), take);
  byId("easel").addEventListener("hover", ({ detail }) => show(byId("release"), detail));
  takePasted(take);
  openCamera(take, () => trouble(new Error(t("camera.none"))));
  byId("again").addEventListener("click", startOver);
  byId("cancel").addEventListener("click", () => job && remove(`/api/paintings/${job.id}`).catch(trouble));
  document.querySelector(".panel").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!byId("go").disabled) paint().catch(failed);
  });
  onLanguage(() => { say(said); ready(); });
  const restored = gallery.openGallery(showPainting);
  await openSettings(ready, trouble);
  await restored;
}

function say(sentence) {
  said = sentence;
  const text = sentence(), told = byId("status");
  if (told.textContent !== text) told.textContent = text; // a screen reader hears it once
}

// What can be done at this moment.
function ready() {
  const waits = !photograph || photograph.sending || job || !chosen() || needsPicture();
  byId("go").disabled = Boolean(waits);
  byId("go").textContent = photograph ? t("paint") : t("paint.photo");
  if (photograph && !job && needsPicture()) say(() => t("style.needed"));
  show(byId("cancel"), Boolean(job));
  show(byId("again"), Boolean(photograph) && !job);
}

async function takePhotograph(file) {
  if (job) return;
  trouble(null);
  startOver();
  const mine = (photograph = { file, name: file.name, sending: true, address: URL.createObjectURL(file) });
  show(byId("empty"), false);
  showPhotograph(mine.address, mine.name, () => {
    hideBoth();
    say(() => t("drop.unseen", { kind: mine.kind ?? file.type }));
  });
  ready();
  await sendPhotograph(mine);
}

// Another may be taken while this one is sent; then nothing is told of this one any more.
async function sendPhotograph(mine) {
  mine.sending = true;
  show(bar, true);
  try {
    const sent = await send(mine.file, (share) => {
      if (mine !== photograph) return;
      bar.value = share;
      say(() => t("photo.sending", { percent: Math.round(100 * share) }));
    });
    Object.assign(mine, sent);
    if (mine === photograph) say(() => t("photo.ready", mine));
  } catch (problem) {
    if (mine !== photograph) return;
    startOver();
    throw problem;
  } finally {
    mine.sending = false;
    if (mine === photograph) show(bar, false);
    ready();
  }
}

function startOver() {
  if (photograph) URL.revokeObjectURL(photograph.address);
  photograph = null;
  show(bar, false);
  hideBoth();
  gallery.mark(null);
  show(byId("download"), false);
  show(byId("empty"), true);
  say(() => "");
  ready();
}

async function paint() {
  trouble(null);
  job = {};
  ready();
  show(byId("download"), false);
  show(bar, true);
  bar.removeAttribute("value");
  say(() => t("state.loading"));
  try {
    job = await asked();
    ready();
    const told = await follow(job.id, hear);
    if (told.state === "failed") throw new Error(told.error);
    if (told.state === "cancelled") say(() => t("state.cancelled"));
    else {
      gallery.add(told);
      showPainting(told);
    }
  } finally {
    const focused = document.activeElement === byId("cancel");
    job = null;
    clearInterval(ticking);
    show(bar, false);
    ready();
    if (focused) byId("go").focus();
  }
}

// What was sent an hour ago has expired on the server, and is sent once more.
async function asked(again = true) {
  const busy = () => say(() => t("state.busy"));
  try {
    return await post("/api/paintings", { photograph: photograph.id, ...wishes() }, busy);
  } catch (problem) {
    if (problem.status !== 404 || !again) throw problem;
    await sendPhotograph(photograph);
    await sendStyleAgain();
    return asked(false);
  }
}

function hear(told) {
  clearInterval(ticking);
  bar.removeAttribute("value");
  if (told.state === "waiting") say(() => t("state.waiting", told));
  else if (told.state === "painting" && told.expected > 1) {
    const from = performance.now() / 1000 - told.seconds;
    const tick = () => {
      const gone = performance.now() / 1000 - from;
      bar.value = Math.min(0.97, gone / told.expected);
    };
    say(() => t("state.left", { seconds: Math.max(1, Math.round(told.expected - told.seconds)) }));
    tick();
    ticking = setInterval(tick, 200);
  } else if (told.state !== "cancelled" && told.state !== "failed") say(() => t(`state.${told.state}`, { seconds: told.seconds.toFixed(1) }));
}

function showPainting(painting) {
  if (job?.id && job.id !== painting.id) return;
  const told = () => t("gallery.painting", { name: painting.photograph.name, painter: painterName(painting.painter) });
  show(byId("empty"), false);
  showBoth(painting, told());
  const link = byId("download");
  link.href = `/api/paintings/${painting.id}/file`;
  link.download = painting.name;
  show(link, true);
  show(byId("again"), true);
  gallery.mark(painting);
  const size = `${painting.width}\u00a0×\u00a0${painting.height}`;
  say(() => `${painting.name}, ${size} · ${t("state.done", { seconds: painting.seconds.toFixed(1) })}`);
}

function failed(problem) {
  if (photograph?.id) say(() => t("photo.ready", photograph));
  trouble(problem);
}
