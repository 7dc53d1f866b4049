// Buttons that save the figures of the page as pictures.

import { make, makeButton } from "./dom.js";

export class Pictures {
  constructor(parent, plotly) {
    this.root = make("div", "picture-buttons", parent);
    this.plotly = plotly;
  }

  update() {
    this.root.replaceChildren();
    for (const panel of document.querySelectorAll(".lf-panel")) {
      const plot = panel.querySelector(".lf-plot");
      if (!plot?.data || !plot.offsetWidth) continue;
      const name = panel.dataset.name;
      const button = makeButton("lf-chosen", this.root, () => this.save(plot, name));
      button.textContent = panel.querySelector(".lf-title")?.textContent || name[0].toUpperCase() + name.slice(1);
    }
  }

  async save(plot, name) {
    const { offsetWidth: width, offsetHeight: height } = plot;
    await (await this.plotly).downloadImage(plot, { format: "png", scale: 2, width, height, filename: `realnvp-${name}` });
  }

  remove() {}
}
