/** Nothing more is to be done; the transcript says why. */
export class Refused extends Error {}
