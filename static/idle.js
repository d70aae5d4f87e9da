// A session in which nobody works is ended by the server. Here: who types goes on working, and two
// minutes before the end the page says so. All windows of the browser know of each other's work.
"use strict";

(() => {
  const limit = Number(document.body.dataset.idle) * 1000;
  const address = document.body.dataset.stillHere;
  if (!limit || !address) return;
  const WARN = Math.min(120_000, limit / 3);
  // Typing is told to the server at most so often.
  const EVERY = Math.min(300_000, limit / 4);
  const KEY = "hezuo-seen";
  const tell = () => localStorage.setItem(KEY, String(Date.now()));
  const seen = () => Number(localStorage.getItem(KEY)) || Date.now();
  let bar = null;

  async function stay() {
    tell(); // not once more while the answer is awaited
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    try {
      const headers = { "X-CSRFToken": token };
      const answer = await fetch(address, { method: "POST", headers, redirect: "manual" });
      if (!answer.ok) return warn("登录已结束：请在另一个窗口登录后再保存，本页填写的内容先不要关闭。");
      hide();
    } catch {
      localStorage.setItem(KEY, String(Date.now() - EVERY)); // the server is away: try again soon
    }
  }

  function hide() {
    if (bar) bar.remove();
    bar = null;
  }

  function warn(text, button) {
    hide();
    bar = document.createElement("div");
    bar.className = "alert alert-warning hz-idlebar hz-noprint";
    bar.setAttribute("role", "alert");
    bar.append(text);
    if (button) {
      const stays = document.createElement("button");
      stays.type = "button";
      stays.className = "btn btn-primary btn-sm";
      stays.textContent = "继续工作";
      stays.addEventListener("click", stay);
      bar.append(" ", stays);
    }
    document.body.append(bar);
  }

  tell();
  document.addEventListener("htmx:afterRequest", (event) => {
    const headers = event.detail.requestConfig ? event.detail.requestConfig.headers : {};
    if (!headers["X-By-Itself"]) tell();
  });
  for (const kind of ["input", "keydown"]) {
    document.addEventListener(kind, () => {
      if (Date.now() - seen() >= EVERY) stay();
    });
  }
  setInterval(() => {
    const left = limit - (Date.now() - seen());
    if (left <= 0) {
      if (bar) warn("登录已因长时间没有操作而结束：请在另一个窗口登录后再保存，本页先不要关闭。");
    } else if (left <= WARN) {
      if (!bar) warn("长时间没有操作，两分钟内将自动退出登录，未保存的内容请先保存。", true);
    } else {
      hide();
    }
  }, Math.min(5_000, WARN / 4));
})();
