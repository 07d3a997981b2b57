/** Three recordings, of which one is of the other mix of a pair: which? */

export { board, missing, question, steps } from "./staircase.js";
