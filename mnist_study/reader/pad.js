// The pad to draw a digit on: the widget of a notebook (pad_widget.js) and the site's page (web/draw.js) make it of their own parts.
"use strict";

const percent = (share) => (share > 0.995 ? ">99 %" : `${Math.round(100 * share)} %`); // never sure beyond doubt

/** Show 784 grey levels in [0, 255], black where there are none, on a canvas of 28x28 pixels. */
function paintLevels(canvas, levels = []) {
  const context = canvas.getContext("2d");
  const field = context.createImageData(28, 28);
  for (let i = 0; i < 784; i++) {
    const level = levels[i] ?? 0;
    field.data.set([level, level, level, 255], 4 * i);
  }
  context.putImageData(field, 0, 0);
}

/**
 * Make a pad.
 *
 *   canvas: the square to draw on;
 *   width: the range input that holds the pen's width, in pixels of the canvas;
 *   seen: a canvas of 28x28 pixels, for what the network sees;
 *   bars: the element that the ten bars are put into;
 *   paper(pen): what the paper is filled with; white when left out;
 *   begun(): called when a stroke begins;
 *   drawn(): called whenever ink was added.
 *
 * Returns
 *   pen: the context of the canvas;
 *   wipe(): leave nothing but paper;
 *   show(probabilities, levels): ten probabilities in [0, 1] as bars and 784 grey levels in [0, 255]; without them, nothing.
 */
function drawingPad({ canvas, width, seen, bars, paper = () => "#fff", begun = () => {}, drawn }) {
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let last = null; // where the pen is; null while it is up

  function wipe() {
    pen.fillStyle = paper(pen);
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  }

  function draw(event) {
    if (!last) return;
    for (const one of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
      const next = place(one);
      Object.assign(pen, { lineWidth: +width.value, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
      pen.beginPath();
      pen.moveTo(...last);
      pen.lineTo(...next);
      pen.stroke();
      last = next;
    }
    drawn();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button) return; // a second finger, or another button than the first
    try {
      canvas.setPointerCapture(event.pointerId);
    } catch {
      // a pointer made by a script cannot be captured
    }
    begun();
    last = place(event);
    draw(event);
  });
  canvas.addEventListener("pointermove", (event) => event.isPrimary && draw(event));
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, (event) => {
      if (event.isPrimary) last = null;
    });

  const rows = [...Array(10).keys()].map((digit) => {
    const row = document.createElement("div");
    row.className = "bar";
    row.innerHTML = `<span>${digit}</span><span class="track"><span class="fill"></span></span><span class="share"></span>`;
    bars.append(row);
    return row;
  });

  function show(probabilities = [], levels = []) {
    const highest = Math.max(...probabilities);
    rows.forEach((row, digit) => {
      const share = probabilities[digit];
      row.querySelector(".fill").style.width = `${100 * (share ?? 0)}%`;
      row.querySelector(".share").textContent = share === undefined ? "" : percent(share);
      row.classList.toggle("best", share === highest);
    });
    paintLevels(seen, levels);
  }

  wipe();
  return { pen, wipe, show };
}
