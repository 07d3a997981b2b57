/** Several mixes of a song beside each other, a slider each; references, if any, are open ones. */

export { board, missing, question, steps } from "./attributes.js";
