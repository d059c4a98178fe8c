// The shipped reader in the browser: MnistReader.load() gives a function from RGBA pixels to readings.
// LiteRT.js runs the network, photos.js prepares the image; both lie beside this page, so that no other host is asked.
"use strict";

const MnistReader = (() => {
  const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  async function unzipped(text) {
    const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
  }

  // LiteRT.js reports what it sets up as errors; what is none goes where only the curious look.
  const log = (line) => (/^(INFO|WARNING)/.test(line) ? console.debug(line) : console.error(line));

  /** The two networks, each a function from one picture to its numbers (by a promise). */
  async function networks() {
    const { loadLiteRt, loadAndCompile, Tensor } = await import("@litertjs/core");
    // read by Emscripten's loader, which runtime.js has put beside it as ModuleFactory
    globalThis.Module = { wasmBinary: await unzipped(LITERT_RUNTIME), print: log, printErr: log };
    await loadLiteRt("data:text/javascript,//.js"); // nothing more to load: a file:// page could not fetch it
    const network = async (packed, side) => {
      const model = await loadAndCompile(new Uint8Array(await unzipped(packed)), { accelerator: "wasm" });
      return async (pixels) => {
        const input = new Tensor(pixels, [1, side, side]);
        try {
          const [output] = await model.run(input);
          const numbers = Float32Array.from(output.toTypedArray());
          output.delete();
          return numbers;
        } finally {
          input.delete();
        }
      };
    };
    return { read: await network(READER.network, 28), find: await network(READER.finder, MnistPhotos.TILE) };
  }

  const SOLID = 7.75; // pixels of 28: ink that is thicker somewhere is no stroke of a pen

  /** is_solid: whether ink is thicker somewhere than strokes are: a blot or a silhouette, no digit. */
  function isSolid(image) {
    const data = new Uint8Array(30 * 30);
    image.forEach((level, i) => (data[30 * (1 + Math.floor(i / 28)) + 1 + (i % 28)] = level > 0.5));
    return 2 * Math.max(...MnistPhotos.distanceTransform({ height: 30, width: 30, data })) > SOLID;
  }

  /** _words: lists of boxes that stand beside each other as the letters of a word do; each box is in one. */
  function wordsOf(boxes) {
    let words = [];
    for (const box of boxes) {
      const its = words.filter((word) => word.some((other) => MnistPhotos.asInAWord(box, other)));
      words = [...words.filter((word) => !its.includes(word)), [box, ...its.flat()]];
    }
    return words;
  }

  /** _in_company: what confidence is worth in each box's word, and among all that are named, a Map. */
  function inCompany(boxes, sure, left) {
    const letters = (part) => part.reduce((sum, box) => sum + Math.max(1, (box[2] - box[0]) / (box[3] - box[1])), 0);
    const worth = new Map([...boxes, ...left].map((box) => [box, 1]));
    for (const company of [boxes, ...wordsOf([...boxes, ...left])]) {
      const [read, whole] = [letters(company.filter((box) => sure.includes(box))), letters(company)];
      for (const box of company) {
        worth.set(box, Math.min(worth.get(box), (2 * (read + (sure.includes(box) ? 0 : letters([box])))) / whole));
      }
    }
    return worth;
  }

  /** _trust: what confidence is worth on a page: 1 where most of its ink is read; where less is, twice the share that is. */
  function trust(boxes, left) {
    const area = (part) => part.reduce((sum, box) => sum + (box[2] - box[0]) * (box[3] - box[1]), 0);
    const read = area(boxes);
    return Math.min(1, (2 * read) / Math.max(read + area(left), 1));
  }

  /**
   * Load the reader, once.
   *
   * Returns (by a promise) an object with
   *   probabilities(image): Float32Array(784) in [0, 1] -> Float32Array(10), calibrated, as Reader.probabilities in Python;
   *   one(levels): Float32Array(784) in [0, 255] -> Float32Array(10), the network's answer to one view, not calibrated;
   *   read(rgba, width, height, several): {readings, unread}: the digits on a picture, each {digit, sure, confidence,
   *     probabilities, image, box}, and the ink that was not read, each {box, reason}.
   *     Throws BlankImageError or ImageSizeError as mnist_study.reader does.
   */
  async function load() {
    const { read: forward, find } = await networks();
    const probabilities = async (image) => {
      const views = MnistPhotos.views(image);
      const found = new Float32Array(50);
      for (let view = 0; view < 5; view++) {
        const pixels = views.slice(784 * view, 784 * (view + 1)).map((level) => 255 * level);
        found.set(await forward(pixels), 10 * view);
      }
      return MnistPhotos.combine(found, READER.temperature);
    };
    const read = async (rgba, width, height, several) => {
      const picture = MnistPhotos.openPhoto(rgba, width, height);
      const certainty = async (image) => Math.max(...(await probabilities(image))) / READER.threshold;
      const { digits, unread } = await MnistPhotos.digitsOn(picture, find, several ? certainty : null);
      const rows = [];
      for (const { image } of digits) {
        const row = await probabilities(image);
        rows.push(several && isSolid(image) ? row.map((share) => (share + 0.1) / 2) : row);
      }
      const isSure = rows.map((row) => Math.max(...row) >= READER.threshold);
      const boxes = digits.filter((_, k) => isSure[k]).map(({ box }) => box);
      const isNamed = ({ score, box }, k) =>
        isSure[k] || score >= MnistPhotos.DOUBTFUL || MnistPhotos.standsOnALine(box, boxes, MnistPhotos.AWAY);
      const named = digits.map(isNamed);
      const kept = named.includes(true) ? named : named.map(() => true);
      digits.forEach(({ box }, k) => kept[k] || unread.push({ box, reason: "hardly looks like a digit" }));
      const counts = ({ reason }) => ![MnistPhotos.LINE, MnistPhotos.CUT_OFF].includes(reason);
      const left = unread.filter(counts).map(({ box }) => box);
      const namedBoxes = digits.filter((_, k) => kept[k]).map(({ box }) => box);
      const [worth, company] = [trust(namedBoxes, left), inCompany(namedBoxes, boxes, left)];
      const readings = digits.map(({ image, box }, k) => {
        const digit = rows[k].indexOf(Math.max(...rows[k]));
        const confidence = worth * company.get(box) * rows[k][digit];
        return { digit, sure: confidence >= READER.threshold, confidence, probabilities: rows[k], image, box };
      });
      return { readings: readings.filter((_, k) => kept[k]), unread };
    };
    return { probabilities: inTurn(probabilities), read: inTurn(read), one: inTurn(forward) };
  }

  // The network has one place for its input: whoever asks while it works has to wait.
  let last = Promise.resolve();
  const inTurn = (work) => (...asked) => {
    const answer = last.then(() => work(...asked));
    last = answer.catch(() => {});
    return answer;
  };

  let loading = null;
  return { load: () => (loading ??= load()) };
})();
