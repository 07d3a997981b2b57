/**
 * Takes a page away with the press that leads from it, and shows a skeleton until the next is there.
 *
 * Streamlit keeps what it showed until the server has drawn something else in its place, which takes
 * a while on a busy machine. What was pressed may also leave the page as it is, where something is
 * wrong: then it comes back with the end of the server's run.
 */

/** What leads away, the class that the places of its group begin with, and the group. */
const WAYS = [
  { pressed: '[class*="st-key-to-"] button', place: "st-key-dx-page-", group: "page" },
  {
    pressed:
      ".st-key-editor-view button, [class*=st-key-ed-fault-] button, " +
      "[class*=st-key-ed-departure-] button",
    place: "st-key-dx-section-",
    group: "section",
  },
];

/** @type {HTMLStyleElement | null} */
let rules = null;
/** @type {MutationObserver | null} */
let watch = null;
let pages = 0;

/** @returns {string | undefined} number of the server's run that was drawn last */
function run() {
  return /** @type {HTMLElement | null} */ (document.querySelector(".sx-drawn"))?.dataset.run;
}

/** @param {MouseEvent} event */
function leave(event) {
  const target = event.target;
  if (!(target instanceof Element)) return;
  for (const { pressed, place, group } of WAYS) {
    const button = target.closest(pressed);
    if (!button || button.getAttribute("aria-checked") === "true") continue;
    const left = document.querySelector(`[class*="${place}"]`);
    const name = [...(left?.classList ?? [])].find((each) => each.startsWith(place));
    if (name) hide(name, place, group);
  }
}

/**
 * @param {string} name of the place that is left
 * @param {string} place
 * @param {string} group
 */
function hide(name, place, group) {
  arrive();
  const filled = `[class*="${place}"]:not(.${name}) [data-testid=stElementContainer]`;
  rules = document.createElement("style");
  rules.textContent =
    `.${name} { display: none !important; }` +
    `body:not(:has(${filled})) .st-key-dx-waiting-${group} { display: flex !important; }`;
  document.body.append(rules);
  const before = run();
  watch = new MutationObserver(() => {
    if (run() !== before) arrive();
  });
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-run"] });
}

function arrive() {
  watch?.disconnect();
  rules?.remove();
  watch = rules = null;
}

/** @returns {() => void} cleanup */
export default function leaving() {
  if (pages++ === 0) document.addEventListener("click", leave, true);
  return () => {
    if (--pages === 0) document.removeEventListener("click", leave, true);
  };
}
