// SPDX-License-Identifier: MIT

// Who signs in, and with what: the tokens that this browser keeps.

const NAME_KEY = "chat.name";
const tokenKey = (name) => `chat.token.${name.toLowerCase()}`;

/** The user of this tab. Another tab can have another one; a guest's token is kept by name. */
export class Session {
  #identity = null;

  /** The name that this tab used last; a reload signs in again. */
  static lastName() {
    return sessionStorage.getItem(NAME_KEY);
  }

  guest(name, keep) {
    this.#identity = { name, keep };
  }

  get isChosen() {
    return this.#identity !== null;
  }

  /** The command that signs in. */
  command(resume) {
    const { name, keep } = this.#identity;
    const token = localStorage.getItem(tokenKey(name));
    const who = token ? { token } : { name, keep_name: keep };
    return { type: "hello", ...who, resume, client: "web" };
  }

  welcome(answer) {
    const { name } = this.#identity;
    if (answer.token) localStorage.setItem(tokenKey(name), answer.token);
    sessionStorage.setItem(NAME_KEY, name);
  }

  /** The server does not know the token. Returns whether there was one. */
  forgetToken() {
    localStorage.removeItem(tokenKey(this.#identity.name));
    return true;
  }

  /** Signs out; a guest's name can be had again only if the token is kept. */
  end(isForgotten) {
    if (isForgotten && this.#identity) localStorage.removeItem(tokenKey(this.#identity.name));
    sessionStorage.removeItem(NAME_KEY);
    sessionStorage.removeItem("chat.outbox");
    this.#identity = null;
  }
}
