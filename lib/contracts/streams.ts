/** Name of the Glue job of a stream. */
export const streamJobName = (prefix: string, stream: string): string => `${prefix}-stream-${stream}`;
