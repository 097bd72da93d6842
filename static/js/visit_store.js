// Where changes and photos of a visit wait for the line: in this browser's IndexedDB, by user and visit; in memory where it has none.
const NAME = "portal-visits";

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const over = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = transaction.onerror = () => reject(transaction.error);
});

function opened() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("changes", { keyPath: "owner" });
    request.result.createObjectStore("photos", { keyPath: "key" }).createIndex("owner", "owner");
  };
  return done(request);
}

class Kept {
  constructor(database, owner) {
    Object.assign(this, { database, owner, learnt: `${owner}:known`, lasts: true });
  }

  /** Rows before and after `change(rows)`, in one transaction: two tabs do not write over each other. */
  async update(change = (rows) => rows) {
    const transaction = this.database.transaction("changes", "readwrite");
    const store = transaction.objectStore("changes");
    const before = (await done(store.get(this.owner)))?.rows ?? [];
    const rows = change(before);
    store.put({ owner: this.owner, rows });
    await over(transaction);
    return rows;
  }

  /** Answers as the server had them last, by question: [{question, version, values}]. */
  async known() {
    const store = this.database.transaction("changes").objectStore("changes");
    return (await done(store.get(this.learnt)))?.rows ?? [];
  }

  async learn(answers) {
    const transaction = this.database.transaction("changes", "readwrite");
    const store = transaction.objectStore("changes");
    const before = await done(store.get(this.learnt));
    const others = (before?.rows ?? []).filter((row) => !answers.some((one) => one.question === row.question));
    store.put({ ...before, owner: this.learnt, rows: [...others, ...answers] });
    await over(transaction);
  }

  /** Photos that came through from here, oldest first: [{question, name, url, at}], `at` by the server's clock. */
  async kept() {
    const store = this.database.transaction("changes").objectStore("changes");
    return (await done(store.get(this.learnt)))?.photos ?? [];
  }

  async learnPhoto(photo) {
    const transaction = this.database.transaction("changes", "readwrite");
    const store = transaction.objectStore("changes");
    const before = await done(store.get(this.learnt));
    store.put({ rows: [], ...before, owner: this.learnt, photos: [...(before?.photos ?? []), photo] });
    await over(transaction);
  }

  async photos() {
    const store = this.database.transaction("photos").objectStore("photos");
    return (await done(store.index("owner").getAll(this.owner))).sort((a, b) => a.at - b.at);
  }

  async putPhoto(photo) {
    const transaction = this.database.transaction("photos", "readwrite");
    transaction.objectStore("photos").put({ ...photo, owner: this.owner });
    await over(transaction);
  }

  async dropPhoto(key) {
    const transaction = this.database.transaction("photos", "readwrite");
    transaction.objectStore("photos").delete(key);
    await over(transaction);
  }
}

/** Answers as the server had them go from this browser; changes that it did not get stay. */
export async function forgetKnown() {
  const transaction = (await opened()).transaction("changes", "readwrite");
  const store = transaction.objectStore("changes");
  for (const key of await done(store.getAllKeys())) if (key.endsWith(":known")) store.delete(key);
  await over(transaction);
}

class Remembered {
  rows = [];
  pictures = new Map();
  lasts = false;

  async update(change = (rows) => rows) { return (this.rows = change(this.rows)); }
  async known() { return []; }
  async learn() {}
  async kept() { return []; }
  async learnPhoto() {}
  async photos() { return [...this.pictures.values()]; }
  async putPhoto(photo) { this.pictures.set(photo.key, photo); }
  async dropPhoto(key) { this.pictures.delete(key); }
}

/** The store of one user's visit. */
export async function storeOf(owner) {
  try {
    const store = new Kept(await opened(), owner);
    await store.update();
    navigator.storage?.persist?.();
    return store;
  } catch {
    return new Remembered();
  }
}

/** A key that no other change has; also where the page came over plain HTTP. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
