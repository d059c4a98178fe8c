// The page "draw a digit": a pad, a place to drop a photo, and what the reader makes of either.
"use strict";

const { MOST_PIXELS, DRAWING_SIDE } = MnistPhotos;
const LARGEST_CANVAS = 4096; // pixels of a side; phones refuse more, so the browser shrinks larger photos before photos.js does

const byId = (id) => document.getElementById(id);
const pad = byId("pad");
const pen = pad.getContext("2d", { willReadFrequently: true });
const status = byId("status");
const percent = (share) => (share > 0.995 ? ">99 %" : `${Math.round(100 * share)} %`); // never sure beyond doubt

// --- what is shown ------------------------------------------------------------------------------------------------

const bars = [...Array(10).keys()].map((digit) => {
  const row = document.createElement("div");
  row.className = "bar";
  row.innerHTML = `<span>${digit}</span><span class="track"><span class="fill"></span></span><span class="share"></span>`;
  byId("bars").append(row);
  return row;
});

function show(reading) {
  bars.forEach((row, digit) => {
    const share = reading ? reading.probabilities[digit] : 0;
    row.querySelector(".fill").style.width = `${100 * share}%`;
    row.querySelector(".share").textContent = reading ? percent(share) : "";
    row.classList.toggle("best", Boolean(reading) && digit === reading.digit);
  });
  const context = byId("seen").getContext("2d");
  const field = context.createImageData(28, 28);
  for (let i = 0; i < 784; i++) {
    const level = reading ? Math.round(255 * reading.image[i]) : 0;
    field.data.set([level, level, level, 255], 4 * i);
  }
  context.putImageData(field, 0, 0);
  byId("answer").textContent = reading ? (reading.sure ? reading.digit : "?") : "";
  byId("words").textContent = reading ? inWords(reading) : "";
}

const inWords = (reading) =>
  reading.sure ? `read as ${reading.digit}, ${percent(reading.confidence)}` : `not sure: perhaps ${reading.digit}, ${percent(reading.confidence)}`;

function say(message, isError = false) {
  status.textContent = message;
  status.classList.toggle("error", isError);
}

// --- drawing ------------------------------------------------------------------------------------------------------

let reader = null;
let last = null; // where the pen is; null while it is up
let reading = false; // a drawing is being read
let changed = false; // and it has changed since
let newest = 0; // counts strokes, photos and clearings: an answer to what came before is not shown

function clearPad() {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, pad.width, pad.height);
}

function wipe() {
  newest += 1;
  clearPad();
  byId("photo").hidden = true;
  show(null);
  say(reader ? "Draw one digit." : "Loading the reader …");
}

const place = (event) => {
  const box = pad.getBoundingClientRect();
  return [((event.clientX - box.left) * pad.width) / box.width, ((event.clientY - box.top) * pad.height) / box.height];
};

function draw(event) {
  if (!last) return;
  for (const one of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
    const next = place(one);
    Object.assign(pen, { lineWidth: +byId("width").value, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    last = next;
  }
  readDrawing();
}

async function readDrawing() {
  changed = true;
  if (reading || !reader) return;
  reading = true;
  while (changed) {
    changed = false;
    const asked = newest;
    await new Promise((resolve) => setTimeout(resolve)); // let the stroke be painted first
    try {
      const { data, width, height } = pen.getImageData(0, 0, pad.width, pad.height);
      const [found] = await reader.read(data, width, height, false);
      if (asked !== newest) continue;
      byId("photo").hidden = true;
      show(found);
      say("");
    } catch (error) {
      if (asked !== newest) continue;
      show(null);
      if (error.name === "BlankImageError") say("Draw one digit.");
      else say(error.message, true);
    }
  }
  reading = false;
}

pad.addEventListener("pointerdown", (event) => {
  if (!event.isPrimary || event.button) return; // a second finger, or another button than the first
  try {
    pad.setPointerCapture(event.pointerId);
  } catch {
    // a pointer made by a script cannot be captured
  }
  newest += 1;
  last = place(event);
  draw(event);
});
pad.addEventListener("pointermove", (event) => event.isPrimary && draw(event));
for (const end of ["pointerup", "pointercancel"])
  pad.addEventListener(end, (event) => {
    if (event.isPrimary) last = null;
  });
byId("clear").addEventListener("click", wipe);

// --- photos -------------------------------------------------------------------------------------------------------

async function opened(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await new Promise((resolve, reject) => Object.assign(image, { onload: resolve, onerror: reject }));
  } catch {
    throw new Error(`${file.name} is not an image that this browser can read. Save the picture as JPEG or PNG.`);
  } finally {
    URL.revokeObjectURL(image.src);
  }
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width * height > MOST_PIXELS)
    throw new Error(`${file.name} has ${width}x${height} pixels, more than 50 million. Crop it around the digit or save it smaller.`);
  return image;
}

async function readPhoto(file) {
  const asked = (newest += 1);
  say(`Reading ${file.name} …`);
  try {
    const loaded = await MnistReader.load();
    const image = await opened(file);
    if (asked !== newest) return;
    const factor = Math.min(1, LARGEST_CANVAS / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = byId("picture");
    canvas.width = Math.max(1, Math.round(factor * image.naturalWidth));
    canvas.height = Math.max(1, Math.round(factor * image.naturalHeight));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height); // upright: browsers heed EXIF
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    clearPad();
    const found = await loaded.read(data, width, height, Math.max(width, height) > DRAWING_SIDE);
    if (asked !== newest) return;
    mark(context, found);
    byId("photo").hidden = false;
    list(found);
    const sure = found.map((one) => (one.sure ? one.digit : "?")).join(" ");
    say(`${file.name}: ${sure}${found.length > 1 ? ". Choose a digit to see how it was read." : ""}`);
  } catch (error) {
    if (asked !== newest) return;
    clearPad();
    byId("photo").hidden = true;
    show(null);
    say(error.message, true);
  }
}

function mark(context, found) {
  const thick = Math.max(2, context.canvas.width / 150);
  context.lineWidth = thick;
  context.strokeStyle = "#d55e00";
  for (const { box } of found) {
    const [left, top, right, bottom] = box;
    context.strokeRect(left - thick, top - thick, right - left + 2 * thick, bottom - top + 2 * thick);
  }
}

function list(found) {
  byId("found").replaceChildren(
    ...found.map((one) => {
      const button = document.createElement("button");
      button.textContent = one.sure ? one.digit : "?";
      button.title = inWords(one);
      button.addEventListener("click", () => show(one));
      return button;
    }),
  );
  byId("found").hidden = found.length < 2;
  show(found[0]);
}

byId("file").addEventListener("change", (event) => {
  if (event.target.files.length) readPhoto(event.target.files[0]);
  event.target.value = ""; // so that the same file can be chosen again
});
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    if (name === "drop" && event.dataTransfer.files.length) readPhoto(event.dataTransfer.files[0]);
  });
}
document.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length) readPhoto(event.clipboardData.files[0]);
});

wipe();
MnistReader.load().then(
  (loaded) => {
    reader = loaded;
    say("Draw one digit.");
    document.body.dataset.ready = "true";
    readDrawing();
  },
  (error) => say(`The reader could not be loaded: ${error.message}. A browser of 2023 or later is needed.`, true),
);
