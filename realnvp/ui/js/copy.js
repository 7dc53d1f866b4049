// A link and a button that copies it.

import { make, makeButton } from "./dom.js";

export class Copy {
  constructor(parent) {
    this.root = make("div", "link-copy", parent);
    this.field = make("input", "link-field", this.root);
    this.field.readOnly = true;
    this.field.setAttribute("aria-label", "Link");
    this.field.onfocus = () => this.field.select();
    this.button = makeButton("lf-send-button", this.root, () => this.copy());
    this.button.setAttribute("aria-live", "polite");
  }

  update({ text }) {
    if (this.field.value === text) return;
    this.field.value = text;
    this.button.textContent = "Copy link";
  }

  async copy() {
    // Browsers give the clipboard to secure pages alone; a class's server seldom is one.
    const copied = window.isSecureContext
      ? await navigator.clipboard.writeText(this.field.value).then(() => true, () => this.copyOldWay())
      : this.copyOldWay();
    this.button.textContent = copied ? "Copied" : "Press Ctrl+C";
  }

  copyOldWay() {
    this.field.focus();
    this.field.select();
    return document.execCommand("copy");
  }

  remove() {}
}
