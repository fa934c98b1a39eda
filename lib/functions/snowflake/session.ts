import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Address, Driver, Row } from './driver';
import type { Progress } from './progress';
import { ProvisioningError } from './provisioning-errors';
import { isAccessNotYetGranted, refusal } from './snowflake-errors';
import { identifier, sql } from './sql/quoting';
import { changesNothing, type Statement, statement } from './sql/statement';

/** Pause before Snowflake is asked again to read a bucket that it may not read yet (milliseconds). */
const ACCESS_PAUSE = 5_000;

/**
 * How long a new IAM role may take to be known everywhere (milliseconds): AWS names no bound ("Changes that I make are not always
 * immediately visible", AWS IAM User Guide); seconds are usual, and two minutes leave the function time to say so.
 */
const ACCESS_PATIENCE = 120_000;

/** A logged-in session: runs statements one after the other, each as the role it asks for, within the time that is left. */
export class Session {
  private currentRole: string;

  private constructor(
    private readonly driver: Driver,
    private readonly progress: Progress,
    /** Role that logged in. */
    readonly ownRole: string,
  ) {
    this.currentRole = ownRole;
  }

  static async begin(driver: Driver, progress: Progress): Promise<Session> {
    const row = z.tuple([z.object({ role: z.string().min(1) })]);
    const asking = statement('SELECT', ['CURRENT_ROLE'], sql`SELECT CURRENT_ROLE() AS "role"`);
    const rows = await execute(driver, asking, progress);
    const [{ role }] = checked(row, rows, asking);
    return new Session(driver, progress, role);
  }

  /** Where Snowflake is. */
  get address(): Address {
    return this.driver.address;
  }

  /**
   * Runs a statement.
   *
   * @throws ProvisioningError that names its kind, its object and what Snowflake said
   */
  async run(asked: Statement): Promise<readonly Row[]> {
    await this.assume(asked.role ?? this.ownRole);
    const givingUp = Date.now() + Math.min(ACCESS_PATIENCE, this.progress.remainingMilliseconds());
    for (;;) {
      try {
        const rows = await execute(this.driver, asked, this.progress);
        if (!changesNothing(asked)) this.progress.changed = true;
        return rows;
      } catch (error) {
        const patient = asked.readsBucket && isAccessNotYetGranted(error) && Date.now() + ACCESS_PAUSE < givingUp;
        if (!patient) throw error;
        await sleep(ACCESS_PAUSE);
      }
    }
  }

  async runAll(statements: Iterable<Statement>): Promise<void> {
    for (const each of statements) await this.run(each);
  }

  /**
   * Runs a statement and checks its rows.
   *
   * @throws ProvisioningError if Snowflake refuses it, or answers otherwise than expected
   */
  async query<T extends z.ZodType>(row: T, asked: Statement): Promise<z.output<T>[]> {
    return checked(z.array(row), await this.run(asked), asked);
  }

  private async assume(role: string): Promise<void> {
    if (role === this.currentRole) return;
    await execute(this.driver, statement('USE ROLE', [role], sql`USE ROLE ${identifier(role)}`), this.progress);
    this.currentRole = role;
  }
}

async function execute(driver: Driver, asked: Statement, progress: Progress): Promise<readonly Row[]> {
  const remaining = progress.remainingMilliseconds();
  if (remaining <= 0) {
    throw new ProvisioningError(
      `There was no time left for ${asked.kind} ${asked.object}. What was done is kept: repeat the deployment to continue.`,
    );
  }
  try {
    return await driver.execute(asked.sql.text, remaining);
  } catch (error) {
    throw refusal(asked, error);
  }
}

function checked<T extends z.ZodType>(schema: T, rows: readonly Row[], { kind, object }: Statement): z.output<T> {
  const result = schema.safeParse(rows);
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path, message }) => `${path.join('.') || 'rows'}: ${message}`);
  throw new ProvisioningError(
    `Snowflake answered ${kind} ${object} otherwise than documented (${places.slice(0, 3).join('; ')}).`,
  );
}
