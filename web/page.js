/* Folds that are only for phones, menus that close again, frames that the keyboard can move. Without this script folds and
   menus open and close by hand. */
(() => {
  "use strict";

  const wide = matchMedia("(min-width: 60rem)");
  const folds = document.querySelectorAll("details.on-phone");
  const follow = () => folds.forEach((fold) => (fold.open = wide.matches));
  wide.addEventListener("change", follow);
  follow();

  const frames = document.querySelectorAll("pre, .scroll");
  const reach = () =>
    frames.forEach((one) => (one.scrollWidth > one.clientWidth ? (one.tabIndex = 0) : one.removeAttribute("tabindex")));
  addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  reach();

  const close = (menus) => menus.forEach((menu) => (menu.open = false));
  const opened = () => [...document.querySelectorAll("details.menu[open]")];
  document.addEventListener("click", (event) => close(opened().filter((menu) => !menu.contains(event.target))));
  document.addEventListener("focusin", (event) => close(opened().filter((menu) => !menu.contains(event.target))));
  document.addEventListener("keydown", (event) => {
    const [menu] = opened();
    if (event.key !== "Escape" || !menu) return;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    close([menu]);
  });
})();
