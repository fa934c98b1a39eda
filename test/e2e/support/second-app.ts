import { App } from 'aws-cdk-lib';
import { readEnvironment } from '../../../lib/config/environments';
import { parseSettings } from '../../../lib/config/settings';
import { addReviewPipeline } from '../../../lib/review-pipeline';

// A CDK application: one more environment for the account of `dev`, with the same settings except for how files reach the state machine.
const INTAKES: Record<string, object> = {
  // A burst fills a batch before its window is over: each further execution costs two job runs.
  second: { mode: 'batched', windowSeconds: 10, maximumFiles: 250, maximumExecutions: 2 },
  bounded: { mode: 'single', maximumExecutions: 2 },
};
const app = new App();
const environment: string = app.node.tryGetContext('env');
const settings = parseSettings(
  { ...readEnvironment('dev'), environment, tags: { environment }, intake: INTAKES[environment] },
  `the environment ${environment}`,
);
addReviewPipeline(app, { settings, destroyData: false });
app.synth();
