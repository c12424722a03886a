// SPDX-License-Identifier: MIT

// Who signs in, and with what.

const NAME_KEY = "chat.name";
const ACCOUNT_KEY = "chat.account";
const tokenKey = (name) => `chat.token.${name.toLowerCase()}`;

/** The user of this tab: a guest, whose token is kept by name, or an account. */
export class Session {
  #guest = null;
  #tokens = null;

  /** The name that this tab used last; a reload signs in again. */
  static lastName() {
    return sessionStorage.getItem(NAME_KEY);
  }

  static hasAccount() {
    return localStorage.getItem(ACCOUNT_KEY) !== null;
  }

  guest(name, keep) {
    this.#guest = { name, keep };
    this.#tokens = null;
  }

  /** `first`: the command that signs in; none to use what was kept. */
  async account(first) {
    const { Tokens } = await import("./tokens.js");
    this.#tokens = new Tokens(first);
    this.#guest = null;
  }

  /** The command that signs in; `request` sends another one before it. */
  async command(resume, request) {
    if (this.#tokens) return { ...await this.#tokens.command(request), resume };
    const { name, keep } = this.#guest;
    const token = localStorage.getItem(tokenKey(name));
    const who = token ? { token } : { name, keep_name: keep };
    return { type: "hello", ...who, resume, client: "web" };
  }

  /** What calls over HTTP sign in with. */
  bearer(request) {
    return this.#tokens ? this.#tokens.bearer(request) : localStorage.getItem(tokenKey(this.#guest?.name ?? ""));
  }

  get isAccount() {
    return this.#tokens !== null;
  }

  welcome(answer, request) {
    if (this.#tokens) {
      this.#tokens.welcome(answer, request);
      return;
    }
    const { name } = this.#guest;
    if (answer.token) localStorage.setItem(tokenKey(name), answer.token);
    sessionStorage.setItem(NAME_KEY, name);
  }

  /** What to do about a refusal: true to try again at once. */
  refused(error) {
    if (this.#tokens) return this.#tokens.refused(error);
    if (error.code !== "invalid_token") return false;
    localStorage.removeItem(tokenKey(this.#guest.name));
    return true;
  }

  /** Signs out; `isWanted` also forgets what this browser could sign in with. */
  end(isWanted) {
    if (isWanted && this.#guest) localStorage.removeItem(tokenKey(this.#guest.name));
    this.#tokens?.end();
    sessionStorage.removeItem(NAME_KEY);
    sessionStorage.removeItem("chat.outbox");
    sessionStorage.removeItem("chat.open");
    this.#guest = this.#tokens = null;
  }
}
