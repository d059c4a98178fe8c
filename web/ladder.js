// The front page's ladder: what is drawn or dropped, at five steps of its preparation, and what three models say at each.
"use strict";

const { ladder, levelsOf, loadedImage, onCanvas, openPhoto, takeFiles } = MnistPhotos;
const LARGEST_SIDE = 1200; // pixels; a larger photo is shrunk by the browser first
const STEPS = {
  shrunk: ["Shrunk whole", "as most do it"],
  background: ["Paper removed", "only ink is left"],
  boxed: ["Boxed", "to 20 pixels"],
  centred: ["Centred", "by its weight"],
  strokeWidth: ["Stroke width", "as in MNIST"],
};
const MODELS = { mlp: "MLP", cnn: "CNN", reader: "reader" };
const byId = (id) => document.getElementById(id);
const networks = { mlp: MnistModels.network(REPORT_MODELS.mlp), cnn: MnistModels.network(REPORT_MODELS.cnn) };
let reader = null; // it comes later: its runtime is large
let newest = 0; // counts what was asked: an answer to what came before is not shown
let shown = null; // the steps on the page

// --- the page -----------------------------------------------------------------------------------------------------

const cells = Object.entries(STEPS).map(([name, [title, words]]) => {
  const item = document.createElement("li");
  item.innerHTML = `<canvas width="28" height="28" aria-hidden="true"></canvas><div class="step"><b>${title}</b><span class="quiet">${words}</span></div>
    <ul class="said">${Object.values(MODELS)
      .map((model) => `<li><span class="who">${model}</span><span class="read"></span><span class="columns" aria-hidden="true">${"<i></i>".repeat(10)}</span></li>`)
      .join("")}</ul>`;
  byId("steps").append(item);
  const said = [...item.querySelectorAll(".said > li")];
  return { name, title, canvas: item.querySelector("canvas"), said: Object.fromEntries(Object.keys(MODELS).map((model, k) => [model, said[k]])) };
});

/** Ten probabilities, or none, in a cell; `answer` is what the reader says of the digit as MNIST would have it. */
function say(cell, shares, answer) {
  const digit = shares ? shares.indexOf(Math.max(...shares)) : null;
  cell.querySelector(".read").textContent = shares ? digit : "";
  cell.querySelectorAll("i").forEach((bar, k) => {
    bar.style.height = `${shares ? Math.max(3, 100 * shares[k]) : 3}%`;
    bar.classList.toggle("most", k === digit);
  });
  const known = shares !== null && answer !== null;
  cell.classList.toggle("agrees", known && digit === answer);
  cell.classList.toggle("differs", known && digit !== answer);
  cell.setAttribute("aria-label", shares ? `reads ${digit} with ${percent(shares[digit])}` : "has not answered yet");
}

async function climb(steps, asked) {
  const levels = Object.fromEntries(Object.entries(steps).map(([name, image]) => [name, levelsOf(image)]));
  const shares = {};
  for (const { name, canvas } of cells) {
    paintLevels(canvas, levels[name]);
    shares[name] = { mlp: networks.mlp.probabilities(levels[name]), cnn: networks.cnn.probabilities(levels[name]), reader: null };
  }
  const answered = () => {
    const last = shares.strokeWidth.reader;
    const answer = last ? last.indexOf(Math.max(...last)) : null;
    for (const { name, said } of cells) for (const model of Object.keys(MODELS)) say(said[model], shares[name][model], answer);
    return answer;
  };
  if (!reader) answered();
  else {
    for (const { name } of cells) shares[name].reader = await reader.probabilities(levels[name].map((level) => Math.fround(level / 255)));
    if (asked !== newest) return;
    tell(shares, answered());
  }
}

function tell(shares, answer) {
  const right = (name) => Object.keys(MODELS).filter((model) => shares[name][model].indexOf(Math.max(...shares[name][model])) === answer).length;
  const counts = { first: right("shrunk"), last: right("strokeWidth") };
  const inWords = ["none of the models reads", "one of the models reads", "two of the models read", "all three models read"];
  byId("verdict").textContent =
    `Shrunk whole, ${inWords[counts.first]} a ${answer}; prepared as MNIST was, ${inWords[counts.last]} it. ` +
    "Between the first step and the last nothing has changed but the image.";
}

async function show(picture) {
  const asked = (newest += 1);
  try {
    const steps = await ladder(picture());
    if (asked !== newest) return;
    shown = steps;
    await climb(steps, asked);
  } catch (error) {
    if (asked !== newest) return;
    forget(error.name === "BlankImageError" ? "Draw one digit." : error.message);
  }
}

function forget(message) {
  shown = null;
  for (const { canvas, said } of cells) {
    paintLevels(canvas);
    for (const cell of Object.values(said)) say(cell, null, null);
  }
  byId("verdict").textContent = message;
}

// --- a sheet to draw on -------------------------------------------------------------------------------------------

/** A sheet under a lamp: a photo's paper is never as white as MNIST's. */
function sheet(pen) {
  const light = pen.createLinearGradient(0, 0, 280, 280);
  light.addColorStop(0, "#f2f0ea");
  light.addColorStop(1, "#b9b6b0");
  return light;
}

const aside = () => document.createElement("canvas");
const { pen, wipe } = drawingPad({
  canvas: byId("pad"), width: byId("width"), seen: aside(), bars: aside(), paper: sheet, begun: beginDrawing, drawn: drawnOn,
});
let photographed = false; // a photo lies on the pad

function beginDrawing() {
  if (photographed) wipe();
  photographed = false;
}

let waiting = false;
function drawnOn() {
  if (waiting) return; // the next picture will have this stroke too
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    if (!photographed) show(() => onPad());
  });
}

const small = Object.assign(aside(), { width: 140, height: 140 }).getContext("2d", { willReadFrequently: true });

function onPad() {
  small.drawImage(pen.canvas, 0, 0, 140, 140);
  const { data, width, height } = small.getImageData(0, 0, 140, 140);
  return openPhoto(data, width, height);
}

byId("clear").addEventListener("click", () => {
  newest += 1;
  photographed = false;
  wipe();
  forget("Draw one digit.");
});

// --- photos -------------------------------------------------------------------------------------------------------

async function showPhoto(source, name) {
  let image;
  try {
    image = await loadedImage(source, name);
  } catch (error) {
    return forget(error.message);
  }
  const canvas = aside();
  const { data, width, height } = onCanvas(canvas, image, LARGEST_SIDE).getImageData(0, 0, canvas.width, canvas.height);
  photographed = true;
  wipe();
  const inside = 280 / Math.max(width, height);
  pen.drawImage(canvas, (280 - inside * width) / 2, (280 - inside * height) / 2, inside * width, inside * height);
  await show(() => openPhoto(data, width, height));
}

takeFiles(byId("file"), showPhoto);
const examples = [...document.querySelectorAll(".example")];
for (const one of examples) one.addEventListener("click", () => showPhoto(one.dataset.photo, "The example"));

// --- the reader, once the page stands -----------------------------------------------------------------------------

function loadScript(name) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: `assets/${name}.js`, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

async function loadReader() {
  try {
    for (const name of ["litert", "litert-runtime", "network", "reader"]) await loadScript(name);
    reader = await MnistReader.load();
    document.body.dataset.ready = "true";
    if (shown) await climb(shown, newest);
  } catch (error) {
    byId("verdict").textContent = `The reader could not be loaded: ${error.message ?? "a script is missing"}. The other two models work.`;
  }
}

showPhoto(examples[0].dataset.photo, "The example").then(() => setTimeout(loadReader));
