import { App } from 'aws-cdk-lib';
import { ConfigurationError } from '../lib/config/configuration-error';
import { credentialsHint } from '../lib/config/credentials-hint';
import { loadConfiguration } from '../lib/config/settings';
import { addReviewPipeline } from '../lib/review-pipeline';

// The CDK application. Context flags: -c env=<environment> (default dev), -c allowDestroy=<environment>.
const hint = credentialsHint(process.env);
if (hint) process.stderr.write(`${hint}\n`);

try {
  const app = new App();
  addReviewPipeline(app, loadConfiguration(app.node));
  app.synth();
} catch (error) {
  // The reader can correct a wrong setting: the message says everything, and a stack trace would hide it.
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
