/** Characters. What is shorter cannot be taken out of a log: it would take half of the words with it. */
export const SHORTEST_SECRET = 8;
