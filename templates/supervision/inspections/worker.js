// Keeps the pages of inspections on site, and what they are made of, so that they open again in a
// clinic without a network. What the network gives comes first; nothing else is kept. A page goes
// when the visit is finished or the portal no longer gives it, all of them with the sign-in's end.
"use strict";

const KEPT = "hezuo-site-1";
const PAGE = /\/inspections\/site\/\d+$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// A page that was open before there was a worker asks for itself to be kept.
self.addEventListener("message", (event) => {
  const { keep } = event.data || {};
  event.waitUntil(
    caches.open(KEPT).then(async (cache) => {
      for (const address of keep || []) {
        const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
        if (answer && answer.ok && !answer.redirected) await cache.put(address, answer);
      }
    }),
  );
});

async function first(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected && answer.type === "basic") await cache.put(request.url, answer.clone());
    else if (answer.status < 500) await cache.delete(request.url); // sent on, signed out, or not theirs
    return answer;
  } catch (lost) {
    const kept = await cache.match(request.url);
    if (kept) return kept;
    throw lost;
  }
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  const page = address.href.replace(/\/finish$/, "");
  if (event.request.method === "POST" && page !== address.href) event.waitUntil(caches.open(KEPT).then((cache) => cache.delete(page)));
  const isOurs = address.origin === location.origin && event.request.method === "GET";
  if (isOurs && (PAGE.test(address.pathname) || address.pathname.startsWith("/static/"))) event.respondWith(first(event.request));
});
