/**
 * The frame of every page that is rated: sound above, what the page type asks, comments, and the
 * rules that must be kept before the page can be handed in.
 */

import { Comments } from "../widgets/comments.js";
import { element, fill } from "../widgets/elements.js";
import { keyHelp } from "../widgets/key_help.js";
import { listenToKeys } from "./keyboard.js";
import { ReferenceRow } from "../widgets/listen_button.js";
import { Names } from "../widgets/names.js";
import { SoundBar } from "../widgets/sound_bar.js";
import { Steps } from "../widgets/steps.js";
import { Transport } from "./transport.js";

/** Control of a page that wants an answer: it gets the focus where there is none yet. */
const OPEN_ANSWER = "fieldset input:enabled, .slider:enabled";
/** Of each mix, before one is chosen of a pair, s. */
const LEAST_HEARD_S = 0.5;

/**
 * @typedef {{page: number} | {back: number}} Wish  what comes after a page, or before it
 * @typedef {object} RatingData  what the server says about the page
 * @property {string} token
 * @property {string} page_type    by its name
 * @property {string} part         of the study, by name
 * @property {number} page
 * @property {number} epoch
 * @property {number} seq
 * @property {string} save_url
 * @property {number} sample_rate
 * @property {number} gain
 * @property {string[]} urls       one a stimulus, in the order of the slots
 * @property {{url: string, kind: import("../widgets/names.js").ReferenceKind}[]} reference_urls
 *   heard openly and never rated; their slots come after the others
 * @property {string[]} next_urls  of the page after this one
 * @property {Record<string, unknown>} options  the page type's own keys
 * @property {{must_listen: number, must_move: boolean, playback: "loop" | "once",
 *   on_switch: "keep" | "restart"}} rules
 * @property {import("../page_types/board.js").Attribute[]} attributes
 * @property {import("./transport.js").Rating[]} ratings
 * @property {boolean} is_last
 * @property {boolean} may_go_back
 * @property {"none" | "page" | "stimulus" | "both"} comments  what may be commented on
 * @property {Record<string, string>} texts
 */

