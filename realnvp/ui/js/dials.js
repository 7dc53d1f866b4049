// Sliders whose value is sent while they move. (Streamlit's own send theirs when they are let go.) One of them may have
// a button that moves it from its beginning to its end.

import { REDUCED_MOTION, label, make, makeButton, withHelp } from "./dom.js";

const PATIENCE = 600; // milliseconds to wait for the page's answer before the next value is sent

export class Dials {
  constructor(parent) {
    this.root = make("div", "live-dials", parent);
    this.rows = new Map(); // name -> its row
    this.waiting = new Map(); // name -> value that is to be sent
  }

  update({ dials }) {
    for (const [name, row] of this.rows) if (!dials.some((dial) => dial.name === name)) this.drop(name, row);
    for (const dial of dials) {
      if (!this.rows.has(dial.name)) this.rows.set(dial.name, this.makeRow(dial.name));
      this.show(this.rows.get(dial.name), dial);
    }
    this.sent = false;
    this.send();
  }

  makeRow(name) {
    const node = make("div", "ld-row", this.root);
    const row = { node, name: make("span", "ld-name", node), value: make("output", "ld-value", node) };
    row.slider = make("input", "lf-slider", node);
    row.slider.type = "range";
    row.slider.oninput = () => {
      this.stop(row);
      this.move(row, Number(row.slider.value));
    };
    row.slider.onpointerdown = () => (row.held = true);
    for (const event of ["pointerup", "pointercancel", "blur"]) row.slider.addEventListener(event, () => (row.held = false));
    return row;
  }

  show(row, dial) {
    row.dial = dial;
    Object.assign(row.slider, { min: dial.low, max: dial.high, step: dial.step });
    row.slider.setAttribute("aria-label", dial.label);
    row.name.textContent = dial.label;
    withHelp(row.name, dial.help);
    if (dial.plays && !row.button) {
      row.button = makeButton("lf-round", row.node, () => (row.playing ? this.stop(row) : this.play(row)));
      row.node.classList.add("ld-plays");
    }
    // What a hand or the film has moved meanwhile is newer than what the page knows.
    if (!row.held && !row.playing && !this.waiting.has(dial.name)) row.slider.value = dial.value;
    this.say(row);
  }

  say(row) {
    const { words, low, step } = row.dial;
    const value = Number(row.slider.value);
    row.value.value = words.length ? words[Math.round((value - low) / step)] : value.toFixed(2).replace("-", "−");
    row.slider.setAttribute("aria-valuetext", row.value.value);
    if (row.button) label(row.button, row.playing ? "pause" : "play", row.playing ? "Pause" : "Play", { silent: true });
  }

  move(row, value) {
    row.slider.value = value;
    this.say(row);
    this.waiting.set(row.dial.name, Number(row.slider.value));
    this.send();
  }

  // One value at a time: the next when the page has answered.
  send() {
    if (this.sent || !this.waiting.size) return;
    const [[name, value]] = this.waiting;
    this.waiting.delete(name);
    this.sent = true;
    this.component.setTriggerValue("moved", { name, value });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.sent = false;
      this.send();
    }, PATIENCE);
  }

  play(row) {
    const { low, high, plays } = row.dial;
    row.playing = true;
    const from = Number(row.slider.value) >= high ? low : Number(row.slider.value);
    const started = performance.now() - ((from - low) / (high - low)) * plays;
    const tick = (now) => {
      if (!row.playing) return;
      const value = Math.min(high, low + ((now - started) / plays) * (high - low));
      this.move(row, REDUCED_MOTION.matches ? Math.floor(value) : value);
      if (value < high) row.request = requestAnimationFrame(tick);
      else this.stop(row);
    };
    row.request = requestAnimationFrame(tick);
  }

  stop(row) {
    cancelAnimationFrame(row.request);
    row.playing = false;
    this.say(row);
  }

  drop(name, row) {
    this.stop(row);
    row.node.remove();
    this.rows.delete(name);
    this.waiting.delete(name);
  }

  remove() {
    clearTimeout(this.timer);
    for (const row of this.rows.values()) cancelAnimationFrame(row.request);
    this.root.remove();
  }
}
