// The page "draw a digit": the pad of pad.js, a place to drop a photo, and what the reader makes of either.
"use strict";

const { DRAWING_SIDE, loadedImage, onCanvas, takeFiles } = MnistPhotos;
const LARGEST_CANVAS = 4096; // pixels of a side; phones refuse more, so the browser shrinks larger photos before photos.js does

const byId = (id) => document.getElementById(id);
const pad = byId("pad");
const status = byId("status");

let reader = null;
let reading = false; // a drawing is being read
let changed = false; // and it has changed since
let newest = 0; // counts strokes, photos and clearings: an answer to what came before is not shown

// --- what is shown ------------------------------------------------------------------------------------------------

function show(one) {
  if (one) showBars(one.probabilities, one.image.map((level) => Math.round(255 * level)));
  else showBars();
  byId("answer").textContent = one ? (one.sure ? one.digit : "?") : "";
  byId("words").textContent = one ? inWords(one) : "";
  lookInside(one, reader);
}

const inWords = (one) =>
  one.sure ? `read as ${one.digit}, ${percent(one.confidence)}` : `not sure: perhaps ${one.digit}, ${percent(one.confidence)}`;

function say(message, isError = false) {
  status.textContent = message;
  status.classList.toggle("error", isError);
}

// --- drawing ------------------------------------------------------------------------------------------------------

const parts = { canvas: pad, width: byId("width"), seen: byId("seen"), bars: byId("bars") };
const { pen, wipe: clearPad, show: showBars } = drawingPad({ ...parts, begun: () => (newest += 1), drawn: readDrawing });

function wipe() {
  newest += 1;
  clearPad();
  byId("photo").hidden = true;
  show(null);
  say(reader ? "Draw a digit or a number." : "Loading the reader …");
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
      const { readings } = await reader.read(data, width, height, true);
      if (asked !== newest) continue;
      byId("photo").hidden = true;
      show(readings[0]);
      say(readings.length > 1 ? `Read as ${answersOf(readings)}; the first digit is shown.` : "");
    } catch (error) {
      if (asked !== newest) continue;
      show(null);
      if (error.name === "BlankImageError") say("Draw a digit or a number.");
      else say(error.message, true);
    }
  }
  reading = false;
}

byId("clear").addEventListener("click", wipe);

// --- photos -------------------------------------------------------------------------------------------------------

async function readPhoto(file) {
  const asked = (newest += 1);
  say(`Reading ${file.name} …`);
  try {
    const loaded = await MnistReader.load();
    const image = await loadedImage(file);
    if (asked !== newest) return;
    const canvas = byId("picture");
    const context = onCanvas(canvas, image, LARGEST_CANVAS);
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    clearPad();
    const { readings, unread } = await loaded.read(data, width, height, Math.max(width, height) > DRAWING_SIDE);
    if (asked !== newest) return;
    mark(context, unread, "#960fa0");
    mark(context, readings, "#d55e00");
    byId("photo").hidden = false;
    list(readings);
    const choose = readings.length > 1 ? ". Choose a digit to see how it was read." : "";
    const left = unread.length ? ` Not read (marked purple): ${[...new Set(unread.map(({ reason }) => reason))].join("; ")}.` : "";
    say(`${file.name}: ${answersOf(readings)}${choose || (left && ".")}${left}`);
  } catch (error) {
    if (asked !== newest) return;
    clearPad();
    byId("photo").hidden = true;
    show(null);
    say(error.message, true);
  }
}

const answersOf = (readings) => readings.map((one) => (one.sure ? one.digit : "?")).join(" ");

function mark(context, found, colour) {
  const thick = Math.max(2, context.canvas.width / 150);
  context.lineWidth = thick;
  context.strokeStyle = colour;
  for (const { box } of found) {
    const [left, top, right, bottom] = box;
    context.strokeRect(left - thick, top - thick, right - left + 2 * thick, bottom - top + 2 * thick);
  }
}

function list(digits) {
  byId("found").replaceChildren(
    ...digits.map((one) => {
      const button = document.createElement("button");
      button.textContent = one.sure ? one.digit : "?";
      button.title = inWords(one);
      button.addEventListener("click", () => show(one));
      return button;
    }),
  );
  byId("found").hidden = digits.length < 2;
  show(digits[0]);
}

takeFiles(byId("file"), readPhoto);

wipe();
MnistReader.load().then(
  (loaded) => {
    reader = loaded;
    say("Draw a digit or a number.");
    document.body.dataset.ready = "true";
    readDrawing();
  },
  (error) => say(`The reader could not be loaded: ${error.message}. A browser of 2023 or later is needed.`, true),
);
