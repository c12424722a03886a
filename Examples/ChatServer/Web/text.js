// SPDX-License-Identifier: MIT

// What a message's text is made of. Nothing here makes markup: pieces become text nodes.

// Characters that reorder or hide their surroundings end an address: what is shown is what opens.
const UNSEEN = "\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202f"
  + "\\u2060-\\u206f\\ufeff";
const LINK = `https?://[^${UNSEEN}<>"\\u0060]+`;
const PATTERN = new RegExp(`\`\`\`([\\s\\S]+?)\`\`\`|\`([^\`\\n]+)\`|(${LINK})|(@)`, "giu");
const WORD = /[\p{L}\p{N}_]/u;

/** Marks that end a sentence, or close a bracket that the address did not open, are not part of it. */
function addressOf(text) {
  let address = text.replace(/[.,;:!?'"…]+$/u, "");
  while (/[)\]}]$/.test(address)) {
    const close = address.at(-1);
    const open = { ")": "(", "]": "[", "}": "{" }[close];
    if (address.split(open).length >= address.split(close).length) break;
    address = address.slice(0, -1).replace(/[.,;:!?'"…]+$/u, "");
  }
  try {
    const { protocol } = new URL(address);
    return protocol === "http:" || protocol === "https:" ? address : null;
  } catch {
    return null;
  }
}

/** Who is named at `at`, where an @ stands: the longest name that fits and ends with its word. */
function nameAt(text, at, names) {
  if (at > 0 && WORD.test(text[at - 1])) return null;
  let best = null;
  const rest = text.slice(at + 1, at + 101).toLowerCase();
  for (const name of names) {
    if (name.length <= (best?.length ?? 0) || !rest.startsWith(name.toLowerCase())) continue;
    if (!WORD.test(rest[name.length] ?? " ")) best = name;
  }
  return best;
}

/** Whether a text names that user. */
export function mentions(text, user) {
  if (!user || !text.includes("@")) return false;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (nameAt(text, at, [user.name])) return true;
  }
  return false;
}

/** Cuts a text into `{ kind, text }`: text, code, block, link or mention. */
export function pieces(text, names) {
  const found = [];
  let from = 0;
  const add = (kind, start, end, shown) => {
    if (start > from) found.push({ kind: "text", text: text.slice(from, start) });
    found.push({ kind, text: shown });
    from = end;
  };
  for (const match of text.matchAll(PATTERN)) {
    const at = match.index;
    if (at < from) continue;
    const [whole, block, code, link] = match;
    if (block !== undefined) {
      add("block", at, at + whole.length, block.replace(/^\n|\n$/g, ""));
    } else if (code !== undefined) {
      add("code", at, at + whole.length, code);
    } else if (link !== undefined) {
      const address = addressOf(link);
      if (address) add("link", at, at + address.length, address);
    } else {
      const name = nameAt(text, at, names);
      if (name) add("mention", at, at + 1 + name.length, text.slice(at, at + 1 + name.length));
    }
  }
  if (from < text.length) found.push({ kind: "text", text: text.slice(from) });
  return found;
}

/** Up to three emoji and nothing else are shown large. */
export const isBig = (text) =>
  text.length <= 40 && /^(\p{RGI_Emoji}\s?){1,3}$/v.test(text.trim());
