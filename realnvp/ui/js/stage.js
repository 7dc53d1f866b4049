// The layers' stage: the whole way through the flow in one picture, from data sent once. While it moves, a canvas over
// the plot shows points, a grid and the density; while it stands, the plot itself does, so that hover, lasso and PNG work.

import { REDUCED_MOTION, label, make, makeButton, makeChoice, makeSlider, readTheme, withHelp } from "./dom.js";
import { shared } from "./shared.js";
import { Way, drawPoints, prepare } from "./way.js";

const A_LAYER = 1100; // milliseconds at normal speed
const COLOURS = 24; // shades of the density
const LOWEST = -7; // nats: density below this is not coloured

// The density's mesh, which travels by itself, for it is large: see density_mesh() in tracing.py.
export class Coat {
  update(content) {
    shared.set("coat", { ...content, way: new Way(content.journey) });
  }

  remove() {
    shared.set("coat", null);
  }
}

export class Stage {
  constructor(owner) {
    this.owner = owner;
    this.place = 0;
    this.speed = 1;
    this.forwards = true; // data to latent
    this.coats = { points: true, grid: true, density: false };
    this.canvas = make("canvas", "lf-canvas", owner.root);
    this.canvas.setAttribute("aria-hidden", "true");
    this.caption = make("output", "lf-stage-caption", owner.root);
    this.caption.setAttribute("aria-live", "polite");
    this.buildControls();
    const jump = ({ detail }) => this.standAt(detail);
    owner.listen(shared, "jump", jump);
    owner.listen(shared, "coat", () => this.settled && this.stand());
    owner.listen(document, "keydown", (event) => this.key(event));
  }

