// What all figures have in common: the chosen points, the layer in view, the film's picture. It lasts from page to page,
// until the tab is closed. Events: "chosen", "layer", "jump", "film", "coat".

class Shared extends EventTarget {
  chosen = new Set(); // indices of held-out points, lit in every picture
  of = ""; // the distribution whose points they are
  layer = 1; // the coupling layer in view, from 1
  film = null; // { run, epoch, latent, samples } while the film is shown instead of the newest pictures
  coat = null; // { epoch, run, ... } the density on its mesh, see stage.js
  version = 0; // of the choice

  chosenOf(of) {
    return of === this.of ? this.chosen : new Set();
  }

  choose(of, points) {
    this.of = of;
    this.chosen = new Set(points);
    this.version += 1;
    this.tell("chosen");
  }

  toggle(of, point) {
    const points = new Set(this.chosenOf(of));
    if (!points.delete(point)) points.add(point);
    this.choose(of, points);
  }

  set(name, value) {
    if (this[name] === value) return;
    this[name] = value;
    this.tell(name);
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export const shared = new Shared();
