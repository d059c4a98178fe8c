"""A pad to draw a digit on in Jupyter or Colab, with what the reader sees and its ten probabilities beside it, live."""

import base64
import binascii
import sys

import anywidget
import numpy as np
import traitlets

from . import photos
from . import reading as reader

SIDE = 140  # pixels of the drawing that the page sends: half of the canvas

SCRIPT = """
const SIDE = 140;
function render({ model, el }) {
  const part = (tag, parent, props = {}, style = "") => {
    const node = Object.assign(document.createElement(tag), props);
    node.style.cssText = style;
    parent.append(node);
    return node;
  };
  const row = part("div", el, {}, "display:flex;flex-wrap:wrap;gap:16px;align-items:flex-start;font:14px sans-serif");
  const left = part("div", row);
  const canvas = part("canvas", left, { width: 280, height: 280 },
    "border:1px solid #888;border-radius:4px;background:#fff;touch-action:none;cursor:crosshair;display:block");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Drawing area: draw one digit with mouse, pen or finger");
  const tools = part("div", left, {}, "display:flex;gap:8px;align-items:center;margin-top:6px");
  const clear = part("button", tools, { textContent: "Clear" });
  const label = part("label", tools, { textContent: "pen " });
  const width = part("input", label, { type: "range", min: 4, max: 40, value: 18 }, "width:120px;vertical-align:middle");
  const middle = part("div", row);
  part("div", middle, { textContent: "what the network sees" }, "margin-bottom:4px");
  const seen = part("canvas", middle, { width: 28, height: 28 }, "width:140px;height:140px;image-rendering:pixelated;background:#000");
  seen.setAttribute("aria-hidden", "true");
  const answer = part("div", middle, {}, "font-size:18px;font-weight:bold;margin-top:8px;max-width:150px;min-height:2.4em");
  answer.setAttribute("aria-live", "polite");
  const right = part("div", row);
  const bars = [...Array(10).keys()].map((digit) => {
    const line = part("div", right, {}, "display:flex;align-items:center;height:26px");
    part("span", line, { textContent: digit }, "width:18px");
    const track = part("div", line, {}, "width:160px;height:16px;background:#8884");
    return [part("div", track, {}, "height:16px;width:0;background:#0173b2"),
            part("span", line, {}, "margin-left:6px;width:50px")];
  });
  const pen = canvas.getContext("2d");
  const small = document.createElement("canvas");
  small.width = small.height = SIDE;
  const wipe = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, 280, 280); };
  let last = null, timer = null;
  const send = () => {
    timer = null;
    const context = small.getContext("2d");
    context.drawImage(canvas, 0, 0, SIDE, SIDE);
    const pixels = context.getImageData(0, 0, SIDE, SIDE).data;
    let text = "";
    for (let i = 0; i < pixels.length; i += 4) text += String.fromCharCode(pixels[i]);
    model.set("drawing", btoa(text));
    model.save_changes();
  };
  const soon = () => { timer = timer || setTimeout(send, 100); };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * 280 / box.width, (event.clientY - box.top) * 280 / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    try { canvas.setPointerCapture(event.pointerId); } catch (error) { /* a pointer made by a script */ }
    last = place(event);
    draw(event);
  });
  const draw = (event) => {
    if (!last) return;
    const next = place(event);
    Object.assign(pen, { lineWidth: +width.value, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    last = next;
    soon();
  };
  canvas.addEventListener("pointermove", draw);
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { last = null; });
  clear.addEventListener("click", () => { wipe(); soon(); });
  const show = () => {
    const probabilities = model.get("probabilities");
    bars.forEach(([bar, text], digit) => {
      const share = probabilities.length ? probabilities[digit] : 0;
      bar.style.width = 160 * share + "px";
      text.textContent = probabilities.length ? Math.round(100 * share) + " %" : "";
    });
    answer.textContent = model.get("answer");
    const context = seen.getContext("2d"), field = context.createImageData(28, 28);
    const bytes = atob(model.get("image"));
    for (let i = 0; i < 784; i++) {
      const level = i < bytes.length ? bytes.charCodeAt(i) : 0;
      field.data.set([level, level, level, 255], 4 * i);
    }
    context.putImageData(field, 0, 0);
  };
  for (const name of ["probabilities", "answer", "image"]) model.on("change:" + name, show);
  wipe();
  show();
}
export default { render };
"""


class DrawingPad(anywidget.AnyWidget):
    """The widget; ``drawing_pad`` makes one.

    Attributes:
        drawing: what the page sends: base64 of SIDE x SIDE grey levels, dark on white.
        probabilities: ten numbers, or none where nothing was read.
        image: base64 of the 28x28 levels that the network saw.
        answer: for a reader: the digit and its confidence, "not sure", or why nothing was read.
    """

    _esm = SCRIPT
    drawing = traitlets.Unicode("").tag(sync=True)
    probabilities = traitlets.List(traitlets.Float()).tag(sync=True)
    image = traitlets.Unicode("").tag(sync=True)
    answer = traitlets.Unicode("draw a digit").tag(sync=True)

    def __init__(self, read_with, **options):
        super().__init__(**options)
        self._read_with = read_with

    @traitlets.observe("drawing")
    def _read(self, change) -> None:
        try:
            levels = np.frombuffer(base64.b64decode(change["new"], validate=True), np.uint8).reshape(SIDE, SIDE)
        except (binascii.Error, ValueError):
            self._nothing(f"no drawing: expected {SIDE} x {SIDE} grey levels")
            return
        try:
            found = photos.largest_digit(levels)
        except photos.BlankImageError:
            self._nothing("draw a digit")
            return
        row = self._read_with.probabilities(found.image[None])[0]
        digit = int(row.argmax())
        sure = row[digit] >= self._read_with.threshold
        with self.hold_sync():
            self.probabilities = [round(float(share), 4) for share in row]
            self.image = base64.b64encode(np.uint8(255 * found.image).tobytes()).decode()
            self.answer = f"{digit}, {row[digit]:.0%}" if sure else f"not sure (perhaps {digit})"

    def _nothing(self, why: str) -> None:
        with self.hold_sync():
            self.probabilities, self.image, self.answer = [], "", why


def drawing_pad(read_with: "reader.Reader | None" = None) -> DrawingPad:
    """A drawing pad that reads while one draws.

    Args:
        read_with: the reader; the shipped one when left out.

    Returns:
        A widget for the last line of a notebook cell.
    """
    if "google.colab" in sys.modules:
        from google.colab import output

        output.enable_custom_widget_manager()
    return DrawingPad(read_with or reader.shipped())
