// Keeps the page of a visit in this browser, so that a reload without a line shows it; until the visit is sent in or somebody signs out.
import { forgetKnown } from "./visit_store.js";

const CACHE = "portal-visit";

/** Register the worker for this page, and keep what it was made of. A browser that keeps nothing goes on without. */
export async function keepPage(worker) {
  try {
    const controlled = Boolean(navigator.serviceWorker.controller);
    await navigator.serviceWorker.register(worker, { scope: location.pathname });
    if (!controlled) await keep(await caches.open(CACHE));
  } catch {
    // Without HTTPS, in a private window, or without room: what was typed is kept all the same.
  }
}

/** The visit is over, or its reader leaves: nothing of the page stays, nor of its answers but those that are to be sent. */
export async function forgetPage() {
  try {
    await forgetKnown();
  } catch {
    // This browser has no store.
  }
  try {
    await caches.delete(CACHE);
    for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
  } catch {
    // Nothing was kept.
  }
}

async function keep(cache) {
  const isOwn = (address) => address.startsWith(`${location.origin}/static/`);
  const parts = performance.getEntriesByType("resource").map((entry) => entry.name).filter(isOwn);
  const page = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!page.ok || page.redirected) return;
  await Promise.all([cache.put(location.pathname, page), ...[...new Set(parts)].map((address) => cache.add(address))]);
}
