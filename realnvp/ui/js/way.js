// The way of points through the flow. Layer k turns the changed coordinate x into x * exp(s) + t; between two layers
// this is slowed down to x * exp(u * s) + u * t for u from 0 to 1, of which every moment is an invertible map with
// log-determinant u * s.

const ease = (u) => (u < 0.5 ? 4 * u ** 3 : 1 - (2 - 2 * u) ** 3 / 2);

export class Way {
  constructor({ x, s, t, changed }) {
    this.n = x.length / 2;
    this.layers = changed.length;
    this.stages = [x]; // where the points are before the first layer and after each
    this.steps = changed.map((coordinate, k) => {
      const step = { s: s.subarray(k * this.n, (k + 1) * this.n), t: t.subarray(k * this.n, (k + 1) * this.n), coordinate };
      const next = Float32Array.from(this.stages[k]);
      for (let i = 0; i < this.n; i++) {
        const j = 2 * i + coordinate;
        next[j] = next[j] * Math.exp(step.s[i]) + step.t[i];
      }
      this.stages.push(next);
      return step;
    });
    this.now = new Float32Array(x.length);
    this.logDet = new Float32Array(this.n);
  }

  // Which layer a place from 0 to ``layers`` is in, and how far (eased, so that each step can be seen as one).
  part(place) {
    const layer = Math.min(Math.floor(place), this.layers - 1);
    return [layer, ease(place - layer)];
  }

  // The points at a place; the same array at every call.
  points(place) {
    const [layer, u] = this.part(place);
    const { s, t, coordinate } = this.steps[layer];
    this.now.set(this.stages[layer]);
    for (let i = 0; i < this.n; i++) {
      const j = 2 * i + coordinate;
      this.now[j] = this.now[j] * Math.exp(u * s[i]) + u * t[i];
    }
    return this.now;
  }

  // The log-determinant of the map from the data to a place, at each point; the same array at every call.
  logDets(place) {
    const [layer, u] = this.part(place);
    this.logDet.fill(0);
    for (let k = 0; k <= layer; k++) {
      const part = k < layer ? 1 : u;
      const { s } = this.steps[k];
      for (let i = 0; i < this.n; i++) this.logDet[i] += part * s[i];
    }
    return this.logDet;
  }

  // What stays and what moves in a layer (from 0).
  names(layer) {
    return this.steps[layer].coordinate === 1 ? ["x₁", "x₂"] : ["x₂", "x₁"];
  }
}

// Draws points (x1, y1, x2, y2, ...) as discs in their classes' colours, with a rim if given; where some are chosen,
// those lit.
export function drawPoints(context, points, labels, colours, chosen, toX, toY, radius, rim = null) {
  const all = points.length / 2;
  for (const lit of chosen.size ? [false, true] : [true]) {
    context.globalAlpha = lit ? 0.9 : 0.12;
    const size = lit && chosen.size ? 1.7 * radius : radius;
    for (let colour = 0; colour < colours.length; colour++) {
      context.fillStyle = colours[colour];
      context.beginPath();
      for (let i = 0; i < all; i++) {
        if (labels[i] !== colour || (chosen.size && chosen.has(i) !== lit)) continue;
        const [x, y] = [toX(points[2 * i]), toY(points[2 * i + 1])];
        context.moveTo(x + size, y);
        context.arc(x, y, size, 0, 7);
      }
      context.fill();
      if (rim) {
        context.strokeStyle = rim;
        context.lineWidth = 0.7;
        context.stroke();
      }
    }
  }
  context.globalAlpha = 1;
}

// Makes a canvas as large as it is to be seen, sharp on any screen; returns its context, empty.
export function prepare(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
