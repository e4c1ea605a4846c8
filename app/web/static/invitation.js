// A link from a letter brings the one-time code behind "#", which the browser never sends to any server.
// Without this file the code is typed.
"use strict";
(() => {
  const field = document.getElementById("code"), code = decodeURIComponent(location.hash.slice(1)).trim();
  if (!field || !code || document.getElementById(code)) return;
  field.value = code;
  history.replaceState(null, "", location.pathname + location.search);
  document.getElementById("password")?.focus();
})();
