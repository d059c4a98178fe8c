// The widget of a notebook round the pad of pad.js, which stands before this in one module: it sends drawings to pad.py and
// shows the answers.
const SIDE = 140; // pixels of the drawing that is sent, as in pad.py: half of the canvas

const MARKUP = `
  <div>
    <canvas class="paper" width="280" height="280" role="img" aria-label="Drawing area: draw one digit with mouse, pen or finger"></canvas>
    <div class="tools">
      <button type="button">Clear</button>
      <label>pen <input type="range" min="4" max="40" value="18"></label>
    </div>
  </div>
  <div>
    <div class="caption">what the network sees</div>
    <canvas class="seen" width="28" height="28" aria-hidden="true"></canvas>
    <div class="answer" aria-live="polite"></div>
  </div>
  <div class="bars"></div>`;

function render({ model, el }) {
  const desk = document.createElement("div");
  desk.className = "mnist-pad";
  desk.innerHTML = MARKUP;
  el.append(desk);
  const part = (selector) => desk.querySelector(selector);

  const canvas = part(".paper");
  const small = document.createElement("canvas");
  small.width = small.height = SIDE;
  let timer = null;

  function send() {
    timer = null;
    const context = small.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0, SIDE, SIDE);
    const pixels = context.getImageData(0, 0, SIDE, SIDE).data;
    let text = "";
    for (let i = 0; i < pixels.length; i += 4) text += String.fromCharCode(pixels[i]);
    model.set("drawing", btoa(text));
    model.save_changes();
  }

  const soon = () => (timer ??= setTimeout(send, 100));
  const pad = drawingPad({ canvas, width: part("input"), seen: part(".seen"), bars: part(".bars"), drawn: soon });
  part("button").addEventListener("click", () => {
    pad.wipe();
    soon();
  });

  function show() {
    const levels = Array.from(atob(model.get("image")), (character) => character.charCodeAt(0));
    pad.show(model.get("probabilities"), levels);
    part(".answer").textContent = model.get("answer");
  }
  for (const name of ["probabilities", "answer", "image"]) model.on(`change:${name}`, show);
  show();
}

export default { render };
