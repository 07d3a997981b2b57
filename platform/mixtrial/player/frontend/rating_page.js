/** One page of a song: sound above, the attributes as steps, the sliders, and what is missing. */

import { Comments } from "./comments.js";
import { element, fill, letterOf } from "./elements.js";
import { listenToKeys } from "./keyboard.js";
import { SoundBar } from "./sound_bar.js";
import { Transport } from "./transport.js";
import { Board, Steps } from "./widgets.js";

const REPEAT_MS = 3000;

/**
 * @typedef {object} RatingData  what the server says about the page
 * @property {string} token
 * @property {number} page
 * @property {number} epoch
 * @property {number} seq
 * @property {string} save_url
 * @property {number} sample_rate
 * @property {number} gain
 * @property {string[]} urls       one a stimulus, in the order of the slots
 * @property {string[]} next_urls  of the page after this one
 * @property {import("./widgets.js").Attribute[]} attributes
 * @property {string[]} scale_labels
 * @property {import("./transport.js").Rating[]} ratings
 * @property {boolean} is_last
 * @property {"none" | "page" | "stimulus" | "both"} comments  what may be commented on
 * @property {Record<string, string>} texts
 */

export class RatingPage {
  #step = 0;
  #isSubmitting = false;
  #isWarm = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #repeat;
  #keys = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {RatingData} data
   * @param {() => void} onAdvance  the page is stored
   */
  constructor(root, data, onAdvance) {
    this.data = data;
    this.onAdvance = onAdvance;
    const { texts } = data;
    this.saveState = element("span", { class: "save-state", role: "status" });
    this.transport = new Transport({
      url: data.save_url, token: data.token, page: data.page, epoch: data.epoch, seq: data.seq,
      ratings: data.ratings, onState: (state) => this.#showSaveState(state),
    });
    this.steps = new Steps(data.attributes, (index) => this.#goTo(index), texts);
    this.board = new Board({
      nStimuli: data.urls.length,
      scaleLabels: data.scale_labels,
      attribute: data.attributes[0],
      ratingOf: (slot, attribute) => this.transport.rating(slot, attribute),
      onChoose: (slot) => this.#choose(slot),
      onRate: (slot, value) => this.#rate(slot, value),
      texts,
    });
    this.comments = new Comments({
      perStimulus: ["stimulus", "both"].includes(data.comments),
      perPage: ["page", "both"].includes(data.comments),
      storageKey: `mixtrial-comments:${data.token.slice(0, 12)}:${data.page}`,
      log: (kind, slot, value) => this.transport.say(kind, slot, value),
      texts,
    });
    this.question = element("h2", { class: "question", tabindex: "-1" });
    this.hint = element("p", { class: "hint", role: "status" });
    this.nextButton = element(
      "button", { type: "button", class: "primary next", onclick: () => this.#next() });
    this.spoken = element("div", { class: "sr-only", role: "status" });
    this.sound = new SoundBar({
      urls: data.urls, sampleRate: data.sample_rate, gain: data.gain, texts,
      onChange: () => this.#soundChanged(),
      log: (kind, slot, value) => this.transport.log(kind, slot, value),
    });
    this.sound.aside.append(this.saveState);
    this.saveState.textContent = texts.state_idle;
    root.replaceChildren(
      this.sound.element,
      element("section", { class: "card rating" },
        this.steps.element, this.question, this.board.element, this.comments.element,
        element("div", { class: "foot" }, this.hint, this.nextButton)),
      keyHelp(texts, data.urls.length), this.spoken);
    this.board.update(0, false, false);
    this.#listen();
    const firstOpen = data.attributes.findIndex((_, index) => !this.#isDone(index));
    this.#show(firstOpen < 0 ? data.attributes.length - 1 : firstOpen);
    this.transport.log("open", null, performance.timeOrigin);
  }

  /** @param {RatingData} data  the same page, drawn again by the server */
  update(data) {
    clearTimeout(this.#repeat);
    this.transport.adoptEpoch(data.epoch);
    this.#isSubmitting = false;
    this.#showProgress();
  }

  close() {
    clearTimeout(this.#repeat);
    this.#keys.abort();
    this.sound.close();
    this.transport.close();
  }

  #listen() {
    const signal = this.#keys.signal;
    listenToKeys(this.data.urls.length, {
      choose: (slot) => this.#choose(slot),
      togglePlay: () => this.sound.toggle(),
      restart: () => this.sound.restart(),
      setLoopSide: (side) => this.sound.setLoopSide(side),
      clearLoop: () => this.sound.clearLoop(),
    }, signal);
    navigator.mediaDevices?.addEventListener(
      "devicechange", () => this.transport.log("device_change"), { signal });
  }

  /** @param {number} slot */
  #choose(slot) {
    if (this.#isSubmitting || !this.sound.isReady) return;
    this.sound.choose(slot);
    this.board.focusSlider(slot);
  }

  /** @param {number} slot @param {number} value */
  #rate(slot, value) {
    const attribute = this.data.attributes[this.#step].name;
    this.transport.rate({ slot, attribute, value });
    this.transport.log("rate", slot, `${attribute}=${value}`);
    this.#showProgress();
  }

  #soundChanged() {
    const { sound } = this;
    this.board.update(sound.chosen, sound.isPlaying, sound.isReady);
    this.comments.choose(sound.chosen);
    if (sound.isPlaying) {
      this.spoken.textContent = fill(
        this.data.texts.now_playing, { letter: letterOf(sound.chosen) });
      this.#warmNextPage();
    }
    this.#showProgress();
  }

  /** Only fetched, so that the browser's own cache holds them; nothing stays in memory. */
  #warmNextPage() {
    if (this.#isWarm) return;
    this.#isWarm = true;
    for (const url of this.data.next_urls) {
      fetch(url, /** @type {RequestInit} */ ({ priority: "low" }))
        .then((response) => response.arrayBuffer())
        .catch(() => undefined);
    }
  }

  /** @param {number} index */
  #goTo(index) {
    if (index === this.#step) return;
    this.transport.log("attribute", null, this.data.attributes[index].name);
    this.#show(index);
  }

  /** @param {number} index */
  #show(index) {
    this.#step = index;
    const attribute = this.data.attributes[index];
    this.question.textContent = attribute.question;
    this.board.setAttribute(attribute);
    this.#showProgress();
    this.steps.reveal(index);
  }

  /** @param {number} index @returns {number[]} slots not yet rated in an attribute */
  #missing(index) {
    const { name } = this.data.attributes[index];
    return this.data.urls
      .map((_, slot) => slot)
      .filter((slot) => this.transport.rating(slot, name) === undefined);
  }

  /** @param {number} index */
  #isDone(index) {
    return this.#missing(index).length === 0;
  }

  /** @returns {number} the next attribute to do, or -1 */
  #nextOpen() {
    const n = this.data.attributes.length;
    const order = Array.from({ length: n }, (_, i) => (this.#step + 1 + i) % n);
    return order.find((index) => !this.#isDone(index)) ?? -1;
  }

  #showProgress() {
    const { texts, attributes, is_last } = this.data;
    const isDone = attributes.map((_, index) => this.#isDone(index));
    this.steps.update(this.#step, isDone);
    const missing = this.#missing(this.#step);
    const allDone = isDone.every(Boolean);
    this.nextButton.textContent = allDone
      ? (is_last ? texts.finish : texts.save) : texts.next_attribute;
    const mayGoOn = missing.length === 0;
    this.nextButton.setAttribute("aria-disabled", String(!mayGoOn || this.#isSubmitting));
    if (!this.sound.isReady) this.hint.textContent = "";
    else if (!mayGoOn && !this.sound.isPlaying) this.hint.textContent = texts.hint_play;
    else if (!mayGoOn) {
      this.hint.textContent = fill(texts.hint_missing, { letters: missing.map(letterOf).join(", ") });
    } else this.hint.textContent = allDone ? texts.hint_all_done : texts.hint_done;
  }

  #next() {
    const missing = this.#missing(this.#step);
    if (this.#isSubmitting) return;
    if (missing.length > 0) {
      this.hint.classList.remove("nudge");
      void this.hint.offsetWidth; // restart the animation
      this.hint.classList.add("nudge");
      this.#choose(missing[0]);
      return;
    }
    const open = this.#nextOpen();
    if (open < 0) {
      this.#submit();
      return;
    }
    this.#goTo(open);
    if (this.sound.isPlaying) this.board.focusSlider(this.sound.chosen);
  }

  async #submit() {
    this.#isSubmitting = true;
    this.comments.flush();
    this.transport.log("submit");
    this.sound.stop();
    this.nextButton.textContent = this.data.texts.saving;
    this.nextButton.setAttribute("aria-disabled", "true");
    const outcome = await this.transport.submit();
    // Closed may mean that this very page was stored before: the server knows where to go on.
    if (outcome === "stored") this.comments.forget();
    if (outcome !== "refused") this.#goOn();
  }

  /** A wish to go on can be lost with the connection: repeated until this page is gone. */
  #goOn() {
    this.onAdvance();
    this.#repeat = setTimeout(() => this.#goOn(), REPEAT_MS);
  }

  /** @param {import("./transport.js").SaveState} state */
  #showSaveState(state) {
    this.saveState.dataset.state = state;
    this.saveState.textContent = this.data.texts[`state_${state}`];
  }
}

/** @param {Record<string, string>} texts @param {number} nStimuli */
function keyHelp(texts, nStimuli) {
  const rows = [
    [`A – ${letterOf(nStimuli - 1)}, 1 – ${nStimuli}`, texts.key_choose],
    [texts.key_name_space, texts.key_play],
    [texts.key_name_shift_space, texts.key_restart],
    [texts.key_name_arrows, texts.key_rate],
    [texts.key_name_enter, texts.key_middle],
    ["[ ]", texts.key_loop],
    [texts.key_name_escape, texts.key_whole],
  ];
  return element(
    "details", { class: "keys" },
    element("summary", {}, texts.keys),
    element("dl", {}, ...rows.map(([key, meaning]) =>
      element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, meaning)))));
}
