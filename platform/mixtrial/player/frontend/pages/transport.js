/**
 * Safe keeping: ratings and events go to the server, with a copy on the device until they are there.
 *
 * Conventions: one body is the whole state of the page plus the events not yet stored; `seq` rises
 * with each body, and the server keeps the highest (epoch, seq), so a repeated or late body does no
 * harm. A body that failed is sent again under its own number, so no event is stored twice. The
 * device also keeps the events of bodies that nobody has confirmed; the next opening of the page
 * knows from the server's last number which of them have arrived.
 */

import { askedWait_ms } from "../sound/patience.js";

const DEBOUNCE_MS = 400;
const RETRY_MS = 3000;
const FIRST_FINAL_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;
const MAX_EVENTS = 400;
/** Browsers refuse to keep larger requests alive when the page goes. */
const KEEPALIVE_BYTES = 60_000;

/**
 * @typedef {{slot: number, attribute: string, value: number}} Rating
 * @typedef {{t_ms: number, kind: string, slot: number | null, value: number | string | null}}
 *   PageEvent
 * @typedef {"saved" | "saving" | "offline" | "busy" | "closed" | "expired" | "refused"}
 *   SaveState
 * @typedef {"stored" | "failed" | "closed" | "expired" | "refused"} Outcome
 * @typedef {{token: string, page: number, epoch: number, seq: number, final: boolean,
 *   ratings: Rating[], events: PageEvent[]}} Body
 */

export class Transport {
  /** @type {Map<string, Rating>} */ #ratings = new Map();
  /** @type {PageEvent[]} */ #events = [];
  /** @type {Body | null} sent without an answer; goes first, under its own number */ #failed = null;
  /** @type {Body[]} sent and not yet confirmed */ #unconfirmed = [];
  /** @type {Promise<void> | null} */ #posting = null;
  /** Pause that the server asked for before the next try, 0 for none. */ #asked_ms = 0;
  /** Whether the last message was answered, with whatever. */ #isAnswered = false;
  #isDirty = false;
  /** Outcome that ended the sending: nothing is sent any more until the page is opened anew.
   * @type {Outcome | null} */
  #ended = null;
  #seq;
  #epoch;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #listening = new AbortController();

