/* A photo or drawing of digits -> 28x28 images made as MNIST was made, in the browser: the same steps in the same order,
   under the same names, as photo_files.py, ink.py, photos.py and reading.py of mnist_study/reader, where the reasons are explained.

     picture = MnistPhotos.openPhoto(rgba, width, height)   // pixels of a canvas, upright
     found = await MnistPhotos.digitsOn(picture, finderNetwork, certainty)   // {digits: [{image, box}], unread: [{box, reason}]}
     shown = MnistPhotos.views(found.digits[0].image)             // five 28x28 images in [0, 1]; the network expects 255 * them
     probabilities = MnistPhotos.combine(theNetworksFiftyNumbers, temperature)

   Thresholds decide what is ink, and on a drawing many pixels have exactly the same value, so arrays have NumPy's types:
   what is float32 in Python is a Float32Array here, and `rounded` stands where Python rounds a single number. What is left
   is the order of sums in linear algebra. It shows only where Python itself hangs on the last bit: on an exactly symmetric
   digit, whose centre lies between two pixels and which may lie one pixel further, or where two parts weigh the same.
   A plane is {height, width, data}, row by row; a mask is a plane of 0 and 1; a box is {top, bottom, left, right}, with
   `bottom` and `right` just outside. tests/website/test_web_photos.py compares both languages. */
var MnistPhotos = globalThis.MnistPhotos || {};

