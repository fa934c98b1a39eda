import { describe, expect, it } from 'vitest';
import { loginFailure, refusal } from '../../../lib/functions/snowflake/snowflake-errors';
import { identifier, literal, sql } from '../../../lib/functions/snowflake/sql/quoting';
import { statement } from '../../../lib/functions/snowflake/sql/statement';
import { snowflakeError } from '../../support/fake-snowflake';

const alter = statement(
  'ALTER USER',
  ['REVIEWS_DBT'],
  sql`ALTER USER ${identifier('REVIEWS_DBT')} SET RSA_PUBLIC_KEY = ${literal("MIIB'Ij\nANBg")} TYPE = ${literal('OK')}`,
);
const messageOf = (code: string, message: string): string => refusal(alter, snowflakeError(code, message)).message;

describe('a statement that Snowflake refuses', () => {
  it("is one sentence with its kind, its object, Snowflake's code and message, and what to do", () => {
    expect(
      messageOf('003001', "SQL access control error:\nInsufficient privileges to operate on user 'REVIEWS_DBT'"),
    ).toBe(
      "Snowflake refused ALTER USER REVIEWS_DBT: 003001 SQL access control error: Insufficient privileges to operate on user 'REVIEWS_DBT'. Give the role of the secret that privilege; lib/warehouse/README.md lists those that are needed.",
    );
  });

  it('says the code once, with all its digits', () => {
    expect(messageOf('002003', '002003 (42S02): It is not there.')).toMatch(/REVIEWS_DBT: 002003 It is not there\./);
    const numbered = Object.assign(new Error('Nothing.'), { code: 2003 });
    expect(refusal(alter, numbered).message).toContain(': 002003 Nothing.');
  });

  it('repeats no literal of the statement', () => {
    const message = messageOf('001003', "syntax error line 1 at position 30 unexpected 'MIIB'Ij\nANBg'. OK?");
    expect(message).toContain("unexpected '…'. OK?");
    expect(message).not.toContain('ANBg');
  });

  it('cuts what is too long for the event of a stack', () => {
    expect(messageOf('001003', 'x'.repeat(5_000)).length).toBeLessThan(700);
  });
});

describe('a failed login to Snowflake', () => {
  it('names account and user, and what to do about a key that does not fit', () => {
    const failure = loginFailure(
      { account: 'ORG-ACCOUNT', user: 'DEPLOYER' },
      snowflakeError('390144', 'JWT token is invalid.'),
    );
    expect(failure.message).toBe(
      "Login to Snowflake account ORG-ACCOUNT as DEPLOYER failed: 390144 JWT token is invalid. Set the user's RSA_PUBLIC_KEY to the public half of the secret's privateKey.",
    );
  });
});
