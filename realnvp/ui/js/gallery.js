// Small pictures of distributions, of which one is chosen.

import { make, makeButton } from "./dom.js";
import { prepare } from "./way.js";

const [WIDTH, HEIGHT, ROOM, RADIUS] = [150, 104, 8, 1.15];

export class Gallery {
  constructor(parent) {
    this.root = make("div", "live-gallery", parent);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Distributions");
    this.items = new Map(); // name -> its button
  }

  update({ items, chosen, colours }) {
    for (const item of items) {
      if (!this.items.has(item.name)) this.items.set(item.name, this.makeItem(item, colours));
      this.items.get(item.name).setAttribute("aria-pressed", item.name === chosen);
    }
  }

  makeItem({ name, title, teaches, points, labels }, colours) {
    const button = makeButton("lg-item", this.root, () => this.component.setTriggerValue("chosen", name));
    button.dataset.name = name;
    const canvas = make("canvas", "lg-picture", button);
    canvas.setAttribute("aria-hidden", "true");
    make("span", "lg-title", button, title);
    make("span", "lg-teaches", button, teaches);
    draw(prepare(canvas, WIDTH, HEIGHT), points, labels, colours);
    return button;
  }

  remove() {
    this.root.remove();
  }
}

// All points but lone far ones, equally long axes.
function draw(context, points, labels, colours) {
  const n = labels.length;
  const middle = (coordinate) => {
    const values = Float32Array.from({ length: n }, (_, i) => points[2 * i + coordinate]).sort();
    const [low, high] = [values[Math.floor(0.005 * n)], values[Math.ceil(0.995 * n) - 1]];
    return [(low + high) / 2, high - low];
  };
  const [[x0, width], [y0, height]] = [middle(0), middle(1)];
  const scale = Math.min((WIDTH - 2 * ROOM) / width, (HEIGHT - 2 * ROOM) / height);
  for (let i = 0; i < n; i++) {
    context.fillStyle = colours[labels[i]];
    context.beginPath();
    context.arc(WIDTH / 2 + (points[2 * i] - x0) * scale, HEIGHT / 2 - (points[2 * i + 1] - y0) * scale, RADIUS, 0, 7);
    context.fill();
  }
}
