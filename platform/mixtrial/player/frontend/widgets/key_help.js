/** Effects of the keys, for those who open the list, and a switch for them (WCAG 2.1.4). */

import { element, letterOf } from "./elements.js";

const SWITCH = "mixtrial-keys";

/** Whether keys that stand for a sign may be used; this browser remembers it. */
export function areKeysOn() {
  try {
    return localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true; // a browser that keeps nothing
  }
}

/** @param {boolean} areOn */
function switchKeys(areOn) {
  try {
    localStorage.setItem(SWITCH, areOn ? "on" : "off");
  } catch {
    // it cannot be remembered, so that they stay on
  }
}

/**
 * @param {Record<string, string>} texts
 * @param {import("./names.js").Names} names
 * @param {boolean} isChoice  an answer is chosen instead of a slider moved
 */
export function keyHelp(texts, names, isChoice) {
  const last = letterOf(names.nRated - 1);
  const letters = names.nRated === 1 ? "A, 1" : `A – ${last}, 1 – ${names.nRated}`;
  const rows = [
    [names.kinds.includes("x") ? `${letters}, X` : letters, texts.key_choose],
    [texts.key_name_space, texts.key_play],
    [texts.key_name_shift_space, texts.key_restart],
    ["[ ]", texts.key_loop],
    [texts.key_name_escape, texts.key_whole],
  ];
  if (names.referenceSlots.length > 0) rows.splice(1, 0, ["R", texts.key_reference]);
  if (!isChoice) {
    rows.splice(
      -2, 0, [texts.key_name_arrows, texts.key_rate], [texts.key_name_enter, texts.key_middle]);
  }
  const toggle = /** @type {HTMLInputElement} */ (element(
    "input", { type: "checkbox", onchange: () => switchKeys(toggle.checked) }));
  toggle.checked = areKeysOn();
  return element(
    "details", { class: "keys" },
    element("summary", {}, texts.keys),
    element("label", { class: "keys-on" }, toggle, texts.keys_on),
    element("dl", {}, ...rows.map(([key, meaning]) =>
      element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, meaning)))));
}
