/** Hidden reference and anchors among the stimuli (BS.1534-3), the reference open beside them. */

export { board, missing, question, steps } from "./attributes.js";
