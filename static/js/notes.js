// Notes that several people write at once: saved as they are typed, and what others saved is taken in. Without script the form saves by its button.
// A save whose answer was lost may have come through: just that text is sent again before what was typed since, or its lines would stand twice.
// A save says from which version it began; the server merges. What comes back as `own` is just what was sent: whoever typed on meanwhile goes on from there.
const PAUSE = 700;
const AGAIN = 4000;
const NEWS = 4000;
const notes = new Map();

class Note {
  constructor(form) {
    this.form = form;
    this.box = form.elements.text;
    this.base = Number(form.elements.base.value);
    this.saved = this.box.value;
    this.unanswered = null;
    this.state = form.querySelector(".note-state");
    this.timer = 0;
    this.sending = false;
    this.box.addEventListener("input", () => this.later(PAUSE));
    this.box.addEventListener("blur", () => this.dirty && this.later(0));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.save(); });
  }

  get dirty() { return this.unanswered !== null || this.box.value !== this.saved; }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  async save(keepalive = false) {
    if (this.sending || !this.dirty) return;
    this.sending = true;
    const sent = keepalive ? this.box.value : this.unanswered ?? this.box.value;
    this.say(this.form.dataset.saving);
    try {
      const response = await fetch(this.form.action, { method: "POST", body: this.body(sent), keepalive, headers: { Accept: "application/json" } });
      const answer = await response.json();
      this.unanswered = null;
      if (response.ok) this.took(answer, sent);
      else this.say(answer.error);
    } catch {
      this.unanswered ??= sent;
      this.say(this.form.dataset.failed);
      this.later(AGAIN);
    } finally {
      this.sending = false;
    }
  }

  body(text) {
    const data = new FormData(this.form);
    data.set("base", this.base);
    data.set("text", text);
    return data;
  }

  took(answer, sent) {
    if (this.box.value === sent) {
      this.take(answer.version, answer.text);
    } else {
      this.base = answer.own;
      this.saved = sent;
      this.later(PAUSE);
    }
    this.say(answer.conflict || this.form.dataset.saved);
  }

  // Another text in the box, with the cursor where it was in its own lines.
  take(version, text) {
    this.base = version;
    this.saved = text;
    if (this.box.value === text) return;
    const { selectionStart: at, value } = this.box;
    const after = value.slice(at);
    this.box.value = text;
    if (document.activeElement === this.box) {
      const place = text.endsWith(after) ? text.length - after.length : Math.min(at, text.length);
      this.box.setSelectionRange(place, place);
    }
  }

  say(text) { this.state.textContent = text ?? ""; }
}

function prepare(list) {
  for (const form of list.querySelectorAll("form[data-note]")) notes.set(form.dataset.note, new Note(form));
  setInterval(() => news(list.dataset.notes), NEWS);
}

async function news(address) {
  if (document.hidden) return;
  try {
    const answer = await (await fetch(address, { headers: { Accept: "application/json" } })).json();
    for (const [id, now] of Object.entries(answer.items)) {
      const note = notes.get(id);
      if (note && !note.dirty && !note.sending && now.version > note.base) note.take(now.version, now.text);
    }
  } catch {
    // The next time.
  }
}

const list = document.querySelector("[data-notes]");
if (list) {
  prepare(list);
  addEventListener("pagehide", () => notes.forEach((note) => note.save(true)));
  addEventListener("beforeunload", (event) => { if ([...notes.values()].some((note) => note.dirty)) event.preventDefault(); });
}