(() => {
  "use strict";

  const {
    roundHalfEven, rounded, clip, filled, chosen, extremes, pairwiseSum, quantile, median, heightOf, widthOf,
    where, opposite, padded, cutOut, BICUBIC, resize, label, findObjects, distanceTransform,
    maximumFilter1d, skeletonize, inkBox, sidesOf, withPaper, edgeOf, photoError, findInk, findStrokes, strengthen, findPlaces, CUT_OFF,
    inksOf, inkAt, inReadingOrder, connectedInk, inkLeft, withoutWords, joined,
  } = MnistPhotos;

  // --- photos.py: from ink to digits ---------------------------------------------------------------------------------

  const DRAWING_SIDE = 64; // pixels; a picture no larger than this is taken to hold one digit
  const SEVERAL = 3; // low digits within connected strokes: those are a frame or a sheet of paper, not a digit
  const [BESIDE, ALIKE] = [0.25, 0.8]; // of the longer side: two boxes with less in common are two digits, with more one
  const SPECK = 0.02; // of all ink: a smaller piece does not count
  const PART = 0.65; // of the height of connected strokes: what is lower is a part of a digit
  const STROKE_WIDTHS = [1.5, 3.6]; // pixels at MNIST's size: 5 % of MNIST's training images are thinner, 5 % thicker

  /** digits_on: the digits of an opened photo, or only the one with the most ink, and the ink that is left:
      {digits: [{image, box, score}], unread: [{box, reason}]}, in reading order.
      image: Float32Array(784) in [0, 1], white ink on black; box: [left, top, right, bottom] in pixels of the photo;
      network: as findPlaces takes it; certainty: a function from an image to 1 or more where the reader is sure, by a
      promise; null where there is one digit. Throws BlankImageError. */
  async function digitsOn(picture, network, certainty, inkOnIt = findInk(picture)) {
    let [whole, blank, cut, light] = [null, null, [], false];
    try {
      whole = heaviest(picture, inkOnIt);
    } catch (error) {
      if (error.name !== "BlankImageError") throw error;
      blank = error;
    }
    if (certainty && !(whole && (await nothingElse(picture, whole, network, certainty)))) {
      const places = await findPlaces(picture, network);
      const found = inksOf(picture, places.map(({ box }) => box));
      cut = found.inks.map((one, k) => one && { ...one, score: places[k].score, place: places[k].box }).filter((one) => one !== null);
      light = found.light;
    }
    if (!whole && cut.length < SEVERAL) whole = ofATightCrop(picture);
    if (!whole && !cut.length) throw blank;
    if (whole && (!cut.length || (await ratherWhole(whole, cut, picture.scale, certainty)))) return whole;
    const scaled = (box) => box.map((side) => roundHalfEven(picture.scale * side));
    let digits = cut.map(({ ink, box, score }) => ({ image: mnistImage(ink), box, score }));
    const connected = connectedInk(inkOnIt);
    let unread = inkLeft(connected, digits.map(({ box }) => box));
    const inkThere = (box, others) => {
      const found = inkAt(picture, [box, ...others], 0, light);
      return found && { box: found.box, image: mnistImage(found.ink), score: 1 };
    };
    const left = unread.filter(({ reason }) => reason !== CUT_OFF).map(({ box }) => box);
    const pieces = connected.places.slice(1).map(sidesOf);
    const { gone, made } = await joined(digits, left, pieces, inkThere, certainty);
    if (made.length) {
      digits = [...digits.filter((_, number) => !gone.has(number)), ...made];
      unread = inkLeft(connected, digits.map(({ box }) => box));
    }
    ({ digits, unread } = withoutWords(digits, unread));
    const ordered = inReadingOrder(digits.map(({ box }) => box)).map((k) => digits[k]);
    return {
      digits: ordered.map((one) => ({ ...one, box: scaled(one.box) })),
      unread: unread.map((one) => ({ ...one, box: scaled(one.box) })),
    };
  }

  const isSure = async ({ digits }, certainty) => (await certainty(digits[0].image)) >= 1;

  /** _nothing_else: whether the strokes of a picture are one piece and all there is, surely read, and seen by the finder as
      one digit. */
  async function nothingElse(picture, whole, network, certainty) {
    if (whole.unread.length || !isOnePiece(whole) || !(await isSure(whole, certainty))) return false;
    const [, top, , bottom] = whole.digits[0].box.map((side) => side / picture.scale);
    const lowest = PART * (bottom - top);
    const boxes = (await findPlaces(picture, network, lowest)).map(({ box }) => box);
    const asHigh = boxes.filter((box) => box[3] - box[1] > lowest).map((box) => [box, box]);
    return asHigh.length > 0 && alone(whole, picture.scale, asHigh);
  }

  /** _rather_whole: whether the strokes of a picture are rather one digit than those that the finder sees. */
  async function ratherWhole(whole, cut, scale, certainty) {
    if (!alone(whole, scale, cut.map(({ box, place }) => [box, place]))) return false;
    return (await isSure(whole, certainty)) || !(await surer(cut, whole, scale, certainty));
  }

  /** _surer: whether the strokes of the whole picture are rather a shadow than a digit. */
  async function surer(cut, whole, scale, certainty) {
    const [left, top, right, bottom] = whole.digits[0].box.map((side) => side / scale);
    const large = ({ box }) => box[2] - box[0] > PART * (right - left) || box[3] - box[1] > PART * (bottom - top);
    if (cut.some(large)) return false;
    for (const { ink } of cut) if ((await certainty(mnistImage(ink))) < 1) return false;
    return true;
  }

  /** _alone: whether the strokes of a picture are one digit. */
  function alone({ digits, unread }, scale, boxes) {
    const strokes = digits[0].box.map((side) => side / scale);
    const [left, top, right, bottom] = strokes;
    const inside = boxes.filter(([box]) => {
      const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
      return left <= x && x <= right && top <= y && y <= bottom;
    });
    const tall = inside.filter(([box]) => box[3] - box[1] > PART * (bottom - top));
    if (unread.length && boxes.length > 1) return false;
    if (!tall.length) return inside.length < SEVERAL && !(boxes.length === 1 && inside.length);
    const [[first, itsPlace], ...others] = tall;
    if (others.some(([, place]) => shared(itsPlace, place, 0) < BESIDE)) return false;
    const [across, down] = [0, 1].map((k) => shared(first, strokes, k));
    return Math.min(across, down) > ALIKE || (down > PART && isOnePiece({ digits }));
  }

  /** _is_one_piece: whether the strokes of a picture hang together, but for specks. */
  function isOnePiece({ digits }) {
    const pieces = label(where(digits[0].ink, (value) => value > 0.5));
    const size = new Int32Array(pieces.count + 1);
    for (const number of pieces.labels.data) size[number]++;
    const inked = size.reduce((sum, pixels, number) => sum + (number ? pixels : 0), 0);
    return size.filter((pixels, number) => number && pixels > SPECK * inked).length === 1;
  }

  /** _shared: what two boxes have in common along one side, as a share of the longer one. */
  function shared(a, b, k) {
    return (Math.min(a[k + 2], b[k + 2]) - Math.max(a[k], b[k])) / Math.max(a[k + 2] - a[k], b[k + 2] - b[k]);
  }

  /** _heaviest: the digit with the most ink; of a small drawing, all the ink. Throws BlankImageError. */
  function heaviest(picture, { ink, texture }) {
    const strokes = findStrokes(ink, texture);
    let { labels, boxes, groups } = groupsOf(strokes);
    if (Math.max(picture.height, picture.width) <= DRAWING_SIDE) groups = [groups.flat()];
    const weight = new Float64Array(boxes.length);
    labels.data.forEach((number, i) => (weight[number] += Math.max(ink.data[i], 0)));
    const weightOf = (group) => group.reduce((sum, number) => sum + weight[number], 0);
    const [first, ...others] = [...groups].sort((a, b) => weightOf(b) - weightOf(a));
    const placeOf = (group) => union(group.map((number) => boxes[number]));
    const boxOf = (group) => sidesOf(placeOf(group)).map((side) => roundHalfEven(picture.scale * side));
    const around = withPaper(placeOf(first), ink);
    const strength = cutOut(ink, around);
    strengthen(strength, where(cutOut(labels, around), (number) => first.includes(number)));
    const digit = { image: mnistImage(strength), ink: strength, box: boxOf(first), score: 1 };
    return { digits: [digit], unread: others.map((group) => ({ box: boxOf(group), reason: "less ink than the digit" })) };
  }

  /** _of_a_tight_crop: the digit of a picture that is cut out so close that it runs into the edges; null where there is none. */
  function ofATightCrop({ height, width, data, scale }) {
    const { fround } = Math;
    const sumAt = (i) => fround(fround(data[i] + data[i + 1]) + data[i + 2]);
    const tone = filled(Float64Array, height * width, (i) => fround(sumAt(3 * i) / 3));
    const edge = edgeOf({ height, width });
    const [dark, light] = [quantile(tone, 0.02), quantile(tone, 0.98)];
    const middle = (dark + light) / 2;
    const between = chosen(tone, (i) => Math.abs(tone[i] - middle) < (light - dark) / 6).length / tone.length;
    const [darkestEdge, lightestEdge] = extremes(edge.map((at) => tone[at]));
    // much between the tones: a shadow, not a stroke
    if (light - dark < 0.35 || between > 0.2 || lightestEdge === darkestEdge) return null;
    const bright = edge.filter((at) => tone[at] > middle);
    const outside = bright.length / edge.length > 0.3 ? bright : edge.filter((at) => !(tone[at] > middle));
    const paper = [0, 1, 2].map((channel) => median(Float32Array.from(outside, (at) => data[3 * at + channel])));
    const margin = roundHalfEven(0.4 * Math.max(height, width));
    const picture = { height: height + 2 * margin, width: width + 2 * margin, scale };
    picture.data = filled(Float32Array, picture.height * picture.width * 3, (i) => paper[i % 3]);
    for (let y = 0; y < height; y++) {
      const row = data.subarray(3 * y * width, 3 * (y + 1) * width);
      picture.data.set(row, 3 * ((y + margin) * picture.width + margin));
    }
    const shift = roundHalfEven(scale * margin);
    const shifted = (one) => ({ ...one, box: one.box.map((side) => side - shift) });
    try {
      const { digits, unread } = heaviest(picture, findInk(picture));
      return { digits: digits.map(shifted), unread: unread.map(shifted) };
    } catch (error) {
      if (error.name !== "BlankImageError") throw error;
      return null;
    }
  }

  /** _groups: labels of the connected strokes, their boxes, and lists of labels that make one digit each. */
  function groupsOf(strokes) {
    const thickness = 2 * quantile(chosen(distanceTransform(strokes), (i) => strokes.data[i]), 0.8);
    const distance = distanceTransform(opposite(strokes));
    const near = where(strokes, (_, i) => distance[i] <= 0.4 * thickness); // a stroke that broke is one stroke
    const { labels, count } = label(near);
    labels.data.forEach((_, i) => strokes.data[i] || (labels.data[i] = 0));
    const boxes = findObjects(labels, count);
    const groups = Array.from({ length: count }, (_, i) => [i + 1]);
    const mergeTwo = () => {
      const places = groups.map((group) => union(group.map((number) => boxes[number])));
      for (let i = 0; i < groups.length; i++) {
        for (let j = 0; j < i; j++) {
          if (!oneDigit(places[i], places[j])) continue;
          groups[j].push(...groups.splice(i, 1)[0]);
          return true;
        }
      }
      return false;
    };
    while (mergeTwo());
    return { labels, boxes, groups };
  }

  /** _one_digit: whether two boxes belong to one digit: they overlap well, or the smaller one is a short stroke close by. */
  function oneDigit(a, b) {
    const area = (box) => heightOf(box) * widthOf(box);
    const [small, large] = area(b) < area(a) ? [b, a] : [a, b];
    const overlap = {
      height: Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
      width: Math.min(a.right, b.right) - Math.max(a.left, b.left),
    };
    if (Math.min(overlap.height, overlap.width) > 0 && overlap.height * overlap.width >= 0.25 * area(small)) return true;
    const tallest = Math.max(heightOf(a), heightOf(b));
    const gap = { height: Math.max(0, -overlap.height), width: Math.max(0, -overlap.width) };
    if (heightOf(small) <= 0.45 * heightOf(large)) {
      // the bar of a 5, the foot of a 2
      const close = overlap.width >= 0.3 * widthOf(small) || gap.width <= 0.08 * tallest;
      return gap.height <= 0.25 * tallest && close;
    }
    return (
      gap.height <= 0.08 * tallest &&
      overlap.width >= 0.5 * widthOf(small) &&
      heightOf(a) + heightOf(b) <= 1.6 * Math.max(widthOf(a), widthOf(b))
    ); // halves of one digit that lost its waist
  }

  /** _union */
  const union = (boxes) => ({
    top: Math.min(...boxes.map((box) => box.top)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
    left: Math.min(...boxes.map((box) => box.left)),
    right: Math.max(...boxes.map((box) => box.right)),
  });

  // --- photos.py: as MNIST was made ----------------------------------------------------------------------------------

  const LEAST_INK = 0.2; // what counts towards the box
  const FINE = 4; // pixels of the fine grid for one of MNIST's
  const HAIRLINE = 0.5; // pixels at MNIST's size, two of the fine grid

  const inkedBox = (ink) => inkBox(where(ink, (value) => value > rounded(ink.data, LEAST_INK)));
  /** mnist_image: a plane of one digit's ink in [0, 1] -> Float32Array(784). Throws BlankImageError. */
  function mnistImage(ink) {
    const image = boxed(ink, 20);
    const box = inkedBox(ink);
    if (Math.max(heightOf(box), widthOf(box)) < 20) return centred(image); // coarser than MNIST: too blurred to measure
    let fine = boxed(ink, 20 * FINE);
    let width = strokeWidth(fine);
    if (width < HAIRLINE) {
      const reach = Math.ceil(Math.max(ink.height, ink.width) / (20 * FINE));
      let thicker = ink; // never negative, so that nothing comes from beyond the edges
      for (const axis of [0, 1]) thicker = maximumFilter1d(thicker, reach, axis);
      fine = boxed(thicker, 20 * FINE);
      width = strokeWidth(fine);
    }
    const [low, high] = STROKE_WIDTHS;
    if (low <= width && width <= high) return centred(image);
    return centred(boxed(withStrokeWidth(fine, width, width < low ? low + 0.4 : high - 0.4), 20));
  }

  /** boxed: the box around the ink, scaled so that its longer side is `side` pixels; float32 in [0, 1]. */
  function boxed(ink, side) {
    const box = inkedBox(ink);
    if (box === null) {
      throw photoError("BlankImageError", `The picture is blank: expected ink, a pixel above ${LEAST_INK}.`);
    }
    const cropped = cutOut(ink, box);
    cropped.data = Float32Array.from(cropped.data);
    const longest = Math.max(cropped.height, cropped.width);
    const sides = [cropped.height, cropped.width].map((length) => Math.max(1, roundHalfEven((side * length) / longest)));
    const scaled = resize(cropped, ...sides, BICUBIC);
    return { ...scaled, data: scaled.data.map((value) => clip(value, 0, 1)) };
  }

  const solidPart = (fine, margin) => padded(where(fine, (value) => value >= 0.5), margin, 0);

  /** stroke_width: mean width of the strokes in pixels of MNIST, from the distance to the paper along their middle. */
  function strokeWidth(fine) {
    const solid = solidPart(fine, 1);
    const middle = skeletonize(solid);
    const widths = chosen(distanceTransform(solid), (i) => middle.data[i]).map((distance) => 2 * distance - 1);
    return widths.length ? widths.reduce((sum, width) => sum + width) / widths.length / FINE : 0;
  }

  /** with_stroke_width: strokes made thicker or thinner all round; where thinning would break one, its middle stays. */
  function withStrokeWidth(fine, width, wanted) {
    const change = (FINE * (wanted - width)) / 2;
    const margin = Math.ceil(Math.max(change, 0)) + 2;
    const solid = solidPart(fine, margin);
    if (change > 0) {
      return { ...solid, data: distanceTransform(opposite(solid)).map((outside) => clip(change + 0.5 - outside, 0, 1)) };
    }
    const toMiddle = distanceTransform(opposite(skeletonize(solid)));
    const inside = distanceTransform(solid);
    const data = inside.map((distance, i) => {
      const onMiddle = solid.data[i] && toMiddle[i] <= (FINE * wanted) / 2;
      const middle = onMiddle ? clip((FINE * wanted) / 2 + 0.5 - toMiddle[i], 0, 1) : 0;
      return Math.max(clip(distance + change, 0, 1), middle);
    });
    return { ...solid, data };
  }

  /** centred: shift by whole pixels so that the centre of mass lies at the centre of a 28x28 field. */
  function centred({ height, width, data }) {
    // on a symmetric digit the centre lies between two pixels, and the last bit of these sums decides
    const rows = Array.from({ length: height }, (_, y) => pairwiseSum(data, y * width, width));
    const columns = Array.from({ length: width }, (_, x) => {
      if (width === 1) return pairwiseSum(data);
      let sum = 0;
      for (let y = 0; y < height; y++) sum = Math.fround(sum + data[y * width + x]);
      return sum;
    });
    const total = pairwiseSum(data);
    const [top, left] = [rows, columns].map((sums) => {
      const centre = sums.reduce((sum, value, place) => sum + place * value, 0) / total;
      return clip(roundHalfEven(14 - centre), 0, 28 - sums.length);
    });
    const field = new Float32Array(28 * 28);
    for (let y = 0; y < height; y++) field.set(data.subarray(y * width, (y + 1) * width), (top + y) * 28 + left);
    return field;
  }

  Object.assign(MnistPhotos, { DRAWING_SIDE, digitsOn, boxed, centred });
})();
