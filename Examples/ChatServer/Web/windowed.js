// SPDX-License-Identifier: MIT

const NEAR_BOTTOM_PX = 48;
const OVERSCAN_PX = 600;

/** A row was drawn anew while something in it had the focus: its successor gets it. */
function refocus(row, held) {
  const mark = held.dataset.focus;
  const same = row.contains(held) ? held
    : mark && row.querySelector(`[data-focus="${CSS.escape(mark)}"]`);
  (same || row).focus({ preventScroll: true });
}

/**
 * A long list of which only what is in view, and a little around it, is in the document.
 *
 * Heights are estimated until a row was drawn once. Whatever comes in above or below, or turns out
 * to be higher than it was thought to be: the first row in view stays where it is, and a list that
 * shows its end goes on showing it.
 */
export class Windowed {
  #scroller;
  #inner;
  #estimate;
  #draw;
  #moved;
  #items = [];
  #places = new Map();
  #heights = new Map();
  #tops = [0];
  #rows = new Map();
  #stuck = true;
  #width = 0;
  #asked = false;

  /** `estimate(item)` in pixels, `draw(item, row)` gives the row, `moved()` after the view moved. */
  constructor(scroller, inner, { estimate, draw, moved }) {
    this.#scroller = scroller;
    this.#inner = inner;
    this.#estimate = estimate;
    this.#draw = draw;
    this.#moved = moved;
    scroller.addEventListener("scroll", () => {
      this.#stuck = this.atBottom;
      this.#soon();
    }, { passive: true });
    new ResizeObserver(() => this.#resized()).observe(scroller);
    this.#sizes = new ResizeObserver(() => this.#soon());
  }

  #sizes;

  /** Whether the end of the list is in view. */
  get atBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
  }

  /** How far the view is from the beginning and from the end of the list, in pixels. */
  get distances() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return { start: scrollTop, end: scrollHeight - scrollTop - clientHeight };
  }

  row(key) {
    return this.#rows.get(key);
  }

  keyAfter(key, step) {
    return this.#items[(this.#places.get(key) ?? this.#items.length) + step]?.key;
  }

  has(key) {
    return this.#places.has(key);
  }

  /** Shows other items; `fresh` is another list altogether, of which the end is shown. */
  set(items, fresh) {
    if (fresh) {
      this.#heights.clear();
      this.#stuck = true;
      for (const row of this.#rows.values()) this.#remove(row);
      this.#rows.clear();
      this.#replace(items);
      this.#show(null);
      return;
    }
    const anchor = this.#stuck ? null : this.#anchor(new Set(items.map((item) => item.key)));
    this.#replace(items);
    this.#show(anchor);
  }

  toBottom() {
    this.#stuck = true;
    this.#show(null);
  }

  /** Brings an item into view: `at` is where in the view, from 0 (top) to 1. */
  toItem(key, at = 0.4) {
    if (!this.#places.has(key)) return false;
    this.#stuck = false;
    this.#show({ key, offset: this.#scroller.clientHeight * at });
    this.#stuck = this.atBottom;
    return true;
  }

  #replace(items) {
    this.#items = items;
    this.#places = new Map(items.map((item, index) => [item.key, index]));
    this.#measureTops();
  }

  #measureTops() {
    const tops = new Float64Array(this.#items.length + 1);
    this.#items.forEach((item, index) => {
      tops[index + 1] = tops[index] + (this.#heights.get(item.key) ?? this.#estimate(item));
    });
    this.#tops = tops;
  }

  #indexAt(y) {
    let low = 0;
    let high = this.#items.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#tops[middle] <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  /** The first item in view that is among `kept`, and where it is. */
  #anchor(kept) {
    const top = this.#scroller.scrollTop - this.#inset;
    for (let index = this.#indexAt(top); index < this.#items.length; index++) {
      const { key } = this.#items[index];
      if (!kept || kept.has(key)) return { key, offset: this.#tops[index] - top };
    }
    return null;
  }

  /** Where the list begins within the scroller, which must be positioned. */
  get #inset() {
    return this.#inner.offsetTop;
  }

  #soon() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#show(this.#stuck ? null : this.#anchor());
      this.#moved();
    });
  }

  #resized() {
    if (this.#scroller.clientWidth !== this.#width) {
      const anchor = this.#stuck ? null : this.#anchor();
      this.#width = this.#scroller.clientWidth;
      this.#heights.clear();
      this.#measureTops();
      this.#show(anchor);
    } else if (this.#stuck) {
      this.#show(null);
    }
    this.#moved();
  }

  /** Draws what is in view when `anchor` is where it should be; without one, the end. */
  #show(anchor) {
    if (this.#scroller.clientHeight === 0) return;
    for (let round = 0; round < 4; round++) {
      const top = this.#target(anchor);
      const first = this.#indexAt(top - OVERSCAN_PX);
      const last = this.#indexAt(top + this.#scroller.clientHeight + OVERSCAN_PX);
      this.#reconcile(first, last);
      if (!this.#measure()) break;
    }
    const wanted = anchor ? this.#target(anchor) + this.#inset : this.#scroller.scrollHeight;
    if (!anchor || Math.abs(this.#scroller.scrollTop - wanted) >= 1) {
      this.#scroller.scrollTop = wanted;
    }
  }

  #target(anchor) {
    const all = this.#tops[this.#items.length];
    const bottom = Math.max(0, all - this.#scroller.clientHeight);
    if (!anchor) return bottom;
    const place = this.#places.get(anchor.key);
    if (place === undefined) return bottom;
    return Math.max(-this.#inset, this.#tops[place] - anchor.offset);
  }

  #reconcile(first, last) {
    const rows = new Map();
    let place = this.#inner.firstChild;
    for (let index = first; index <= last && index < this.#items.length; index++) {
      const item = this.#items[index];
      const known = this.#rows.get(item.key);
      const active = document.activeElement;
      const held = known?.contains(active) ? active : null;
      const row = this.#draw(item, known);
      rows.set(item.key, row);
      this.#rows.delete(item.key);
      if (row === place) place = place.nextSibling;
      else this.#inner.insertBefore(row, place);
      if (known === row) continue;
      this.#sizes.observe(row);
      if (held) refocus(row, held);
      if (known === place) place = known.nextSibling;
      if (known) this.#remove(known);
    }
    for (const row of this.#rows.values()) this.#remove(row);
    this.#rows = rows;
    this.#pad("paddingTop", this.#tops[first]);
    this.#pad("paddingBottom", this.#tops[this.#items.length]
      - this.#tops[Math.min(last + 1, this.#items.length)]);
  }

  #pad(side, pixels) {
    const value = `${Math.max(0, pixels)}px`;
    if (this.#inner.style[side] !== value) this.#inner.style[side] = value;
  }

  #remove(row) {
    this.#sizes.unobserve(row);
    if (row.contains(document.activeElement)) this.#scroller.focus({ preventScroll: true });
    row.remove();
  }

  /** Takes the true heights of what is drawn. Returns whether any was another. */
  #measure() {
    let changed = false;
    for (const [key, row] of this.#rows) {
      const { height } = row.getBoundingClientRect();
      if (this.#heights.get(key) === height) continue;
      const index = this.#places.get(key);
      const before = this.#tops[index + 1] - this.#tops[index];
      this.#heights.set(key, height);
      if (Math.abs(before - height) > 0.01) changed = true;
    }
    if (changed) this.#measureTops();
    return changed;
  }
}
