// The live figure in the browser: Plotly plots that are updated in place (Plotly.react on a node that stays),
// and the journey: points that travel on a canvas from panel to panel, layer by layer through the flow.
// Streamlit calls the default export with every message; see live_figure.py for what is in one.

const views = new WeakMap(); // parent element -> LiveFigure
const REDUCED_MOTION = window.matchMedia("(prefers-reduced-motion: reduce)");
const COARSE_POINTER = window.matchMedia("(pointer: coarse)");
const ICONS = { play: "M8 5v14l11-7z", pause: "M6 5h4v14H6zm8 0h4v14h-4z" };

export default function (component, plotlyUrl) {
  const { data, parentElement } = component;
  if (!data) {
    loadPlotly(plotlyUrl);
    return;
  }
  let view = views.get(parentElement);
  if (!view) {
    view = new LiveFigure(parentElement, loadPlotly(plotlyUrl));
    views.set(parentElement, view);
  }
  view.update(unpack(data));
  // Streamlit also calls this when a newer message has overtaken this one: only what has left the page is taken down.
  return () =>
    setTimeout(() => {
      if (parentElement.isConnected || !views.delete(parentElement)) return;
      view.remove();
    });
}

let plotly = null;
function loadPlotly(url) {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("plotly.js could not be loaded"));
    document.head.append(script);
  });
  return plotly;
}

// The message's arrays, see pack() in live_figure.py.
const TYPES = { i2: Int16Array, i4: Int32Array, f4: Float32Array, f8: Float64Array, u1: Uint8Array };
function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  const arrays = bytes.slice(4 + length).buffer; // a copy, so that offsets are aligned
  return JSON.parse(text, (_, value) => {
    if (!Array.isArray(value?.array)) return value;
    const [type, offset, size, scale] = value.array;
    const stored = new TYPES[type](arrays, offset, size);
    return scale === 1 ? stored : Float32Array.from(stored, (v) => v * scale);
  });
}

function make(tag, className, parent, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text) node.textContent = text;
  parent?.append(node);
  return node;
}

function withHelp(node, help) {
  if (!help) return node;
  node.tabIndex = 0;
  node.dataset.help = help;
  node.setAttribute("aria-description", help);
  return node;
}

class LiveFigure {
  constructor(parent, plotlyReady) {
    this.plotlyReady = plotlyReady;
    this.root = make("div", "live-figure", parent);
    this.grid = make("div", "lf-panels", this.root);
    this.panels = new Map(); // name -> Panel
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.root);
  }

  update(content) {
    this.content = content;
    this.root.dataset.panels = content.panels.length;
    for (const panel of content.panels) {
      if (!this.panels.has(panel.name)) this.panels.set(panel.name, new Panel(this, panel));
      this.panels.get(panel.name).set(panel);
    }
    if (content.journey) {
      this.journey ??= new JourneyView(this);
      this.journey.set(content.journey, content.colours);
    }
    this.draw();
  }

  // Draws the newest content; what arrives while a drawing is under way is drawn after it.
  async draw() {
    if (this.drawing) {
      this.again = true;
      return;
    }
    this.drawing = true;
    try {
      const Plotly = await this.plotlyReady;
      do {
        this.again = false;
        const content = this.content;
        for (const panel of this.panels.values()) {
          if (this.removed) return;
          await panel.draw(Plotly);
        }
        this.root.dataset.epoch = content.epoch;
      } while (this.again);
      this.journey?.ready();
    } catch (error) {
      if (this.removed) return; // taken away in the middle of a drawing
      this.root.dataset.problem = error.message;
      make("p", "lf-problem", this.root, "The pictures could not be drawn. Reload the page.");
      console.error(error);
    } finally {
      this.drawing = false;
    }
  }

  resize() {
    cancelAnimationFrame(this.resizing);
    this.resizing = requestAnimationFrame(() => {
      for (const panel of this.panels.values()) panel.resize();
      this.journey?.resize();
    });
  }

  remove() {
    this.removed = true;
    this.observer.disconnect();
    this.journey?.stop();
    for (const panel of this.panels.values()) if (panel.drawn) window.Plotly.purge(panel.plot);
    this.root.remove();
  }
}

