import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { SettingsInput } from '../../lib/config/schema';
import { type Configuration, parseSettings } from '../../lib/config/settings';
import { addReviewPipeline, type ReviewPipeline } from '../../lib/review-pipeline';

/** A synthesised application, its code not bundled: tests of templates have no use for it. */
export interface SynthesisedPipeline {
  readonly app: App;
  readonly stacks: ReviewPipeline;
  readonly storage: Template;
  readonly processing: Template;
  readonly intake: Template;
  readonly monitoring: Template;
  /** Only where the settings name connectors. */
  readonly connectors?: Template;
  /** Only where the settings name a database. */
  readonly changeCapture?: Template;
  /** Only where the settings name streams. */
  readonly streams?: Template;
  /** Only where the settings have a warehouse. */
  readonly warehouse?: Template;
  /** Only where the settings have orchestration, and that is enabled. */
  readonly orchestration?: Template;
  /** Folder of the assembly. */
  readonly folder: string;
}

const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};

/** Application with the feature flags of cdk.json. */
export function newApp(more: Record<string, unknown> = {}): App {
  const outdir = mkdtempSync(join(tmpdir(), 'review-pipeline-'));
  return new App({ context: { ...context, 'aws:cdk:bundling-stacks': [], ...more }, outdir });
}

/** Configuration of an environment named `test`, whose settings have their defaults except for those given. */
export function configuration(settings: Partial<SettingsInput> = {}, destroyData = false): Configuration {
  return { settings: parseSettings({ environment: 'test', ...settings }, 'the test'), destroyData };
}

const synthesised = new Map<string, SynthesisedPipeline>();

/**
 * Synthesises the application as `bin/app.ts` does. Files of tests that share a process share what is synthesised of equal settings: no
 * test changes it.
 */
export function synthesise(config: Configuration = configuration()): SynthesisedPipeline {
  const key = JSON.stringify(config);
  const known = synthesised.get(key) ?? synthesiseAnew(config);
  synthesised.set(key, known);
  return known;
}

function synthesiseAnew(config: Configuration): SynthesisedPipeline {
  const app = newApp();
  const stacks = addReviewPipeline(app, config);
  const { directory } = app.synth();
  return {
    app,
    stacks,
    folder: directory,
    storage: Template.fromStack(stacks.storage),
    processing: Template.fromStack(stacks.processing),
    intake: Template.fromStack(stacks.intake),
    monitoring: Template.fromStack(stacks.monitoring),
    ...(stacks.connectors && { connectors: Template.fromStack(stacks.connectors) }),
    ...(stacks.changeCapture && { changeCapture: Template.fromStack(stacks.changeCapture) }),
    ...(stacks.streams && { streams: Template.fromStack(stacks.streams) }),
    ...(stacks.warehouse && { warehouse: Template.fromStack(stacks.warehouse) }),
    ...(stacks.orchestration && { orchestration: Template.fromStack(stacks.orchestration) }),
  };
}