  /**
   * @param {object} options
   * @param {string} options.url
   * @param {string} options.token
   * @param {number} options.page
   * @param {number} options.epoch      number of this page load, issued by the server
   * @param {number} options.seq        last number the server has seen
   * @param {Rating[]} options.ratings  as the server knows them
   * @param {(state: SaveState) => void} options.onState
   */
  constructor(options) {
    this.options = options;
    this.#seq = options.seq;
    this.#epoch = options.epoch;
    for (const rating of options.ratings) this.#ratings.set(keyOf(rating), rating);
    this.#takeDeviceCopy();
    this.#takeEvents();
    const signal = this.#listening.signal;
    addEventListener("pagehide", () => this.#sendLast(), { signal });
    addEventListener("online", () => this.#post(), { signal });
    addEventListener("blur", () => this.log("blur"), { signal });
    addEventListener("focus", () => this.log("focus"), { signal });
    const onVisibility = () => {
      this.log(document.hidden ? "hidden" : "visible");
      if (!document.hidden) return;
      this.#keepEvents();
      // A phone may never come back: save now, while an answer can still be awaited. A page that
      // goes away does not get so far: its last message must not be overtaken by another one.
      this.#schedule(0);
    };
    document.addEventListener("visibilitychange", onVisibility, { signal });
    if (this.#isDirty || this.#events.length > 0) this.#schedule(DEBOUNCE_MS);
  }

  /** @param {number} slot @param {string} attribute @returns {number | undefined} */
  rating(slot, attribute) {
    return this.#ratings.get(keyOf({ slot, attribute }))?.value;
  }

  /** @param {Rating} rating */
  rate(rating) {
    this.#ratings.set(keyOf(rating), rating);
    this.#touch();
  }

  /**
   * Note what happened; sent with the next ratings.
   * @param {string} kind
   * @param {number | null} [slot]
   * @param {number | string | null} [value]
   */
  log(kind, slot = null, value = null) {
    const t_ms = Math.round(performance.now() * 10) / 10;
    this.#events.push({ t_ms, kind, slot, value });
    if (this.#events.length > MAX_EVENTS) this.#touch();
  }

  /**
   * Note something that the participant wrote; sent soon, like a rating.
   * @param {string} kind
   * @param {number | null} slot
   * @param {string} value
   */
  say(kind, slot, value) {
    this.log(kind, slot, value);
    this.#touch();
  }

  /**
   * Go on under a newer page load's number: the server has opened the page here anew.
   * @param {number} epoch
   * @returns {boolean} whether it is newer than the one before
   */
  adoptEpoch(epoch) {
    if (epoch <= this.#epoch) return false;
    this.#epoch = epoch;
    if (this.#ended) this.#posting = null;
    this.#ended = null;
    if (this.#ratings.size > 0) this.#touch();
    return true;
  }

  /** Send what is unsaved now, once; what fails stays on the device. */
  async flush() {
    await this.#posting;
    clearTimeout(this.#timer);
    this.#post();
    await this.#posting;
  }

  /**
   * Hand in the page: tries until the server has it.
   * @returns {Promise<Outcome>} stored; else closed, expired or refused: to try again is of no use
   */
  async submit() {
    if (this.#ended) return this.#ended;
    this.#state("saving");
    await this.#posting;
    clearTimeout(this.#timer);
    this.#posting = new Promise(() => {}); // nothing else is sent from here on
    if (this.#failed) await this.#sendUntilAnswered(this.#failed);
    // After a long time without a network there is more than one message holds; the newest events,
    // on what was heard among them, come with the last one.
    while (this.#events.length > MAX_EVENTS) {
      await this.#sendUntilAnswered(this.#body(false, MAX_EVENTS / 2));
    }
    const outcome = await this.#sendUntilAnswered(this.#body(true));
    this.#isDirty = false;
    this.#ended = outcome === "stored" ? "closed" : outcome;
    if (outcome === "stored") this.#forgetAll();
    this.#state(outcome === "stored" ? "saved" : outcome === "failed" ? "refused" : outcome);
    return outcome;
  }

  /** Stop listening; what is unsaved goes out as a last message. */
  close() {
    this.#sendLast();
    this.#ended = "closed";
    clearTimeout(this.#timer);
    this.#listening.abort();
  }

  #touch() {
    this.#isDirty = true;
    if (!this.#failed && !this.#ended) this.#state("saving");
    this.#keepDeviceCopy();
    this.#keepEvents();
    this.#schedule(DEBOUNCE_MS);
  }

  /** @param {number} wait_ms */
  #schedule(wait_ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#post(), wait_ms);
  }

  #post() {
    if (this.#ended || this.#posting || !(this.#isDirty || this.#events.length)) return;
    this.#posting = this.#postOnce().then(() => {
      this.#posting = null;
      const retry_ms = Math.max(RETRY_MS, this.#asked_ms);
      if (this.#isDirty && !this.#ended) this.#schedule(this.#failed ? retry_ms : 0);
    });
  }

  async #postOnce() {
    this.#state("saving");
    const isRetry = this.#failed !== null;
    const body = this.#failed ?? this.#body(false);
    if (!isRetry) {
      this.#unconfirmed.push(body);
      this.#isDirty = false;
    }
    const outcome = await this.#send(body);
    if (outcome === "failed") {
      this.#failed = body;
      this.#isDirty = true;
      this.#state(this.#isAnswered ? "busy" : "offline");
    } else if (outcome === "stored") {
      this.#failed = null;
      this.#unconfirmed = this.#unconfirmed.filter((each) => each.seq > body.seq);
      // Ratings made while a failed body waited are not in that body.
      if (!this.#isDirty) this.#forgetAll();
      this.#state(this.#isDirty ? "saving" : "saved");
    } else {
      this.#ended = outcome;
      this.#state(outcome);
    }
  }

  /** @param {Body} body @returns {Promise<Outcome>} never "failed" */
  async #sendUntilAnswered(body) {
    let wait_ms = FIRST_FINAL_RETRY_MS;
    if (!this.#unconfirmed.includes(body)) this.#unconfirmed.push(body);
    this.#keepEvents();
    for (;;) {
      const outcome = await this.#send(body);
      if (outcome !== "failed") return outcome;
      this.#failed = body.final ? null : body;
      this.#state(this.#isAnswered ? "busy" : "offline");
      const pause_ms = Math.max(wait_ms, this.#asked_ms);
      await new Promise((resolve) => setTimeout(resolve, pause_ms));
      wait_ms = Math.min(2 * wait_ms, LONGEST_RETRY_MS);
    }
  }

  /**
   * @param {boolean} final
   * @param {number} [most]  of the waiting events, which it takes along
   * @returns {Body} the page's state
   */
  #body(final, most = MAX_EVENTS) {
    this.#seq += 1;
    return {
      token: this.options.token,
      page: this.options.page,
      epoch: this.#epoch,
      seq: this.#seq,
      final,
      ratings: [...this.#ratings.values()],
      events: this.#events.splice(0, most),
    };
  }

  /** @param {Body} body @returns {Promise<Outcome>} */
  async #send(body) {
    const text = JSON.stringify(body);
    try {
      const response = await fetch(this.options.url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: text,
        credentials: "same-origin",
        keepalive: text.length < KEEPALIVE_BYTES,
      });
      this.#asked_ms = askedWait_ms(response) ?? 0;
      this.#isAnswered = true;
      if (response.ok) return "stored";
      if (response.status === 409) return "closed";
      if (response.status === 410) return "expired";
      // Too many at once or too slow: the server asks for another try.
      if ([408, 425, 429].includes(response.status)) return "failed";
      return response.status >= 400 && response.status < 500 ? "refused" : "failed";
    } catch {
      this.#asked_ms = 0;
      this.#isAnswered = false;
      return "failed";
    }
  }

  /** The page is going away: no answer can be waited for. */
  #sendLast() {
    if (this.#ended || !(this.#isDirty || this.#events.length)) return;
    const body = this.#body(false);
    if (this.#failed) {
      // One message, since a later number would overtake an earlier one.
      const { seq, events } = this.#failed;
      body.events.unshift(...events);
      this.#unconfirmed = this.#unconfirmed.filter((each) => each.seq !== seq);
      this.#failed = null;
    }
    this.#unconfirmed.push(body);
    this.#keepEvents();
    const content = new Blob([JSON.stringify(body)], { type: "application/json" });
    navigator.sendBeacon(this.options.url, content);
  }

  #storageKey() {
    return `mixtrial:${this.options.token.slice(0, 12)}:${this.options.page}`;
  }

  #keepDeviceCopy() {
    try {
      localStorage.setItem(this.#storageKey(), JSON.stringify([...this.#ratings.values()]));
    } catch {
      // A full or forbidden storage costs only the copy; the server is still written to.
    }
  }

  /** Events on their way or waiting, by the number of their message. */
  #keepEvents() {
    const kept = [...this.#unconfirmed, { seq: this.#seq + 1, events: this.#events }]
      .filter(({ events }) => events.length > 0)
      .map(({ seq, events }) => ({ seq, events }));
    try {
      localStorage.setItem(this.#eventsKey(), JSON.stringify(kept));
    } catch {
      // The events are still sent.
    }
  }

  /** Events of an earlier opening that have not arrived: the server has not seen their number. */
  #takeEvents() {
    try {
      const kept = localStorage.getItem(this.#eventsKey());
      for (const { seq, events } of kept ? JSON.parse(kept) : []) {
        if (seq > this.options.seq) this.#events.push(...events);
      }
    } catch {
      // As if there were none.
    }
    this.#keepEvents();
  }

  #forgetAll() {
    forget(this.#storageKey());
    forget(this.#eventsKey());
  }

  #eventsKey() {
    return `mixtrial-events:${this.options.token.slice(0, 12)}:${this.options.page}`;
  }

  /** A copy is only left behind when the server did not confirm it, so it is the newer one. */
  #takeDeviceCopy() {
    try {
      const kept = localStorage.getItem(this.#storageKey());
      for (const rating of kept ? JSON.parse(kept) : []) {
        this.#ratings.set(keyOf(rating), rating);
        this.#isDirty = true;
      }
    } catch {
      forget(this.#storageKey());
    }
  }

  /** @param {SaveState} state */
  #state(state) {
    this.options.onState(state);
  }
}

/** @param {{slot: number, attribute: string}} rating */
function keyOf(rating) {
  return `${rating.slot}\n${rating.attribute}`;
}

/** @param {string} key */
function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was stored.
  }
}
