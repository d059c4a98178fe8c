/* Where on a picture digits are: mnist_study/reader/finder.py in JavaScript, where the reasons are explained. */
var MnistPhotos = globalThis.MnistPhotos || {};

(() => {
  "use strict";

  const { filled, clip, extremes, median, edgeOf, alongAxis } = MnistPhotos;
  const { fround } = Math;

  const [TILE, CORE] = [192, 128];
  const MARGIN = (TILE - CORE) / 2;
  const [STRIDE, TYPICAL] = [4, 32];
  const [SMALLEST, LARGEST] = [11, 68];
  const LEAST_SCORE = 0.5;
  const DOUBTFUL = 0.6;
  const CROWD = 40;
  const SMALL = 62;
  const [FLAT, FLAT_BESIDE] = [0.03, 0.3];
  const [OVERLAP, WITHIN] = [0.4, 0.75];
  const CHANNELS = 15;

  /** find_places: the digits on a picture, the surest first, each once: [{box: [left, top, right, bottom], score}].
      `network` takes one tile, Float32Array(TILE * TILE) in [0, 255], and promises its answer, TILE / 4 squared times 15;
      at sizes at which only digits lower than `lowest` pixels are found, the picture is not looked at. */
  async function findPlaces(picture, network, lowest = 0) {
    let [level, size] = [mostUnevenChannel(picture), 1];
    const [darkest, lightest] = extremes(level.data);
    const flat = Math.max(FLAT, FLAT_BESIDE * fround(lightest - darkest));
    const places = [];
    for (;;) {
      for (const { tile, corner } of size * LARGEST > lowest ? tilesOf(level, flat) : []) {
        places.push(...placesIn(await network(tile.map((tone) => 255 * tone)), corner, level, size));
      }
      if (Math.max(level.height, level.width) <= SMALL) break;
      [level, size] = [halved(level), 2 * size];
    }
    const kept = eachOnce(places);
    const certain = kept.filter(({ score }) => score >= DOUBTFUL);
    return kept.length > CROWD && certain.length && certain.length < kept.length / 2 ? certain : kept;
  }

  /** most_uneven_channel */
  function mostUnevenChannel({ height, width, data }) {
    const spread = (channel) => {
      let [sum, squares] = [0, 0];
      for (let i = channel; i < data.length; i += 3) sum += data[i];
      const mean = sum / (height * width);
      for (let i = channel; i < data.length; i += 3) squares += (data[i] - mean) ** 2;
      return Math.round(1e6 * Math.sqrt(squares / (height * width)));
    };
    const spreads = [0, 1, 2].map(spread);
    const channel = spreads.indexOf(Math.max(...spreads));
    return { height, width, data: filled(Float32Array, height * width, (i) => data[3 * i + channel]) };
  }

  /** ndimage.uniform_filter; beyond the edges comes the last pixel. */
  function uniformFilter(plane, size) {
    const before = size >> 1;
    for (const axis of [0, 1]) {
      plane = alongAxis(plane, axis, (line, result) => {
        const at = (i) => line[clip(i - before, 0, line.length - 1)];
        let sum = 0;
        for (let i = 0; i < size; i++) sum += at(i);
        result[0] = sum / size;
        for (let i = 1; i < line.length; i++) {
          sum += at(i + size - 1) - at(i - 1);
          result[i] = sum / size;
        }
      });
    }
    return plane;
  }

  /** halved: of each 2x2 pixels the mean, but those that stand out of the paper around count for more. */
  function halved(level) {
    const [height, width] = [Math.ceil(level.height / 2), Math.ceil(level.width / 2)];
    const even = { height: 2 * height, width: 2 * width };
    even.data = filled(Float32Array, even.height * even.width, (i) => {
      const [y, x] = [Math.floor(i / even.width), i % even.width];
      return level.data[Math.min(y, level.height - 1) * level.width + Math.min(x, level.width - 1)];
    });
    const paper = uniformFilter(even, 15).data;
    const data = filled(Float32Array, height * width, (i) => {
      const corner = 2 * Math.floor(i / width) * even.width + 2 * (i % width);
      let [change, weight, ground] = [0, 0, 0];
      for (const at of [corner, corner + 1, corner + even.width, corner + even.width + 1]) {
        const above = fround(even.data[at] - paper[at]);
        const strength = fround(Math.abs(above) + fround(1e-3));
        change += above * strength;
        weight += strength;
        ground += paper[at];
      }
      return clip(ground / 4 + change / weight, 0, 1);
    });
    return { height, width, data };
  }

  /** _tiles: what the network is shown, and where each tile begins, [top, left]; flat ones left out. */
  function tilesOf({ height, width, data }, flat) {
    const paper = median(Float32Array.from(edgeOf({ height, width }), (at) => data[at]));
    const found = [];
    for (let top = -MARGIN; top + MARGIN < height; top += CORE) {
      for (let left = -MARGIN; left + MARGIN < width; left += CORE) {
        const tile = filled(Float32Array, TILE * TILE, (i) => {
          const [y, x] = [top + Math.floor(i / TILE), left + (i % TILE)];
          return y >= 0 && y < height && x >= 0 && x < width ? data[y * width + x] : paper;
        });
        const core = tile.filter((_, i) => {
          const [y, x] = [Math.floor(i / TILE) - MARGIN, (i % TILE) - MARGIN];
          return y >= 0 && y < CORE && x >= 0 && x < CORE;
        });
        const [low, high] = extremes(core);
        if (fround(high - low) >= fround(flat)) found.push({ tile, corner: [top, left] });
      }
    }
    return found;
  }

  /** _places: the peaks of one answer as boxes on the picture. */
  function placesIn(answer, [top, left], { height, width }, size) {
    const side = TILE / STRIDE;
    const logit = (y, x) => answer[CHANNELS * (y * side + x)];
    const least = fround(Math.log(LEAST_SCORE / (1 - LEAST_SCORE)));
    const places = [];
    for (let row = MARGIN / STRIDE; row < (MARGIN + CORE) / STRIDE; row++) {
      for (let column = MARGIN / STRIDE; column < (MARGIN + CORE) / STRIDE; column++) {
        const here = logit(row, column);
        if (!(here > least)) continue;
        let highest = true;
        for (const dy of [-1, 0, 1]) for (const dx of [-1, 0, 1]) highest &&= here >= logit(row + dy, column + dx);
        if (!highest) continue;
        const at = CHANNELS * (row * side + column);
        const [high, wide] = [answer[at + 11], answer[at + 12]].map((one) => TYPICAL * Math.exp(clip(one, -4, 2)));
        const x = left + STRIDE * (column + 0.5 + answer[at + 13]);
        const y = top + STRIDE * (row + 0.5 + answer[at + 14]);
        if (high < SMALLEST || high > LARGEST || x < 0 || x >= width || y < 0 || y >= height) continue;
        const box = [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2].map((edge) => size * edge);
        places.push({ box, score: 1 / (1 + Math.exp(-here)) });
      }
    }
    return places;
  }

  /** _each_once: of boxes that lie on each other, the surest. */
  function eachOnce(places) {
    const kept = [];
    for (const place of [...places].sort((a, b) => b.score - a.score)) {
      if (!kept.some((other) => same(place.box, other.box))) kept.push(place);
    }
    return kept;
  }

  function same(a, b) {
    const common = commonArea(a, b);
    const areas = [a, b].map((box) => (box[2] - box[0]) * (box[3] - box[1]));
    return common > OVERLAP * (areas[0] + areas[1] - common) || common > WITHIN * Math.min(...areas);
  }

  /** common_area: what two boxes have in common. */
  function commonArea(a, b) {
    const [wide, high] = [0, 1].map((k) => Math.max(0, Math.min(a[k + 2], b[k + 2]) - Math.max(a[k], b[k])));
    return wide * high;
  }

  Object.assign(MnistPhotos, { TILE, DOUBTFUL, findPlaces, same, commonArea });
})();
