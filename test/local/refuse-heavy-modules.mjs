import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    if (/^(@aws-sdk|aws-cdk-lib|snowflake-sdk|listr2)/.test(specifier)) throw new Error(`${specifier} was read.`);
    return next(specifier, context);
  },
});
