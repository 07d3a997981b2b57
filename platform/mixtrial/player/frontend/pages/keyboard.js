/** Keys of a page: numbers and letters choose a stimulus, space plays, brackets set the loop. */

import { areKeysOn } from "../widgets/key_help.js";

/**
 * @typedef {object} KeyActions
 * @property {(key: string) => number | null} slotOf  the stimulus that a key stands for
 * @property {(slot: number) => void} choose
 * @property {() => void} togglePlay
 * @property {() => void} restart
 * @property {(side: 0 | 1) => void} setLoopSide  start or end at the current position
 * @property {() => void} clearLoop
 */

/**
 * Listen to the whole window until the signal is raised. What is ours goes no further, because
 * the surrounding page has one-letter keys of its own.
 * @param {KeyActions} actions
 * @param {AbortSignal} signal
 */
export function listenToKeys(actions, signal) {
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    if (!areKeysOn()) {
      if (event.key.length === 1) event.stopImmediatePropagation();
      return;
    }
    const action = actionOf(event, actions);
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) action();
  };
  addEventListener("keydown", onKey, { capture: true, signal });
}

/**
 * @param {KeyboardEvent} event
 * @param {KeyActions} actions
 * @returns {(() => void) | null}
 */
function actionOf(event, actions) {
  const slot = actions.slotOf(event.key);
  if (slot !== null) return () => actions.choose(slot);
  switch (event.key) {
    case " ":
      if (event.shiftKey) return actions.restart;
      return isOnOtherButton(event) ? null : actions.togglePlay;
    case "[":
      return () => actions.setLoopSide(0);
    case "]":
      return () => actions.setLoopSide(1);
    case "Escape":
      return actions.clearLoop;
    default:
      return null;
  }
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !["range", "radio", "checkbox"].includes(target.type)) ||
    target.isContentEditable === true
  );
}

/** @param {KeyboardEvent} event  a focused button or choice keeps its own space bar */
function isOnOtherButton(event) {
  const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
  return target instanceof Element && target.matches("button:not(.letter), input[type=radio], input[type=checkbox], summary, a");
}
