import { App } from 'aws-cdk-lib';
import { ConfigurationError } from '../lib/config/configuration-error';
import { loadConfiguration } from '../lib/config/settings';
import { addReviewPipeline } from '../lib/review-pipeline';

// The CDK application. Context flags: -c env=<environment> (default dev), -c allowDestroy=<environment>.
try {
  const app = new App();
  addReviewPipeline(app, loadConfiguration(app.node));
  app.synth();
} catch (error) {
  // A wrong setting is the reader's to mend: its message says all, a stack trace would bury it.
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
