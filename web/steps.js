/* One photo at every step of its preparation: `ladder` of mnist_study/reports/sharpies/runs.py in JavaScript. */
var MnistPhotos = globalThis.MnistPhotos || {};

(() => {
  "use strict";

  const { BOX, clip, quantile, rounded, roundHalfEven, resize, findInk, digitsOn, boxed, centred } = MnistPhotos;

  /** Float32 (height, width) -> Float32Array(784) in [0, 1]: each pixel the mean of those that it covers. */
  function shrunk(plane) {
    return resize({ ...plane, data: Float32Array.from(plane.data) }, 28, 28, BOX).data.map((value) => clip(value, 0, 1));
  }

  /** ladder: an opened photo -> {shrunk, background, boxed, centred, strokeWidth}, each Float32Array(784) in [0, 1], white ink
      on black, by a promise. Throws BlankImageError. */
  async function ladder(picture) {
    const { height, width, data } = picture;
    const grey = Float32Array.from({ length: height * width }, (_, i) => {
      return 1 - Math.fround(Math.fround(Math.fround(data[3 * i] + data[3 * i + 1]) + data[3 * i + 2]) / 3);
    });
    const inkOnIt = findInk(picture);
    const { ink } = inkOnIt;
    const strongest = rounded(ink.data, quantile(ink.data, 0.999));
    const [digit] = (await digitsOn(picture, null, null, inkOnIt)).digits;
    const box = boxed(digit.ink, 20);
    const inTheMiddle = new Float32Array(784);
    const [top, left] = [box.height, box.width].map((side) => Math.floor((28 - side) / 2));
    for (let y = 0; y < box.height; y++)
      inTheMiddle.set(box.data.subarray(y * box.width, (y + 1) * box.width), (top + y) * 28 + left);
    return {
      shrunk: shrunk({ height, width, data: grey }),
      background: shrunk({ ...ink, data: ink.data.map((value) => clip(value / strongest, 0, 1)) }),
      boxed: inTheMiddle,
      centred: centred(box),
      strokeWidth: digit.image,
    };
  }

  /** Grey levels as a network of the study takes them: whole numbers in [0, 255]. */
  const levelsOf = (image) => image.map((value) => roundHalfEven(255 * value));

  Object.assign(MnistPhotos, { ladder, levelsOf });
})();
