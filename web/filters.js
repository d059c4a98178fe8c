/* The image operations of Pillow, SciPy and scikit-image that photos.py and ink.py of mnist_study/reader use, bit for bit where
   they are exact there. */
var MnistPhotos = globalThis.MnistPhotos || {};

(() => {
  "use strict";

  const { rounded, clip, filled, extremes, padded, cutOut } = MnistPhotos;

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

  /** With a square, first the smallest (-1) or largest (1) value, then the other; the second window is the mirror image. */
  function extremeAndBack(plane, size, first) {
    const [before, after] = windowAround(size);
    for (const axis of [0, 1]) plane = slidingExtreme(plane, axis, before, after, first);
    for (const axis of [0, 1]) plane = slidingExtreme(plane, axis, after, before, -first);
    return plane;
  }
  const greyOpening = (plane, size) => extremeAndBack(plane, size, -1);
  const greyClosing = (plane, size) => extremeAndBack(plane, size, 1);

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

  /** The box round what is not 0; null where all is. */
  function inkBox(mask) {
    const box = findObjects(mask, 1)[1];
    return box.bottom ? box : null;
  }

  Object.assign(MnistPhotos, {
    BOX, BICUBIC, resize, alongAxis, maximumFilter1d, minimumFilter1d, greyOpening, greyClosing, gaussianFilter, thresholdOtsu, label,
    findObjects, dilated, distanceTransform, skeletonize, inkBox,
  });
})();
