// A form for any JSON of a described shape. It changes the value in place and says so; what it does not know of the value stays in it.

let numbers = 0;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export { element };

/** A text with `{0}`, `{1}` filled in. */
export function fill(text, ...values) {
  return text.replace(/\{(\d)\}/g, (_, n) => String(values[n]));
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const bytesOf = (text) => new TextEncoder().encode(text).length;

/** Whether a value is of the kind that a field has, so that its control can show it. */
function suits(field, value) {
  switch (field.kind) {
    case "text":
      return typeof value === "string";
    case "number":
      return Number.isInteger(value);
    case "choice":
      return field.choices.includes(value);
    case "object":
      return isObject(value);
    case "list":
      return Array.isArray(value);
    default:
      return isObject(value);
  }
}

/** What a new item of a list begins as. */
function fresh(field) {
  switch (field.kind) {
    case "object":
      return Object.fromEntries(field.fields.filter((one) => one.required).map((one) => [one.name, fresh(one)]));
    case "list":
      return field.min > 0 ? [fresh(field.item)] : [];
    case "choice":
      return field.choices[0];
    case "number":
      return field.min ?? 0;
    case "text":
      return "";
    default:
      return {};
  }
}

/** Draws the form of `fields` over `value` into `root`. `changed` is called after every change of the value. */
export function draw(root, fields, value, words, changed) {
  const again = (focus) => {
    draw(root, fields, value, words, changed);
    changed();
    const control = root.querySelector(focus);
    control?.focus();
    control?.select?.();
  };
  const drawer = new Drawer(words, changed, again);
  root.replaceChildren(...(fields.length === 0 ? [element("p", { class: "quiet" }, words.no_fields)] : drawer.members(fields, value, "")));
}

class Drawer {
  constructor(words, changed, again) {
    Object.assign(this, { words, changed, again });
  }

  members(fields, value, path) {
    const drawn = fields.map((field) => this.member(field, value, path));
    const known = new Set(fields.flatMap((field) => [field.name, ...field.also]));
    const unknown = Object.keys(value).filter((name) => !known.has(name));
    if (unknown.length > 0) drawn.push(element("p", { class: "hint over" }, fill(this.words.unknown, unknown.join(", "))));
    return drawn;
  }

  member(field, owner, path) {
    const name = field.also.find((other) => other in owner) ?? field.name;
    const place = {
      name,
      path: `${path}/${name}`,
      field,
      get: () => owner[name],
      has: () => name in owner,
      set: (value) => {
        if (value === undefined) delete owner[name];
        else owner[name] = value;
      },
    };
    return this.one(place);
  }

  one(place) {
    const { field } = place;
    const there = place.has() && place.get() !== null;
    if (there && !suits(field, place.get())) return this.raw(place, this.words.other_type);
    if (field.kind === "object") return there ? this.object(place) : this.absent(place);
    if (field.kind === "list") return there ? this.list(place) : this.absent(place);
    if (field.kind === "json") return there ? this.raw(place) : this.absent(place);
    return field.kind === "choice" ? this.choice(place) : this.line(place);
  }

  /** A label, a control and what is said of it. */
  labelled(place, control, ...more) {
    const { field } = place;
    const id = `f${(numbers += 1)}`;
    control.id = id;
    control.dataset.path = place.path;
    control.setAttribute("aria-describedby", `${id}-hint`);
    if (field.required) control.setAttribute("aria-required", "true");
    return element("div", { class: "field" }, this.title(field, element("label", { for: id }, place.name)), control, this.hint(field, `${id}-hint`), ...more);
  }

  title(field, label) {
    return element("span", {}, label, ...this.needed(field), element("span", { class: "quiet" }, ` ${field.about}`));
  }

  legend({ name, field, isItem }) {
    return element("legend", {}, name, ...(isItem ? [] : this.needed(field)));
  }

  needed(field) {
    return field.required ? [" ", element("span", { class: "tag warn" }, this.words.required)] : [];
  }

  hint(field, id) {
    return element("p", { class: "hint", id, hidden: field.text === "" }, field.text);
  }

  line(place) {
    const { field } = place;
    const isNumber = field.kind === "number";
    const control = element("input", { type: "text", inputmode: isNumber ? "numeric" : undefined, autocomplete: "off", spellcheck: "false" });
    control.value = place.get() ?? "";
    const over = element("p", { class: "hint over" });
    const check = () => {
      const value = place.get();
      const bytes = field.bytes !== undefined && typeof value === "string" ? bytesOf(value) : 0;
      const outside = typeof value === "number" && (value < (field.min ?? -Infinity) || value > (field.max ?? Infinity));
      const wrong = isNumber && typeof value === "string";
      over.textContent = bytes > field.bytes ? fill(this.words.bytes, bytes, field.bytes) : outside || wrong ? field.about : "";
      over.hidden = over.textContent === "";
      control.setAttribute("aria-invalid", String(!over.hidden));
    };
    control.addEventListener("input", () => {
      const text = control.value;
      if (text === "" && (isNumber || !field.required)) place.set(undefined);
      else place.set(isNumber && /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text);
      check();
      this.changed();
    });
    check();
    return this.labelled(place, control, over);
  }

  choice(place) {
    const { field } = place;
    const options = field.choices.map((choice, n) => element("option", { value: n, selected: choice === place.get() }, String(choice)));
    if (!field.required || !place.has()) options.unshift(element("option", { value: "", selected: !place.has() }, this.words.left_out));
    const control = element("select", {}, ...options);
    control.addEventListener("change", () => {
      place.set(control.value === "" ? undefined : field.choices[Number(control.value)]);
      this.changed();
    });
    return this.labelled(place, control);
  }

  /** A value as JSON, where it has no form of its own or another one than is described. */
  raw(place, remark) {
    const control = element("textarea", { rows: 3, spellcheck: "false" });
    control.value = JSON.stringify(place.get());
    control.addEventListener("input", () => {
      let value;
      try {
        value = JSON.parse(control.value);
      } catch {
        control.setAttribute("aria-invalid", "true");
        return;
      }
      control.setAttribute("aria-invalid", "false");
      place.set(value);
      this.changed();
    });
    control.addEventListener("change", () => suits(place.field, place.get()) !== (remark === undefined) && this.again(`[data-path="${CSS.escape(place.path)}"]`));
    return this.labelled(place, control, ...(remark ? [element("p", { class: "hint over" }, remark)] : []));
  }

  /** What is left out and can be put in. */
  absent(place) {
    const { field } = place;
    const button = element("button", { type: "button", class: "small", "data-add": place.path }, fill(this.words.add_to, place.name));
    button.addEventListener("click", () => {
      place.set(field.kind === "list" ? [fresh(field.item)] : fresh(field));
      this.again(`[data-path^="${CSS.escape(place.path)}"]`);
    });
    return element("div", { class: "field" }, this.title(field, element("span", { class: "name" }, place.name)), this.hint(field), button);
  }

  object(place) {
    const parts = [this.legend(place), this.hint(place.field), ...this.members(place.field.fields, place.get(), place.path)];
    if (!place.field.required && !place.isItem) parts.push(element("p", { class: "foot" }, this.remover(place)));
    return element("fieldset", {}, ...parts);
  }

  remover(place) {
    const button = element("button", { type: "button", class: "small danger" }, `${this.words.remove} ${place.name}`);
    button.addEventListener("click", () => {
      place.set(undefined);
      this.again(`[data-add="${CSS.escape(place.path)}"]`);
    });
    return button;
  }

  list(place) {
    const { field } = place;
    const values = place.get();
    const items = values.map((_, n) => this.item(place, values, n));
    const add = element("button", { type: "button", class: "small", "data-add": place.path }, fill(this.words.add_to, place.name));
    add.addEventListener("click", () => {
      values.push(fresh(field.item));
      this.again(`[data-path^="${CSS.escape(`${place.path}/${values.length - 1}`)}"]`);
    });
    const over = values.length > (field.max ?? Infinity) || values.length < (field.min ?? 0);
    const foot = element("p", { class: "foot row" }, add, element("span", { class: over ? "hint over" : "hint" }, field.about));
    if (!field.required) foot.append(this.remover(place));
    return element("fieldset", {}, this.legend(place), this.hint(field), ...items, foot);
  }

  item(list, values, n) {
    const name = fill(this.words.item, n + 1);
    const path = `${list.path}/${n}`;
    const field = { ...list.field.item, name, also: [], required: true, text: "" };
    const place = { name, path, field, isItem: true, get: () => values[n], has: () => true, set: (value) => (values[n] = value ?? "") };
    const remove = element("button", { type: "button", class: "small danger", "aria-label": fill(this.words.remove_from, n + 1, list.name) }, "✕");
    remove.addEventListener("click", () => {
      values.splice(n, 1);
      this.again(`[data-add="${CSS.escape(list.path)}"]`);
    });
    return element("div", { class: "item" }, this.one(place), remove);
  }
}
