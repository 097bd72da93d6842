// A visit on a phone with a poor line: one section at a time, every change kept in this browser until the server has it.
import { announce, fill, icon } from "./words.js";
import { dropped, edited, insisted, sendable, settled, tried } from "./visit_queue.js";
import { forgetPage, keepPage } from "./visit_offline.js";
import { newKey, storeOf } from "./visit_store.js";
import { exclude, fieldOf, idOf, isAnswered, questionOf, read, said, show } from "./visit_fields.js";
import { sections } from "./visit_sections.js";

const BATCH = 50;
const SOON = 500;
const AGAIN = 15000;

const form = document.getElementById("visit");
const setup = JSON.parse(form.dataset.visit);
const { words } = setup;
const owner = `${setup.user}:${setup.visit}`;
const status = document.getElementById("visit-status");
const channel = "BroadcastChannel" in window ? new BroadcastChannel(`portal-visit-${owner}`) : null;
const store = await storeOf(owner);
let token = form.elements.csrfmiddlewaretoken.value;
let state = "saved";
let timer = 0;
let busy = false;
let pending = 0;

const counted = sections(form, words);
await catchUp();
await draw(true);
form.classList.add("ready");
if (!store.lasts) announce((status.textContent = words.not_kept));
send();
keepPage(setup.worker);

form.addEventListener("input", (event) => {
  const fieldset = questionOf(event.target);
  if (!fieldset) return;
  if (event.target.type === "file") keepPhotos(fieldset, event.target);
  else keep(fieldset, event.target);
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  send();
});
document.getElementById("finish")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!pending) {
    await forgetPage();
    event.target.submit();
    return;
  }
  event.target.closest("dialog")?.close();
  document.getElementById("finish-sure")?.close();
  announce((status.textContent = fill(words.not_yet, { n: pending })));
  send();
});
window.addEventListener("online", () => send());
document.addEventListener("visibilitychange", () => document.hidden || send());
channel?.addEventListener("message", ({ data }) => {
  for (const one of data.settled ?? []) fieldOf(one.question).dataset.version = one.version;
  draw(true, data.settled);
});

/** A page that was kept is as old as the line is away: what came through since is put into it. */
async function catchUp() {
  for (const { question, version, values } of await store.known()) {
    const fieldset = fieldOf(question);
    if (!fieldset || version <= Number(fieldset.dataset.version)) continue;
    fieldset.dataset.version = version;
    show(fieldset, values);
  }
  for (const photo of await store.kept()) if (photo.at > setup.made && fieldOf(photo.question)) list(photo);
}

/** A photo that the server has, once, in its question's list. */
function list({ question, name, url }) {
  const photos = fieldOf(question).querySelector("[data-photos]");
  if ([...photos.querySelectorAll("a")].some((link) => link.getAttribute("href") === url)) return;
  const item = document.createElement("li");
  item.append(Object.assign(document.createElement("a"), { href: url, textContent: `${words.photo} · ${name}` }));
  photos.append(item);
  photos.closest("details").open = true;
}

async function keep(fieldset, control) {
  exclude(fieldset, control);
  const change = { question: idOf(fieldset), values: read(fieldset), base: Number(fieldset.dataset.version), key: newKey(), now: new Date().toISOString() };
  await store.update((rows) => edited(rows, change));
  await draw(false);
  channel?.postMessage({});
  soon(SOON);
}

async function keepPhotos(fieldset, input) {
  for (const file of input.files) {
    if (file.size > setup.most_bytes) tell(fieldset, fill(words.too_large, { size: megabytes(file.size), limit: words.limit }));
    else if (!["image/jpeg", "image/png", "image/webp"].includes(file.type)) tell(fieldset, words.no_picture);
    else await store.putPhoto({ key: newKey(), question: idOf(fieldset), name: file.name, blob: file, at: Date.now() });
  }
  input.value = "";
  await draw(false);
  soon(SOON);
}

const megabytes = (bytes) => `${(bytes / 1048576).toFixed(1)} MB`;

function tell(fieldset, text) {
  const line = fieldset.querySelector("[data-photo-trouble]");
  line.textContent = text;
  line.hidden = false;
}

function soon(after) {
  clearTimeout(timer);
  timer = setTimeout(send, after);
}

/** Send what waits, one tab at a time; whatever fails is sent again later with the same keys. */
async function send() {
  if (busy) return soon(SOON);
  busy = true;
  try {
    if (navigator.locks) await navigator.locks.request(`portal-visit-${owner}`, () => sendAll());
    else await sendAll();
    state = "saved";
  } catch (trouble) {
    state = trouble.signedOut ? "signed_out" : "waiting";
    soon(AGAIN);
  } finally {
    busy = false;
    await draw(false);
  }
}

async function sendAll() {
  for (;;) {
    let batch = [];
    await store.update((rows) => {
      batch = sendable(rows, BATCH);
      return tried(rows, batch.map((row) => row.key));
    });
    if (!batch.length) break;
    state = "sending";
    await draw(false);
    const body = JSON.stringify({ changes: batch.map(({ key, question, base, values, made_at }) => ({ key, question, base, values, made_at })) });
    const { outcomes } = await posted(setup.changes, body, { "Content-Type": "application/json" });
    await store.update((rows) => settled(rows, outcomes));
    const taken = outcomes.filter((one) => one.state === "taken");
    for (const one of taken) fieldOf(one.question).dataset.version = one.version;
    const known = taken.map(({ question, version, values }) => ({ question, version, values }));
    await store.learn(known);
    await draw(true, taken);
    channel?.postMessage({ settled: known });
  }
  for (const photo of await store.photos()) if (!photo.refused) await sendPhoto(photo);
}

