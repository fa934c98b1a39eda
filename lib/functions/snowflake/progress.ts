/** How far a request has come, and how long it may still take. */
export class Progress {
  /** Whether anything outside this function has been changed for the request. */
  changed = false;

  /** @param remainingMilliseconds time that is left to work, the answer not counted */
  constructor(readonly remainingMilliseconds: () => number) {}
}
