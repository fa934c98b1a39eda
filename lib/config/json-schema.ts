import { z } from 'zod';
import { settingsSchema } from './schema';

/** The schema of an environment's file as JSON Schema: an editor completes, explains and checks the file with it. */
export function environmentJsonSchema(): Record<string, unknown> {
  const { required: _required, properties, ...schema } = z.toJSONSchema(settingsSchema, { io: 'input' });
  return {
    ...schema,
    title: 'Environment of the review pipeline',
    properties: {
      $schema: { type: 'string' },
      description: { type: 'string', description: 'What the environment is for. Read by people only.' },
      extends: {
        type: 'string',
        description: 'Name of the environment whose settings hold where this file has none of its own.',
      },
      ...properties,
    },
  };
}
