/* A sheet of several digits: mnist_study/reader/sheets.py in JavaScript, where the reasons are explained. */
var MnistPhotos = globalThis.MnistPhotos || {};

(() => {
  "use strict";

  const {
    roundHalfEven, rounded, chosen, extremes, median, heightOf, widthOf, sidesOf, withPaper, where, cutOut, maximumFilter1d, label,
    findObjects, inkBox, same, evenlyLit, lightnessOfInk, strengthen, findInk, betweenPaperAndInk, withoutRuledLines, LEAST_CONTRAST,
  } = MnistPhotos;

  const ROUND = 0.3;
  const WIDEST = 0.45;
  const OUTSTANDING = 3;
  const FAINTEST = 0.03;
  const FAINT_BESIDE = 0.3;
  const THICKEST_LINE = 0.1;
  const [LINE, CUT_OFF, NO_DIGIT] = ["a line or a frame", "runs out of the picture", "looks like no digit"];
  const [WIDER, SMALL_PRINT] = [1.2, 0.6];
  const [BETWEEN_LETTERS, LIKE_LETTERS] = [0.35, 2];
  const SPECK = 0.015;
  const [INNER, OWN, OTHERS] = [0.75, 1.15, 1.05];

  /** inks_of: {inks, light}: for each place, [left, top, right, bottom], {ink, box} or null, where ink is a plane in [0, 1]
      and box whole pixels; and whether ink is lighter than the paper. */
  function inksOf(picture, places) {
    const views = places.map((place) => viewOf(picture, place));
    const windows = views.map((view) => windowOf(picture, view));
    const lit = places.map((place, k) => [false, true].map((lightInk) => evenlyLit(windows[k], reachOf(place), lightInk)));
    const light = places.reduce((sum, place, k) => sum + lightness(place, views[k], windows[k], lit[k]), 0) > 0;
    const found = places.map((_, number) => inkOf(places, number, views[number], { ...windows[number], data: lit[number][+light] }));
    const faintest = FAINT_BESIDE * Math.max(0, ...found.map((one) => (one ? one.contrast : 0)));
    const kept = [];
    const inks = found.map((one) => {
      if (!one || one.contrast < faintest || kept.some((box) => same(one.box, box))) return null;
      kept.push(one.box);
      return one;
    });
    return { inks, light };
  }

  /** ink_of: the ink of the digit at one place among all, {ink, box} or null. */
  function inkAt(picture, places, number, light) {
    const view = viewOf(picture, places[number]);
    const window = windowOf(picture, view);
    return inkOf(places, number, view, { ...window, data: evenlyLit(window, reachOf(places[number]), light) });
  }

  function windowOf(picture, view) {
    const wide = { left: 3 * view.left, right: 3 * view.right, top: view.top, bottom: view.bottom };
    const colours = cutOut({ width: 3 * picture.width, data: picture.data }, wide).data;
    return { height: heightOf(view), width: widthOf(view), data: colours };
  }

  function viewOf(picture, [left, top, right, bottom]) {
    const margin = ROUND * Math.max(right - left, bottom - top) + 2;
    return {
      top: Math.max(0, Math.trunc(top - margin)),
      bottom: Math.min(picture.height, Math.trunc(bottom + margin) + 1),
      left: Math.max(0, Math.trunc(left - margin)),
      right: Math.min(picture.width, Math.trunc(right + margin) + 1),
    };
  }

  const reachOf = ([left, top, right, bottom]) => WIDEST * Math.max(right - left, bottom - top);

  /** _lightness: below 0 where the digit is darker than the paper around it. */
  function lightness(place, view, window, [dark, light]) {
    const [left, top, right, bottom] = place;
    const within = [(i) => light[i], (i) => 1 - dark[i]].map((residual) => {
      const [sums, counts] = [[0, 0], [0, 0]];
      for (let i = 0; i < window.data.length; i++) {
        const at = Math.floor(i / 3);
        const [x, y] = [view.left + (at % window.width), view.top + Math.floor(at / window.width)];
        const around = x >= left && x < right && y >= top && y < bottom ? 0 : 1;
        sums[around] += residual(i);
        counts[around]++;
      }
      const [here, around] = sums.map((sum, k) => (counts[k] ? sum / counts[k] : 0));
      return (here - around) / (here + around + 1e-6);
    });
    return lightnessOfInk(window) + OUTSTANDING * (within[0] - within[1]);
  }

  function inkOf(places, number, view, window) {
    const { ink } = findInk(window);
    const { owned, inner, others } = territories(places, number, view);
    const faintest = rounded(ink.data, FAINTEST);
    const values = chosen(ink.data, (i) => owned[i] && ink.data[i] > faintest);
    if (!values.length) return null;
    const least = rounded(ink.data, Math.max(FAINTEST, betweenPaperAndInk(values)));
    const lines = withoutRuledLines(where(ink, (value) => value > least), THICKEST_LINE);
    const strokes = ownStrokes(lines, owned, inner, others);
    const found = inkBox(strokes);
    if (!found) return null;
    const around = withPaper(found, ink);
    const [strength, mask] = [cutOut(ink, around), cutOut(strokes, around)];
    const contrast = strengthen(strength, mask);
    const box = [view.left + found.left, view.top + found.top, view.left + found.right, view.top + found.bottom];
    return { ink: strength, box, contrast };
  }

  /** _territories: masks of where in a window the digit may have ink, where it must, and which part is another's. */
  function territories(places, number, view) {
    const touching = places.filter(
      ([left, top, right, bottom], k) =>
        k !== number && left < view.right && right > view.left && top < view.bottom && bottom > view.top,
    );
    const distance = ([left, top, right, bottom], x, y) => {
      const across = Math.abs(x - (left + right) / 2) / Math.max(1, (right - left) / 2);
      return Math.max(across, Math.abs(y - (top + bottom) / 2) / Math.max(1, (bottom - top) / 2));
    };
    const [height, width] = [heightOf(view), widthOf(view)];
    const [owned, inner, others] = [0, 1, 2].map(() => new Uint8Array(height * width));
    for (let i = 0; i < owned.length; i++) {
      const [x, y] = [view.left + (i % width) + 0.5, view.top + Math.floor(i / width) + 0.5];
      const own = distance(places[number], x, y);
      const other = Math.min(Infinity, ...touching.map((place) => distance(place, x, y)));
      others[i] = other < own && other < OTHERS;
      owned[i] = own < OWN && !others[i];
      inner[i] = own < INNER && !others[i];
    }
    return { owned, inner, others };
  }

  /** _own_strokes: the connected strokes that are the digit's; of one that goes on beyond, the part within. */
  function ownStrokes(mask, owned, inner, others) {
    const { labels, count } = label(mask);
    if (!count) return mask;
    const [size, own, foreign, inside] = [0, 1, 2, 3].map(() => new Int32Array(count + 1));
    const beyond = new Uint8Array(count + 1);
    const { height, width, data } = labels;
    for (let i = 0; i < data.length; i++) {
      const [y, x, number] = [Math.floor(i / width), i % width, data[i]];
      size[number]++;
      own[number] += owned[i];
      foreign[number] += others[i];
      inside[number] += inner[i];
      if (y === 0 || x === 0 || y === height - 1 || x === width - 1) beyond[number] = 1;
    }
    const main = inside.map((one) => (one >= Math.max(1, 0.1 * extremes(inside.subarray(1))[1]) ? 1 : 0));
    let largest = 0;
    for (let number = 1; number <= count; number++) if (main[number]) largest = Math.max(largest, size[number]);
    const share = (part, number) => part[number] / Math.max(size[number], 1);
    const whole = size.map((pixels, number) =>
      number > 0 && !beyond[number] && pixels > SPECK * largest &&
      ((main[number] && share(foreign, number) < 0.2) ||
        (share(own, number) + share(foreign, number) > 0.8 && share(own, number) > 0.65)) ? 1 : 0,
    );
    const part = size.map((_, number) => (number > 0 && main[number] && !whole[number] && share(own, number) > 0.25 ? 1 : 0));
    return where(labels, (number, i) => whole[number] || (part[number] && owned[i]));
  }

  /** without_words: letters that look like digits, known by what stands close beside them, become ink that is not read. */
  function withoutWords(digits, unread) {
    const usual = median(Float64Array.from(digits, ({ box }) => box[3] - box[1]));
    const print = ([left, top, right, bottom]) => right - left > WIDER * (bottom - top) || bottom - top < SMALL_PRINT * usual;
    const words = unread.filter(({ box, reason }) => reason === NO_DIGIT && print(box)).map(({ box }) => box);
    let [kept, left] = [digits, unread];
    for (;;) {
      const letters = kept.filter(({ box }) => words.some((word) => asInAWord(box, word))).map(({ box }) => box);
      if (!letters.length) return kept.length ? { digits: kept, unread: left } : { digits, unread };
      left = [...left, ...letters.map((box) => ({ box, reason: "part of a word" }))];
      words.push(...letters); // a letter beside a letter is one too
      kept = kept.filter(({ box }) => !letters.includes(box));
    }
  }

  /** as_in_a_word: whether a box stands as close beside another as the letters of a word, and is about as high. */
  function asInAWord(box, other) {
    const [height, gap] = [box[3] - box[1], Math.max(box[0] - other[2], other[0] - box[2])];
    const ratio = (other[3] - other[1]) / height;
    return 1 / LIKE_LETTERS < ratio && ratio < LIKE_LETTERS && gap < BETWEEN_LETTERS * height && levelWith(box, other) > 0;
  }

  /** in_reading_order: numbers of the boxes, [left, top, right, bottom], in lines from the top, each from the left. */
  function inReadingOrder(boxes) {
    const lines = [];
    const order = boxes.map((_, number) => number).sort((a, b) => boxes[a][0] - boxes[b][0]);
    for (const number of order) {
      let [best, most] = [-1, 0];
      lines.forEach((line, k) => {
        const likeness = Math.max(...line.slice(-3).map((other) => levelWith(boxes[number], boxes[other])));
        if (likeness > most) [best, most] = [k, likeness];
      });
      if (best < 0) lines.push([number]);
      else lines[best].push(number);
    }
    const middle = (line) => median(Float64Array.from(line, (number) => boxes[number][1] + boxes[number][3]));
    return lines.sort((a, b) => middle(a) - middle(b)).flat();
  }

  /** level_with: how well two boxes stand on one line. */
  function levelWith(a, b) {
    const common = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
    const heights = [a[3] - a[1], b[3] - b[1]];
    return common > 0.4 * Math.min(...heights) ? common / (heights[0] + heights[1] - common) : 0;
  }

  const liesWithin = ([left, top, right, bottom], part) =>
    part.left <= left && part.top <= top && right <= part.right && bottom <= part.bottom;

  /** ink_left: the ink outside the digits: [{box, reason}] in reading order. */
  function inkLeft({ labels, places }, boxes) {
    if (places.length < 2) return [];
    const { height, width } = labels;
    const covered = new Uint8Array(height * width);
    for (const [left, top, right, bottom] of boxes) {
      const [wide, high] = [right - left, bottom - top].map((side) => roundHalfEven(0.15 * side) + 2);
      for (let y = Math.max(0, top - high); y < Math.min(height, bottom + high); y++) {
        covered.fill(1, y * width + Math.max(0, left - wide), y * width + Math.min(width, right + wide));
      }
    }
    const usual = median(Float64Array.from(boxes, (box) => box[3] - box[1]));
    const [size, under] = [new Int32Array(places.length), new Int32Array(places.length)];
    labels.data.forEach((number, i) => {
      size[number]++;
      under[number] += covered[i];
    });
    const leftOver = places.map(
      (box, number) =>
        number > 0 && under[number] < 0.5 * size[number] && Math.max(heightOf(box), widthOf(box)) >= Math.max(4, 0.25 * usual),
    );
    const frames = places.map((part, number) => leftOver[number] && boxes.some((box) => liesWithin(box, part)));
    const pieces = where(labels, (number) => leftOver[number]);
    let near = pieces;
    for (const axis of [0, 1]) near = maximumFilter1d(near, 2 * Math.max(1, roundHalfEven(0.25 * usual)) + 1, axis);
    const words = label(near);
    words.labels.data.forEach((_, i) => pieces.data[i] || (words.labels.data[i] = 0));
    const framed = new Set(words.labels.data.filter((_, i) => frames[labels.data[i]]));
    const found = findObjects(words.labels, words.count).slice(1).map((box, k) => {
      const here = cutOut(words.labels, box).data.filter((number) => number === k + 1).length;
      const [short, long] = extremes([heightOf(box), widthOf(box)]);
      const rim = box.top === 0 || box.left === 0 || box.bottom === height || box.right === width;
      let reason = rim ? CUT_OFF : NO_DIGIT;
      if ((here / long < 0.2 * long && short < 0.15 * long) || here / (short * long) < 0.1 || framed.has(k + 1)) reason = LINE;
      return { box: sidesOf(box), reason };
    });
    return inReadingOrder(found.map(({ box }) => box)).map((k) => found[k]);
  }

  /** connected_ink: {labels, places} of the ink of a whole picture in pieces that hang together. */
  function connectedInk({ ink, texture }) {
    const floor = rounded(ink.data, Math.max(LEAST_CONTRAST, 7 * texture));
    const values = chosen(ink.data, (i) => ink.data[i] > floor);
    const least = values.length ? rounded(ink.data, Math.max(floor, betweenPaperAndInk(values))) : Infinity;
    const { labels, count } = label(where(ink, (value) => value > least));
    return { labels, places: findObjects(labels, count) };
  }

  Object.assign(MnistPhotos, { LINE, CUT_OFF, inksOf, inkAt, levelWith, asInAWord, withoutWords, inReadingOrder, connectedInk, inkLeft });
})();