  buildControls() {
    const row = make("div", "lf-stage-row", this.owner.root);
    this.previous = makeButton("lf-round", row, () => this.step(-1));
    label(this.previous, "previous", "Layer before", { silent: true });
    this.button = makeButton("lf-send-button", row, () => (this.playing ? this.pause() : this.play()));
    this.next = makeButton("lf-round", row, () => this.step(1));
    label(this.next, "next", "Next layer", { silent: true });
    this.slider = makeSlider(row, "Place on the way through the flow", (place) => {
      this.pause();
      this.show(place);
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.stand(), 120);
    });
    this.slider.onchange = () => this.stand();
    const more = make("div", "lf-stage-row", this.owner.root);
    const ways = [
      [true, "Data → latent", "Forward, f: each layer in turn."],
      [false, "Latent → data", "Inverse, f⁻¹: each layer undone, last one first."],
    ];
    this.direction = makeChoice(more, "Direction", ways, (forwards) => {
      this.forwards = forwards;
      if (this.place === (forwards ? this.way.layers : 0)) this.show(forwards ? 0 : this.way.layers);
      this.label();
      if (this.playing) this.play();
      else this.stand();
    });
    const speeds = [0.5, 1, 2].map((speed) => [speed, `${speed}×`, ""]);
    this.speeds = makeChoice(more, "Speed", speeds, (speed) => {
      this.speed = speed;
      this.label();
      if (this.playing) this.play();
    });
    const coats = make("span", "lf-choice", more);
    coats.setAttribute("role", "group");
    coats.setAttribute("aria-label", "What to draw");
    const words = {
      points: ["Points", "Held-out points in their classes' colours."],
      grid: ["Grid", "Straight lines of the data space, and where the layers take them."],
      density: ["Density", "The learned density of the points at this moment, exact at every corner of the mesh (log scale)."],
    };
    this.coatButtons = Object.entries(words).map(([coat, [title, help]]) => {
      const button = withHelp(makeButton("", coats, () => this.toggle(coat)), help);
      button.textContent = title;
      return [coat, button];
    });
    this.scale = make("span", "lf-scale", more);
    this.scale.hidden = true;
  }

  toggle(coat) {
    this.coats[coat] = !this.coats[coat];
    this.label();
    if (this.playing) this.show(this.place);
    else this.stand();
  }

  set({ journey, colours, grid, epoch, run, panels }) {
    const layers = this.way?.layers;
    Object.assign(this, { colours, lines: grid.lines, epoch, run });
    this.way = new Way(journey);
    this.gridWay = new Way(grid);
    this.still = panels[0].figures[0]; // the points' figure, of which the data are the stage's
    if (layers !== this.way.layers) {
      this.slider.max = this.way.layers;
      this.place = 0;
    }
    this.label();
    this.compose();
  }

  ready() {
    this.root = this.owner.root;
    if (this.greeted) return;
    this.greeted = true;
    this.stand(); // with the grid, of which the view is known by now
    this.owner.panels.get("stage").plot.on("plotly_relayout", () => this.settled && this.stand()); // a zoom
    const seen = sessionStorage.getItem("realnvp-stage");
    sessionStorage.setItem("realnvp-stage", "seen");
    if (!seen && !REDUCED_MOTION.matches) this.timer = setTimeout(() => this.play(), 700);
  }

  // Moving.

  play() {
    this.stop();
    const { layers } = this.way;
    const [from, to] = this.forwards ? [0, layers] : [layers, 0];
    const start = this.place === to ? from : this.place;
    const began = performance.now();
    this.playing = true;
    this.label();
    const tick = (now) => {
      if (!this.playing) return;
      const done = (Math.max(0, now - began) * this.speed) / A_LAYER;
      const place = this.forwards ? Math.min(start + done, to) : Math.max(start - done, to);
      // Without motion the points stand at each layer in turn.
      this.show(REDUCED_MOTION.matches ? Math.floor(place) : place);
      if (place === to) this.pause();
      else this.request = requestAnimationFrame(tick);
    };
    this.request = requestAnimationFrame(tick);
  }

  stop() {
    clearTimeout(this.timer);
    clearTimeout(this.resting);
    cancelAnimationFrame(this.request);
    this.playing = false;
  }

  pause() {
    this.stop();
    this.label();
    this.stand();
  }

  // To the next whole layer, or the one before.
  step(by) {
    this.standAt(by > 0 ? Math.floor(this.place + 1e-6) + 1 : Math.ceil(this.place - 1e-6) - 1);
  }

  standAt(place) {
    this.stop();
    this.show(Math.max(0, Math.min(this.way.layers, place)));
    this.label();
    this.stand();
  }

  key(event) {
    const busy = event.target.closest?.("input, textarea, select, button, [role=combobox], [contenteditable], [role=slider], [role=tab]");
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || (busy && busy !== this.slider)) return;
    const acts = {
      " ": () => (this.playing ? this.pause() : this.play()),
      ArrowRight: () => this.step(1),
      ArrowLeft: () => this.step(-1),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  // Drawing.

  show(place) {
    this.place = place;
    this.slider.value = place;
    this.settled = false;
    this.draw();
    this.label();
  }

  // Stands still: what the canvas shows becomes the plot's own.
  async stand() {
    if (this.owner.removed || !this.owner.panels.get("stage")?.drawn) return;
    this.compose();
    await this.owner.draw();
    if (this.playing || this.owner.removed) return;
    this.settled = true;
    this.owner.root.dataset.stands = this.place.toFixed(2);
    this.owner.root.classList.remove("lf-moving");
    prepare(this.canvas, this.owner.root.clientWidth, this.owner.grid.offsetHeight);
  }

  // The plot's figure at this place: points, and under them an image of grid and density.
  compose() {
    const points = this.way.points(this.place);
    const panel = this.owner.panels.get("stage");
    const [trace] = this.still.data;
    const [x, y] = [0, 1].map((coordinate) => points.filter((_, i) => i % 2 === coordinate));
    const line = this.coats.density ? { color: readTheme(this.owner.root).surface, width: 0.7 } : { width: 0 };
    const data = [{ ...trace, x, y, visible: this.coats.points, marker: { ...trace.marker, line } }];
    const images = panel.drawn ? [this.image(panel.frame())] : [];
    const coats = Object.values(this.coats).join();
    const coat = this.coats.density && this.density() ? shared.coat.stamp : "";
    const stamp = `${this.still.stamp} ${this.place} ${coats} ${coat} ${panel.drawn ? panel.ranges() : ""}`;
    panel.set({ figures: [{ ...this.still, data, layout: { ...this.still.layout, images }, stamp }] });
  }

  image({ width, height, x, y }) {
    const canvas = document.createElement("canvas");
    const context = prepare(canvas, width, height);
    this.paint(context, (v) => ((v - x[0]) / (x[1] - x[0])) * width, (v) => (1 - (v - y[0]) / (y[1] - y[0])) * height);
    const size = { x: x[0], y: y[1], sizex: x[1] - x[0], sizey: y[1] - y[0] };
    return { source: canvas.toDataURL(), xref: "x", yref: "y", ...size, sizing: "stretch", layer: "below" };
  }

  resize() {
    if (this.settled) this.stand();
    else this.draw();
  }

  draw() {
    const { root, panels, grid, chosen } = this.owner;
    const panel = panels.get("stage");
    if (!panel?.drawn) return;
    root.classList.add("lf-moving");
    delete root.dataset.stands;
    const context = prepare(this.canvas, root.clientWidth, grid.offsetHeight);
    const { left, top, width, height, x, y } = panel.frame();
    const toX = (v) => left + ((v - x[0]) / (x[1] - x[0])) * width;
    const toY = (v) => top + (1 - (v - y[0]) / (y[1] - y[0])) * height;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    this.paint(context, toX, toY);
    if (this.coats.points) {
      const labels = this.still.data[0].marker.color;
      const rim = this.coats.density && readTheme(this.owner.root).surface;
      drawPoints(context, this.way.points(this.place), labels, this.colours, chosen, toX, toY, 2.4, rim);
    }
    context.restore();
  }

  // The density and the grid at this place.
  paint(context, toX, toY) {
    if (this.coats.density && this.density()) this.paintDensity(context, this.density(), toX, toY);
    if (!this.coats.grid) return;
    const points = this.gridWay.points(this.place);
    const each = points.length / 2 / this.lines;
    context.lineWidth = 1;
    context.strokeStyle = readTheme(this.owner.root).text;
    context.globalAlpha = 0.28;
    context.beginPath();
    for (let line = 0; line < this.lines; line++) {
      for (let i = 0; i < each; i++) {
        const j = 2 * (line * each + i);
        if (i) context.lineTo(toX(points[j]), toY(points[j + 1]));
        else context.moveTo(toX(points[j]), toY(points[j + 1]));
      }
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  density() {
    const coat = shared.coat;
    return coat && coat.run === this.run && coat.epoch === this.epoch ? coat : null;
  }

  // Cells of the mesh in the colour of the mean log-density of their corners. What the map does to a small area it does
  // the other way round to the density: log p at the place = log p(data) - log-determinant so far.
  paintDensity(context, { way, logProb, side, highest, shades }, toX, toY) {
    const points = way.points(this.place);
    const logDets = way.logDets(this.place);
    const { surface } = readTheme(this.owner.root);
    const cells = Array.from({ length: COLOURS }, () => []);
    for (let row = 0; row < side - 1; row++) {
      for (let column = 0; column < side - 1; column++) {
        const corners = [row * side + column, row * side + column + 1, (row + 1) * side + column + 1, (row + 1) * side + column];
        let mean = 0;
        for (const i of corners) mean += (logProb[i] - logDets[i]) / 4;
        const shade = Math.min(COLOURS - 1, Math.floor((COLOURS * (mean - LOWEST)) / (highest - LOWEST)));
        if (shade >= 0) cells[shade].push(corners);
      }
    }
    context.lineWidth = 0.8;
    cells.forEach((quads, shade) => {
      if (!quads.length) return;
      context.fillStyle = context.strokeStyle = shades[shade].replace("var(--st-background-color)", surface);
      context.beginPath();
      for (const quad of quads) {
        quad.forEach((i, corner) => {
          const [x, y] = [toX(points[2 * i]), toY(points[2 * i + 1])];
          if (corner) context.lineTo(x, y);
          else context.moveTo(x, y);
        });
        context.closePath();
      }
      context.fill();
      context.stroke(); // closes the hairlines between cells
    });
  }

  label() {
    label(this.button, this.playing ? "pause" : "play", this.playing ? "Pause" : "Play");
    this.direction.show(this.forwards);
    this.speeds.show(this.speed);
    for (const [coat, button] of this.coatButtons) button.setAttribute("aria-pressed", this.coats[coat]);
    const coat = this.coats.density && this.density();
    this.scale.hidden = !coat;
    if (coat) {
      this.scale.textContent = `log density, ${LOWEST} to ${coat.highest.toFixed(1)} nats`;
      this.scale.style.setProperty("--lf-shades", coat.shades.join(","));
    }
    if (!this.way) return;
    const { layers } = this.way;
    const layer = Math.min(layers, Math.floor(this.place) + (this.place % 1 || !this.place || !this.forwards ? 1 : 0));
    shared.set("layer", Math.max(1, layer));
    this.previous.disabled = this.place <= 0;
    this.next.disabled = this.place >= layers;
    this.caption.value = this.words();
    this.canvas.dataset.place = this.place.toFixed(2);
  }

  words() {
    const { layers } = this.way;
    if (this.place <= 0) return "Input: your points, before the first layer.";
    if (this.place >= layers) return `Latent: after all ${layers} ${layers === 1 ? "layer" : "layers"}.`;
    const stands = Number.isInteger(this.place);
    const layer = stands ? this.place - 1 : Math.floor(this.place);
    const [stays, moves] = this.way.names(layer);
    if (stands) return `After layer ${this.place} of ${layers}: ${stays} stayed, ${moves} was stretched and shifted.`;
    const what = this.forwards ? "is stretched and shifted" : "is shifted and stretched back";
    return `Layer ${layer + 1} of ${layers}: ${stays} stays, ${moves} ${what}.`;
  }
}
