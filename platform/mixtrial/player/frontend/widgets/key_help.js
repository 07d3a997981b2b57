/** What the keys do, for those who open it. */

import { element, letterOf } from "./elements.js";

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
  return element(
    "details", { class: "keys" },
    element("summary", {}, texts.keys),
    element("dl", {}, ...rows.map(([key, meaning]) =>
      element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, meaning)))));
}
