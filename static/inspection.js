// An inspection on site, with a bad connection. What is typed is put into the browser's own store
// (IndexedDB) at once, sent when the network is there, and taken out only when it has arrived. Each
// answer has a key made here: sent twice it is one. Each names the answer that it replaces: what
// another tablet wrote meanwhile is shown, and somebody chooses.
"use strict";

(() => {
  const page = document.querySelector("[data-site]");
  if (!page) return;
  const { pk, owner, answersAt, photosAt, workerAt } = page.dataset;
  const made = Number(page.dataset.made);
  const maxBytes = Number(page.dataset.maxBytes);
  const bar = document.querySelector("[data-state]");
  const standing = JSON.parse(document.getElementById("standing").textContent);
  const EVERY = 15_000; // tries to send again
  const TIMEOUT = 20_000;
  const WIDE = 1600; // a photo's longer side, in points: labels can be read, 400 KB are sent
  let token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  let sending = false;
  let again = false;
  let trouble = "";

  function newKey() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const some = crypto.getRandomValues(new Uint8Array(16)); // a portal without TLS has no randomUUID
    some[6] = (some[6] & 15) | 64;
    some[8] = (some[8] & 63) | 128;
    const hex = [...some].map((one) => one.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  // The store: `answers` by item, `photos` by key, `known` what the portal said stands.
  const opened = new Promise((done, lost) => {
    const asked = indexedDB.open(`hezuo-site-${owner}-${pk}`, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("answers", { keyPath: "item" });
      asked.result.createObjectStore("photos", { keyPath: "key" });
      asked.result.createObjectStore("known", { keyPath: "item" });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => lost(asked.error);
  });
  async function store(name, mode, act) {
    const deal = (await opened).transaction(name, mode);
    const asked = act(deal.objectStore(name));
    return new Promise((done, lost) => {
      deal.oncomplete = () => done(asked && asked.result);
      deal.onerror = deal.onabort = () => lost(deal.error);
    });
  }
  const all = (name) => store(name, "readonly", (rows) => rows.getAll());
  const get = (name, key) => store(name, "readonly", (rows) => rows.get(key));
  const put = (name, row) => store(name, "readwrite", (rows) => rows.put(row));
  const remove = (name, key) => store(name, "readwrite", (rows) => rows.delete(key));
  // What waits of an item, read and changed in one go, so that nothing is typed between the two:
  // `change` gives the row as it is to be, null to take it out, undefined to leave it.
  async function alter(item, change) {
    let made;
    await store("answers", "readwrite", (rows) => {
      const asked = rows.get(item);
      asked.onsuccess = () => {
        made = change(asked.result);
        if (made === null) rows.delete(item);
        else if (made) rows.put(made);
      };
    });
    return made;
  }

  const box = (item) => document.querySelector(`[data-item="${item}"]`);
  function shown(item) {
    const at = box(item);
    const typed = at.querySelector("[data-value]:not([type=radio])");
    const value = typed ? (at.querySelector("[data-none]:checked") ? "none" : typed.value) : (at.querySelector("[data-value]:checked") || { value: "" }).value;
    return { value, note: at.querySelector("[data-note]").value.trim() };
  }
  function show(item, { value, note }) {
    const at = box(item);
    if (!at) return;
    const typed = at.querySelector("[data-value]:not([type=radio])");
    const none = at.querySelector("[data-none]");
    if (typed) {
      typed.value = value === "none" ? "" : value;
      if (none) none.checked = value === "none";
    } else {
      at.querySelectorAll("[data-value]").forEach((one) => (one.checked = one.value === value));
    }
    at.querySelector("[data-note]").value = note || "";
  }
  function mark(item, state, words = "") {
    const at = box(item);
    if (!at) return;
    at.dataset.state = state;
    at.querySelector("[data-said]").textContent = words;
    at.querySelector("[data-choice]").hidden = state !== "conflict";
  }
  function markKept(row) {
    mark(row.item, row.present ? "conflict" : row.refused ? "refused" : "kept", row.refused || (row.present ? "另一台平板填的不一样" : "已保存在本机"));
  }

  async function typed(item) {
    const made = await alter(item, (before) => {
      const now = shown(item);
      const stands = standing[item];
      if (!now.value || (!before && stands && stands.value === now.value && stands.note === now.note)) return undefined;
      const base = before ? before.base : stands ? stands.key : "";
      const sent = before ? [...before.sent] : [];
      return { item, base, sent, key: newKey(), ...now, typed_at: new Date().toISOString() };
    });
    if (!made) return;
    mark(item, "kept", "已保存在本机");
    count();
    send();
  }

  function count() {
    const items = [...document.querySelectorAll("[data-item]")];
    const filled = items.filter((one) => shown(one.dataset.item).value).length;
    document.querySelector("[data-filled]").textContent = filled;
  }

  async function tell() {
    const [answers, photos] = [await all("answers"), await all("photos")];
    const choices = answers.filter((one) => one.present).length;
    const refused = answers.filter((one) => one.refused).length + photos.filter((one) => one.refused).length;
    const waiting = answers.length + photos.length - choices - refused;
    const parts = [];
    if (choices) parts.push(`有 ${choices} 项与另一台平板填的不一致，请选择用哪一个`);
    if (refused) parts.push(`有 ${refused} 项没有被接收，请看红字改正`);
    if (waiting) parts.push(trouble || (sending ? `正在送出 ${waiting} 项…` : `已保存在本机 ${waiting} 项，等待网络`));
    bar.textContent = parts.join("；") || "已全部送达";
    bar.dataset.state = choices || refused ? "bad" : waiting ? "wait" : "good";
    document.querySelectorAll("[data-finish]").forEach((one) => (one.disabled = answers.length + photos.length > 0));
    return waiting;
  }

  async function ask(address, body, headers = {}) {
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), TIMEOUT);
    try {
      // As htmx asks: who is no longer signed in hears so, and is sent nowhere.
      const all = { "X-CSRFToken": token, "HX-Request": "true", ...headers };
      return await fetch(address, { method: "POST", headers: all, body, signal: stop.signal, redirect: "manual" });
    } finally {
      clearTimeout(clock);
    }
  }
  async function askTwice(address, body, headers) {
    let answer = await ask(address, body, headers);
    if (answer.status === 403) {
      // Signed in anew in another window: the page's token is an old one.
      const text = await (await fetch(location.href)).text();
      const fresh = new DOMParser().parseFromString(text, "text/html").body;
      const whose = fresh.querySelector("[data-site]");
      // Signed in, but as another, or where nothing is filled in any more: what waits is not theirs.
      if (fresh.dataset.idle && (!whose || whose.dataset.owner !== owner)) throw new Error("another");
      const found = fresh.getAttribute("hx-headers");
      if (found) token = JSON.parse(found)["X-CSRFToken"];
      keepPage(); // the end of the sign-in took it away
      answer = await ask(address, body, headers);
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") throw new Error("signed out");
    if (answer.status >= 500) throw new TypeError("the portal is not well");
    return answer.json();
  }

  async function sendAnswers() {
    const waiting = (await all("answers")).filter((one) => !one.present && !one.refused);
    if (!waiting.length) return;
    for (const one of waiting) {
      // Its key is known before the portal can have it.
      await alter(one.item, (now) => (now && now.key === one.key && !now.sent.includes(one.key) ? { ...now, sent: [...now.sent, one.key] } : undefined));
    }
    const body = JSON.stringify(waiting.map(({ item, key, base, value, note, typed_at }) => ({ item, key, base, value, note, typed_at })));
    const told = await askTwice(answersAt, body, { "Content-Type": "application/json" });
    if (told.refused) {
      trouble = told.refused;
      return;
    }
    for (const one of told.taken) await arrived(one);
  }
  async function arrived(one) {
    if (!(await get("answers", one.item))) return;
    if (one.present) await known(one.item, one.present);
    let outcome = "";
    await alter(one.item, (now) => {
      if (!now) return undefined;
      const isSame = now.key === one.key;
      const isMine = one.present && now.sent.includes(one.present.key);
      const isTaken = one.state === "kept" || one.state === "same";
      if (isTaken && isSame) {
        outcome = "sent";
        return null;
      }
      // Typed on while it was under way, or an answer of ours whose arrival we did not hear of.
      if (isTaken || (one.state === "conflict" && isMine && now.key !== one.present.key)) {
        outcome = "again";
        return { ...now, base: one.present.key };
      }
      if (one.state === "conflict") {
        outcome = "conflict";
        return { ...now, present: one.present };
      }
      if (!isSame) return undefined;
      outcome = "refused";
      return { ...now, refused: one.words };
    });
    if (outcome === "again") again = true;
    else if (outcome) mark(one.item, outcome, outcome === "sent" ? "已送达" : one.words);
  }
  async function known(item, present) {
    standing[item] = present;
    await put("known", { item, ...present });
  }

  async function sendPhotos() {
    for (const one of (await all("photos")).filter((photo) => !photo.refused)) {
      const form = new FormData();
      form.append("key", one.key);
      form.append("item", one.item);
      form.append("file", one.blob, "photo.jpg");
      const told = await askTwice(photosAt, form);
      if (told.refused) {
        await put("photos", { ...one, refused: told.refused });
        refuse(one.item, one.key, told.refused);
      } else {
        await remove("photos", one.key);
        const picture = photo(one.key);
        if (picture) picture.classList.remove("hz-waits");
      }
      await tell();
    }
  }

  async function send() {
    if (sending) {
      again = true;
      await tell();
      return;
    }
    sending = true;
    trouble = "";
    try {
      do {
        again = false;
        await tell();
        await sendAnswers();
        await sendPhotos();
      } while (again);
    } catch (lost) {
      if (lost.message === "signed out") {
        trouble = "登录已结束，已填的都保存在本机；请在本机另开窗口登录，再回到本页";
        await forgetPages();
      }
      if (lost.message === "another") trouble = "没有送出：现在登录的不是填写人，或这次检查已结束；已填的都保存在本机，请填写人登录后再回到本页";
    } finally {
      sending = false;
      await tell();
    }
  }

  // A photo is made smaller, which also leaves out where it was taken.
  async function smaller(file) {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, WIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
  }
  const photo = (key) => document.querySelector(`[data-photo="${key}"]`);
  function preview({ item, key, blob, refused }) {
    const at = box(item);
    if (!at || photo(key)) return;
    const picture = document.createElement("img");
    picture.alt = "照片";
    picture.height = 72;
    picture.className = "hz-waits";
    picture.dataset.photo = key;
    at.querySelector("[data-photos]").append(picture);
    const reader = new FileReader();
    reader.onload = () => (picture.src = reader.result);
    reader.readAsDataURL(blob);
    if (refused) refuse(item, key, refused);
  }
  // Only who took it takes a photo away that is not accepted: until then the visit is not finished.
  function refuse(item, key, words) {
    mark(item, "refused", words);
    const picture = photo(key);
    if (!picture) return;
    picture.title = words;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-danger";
    button.dataset.drop = key;
    button.textContent = "去掉";
    picture.after(button);
  }
  async function drop(button) {
    const item = button.closest("[data-item]").dataset.item;
    await remove("photos", button.dataset.drop);
    photo(button.dataset.drop).remove();
    button.remove();
    const other = (await all("photos")).find((one) => one.item === item && one.refused);
    const row = await get("answers", item);
    if (other) mark(item, "refused", other.refused);
    else if (row) markKept(row);
    else mark(item, standing[item] ? "sent" : "");
    await tell();
  }
  async function taken(input) {
    const item = input.closest("[data-item]").dataset.item;
    for (const file of [...input.files]) {
      let blob = null;
      try {
        blob = await smaller(file);
      } catch {
        mark(item, "refused", "这张照片的格式不能用，请用相机拍成 JPEG");
        continue;
      }
      if (!blob || blob.size > maxBytes) {
        mark(item, "refused", `照片不超过 ${Math.floor(maxBytes / 1024 / 1024)} MB`);
        continue;
      }
      const row = { key: newKey(), item, blob };
      await put("photos", row);
      preview(row);
    }
    input.value = "";
    await tell();
    send();
  }

  async function choose(item, whose) {
    const row = await get("answers", item);
    if (!row || !row.present) return;
    if (whose === "mine") {
      const { present, ...rest } = row;
      await put("answers", { ...rest, base: present.key, key: newKey() });
      mark(item, "kept", "已保存在本机");
      send();
    } else {
      await remove("answers", item);
      show(item, row.present);
      mark(item, "sent", "已采用另一台平板填的");
      count();
      await tell();
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-camera]")) {
      taken(event.target);
      return;
    }
    const at = event.target.closest("[data-item]");
    if (!at) return;
    if (event.target.matches("[data-none]") && event.target.checked) at.querySelector("[data-value]").value = "";
    if (event.target.matches("[data-value]:not([type=radio])") && event.target.value) {
      const none = at.querySelector("[data-none]");
      if (none) none.checked = false;
    }
    typed(at.dataset.item);
  });
  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-choose]");
    if (asked) choose(asked.closest("[data-item]").dataset.item, asked.dataset.choose);
    const button = event.target.closest("[data-drop]");
    if (button) drop(button);
  });
  window.addEventListener("online", send);
  setInterval(send, EVERY);

  // What waits in this browser stands on the page again, also after it was opened without a network.
  async function begin() {
    document.querySelectorAll("[data-plain]").forEach((one) => (one.hidden = true));
    document.querySelectorAll("[data-scripted]").forEach((one) => (one.hidden = false));
    for (const { item, ...present } of await all("known")) {
      if (present.at >= made && box(item)) {
        standing[item] = present;
        show(item, present);
        mark(item, "sent", "已送达");
      } else {
        await remove("known", item);
      }
    }
    for (const row of await all("answers")) {
      show(row.item, row);
      markKept(row);
    }
    for (const row of await all("photos")) preview(row);
    count();
    await keepPage();
    await tell();
    send();
  }
  const forgetPages = async () => window.caches && caches.delete("hezuo-site-1"); // there is none without TLS
  async function keepPage() {
    const hint = document.querySelector("[data-offline]");
    if (!("serviceWorker" in navigator)) {
      hint.textContent = "没有网络时本页不能重新打开，请不要关闭；已填的保存在本机";
      return;
    }
    try {
      await navigator.serviceWorker.register(workerAt);
      const { active } = await navigator.serviceWorker.ready;
      const parts = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((one) => one.href || one.src);
      if (navigator.onLine) active.postMessage({ keep: [location.href, ...parts] });
      hint.textContent = "没有网络也能填写和重新打开本页";
    } catch {
      if (navigator.onLine) hint.textContent = "没有网络时本页不能重新打开，请不要关闭；已填的保存在本机";
    }
  }
  begin().catch(() => {
    bar.textContent = "这个浏览器不能在本机保存，请逐页点“保存”";
    document.querySelectorAll("[data-plain]").forEach((one) => (one.hidden = false));
  });
})();
