// Comfort only: everything works without this file. It keeps nothing on the device: what it knows
// lives in memory and is gone with the page.
"use strict";
(() => {
  const IDLE_WARNING = 13 * 60e3, IDLE_END = 15 * 60e3;
  const trail = [];          // the steps behind us, so that the browser's back finds them
  let at = 0, touched = Date.now(), unsent = false, sending = false, leaving = false;

  const form = () => document.getElementById("answers");
  const carried = (name) => form()?.querySelector(`input[type=hidden][name=${name}]`)?.value;
  const isShared = () => Boolean(carried("step")) && new FormData(form()).get("shared") === "yes";

  // A link from a slip brings the code behind "#", which the browser never sends to any server.
  function takeCode() {
    const field = document.getElementById("code"), code = decodeURIComponent(location.hash.slice(1)).trim();
    if (!field || !code || code === "main" || code === "code") return;
    field.value = code;
    const shared = document.getElementById("shared");
    if (shared) shared.value = "";  // a device of one's own
    history.replaceState(null, "", location.pathname);
    form().requestSubmit();
  }

  // The entry of a page that came by POST would offer to send code and answers again: make it a plain one.
  function forgetRequest() {
    const address = document.querySelector("form[data-address]")?.dataset.address;
    if (address) history.replaceState({ at: 0 }, "", address);
    trail[0] = carried("step");
  }

  function show(text, target) {
    const page = new DOMParser().parseFromString(text, "text/html");
    document.documentElement.lang = page.documentElement.lang;
    document.title = page.title;
    document.body.replaceChildren(...page.body.childNodes);
    window.scrollTo(0, 0);
    const question = target && document.getElementById(target);
    const first = question || document.querySelector("[autofocus]") || document.querySelector("h1");
    first.tabIndex = -1;
    first.focus({ preventScroll: !question });
  }

  // Whoever leaves this page while nothing answers leaves the answers behind: so stay, and say so.
  function tell(away) {
    const warning = document.getElementById("no-connection");
    if (warning) warning.hidden = !away;
  }

  // A proxy before a service that is down answers in the service's place; its page knows of no answers.
  const isAway = (answer) => [502, 504].includes(answer.status);

  async function isThere() {
    try {
      return !isAway(await fetch("/healthz", { cache: "no-store" }));
    } catch {
      return false;
    }
  }

  async function sendOnceThere(button) {
    if (await isThere()) {
      unsent = false;
      sending = true;
      form().requestSubmit(button);
    } else {
      tell(true);
    }
  }

  async function turn(address, go, moving) {
    const body = new URLSearchParams(new FormData(form()));
    const [path, target] = address.split("#");
    body.set("go", go);
    try {
      const answer = await fetch(path, { method: "POST", body, redirect: "error", cache: "no-store" });
      if (isAway(answer)) throw new Error("away");
      show(await answer.text(), target);
    } catch {
      tell(true);
      return;
    }
    if (moving && carried("step") !== trail[at]) {
      trail.length = ++at;
      trail[at] = carried("step");
      history.pushState({ at }, "", path);
    } else {
      trail[at] = carried("step");
      history.replaceState({ at }, "", path);
    }
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter, address = button?.getAttribute("formaction") || event.target.getAttribute("action");
    if (event.target !== form() || !carried("step") || sending || event.defaultPrevented) {
      leaving = !event.defaultPrevented;
      unsent = sending = false;
      return;
    }
    event.preventDefault();
    tell(false);
    if (/\/(send|feedback)$/.test(address)) {
      sendOnceThere(button);
      return;
    }
    unsent = true;
    turn(address, button ? button.value : "next", true);
  });

  window.addEventListener("popstate", (event) => {
    if (!event.state || !carried("step")) return;
    at = event.state.at;
    turn(form().getAttribute("action"), trail[at] || "stay", false);
  });

  // A page that the browser kept for "back" is asked for anew.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = true;
    location.replace(location.pathname);
  });

  // Nothing is kept on the device, so a reload would begin anew: ask the server for the same page instead.
  document.addEventListener("keydown", (event) => {
    const reload = event.key === "F5" || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "r");
    if (!reload || !carried("step")) return;
    event.preventDefault();
    turn(form().getAttribute("action"), "stay", false);
  });

  document.addEventListener("change", (event) => { if (event.target.type === "radio") unsent = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && (isShared() || (unsent && form()))) event.preventDefault();
  });

  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => {
      touched = Date.now();
      const warning = document.getElementById("time-warning");
      if (warning) warning.hidden = true;
    });
  }
  setInterval(() => {
    if (!isShared()) return;
    const idle = Date.now() - touched, warning = document.getElementById("time-warning");
    if (idle >= IDLE_END) {
      leaving = true;
      location.replace(`/${document.documentElement.lang}/ended`);
    } else if (warning && idle >= IDLE_WARNING) {
      warning.hidden = false;
    }
  }, 5e3);

  window.addEventListener("hashchange", takeCode);
  takeCode();
  forgetRequest();
})();
