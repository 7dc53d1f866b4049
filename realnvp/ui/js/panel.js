// One plot with its title. With several figures buttons choose between them, or the layer in view does.

import { COARSE_POINTER, make, makeButton, makeChoice, readTheme, withHelp } from "./dom.js";
import { shared } from "./shared.js";

const NEAR = 12; // pixels from a point that count as on it
const STILL = 5; // pixels that a pointer may move in a click

export class Panel {
  constructor(owner, { name, title, help, arrow, arrowHelp, figures, byLayer, jump, linked }) {
    Object.assign(this, { owner, name, byLayer, jump, linked });
    this.shown = 0;
    this.node = make("figure", `lf-panel lf-${name}`, owner.grid);
    this.node.dataset.name = name;
    this.heading = make("figcaption", "", this.node);
    if (title && jump !== null) {
      const button = makeButton("lf-title lf-jump", this.heading, () => shared.tell("jump", jump));
      withHelp(button, help).textContent = title;
    } else if (title) withHelp(make("span", "lf-title", this.heading, title), help);
    if (!title) this.node.setAttribute("aria-label", name[0].toUpperCase() + name.slice(1));
    if (figures.length > 1 && !byLayer) {
      const options = figures.map(({ label, note }, i) => [i, label, note]);
      this.choice = makeChoice(this.heading, `${title}: what to show`, options, (i) => {
        this.shown = i;
        owner.draw();
      });
    }
    this.plot = make("div", "lf-plot", this.node);
    if (arrow) {
      const way = withHelp(make("div", `lf-arrow lf-arrow-${name}`, owner.grid), arrowHelp);
      way.innerHTML = `<i></i><svg viewBox="0 0 34 12" aria-hidden="true"><path d="M1 6h30M26 1.5 31.5 6 26 10.5"/></svg>`;
      way.firstChild.textContent = arrow;
    }
    this.watchPointer();
  }

  set({ figures }) {
    this.figures = figures;
  }

  // The figure to show: chosen by button or layer, of the newest moment or the film's.
  figure() {
    const index = this.byLayer ? Math.min(shared.layer, this.figures.length) - 1 : this.shown;
    const figure = this.figures[index];
    const { film } = this.owner;
    return film && figure.film ? filmed(figure, film) : figure;
  }

  async draw(Plotly) {
    this.choice?.show(this.shown);
    this.node.classList.toggle("lf-in-view", this.jump !== null && this.jump === shared.layer);
    this.showChosen();
    if (this.held) return; // not under a hand that draws a zoom or a lasso; drawn when it lets go
    const figure = this.figure();
    const theme = readTheme(this.plot);
    const stamp = figure.stamp + theme.stamp + (this.linked ? shared.version : "");
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const layout = { ...themed(figure.layout, theme), selections: [], selectionrevision: shared.version };
    // A zoom outlasts updates of the same view; uirevision loses it where equal axes have widened a range.
    const zoom = this.view === layout.uirevision && this.zoom();
    if (zoom) [layout.xaxis.range, layout.yaxis.range] = zoom;
    this.view = layout.uirevision;
    const choosing = this.linked ? ["select2d", "lasso2d"] : [];
    const data = figure.data.map((trace, i) => (i === 0 && this.linked ? this.lit(trace) : trace));
    await Plotly.react(this.plot, data, layout, {
      displaylogo: false,
      doubleClick: COARSE_POINTER.matches ? false : "reset", // a tap counts as two clicks: of a finger and of its mouse
      displayModeBar: COARSE_POINTER.matches ? false : "hover",
      modeBarButtons: [["zoom2d", "pan2d", ...choosing, "resetScale2d", "toImage"]],
      toImageButtonOptions: { filename: `realnvp-${this.name}`, scale: 2 },
    });
    if (!this.drawn && this.linked) {
      this.plot.on("plotly_selected", (event) => {
        const byHand = event?.range || event?.lassoPoints; // not when an outline has been taken away
        if (byHand && isLinked(this.figure().data[0])) this.choose(event.points);
      });
      this.plot.on("plotly_deselect", () => this.owner.chosen.size && this.owner.choose([]));
    }
    this.drawn = true;
    if (!zoom) this.home = this.ranges();
  }

  choose(points) {
    this.owner.choose(points.filter((p) => p.curveNumber === 0).map((p) => p.pointIndex));
  }

  // The points' trace with the chosen ones lit and the others dim.
  lit(trace) {
    const chosen = isLinked(trace) ? [...this.owner.chosen].filter((i) => i < trace.x.length) : [];
    if (!chosen.length) return { ...trace, selectedpoints: null };
    const selected = { marker: { opacity: 1, size: 1.7 * Math.max(trace.marker.size, 3.4) } };
    return { ...trace, selectedpoints: chosen, selected, unselected: { marker: { opacity: 0.12 } } };
  }

