import type { Settings } from './schema';

/** First part of the name of everything in an environment, such as `reviews-dev`. */
export function resourcePrefix(settings: Settings): string {
  return `${settings.namePrefix}-${settings.environment}`;
}
