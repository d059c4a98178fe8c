/* Finding ink on a page: mnist_study/reader/ink.py in JavaScript, where the reasons are explained. */
var MnistPhotos = globalThis.MnistPhotos || {};

(() => {
  "use strict";

  const {
    roundHalfEven, rounded, clip, filled, chosen, extremes, pairwiseSum, quantile, median, symmetricEigen,
    heightOf, widthOf, where, cutOut, transposed, columnSums, maximumFilter1d, minimumFilter1d, greyOpening, greyClosing,
    gaussianFilter, thresholdOtsu, label, findObjects, dilated, LEAST_CONTRAST, photoError,
  } = MnistPhotos;

  const WINDOW_SIDE = 160; // of the longer side of a part of a page, when its light is evened out
  const DARKEST = 0.05; // of the range from black to white: paper in the deepest shadow
  const [SMOOTH, STRONGEST] = [0.03, 0.9]; // of the reach; of the strongest ink
  const THUMBNAIL_SIDE = 100; // pixels of the longer side on which the light on the paper is measured

  /** find_ink: how much each pixel differs from the paper around it, in the direction in which the ink differs; and the
      standard deviation of the paper's own texture. */
  function findInk({ height, width, data: colours }) {
    const factor = Math.max(1, roundHalfEven(Math.max(height, width) / THUMBNAIL_SIDE));
    const small = blockMeans({ height, width, data: colours }, factor);
    const surface = smoothPaper(small);
    const Floats = small.data.constructor; // float32 where nothing was reduced, else float64
    const axis = towardsInk(filled(Floats, surface.length, (i) => small.data[i] - surface[i]));
    if (axis === null) return { ink: { height, width, data: new Float32Array(height * width) }, texture: 0 };
    const level = along(colours, axis, Float32Array); // ink is the brighter
    const onAxis = (image) => ({ height: small.height, width: small.width, data: along(image, axis, Floats) });
    const paper = onAxis(surface);
    const bare = enlarged(paper, height, width, factor);
    const reach = Math.max(5, roundHalfEven(0.3 * Math.min(small.height, small.width)));
    let bumps = onAxis(small.data);
    bumps.data.forEach((value, i) => (bumps.data[i] = value - paper.data[i]));
    bumps = gaussianFilter(greyOpening(bumps, reach), SMOOTH * reach, "nearest");
    const columns = Math.ceil(width / 2); // every second pixel both ways
    const sample = filled(Floats, Math.ceil(height / 2) * columns, (i) => {
      const at = 2 * Math.floor(i / columns) * width + 2 * (i % columns);
      return level[at] - bare[at];
    });
    const peak = quantile(sample, 0.999);
    const deepest = STRONGEST * Math.max(peak, 0);
    paper.data.forEach((value, i) => (paper.data[i] = value + Math.min(bumps.data[i], deepest)));
    const shaded = enlarged(paper, height, width, factor);
    const ink = filled(Floats, level.length, (i) => level[i] - shaded[i]);
    const ground = quantile(ink, 0.4); // paper: most of the page, though not always more than a half of a small drawing
    for (let i = 0; i < ink.length; i++) ink[i] -= ground;
    if (axis.reduce((sum, part) => sum + part) < -0.5) {
      // dark ink: in a shadow paper and ink are both darker, and so is their difference
      const light = paper.data.map((value) => rounded(paper.data, Math.abs(value)) + 0.1);
      const brightest = extremes(light)[1];
      const gain = enlarged({ ...paper, data: light.map((value) => Math.min(brightest / value, 3)) }, height, width, factor);
      for (let i = 0; i < ink.length; i++) ink[i] *= gain[i];
    }
    const usual = quantile(filled(Floats, ink.length, (i) => Math.abs(ink[i])), 0.3);
    const texture = rounded(ink, usual / 0.385); // 30 % of a normal distribution: 0.385 deviations
    return { ink: { height, width, data: ink }, texture };
  }

  /** _towards_ink: the direction in colour space in which ink differs from the paper; null on an even page. */
  function towardsInk(residual) {
    const Floats = residual.constructor;
    const spread = largestOfThree(filled(Floats, residual.length, (i) => Math.abs(residual[i])));
    const least = Math.max(0.5 * quantile(spread, 0.998), rounded(spread, 1e-6));
    const products = [0, 1, 2].map(() => [0, 0, 0]);
    let strong = 0;
    for (let i = 0; i < spread.length; i++) {
      if (spread[i] < least) continue;
      strong++;
      for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) products[a][b] += residual[3 * i + a] * residual[3 * i + b];
    }
    if (!strong) return null;
    const { values, vectors } = symmetricEigen(products);
    const first = values.indexOf(Math.max(...values));
    const axis = Floats.from(vectors, (row) => row[first]);
    let skew = 0;
    along(residual, axis, Floats).forEach((value, i) => (skew += spread[i] >= least ? value ** 3 : 0));
    const size = (Math.sign(skew) || 1) * axis.reduce((sum, part) => sum + Math.abs(part), 0);
    return axis.map((part) => part / size);
  }

  /** lightness_of_ink: between -1, where ink is darker than the paper in every colour, and 1, where it is lighter. */
  function lightnessOfInk(colours) {
    const factor = Math.max(1, roundHalfEven(Math.max(colours.height, colours.width) / THUMBNAIL_SIDE));
    const small = blockMeans(colours, factor);
    const surface = smoothPaper(small);
    const axis = towardsInk(filled(small.data.constructor, surface.length, (i) => small.data[i] - surface[i]));
    return axis === null ? 0 : axis.reduce((sum, part) => sum + part);
  }

  /** evenly_lit: paper equally light everywhere; Float32Array of three colours a pixel, like `data`. */
  function evenlyLit({ height, width, data }, reach, lightInk) {
    const inverted = (values) => filled(Float32Array, values.length, (i) => 1 - values[i]);
    if (lightInk) return inverted(evenlyLit({ height, width, data: inverted(data) }, reach, false));
    const factor = Math.max(1, roundHalfEven(Math.max(height, width) / WINDOW_SIDE));
    const small = blockMeans({ height, width, data }, factor);
    const size = Math.max(3, roundHalfEven(reach / factor));
    const result = new Float32Array(data.length);
    for (let channel = 0; channel < 3; channel++) {
      const tone = { height: small.height, width: small.width };
      tone.data = filled(small.data.constructor, small.height * small.width, (i) => small.data[3 * i + channel]);
      const paper = enlarged(greyClosing(tone, size), height, width, factor);
      for (let i = 0; i < height * width; i++) {
        result[3 * i + channel] = Math.min(data[3 * i + channel] / Math.max(paper[i], DARKEST), 1);
      }
    }
    return result;
  }

  function largestOfThree(values) {
    const result = new values.constructor(values.length / 3);
    for (let i = 0; i < result.length; i++) result[i] = Math.max(values[3 * i], values[3 * i + 1], values[3 * i + 2]);
    return result;
  }

  /** colours @ axis */
  function along(colours, axis, Floats) {
    const result = new Floats(colours.length / 3);
    for (let i = 0, at = 0; i < result.length; i++, at += 3) {
      result[i] = colours[at] * axis[0] + colours[at + 1] * axis[1] + colours[at + 2] * axis[2];
    }
    return result;
  }

  /** _block_means: of an RGB picture, over factor x factor blocks, the last ones smaller where the size does not divide. */
  function blockMeans(image, factor) {
    if (factor === 1) return image;
    const [height, width] = [Math.ceil(image.height / factor), Math.ceil(image.width / factor)];
    const rowLength = image.width * 3;
    const sums = new Float32Array(height * rowLength); // over rows
    const data = new Float64Array(height * width * 3);
    for (let y = 0; y < height; y++) {
      const rows = Math.min(factor, image.height - y * factor);
      for (let i = 0; i < rowLength; i++) {
        const start = y * factor * rowLength + i;
        sums[y * rowLength + i] = image.data[start] + pairwiseSum(image.data, start + rowLength, rows - 1, rowLength);
      }
      for (let x = 0; x < width; x++) {
        const columns = Math.min(factor, image.width - x * factor);
        for (let channel = 0; channel < 3; channel++) {
          const start = y * rowLength + 3 * x * factor + channel;
          const sum = Math.fround(sums[start] + pairwiseSum(sums, start + 3, columns - 1, 3));
          data[3 * (y * width + x) + channel] = sum / (rows * columns);
        }
      }
    }
    return { height, width, data };
  }

  /** _enlarged: by linear interpolation between the middles of the blocks. */
  function enlarged(small, height, width, factor) {
    if (factor === 1) return small.data;
    const { fround } = Math;
    const places = (side, smallSide) =>
      Array.from({ length: side }, (_, i) => {
        const place = clip(fround(fround((i + 0.5) / factor) - 0.5), 0, smallSide - 1);
        const low = Math.min(Math.trunc(place), Math.max(smallSide - 2, 0));
        return { low, high: Math.min(low + 1, smallSide - 1), part: place - low, rest: fround(1 - (place - low)) };
      });
    const columns = places(width, small.width);
    const across = new Float64Array(small.height * width);
    for (let y = 0, i = 0; y < small.height; y++) {
      const row = y * small.width;
      for (const { low, high, part, rest } of columns) {
        across[i++] = small.data[row + low] * rest + small.data[row + high] * part;
      }
    }
    const result = new Float64Array(height * width);
    let i = 0;
    for (const { low, high, part, rest } of places(height, small.height)) {
      for (let x = 0; x < width; x++) result[i++] = across[low * width + x] * rest + across[high * width + x] * part;
    }
    return result;
  }

  /** _smooth_paper: a quadratic surface per colour through what most pixels agree on: three rounds, each without the
      outliers. */
  function smoothPaper({ height, width, data: pixels }) {
    const Floats = pixels.constructor;
    const count = height * width;
    const terms = new Float32Array(count * 6);
    for (let i = 0; i < count; i++) {
      const x = -1 + (i % width) * (2 / (width - 1));
      const y = -1 + Math.floor(i / width) * (2 / (height - 1));
      terms.set([1, x, y, x * y, x * x, y * y], 6 * i);
    }
    const medians = [0, 1, 2].map((channel) => median(chosen(pixels, (i) => i % 3 === channel)));
    let surface = filled(Floats, pixels.length, (i) => medians[i % 3]);
    for (let round = 0; round < 3; round++) {
      const distance = largestOfThree(filled(Floats, pixels.length, (i) => Math.abs(pixels[i] - surface[i])));
      const most = Math.max(rounded(pixels, 2.5 * median(distance)), rounded(pixels, 0.02));
      const kept = (i) => distance[i] <= most;
      const factors = leastSquares(terms, pixels, kept).map((row) => Floats.from(row));
      surface = filled(Floats, pixels.length, (i) => {
        const at = 6 * Math.floor(i / 3);
        const row = factors[i % 3];
        let sum = 0;
        for (let k = 0; k < 6; k++) sum += terms[at + k] * row[k];
        return sum;
      });
    }
    return surface;
  }

  /** numpy.linalg.lstsq with six terms and three colours, over the kept pixels: factors by colour. Of many equally good
      ones (few rows of pixels kept) the smallest, hence by eigenvectors. */
  function leastSquares(terms, pixels, kept) {
    const squares = Array.from({ length: 6 }, () => new Array(6).fill(0));
    const moments = Array.from({ length: 3 }, () => new Array(6).fill(0));
    for (let i = 0; i < pixels.length / 3; i++) {
      if (!kept(i)) continue;
      for (let a = 0; a < 6; a++) {
        const term = terms[6 * i + a];
        for (let b = 0; b < 6; b++) squares[a][b] += term * terms[6 * i + b];
        for (let channel = 0; channel < 3; channel++) moments[channel][a] += term * pixels[3 * i + channel];
      }
    }
    const { values, vectors } = symmetricEigen(squares);
    const largest = Math.max(...values);
    return moments.map((moment) => {
      const factors = new Array(6).fill(0);
      for (let k = 0; k < 6; k++) {
        if (values[k] <= 1e-12 * largest) continue;
        const share = moment.reduce((sum, value, a) => sum + value * vectors[a][k], 0) / values[k];
        for (let a = 0; a < 6; a++) factors[a] += share * vectors[a][k];
      }
      return factors;
    });
  }

  /** find_strokes: the mask of ink, without specks, ruled lines and dark edges of the frame. Throws BlankImageError. */
  function findStrokes(ink, texture) {
    const floor = Math.max(LEAST_CONTRAST, 7 * texture);
    const smooth = gaussianFilter(ink, Math.max(ink.height, ink.width) / 600, "reflect");
    const like = (value) => rounded(ink.data, value);
    const least = like(floor / 2);
    const allowed = { ...ink, data: new Uint8Array(ink.data.length).fill(1) };
    for (let round = 0; round < 3; round++) {
      // what is not a digit may outshine the digit: put it aside and look again
      const values = chosen(smooth.data, (i) => allowed.data[i] && smooth.data[i] > least);
      if (!values.length || extremes(values)[1] < like(floor)) break;
      const threshold = like(Math.max(floor / 2, betweenPaperAndInk(values)));
      const mask = withoutRuledLines(where(smooth, (value, i) => allowed.data[i] && value > threshold));
      const { labels, count } = label(mask);
      const { kept, frame } = sortedParts(labels, count, ink);
      if (kept.includes(true)) return where(labels, (number) => kept[number]);
      if (!frame.includes(true)) break;
      let aside = where(labels, (number) => frame[number]);
      for (let i = 0; i < 3; i++) aside = dilated(aside, 4);
      aside.data.forEach((is, i) => is && (allowed.data[i] = 0));
    }
    throw photoError(
      "BlankImageError",
      `No ink was found: nothing stands out of the page by more than ${100 * LEAST_CONTRAST}% of the range from black to ` +
        `white, or what does is only specks, lines or the frame. Expected a digit; use a darker pen or more light.`,
    );
  }

  /** between_paper_and_ink: a little under half the usual strength of ink. */
  function betweenPaperAndInk(values) {
    const [low, high] = extremes(values);
    if (rounded(values, high - low) < rounded(values, 1e-3)) return 0;
    const split = thresholdOtsu(values);
    const usual = median(chosen(values, (i) => values[i] > split));
    return Math.max(rounded(values, rounded(values, 0.85) * split), 0.45 * usual);
  }

  /** without_ruled_lines: remove lines that cross nearly the whole page, but not the strokes that cross them. */
  function withoutRuledLines(mask, thickest = 0.03) {
    for (let turn = 0; turn < 2; turn++) mask = transposed(withoutLevelLines(mask, thickest));
    return mask;
  }

  function withoutLevelLines(mask, thickest) {
    const { height, width } = mask;
    const shares = [...columnSums(transposed(mask))].map((inked) => inked / width);
    if (!shares.some((share, y) => share + shares.at(y - 1) >= 0.35)) return mask; // no row is inked far enough
    const slack = Math.max(1, Math.floor(height / 300)); // a line may lean a little
    const length = Math.max(3, roundHalfEven(0.3 * width));
    const thick = maximumFilter1d(mask, 2 * slack + 1, 0);
    const long = maximumFilter1d(minimumFilter1d(thick, length, 1), length, 1);
    const pieces = where(mask, (inked, i) => inked && long.data[i]);
    const { labels, count } = label(maximumFilter1d(pieces, 2 * slack + 1, 0));
    const result = { ...mask, data: mask.data.slice() };
    const strokesByRun = new Map();
    findObjects(labels, count).forEach((place, number) => {
      if (number === 0) return;
      const [parts, inked] = [cutOut(labels, place), cutOut(mask, place)];
      const line = where(parts, (part, i) => part === number && inked.data[i]);
      const columns = columnSums(line);
      const thickness = columns.reduce((sum, one) => sum + one, 0) / Math.max(1, columns.filter((one) => one > 0).length);
      if (widthOf(place) < 0.85 * width || thickness > Math.max(2, thickest * height)) return;
      const run = Math.ceil(2 * thickness) + 2;
      if (!strokesByRun.has(run)) strokesByRun.set(run, maximumFilter1d(minimumFilter1d(mask, run, 0), run, 0));
      const strokes = strokesByRun.get(run);
      line.data.forEach((is, i) => {
        const at = (place.top + Math.floor(i / line.width)) * width + place.left + (i % line.width);
        if (is && !strokes.data[at]) result.data[at] = 0;
      });
    });
    return result;
  }

  /** _sorted_parts: for each connected part (0 is the paper): is it part of a digit, is it part of the frame. */
  function sortedParts(labels, count, ink) {
    const { height, width, data } = labels;
    const numbers = Array.from({ length: count + 1 }, (_, number) => number);
    const none = numbers.map(() => false);
    const margins = [height, width].map((side) => Math.max(1, roundHalfEven(0.12 * side)));
    const [area, weight, inRim] = [0, 1, 2].map(() => new Float64Array(count + 1));
    const [touching, cornered] = [none.slice(), none.slice()];
    for (let y = 0, i = 0; y < height; y++) {
      const rowInRim = y < margins[0] || y >= height - margins[0];
      const rowAtEdge = y === 0 || y === height - 1;
      for (let x = 0; x < width; x++, i++) {
        const number = data[i];
        area[number]++;
        weight[number] += Math.max(ink.data[i], 0);
        if (rowInRim || x < margins[1] || x >= width - margins[1]) inRim[number]++;
        const columnAtEdge = x === 0 || x === width - 1;
        if (rowAtEdge || columnAtEdge) touching[number] = true;
        if (rowAtEdge && columnAtEdge) cornered[number] = true;
      }
    }
    const longest = Math.max(height, width);
    const sides = findObjects(labels, count).map((box) => (box ? Math.max(heightOf(box), widthOf(box)) : 0));
    const big = numbers.map(
      (number) =>
        number > 0 &&
        sides[number] >= Math.max(6, 0.025 * longest) &&
        (!touching[number] || sides[number] >= 0.1 * longest), // shreds at the edge are no digits
    );
    const free = numbers.filter((number) => big[number] && !touching[number]);
    const largest = (values, chosenNumbers) => extremes(chosenNumbers.map((number) => values[number]))[1];
    const heaviestFree = largest(weight, free); // -Infinity where none is free
    const frame = numbers.map((number) => {
      if (number === 0 || !touching[number]) return false;
      // the table round the paper, the shadow of the phone: it holds a corner of the picture and lies along its rim
      const alongRim = inRim[number] / Math.max(area[number], 1) > 0.7;
      if (cornered[number] && (alongRim || (area[number] > 0.15 * data.length && free.length > 0))) return true;
      // beside a digit that stands free, ink that runs out of the picture belongs to something else
      return weight[number] < 0.5 * heaviestFree;
    });
    const candidates = numbers.filter((number) => big[number] && !frame[number]);
    if (!candidates.length) return { kept: none, frame };
    const mainArea = largest(area, candidates);
    const mainSide = largest(sides, candidates);
    const kept = numbers.map(
      (number) =>
        number > 0 &&
        !frame[number] &&
        area[number] >= 0.02 * mainArea &&
        (sides[number] >= 0.2 * mainSide || area[number] >= 0.08 * mainArea),
    );
    return { kept, frame };
  }

  /** strength_within, in place: a plane of ink becomes shares of what is usual in the mask's strokes, which is returned. */
  function strengthen(ink, mask) {
    const contrast = Math.max(quantile(chosen(ink.data, (i) => mask.data[i]), 0.8), rounded(ink.data, 1e-6));
    const near = dilated(mask, 8);
    ink.data = ink.data.map((value, i) => clip(value / contrast, 0, 1) * near.data[i]);
    return contrast;
  }

  Object.assign(MnistPhotos, { evenlyLit, lightnessOfInk, strengthen, findInk, findStrokes, betweenPaperAndInk, withoutRuledLines });
})();