class Panel {
  constructor(owner, { name, title, help, arrow, arrowHelp, figures }) {
    this.owner = owner;
    this.chosen = 0;
    this.node = make("figure", `lf-panel lf-${name}`, owner.grid);
    this.node.dataset.name = name;
    const caption = make("figcaption", "", this.node);
    if (title) withHelp(make("span", "lf-title", caption, title), help);
    if (figures.length > 1) {
      const group = make("span", "lf-choice", caption);
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", `${title}: what to show`);
      this.buttons = figures.map(({ label, note }, i) => {
        const button = withHelp(make("button", "", group, label), note);
        button.type = "button";
        button.onclick = () => this.choose(i);
        return button;
      });
    }
    this.plot = make("div", "lf-plot", this.node);
    if (arrow) {
      const way = withHelp(make("div", `lf-arrow lf-arrow-${name}`, owner.grid), arrowHelp);
      way.innerHTML = `<i></i><svg viewBox="0 0 34 12" aria-hidden="true"><path d="M1 6h30M26 1.5 31.5 6 26 10.5"/></svg>`;
      way.firstChild.textContent = arrow;
    }
  }

  set({ figures }) {
    this.figures = figures;
  }

  choose(i) {
    this.chosen = i;
    this.owner.draw();
  }

  async draw(Plotly) {
    const figure = this.figures[this.chosen];
    this.buttons?.forEach((button, i) => button.setAttribute("aria-pressed", i === this.chosen));
    const theme = readTheme(this.plot);
    const stamp = figure.stamp + theme.stamp;
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const layout = themed(figure.layout, theme);
    // A zoom outlasts updates of the same view; uirevision loses it where equal axes have widened a range.
    const zoom = this.view === layout.uirevision && this.zoom();
    if (zoom) [layout.xaxis.range, layout.yaxis.range] = zoom;
    this.view = layout.uirevision;
    await Plotly.react(this.plot, figure.data, layout, {
      displaylogo: false,
      doubleClick: COARSE_POINTER.matches ? false : "reset", // a tap counts as two clicks: of a finger and of its mouse
      displayModeBar: COARSE_POINTER.matches ? false : "hover",
      modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
      toImageButtonOptions: { filename: `realnvp-${this.node.dataset.name}`, scale: 2 },
    });
    this.drawn = true;
    if (!zoom) this.home = this.ranges();
  }

  ranges() {
    const { xaxis, yaxis } = this.plot._fullLayout;
    return [[...xaxis.range], [...yaxis.range]];
  }

  // The ranges that a person has chosen, or null while the whole view is shown.
  zoom() {
    const ranges = this.drawn && this.ranges();
    return ranges && String(ranges) !== String(this.home) ? ranges : null;
  }

  async resize() {
    if (!this.drawn || !this.plot.clientWidth) return;
    const zoomed = this.zoom();
    await window.Plotly.Plots.resize(this.plot);
    if (!zoomed) this.home = this.ranges();
  }

  // Where data coordinates lie on the root: left and top of the plotting area, its size and the axes' limits.
  frame() {
    const { _size: size, xaxis, yaxis } = this.plot._fullLayout;
    const plot = this.plot.getBoundingClientRect();
    const root = this.owner.root.getBoundingClientRect();
    return {
      left: plot.left - root.left + size.l,
      top: plot.top - root.top + size.t,
      width: size.w,
      height: size.h,
      x: xaxis.range,
      y: yaxis.range,
    };
  }
}

function readTheme(node) {
  const style = getComputedStyle(node);
  const read = (name) => style.getPropertyValue(name).trim();
  const theme = { text: read("--st-text-color"), surface: read("--st-background-color"), font: read("--st-font") };
  theme.accent = read("--st-primary-color");
  theme.size = Math.round(0.74 * parseFloat(getComputedStyle(document.documentElement).fontSize)); // grows when presenting
  theme.stamp = theme.text + theme.surface + theme.size + COARSE_POINTER.matches;
  return theme;
}

function themed(layout, theme) {
  const quiet = { gridcolor: "rgba(128,136,150,0.18)", linecolor: "rgba(128,136,150,0.35)" };
  return {
    ...layout,
    xaxis: { ...quiet, ...layout.xaxis },
    yaxis: { ...quiet, ...layout.yaxis },
    autosize: true,
    dragmode: COARSE_POINTER.matches ? false : "zoom",
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: theme.text, family: theme.font, size: theme.size },
    hoverlabel: { bgcolor: theme.surface, bordercolor: "rgba(128,136,150,0.6)", font: { color: theme.text } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: "rgba(128,136,150,0.7)", activecolor: theme.accent },
  };
}

const THERE = 1900; // milliseconds from input to latent, and again back
const REST = 600; // at the latent space, and at the end
const ease = (u) => (u < 0.5 ? 4 * u ** 3 : 1 - (2 - 2 * u) ** 3 / 2);
const mix = (a, b, w) => a + (b - a) * w;

