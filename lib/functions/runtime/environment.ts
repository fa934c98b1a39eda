/** Value of an environment variable that the stack sets on the function. */
export function requiredEnvironment(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`Environment variable ${name} is not set; the stack that defines the function must set it.`);
  }
  return value;
}
