/** Why there is no environment. */

/** The user does not want it any more. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
  }
}

/** It could not be set up; the message tells people why, `lines` what a program said last. */
export class SetupError extends Error {
  constructor(
    message: string,
    readonly lines: readonly string[] = [],
  ) {
    super(message);
  }
}
