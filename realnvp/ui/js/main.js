// The browser's side of the figures. Streamlit calls the default export with every message; see wire.py for what
// is in one.

import { Copy } from "./copy.js";
import { Dials } from "./dials.js";
import { Drawing } from "./drawing.js";
import { LiveFigure } from "./figure.js";
import { Film } from "./film.js";
import { Gallery } from "./gallery.js";
import { Owner } from "./owner.js";
import { Pictures } from "./pictures.js";
import { Coat } from "./stage.js";
import { unpack } from "./wire.js";

const KINDS = {
  figure: LiveFigure,
  film: Film,
  coat: Coat,
  dials: Dials,
  gallery: Gallery,
  drawing: Drawing,
  owner: Owner,
  copy: Copy,
  pictures: Pictures,
};
const views = new WeakMap(); // parent element -> what is shown there

export default function (component, plotlyUrl) {
  const { data, parentElement } = component;
  if (!data) {
    loadPlotly(plotlyUrl);
    return;
  }
  const { date, content } = unpack(data);
  let view = views.get(parentElement);
  if (view?.date > date) return; // handed over late: a newer one is shown
  if (!view) {
    view = new KINDS[content.kind](parentElement, loadPlotly(plotlyUrl));
    views.set(parentElement, view);
  }
  view.date = date;
  view.component = component;
  view.update(content);
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
