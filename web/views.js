/* What the network is shown, and how its answers are combined: from mnist_study/reader/reading.py and data/augment.py. */
var MnistPhotos = globalThis.MnistPhotos || {};

(() => {
  "use strict";

  const { roundHalfEven, clip, padded } = MnistPhotos;

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

  Object.assign(MnistPhotos, { views, combine });
})();
