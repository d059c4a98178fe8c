// "Look inside" on the drawing page: what each convolution of the reader makes of the digit, and which of its ink decides.
"use strict";

const lookInside = (() => {
  const MAPS = 8; // of each convolution: those that answer most strongly
  const [PATCH, STRIDE] = [6, 2]; // pixels covered at a time, and how far the next patch lies
  const PAUSE = 250; // milliseconds without a new stroke before anything is computed
  const network = MnistModels.network(READER_LAYERS);
  const section = document.getElementById("inside");
  let asked = 0;

  /** Values in [0, 1] as a picture: from black to white, or to orange where `hot`. */
  function paint(canvas, height, width, shade) {
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    const field = context.createImageData(width, height);
    for (let i = 0; i < height * width; i++) field.data.set([...shade(i), 255], 4 * i);
    context.putImageData(field, 0, 0);
  }

  function showStages(levels) {
    const rows = network.stages(levels).map(({ height, width, channels, data }, number) => {
      const sums = Float32Array.from({ length: channels }, (_, k) => {
        let sum = 0;
        for (let i = k; i < data.length; i += channels) sum += data[i];
        return sum;
      });
      const strongest = [...sums.keys()].sort((a, b) => sums[b] - sums[a]).slice(0, MAPS);
      const row = document.createElement("figure");
      row.innerHTML = `<figcaption>Convolution ${number + 1}: ${channels} maps of ${height}x${width}, the ${MAPS} strongest</figcaption><div class="maps"></div>`;
      for (const k of strongest) {
        const canvas = document.createElement("canvas");
        canvas.setAttribute("aria-hidden", "true");
        let most = 1e-6;
        for (let i = k; i < data.length; i += channels) most = Math.max(most, data[i]);
        paint(canvas, height, width, (i) => Array(3).fill((255 * data[i * channels + k]) / most));
        row.lastElementChild.append(canvas);
      }
      return row;
    });
    document.getElementById("stages").replaceChildren(...rows);
  }

  /** occlusion: what covering each patch takes from the probability of the answer, Float32Array(784) in [0, 1]. */
  async function occlusion(levels, digit, reader) {
    const whole = (await reader.one(levels))[digit];
    const [loss, covered] = [new Float32Array(784), new Float32Array(784)];
    for (let top = 0; top + PATCH <= 28; top += STRIDE) {
      for (let left = 0; left + PATCH <= 28; left += STRIDE) {
        const hidden = Float32Array.from(levels);
        let ink = 0;
        for (let y = top; y < top + PATCH; y++)
          for (let x = left; x < left + PATCH; x++) {
            ink += hidden[28 * y + x];
            hidden[28 * y + x] = 0;
          }
        const lost = ink > 255 ? Math.max(0, whole - (await reader.one(hidden))[digit]) : 0;
        for (let y = top; y < top + PATCH; y++)
          for (let x = left; x < left + PATCH; x++) {
            loss[28 * y + x] += lost;
            covered[28 * y + x] += 1;
          }
      }
    }
    return loss.map((sum, i) => sum / Math.max(covered[i], 1));
  }

  /** Show the inside for a reading of reader.read, once the pen rests; hide it without one. */
  return async function lookInside(one, reader) {
    const mine = (asked += 1);
    if (!one || !reader) {
      section.hidden = true;
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (mine !== asked) return;
    const levels = one.image.map((level) => 255 * level);
    showStages(levels);
    const loss = await occlusion(levels, one.digit, reader);
    if (mine !== asked) return;
    const most = Math.max(...loss, 0.02);
    paint(document.getElementById("decides"), 28, 28, (i) => {
      const [ink, hot] = [one.image[i], loss[i] / most];
      return [255 * ink, 255 * ink * (1 - 0.62 * hot), 255 * ink * (1 - hot)];
    });
    section.hidden = false;
    section.dataset.shown = one.digit;
  };
})();