  // How many points are chosen, on the first panel that can show them.
  showChosen() {
    const first = [...this.owner.panels.values()].find((panel) => panel.linked);
    const n = this === first ? this.owner.chosen.size : 0;
    if (n === (this.told ?? 0)) return;
    this.told = n;
    this.chosenNote?.remove();
    this.chosenNote = null;
    if (!n) return;
    this.chosenNote = makeButton("lf-chosen", this.heading, () => this.owner.choose([]));
    this.chosenNote.textContent = `${n.toLocaleString("en")} chosen ×`;
    this.chosenNote.title = "These points are lit in every picture. Press to let them go.";
  }

  watchPointer() {
    let from = null;
    this.plot.addEventListener(
      "pointerdown",
      (event) => {
        if (event.button !== 0 || event.target.closest?.(".modebar")) return;
        from = [event.clientX, event.clientY];
        this.held = true;
      },
      true,
    );
    const release = (event) => {
      if (!this.held) return;
      this.held = false;
      const moved = Math.hypot(event.clientX - from[0], event.clientY - from[1]);
      if (event.type === "pointerup" && moved < STILL && this.drawn) this.click(event.clientX, event.clientY);
      setTimeout(() => this.owner.removed || this.owner.draw()); // after Plotly has had the event
    };
    this.owner.listen(window, "pointerup", release);
    this.owner.listen(window, "pointercancel", release);
  }

  click(clientX, clientY) {
    const root = this.owner.root.getBoundingClientRect();
    const { left, top, width, height, x, y } = this.frame();
    const across = (clientX - root.left - left) / width;
    const up = 1 - (clientY - root.top - top) / height;
    if (across < 0 || across > 1 || up < 0 || up > 1) return;
    const at = (range, part) => range[0] + part * (range[1] - range[0]);
    this.owner.clicked(this, at(x, across), at(y, up), this.nearest(across * width, up * height));
  }

  // The index of the point of the first trace near a place of the plotting area (pixels from below left), or -1.
  nearest(left, up) {
    const { width, height, x, y } = this.frame();
    const trace = this.figure().data[0];
    let [best, index] = [NEAR ** 2, -1];
    for (let i = 0; i < (isLinked(trace) ? trace.x.length : 0); i++) {
      const dx = ((trace.x[i] - x[0]) / (x[1] - x[0])) * width - left;
      const dy = ((trace.y[i] - y[0]) / (y[1] - y[0])) * height - up;
      if (dx * dx + dy * dy < best) [best, index] = [dx * dx + dy * dy, i];
    }
    return index;
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
    if (this.owner.removed || !this.drawn || !this.plot.clientWidth) return;
    const zoomed = this.zoom();
    await window.Plotly.Plots.resize(this.plot);
    if (!zoomed && !this.owner.removed) this.home = this.ranges(); // the page may have been left meanwhile
  }

  remove() {
    if (!this.drawn) return;
    const canvases = [...this.plot.querySelectorAll("canvas")];
    window.Plotly.purge(this.plot);
    // A browser has few WebGL contexts, and Plotly leaves those of a plot to the garbage collector.
    for (const canvas of canvases) canvas.getContext("webgl")?.getExtension("WEBGL_lose_context")?.loseContext();
  }

  // Where data coordinates lie on the root: left and top of the plotting area, its size and the axes' limits.
  frame() {
    const { xaxis, yaxis } = this.plot._fullLayout;
    const plot = this.plot.getBoundingClientRect();
    const root = this.owner.root.getBoundingClientRect();
    return {
      left: plot.left - root.left + xaxis._offset, // equal axes may leave room beside the plotting area
      top: plot.top - root.top + yaxis._offset,
      width: xaxis._length,
      height: yaxis._length,
      x: xaxis.range,
      y: yaxis.range,
    };
  }
}

// Whether a trace's points are held-out points, so that an index means the same point in every picture.
const isLinked = (trace) => trace.meta === "held-out";

// A figure as it was at the film's moment.
function filmed(figure, film) {
  const stamp = `${figure.stamp} film ${film.epoch}`;
  if (figure.film === "epoch") {
    const line = { color: "rgba(128,136,150,0.9)", width: 2 };
    const now = { type: "line", yref: "paper", x0: film.epoch, x1: film.epoch, y0: 0, y1: 1, line };
    return { ...figure, stamp, layout: { ...figure.layout, shapes: [...figure.layout.shapes, now] } };
  }
  const [trace, ...others] = figure.data;
  const { x, y } = film[figure.film];
  const colour = trace.marker.color;
  const color = typeof colour === "string" ? colour : colour.subarray(0, x.length);
  return { ...figure, stamp, data: [{ ...trace, x, y, marker: { ...trace.marker, color, size: 4, opacity: 0.8 } }, ...others] };
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
