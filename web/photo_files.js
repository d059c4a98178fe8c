/* A picture opened: mnist_study/reader/photo_files.py in JavaScript. Files are decoded, and turned upright, by the browser. */
var MnistPhotos = globalThis.MnistPhotos || {};

(() => {
  "use strict";

  const { roundHalfEven, filled, BOX, resize } = MnistPhotos;

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

  // --- on a page: people bring files, and the browser decodes them -----------------------------------------------------

  /** An image, loaded; source: a File, or an address. Throws what can be shown: it is no image, or too large a one. */
  async function loadedImage(source, name = source.name) {
    const image = new Image();
    image.src = source instanceof File ? URL.createObjectURL(source) : source;
    try {
      await new Promise((resolve, reject) => Object.assign(image, { onload: resolve, onerror: reject }));
    } catch {
      throw new Error(`${name} is not an image that this browser can read. Save the picture as JPEG or PNG.`);
    } finally {
      URL.revokeObjectURL(image.src);
    }
    const [size, most] = [`${image.naturalWidth}x${image.naturalHeight} pixels`, `${MOST_PIXELS / 10 ** 6} million`];
    if (image.naturalWidth * image.naturalHeight > MOST_PIXELS)
      throw new Error(`${name} has ${size}, more than ${most}. Crop it around the digit or save it smaller.`);
    return image;
  }

  /** The context of a canvas that is now as large as an image, at most `largest` pixels a side, and shows it. */
  function onCanvas(canvas, image, largest) {
    const { naturalWidth: width, naturalHeight: height } = image;
    const factor = Math.min(1, largest / Math.max(width, height));
    [canvas.width, canvas.height] = [width, height].map((side) => Math.max(1, Math.round(factor * side)));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height); // upright: browsers heed EXIF
    return context;
  }

  /** Calls take(file) with each file that is chosen with an input, dropped on the page or pasted. */
  function takeFiles(input, take) {
    const takeFirst = (files) => files.length && take(files[0]);
    input.addEventListener("change", () => {
      takeFirst(input.files);
      input.value = ""; // so that the same file can be chosen again
    });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      takeFirst(event.dataTransfer.files);
    });
    document.addEventListener("paste", (event) => takeFirst(event.clipboardData.files));
  }

  Object.assign(MnistPhotos, { LEAST_CONTRAST, photoError, openPhoto, loadedImage, onCanvas, takeFiles });
})();
