// The home page: shortens a link and lists the newest ones.
// Titles and destinations are untrusted: they reach the page as text only, and as href only if they are http(s).
"use strict";

const NEWEST = "/urls?order=desc&limit=10";
const PATIENCE_MS = 10_000;
const CODE = /^[A-Za-z0-9_-]{1,32}$/;

const byId = (id) => document.getElementById(id);
const urlInput = byId("url");
const codeInput = byId("code");
const submitButton = byId("submit");
const formError = byId("form-error");
const copyButton = byId("copy");
const listNote = byId("list-note");

// ---- Requests to the service

/** Returns the parsed response; throws an Error with a message for a person, and `field` if the service names one. */
async function ask(path, options = {}) {
  let response;
  try {
    const headers = { Accept: "application/json", ...options.headers };
    response = await fetch(path, { ...options, headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new Error("The service does not answer. Please try again in a moment.");
  }
  let body = null;
  try {
    body = await response.json();
  } catch {
    // A proxy may answer with its own page; then the status is enough.
  }
  if (!response.ok || body === null) {
    const detail = typeof body?.detail === "string" && body.detail !== "" ? body.detail : null;
    const error = new Error(detail ? sentence(detail) : `The service answered with status ${response.status}.`);
    error.field = body?.field;
    throw error;
  }
  return body;
}

function sentence(text) {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

// ---- Untrusted text

/** Invisible characters and those that change the text direction: with these one URL can look like another. */
const HIDDEN_IN_URL = /[\p{C}\p{Z}\u034F\u115F\u1160\u3164\uFFA0]/gu;
/** As above, without the joiners that emoji and some languages need. */
const HIDDEN_IN_TEXT =
  /[\u00AD\u034F\u061C\u115F\u1160\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\u{E0000}-\u{E0FFF}]/gu;

/** A URL for people: a host that is not plain ASCII in its ASCII form, because letters of other scripts look the same. */
function shownUrl(text) {
  let shown = text;
  try {
    const { host } = new URL(text);
    shown = text.replace(/^(https?:\/*)([^/?#\\]*)/i, (all, scheme, authority) =>
      /^[\x21-\x7e]*$/.test(authority) ? all : scheme + host,
    );
  } catch {
    // Browsers cannot follow it, so this page does not link it.
  }
  return shown.replace(HIDDEN_IN_URL, encodeURIComponent);
}

function shownText(text) {
  return text.replace(HIDDEN_IN_TEXT, (hidden) => `[U+${hidden.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
}

// ---- Shortening

/** People leave the scheme out; `example.com/x` means `https://example.com/x`. */
function withScheme(text) {
  const named = /^[a-z][a-z0-9+.-]*:/i.test(text);
  const hostAndPort = /^(localhost|[\w-]+(\.[\w-]+)+):\d/i.test(text);
  return text === "" || (named && !hostAndPort) ? text : `https://${text}`;
}

function isWebAddress(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

function showFormError(message, input) {
  formError.textContent = message;
  formError.hidden = false;
  input?.setAttribute("aria-invalid", "true");
  (input ?? urlInput).focus();
}

function clearFormError() {
  formError.hidden = true;
  formError.textContent = "";
  urlInput.removeAttribute("aria-invalid");
  codeInput.removeAttribute("aria-invalid");
}

function inputOf(field) {
  if (["url", "original_url", "long_url"].includes(field)) {
    return urlInput;
  }
  return ["custom_code", "short_code"].includes(field) ? codeInput : undefined;
}

function setBusy(busy) {
  submitButton.setAttribute("aria-disabled", String(busy));
  submitButton.textContent = busy ? "Shortening…" : "Shorten";
}

async function shorten() {
  clearFormError();
  const url = withScheme(urlInput.value.trim());
  const code = codeInput.value.trim();
  if (!isWebAddress(url)) {
    showFormError("Please enter a web address that starts with http:// or https://.", urlInput);
    return;
  }
  if (code !== "" && !CODE.test(code)) {
    showFormError("A code is made of up to 32 letters, digits, hyphens and underscores.", codeInput);
    return;
  }
  setBusy(true);
  try {
    const created = await ask("/shorten", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(code === "" ? { url } : { url, custom_code: code }),
    });
    showResult(created);
    byId("form").reset();
    loadNewest();
  } catch (error) {
    showFormError(error.message, inputOf(error.field));
  } finally {
    setBusy(false);
  }
}

function showResult(created) {
  const short = isWebAddress(created.short_url) ? created.short_url : `${location.origin}/${created.short_code}`;
  const link = byId("result-link");
  link.href = short;
  link.textContent = short;
  byId("result-destination").textContent = `leads to ${shownUrl(created.original_url)}`;
  copyButton.textContent = "Copy";
  byId("result").hidden = false;
  byId("status").textContent = `Short link ready: ${short}`;
  copyButton.focus(); // so that one key copies
}

async function copy() {
  const text = byId("result-link").href;
  let copied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copied = copyBySelection(text); // plain http on another host than localhost has no clipboard
  }
  copyButton.textContent = copied ? "Copied" : "Copy";
  byId("status").textContent = copied ? "Copied" : "Copying did not work; the short link is selected.";
}

function copyBySelection(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "spoken";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (copied) {
    copyButton.focus();
  } else {
    getSelection().selectAllChildren(byId("result-link"));
  }
  return copied;
}

// ---- The newest links

async function loadNewest() {
  byId("retry").hidden = true;
  try {
    const urls = await ask(NEWEST);
    byId("rows").replaceChildren(...urls.map(row));
    byId("list").hidden = urls.length === 0;
    note(urls.length === 0 ? "There are no links yet. The first one is yours." : "");
  } catch (error) {
    byId("list").hidden = true;
    byId("retry").hidden = false;
    note(error.message, "bad");
  }
}

function note(text, kind) {
  listNote.textContent = text;
  listNote.className = kind === "bad" ? "note bad" : "note";
  listNote.hidden = text === "";
}

function row(url) {
  const tr = document.createElement("tr");
  tr.setAttribute("role", "row");
  tr.append(codeCell(url), destinationCell(url), titleCell(url), createdCell(url));
  return tr;
}

function cell(className, ...content) {
  const td = document.createElement("td");
  td.setAttribute("role", "cell");
  td.className = className;
  td.append(...content);
  return td;
}

function codeCell(url) {
  const code = String(url.short_code);
  if (url.is_active && CODE.test(code)) {
    return cell("code", anchor(`/${code}`, `/${code}`));
  }
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.textContent = "inactive";
  return cell("code", `/${code}`, " ", badge);
}

function destinationCell(url) {
  const destination = String(url.original_url);
  const shown = shownUrl(destination);
  const content = isWebAddress(destination) ? anchor(destination, shown) : document.createElement("span");
  content.textContent = shown;
  content.className = "text";
  content.title = shown;
  content.dir = "ltr"; // also where its path begins with letters of another direction
  return cell("destination", content);
}

function titleCell(url) {
  if (!url.title) {
    return cell("title none", "–");
  }
  const text = document.createElement("bdi"); // a title in another direction must not change the order of the row
  text.className = "text";
  text.textContent = shownText(url.title);
  text.title = text.textContent;
  return cell("title", text);
}

function createdCell(url) {
  const date = new Date(`${url.created_at}Z`);
  const time = document.createElement("time");
  time.dateTime = `${url.created_at}Z`;
  time.title = `${url.created_at} UTC`;
  time.textContent = Number.isNaN(date.getTime())
    ? String(url.created_at)
    : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return cell("created", time);
}

function anchor(href, text) {
  const a = document.createElement("a");
  a.href = href;
  a.rel = "noopener noreferrer nofollow";
  a.textContent = text;
  return a;
}

// ---- Start

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (submitButton.getAttribute("aria-disabled") !== "true") {
    shorten();
  }
});
copyButton.addEventListener("click", copy);
byId("retry").addEventListener("click", loadNewest);
byId("origin").textContent = location.origin;
byId("fields").disabled = false;
if (matchMedia("(hover: hover)").matches) {
  urlInput.focus(); // on a phone this would open the keyboard over the page
}
loadNewest();
