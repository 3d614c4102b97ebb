// A reply as people read it: its JSON in colours, and each code in it with what it means and where that is documented.

import { element, fill } from "./debug-form.js";

const CODES = new Set(["ErrorCode", "ResultCode"]);

/** Every code of a reply, in its order: where it stands, what it is, and what the server said to it. */
export function codesOf(reply) {
  const found = [];
  const walk = (value, path) => {
    if (Array.isArray(value)) value.forEach((one, n) => walk(one, `${path}[${n}]`));
    else if (value && typeof value === "object") {
      for (const [name, member] of Object.entries(value)) {
        const at = path ? `${path}.${name}` : name;
        if (CODES.has(name) && Number.isInteger(member)) {
          const info = value[name.replace("Code", "Info")];
          found.push({ at, code: member, info: typeof info === "string" ? info : "", ofItem: path !== "" });
        } else walk(member, at);
      }
    }
  };
  walk(reply, "");
  return found;
}

/** JSON in colours. */
export function coloured(value, depth = 0, name = "") {
  const indent = "  ".repeat(depth);
  const several = (open, close, parts) => {
    if (parts.length === 0) return [`${open}${close}`];
    return [`${open}\n`, ...parts.flatMap((part, n) => [`${indent}  `, ...part, n + 1 < parts.length ? ",\n" : "\n"]), `${indent}${close}`];
  };
  if (Array.isArray(value)) return several("[", "]", value.map((one) => coloured(one, depth + 1)));
  if (value !== null && typeof value === "object") {
    const member = ([name, one]) => [element("span", { class: "key" }, JSON.stringify(name)), ": ", ...coloured(one, depth + 1, name)];
    return several("{", "}", Object.entries(value).map(member));
  }
  if (CODES.has(name)) return [element("mark", { class: value === 0 ? "good" : "" }, JSON.stringify(value))];
  const kind = typeof value === "string" ? "string" : typeof value === "number" ? "number" : "literal";
  return [element("span", { class: kind }, JSON.stringify(value))];
}

function links(pages) {
  return pages.flatMap(({ page, href }) => [" ", element("a", { href, target: "_blank", rel: "noopener noreferrer" }, page)]);
}

export { links };

/** What each code means: one that several items have is told once. */
function explained(codes, model) {
  const { words } = model;
  const by = new Map();
  for (const one of codes) {
    const known = by.get(one.code) ?? { ...one, places: [] };
    known.places.push(one.at);
    by.set(one.code, known);
  }
  const items = [...by.values()].map(({ code, info, places }) => {
    const documented = model.codes[code];
    const meaning = code === 0 ? words.ok_about : documented?.text ?? words.no_code;
    const said = info && code !== 0 ? [element("p", { class: "mono" }, info)] : [];
    const shown = places.length > 3 ? `${places.slice(0, 3).join(", ")}, …` : places.join(", ");
    return element(
      "li",
      { class: code === 0 ? "good" : "", "data-code": code },
      element("p", {}, element("strong", {}, String(code)), ` ${meaning}`),
      ...said,
      element("p", { class: "quiet" }, element("span", { class: "mono" }, shown), ...(documented ? [` · ${words.documented_in}`, ...links(documented.links)] : [])),
    );
  });
  return element("ul", { class: "codes", "aria-label": words.codes }, ...items);
}

/** Shows a reply. */
export function show(root, { status, text, milliseconds }, model) {
  const { words } = model;
  let reply;
  try {
    reply = JSON.parse(text);
  } catch {
    // What is no JSON is shown as it came.
  }
  const codes = reply === undefined ? [] : codesOf(reply);
  const code = codes.find((one) => one.at === "ErrorCode")?.code;
  const ofItems = codes.filter((one) => one.ofItem);
  const failed = ofItems.filter((one) => one.code !== 0).length;
  const tags = [];
  if (code !== undefined) tags.push(element("span", { class: `tag ${code === 0 ? "good" : "bad"}`, id: "error-code" }, code === 0 ? words.ok : String(code)));
  if (failed > 0) tags.push(element("span", { class: "tag bad" }, fill(words.some_failed, failed, ofItems.length)));
  tags.push(element("span", { class: `tag ${status === 200 ? "" : "bad"}` }, `HTTP ${status}`), element("span", { class: "quiet" }, fill(words.took, milliseconds.toFixed(1))));
  const shown = element("pre", { class: "reply", tabindex: "0" }, ...(reply === undefined ? [text] : coloured(reply)));
  root.replaceChildren(element("div", { class: "status" }, ...tags), shown, ...(codes.length > 0 ? [explained(codes, model)] : []));
  return codes;
}