async function sendPhoto(photo) {
  state = "sending";
  await draw(false);
  const body = new FormData();
  body.append("key", photo.key);
  body.append("question", photo.question);
  body.append("file", photo.blob, photo.name);
  const answer = await posted(setup.photos, body);
  const trouble = fieldOf(photo.question).querySelector("[data-photo-trouble]");
  if (answer.later) {
    tell(fieldOf(photo.question), answer.text);
    return soon(AGAIN);
  }
  trouble.hidden = true;
  if (answer.refused) return store.putPhoto({ ...photo, refused: answer.text });
  const known = { question: photo.question, name: photo.name, url: answer.url, at: answer.at };
  await store.learnPhoto(known);
  await store.dropPhoto(photo.key);
  list(known);
}

async function posted(url, body, headers = {}, again = true) {
  const response = await fetch(url, { method: "POST", body, headers: { ...headers, Accept: "application/json", "X-CSRFToken": token } });
  const isJson = response.headers.get("Content-Type")?.includes("json");
  if (isJson && response.ok) return response.json();
  if (isJson && [422, 507].includes(response.status)) return { ...(await response.json()), refused: response.status === 422, later: response.status === 507 };
  // Whoever signed in anew has another token.
  if (again && response.status === 403 && (await renewed())) return posted(url, body, headers, false);
  throw Object.assign(new Error(`${response.status}`), { signedOut: response.redirected || response.status === 403 });
}

async function renewed() {
  const page = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("#visit [name='csrfmiddlewaretoken']")?.value;
  if (fresh) token = fresh;
  return Boolean(fresh);
}

/** Say what waits and what somebody has to look at; `values`: put what waits, and what came through, into the controls too. */
async function draw(values, came = []) {
  const [rows, photos] = [await store.update(), await store.photos()];
  for (const fieldset of form.querySelectorAll("[data-question]")) {
    const last = rows.findLast((row) => row.question === idOf(fieldset));
    const through = came.find((one) => one.question === idOf(fieldset));
    if (values && (last || through)) show(fieldset, last ? last.values : through.values);
    drawTrouble(fieldset, last);
    drawPhotos(fieldset, photos.filter((photo) => photo.question === idOf(fieldset)));
  }
  counted((fieldset) => isAnswered(read(fieldset)));
  pending = rows.filter((row) => !row.refused).length + photos.filter((photo) => !photo.refused).length;
  const waiting = rows.filter((row) => !row.refused && !row.conflict).length + photos.filter((photo) => !photo.refused).length;
  const conflict = rows.some((row) => row.conflict);
  const text = waiting ? fill(words[state === "saved" ? "sending" : state], { n: waiting }) : conflict ? words.conflict : words.saved;
  if (status.textContent !== text) status.textContent = text;
  status.dataset.state = waiting ? state : conflict ? "conflict" : "saved";
}

function drawTrouble(fieldset, row) {
  const box = fieldset.querySelector("[data-trouble]");
  const sign = row?.conflict ? JSON.stringify([row.conflict, row.values]) : row?.refused ?? "";
  if (box.dataset.sign === sign) return;
  box.dataset.sign = sign;
  box.replaceChildren();
  box.hidden = !sign;
  if (!sign) return;
  const text = row.conflict?.text ?? row.refused;
  box.append(icon("over"), Object.assign(document.createElement("div"), { className: "stack" }));
  const inner = box.lastChild;
  inner.append(line(text));
  const id = row.question;
  if (row.conflict) {
    inner.append(line(`${words.theirs} ${said(fieldset, row.conflict.values, words)}`), line(`${words.yours} ${said(fieldset, row.values, words)}`));
    inner.append(buttons([words.keep_mine, () => store.update((rows) => insisted(rows, id, newKey()))], [words.take_theirs, () => take(fieldset, row.conflict)]));
  } else inner.append(buttons([words.discard, () => store.update((rows) => dropped(rows, id))]));
}

async function take(fieldset, theirs) {
  await store.update((rows) => dropped(rows, idOf(fieldset)));
  fieldset.dataset.version = theirs.version;
  show(fieldset, theirs.values);
}

function line(text) {
  return Object.assign(document.createElement("p"), { textContent: text });
}

function buttons(...pairs) {
  const row = Object.assign(document.createElement("div"), { className: "row" });
  for (const [label, act] of pairs) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: label });
    button.addEventListener("click", async () => {
      await act();
      await draw(false);
      channel?.postMessage({});
      send();
    });
    row.append(button);
  }
  return row;
}

function drawPhotos(fieldset, photos) {
  const list = fieldset.querySelector("[data-photos-waiting]");
  list.replaceChildren(...photos.map((photo) => {
    const item = document.createElement("li");
    item.append(`${photo.refused ?? words.photo_waits} · ${photo.name} `, ...(photo.refused ? [buttons([words.remove, () => store.dropPhoto(photo.key)])] : []));
    return item;
  }));
}
