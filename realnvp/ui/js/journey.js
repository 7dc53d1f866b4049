// Sends points from the input panel through all layers to the latent panel, and back to the inverted panel.
// The place on the way runs from 0 (input) over L (latent, L = number of layers) to 2 L (inverted).

import { REDUCED_MOTION, label, make, makeButton, makeSlider, readTheme } from "./dom.js";
import { Way, drawPoints, prepare } from "./way.js";

const THERE = 1900; // milliseconds from input to latent, and again back
const REST = 600; // at the latent space, and at the end
const mix = (a, b, w) => a + (b - a) * w;

export class JourneyView {
  constructor(owner) {
    this.owner = owner;
    this.place = 0;
    this.canvas = make("canvas", "lf-canvas", owner.root);
    this.canvas.setAttribute("aria-hidden", "true");
    const row = make("div", "lf-send", owner.root);
    this.button = makeButton("lf-send-button", row, () => (this.playing ? this.stop() : this.play()));
    this.slider = makeSlider(row, "Place on the way through the flow", (place) => {
      this.stop(); // which goes back to the start from the end
      this.show(place);
    });
    this.caption = make("output", "lf-send-caption", row);
  }

  set({ journey, colours, units }) {
    this.colours = colours;
    [this.mean, this.std] = units;
    this.way = new Way(journey);
    if (this.layers === this.way.layers) return;
    this.layers = this.way.layers;
    this.slider.max = 2 * this.layers;
    this.place = 0;
  }

  ready() {
    this.show(this.place);
    if (this.greeted) return;
    this.greeted = true;
    const seen = sessionStorage.getItem("realnvp-journey");
    sessionStorage.setItem("realnvp-journey", "seen");
    if (!seen && !REDUCED_MOTION.matches) this.timer = setTimeout(() => this.play(), 500);
  }

  play() {
    this.playing = true;
    this.label();
    const from = this.place >= 2 * this.layers ? 0 : this.place;
    const started = performance.now() - this.timeOf(from);
    const tick = (now) => {
      if (!this.playing) return;
      const time = now - started;
      const place = this.placeAt(time);
      // Without motion the points stand at each layer in turn.
      this.show(REDUCED_MOTION.matches ? Math.floor(place) : place);
      if (time >= 2 * (THERE + REST)) this.stop();
      else this.request = requestAnimationFrame(tick);
    };
    this.request = requestAnimationFrame(tick);
  }

  stop() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.request);
    this.playing = false;
    if (this.place >= 2 * this.layers) this.show(0);
    this.label();
  }

  timeOf(place) {
    const there = (THERE * place) / this.layers;
    return place > this.layers ? there + REST : there;
  }

  placeAt(time) {
    if (time < THERE) return Math.max(0, (this.layers * time) / THERE);
    if (time < THERE + REST) return this.layers;
    return Math.min(2 * this.layers, (this.layers * (time - REST)) / THERE);
  }

  show(place) {
    this.place = place;
    this.slider.value = place;
    this.owner.root.classList.toggle("lf-travelling", place > 0);
    this.draw();
    this.label();
  }

  resize() {
    this.draw();
  }

  draw() {
    const { root, panels, grid, chosen } = this.owner;
    const context = prepare(this.canvas, root.clientWidth, grid.offsetHeight);
    const input = panels.get("input");
    if (this.place <= 0 || !input?.drawn) return;

    const there = this.place <= this.layers;
    const weight = there ? this.place / this.layers : this.place / this.layers - 1;
    const from = there ? this.standard(input) : panels.get("latent").frame();
    const to = there ? panels.get("latent").frame() : this.standard(panels.get("inverted"));
    const theme = readTheme(root);
    const left = mix(from.left, to.left, weight);
    const top = mix(from.top, to.top, weight);
    const w = mix(from.width, to.width, weight);
    const h = mix(from.height, to.height, weight);
    const x0 = mix(from.x[0], to.x[0], weight);
    const y0 = mix(from.y[0], to.y[0], weight);
    const perX = w / (mix(from.x[1], to.x[1], weight) - x0);
    const perY = h / (mix(from.y[1], to.y[1], weight) - y0);

    context.globalAlpha = 0.94;
    context.fillStyle = theme.surface;
    context.strokeStyle = theme.accent;
    context.lineWidth = 1.5;
    context.beginPath();
    context.roundRect(left, top, w, h, 6);
    context.fill();
    context.globalAlpha = 1;
    context.stroke();
    context.save();
    context.clip();
    // On the way back the same, undone: each moment is an invertible map.
    const points = this.way.points(there ? this.place : 2 * this.layers - this.place);
    const labels = input.figures[0].data[0].marker.color;
    const radius = points.length > 1200 ? 2 : 2.6;
    const [toX, toY] = [(x) => left + (x - x0) * perX, (y) => top + h - (y - y0) * perY];
    drawPoints(context, points, labels, this.colours, chosen, toX, toY, radius);
    context.restore();
  }

  // Where a panel of the data lies, with its axes in the units of the first layer, in which the points travel.
  standard(panel) {
    const frame = panel.frame();
    const [x, y] = [frame.x, frame.y].map((range, k) => range.map((v) => (v - this.mean[k]) / this.std[k]));
    return { ...frame, x, y };
  }

  label() {
    label(this.button, this.playing ? "pause" : "play", this.playing ? "Pause" : "Send the points through");
    this.caption.value = this.words();
    this.canvas.dataset.place = this.place.toFixed(2);
  }

  words() {
    if (this.place <= 0) return `From the input through ${this.layers} coupling ${this.layers === 1 ? "layer" : "layers"} to the latent space, and back.`;
    if (this.place === this.layers) return "Latent: all layers done. Now each is undone, last one first.";
    if (this.place >= 2 * this.layers) return "Inverted: each point is back where it began.";
    const there = this.place < this.layers;
    const layer = there ? Math.floor(this.place) : Math.ceil(2 * this.layers - this.place) - 1;
    const [stays, moves] = this.way.names(layer);
    const what = there ? "is stretched and shifted" : "is shifted and stretched back";
    return `Layer ${layer + 1} of ${this.layers}: ${stays} stays, ${moves} ${what}.`;
  }
}
