/**
 * The form that every page type has: a file `page_types/<type>.js` with the same four exports.
 * A fifth, `fault`, says what is wrong with answers that do not go together.
 *
 * `steps` says which attributes are asked together, `question` what stands above them, `missing`
 * what is said while an answer lacks, and `board` makes what is answered with. The frame
 * (rating_page.js) has the rest: sound, rules, comments, saving. It draws the listen buttons as
 * heard or not; a board draws its own controls and asks `mayRate` before it takes an answer.
 */

/**
 * @typedef {Record<string, string>} Texts
 * @typedef {{name: string, label: string, question: string,
 *   scale: import("../widgets/scale.js").Scale}} Attribute
 * @typedef {{chosen: number, isPlaying: boolean, isReady: boolean}} Sound
 *
 * @typedef {object} BoardOptions
 * @property {number} nRated            stimuli that are rated; open references come after them
 * @property {import("../widgets/names.js").Names} names
 * @property {Record<string, unknown>} options  the page type's own keys
 * @property {Texts} texts
 * @property {(slot: number, attribute: string) => number | undefined} ratingOf
 * @property {(slot: number) => boolean} isHeard       it is the one that sounds now
 * @property {(slot: number) => boolean} mayRate       it sounds, or was the last to end by itself
 * @property {(slot: number) => boolean} wasHeard      long enough to be answered about
 * @property {(slot: number) => void} onChoose         it shall sound
 * @property {(slot: number, attribute: string, value: number) => void} onRate    at every movement
 * @property {(slot: number, attribute: string, value: number) => void} onCommit  at its end
 *
 * @typedef {object} Board
 * @property {HTMLElement} element
 * @property {import("../widgets/listen_button.js").ListenButton[]} buttons
 * @property {boolean} needsAnswer      whatever the rules say: there is no page without an answer
 * @property {(attributes: Attribute[]) => void} show  a step begins
 * @property {(sound: Sound) => void} update           something else sounds, or more was heard
 * @property {(slot: number) => void} focus            to where a stimulus is rated
 * @property {number} [firstSlot]       that sounds first; the first of all where nothing is said
 * @property {(slot: number) => boolean} [mayHear]     whether its turn has come; any time
 *
 * @typedef {object} PageType
 * @property {(attributes: Attribute[]) => Attribute[][]} steps
 * @property {(attributes: Attribute[], texts: Texts) => string} question
 * @property {(letters: string, texts: Texts) => string} missing
 * @property {((attributes: Attribute[], given: (attribute: string) => (number | undefined)[],
 *   texts: Texts) => string) | undefined} [fault]  of a step whose answers are all there; or ""
 * @property {(options: BoardOptions) => Board} board
 */

export {};
