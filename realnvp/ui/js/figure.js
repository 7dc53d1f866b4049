// The live figure: Plotly plots that are updated in place (Plotly.react on a node that stays).

import { make } from "./dom.js";
import { JourneyView } from "./journey.js";
import { Panel } from "./panel.js";
import { shared } from "./shared.js";
import { Stage } from "./stage.js";

export class LiveFigure {
  constructor(parent, plotlyReady) {
    this.plotlyReady = plotlyReady;
    this.root = make("div", "live-figure", parent);
    this.grid = make("div", "lf-panels", this.root);
    this.panels = new Map(); // name -> Panel
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.root);
    this.ended = new AbortController(); // takes the listeners down
    for (const event of ["chosen", "layer", "film"]) this.listen(shared, event, () => this.content && this.draw());
  }

  listen(target, event, act) {
    target.addEventListener(event, act, { signal: this.ended.signal });
  }

  update(content) {
    this.content = content;
    this.root.dataset.panels = content.panels.length;
    for (const panel of content.panels) {
      if (!this.panels.has(panel.name)) this.panels.set(panel.name, new Panel(this, panel));
      this.panels.get(panel.name).set(panel);
    }
    if (content.journey) {
      this.journey ??= new (content.stage ? Stage : JourneyView)(this);
      this.journey.set(content);
    }
    this.draw();
  }

  // Draws the newest content; what arrives while a drawing is under way is drawn after it.
  draw() {
    this.again = true;
    this.drawing ??= this.drawNewest().finally(() => {
      this.drawing = null;
      if (this.removed || this.root.dataset.problem) return;
      if (this.again) this.draw();
      else this.journey?.ready();
    });
    return this.drawing;
  }

  async drawNewest() {
    try {
      const Plotly = await this.plotlyReady;
      while (this.again) {
        this.again = false;
        const { content, film } = this;
        for (const panel of this.panels.values()) {
          if (this.removed) return;
          await panel.draw(Plotly);
        }
        const epoch = String(film?.epoch ?? content.epoch);
        if (this.root.dataset.epoch !== epoch) this.root.dataset.epoch = epoch;
      }
    } catch (error) {
      this.again = false;
      if (this.removed) return; // taken away in the middle of a drawing
      this.root.dataset.problem = error.message;
      make("p", "lf-problem", this.root, "The pictures could not be drawn. Reload the page.");
      console.error(error);
    }
  }

  // The film's picture, while one of this run is shown.
  get film() {
    return this.content.filmed && shared.film?.run === this.content.run ? shared.film : null;
  }

  get chosen() {
    return shared.chosenOf(this.content.pointsOf);
  }

  choose(points) {
    shared.choose(this.content.pointsOf, points);
  }

  // A click at (x, y) in a panel; ``point`` is the index of the point there, or -1.
  clicked(panel, x, y, point) {
    if (this.content.clickable) this.component.setTriggerValue("clicked", { panel: panel.name, x, y, point });
    else if (panel.linked && point >= 0) shared.toggle(this.content.pointsOf, point);
    else if (panel.linked && this.chosen.size) this.choose([]);
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
    this.ended.abort();
    this.observer.disconnect();
    cancelAnimationFrame(this.resizing);
    this.journey?.stop();
    for (const panel of this.panels.values()) panel.remove();
    this.root.remove();
  }
}
