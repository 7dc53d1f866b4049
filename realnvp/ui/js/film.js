// The training as a film: pictures kept while the run was trained, played in the panels and on the loss curve of the
// same page. The control stands under the loss curve; the pictures travel once, when the run is no longer going.

import { label, make, makeButton, makeSlider, withHelp } from "./dom.js";
import { shared } from "./shared.js";

const WHOLE = 9000; // milliseconds

export class Film {
  constructor(parent) {
    this.root = make("div", "live-figure lf-film", parent);
    this.button = makeButton("lf-send-button", this.root, () => (this.playing ? this.stop() : this.play()));
    this.slider = makeSlider(this.root, "Epoch of the film", (frame) => {
      this.stop();
      this.show(frame);
    });
    this.slider.step = 1;
    this.caption = make("output", "lf-film-caption", this.root);
  }

  update(content) {
    const last = content.epochs.length - 1;
    if (last !== this.last || this.content.run !== content.run) {
      this.stop();
      this.frame = last;
    }
    this.content = content;
    this.last = last;
    withHelp(this.button, content.help);
    this.button.disabled = this.slider.disabled = last < 1;
    this.slider.max = Math.max(last, 1);
    this.show(this.frame);
  }

  play() {
    this.playing = true;
    const { last } = this;
    const from = this.frame >= last ? 0 : this.frame;
    const started = performance.now() - (from / last) * WHOLE;
    const tick = (now) => {
      if (!this.playing) return;
      const frame = Math.max(from, Math.min(last, Math.floor(((now - started) / WHOLE) * last)));
      if (frame !== this.frame) this.show(frame);
      if (frame < last) this.request = requestAnimationFrame(tick);
      else this.stop();
    };
    this.show(from);
    this.request = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.request);
    this.playing = false;
    this.label();
  }

  // At the last frame the page shows its newest pictures again, with all their points.
  show(frame) {
    this.frame = frame;
    const { run, epochs, latent, samples } = this.content;
    const old = frame < this.last;
    this.slider.value = this.last < 1 ? 1 : frame;
    shared.set("film", old ? { run, epoch: epochs[frame], latent: this.points(latent), samples: this.points(samples) } : null);
    this.root.dataset.frame = frame;
    this.label();
  }

  // The points of this frame: each picture is n points, x and y in turn.
  points(all) {
    const n = all.length / this.content.epochs.length;
    const picture = all.subarray(this.frame * n, (this.frame + 1) * n);
    return { x: picture.filter((_, i) => i % 2 === 0), y: picture.filter((_, i) => i % 2 === 1) };
  }

  label() {
    label(this.button, this.playing ? "pause" : "play", this.playing ? "Pause" : "Training film");
    if (!this.content) return;
    const { epochs, losses } = this.content;
    if (this.last < 1) {
      this.caption.value = "kept until the run ends";
      return;
    }
    const loss = losses[this.frame];
    const words = `epoch ${epochs[this.frame].toLocaleString("en")}`;
    this.caption.value = Number.isFinite(loss) ? `${words} · loss ${loss.toFixed(3)} nats` : words;
  }

  remove() {
    this.stop();
    if (shared.film?.run === this.content?.run) shared.set("film", null);
    this.root.remove();
  }
}
