/* A photo or drawing of digits -> 28x28 images made as MNIST was made, in the browser: the same steps in the same order,
   under the same names, as mnist_study's photo_files.py, ink.py, photos.py and reader.py, where the reasons are explained.

     picture = MnistPhotos.openPhoto(rgba, width, height)   // pixels of a canvas, upright
     digits = MnistPhotos.digitsOn(picture, several)        // [{image, box}], in reading order
     shown = MnistPhotos.views(digits[0].image)             // five 28x28 images in [0, 1]; the network expects 255 * them
     probabilities = MnistPhotos.combine(theNetworksFiftyNumbers, temperature)

   Thresholds decide what is ink, and on a drawing many pixels have exactly the same value, so arrays have NumPy's types:
   what is float32 in Python is a Float32Array here, and `rounded` stands where Python rounds a single number. What is left
   is the order of sums in linear algebra. It shows only where Python itself hangs on the last bit: on an exactly symmetric
   digit, whose centre lies between two pixels and which may come out one pixel further, or where two parts weigh the same.
   A plane is {height, width, data}, row by row; a mask is a plane of 0 and 1; a box is {top, bottom, left, right}, with
   `bottom` and `right` just outside. tests/test_web_photos.py compares both languages. */
var MnistPhotos = (() => {
  "use strict";

  // --- photo_files.py: opening a photo ------------------------------------------------------------------------------

  const MOST_PIXELS = 50_000_000;
  const LEAST_SIDE = 8;
  const LONGEST_STRIP = 20; // times the shorter side
  const WORKING_SIDE = 1000; // pixels of the longer side on which ink is looked for
  const LEAST_CONTRAST = 0.06; // of the range from black to white; below it a page counts as blank

  function photoError(name, message) {
    const error = new Error(message);
    error.name = name;
    return error;
  }

  /** open_photo: RGBA bytes, upright -> {width, height, data, scale}; data: Float32Array (height, width, 3) in [0, 1];
      scale: the number of the photo's pixels that one of its pixels stands for. Throws ImageSizeError. */
  function openPhoto(rgba, width, height) {
    checkSize(width, height);
    if (rgba.length !== 4 * width * height) {
      throw new TypeError(`Expected ${4 * width * height} bytes of RGBA for ${width}x${height}, found ${rgba.length}.`);
    }
    const original = Math.max(width, height);
    let image = { height, width, data: rgba };
    const factor = Math.floor(original / (2 * WORKING_SIDE));
    if (factor > 1) image = reduce(image, factor);
    return { ...reduced(onWhite(image)), scale: original / Math.min(original, WORKING_SIDE) };
  }

  /** _check_size */
  function checkSize(width, height) {
    const [least, most] = [Math.min(width, height), Math.max(width, height)];
    if (least < LEAST_SIDE || width * height > MOST_PIXELS || most > LONGEST_STRIP * least) {
      throw photoError(
        "ImageSizeError",
        `The image has ${width}x${height} pixels. Expected ${LEAST_SIDE}x${LEAST_SIDE} up to ${MOST_PIXELS / 10 ** 6} ` +
          `million pixels, and no side longer than ${LONGEST_STRIP} times the other; crop it around the digit or save ` +
          `it at another size.`,
      );
    }
  }

  /** Pillow's Image.reduce: means of factor x factor blocks in integers, the last ones smaller where the size does not
      divide; colours count by their opacity. */
  function reduce(image, factor) {
    const [height, width] = [Math.ceil(image.height / factor), Math.ceil(image.width / factor)];
    const source = isOpaque(image.data) ? image.data : timesOpacity(image.data);
    const data = new Uint8ClampedArray(height * width * 4);
    const sums = new Float64Array(4);
    for (let y = 0, target = 0; y < height; y++) {
      const bottom = Math.min((y + 1) * factor, image.height);
      for (let x = 0; x < width; x++, target += 4) {
        const right = Math.min((x + 1) * factor, image.width);
        sums.fill(0);
        for (let row = y * factor; row < bottom; row++) {
          const end = 4 * (row * image.width + right);
          for (let at = 4 * (row * image.width + x * factor); at < end; at += 4) {
            for (let channel = 0; channel < 4; channel++) sums[channel] += source[at + channel];
          }
        }
        const count = (bottom - y * factor) * (right - x * factor);
        const multiplier = Math.floor(2 ** 24 / count);
        for (let channel = 0; channel < 4; channel++) {
          data[target + channel] = Math.floor(((sums[channel] + (count >> 1)) * multiplier) / 2 ** 24);
        }
      }
    }
    return { height, width, data: source === image.data ? data : overOpacity(data) };
  }

  function isOpaque(rgba) {
    for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false;
    return true;
  }

  function timesOpacity(rgba) {
    return rgba.map((value, i) => (i % 4 === 3 ? value : overByte(value * rgba[i | 3] + 128)));
  }

  function overOpacity(rgba) {
    return rgba.map((value, i) => {
      const opacity = rgba[i | 3];
      return i % 4 === 3 || opacity === 0 || opacity === 255 ? value : Math.floor((255 * value) / opacity);
    });
  }

  /** Pillow's division by 255, for integers. */
  const overByte = (value) => (value + (value >>> 8)) >>> 8;

  /** _on_white: RGBA -> RGB; what is transparent becomes white, or black where white would hide a drawing in white ink. */
  function onWhite({ height, width, data: rgba }) {
    const data = new Uint8Array(height * width * 3);
    for (const paper of [255, 0]) {
      const [lowest, highest] = [[255, 255, 255], [0, 0, 0]];
      for (let from = 0, to = 0; from < rgba.length; from += 4) {
        const opacity = rgba[from + 3] * 128; // in Pillow's fixed point, 7 bits
        for (let channel = 0; channel < 3; channel++, to++) {
          const mixed = rgba[from + channel] * opacity + paper * (255 * 128 - opacity);
          const value = opacity === 0 ? paper : overByte(mixed + 128 * 128) >>> 7;
          data[to] = value;
          if (value < lowest[channel]) lowest[channel] = value;
          if (value > highest[channel]) highest[channel] = value;
        }
      }
      if (lowest.some((low, channel) => highest[channel] - low > 255 * LEAST_CONTRAST)) break;
    }
    return { height, width, data };
  }

  /** _reduced: at most WORKING_SIDE pixels a side, floats in [0, 1]. */
  function reduced({ height, width, data }) {
    const longest = Math.max(height, width);
    if (longest > WORKING_SIDE) {
      const sides = [height, width].map((side) => Math.max(LEAST_SIDE, roundHalfEven((side * WORKING_SIDE) / longest)));
      data = resize({ height, width, data }, ...sides, BOX).data;
      [height, width] = sides;
    }
    return { height, width, data: filled(Float32Array, data.length, (i) => data[i] / 255) };
  }

  // --- Pillow's resize: filters that widen when an image shrinks, first along rows, then along columns ---------------

  const BOX = { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };
  const BICUBIC = {
    support: 2,
    weight(x) {
      x = Math.abs(x);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
    },
  };
  const FIXED_POINT = 22; // bits behind the point, where Pillow resizes bytes

  /** Image.resize of bytes (any number of channels) or floats. */
  function resize(image, height, width, filter) {
    const channels = image.data.length / (image.height * image.width);
    let { data } = image;
    if (width !== image.width) data = resizeMiddle(data, image.height, image.width, channels, width, filter);
    if (height !== image.height) data = resizeMiddle(data, 1, image.height, width * channels, height, filter);
    return { height, width, data };
  }

  /** An array (outer, length, inner) -> (outer, wanted, inner). */
  function resizeMiddle(data, outer, length, inner, wanted, filter) {
    const bytes = data instanceof Uint8Array;
    const result = new data.constructor(outer * wanted * inner);
    const parts = resizeWeights(length, wanted, filter);
    if (bytes) for (const { weights } of parts) weights.forEach((w, i) => (weights[i] = Math.round(w * 2 ** FIXED_POINT)));
    let target = 0;
    for (let line = 0; line < outer; line++) {
      for (const { first, weights } of parts) {
        const start = (line * length + first) * inner;
        for (let i = 0; i < inner; i++, target++) {
          let sum = bytes ? 2 ** (FIXED_POINT - 1) : 0;
          for (let k = 0, from = start + i; k < weights.length; k++, from += inner) sum += data[from] * weights[k];
          result[target] = bytes ? Math.min(255, Math.max(0, sum >> FIXED_POINT)) : sum;
        }
      }
    }
    return result;
  }

  /** For each of `wanted` pixels the first input pixel it looks at and how much it and those after it count. */
  function resizeWeights(length, wanted, filter) {
    const step = length / wanted;
    const widening = Math.max(step, 1);
    return Array.from({ length: wanted }, (_, place) => {
      const centre = (place + 0.5) * step;
      const first = Math.max(0, Math.trunc(centre - filter.support * widening + 0.5));
      const stop = Math.min(length, Math.trunc(centre + filter.support * widening + 0.5));
      const weights = new Float64Array(stop - first);
      let total = 0;
      for (let k = 0; k < weights.length; k++) {
        weights[k] = filter.weight((k + first - centre + 0.5) * (1 / widening));
        total += weights[k];
      }
      return { first, weights: weights.map((weight) => weight / total) };
    });
  }

  // --- numbers as Python and NumPy make them -------------------------------------------------------------------------

  /** Python's round: halves to the even neighbour. */
  function roundHalfEven(value) {
    const whole = Math.floor(value);
    const part = value - whole;
    return part > 0.5 || (part === 0.5 && whole % 2 !== 0) ? whole + 1 : whole;
  }

  /** A number as it comes out of arithmetic with this array: float32 where the array is. */
  const rounded = (array, value) => (array instanceof Float32Array ? Math.fround(value) : value);

  const clip = (value, low, high) => Math.min(Math.max(value, low), high);

  /** A typed array of what `valueAt` says of each place; much faster than Type.from. */
  function filled(Type, length, valueAt) {
    const result = new Type(length);
    for (let i = 0; i < length; i++) result[i] = valueAt(i);
    return result;
  }

  /** The values at places where `test` holds, in their order. */
  function chosen(values, test) {
    const result = new values.constructor(values.length);
    let count = 0;
    for (let i = 0; i < values.length; i++) if (test(i)) result[count++] = values[i];
    return result.slice(0, count);
  }

  function extremes(values) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return [low, high];
  }

  const runningSums = new Float32Array(8);

  /** numpy.sum in float32: eight running sums side by side, and long arrays in halves. */
  function pairwiseSum(values, start = 0, count = values.length, step = 1) {
    const { fround } = Math;
    if (count > 128) {
      const half = Math.floor(count / 2) - (Math.floor(count / 2) % 8);
      const first = pairwiseSum(values, start, half, step);
      return fround(first + pairwiseSum(values, start + half * step, count - half, step));
    }
    let sum = 0;
    let done = 0;
    if (count >= 8) {
      const sums = runningSums.fill(0);
      for (; done + 8 <= count; done += 8) {
        for (let k = 0; k < 8; k++) sums[k] += values[start + (done + k) * step];
      }
      sum = fround(fround(sums[0] + sums[1]) + fround(sums[2] + sums[3]));
      sum = fround(sum + fround(fround(sums[4] + sums[5]) + fround(sums[6] + sums[7])));
    }
    for (; done < count; done++) sum = fround(sum + values[start + done * step]);
    return sum;
  }

  /** The values at two neighbouring places, `index` and the next, of the sorted array. */
  function neighboursInOrder(values, index) {
    const sorted = values.slice(); // only as far as needed: Hoare's selection
    let [left, right] = [0, sorted.length - 1];
    while (left < right) {
      const pivot = sorted[(left + right) >> 1];
      let [low, high] = [left, right];
      while (low <= high) {
        while (sorted[low] < pivot) low++;
        while (sorted[high] > pivot) high--;
        if (low <= high) {
          const swapped = sorted[low];
          sorted[low++] = sorted[high];
          sorted[high--] = swapped;
        }
      }
      if (index <= high) right = high;
      else if (index >= low) left = low;
      else break;
    }
    let next = index + 1 < sorted.length ? Infinity : sorted[index];
    for (let i = index + 1; i < sorted.length; i++) if (sorted[i] < next) next = sorted[i];
    return [sorted[index], next];
  }

  /** numpy.quantile, linear between neighbours. */
  function quantile(values, share) {
    const place = (values.length - 1) * share;
    const index = Math.floor(place);
    const part = place - index;
    const [low, high] = neighboursInOrder(values, index);
    const step = rounded(values, high - low);
    if (part >= 0.5) return rounded(values, high - rounded(values, step * rounded(values, 1 - part)));
    return rounded(values, low + rounded(values, step * rounded(values, part)));
  }

  /** numpy.median */
  function median(values) {
    const middle = neighboursInOrder(values, (values.length - 1) >> 1);
    return values.length % 2 ? middle[0] : rounded(values, rounded(values, middle[0] + middle[1]) / 2);
  }

  /** Eigenvalues of a symmetric matrix (an array of rows), and as columns of `vectors` what belongs to them, by Jacobi. */
  function symmetricEigen(matrix) {
    const size = matrix.length;
    const a = matrix.map((row) => row.slice());
    const vectors = a.map((row, i) => row.map((_, j) => Number(i === j)));
    for (let sweep = 0; sweep < 60; sweep++) {
      let [aside, along] = [0, 0]; // of the squares, on the diagonal and beside it
      for (let i = 0; i < size; i++) {
        along += a[i][i] ** 2;
        for (let j = 0; j < i; j++) aside += a[i][j] ** 2;
      }
      if (aside <= 1e-32 * along) break;
      for (let p = 0; p < size; p++) {
        for (let q = p + 1; q < size; q++) {
          if (a[p][q] === 0) continue;
          const ratio = (a[q][q] - a[p][p]) / (2 * a[p][q]);
          const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(ratio, 1));
          const cosine = 1 / Math.hypot(tangent, 1);
          const sine = tangent * cosine;
          const turned = (one, other) => [cosine * one - sine * other, sine * one + cosine * other];
          for (const row of [...a, ...vectors]) [row[p], row[q]] = turned(row[p], row[q]);
          for (let k = 0; k < size; k++) [a[p][k], a[q][k]] = turned(a[p][k], a[q][k]);
        }
      }
    }
    return { values: a.map((row, i) => row[i]), vectors };
  }

  // --- filters of SciPy and scikit-image -----------------------------------------------------------------------------

  /** A plane of the same type whose lines along `axis` (0: columns) are what `filter(line, result)` makes of them. */
  function alongAxis({ height, width, data }, axis, filter) {
    const [lines, length] = axis === 0 ? [width, height] : [height, width];
    const [lineStep, step] = axis === 0 ? [1, width] : [width, 1];
    const result = new data.constructor(data.length);
    const [line, filtered] = [new Float64Array(length), new Float64Array(length)];
    for (let k = 0; k < lines; k++) {
      const start = k * lineStep;
      for (let i = 0; i < length; i++) line[i] = data[start + i * step];
      filter(line, filtered);
      for (let i = 0; i < length; i++) result[start + i * step] = filtered[i];
    }
    return { height, width, data: result };
  }

  /** maximum_filter1d (sign 1) or minimum_filter1d (sign -1): each value's best from `before` pixels before to `after`
      pixels after it; SciPy's modes "reflect" and "nearest" come to the same. A queue holds what may still be best. */
  function slidingExtreme(plane, axis, before, after, sign) {
    const queue = new Int32Array(Math.max(plane.height, plane.width));
    return alongAxis(plane, axis, (line, result) => {
      let [head, tail, entered] = [0, 0, 0];
      for (let i = 0; i < line.length; i++) {
        for (const stop = Math.min(line.length, i + after + 1); entered < stop; entered++) {
          while (tail > head && sign * line[queue[tail - 1]] <= sign * line[entered]) tail--;
          queue[tail++] = entered;
        }
        if (queue[head] < i - before) head++;
        result[i] = line[queue[head]];
      }
    });
  }

  /** Pixels before and after the middle of a window: where its size is even it reaches further back. */
  const windowAround = (size) => [size >> 1, size - (size >> 1) - 1];
  const maximumFilter1d = (plane, size, axis) => slidingExtreme(plane, axis, ...windowAround(size), 1);
  const minimumFilter1d = (plane, size, axis) => slidingExtreme(plane, axis, ...windowAround(size), -1);

  /** grey_opening with a square; the dilation's window is the mirror image of the erosion's. */
  function greyOpening(plane, size) {
    const [before, after] = windowAround(size);
    for (const axis of [0, 1]) plane = slidingExtreme(plane, axis, before, after, -1);
    for (const axis of [0, 1]) plane = slidingExtreme(plane, axis, after, before, 1);
    return plane;
  }

  /** gaussian_filter; beyond the edges comes the mirrored image ("reflect") or the last pixel ("nearest"). */
  function gaussianFilter(plane, sigma, mode) {
    const radius = Math.trunc(4 * sigma + 0.5);
    let weights = Array.from({ length: radius + 1 }, (_, x) => Math.exp((-0.5 / (sigma * sigma)) * (x * x)));
    const total = 2 * weights.reduce((sum, weight) => sum + weight) - weights[0];
    weights = weights.map((weight) => weight / total);
    for (const axis of [0, 1]) {
      const length = axis === 0 ? plane.height : plane.width;
      const places = Int32Array.from({ length: length + 2 * radius }, (_, i) => {
        if (mode === "nearest") return clip(i - radius, 0, length - 1);
        const mirrored = (((i - radius) % (2 * length)) + 2 * length) % (2 * length);
        return mirrored < length ? mirrored : 2 * length - 1 - mirrored;
      });
      const extended = new Float64Array(places.length);
      plane = alongAxis(plane, axis, (line, result) => {
        for (let i = 0; i < places.length; i++) extended[i] = line[places[i]];
        for (let i = 0; i < length; i++) {
          let sum = extended[i + radius] * weights[0];
          for (let k = radius; k > 0; k--) sum += (extended[i + radius - k] + extended[i + radius + k]) * weights[k];
          result[i] = sum;
        }
      });
    }
    return plane;
  }

  /** threshold_otsu: the middle of one of 256 bins. Counts are float32, as in scikit-image: it decides between equals. */
  function thresholdOtsu(values) {
    const [first, last] = extremes(values);
    const bins = 256;
    const { constructor: Floats } = values;
    const step = rounded(values, rounded(values, last - first) / bins);
    const edges = Floats.from({ length: bins + 1 }, (_, i) => rounded(values, i * step) + first);
    edges[bins] = last;
    const counts = new Float32Array(bins);
    for (const value of values) {
      let bin = Math.min(bins - 1, Math.trunc(((value - first) / (last - first)) * bins));
      if (value < edges[bin]) bin--;
      else if (bin < bins - 1 && value >= edges[bin + 1]) bin++;
      counts[bin]++;
    }
    const centres = Floats.from({ length: bins }, (_, i) => rounded(values, edges[i] + edges[i + 1]) / 2);
    const masses = Floats.from(counts, (count, i) => count * centres[i]);
    const running = (array) => array.map(((sum) => (value) => (sum = rounded(array, sum + value)))(0));
    const [weightBelow, massBelow] = [running(counts), running(masses)];
    const [weightAbove, massAbove] = [running(counts.slice().reverse()), running(masses.slice().reverse())];
    let [best, most] = [0, -Infinity];
    for (let i = 0; i < bins - 1; i++) {
      const above = bins - 2 - i;
      const means = [massBelow[i] / weightBelow[i], massAbove[above] / weightAbove[above]].map((m) => rounded(values, m));
      const squared = rounded(values, rounded(values, means[0] - means[1]) ** 2);
      const variance = rounded(values, Math.fround(weightBelow[i] * weightAbove[above]) * squared);
      if (variance > most) [best, most] = [i, variance];
    }
    return centres[best];
  }

  /** ndimage.label with eight neighbours: {labels, count}; numbered by each part's first pixel in reading order. */
  function label({ height, width, data }) {
    const labels = new Int32Array(data.length);
    const parents = [0];
    const root = (number) => {
      while (parents[number] !== number) number = parents[number] = parents[parents[number]];
      return number;
    };
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (!data[i]) continue;
        let found = x > 0 ? labels[i - 1] : 0;
        if (y > 0) {
          for (let above = i - width - (x > 0); above <= i - width + (x < width - 1); above++) {
            const other = labels[above];
            if (!other || other === found) continue;
            if (found) {
              const [a, b] = [root(found), root(other)];
              parents[Math.max(a, b)] = Math.min(a, b);
            }
            found = other;
          }
        }
        if (!found) parents.push((found = parents.length));
        labels[i] = found;
      }
    }
    let count = 0;
    const numbers = new Int32Array(parents.length);
    for (let number = 1; number < parents.length; number++) {
      numbers[number] = parents[number] === number ? ++count : numbers[root(number)];
    }
    return { labels: { height, width, data: filled(Int32Array, labels.length, (i) => numbers[labels[i]]) }, count };
  }

  /** ndimage.find_objects: the boxes round the labels 1, 2, ...; at place 0 there is none. */
  function findObjects({ height, width, data }, count) {
    const boxes = Array.from({ length: count + 1 }, () => ({ top: height, bottom: 0, left: width, right: 0 }));
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (!data[i]) continue;
        const box = boxes[data[i]];
        if (y < box.top) box.top = y;
        if (x < box.left) box.left = x;
        if (x >= box.right) box.right = x + 1;
        box.bottom = y + 1;
      }
    }
    boxes[0] = null;
    return boxes;
  }

  const heightOf = (box) => box.bottom - box.top;
  const widthOf = (box) => box.right - box.left;

  /** binary_dilation by the four neighbours, or by all eight. */
  function dilated({ height, width, data }, neighbours) {
    const result = data.slice();
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (!data[i]) continue;
        for (let dy = y > 0 ? -1 : 0; dy <= (y < height - 1 ? 1 : 0); dy++) {
          for (let dx = x > 0 ? -1 : 0; dx <= (x < width - 1 ? 1 : 0); dx++) {
            if (neighbours === 8 || dy === 0 || dx === 0) result[i + dy * width + dx] = 1;
          }
        }
      }
    }
    return { height, width, data: result };
  }

  /** distance_transform_edt: each pixel's exact distance to the nearest 0; Float64Array.
      First down and up the columns, then each row as the lower envelope of parabolas (Felzenszwalb, Huttenlocher 2012). */
  function distanceTransform({ height, width, data }) {
    const far = height + width; // more than any distance within a column
    const down = new Int32Array(data.length);
    for (let i = 0; i < data.length; i++) down[i] = !data[i] ? 0 : i < width ? far : Math.min(far, down[i - width] + 1);
    for (let i = data.length - width - 1; i >= 0; i--) down[i] = Math.min(down[i], down[i + width] + 1);
    const result = new Float64Array(data.length);
    const bottoms = new Int32Array(width); // columns whose parabolas make the envelope
    const starts = new Float64Array(width); // where each becomes the lowest
    for (let y = 0; y < height; y++) {
      const row = y * width;
      let last = -1;
      for (let x = 0; x < width; x++) {
        if (down[row + x] >= far) continue;
        const high = down[row + x] ** 2 + x * x;
        let start = -Infinity;
        for (; last >= 0; last--) {
          const other = bottoms[last];
          start = (high - down[row + other] ** 2 - other * other) / (2 * (x - other));
          if (start > starts[last]) break;
        }
        bottoms[++last] = x;
        starts[last] = last === 0 ? -Infinity : start;
      }
      for (let x = 0, k = 0; x < width; x++) {
        while (k < last && starts[k + 1] < x) k++;
        // no 0 anywhere: SciPy measures to a pixel above the first one
        result[row + x] = last < 0 ? Math.hypot(y + 1, x) : Math.sqrt((x - bottoms[k]) ** 2 + down[row + bottoms[k]] ** 2);
      }
    }
    return result;
  }

  /* In which half of a round an ink pixel goes, by the sum of its inked neighbours (1, 2, 4, 8, ... clockwise from the upper
     left one): 0 in neither, 1 in the first, 2 in the second, 3 in either. The rule is that of Zhang and Suen 1984; where
     skeletonize keeps lines of two pixels together or trims corners, it departs from it for the sums below, found by comparing
     the rule with the library on all images of 4x4 pixels. */
  const NOT_AS_ZHANG_AND_SUEN = {
    3: 1, 6: 1, 10: 1, 11: 1, 12: 1, 14: 1, 24: 2, 26: 2, 40: 3, 48: 0, 56: 2, 96: 2, 104: 2, 108: 2, 129: 0,
    130: 3, 131: 1, 134: 1, 160: 3, 161: 1, 176: 2, 192: 2, 194: 1, 198: 1, 224: 2,
  };

  const THINNING = [...Array(256).keys()].map((sum) => {
    if (sum in NOT_AS_ZHANG_AND_SUEN) return NOT_AS_ZHANG_AND_SUEN[sum];
    const inked = [...Array(8).keys()].map((k) => (sum >> k) & 1);
    const [, up, , right, , down, , left] = inked;
    const neighbours = inked.reduce((count, one) => count + one);
    const beginnings = inked.filter((one, k) => !one && inked[(k + 1) % 8]).length;
    if (neighbours < 2 || neighbours > 6 || beginnings !== 1) return 0;
    const first = !(up && right && down) && !(right && down && left);
    const second = !(up && right && left) && !(up && down && left);
    return (first ? 1 : 0) + (second ? 2 : 0);
  });

  /** skeletonize: the middle of the strokes, one pixel wide. */
  function skeletonize(mask) {
    const { height, width, data } = padded(mask, 1, 0); // so that every pixel has its neighbours
    const around = [-width - 1, -width, -width + 1, 1, width + 1, width, width - 1, -1];
    let inked = [...data.keys()].filter((i) => data[i]);
    for (let removed = true; removed; ) {
      removed = false;
      for (const half of [1, 2]) {
        const gone = inked.filter((i) => {
          const action = THINNING[around.reduce((sum, step, k) => sum + (data[i + step] << k), 0)];
          return action & half;
        });
        for (const i of gone) data[i] = 0;
        if (gone.length) [removed, inked] = [true, inked.filter((i) => data[i])];
      }
    }
    return cutOut({ height, width, data }, { top: 1, bottom: height - 1, left: 1, right: width - 1 });
  }

  // --- planes --------------------------------------------------------------------------------------------------------

  const where = ({ height, width, data }, test) => ({
    height,
    width,
    data: filled(Uint8Array, data.length, (i) => (test(data[i], i) ? 1 : 0)),
  });

  const opposite = (mask) => where(mask, (inked) => !inked);

  /** A plane with `margin` pixels of `value` all round. */
  function padded(plane, margin, value) {
    const [height, width] = [plane.height + 2 * margin, plane.width + 2 * margin];
    const data = new plane.data.constructor(height * width).fill(value);
    for (let y = 0; y < plane.height; y++) {
      data.set(plane.data.subarray(y * plane.width, (y + 1) * plane.width), (y + margin) * width + margin);
    }
    return { height, width, data };
  }

  function cutOut({ width, data }, box) {
    const result = new data.constructor(heightOf(box) * widthOf(box));
    for (let y = box.top; y < box.bottom; y++) {
      result.set(data.subarray(y * width + box.left, y * width + box.right), (y - box.top) * widthOf(box));
    }
    return { height: heightOf(box), width: widthOf(box), data: result };
  }

  function transposed({ height, width, data }) {
    const result = new data.constructor(data.length);
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) result[x * height + y] = data[y * width + x];
    return { height: width, width: height, data: result };
  }

  /** The box round what is not 0; null where all is. */
  function inkBox(mask) {
    const box = findObjects(mask, 1)[1];
    return box.bottom ? box : null;
  }

  /** How many pixels of a mask are inked in each column. */
  function columnSums({ width, data }) {
    const sums = new Int32Array(width);
    for (let i = 0; i < data.length; i++) sums[i % width] += data[i];
    return sums;
  }

  // --- ink.py: finding ink on a page ---------------------------------------------------------------------------------

  const THUMBNAIL_SIDE = 100; // pixels of the longer side on which the light on the paper is measured

  /** find_ink: how much each pixel differs from the paper around it, in the direction in which the ink differs; and the
      standard deviation of the paper's own texture. */
  function findInk({ height, width, data: colours }) {
    const factor = Math.max(1, roundHalfEven(Math.max(height, width) / THUMBNAIL_SIDE));
    const small = blockMeans({ height, width, data: colours }, factor);
    const surface = smoothPaper(small);
    const Floats = small.data.constructor; // float32 where nothing was reduced, else float64
    const residual = filled(Floats, surface.length, (i) => small.data[i] - surface[i]);
    const spread = largestOfThree(filled(Floats, residual.length, (i) => Math.abs(residual[i])));
    const least = Math.max(0.5 * quantile(spread, 0.998), rounded(spread, 1e-6));
    const products = [0, 1, 2].map(() => [0, 0, 0]);
    let strong = 0;
    for (let i = 0; i < spread.length; i++) {
      if (spread[i] < least) continue;
      strong++;
      for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) products[a][b] += residual[3 * i + a] * residual[3 * i + b];
    }
    if (!strong) return { ink: { height, width, data: new Float32Array(height * width) }, texture: 0 };
    const { values, vectors } = symmetricEigen(products);
    const first = values.indexOf(Math.max(...values));
    let axis = Floats.from(vectors, (row) => row[first]);
    let skew = 0;
    along(residual, axis, Floats).forEach((value, i) => (skew += spread[i] >= least ? value ** 3 : 0));
    const size = (Math.sign(skew) || 1) * axis.reduce((sum, part) => sum + Math.abs(part), 0);
    axis = axis.map((part) => part / size);

    const level = along(colours, axis, Float32Array); // ink is the brighter
    const onAxis = (image) => ({ height: small.height, width: small.width, data: along(image, axis, Floats) });
    const paper = onAxis(surface);
    const bare = enlarged(paper, height, width, factor);
    const reach = Math.max(5, roundHalfEven(0.3 * Math.min(small.height, small.width)));
    let bumps = onAxis(small.data);
    bumps.data.forEach((value, i) => (bumps.data[i] = value - paper.data[i]));
    bumps = gaussianFilter(greyOpening(bumps, reach), 0.1 * reach, "nearest");
    // strokes wider than the reach would pass for paper: a shadow is seldom half as dark as the ink
    const columns = Math.ceil(width / 2); // every second pixel both ways
    const sample = filled(Floats, Math.ceil(height / 2) * columns, (i) => {
      const at = 2 * Math.floor(i / columns) * width + 2 * (i % columns);
      return level[at] - bare[at];
    });
    const peak = quantile(sample, 0.999);
    const deepest = 0.5 * Math.max(peak, 0);
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

  /** _between_paper_and_ink: a little under half the usual strength of ink. */
  function betweenPaperAndInk(values) {
    const [low, high] = extremes(values);
    if (rounded(values, high - low) < rounded(values, 1e-3)) return 0;
    const split = thresholdOtsu(values);
    const usual = median(chosen(values, (i) => values[i] > split));
    return Math.max(rounded(values, rounded(values, 0.85) * split), 0.45 * usual);
  }

  /** _without_ruled_lines: remove lines that cross nearly the whole page, but not the strokes that cross them. */
  function withoutRuledLines(mask) {
    for (let turn = 0; turn < 2; turn++) mask = transposed(withoutLevelLines(mask));
    return mask;
  }

  function withoutLevelLines(mask) {
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
      if (widthOf(place) < 0.85 * width || thickness > Math.max(2, 0.03 * height)) return;
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
    if (count === 0) return { kept: none, frame: none };
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

  // --- photos.py: from ink to digits ---------------------------------------------------------------------------------

  const STROKE_WIDTHS = [1.5, 3.6]; // pixels at MNIST's size: 5 % of MNIST's training images are thinner, 5 % thicker

  /** digits_on: the digits of an opened photo, or only the one with the most ink: [{image, box}] in reading order.
      image: Float32Array(784) in [0, 1], white ink on black; box: [left, top, right, bottom] in pixels of the photo.
      Throws BlankImageError. */
  function digitsOn(picture, several = true) {
    const { ink, texture } = findInk(picture);
    let strokes;
    try {
      strokes = findStrokes(ink, texture);
    } catch (error) {
      const margin = error.name === "BlankImageError" ? paperRoundATightCrop(picture) : null;
      if (margin === null) throw error;
      const shift = roundHalfEven(picture.scale * margin.width);
      const found = digitsOn(margin.picture, several);
      return found.map((one) => ({ ...one, box: one.box.map((side) => side - shift) }));
    }
    let { labels, boxes, groups } = groupsOf(strokes);
    if (!several) {
      const weight = new Float64Array(boxes.length);
      labels.data.forEach((number, i) => (weight[number] += Math.max(ink.data[i], 0)));
      const weights = groups.map((group) => group.reduce((sum, number) => sum + weight[number], 0));
      groups = [groups[weights.indexOf(Math.max(...weights))]];
    }
    let found = groups.flatMap((group) => {
      const place = union(group.map((number) => boxes[number]));
      const mask = where(cutOut(labels, place), (number) => group.includes(number));
      return several ? cut(mask, place) : [{ mask, place }];
    });
    const tallest = Math.max(...found.map(({ place }) => heightOf(place)));
    found = found.filter(({ place }) => heightOf(place) >= 0.4 * tallest);
    return readingOrder(found).map(({ mask, place }) => foundDigit(mask, place, ink, picture.scale));
  }

  /** _paper_round_a_tight_crop: the picture with a margin of its own paper, and the margin's width; null where it is not of
      two tones. */
  function paperRoundATightCrop({ height, width, data, scale }) {
    const { fround } = Math;
    const sumAt = (i) => fround(fround(data[i] + data[i + 1]) + data[i + 2]);
    const tone = filled(Float64Array, height * width, (i) => fround(sumAt(3 * i) / 3));
    const edge = []; // the corners twice
    for (const y of [0, height - 1]) for (let x = 0; x < width; x++) edge.push(y * width + x);
    for (const x of [0, width - 1]) for (let y = 0; y < height; y++) edge.push(y * width + x);
    const [dark, light] = [quantile(tone, 0.02), quantile(tone, 0.98)];
    const middle = (dark + light) / 2;
    const bright = edge.filter((at) => tone[at] > middle);
    const outside = bright.length / edge.length > 0.3 ? bright : edge.filter((at) => !(tone[at] > middle));
    const between = chosen(tone, (i) => Math.abs(tone[i] - middle) < (light - dark) / 6).length / tone.length;
    const [darkestEdge, lightestEdge] = extremes(edge.map((at) => tone[at]));
    // much between the tones: a shadow, not a stroke
    if (light - dark < 0.35 || between > 0.2 || lightestEdge === darkestEdge) return null;
    const paper = [0, 1, 2].map((channel) => median(Float32Array.from(outside, (at) => data[3 * at + channel])));
    const margin = roundHalfEven(0.4 * Math.max(height, width));
    const picture = { height: height + 2 * margin, width: width + 2 * margin, scale };
    picture.data = filled(Float32Array, picture.height * picture.width * 3, (i) => paper[i % 3]);
    for (let y = 0; y < height; y++) {
      const row = data.subarray(3 * y * width, 3 * (y + 1) * width);
      picture.data.set(row, 3 * ((y + margin) * picture.width + margin));
    }
    return { picture, width: margin };
  }

  /** _found_digit */
  function foundDigit(mask, place, ink, scale) {
    const around = {
      top: Math.max(0, place.top - 2),
      bottom: Math.min(ink.height, place.bottom + 2),
      left: Math.max(0, place.left - 2),
      right: Math.min(ink.width, place.right + 2),
    };
    const strength = cutOut(ink, around);
    const full = { ...strength, data: new Uint8Array(strength.data.length) };
    const offset = { top: place.top - around.top, left: place.left - around.left };
    for (let y = 0; y < mask.height; y++) {
      const row = mask.data.subarray(y * mask.width, (y + 1) * mask.width);
      full.data.set(row, (y + offset.top) * full.width + offset.left);
    }
    const strong = Math.max(quantile(chosen(strength.data, (i) => full.data[i]), 0.8), rounded(strength.data, 1e-6));
    const near = dilated(full, 8);
    strength.data = strength.data.map((value, i) => clip(value / strong, 0, 1) * near.data[i]);
    const box = [place.left, place.top, place.right, place.bottom].map((side) => roundHalfEven(scale * side));
    return { image: mnistImage(strength), box };
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

  /** _cut: one digit, or several where a group is so wide that its digits must touch and thin bridges join them. */
  function cut(mask, place) {
    const { height, width } = mask;
    const whole = [{ mask, place }];
    const pieces = roundHalfEven(width / (0.7 * height));
    if (pieces < 2 || width < 1.35 * height) return whole;
    const columnInk = columnSums(mask);
    const starts = where(mask, (inked, i) => inked && (i < width || !mask.data[i - width]));
    const bridges = columnSums(starts); // runs of ink a column
    const widthOfStroke = 2 * extremes(distanceTransform(padded(mask, 1, 0)))[1];
    const edges = [0];
    for (let k = 1; k < pieces; k++) {
      const [middle, reach] = [(k * width) / pieces, (0.25 * width) / pieces];
      let best = -1;
      for (let x = Math.trunc(middle - reach); x < Math.ceil(middle + reach); x++) {
        if (bridges[x] <= 1 && (best < 0 || columnInk[x] < columnInk[best])) best = x;
      }
      if (best < 0 || columnInk[best] > 1.2 * widthOfStroke) return whole; // a wide 0 has two bridges
      edges.push(best);
    }
    const parts = [];
    for (let k = 0; k < pieces; k++) {
      const [left, right] = [edges[k], k + 1 < pieces ? edges[k + 1] : width];
      const inked = inkBox(cutOut(mask, { top: 0, bottom: height, left, right }));
      if (inked === null || heightOf(inked) < 0.5 * height) return whole;
      const { top, bottom } = inked;
      parts.push({
        mask: cutOut(mask, { top, bottom, left, right }),
        place: { top: place.top + top, bottom: place.top + bottom, left: place.left + left, right: place.left + right },
      });
    }
    return parts;
  }

  /** _reading_order: rows from the top, each from the left. */
  function readingOrder(found) {
    const rows = [];
    const middleOf = ({ place }) => (place.top + place.bottom) / 2;
    for (const one of [...found].sort((a, b) => middleOf(a) - middleOf(b))) {
      const row = rows.at(-1);
      const lowest = row && Math.max(...row.map((other) => other.place.bottom));
      if (row && middleOf(one) < lowest - 0.2 * heightOf(one.place)) row.push(one);
      else rows.push([one]);
    }
    return rows.flatMap((row) => row.sort((a, b) => a.place.left - b.place.left));
  }

  // --- photos.py: as MNIST was made ----------------------------------------------------------------------------------

  const LEAST_INK = 0.2; // what counts towards the box
  const FINE = 4; // pixels of the fine grid for one of MNIST's

  const inkedBox = (ink) => inkBox(where(ink, (value) => value > rounded(ink.data, LEAST_INK)));

  /** mnist_image: a plane of one digit's ink in [0, 1] -> Float32Array(784). Throws BlankImageError. */
  function mnistImage(ink) {
    const image = boxed(ink, 20);
    const box = inkedBox(ink);
    if (Math.max(heightOf(box), widthOf(box)) < 20) return centred(image); // coarser than MNIST: too blurred to measure
    const fine = boxed(ink, 20 * FINE);
    const width = strokeWidth(fine);
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

  // --- reader.py and augment.py: what the network is shown, and what its answers come to -----------------------------

  const DRAWING_SIDE = 64; // pixels; a picture no larger than this is taken to hold one digit
  const EXACT = 2 ** 14; // maps are rounded to this fraction of a pixel
  const VIEWS = [
    [0, 0],
    [8, 0],
    [-8, 0],
    [0, 0.15],
    [0, -0.15],
  ].map(([angle, slant]) => turnedMap(angle, slant)); // as it is, turned, slanted

  /** turned_maps: turns by `angle` (degrees) and slants by `slant` (pixels aside for one pixel up); a matrix of 2x2. */
  function turnedMap(angle, slant) {
    const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    const map = Float32Array.of(cos, -sin, sin + slant * cos, cos - slant * sin);
    return Array.from(map, (value) => roundHalfEven(value * EXACT) / EXACT);
  }

  /** A 28x28 image in [0, 1] as each of VIEWS shows it: Float32Array(5 * 784), in [0, 1] too. */
  function views(image) {
    const shown = new Float32Array(VIEWS.length * 28 * 28);
    VIEWS.forEach((map, k) => shown.set(warp(image, map), k * 28 * 28));
    return shown;
  }

  /** augment.warp of one image: every pixel is looked up where the map says, by bilinear interpolation; outside is 0. */
  function warp(image, map) {
    const size = 28;
    const { fround } = Math;
    const framed = padded({ height: size, width: size, data: Float32Array.from(image) }, 1, 0).data;
    const result = new Float32Array(size * size);
    for (let i = 0; i < result.length; i++) {
      const [row, column] = [Math.floor(i / size) + 0.5 - size / 2, (i % size) + 0.5 - size / 2];
      const place = [map[0] * row + map[1] * column, map[2] * row + map[3] * column].map((one) =>
        clip(fround(fround(one) + size / 2 + 0.5), 0, size + 1),
      );
      const whole = place.map((one) => Math.min(Math.trunc(one), size));
      const [down, right] = place.map((one, axis) => fround(one - whole[axis]));
      const corner = whole[0] * (size + 2) + whole[1];
      const between = (low, high, share) => fround(low + fround(fround(high - low) * share));
      const top = between(framed[corner], framed[corner + 1], right);
      const bottom = between(framed[corner + size + 2], framed[corner + size + 3], right);
      result[i] = between(top, bottom, down);
    }
    return result;
  }

  /** _of_all_views: the geometric mean of the five views' probabilities, Float32Array(50) -> Float32Array(10). */
  function combineViews(probabilities) {
    return Float32Array.from({ length: 10 }, (_, digit) => {
      let sum = 0;
      for (let k = 0; k < VIEWS.length; k++) sum += Math.log(probabilities[10 * k + digit] + 1e-6);
      return Math.exp(sum / VIEWS.length);
    });
  }

  /** with_temperature: softmax of the log-probabilities over `temperature`. */
  function withTemperature(probabilities, temperature) {
    const logs = Array.from(probabilities, (value) => Math.log(Math.max(value, 1e-12)) / temperature);
    const highest = Math.max(...logs);
    const powers = logs.map((log) => Math.exp(log - highest));
    const total = powers.reduce((sum, power) => sum + power);
    return Float32Array.from(powers, (power) => power / total);
  }

  /** Reader.probabilities: what the network said of the five views, as calibrated probabilities of the ten digits. */
  function combine(probabilitiesOfFiveViews, temperature) {
    return withTemperature(combineViews(probabilitiesOfFiveViews), temperature);
  }

  return {
    openPhoto,
    digitsOn,
    views,
    combine,
    // single steps
    findInk,
    findStrokes,
    mnistImage,
    combineViews,
    withTemperature,
    DRAWING_SIDE,
  };
})();

if (typeof module !== "undefined") module.exports = MnistPhotos;
