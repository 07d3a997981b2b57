/**
 * The pages that are rated, one after the other: asks the server for the page to show, shows it, and
 * turns when it was handed in. The survey is only told when a form, or the end, comes next.
 */

import { askedWait_ms } from "../sound/patience.js";
import { RatingPage } from "./rating_page.js";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;
const REPEAT_MS = 3000;

/**
 * @typedef {import("./rating_page.js").Wish} Wish
 * @typedef {{page_title: string, header: string, heading: string}} Above  the latter two are HTML
 * @typedef {{page: import("./rating_page.js").RatingData | null, above?: Above}} Answer
 *   no page where a form comes
 * @typedef {object} Shell  what the survey says of the pages; of which, the server answers
 * @property {string} token
 * @property {number} page       where the participant was when it was drawn
 * @property {string} page_url
 * @property {string} assets
 * @property {string} language
 * @property {Record<string, string>} texts
 */

export class PageSequence {
  /** @type {RatingPage | null} */ #present = null;
  /** Number of the latest turn: an earlier one that is still under way stops. */ #turns = 0;
  /** Whether the survey was asked to draw what comes next. */ #isLeaving = false;
  #isClosed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #repeat;

  /**
   * @param {HTMLElement} root
   * @param {Shell} shell
   * @param {(wish: Wish) => void} onForm      a form comes next
   * @param {(error: unknown) => void} onFailure  a part of the player did not arrive
   * @param {() => void} onShow                a page was shown
   */
  constructor(root, shell, onForm, onFailure, onShow) {
    this.root = root;
    this.shell = shell;
    this.onForm = onForm;
    this.onFailure = onFailure;
    this.onShow = onShow;
    this.#turn("open", { page: shell.page });
  }

  /**
   * The survey was drawn again: after a lost connection, say, while the same page is shown.
   * @param {Shell} shell
   */
  update(shell) {
    this.shell = shell;
    const isShown = this.#present !== null && this.#present.data.page === shell.page;
    if (this.#isLeaving || (this.#present !== null && !isShown)) {
      this.#turn("open", { page: shell.page });
    }
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#repeat);
    this.#present?.close();
  }

  /** @param {"open" | "next" | "back"} kind @param {Wish} wish */
  async #turn(kind, wish) {
    this.#turns += 1;
    const turn = this.#turns;
    const isOver = () => this.#isClosed || turn !== this.#turns;
    this.#isLeaving = false;
    clearTimeout(this.#repeat);
    const page = "back" in wish ? wish.back : wish.page;
    let retry_ms = FIRST_RETRY_MS;
    for (;;) {
      const { answer, wait_ms, isAnswered } = await this.#ask(kind, page);
      if (isOver()) return;
      if (answer) {
        await this.#follow(answer, wish, isOver);
        return;
      }
      this.#present?.showState(isAnswered ? "busy" : "offline");
      await new Promise((resolve) => setTimeout(resolve, Math.max(retry_ms, wait_ms)));
      if (isOver()) return;
      retry_ms = Math.min(2 * retry_ms, LONGEST_RETRY_MS);
    }
  }

  /**
   * @param {"open" | "next" | "back"} kind
   * @param {number} page  the page on which it is wished
   * @returns {Promise<{answer: Answer | null, wait_ms: number, isAnswered: boolean}>}
   *   no answer where it is to be asked again
   */
  async #ask(kind, page) {
    const { token, page_url: url, language } = this.shell;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token, page, wish: kind, language }),
        credentials: "same-origin",
      });
      const isLater = response.status >= 500 || [408, 425, 429].includes(response.status);
      const wait_ms = askedWait_ms(response) ?? 0;
      if (isLater) return { answer: null, wait_ms, isAnswered: true };
      // The survey has a page for whatever the server refuses.
      const answer = response.ok ? await response.json() : { page: null };
      return { answer, wait_ms, isAnswered: true };
    } catch {
      return { answer: null, wait_ms: 0, isAnswered: false };
    }
  }

  /** @param {Answer} answer @param {Wish} wish @param {() => boolean} isOver */
  async #follow({ page, above }, wish, isOver) {
    if (!page) {
      this.#leave(wish);
      return;
    }
    const data = { ...page, token: this.shell.token, texts: this.shell.texts };
    if (this.#present?.data.page === page.page) {
      this.#present.update(data);
      return;
    }
    try {
      const folder = new URL(this.shell.assets, document.baseURI).href;
      const type = await import(`${folder}page_types/${page.page_type}.js`);
      if (isOver()) return;
      this.#present?.close();
      this.#present = new RatingPage(this.root, data, type, (next) =>
        this.#turn("back" in next ? "back" : "next", next));
    } catch (error) {
      this.onFailure(error);
      return;
    }
    if (above) showAbove(above);
    this.onShow();
  }

  /**
   * Have the survey draw what comes; its answer can be lost with the connection, so this is repeated
   * until the player is gone.
   * @param {Wish} wish
   */
  #leave(wish) {
    this.#isLeaving = true;
    this.onForm(wish);
    this.#repeat = setTimeout(() => this.#leave(wish), REPEAT_MS);
  }
}

/** The lines above the page, which the survey drew for the page before. @param {Above} above */
function showAbove({ page_title: title, header, heading }) {
  document.title = title;
  for (const [place, content] of [[".mx-header", header], [".mx-heading", heading]]) {
    const old = document.querySelector(place);
    // Equal content stays, and with it the focus and the text being read out.
    if (old && old.outerHTML !== content) old.outerHTML = content;
  }
}
