// The page: a photograph in, its painting out.
import { asFile, copy, pixels, read, show } from "./pictures.js";
import { say, switchLanguage, write } from "./words.js";

const $ = (id) => document.getElementById(id);
const LONGEST_STYLE = 768; // pixels
const worker = new Worker("worker.js", { type: "module" });
let painter; // what page.json says of it, once the network is loaded
let photograph; // a file
let stylePicture;
let told = []; // the last status, so that it can be said in another language
let busy = false;

function ask(given) {
  return new Promise((done, failed) => {
    worker.onmessage = ({ data }) => (data.problem ? failed(new Error(data.problem)) : done(data.answer));
    worker.onerror = (event) => failed(new Error(event.message || "worker.js"));
    worker.postMessage({ given });
  });
}

function tell(key, values) {
  told = [key, values];
  $("status").textContent = key ? say(key, values) : "";
}

function complain(key, values) {
  $("problem").textContent = key ? say(key, values) : "";
}

function ready() {
  $("paint").disabled = busy || !painter || !photograph || (painter.inputs.includes("style_image") && !stylePicture);
}

async function start() {
  $("not-served").remove();
  write();
  tell("loading");
  try {
    const answer = await fetch("page.json");
    if (!answer.ok) throw new Error(`page.json: ${answer.status}`);
    const described = await answer.json();
    describe(described);
    await ask();
    painter = described;
  } catch (problem) {
    tell();
    return complain("no_painter", { reason: problem.message });
  }
  tell("ready");
  ready();
}

function describe({ title, inputs, styles, learned_map, size, facts }) {
  document.title = $("title").textContent = title;
  for (const name of ["seed", "strength", "styles", "style_image"]) $(`${name}-row`).hidden = !inputs.includes(name);
  if (learned_map) $("styles").append(new Option("auto", ""));
  $("styles").append(...styles.map((name) => new Option(name, name)));
  if ([...$("size").options].some((option) => Number(option.value) === size)) $("size").value = size;
  for (const [name, value] of Object.entries(facts)) {
    const [term, fact] = ["dt", "dd"].map((tag) => document.createElement(tag));
    [term.textContent, fact.textContent] = [name, value];
    $("facts").append(term, fact);
  }
}

// What the network is given, by the names of its inputs.
async function inputs(canvas) {
  const all = {
    picture: () => asTensor(canvas),
    seed: () => ({ type: "int32", data: Int32Array.of($("seed").value), shape: [1] }),
    strength: () => ({ type: "float32", data: Float32Array.of($("strength").value), shape: [1] }),
    styles: () => styleWeights(painter.styles),
    style_image: async () => asTensor(await read(stylePicture, LONGEST_STYLE)),
  };
  const given = {};
  for (const name of painter.inputs) given[name] = await all[name]();
  return given;
}

// Without a style all are 0, which asks for the learned map.
function styleWeights(styles) {
  const data = Float32Array.from(styles, (name) => Number(name === $("styles").value));
  return { type: "float32", data, shape: [styles.length] };
}

function asTensor(canvas) {
  const { bytes, width, height } = pixels(canvas);
  return { type: "uint8", data: bytes, shape: [1, height, width, 3] };
}

async function paint(event) {
  event.preventDefault();
  if (busy) return;
  busy = true;
  ready();
  complain();
  try {
    const file = photograph;
    const canvas = await read(file, Number($("size").value));
    const { width, height } = canvas;
    tell("painting_now", { width, height });
    const began = performance.now();
    const painted = await ask(await inputs(canvas));
    await reveal(painted, canvas, file.name);
    tell("painted", { width, height, seconds: ((performance.now() - began) / 1000).toFixed(1) });
  } catch (problem) {
    tell();
    complain("failed", { reason: problem.message });
  }
  busy = false;
  ready();
}

async function reveal(painted, canvas, name) {
  copy(canvas, $("before"));
  show(painted, canvas, $("after"));
  URL.revokeObjectURL($("download").href);
  $("download").href = URL.createObjectURL(await asFile($("after")));
  $("download").download = `${(name || "photograph").replace(/\.[^.]*$/, "")}-painted.png`;
  compare(true);
  slide();
}

// Whether there is a painting to compare the photograph with.
function compare(painted) {
  $("result").hidden = false;
  for (const id of ["after", "edge", "slider", "download"]) $(id).hidden = !painted;
}

function slide() {
  $("both").style.setProperty("--edge", `${$("slider").value}%`);
}

async function choose(file) {
  if (!file) return;
  complain();
  try {
    const canvas = await read(file, 1600);
    photograph = file;
    copy(canvas, $("before"));
    compare(false);
  } catch {
    complain("not_a_picture", { name: file.name || file.type });
  }
  ready();
}

async function chooseStyle(file) {
  if (!file) return;
  try {
    const canvas = await read(file, 256);
    stylePicture = file;
    const side = Math.min(canvas.width, canvas.height);
    $("style-shown").getContext("2d").drawImage(canvas, 0, 0, side, side, 0, 0, 48, 48);
    $("style-shown").hidden = false;
  } catch {
    complain("not_a_picture", { name: file.name });
  }
  ready();
}

async function openCamera() {
  complain();
  stopCamera();
  try {
    $("video").srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1920 } } });
    $("viewfinder").hidden = false;
    $("shoot").focus();
  } catch (problem) {
    complain("no_camera", { reason: problem.message });
  }
}

function stopCamera() {
  $("video").srcObject?.getTracks().forEach((track) => track.stop());
  $("video").srcObject = null;
}

function closeCamera() {
  stopCamera();
  $("viewfinder").hidden = true;
  $("camera").focus();
}

async function shoot() {
  const { videoWidth: width, videoHeight: height } = $("video");
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage($("video"), 0, 0);
  closeCamera();
  await choose(new File([await asFile(canvas)], "camera.png", { type: "image/png" }));
}

const firstPicture = (items) => [...items].find((file) => file.type.startsWith("image/")) ?? items[0];
$("settings").addEventListener("submit", paint);
$("photograph").addEventListener("change", (event) => choose(event.target.files[0]));
$("style-image").addEventListener("change", (event) => chooseStyle(event.target.files[0]));
$("slider").addEventListener("input", slide);
$("strength").addEventListener("input", () => ($("strength-shown").value = $("strength").value));
$("camera").addEventListener("click", openCamera);
$("close-camera").addEventListener("click", closeCamera);
$("shoot").addEventListener("click", shoot);
$("language").addEventListener("click", () => (switchLanguage(), tell(...told)));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => (event.preventDefault(), choose(firstPicture(event.dataTransfer.files))));
document.addEventListener("paste", (event) => choose(firstPicture(event.clipboardData.files)));
start();
