/** The settings of an environment cannot be used; the message says which setting, its value and what is allowed. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