export class RatingPage {
  #step = -1;
  /** @type {Set<number>} */ #visited = new Set();
  #isSubmitting = false;
  /** Whether the page was handed in while another tab had it. */ #isElsewhere = false;
  #isWarm = false;
  /** Whether the last word on saving was not a good one. */ #hadTrouble = false;
  #keys = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {RatingData} data
   * @param {import("../page_types/board.js").PageType} type
   * @param {(wish: Wish) => void} onAdvance  the page is stored
   */
  constructor(root, data, type, onAdvance) {
    this.data = data;
    this.type = type;
    this.onAdvance = onAdvance;
    const { texts } = data;
    const references = data.reference_urls;
    this.names = new Names(data.urls.length, references.map((each) => each.kind), texts);
    this.questions = type.steps(data.attributes);
    this.saveState = element(
      "span", { class: "save-state", role: "status", "aria-live": "off" }, texts.state_idle);
    this.transport = new Transport({
      url: data.save_url, token: data.token, page: data.page, epoch: data.epoch, seq: data.seq,
      ratings: data.ratings, onState: (state) => this.showState(state),
    });
    this.comments = this.#makeComments();
    this.sound = this.#makeSound(references.map((each) => each.url));
    this.board = this.#makeBoard();
    this.sound.startAt(this.board.firstSlot ?? 0);
    this.references = new ReferenceRow(this.names, (slot) => this.#choose(slot));
    this.steps = new Steps(
      this.questions.map(([first]) => first), (index) => this.#goTo(index), texts);
    this.question = element("h2", { class: "question", tabindex: "-1" });
    this.hint = element("p", { class: "hint", role: "status" });
    this.nextButton = element(
      "button", { type: "button", class: "primary next", onclick: () => this.#next() });
    this.spoken = element("div", { class: "sr-only", role: "status" });
    this.sound.aside.append(this.saveState);
    this.#draw(root);
    this.#listen();
    const firstOpen = this.questions.findIndex((_, index) => this.#missing(index).length > 0);
    this.#show(firstOpen < 0 ? this.questions.length - 1 : firstOpen);
    this.#soundChanged();
    this.transport.log("open", null, performance.timeOrigin);
  }

  /** @param {RatingData} data  the same page, opened anew by the server */
  update(data) {
    const isAnew = this.transport.adoptEpoch(data.epoch);
    this.#setSubmitting(false);
    this.#showProgress();
    // The press took the page over from another tab; it also hands it in.
    if (isAnew && this.#isElsewhere) this.#submit();
  }

  close() {
    this.#keys.abort();
    this.sound.close();
    this.transport.close();
  }

  #makeComments() {
    const { comments, token, page, texts } = this.data;
    return new Comments({
      perStimulus: ["stimulus", "both"].includes(comments),
      perPage: ["page", "both"].includes(comments),
      storageKey: `mixtrial-comments:${token.slice(0, 12)}:${page}`,
      log: (kind, slot, value) => this.transport.say(kind, slot, value),
      texts,
    });
  }

  /** @param {string[]} referenceUrls */
  #makeSound(referenceUrls) {
    const { data } = this;
    return new SoundBar({
      urls: [...data.urls, ...referenceUrls], sampleRate: data.sample_rate, gain: data.gain,
      texts: data.texts, once: this.#rules.playback === "once",
      fromStart: this.#rules.on_switch === "restart",
      heardKey: `mixtrial-heard:${data.token.slice(0, 12)}:${data.page}`,
      onChange: () => this.#soundChanged(), onHeard: () => this.#heardMore(),
      log: (kind, slot, value) => this.transport.log(kind, slot, value),
    });
  }

  #makeBoard() {
    const { data } = this;
    return this.type.board({
      nRated: data.urls.length, names: this.names,
      options: data.options, texts: data.texts,
      ratingOf: (slot, attribute) => this.transport.rating(slot, attribute),
      isHeard: (slot) => this.sound.isPlaying && this.sound.chosen === slot,
      mayRate: (slot) => (this.sound.isPlaying || this.sound.isOver) && this.sound.chosen === slot,
      wasHeard: (slot) => this.#heardShare(slot) >= 1,
      onChoose: (slot) => this.#choose(slot),
      onRate: (slot, attribute, value) => this.#rate(slot, attribute, value),
      onCommit: (slot, attribute, value) =>
        this.transport.log("rate", slot, `${attribute}=${value}`),
    });
  }

  /** @param {HTMLElement} root */
  #draw(root) {
    const { texts, may_go_back: mayGoBack } = this.data;
    const back = element("button", { type: "button", class: "link back", hidden: !mayGoBack,
      onclick: () => this.#goBack() }, texts.back);
    this.card = element("section", { class: "card rating", "data-part": this.data.part },
      this.steps.element, this.question, this.references.element, this.board.element,
      this.comments.element,
      element("div", { class: "foot" }, back, this.hint, this.nextButton));
    // The elements that stay in view below the sound need its height.
    const heights = new ResizeObserver(() => root.style.setProperty(
      "--transport", `${Math.round(this.sound.element.getBoundingClientRect().height)}px`));
    heights.observe(this.sound.element);
    this.#keys.signal.addEventListener("abort", () => heights.disconnect());
    root.replaceChildren(
      this.sound.element, this.card,
      keyHelp(texts, this.names, this.board.needsAnswer), this.spoken);
  }

  #listen() {
    const signal = this.#keys.signal;
    listenToKeys({
      slotOf: (key) => this.names.slotOfKey(key, this.sound.chosen),
      choose: (slot) => this.#choose(slot),
      togglePlay: () => this.sound.toggle(),
      restart: () => this.sound.restart(),
      setLoopSide: (side) => this.sound.setLoopSide(side),
      clearLoop: () => this.sound.clearLoop(),
    }, signal);
    navigator.mediaDevices?.addEventListener(
      "devicechange", () => this.transport.log("device_change"), { signal });
  }

  get #rules() {
    return this.data.rules;
  }

  /** @param {number} slot */
  #choose(slot) {
    if (this.#isSubmitting || !this.sound.isReady) return;
    if (!this.#mayHear(slot)) return;
    this.sound.choose(slot);
    this.board.focus(slot);
  }

  /** @param {number} slot  whether its turn has come, on a page that has turns */
  #mayHear(slot) {
    return this.board.mayHear?.(slot) ?? true;
  }

  /** @param {number} slot @param {string} attribute @param {number} value */
  #rate(slot, attribute, value) {
    this.transport.rate({ slot, attribute, value });
    this.#showProgress();
  }

  #soundChanged() {
    const { sound } = this;
    if (sound.chosen < this.names.nRated) this.comments.choose(sound.chosen);
    if (sound.isPlaying) {
      this.spoken.textContent = this.names.isPlaying(sound.chosen);
      this.#warmNextPage();
    }
    this.#heardMore();
  }

