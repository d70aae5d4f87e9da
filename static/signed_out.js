// Nobody is signed in here any more: the next at this machine finds no page of an inspection kept.
// What was typed and has not arrived stays in its store, for who typed it.
"use strict";

if (window.caches) caches.delete("hezuo-site-1");
