// Gives the page of a visit back when it is loaded anew without a line. Network first: what was kept is shown only when nothing answers.
// Its scope is the one page that registered it; it keeps that page and the portal's own static files, nothing else.
const CACHE = "portal-visit";
const PAGE = new URL(self.registration.scope).pathname;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const isPage = request.mode === "navigate" && pathname === PAGE;
  if (request.method === "GET" && origin === self.location.origin && (isPage || pathname.startsWith("/static/"))) {
    event.respondWith(fresh(request, isPage ? PAGE : request.url));
  }
});

async function fresh(request, key) {
  // The page begins and ends it; a worker that lives on for a moment makes no other.
  const cache = (await caches.has(CACHE)) ? await caches.open(CACHE) : null;
  if (!cache) return fetch(request);
  try {
    const response = await fetch(request);
    // Signed out, sent in, or gone: the page that was kept is not to be seen any more.
    if (response.ok) await cache.put(key, response.clone());
    else if (key === PAGE) await cache.delete(PAGE);
    return response;
  } catch (trouble) {
    const kept = await cache.match(key, { ignoreVary: true });
    if (kept) return kept;
    throw trouble;
  }
}
