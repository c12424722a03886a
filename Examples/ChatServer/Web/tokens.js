// SPDX-License-Identifier: MIT

// The tokens that this browser keeps, for all of its tabs.

const KEY = "chat.account";
const EARLY_MS = 30_000;

const kept = () => JSON.parse(localStorage.getItem(KEY) ?? "null");

/** What this device is called in the list of devices. */
function clientName() {
  const named = (pattern) => pattern.exec(navigator.userAgent)?.[0] ?? "";
  return `${named(/Firefox|Chrome|Safari/)} ${named(/Android|iPhone|iPad|Windows|Mac OS|Linux/)}`;
}

/** One at a time over all tabs, where the browser can do that: a refresh token is good for one use. */
const alone = (work) => navigator.locks ? navigator.locks.request(KEY, work) : work();

export class Tokens {
  #first;
  #attempts = 0;
  #timer = 0;

  /** `first`: the command `login` or `register` with its fields; without it, the kept tokens are used. */
  constructor(first) {
    this.#first = first;
  }

  get name() {
    return this.#first?.username ?? this.#first?.login ?? kept()?.name ?? "";
  }

  /** The command that signs in; `request` sends another one before it. */
  async command(request) {
    this.#attempts++;
    if (this.#first) return { ...this.#first, client: clientName() };
    await this.#refresh(request);
    return { type: "hello", token: kept()?.access_token ?? "" };
  }

  /** An access token that is good for a while. */
  async bearer(request) {
    await this.#refresh(request);
    return kept()?.access_token ?? "";
  }

  async #refresh(request) {
    await alone(async () => {
      const { name, refresh_token, expires_at } = kept() ?? {};
      // Another tab may have been here before.
      if (!refresh_token || expires_at > Date.now() + EARLY_MS) return;
      this.#keep(name, await request({ type: "refresh", refresh_token }));
    });
  }

  #keep(name, { access_token, refresh_token, expires_in_seconds }) {
    localStorage.setItem(KEY, JSON.stringify({
      name, access_token, refresh_token, expires_at: Date.now() + expires_in_seconds * 1000,
    }));
  }

  /** Signed in; `request` is used to stay so. */
  welcome(answer, request) {
    if (answer.access_token) this.#keep(answer.user.name, answer);
    this.#first = null;
    this.#schedule(request);
  }

  #schedule(request) {
    clearTimeout(this.#timer);
    const wait = Math.max(1_000, (kept()?.expires_at ?? 0) - Date.now() - EARLY_MS);
    this.#timer = setTimeout(() => {
      // A lost connection refreshes when it comes back.
      this.#refresh(request).then(() => this.#schedule(request), () => {});
    }, Math.min(wait, 2 ** 31 - 1));
  }

  /** What to do about a refusal: true to try again at once. */
  refused(error) {
    if (error.code === "username_taken" && this.#first?.type === "register" && this.#attempts > 1) {
      // The answer to the first attempt got lost: the account may be the one that we made.
      this.#first = { type: "login", login: this.#first.username, password: this.#first.password };
      return true;
    }
    if (error.code !== "token_expired" || this.#first || this.#attempts > 3) return false;
    const tokens = kept();
    if (tokens) localStorage.setItem(KEY, JSON.stringify({ ...tokens, expires_at: 0 }));
    return tokens !== null;
  }

  end() {
    clearTimeout(this.#timer);
    localStorage.removeItem(KEY);
  }
}
