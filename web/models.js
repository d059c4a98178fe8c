/* Small Keras networks in plain JavaScript: what mnist_study/website/models.py has written of them, layer by layer.

     network = MnistModels.network(description)       // of globalThis.REPORT_MODELS, say
     network.probabilities(levels)                    // 784 grey levels in [0, 255] -> Float32Array(10)
     network.stages(levels)                           // what each convolution gives: [{name, height, width, channels, data}]

   An image or a stack of maps is {height, width, channels, data}, row by row, the channels of a pixel side by side, as Keras
   has them. Weights come as float16. */
var MnistModels = (() => {
  "use strict";

  function float16(text) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const halves = new Uint16Array(bytes.buffer);
    return Float32Array.from(halves, (half) => {
      const [sign, exponent, fraction] = [half & 0x8000 ? -1 : 1, (half >> 10) & 31, half & 1023];
      return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
    });
  }

  const rectified = (data) => data.map((value) => (value > 0 ? value : 0));

  const LAYERS = {
    scale: (image, { by, offset }) => ({ ...image, data: image.data.map((value) => value * by + offset) }),

    /** Blocks of 2x2 pixels as four channels, row by row. */
    fold({ height, width, data }) {
      const result = new Float32Array(data.length);
      let target = 0;
      for (let y = 0; y < height; y += 2)
        for (let x = 0; x < width; x += 2)
          for (const at of [y * width + x, y * width + x + 1, (y + 1) * width + x, (y + 1) * width + x + 1])
            result[target++] = data[at];
      return { height: height / 2, width: width / 2, channels: 4, data: result };
    },

    convolution(image, { kernel, bias, side, same, relu }) {
      const filters = bias.length;
      const margin = same ? (side - 1) / 2 : 0;
      const [height, width] = [image.height, image.width].map((length) => length - side + 1 + 2 * margin);
      const result = new Float32Array(height * width * filters);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const target = (y * width + x) * filters;
          const sums = result.subarray(target, target + filters);
          sums.set(bias);
          for (let ky = 0; ky < side; ky++) {
            const row = y + ky - margin;
            if (row < 0 || row >= image.height) continue;
            for (let kx = 0; kx < side; kx++) {
              const column = x + kx - margin;
              if (column < 0 || column >= image.width) continue;
              const from = (row * image.width + column) * image.channels;
              for (let channel = 0; channel < image.channels; channel++) {
                const value = image.data[from + channel];
                if (value === 0) continue;
                const weights = ((ky * side + kx) * image.channels + channel) * filters;
                for (let k = 0; k < filters; k++) sums[k] += value * kernel[weights + k];
              }
            }
          }
        }
      }
      return { height, width, channels: filters, data: relu ? rectified(result) : result };
    },

    /** The largest of each 2x2 values; an odd last row or column is left out. */
    pool({ height, width, channels, data }) {
      const [high, wide] = [Math.floor(height / 2), Math.floor(width / 2)];
      const result = new Float32Array(high * wide * channels);
      for (let y = 0; y < high; y++)
        for (let x = 0; x < wide; x++)
          for (let k = 0; k < channels; k++) {
            const at = (2 * y * width + 2 * x) * channels + k;
            const below = at + width * channels;
            result[(y * wide + x) * channels + k] = Math.max(data[at], data[at + channels], data[below], data[below + channels]);
          }
      return { height: high, width: wide, channels, data: result };
    },

    dense(image, { kernel, bias, relu }) {
      const units = bias.length;
      const sums = Float32Array.from(bias);
      image.data.forEach((value, i) => {
        if (value !== 0) for (let k = 0; k < units; k++) sums[k] += value * kernel[i * units + k];
      });
      return { height: 1, width: 1, channels: units, data: relu ? rectified(sums) : sums };
    },
  };

  function softmax(values) {
    const highest = Math.max(...values);
    const powers = values.map((value) => Math.exp(value - highest));
    const total = powers.reduce((sum, power) => sum + power);
    return powers.map((power) => power / total);
  }

  function network({ layers }) {
    const ready = layers.map((layer) => ({
      ...layer,
      ...(layer.kernel && { kernel: float16(layer.kernel), bias: float16(layer.bias) }),
    }));
    function* run(levels) {
      let shown = { height: 28, width: 28, channels: 1, data: Float32Array.from(levels) };
      for (const layer of ready) {
        shown = LAYERS[layer.kind](shown, layer);
        yield { name: layer.name, kind: layer.kind, ...shown };
      }
    }
    return {
      probabilities(levels) {
        let last;
        for (const stage of run(levels)) last = stage.data;
        return softmax(last);
      },
      stages: (levels) => [...run(levels)].filter(({ kind }) => kind === "convolution"),
    };
  }

  return { network };
})();
