// Watches the live figures on the page, frame by frame and change by change; window.watched() tells what was seen.
(() => {
  const plots = [...document.querySelectorAll(".lf-plot")];
  const seen = { frames: 0, faults: [], shown: {}, panels: [], loss: [] };
  const fault = (text) => seen.faults.length < 20 && !seen.faults.includes(text) && seen.faults.push(text);
  const name = (plot) => plot.closest(".lf-panel").dataset.name;
  const length = (plot) => plot.data.reduce((sum, trace) => sum + trace.x.length, 0);
  const list = (values) => (ArrayBuffer.isView(values) ? [...values] : values);

  // A plot is taken away, or all that is in it.
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.removedNodes)
        for (const plot of plots) if (node === plot || node.contains(plot)) fault(`${name(plot)} was detached`);
    for (const plot of plots) if (plot.children.length === 0) fault(`${name(plot)} was emptied`);
  }).observe(document.body, { childList: true, subtree: true });

  // What each epoch looked like.
  const figures = { panels: ".st-key-live_panels .live-figure", loss: ".st-key-live_loss .live-figure" };
  for (const [kind, selector] of Object.entries(figures)) {
    const figure = document.querySelector(selector);
    new MutationObserver(() => {
      const moment = { epoch: Number(figure.dataset.epoch) };
      if (kind === "panels") {
        const [input, latent, inverted] = plots;
        const { xaxis, yaxis } = input._fullLayout;
        moment.points = [input, latent, inverted].map(length);
        moment.colours = list(input.data[0].marker.color).join("");
        moment.sameColours = moment.colours === list(latent.data[0].marker.color).join("");
        moment.ranges = [input, latent, inverted].map(({ _fullLayout: l }) => [l.xaxis.range, l.yaxis.range].join());
      }
      seen[kind].push(moment);
    }).observe(figure, { attributes: true, attributeFilter: ["data-epoch"] });
  }

  const look = () => {
    seen.frames += 1;
    const now = [...document.querySelectorAll(".lf-plot")];
    if (now.length !== plots.length || now.some((plot, i) => plot !== plots[i])) fault("a plot is not the one it was");
    for (const plot of plots) {
      if (!plot.isConnected || !plot.querySelector(".main-svg")) fault(`${name(plot)} has no plot`);
      const points = length(plot);
      if (points === 0) fault(`${name(plot)} is empty`);
      if (name(plot) === "loss") continue;
      const shown = (seen.shown[name(plot)] ??= []);
      if (shown.at(-1) !== points) shown.push(points); // the numbers of points, one after the other
    }
    requestAnimationFrame(look);
  };
  look();
  window.watched = () => seen;
})();
