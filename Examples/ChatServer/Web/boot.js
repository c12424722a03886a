// SPDX-License-Identifier: MIT

// Before the page is drawn: a theme that was chosen must not flash in as the other one.
(() => {
  const theme = localStorage.getItem("chat.theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
})();
