// The debug tool: a command, its request as a form and as JSON, sent as any client sends it, and the reply explained.

import { ask, notice } from "./console.js";
import { curl, named, prepare, random, Refused, target } from "./debug-calls.js";
import { draw, element, fill } from "./debug-form.js";
import { links, show } from "./debug-reply.js";

const HISTORY_MAX = 50;
const HISTORY_BODY_MAX = 20_000;
const FIRST = "recentcontact/create_contact_group";
/** Codes that may mean that something is not there: of every family, and of items. */
const MISSING = new Set([50001, 51007, 51009, 70107, 90003, 90008, 90012, 90048, 10010, 10015, 10019, 10007]);

const at = (id) => document.getElementById(id);
const kept = {
  read(name, otherwise) {
    try {
      return JSON.parse(localStorage.getItem(name)) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  write(name, value) {
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch {
      // A browser that keeps nothing has a tool without history.
    }
  },
};

class Tool {
  constructor(model, app) {
    Object.assign(this, { model, app, words: model.words, drafts: new Map(), command: undefined, value: {}, sending: false });
    this.commands = new Map(model.commands.map((command) => [command.path, command]));
  }

  /** The command of an address, `#/v4/{path}`, or none. What the vendor's tool has behind it is passed over. */
  static pathOf(hash) {
    return /^#\/?v4\/([^?#]*)/.exec(hash)?.[1].replace(/\/$/, "");
  }

  start() {
    const services = Map.groupBy(this.model.commands, (command) => command.path.split("/")[0]);
    const option = (command) => element("option", { value: command.path }, `${command.path.split("/")[1]} · ${command.summary}`);
    at("command").replaceChildren(...[...services].map(([service, all]) => element("optgroup", { label: service }, ...all.map(option))));
    at("command").addEventListener("change", () => (location.hash = `#/v4/${at("command").value}`));
    at("json").addEventListener("input", () => this.read());
    at("send").addEventListener("click", () => this.send());
    at("prepare").addEventListener("click", () => this.prepare());
    at("reset").addEventListener("click", () => this.put(JSON.stringify(this.command.sample, null, 2)));
    at("clear").addEventListener("click", () => this.clear());
    at("form").addEventListener("submit", (event) => event.preventDefault());
    this.curlDialog();
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !at("curl-dialog").open) {
        event.preventDefault();
        this.send();
      }
    });
    addEventListener("hashchange", () => this.go());
    this.go();
    this.showHistory();
  }

  /** To the command of the address. */
  go() {
    const asked = Tool.pathOf(location.hash);
    if (asked !== undefined && !this.commands.has(asked)) notice(fill(this.words.unknown_command, asked), "bad");
    const last = kept.read("cubby-command", FIRST);
    const command = this.commands.get(asked) ?? this.command ?? this.commands.get(last) ?? this.commands.get(FIRST);
    if (asked !== command.path) history.replaceState(null, "", `#/v4/${command.path}`);
    if (command === this.command) return;
    this.command = command;
    kept.write("cubby-command", command.path);
    at("command").value = command.path;
    const { words } = this;
    const about = [element("code", {}, `POST /v4/${command.path}`), ` ${command.details} `];
    at("about").replaceChildren(...about, element("span", { class: "quiet" }, `${fill(words.rate, command.rate)} · ${words.documented_in}`, ...links(command.links)));
    this.put(this.drafts.get(command.path) ?? JSON.stringify(command.sample, null, 2));
    at("prepared").textContent = "";
  }

  /** Puts this text into the editor, and what it says into the form. */
  put(text) {
    at("json").value = text;
    this.read();
  }

  /** Takes what the editor says. Where it says nothing that can be read, the form keeps what was read last, and waits. */
  read() {
    const text = at("json").value;
    this.drafts.set(this.command.path, text);
    let wrong = "";
    try {
      const value = text.trim() === "" ? {} : JSON.parse(text);
      if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Error("{ … }");
      this.value = value;
      draw(at("form"), this.command.fields, value, this.words, () => this.write());
    } catch (error) {
      wrong = fill(this.words.bad_json, error.message);
    }
    at("json-error").textContent = wrong;
    at("json").setAttribute("aria-invalid", String(wrong !== ""));
    at("form").inert = wrong !== "";
    this.fit();
  }

  /** Takes what the form says. */
  write() {
    at("json").value = JSON.stringify(this.value, null, 2);
    this.drafts.set(this.command.path, at("json").value);
    this.fit();
  }

  fit() {
    at("json").rows = Math.min(24, Math.max(8, at("json").value.split("\n").length + 1));
  }

  async sign() {
    const form = new URLSearchParams({ identifier: at("identifier").value });
    const reply = await ask(`/console/debug/sign?app=${this.app}`, { method: "POST", body: form });
    if (!reply.ok) throw new Error(fill(this.words.not_signed, await reply.text()));
    return reply.json();
  }

  /** Sends a call, as a client of the API does. */
  async call(path, body) {
    const signed = await this.sign();
    const began = performance.now();
    const reply = await fetch(target(path, signed, random()), { method: "POST", headers: { "content-type": "application/json" }, body, credentials: "omit" });
    const text = await reply.text();
    return { status: reply.status, text, milliseconds: performance.now() - began };
  }

  busy(busy) {
    this.sending = busy;
    for (const id of ["send", "prepare"]) at(id).disabled = busy;
    at("reply-card").setAttribute("aria-busy", String(busy));
  }

  async send() {
    if (this.sending) return;
    const { path } = this.command;
    const body = at("json").value;
    const focused = document.activeElement;
    this.busy(true);
    at("reply").replaceChildren(element("p", { class: "quiet" }, this.words.sending));
    try {
      const reply = await this.call(path, body);
      const codes = show(at("reply"), reply, this.model);
      this.offer(codes);
      const code = codes.find((one) => one.at === "ErrorCode")?.code;
      if (body.length <= HISTORY_BODY_MAX) this.remember({ at: Date.now(), path, body, code });
    } catch (error) {
      // What the network does is a TypeError; else the call was not sent.
      const said = error instanceof TypeError ? fill(this.words.no_reply, error.message) : error.message;
      at("reply").replaceChildren(element("p", { class: "error" }, said));
    }
    this.busy(false);
    // A button that was pressed and disabled meanwhile has lost the focus.
    if (document.activeElement === document.body) focused?.focus();
  }

  /** Offers to make what the request names, where a code says that some of it may not be there. */
  offer(codes) {
    const { accounts, chatGroups, contactGroups } = named(this.command.path, this.value);
    const names = accounts.length + chatGroups.length + contactGroups.length;
    if (names === 0 || at("form").inert || !codes.some((one) => MISSING.has(one.code))) return;
    const button = element("button", { type: "button", class: "primary", id: "fix" }, this.words.fix);
    button.addEventListener("click", async () => (await this.prepare()) && this.send());
    at("reply").prepend(element("div", { class: "missing" }, element("p", {}, this.words.missing), button));
  }

  /** Makes what the request names; whether it could. */
  async prepare() {
    if (this.sending || at("form").inert) return false;
    const { words } = this;
    this.busy(true);
    let said;
    let well = false;
    try {
      const call = async (path, body) => JSON.parse((await this.call(path, JSON.stringify(body))).text);
      const { made, body } = await prepare(this.command.path, this.value, call);
      if (JSON.stringify(body) !== JSON.stringify(this.value)) this.put(JSON.stringify(body, null, 2));
      said = made.map(([word, ...values]) => fill(words[word], ...values)).join(" ") || words.nothing_missing;
      well = true;
    } catch (error) {
      said = error instanceof Refused ? fill(words.could_not, error.path, error.code, error.message) : error.message;
    }
    at("prepared").textContent = said;
    this.busy(false);
    return well;
  }

  remember(entry) {
    const all = kept.read("cubby-history", []);
    kept.write("cubby-history", [entry, ...all].slice(0, HISTORY_MAX));
    this.showHistory();
  }

  clear() {
    kept.write("cubby-history", []);
    this.showHistory();
  }

  showHistory() {
    const all = kept.read("cubby-history", []).filter((entry) => this.commands.has(entry.path));
    at("no-history").hidden = all.length > 0;
    at("clear").hidden = all.length === 0;
    const time = (entry) => new Date(entry.at).toLocaleTimeString(document.documentElement.lang);
    const one = (entry) => {
      const tag = element("span", { class: `tag ${entry.code === 0 ? "good" : "bad"}` }, entry.code === 0 ? this.words.ok : String(entry.code ?? "?"));
      const button = element("button", { type: "button" }, element("time", {}, time(entry)), tag, element("span", { class: "path" }, entry.path));
      button.title = fill(this.words.bring_back, entry.path, time(entry));
      button.addEventListener("click", () => {
        this.drafts.set(entry.path, entry.body);
        if (this.command.path === entry.path) this.put(entry.body);
        else location.hash = `#/v4/${entry.path}`;
      });
      return element("li", {}, button);
    };
    at("history").replaceChildren(...all.map(one));
  }

  curlDialog() {
    const dialog = at("curl-dialog");
    let signed;
    const number = random();
    const write = () => {
      const its = at("curl-usersig").checked ? signed : { ...signed, usersig: undefined };
      at("curl-text").value = curl(location.origin, this.command.path, its, number, at("json").value);
    };
    at("curl").addEventListener("click", async () => {
      try {
        signed = await this.sign();
      } catch (error) {
        notice(error.message, "bad");
        return;
      }
      write();
      dialog.showModal();
    });
    at("curl-usersig").addEventListener("change", write);
    at("curl-close").addEventListener("click", () => dialog.close());
    at("curl-copy").addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(at("curl-text").value);
        notice(this.words.copied, "good");
        dialog.close();
      } catch {
        at("curl-text").select();
        notice(this.words.not_copied, "bad");
      }
    });
  }
}

const tool = at("tool");
if (tool) {
  const model = await (await ask(`/console/debug/model?app=${tool.dataset.app}`)).json();
  new Tool(model, tool.dataset.app).start();
  tool.dataset.ready = "true";
}
