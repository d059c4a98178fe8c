/* Digits that the finder split or overlooked: mnist_study/reader/joining.py in JavaScript, where the reasons are explained. */
var MnistPhotos = globalThis.MnistPhotos || {};

(() => {
  "use strict";

  const { median, levelWith, commonArea } = MnistPhotos;

  const GAP = 0.2;
  const BESIDE = 0.05;
  const HIGH = 0.75;
  const [LOWER, TALLER] = [0.7, 1.35];
  const TALLEST = 2;
  const WIDE = 1.5;
  const AWAY = 2.5;
  const [CLOSE, LIKELY] = [0.6, 0.5];
  const [MEETS, WHOLE] = [0.5, 0.8];
  const MANY = 24;

  /** joined: {gone, made}: numbers of digits that no longer count, and what `inkThere` made in their place.
      digits: [{box, image}]; left: boxes of ink that was left; pieces: of all connected ink; inkThere: (box, others) -> {box, image, ...} or null;
      certainty: a function from an image to 1 or more where the reader is sure (by a promise). */
  async function joined(digits, left, pieces, inkThere, certainty) {
    const boxes = digits.map(({ box }) => box);
    const known = new Map();
    const sureness = async (number) => {
      if (!known.has(number)) known.set(number, await certainty(digits[number].image));
      return known.get(number);
    };
    const without = (...numbers) => boxes.filter((_, k) => !numbers.includes(k));
    const proposals = []; // digits that would go, ink that would be taken, the box of it all
    for (let i = 0; i < boxes.length; i++) {
      for (let j = 0; j < i; j++) {
        if (!mayBeOne(boxes[i], boxes[j], without(i, j))) continue;
        const whole = union(boxes[i], boxes[j]);
        const high = [i, j].every((k) => heightOf(boxes[k]) > HIGH * heightOf(whole));
        if (!high || Math.min(await sureness(i), await sureness(j)) < 1) proposals.push([[j, i], [], whole]);
      }
    }
    for (let j = 0; left.length <= MANY && j < left.length; j++) {
      for (let i = 0; i < boxes.length; i++) {
        const others = without(i);
        if (!mayBeOne(boxes[i], left[j], others)) continue;
        if (isLow(boxes[i], others) || (await sureness(i)) < 1) proposals.push([[i], [j], union(boxes[i], left[j])]);
      }
      if (standsOnALine(left[j], boxes, AWAY)) proposals.push([[], [j], left[j]]);
    }
    const strokes = []; // one of two 1s that were taken for a word, or a digit of which only a part was found
    for (const ink of pieces) {
      if (left.some((other) => other.join() === ink.join()) || !standsOnALine(ink, boxes, AWAY)) continue;
      const its = [...boxes.keys()].filter((i) => share(ink, boxes[i], Math.min) > MEETS);
      if (!its.length || (its.length === 1 && share(ink, boxes[its[0]], Math.max) < WHOLE)) strokes.push([its, ink]);
    }
    for (const [its, ink] of strokes.length <= MANY ? strokes : []) {
      const i = its[0];
      if (!its.length || isLow(boxes[i], without(i)) || (await sureness(i)) < 1) proposals.push([its, [], ink]);
    }
    const made = [];
    for (const [numbers, taken, box] of proposals) {
      const one = inkThere(box, without(...numbers));
      if (one === null) continue;
      const sure = await certainty(one.image);
      if (sure >= (!numbers.length && standsOnALine(box, boxes, CLOSE) ? LIKELY : 1)) made.push({ sure, numbers, taken, one });
    }
    const [gone, used, kept] = [new Set(), new Set(), []];
    for (const { numbers, taken, one } of made.sort((a, b) => b.sure - a.sure)) {
      if (numbers.some((number) => gone.has(number)) || taken.some((number) => used.has(number))) continue;
      if (kept.some((other) => share(one.box, other.box, Math.min) > MEETS)) continue;
      numbers.forEach((number) => gone.add(number));
      taken.forEach((number) => used.add(number));
      kept.push(one);
    }
    return { gone, made: kept };
  }

  const heightOf = (box) => box[3] - box[1];

  /** _may_be_one: whether two boxes may be parts of one digit. */
  function mayBeOne(a, b, others) {
    const whole = union(a, b);
    const height = heightOf(whole);
    const [aside, apart] = [0, 1].map((k) => Math.max(a[k], b[k]) - Math.min(a[k + 2], b[k + 2]));
    if (aside > BESIDE * height || apart > GAP * height) return false;
    if (aside > 0 && Math.max(heightOf(a), heightOf(b)) > HIGH * height) return false;
    return height <= TALLEST * (usual(whole, others) || Math.max(heightOf(a), heightOf(b)));
  }

  /** _share: what two boxes have in common, as a share of the smaller one, or of the larger one. */
  function share(a, b, of) {
    return commonArea(a, b) / of(...[a, b].map((box) => (box[2] - box[0]) * heightOf(box)));
  }

  /** _is_low: whether a box is much lower than what stands on its line. */
  const isLow = (box, others) => heightOf(box) < LOWER * usual(box, others);

  /** _usual: the usual height of what stands on a line with a box; 0 where nothing does. */
  function usual(box, others) {
    const heights = others.filter((other) => levelWith(box, other) > 0).map(heightOf);
    return heights.length ? median(Float64Array.from(heights)) : 0;
  }

  /** stands_on_a_line: whether a box is hardly wider than high, and as high as digits on its line close by. */
  function standsOnALine(ink, boxes, away) {
    const [height, width] = [heightOf(ink), ink[2] - ink[0]];
    const beside = boxes
      .filter((box) => levelWith(ink, box) > 0 && Math.max(box[0] - ink[2], ink[0] - box[2]) < away * heightOf(box))
      .map(heightOf);
    const ratio = beside.length ? height / median(Float64Array.from(beside)) : 0;
    return width <= WIDE * height && LOWER <= ratio && ratio <= TALLER;
  }

  /** _union */
  const union = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];

  Object.assign(MnistPhotos, { AWAY, joined, standsOnALine });
})();
