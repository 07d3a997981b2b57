/**
 * Requirements of a new page besides its content: the focus at its heading, so that a screen reader
 * reads it and Tab goes on from there, and the window at its top.
 *
 * The survey's pages replace each other within one document, which browsers do not take for news.
 *
 * A lost connection is told by the survey's own line, in its own language. The dialog that Streamlit
 * opens for it would lie over the player, which needs no connection to go on, and hold the focus.
 */

const HEADING = ".mx-heading h1";
const DIALOG = "[data-testid=stDialog]";
const FIELDS = "[data-testid=stMain] :is(input, textarea)";
/** Elements that tell one page from another; the heading alone may come twice. */
const MARKS = [".mx-title", ".mx-place", HEADING];

let present = "";
let isDue = false;
/** Whether the present page has had the focus at its heading. */
let wasThere = false;
let isWatching = false;

/** Begin to watch; once is enough for all pages to come. */
export function watchPages() {
  if (isWatching) return;
  isWatching = true;
  present = marks();
  offerDigits();
  keepFocusFromDialogs();
  let isAsked = false;
  new MutationObserver(() => {
    if (isAsked) return;
    isAsked = true;
    setTimeout(() => {
      isAsked = false;
      offerDigits();
      look();
      showFirstFault();
    });
  }).observe(document.body, { childList: true, characterData: true, subtree: true });
  // Whoever has begun on the page is not taken away from there.
  for (const kind of ["keydown", "pointerdown", "wheel", "touchmove"]) {
    addEventListener(kind, () => (isDue = false), { capture: true, passive: true });
  }
}

/** Numbers are typed into fields of text; phones show the keys for digits all the same. */
function offerDigits() {
  for (const mode of ["decimal", "numeric"]) {
    for (const field of document.querySelectorAll(`[class*="st-key-${mode}-"] input`)) {
      /** @type {HTMLInputElement} */ (field).inputMode = mode;
    }
  }
}

/**
 * Close Streamlit's dialog as it opens, and give the focus back to what it was taken from: a hand on
 * the arrow keys goes on rating. While the dialog is there, all else is inert and takes no focus.
 */
function keepFocusFromDialogs() {
  let held = /** @type {HTMLElement | null} */ (null);
  addEventListener("focusout", (event) => {
    const [target] = /** @type {HTMLElement[]} */ (event.composedPath());
    if (document.querySelector(DIALOG) && !target.closest(DIALOG)) held = target;
  }, { capture: true });
  new MutationObserver(() => {
    const dialog = document.querySelector(DIALOG);
    if (dialog) {
      /** @type {HTMLElement | null} */ (dialog.querySelector("[role=dialog] > button"))?.click();
      return;
    }
    held?.focus({ preventScroll: true });
    held = null;
  }).observe(document.body, { childList: true, subtree: true });
}

/** @type {Element | null} */ let toldFault = null;

/** Where questions were left open, the first of them gets the focus, once each time it is told. */
function showFirstFault() {
  const told = document.querySelector(".mx-alert");
  if (told === toldFault) return;
  toldFault = told;
  const fault = told && document.querySelector(".mx-fault");
  if (!fault) return;
  const fields = [...document.querySelectorAll(FIELDS)].filter(
    (field) => field.compareDocumentPosition(fault) & Node.DOCUMENT_POSITION_FOLLOWING);
  const last = fields.at(-1);
  // Of several choices of one question, the first.
  const group = last?.closest("[role=radiogroup], [data-testid=stRadio]");
  const field = group?.querySelector("input") ?? last;
  /** @type {HTMLElement | undefined} */ (field)?.focus();
}

function marks() {
  return MARKS.map((each) => document.querySelector(each)?.textContent ?? "").join("\n");
}

function look() {
  const now = marks();
  const isNew = now !== present;
  if (isNew) {
    // Of a first page the reader begins at its top anyway.
    isDue = present.trim() !== "";
    present = now;
    wasThere = false;
  }
  const heading = /** @type {HTMLElement | null} */ (document.querySelector(HEADING));
  if (!isDue || !heading) return;
  for (let node = heading.parentElement; isNew && node; node = node.parentElement) {
    node.scrollTop = 0;
  }
  if (document.activeElement === heading || !mayMove()) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  wasThere = true;
}

/**
 * The focus lies nowhere, on a heading since replaced, or on the last page's button; a button after
 * that is this page's own, reached without a key (by a screen reader).
 */
function mayMove() {
  const at = document.activeElement;
  return !at || at === document.body || at.matches(wasThere ? "h1" : "button, a, h1");
}
