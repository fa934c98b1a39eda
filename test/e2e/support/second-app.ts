import { App } from 'aws-cdk-lib';
import { readEnvironment } from '../../../lib/config/environments';
import { parseSettings } from '../../../lib/config/settings';
import { addReviewPipeline } from '../../../lib/review-pipeline';

// A CDK application: a second environment for the account of `dev`, with the same settings except that it takes files in batches.
const settings = parseSettings(
  {
    ...readEnvironment('dev'),
    environment: 'second',
    tags: { environment: 'second' },
    // A burst fills a batch before its window is over: each further execution costs two job runs.
    intake: { mode: 'batched', windowSeconds: 10, maximumFiles: 250 },
  },
  'the second environment',
);
const app = new App();
addReviewPipeline(app, { settings, destroyData: false });
app.synth();