// Sends points from the input panel through all layers to the latent panel, and back to the inverted panel.
// The place on the way runs from 0 (input) over L (latent, L = number of layers) to 2 L (inverted).
class JourneyView {
  constructor(owner) {
    this.owner = owner;
    this.place = 0;
    this.canvas = make("canvas", "lf-canvas", owner.root);
    this.canvas.setAttribute("aria-hidden", "true");
    const row = make("div", "lf-send", owner.root);
    this.button = make("button", "lf-send-button", row);
    this.button.type = "button";
    this.button.onclick = () => (this.playing ? this.stop() : this.play());
    this.slider = make("input", "lf-send-slider", row);
    Object.assign(this.slider, { type: "range", min: 0, step: 0.02, value: 0 });
    this.slider.setAttribute("aria-label", "Place on the way through the flow");
    this.slider.oninput = () => {
      const place = Number(this.slider.value);
      this.stop(); // which goes back to the start from the end
      this.show(place);
    };
    this.caption = make("output", "lf-send-caption", row);
  }

  set(journey, colours) {
    this.colours = colours;
    if (this.layers !== journey.changed.length) {
      this.layers = journey.changed.length;
      this.slider.max = 2 * this.layers;
      this.place = 0;
    }
    const n = journey.x.length / 2;
    // Where the points are before the first layer and after each: y = x * exp(s) + t in the changed coordinate.
    this.stages = [journey.x];
    this.steps = journey.changed.map((changed, k) => {
      const s = journey.s.subarray(k * n, (k + 1) * n);
      const t = journey.t.subarray(k * n, (k + 1) * n);
      const next = Float32Array.from(this.stages[k]);
      for (let i = 0; i < n; i++) next[2 * i + changed] = next[2 * i + changed] * Math.exp(s[i]) + t[i];
      this.stages.push(next);
      return { s, t, changed };
    });
    this.now = new Float32Array(2 * n);
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

  // The points at this place: on the way there whole layers, then a part u of the next; on the way back the same,
  // undone. Each moment is an invertible map.
  points() {
    const way = this.place <= this.layers ? this.place : 2 * this.layers - this.place;
    const layer = Math.min(Math.floor(way), this.layers - 1);
    const u = ease(way - layer);
    const { s, t, changed } = this.steps[layer];
    this.now.set(this.stages[layer]);
    for (let i = 0; i < s.length; i++) {
      const j = 2 * i + changed;
      this.now[j] = this.now[j] * Math.exp(u * s[i]) + u * t[i];
    }
    return this.now;
  }

  resize() {
    this.draw();
  }

  draw() {
    const { root, panels } = this.owner;
    const context = this.canvas.getContext("2d");
    const ratio = window.devicePixelRatio || 1;
    const width = root.clientWidth;
    const height = this.owner.grid.offsetHeight;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.canvas.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const input = panels.get("input");
    if (this.place <= 0 || !input?.drawn) return;

    const there = this.place <= this.layers;
    const weight = there ? this.place / this.layers : this.place / this.layers - 1;
    const from = panels.get(there ? "input" : "latent").frame();
    const to = panels.get(there ? "latent" : "inverted").frame();
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
    context.globalAlpha = 0.85;
    const points = this.points();
    const labels = input.figures[0].data[0].marker.color;
    const radius = points.length > 1200 ? 2 : 2.6;
    for (let colour = 0; colour < this.colours.length; colour++) {
      context.fillStyle = this.colours[colour];
      context.beginPath();
      for (let i = 0; i < points.length / 2; i++) {
        if (labels[i] !== colour) continue;
        const x = left + (points[2 * i] - x0) * perX;
        const y = top + h - (points[2 * i + 1] - y0) * perY;
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 7);
      }
      context.fill();
    }
    context.restore();
  }

  label() {
    const icon = this.playing ? "pause" : "play";
    const text = this.playing ? "Pause" : "Send the points through";
    if (this.shown !== text) {
      this.button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
      make("span", "", this.button, text);
      this.shown = text;
    }
    this.caption.value = this.words();
    this.canvas.dataset.place = this.place.toFixed(2);
  }

  words() {
    if (this.place <= 0) return `From the input through ${this.layers} coupling ${this.layers === 1 ? "layer" : "layers"} to the latent space, and back.`;
    if (this.place === this.layers) return "Latent: all layers done. Now each is undone, last one first.";
    if (this.place >= 2 * this.layers) return "Inverted: each point is back where it began.";
    const there = this.place < this.layers;
    const layer = there ? Math.floor(this.place) : Math.ceil(2 * this.layers - this.place) - 1;
    const [stays, moves] = this.steps[layer].changed === 1 ? ["x₁", "x₂"] : ["x₂", "x₁"];
    const what = there ? "is stretched and shifted" : "is shifted and stretched back";
    return `Layer ${layer + 1} of ${this.layers}: ${stays} stays, ${moves} ${what}.`;
  }
}