  #heardMore() {
    const { sound, board } = this;
    const mustListen = this.#rules.must_listen > 0;
    for (const button of [...board.buttons, ...this.references.buttons]) {
      const { slot } = button;
      const isHeard = sound.isPlaying && sound.chosen === slot;
      const isAsked = mustListen && this.#mustBeHeard.includes(slot);
      button.update(isHeard, sound.isReady, isAsked ? this.#heardShare(slot) : null);
    }
    board.update({ chosen: sound.chosen, isPlaying: sound.isPlaying, isReady: sound.isReady });
    this.#showProgress();
  }

  /** Stimuli that the rule on listening is about: dry recordings are only an offer. */
  get #mustBeHeard() {
    const isOffer = (/** @type {number} */ slot) =>
      this.names.kinds[slot - this.names.nRated]?.startsWith("dry_");
    return Array.from({ length: this.names.count }, (_, slot) => slot)
      .filter((slot) => !isOffer(slot));
  }

  /** @param {number} slot @returns {number} of what must be heard of it, 1 when it is enough */
  #heardShare(slot) {
    const coverage = this.sound.coverage;
    if (!coverage) return 0;
    const least = this.board.needsAnswer ? Math.min(LEAST_HEARD_S / coverage.duration, 1) : 0;
    const needed = Math.max(this.#rules.must_listen, least);
    return needed === 0 ? 1 : coverage.share(slot) / needed;
  }

  /** @returns {number[]} slots of which too little has been heard */
  #unheard() {
    return this.#mustBeHeard.filter((slot) => this.#heardShare(slot) < 1);
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
    this.transport.log("attribute", null, this.questions[index][0].name);
    this.#show(index);
  }

  /** @param {number} index */
  #show(index) {
    this.#step = index;
    this.#visited.add(index);
    this.question.textContent = this.type.question(this.questions[index], this.data.texts);
    this.board.show(this.questions[index]);
    this.#showProgress();
    this.steps.reveal(index);
  }

  /** @param {number} index @returns {number[]} slots not yet rated in a step */
  #missing(index) {
    return this.data.urls
      .map((_, slot) => slot)
      .filter((slot) => this.questions[index].some(
        ({ name }) => this.transport.rating(slot, name) === undefined));
  }

  /** @param {number} index @returns {string} why the answers of a step do not go together; or "" */
  #fault(index) {
    const given = (/** @type {string} */ attribute) =>
      this.data.urls.map((_, slot) => this.transport.rating(slot, attribute));
    return this.type.fault?.(this.questions[index], given, this.data.texts) ?? "";
  }

  /** @param {number} index */
  #isDone(index) {
    if (this.#missing(index).length === 0) return this.#fault(index) === "";
    return !this.#rules.must_move && !this.board.needsAnswer && this.#visited.has(index);
  }

  /** @returns {number} the next step to do, or -1 */
  #nextOpen() {
    const n = this.questions.length;
    const order = Array.from({ length: n }, (_, i) => (this.#step + 1 + i) % n);
    return order.find((index) => !this.#isDone(index)) ?? -1;
  }

  #showProgress() {
    const { texts, is_last: isLast } = this.data;
    const isDone = this.questions.map((_, index) => this.#isDone(index));
    this.steps.update(this.#step, isDone);
    const allDone = isDone.every(Boolean);
    if (isDone[this.#step]) this.card?.classList.remove("wanting");
    const mayGoOn = isDone[this.#step] && !(allDone && this.#unheard().length > 0);
    if (!this.#isSubmitting) {
      this.nextButton.textContent = allDone || this.questions.length === 1
        ? (isLast ? texts.finish : texts.save) : texts.next_attribute;
    }
    this.nextButton.setAttribute("aria-disabled", String(!mayGoOn || this.#isSubmitting));
    const hint = this.#hint(isDone[this.#step], allDone);
    // Written only when it changes: it is read out each time.
    if (this.hint.textContent !== hint) this.hint.textContent = hint;
  }

  /** @param {boolean} isDone  this step @param {boolean} allDone @returns {string} */
  #hint(isDone, allDone) {
    const { texts } = this.data;
    const list = (/** @type {number[]} */ slots) =>
      slots.map((slot) => this.names.short(slot)).join(", ");
    const unheard = this.#unheard();
    if (!this.sound.isReady) return "";
    if (unheard.length > 0 && (allDone || this.board.needsAnswer)) {
      return fill(texts.hint_hear, { names: list(unheard) });
    }
    if (!isDone && !this.sound.isPlaying && !this.board.needsAnswer) return texts.hint_play;
    const open = isDone ? [] : this.#missing(this.#step);
    if (!isDone && open.length === 0) return this.#fault(this.#step);
    if (!isDone) return this.type.missing(list(open), texts);
    if (this.board.needsAnswer) return texts.hint_answered;
    const steps = allDone ? [...this.questions.keys()] : [this.#step];
    if (steps.some((index) => this.#missing(index).length > 0)) return texts.hint_free;
    return allDone ? texts.hint_all_done : texts.hint_done;
  }

  #next() {
    if (this.#isSubmitting) return;
    const isDone = this.#isDone(this.#step);
    const open = isDone ? this.#nextOpen() : this.#step;
    const lacking = this.board.needsAnswer || (isDone && open < 0)
      ? this.#unheard() : [];
    if (!isDone || lacking.length > 0) {
      this.#nudge();
      this.card?.classList.toggle("wanting", lacking.length === 0);
      const wanted = lacking.length > 0 ? lacking : this.#missing(this.#step);
      if (wanted.length === 0) return; // all is answered, but does not go together
      const first = wanted.find((slot) => this.#mayHear(slot)) ?? this.board.firstSlot ?? 0;
      if (lacking.length > 0 || !this.board.needsAnswer) this.#choose(first);
      else /** @type {HTMLElement | null} */ (this.card?.querySelector(OPEN_ANSWER))?.focus();
      return;
    }
    if (open < 0) {
      this.#submit();
      return;
    }
    this.#goTo(open);
    if (this.sound.isPlaying) this.board.focus(this.sound.chosen);
  }

  #nudge() {
    this.hint.classList.remove("nudge");
    void this.hint.offsetWidth; // restart the animation
    this.hint.classList.add("nudge");
  }

  async #submit() {
    const { texts } = this.data;
    this.#setSubmitting(true);
    this.comments.flush();
    this.sound.stop();
    this.#logHeard();
    this.transport.log("submit");
    this.nextButton.textContent = texts.saving;
    this.nextButton.setAttribute("aria-disabled", "true");
    const outcome = await this.transport.submit();
    this.#isElsewhere = outcome === "closed";
    // Closed may mean that this very page was stored before: the server knows where to go on, and
    // draws the page of an expired link.
    if (outcome === "stored") {
      this.comments.forget();
      this.sound.forgetHeard();
    }
    if (outcome !== "refused") this.onAdvance({ page: this.data.page });
    else {
      this.card?.removeAttribute("aria-busy"); // or the hint is not read out
      this.hint.textContent = texts.state_refused;
    }
  }

  /** @param {boolean} isSubmitting  the page is on its way out and takes nothing any more */
  #setSubmitting(isSubmitting) {
    this.#isSubmitting = isSubmitting;
    this.card?.setAttribute("aria-busy", String(isSubmitting));
  }

  /** The share of each excerpt that was heard, for the archive. */
  #logHeard() {
    const coverage = this.sound.coverage;
    for (let slot = 0; slot < this.names.count; slot += 1) {
      this.transport.log("heard", slot, Math.round(1000 * (coverage?.share(slot) ?? 0)) / 1000);
    }
  }

  async #goBack() {
    if (this.#isSubmitting) return;
    this.#setSubmitting(true);
    this.comments.flush();
    this.sound.stop();
    this.transport.log("back");
    await this.transport.flush();
    this.onAdvance({ back: this.data.page });
  }

  /** @param {import("./transport.js").SaveState} state */
  showState(state) {
    // Read out only what is news: that each slider was saved would drown the ratings.
    const isTrouble = !["saved", "saving"].includes(state);
    this.saveState.ariaLive = isTrouble || this.#hadTrouble ? "polite" : "off";
    this.saveState.dataset.state = state;
    this.saveState.textContent = this.data.texts[`state_${state}`];
    this.#hadTrouble = isTrouble || (this.#hadTrouble && state === "saving");
  }
}
