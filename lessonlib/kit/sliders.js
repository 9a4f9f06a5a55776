import { setAttribute } from "./page.js";

/** The sliders of the box around a view: found once they are there, named, and hidden where they do not apply. */
export class Sliders {
  constructor({ model, el }, hidden) {
    this.model = model;
    this.el = el;
    this.hidden = hidden;
    this.box = null;
    /** @type {any[]} */
    this.found = [];
    // They come to life some time after the view, and get their classes later still.
    this.arrived = new MutationObserver(() => this.find());
    this.arrived.observe(document.body, { childList: true, subtree: true, attributeFilter: ["class"] });
  }

  find() {
    this.box = this.el.closest(".cl-explorer");
    const all = this.box?.querySelectorAll(":scope > .cl-controls > [class*='cl-slider-']") ?? [];
    this.found = [...all].filter((one) => one.querySelector(".noUi-handle"));
    for (const slider of this.found) {
      const name = [...slider.classList].find((one) => one.startsWith("cl-slider-"));
      slider.trait = name.slice("cl-slider-".length);
      slider.readout = slider.querySelector(".widget-readout");
      slider.readout.setAttribute("role", "spinbutton");
      const label = slider.querySelector(".widget-label").textContent;
      for (const part of [slider.querySelector(".noUi-handle"), slider.readout]) part.setAttribute("aria-label", label);
    }
    this.dress();
    if (this.el.isConnected && this.found.length >= this.model.get("slider_count")) this.arrived.disconnect();
  }

  dress() {
    for (const one of [this.el, this.box]) one?.classList.toggle("cl-large", this.model.get("large"));
    if (this.box && this.box.lang !== this.el.lang) this.box.lang = this.el.lang;
    for (const slider of this.found) {
      slider.classList.toggle("cl-hidden", Boolean(this.hidden(slider.trait)));
      setAttribute(slider.readout, "aria-valuenow", this.model.get(slider.trait));
    }
  }
}
