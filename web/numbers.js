/* Numbers as Python and NumPy make them, and planes: {height, width, data}, row by row; a mask is a plane of 0 and 1; a box is
   {top, bottom, left, right}, with `bottom` and `right` just outside. */
var MnistPhotos = globalThis.MnistPhotos || {};

(() => {
  "use strict";

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

  // --- planes --------------------------------------------------------------------------------------------------------

  const heightOf = (box) => box.bottom - box.top;
  const widthOf = (box) => box.right - box.left;

  /** box_of: [left, top, right, bottom] of a box. */
  const sidesOf = ({ left, top, right, bottom }) => [left, top, right, bottom];

  /** with_paper: a box with two pixels of paper all round, as far as the plane reaches. */
  const withPaper = ({ top, bottom, left, right }, { height, width }) => ({
    top: Math.max(0, top - 2),
    bottom: Math.min(height, bottom + 2),
    left: Math.max(0, left - 2),
    right: Math.min(width, right + 2),
  });

  /** rim: where the pixels along the four edges of a plane stand in its data; those of the corners twice. */
  function edgeOf({ height, width }) {
    const places = [];
    for (const y of [0, height - 1]) for (let x = 0; x < width; x++) places.push(y * width + x);
    for (const x of [0, width - 1]) for (let y = 0; y < height; y++) places.push(y * width + x);
    return places;
  }

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

  /** How many pixels of a mask are inked in each column. */
  function columnSums({ width, data }) {
    const sums = new Int32Array(width);
    for (let i = 0; i < data.length; i++) sums[i % width] += data[i];
    return sums;
  }

  Object.assign(MnistPhotos, {
    roundHalfEven, rounded, clip, filled, chosen, extremes, pairwiseSum, quantile, median, symmetricEigen,
    heightOf, widthOf, sidesOf, withPaper, edgeOf, where, opposite, padded, cutOut, transposed, columnSums,
  });
})();
