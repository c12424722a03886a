// SPDX-License-Identifier: MIT

// Runs inside the page: every visible text against what is behind it, by the rule of WCAG 2.1 (AA).
// Returns the texts that are too faint, and how many were looked at.

const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Any CSS colour as red, green, blue (0 to 255) and alpha (0 to 1). */
function parse(colour) {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
}

const over = (front, back) =>
  [0, 1, 2].map((part) => front[part] * front[3] + back[part] * (1 - front[3]));

function backOf(element) {
  const layers = [];
  for (let one = element; one; one = one.parentElement) {
    const colour = parse(getComputedStyle(one).backgroundColor);
    layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reverse().reduce((back, layer) => over(layer, back), [255, 255, 255]);
}

const light = (colour) => {
  const [red, green, blue] = colour.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

function ratio(a, b) {
  const [high, low] = [light(a), light(b)].sort((one, two) => two - one);
  return (high + 0.05) / (low + 0.05);
}

const problems = [];
let count = 0;
const top = document.querySelector("dialog[open]") ?? document.querySelector("#app");
const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const element = node.parentElement;
  const text = node.textContent.trim();
  if (!text || /^[\p{Emoji}\p{Emoji_Component}\s]+$/u.test(text) && !/\d/.test(text)) continue;
  if (!element.checkVisibility() || element.closest(":disabled, option")) continue;
  const style = getComputedStyle(element);
  const back = backOf(element);
  const found = ratio(over(parse(style.color), back), back);
  const size = parseFloat(style.fontSize);
  const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
  count++;
  if (found < needed) problems.push(`${found.toFixed(2)}: ${text.slice(0, 30)} (${element.className || element.tagName})`);
}
return [problems, count];
