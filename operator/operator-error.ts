/** A mistake of the operator or an obstacle, with what to do about it. Shown without a stack trace. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';

  constructor(
    message: string,
    /** The next step, in one sentence. */
    readonly remedy: string,
  ) {
    super(`${message}\n${remedy}`);
  }
}
