// SPDX-License-Identifier: MIT

// Calls over HTTP with the token of the session: files go this way (docs/files.md).

/** A refusal: `code` is one of the tables in docs/files.md and docs/protocol.md, or "disconnected". */
export class Refusal extends Error {
  constructor(code, message, retryAfter) {
    super(message || code);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export const disconnected = () => new Refusal("disconnected", "not connected");

/** What went wrong, from the status and the body of an answer. */
export function refusalOf(status, body) {
  let error;
  try {
    ({ error } = JSON.parse(body));
  } catch {
    // Whoever answered (a proxy, say) does not speak our language.
  }
  if (!error) return status >= 500 ? disconnected() : new Refusal("unknown", `HTTP ${status}`);
  return new Refusal(error.code, error.message, error.retry_after_ms);
}

/** Resolves with the response if it is a good one. `page` is the page's Commands. */
export async function call(page, method, path, { body, signal } = {}) {
  const headers = { Authorization: `Bearer ${await page.bearer()}` };
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`/api${path}`, { method, headers, signal, body: body && JSON.stringify(body) });
  } catch (error) {
    throw signal?.aborted ? error : disconnected();
  }
  if (response.ok) return response;
  // A HEAD has no body that would say why.
  if (method === "HEAD" && response.status === 404) throw new Refusal("file_not_found");
  throw refusalOf(response.status, await response.text().catch(() => ""));
}
