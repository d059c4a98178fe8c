// A map in three dimensions on a plain canvas, put into the element with id "place". The global POINTS, which map.py writes,
// holds coordinates, labels, image numbers (or null), colours, and a sheet of the images (or "").
"use strict";

(() => {
  const place = document.getElementById("place");
  place.innerHTML = `
    <div id="legend" role="group" aria-label="Digits shown"></div>
    <div class="map">
      <canvas id="map" tabindex="0" role="img"></canvas>
      <div id="card" hidden><canvas width="28" height="28"></canvas><span></span></div>
    </div>`;
  const [legend, canvas, card] = place.querySelectorAll("#legend, #map, #card");
  const context = canvas.getContext("2d");
  const { columns, labels, index, colours, description } = POINTS;
  canvas.setAttribute("aria-label", description);
  const bytes = Uint8Array.from(atob(POINTS.coordinates), (character) => character.charCodeAt(0));
  const coordinates = new Int16Array(bytes.buffer); // x, y, z of each point, of 32767
  const count = labels.length;
  const shown = Array(10).fill(true);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let turn = 0.6, tilt = 0.35, zoom = 1, turning = !still;
  const screen = new Float32Array(3 * count); // x, y in CSS pixels, depth

  const sheet = new Image();
  if (POINTS.sheet) sheet.src = POINTS.sheet;

  function project() {
    const { width, height } = canvas.getBoundingClientRect();
    const scale = (0.56 * zoom * Math.min(width, height)) / 32767;
    const [ct, st, cl, sl] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
    for (let i = 0; i < count; i++) {
      const [x, y, z] = [coordinates[3 * i], coordinates[3 * i + 1], coordinates[3 * i + 2]];
      const across = ct * x - st * y;
      const away = st * x + ct * y;
      const depth = cl * away + sl * z;
      const near = 1 / (1 + depth / 110000);
      screen[3 * i] = width / 2 + scale * near * across;
      screen[3 * i + 1] = height / 2 - scale * near * (cl * z - sl * away);
      screen[3 * i + 2] = depth;
    }
  }

  function draw() {
    const ratio = devicePixelRatio || 1;
    const { width, height } = canvas.getBoundingClientRect();
    if (canvas.width !== Math.round(ratio * width) || canvas.height !== Math.round(ratio * height)) {
      canvas.width = Math.round(ratio * width);
      canvas.height = Math.round(ratio * height);
    }
    project();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const order = [...Array(count).keys()].filter((i) => shown[labels[i]]).sort((a, b) => screen[3 * b + 2] - screen[3 * a + 2]);
    for (const i of order) {
      context.globalAlpha = 0.85 - (0.35 * screen[3 * i + 2]) / 32767;
      context.fillStyle = colours[labels[i]];
      context.beginPath();
      context.arc(screen[3 * i], screen[3 * i + 1], 2.4 * Math.sqrt(zoom), 0, 7);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  let asked = false;
  function soon() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      if (turning) turn += 0.004;
      draw();
      if (turning && !document.hidden) soon();
    });
  }

  function nearest(x, y) {
    let best = -1, least = 14 * 14;
    for (let i = 0; i < count; i++) {
      if (!shown[labels[i]]) continue;
      const distance = (screen[3 * i] - x) ** 2 + (screen[3 * i + 1] - y) ** 2 + 0.0006 * (screen[3 * i + 2] + 32767);
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  }

  function point(event) {
    const box = canvas.getBoundingClientRect();
    const chosen = nearest(event.clientX - box.left, event.clientY - box.top);
    card.hidden = chosen < 0;
    if (chosen < 0) return;
    card.lastElementChild.textContent = `digit ${labels[chosen]}${index ? `, test image ${index[chosen]}` : ""}`;
    const picture = card.firstElementChild;
    picture.hidden = !POINTS.sheet;
    if (POINTS.sheet && sheet.complete)
      picture.getContext("2d").drawImage(sheet, 28 * (chosen % columns), 28 * Math.floor(chosen / columns), 28, 28, 0, 0, 28, 28);
    card.style.left = `${Math.min(screen[3 * chosen] + 14, box.width - 140)}px`;
    card.style.top = `${Math.max(4, Math.min(screen[3 * chosen + 1] - 50, box.height - 130))}px`;
  }

  const fingers = new Map();
  canvas.addEventListener("pointerdown", (event) => {
    turning = false;
    fingers.set(event.pointerId, event);
    point(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return point(event);
    const others = [...fingers.values()].filter((finger) => finger.pointerId !== event.pointerId);
    if (others.length) {
      const spread = (one) => Math.hypot(one.clientX - others[0].clientX, one.clientY - others[0].clientY);
      zoom = Math.min(8, Math.max(0.5, (zoom * spread(event)) / Math.max(1, spread(before))));
    } else {
      turn += (event.clientX - before.clientX) / 150;
      tilt = Math.min(1.5, Math.max(-1.5, tilt + (event.clientY - before.clientY) / 150));
    }
    fingers.set(event.pointerId, event);
    card.hidden = true;
    soon();
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"])
    canvas.addEventListener(end, (event) => {
      fingers.delete(event.pointerId);
      if (end === "pointerleave") card.hidden = true;
    });
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-0.1, 0, 1], ArrowRight: [0.1, 0, 1], ArrowUp: [0, -0.1, 1], ArrowDown: [0, 0.1, 1] };
    Object.assign(steps, { "+": [0, 0, 1.2], "=": [0, 0, 1.2], "-": [0, 0, 1 / 1.2] });
    if (!(event.key in steps) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    turning = false;
    const [sideways, upwards, closer] = steps[event.key];
    turn += sideways;
    tilt = Math.min(1.5, Math.max(-1.5, tilt + upwards));
    zoom = Math.min(8, Math.max(0.5, zoom * closer));
    soon();
  });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== canvas) return; // a page that is scrolled past
    event.preventDefault();
    turning = false;
    zoom = Math.min(8, Math.max(0.5, zoom * Math.exp(-event.deltaY / 500)));
    soon();
  }, { passive: false });

  for (let digit = 0; digit < 10; digit++) {
    const button = document.createElement("button");
    button.type = "button";
    button.innerHTML = `<i style="background:${colours[digit]}"></i>${digit}`;
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      shown[digit] = !shown[digit];
      button.setAttribute("aria-pressed", String(shown[digit]));
      soon();
    });
    legend.append(button);
  }
  addEventListener("resize", soon);
  document.addEventListener("visibilitychange", soon);
  soon();
})();
