// A canvas to draw on with mouse, pen or finger. Strokes travel in units of the canvas: 0 to 1, from its top left corner.

import { make, makeButton, makeChoice, makeSlider } from "./dom.js";
import { prepare } from "./way.js";

const APART = 0.004; // the least distance between two points of a stroke
const MOST_POINTS = 4000; // of a stroke
const [THIN, USUAL, THICK] = [0.01, 0.05, 0.2]; // widths of the brush

export class Drawing {
  constructor(parent) {
    this.root = make("div", "live-drawing", parent);
    const row = make("div", "dr-row", this.root);
    this.erase = false;
    const tools = [
      [false, "Draw", ""],
      [true, "Erase", ""],
    ];
    this.tools = makeChoice(row, "Tool", tools, (erase) => {
      this.erase = erase;
      this.tools.show(erase);
    });
    this.tools.show(false);
    make("span", "dr-name", row, "Brush");
    this.brush = makeSlider(row, "Brush width", () => {});
    Object.assign(this.brush, { min: THIN, max: THICK, step: 0.005, value: USUAL });
    this.undoing = this.button(row, "Undo", () => this.strokes.pop());
    this.clearing = this.button(row, "Clear", () => (this.strokes = []));
    this.canvas = make("canvas", "dr-canvas", this.root);
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "Canvas to draw on with mouse, pen or finger. Without one, paste points under File.");
    this.strokes = null; // until the page has told those that are there
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.go(event));
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => this.end());
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.canvas);
  }

  button(row, words, change) {
    const button = makeButton("dr-button", row, () => {
      change();
      this.tell();
    });
    button.textContent = words;
    return button;
  }

  update({ strokes }) {
    this.strokes ??= strokes;
    this.draw();
  }

  begin(event) {
    if (event.button !== 0 || this.now || !this.strokes) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.now = { points: [this.place(event)], width: Number(this.brush.value), erase: this.erase };
    this.draw();
  }

  go(event) {
    if (!this.now || event.pointerId !== this.pointer) return;
    const { points } = this.now;
    for (const moment of event.getCoalescedEvents?.() ?? [event]) {
      const [x, y] = this.place(moment);
      const [last_x, last_y] = points.at(-1);
      if (Math.hypot(x - last_x, y - last_y) >= APART && points.length < MOST_POINTS) points.push([x, y]);
    }
    this.draw();
  }

  end() {
    if (!this.now) return;
    this.strokes.push(this.now);
    this.now = null;
    this.tell();
  }

  tell() {
    this.draw();
    this.component.setTriggerValue("drawn", this.strokes);
  }

  place(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const part = (v) => Math.round(1e4 * Math.max(0, Math.min(1, v))) / 1e4;
    return [part((event.clientX - left) / width), part((event.clientY - top) / height)];
  }

  draw() {
    const size = this.canvas.clientWidth;
    if (!size || !this.strokes) return;
    const context = prepare(this.canvas, size, size);
    const colour = getComputedStyle(this.root).color;
    Object.assign(context, { lineCap: "round", lineJoin: "round", strokeStyle: colour });
    for (const { points, width, erase } of this.now ? [...this.strokes, this.now] : this.strokes) {
      context.globalCompositeOperation = erase ? "destination-out" : "source-over";
      context.lineWidth = width * size;
      context.beginPath();
      points.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](x * size, y * size));
      if (points.length === 1) context.lineTo(points[0][0] * size + 0.01, points[0][1] * size);
      context.stroke();
    }
    this.root.dataset.strokes = this.strokes.length;
    this.undoing.disabled = this.clearing.disabled = !this.strokes.length;
  }

  remove() {
    this.observer.disconnect();
    this.root.remove();
  }
}
