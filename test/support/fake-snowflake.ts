import type { Driver, Row } from '../../lib/functions/snowflake/driver';
import { nameOf, optionsOf, parentOf, textOf } from './snowflake-text';

/** An error as Snowflake's driver hands it over. */
export function snowflakeError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, sqlState: '42000' });
}

interface CatalogueObject {
  owner: string;
  comment: string;
  /** What it is set to: `URL` → `'s3://…'`; of an external table, `definition` → all of it. */
  options: Record<string, string>;
  /** How often it was made: a replaced object is another one. */
  made: number;
  externalId?: string;
}

type Handler = (found: RegExpExecArray) => readonly Row[];

const NAME = '((?:"(?:[^"]|"")+"\\.?)+)';
const ACCOUNT_KINDS = 'STORAGE INTEGRATION|DATABASE|ROLE|WAREHOUSE|USER';
const CHANNEL = 'arn:aws:sqs:eu-west-1:999999999999:sf-snowpipe-ABC';

/**
 * Snowflake's catalogue in memory behind the driver: objects, their owners, the roles in force, and the rules that provisioning meets.
 * A statement that it does not know is an error, as is one that the role of the moment may not run.
 */
export class FakeSnowflake {
  /** Everything that there is, by kind and name: `STAGE REVIEWS.RAW.PUBLISHED`. */
  readonly objects = new Map<string, CatalogueObject>();
  readonly grants = new Set<string>();
  /** Text of every statement that was asked for, failed ones included. */
  readonly statements: string[] = [];
  /** Files that a table lists, by its name: filled at its creation and by a refresh. */
  readonly listed = new Map<string, readonly string[]>();
  /** Edition of the account: the Standard one has neither tags nor masking policies. */
  edition: 'STANDARD' | 'ENTERPRISE' = 'ENTERPRISE';
  /** Keys in the bucket. */
  bucket: readonly string[] = [];
  /** Thrown instead of an answer. */
  refuse: (text: string) => Error | undefined = () => undefined;
  /** Whether AWS lets Snowflake assume the role. */
  assumable = () => true;
  /** What a refresh says of the files of a table below a path. */
  refreshed: (table: string, below: string) => Row[] = () => [];
  /** State of the pipe behind a table. */
  pipeState: (table: string) => string = () => 'RUNNING';
  logins = 0;
  open = 0;
  private role = '';
  private made = 0;

  /** A login as the role PROVISIONER. */
  readonly login = async (): Promise<Driver> => {
    this.logins += 1;
    this.open += 1;
    this.role = 'PROVISIONER';
    return {
      address: { account: 'ORG-ACCOUNT' },
      execute: async (text) => this.answer(text),
      close: async () => {
        this.open -= 1;
      },
    };
  };

  /** Names of the objects of a kind. */
  names(kind: string): string[] {
    return [...this.objects.keys()]
      .filter((key) => key.startsWith(`${kind} `))
      .map((key) => key.slice(kind.length + 1));
  }

  get(kind: string, name: string): CatalogueObject {
    const found = this.objects.get(`${kind} ${name}`);
    if (!found) throw snowflakeError('002003', `${kind} '${name}' does not exist or not authorized.`);
    return found;
  }

  /** Puts something there that this project has not made. */
  put(kind: string, name: string, more: Partial<CatalogueObject> = {}): CatalogueObject {
    this.made += 1;
    const object = { owner: 'SOMEONE', comment: '', options: {}, made: this.made, ...more };
    this.objects.set(`${kind} ${name}`, object);
    return object;
  }

  /** Drops an object behind the project's back. */
  remove(kind: string, name: string): void {
    this.objects.delete(`${kind} ${name}`);
  }

  /** What there is, without how often it was made: two catalogues that hold the same are the same. */
  snapshot(): Record<string, unknown> {
    const objects = [...this.objects].map(([key, { made, externalId, ...object }]) => [key, object]);
    return structuredClone({ objects: Object.fromEntries(objects.sort()), grants: [...this.grants].sort() });
  }

  private answer(text: string): readonly Row[] {
    this.statements.push(text);
    const refusal = this.refuse(text);
    if (refusal) throw refusal;
    const lacking = this.edition === 'STANDARD' && /^(?:CREATE|ALTER) (TAG|MASKING POLICY) /.exec(text);
    if (lacking) throw snowflakeError('000002', `Unsupported feature '${lacking[1]}'.`);
    for (const [pattern, handle] of [...this.handlers, ...this.governing]) {
      const found = pattern.exec(text);
      if (found) return handle(found);
    }
    throw snowflakeError('001003', `SQL compilation error: unexpected '${text}'.`);
  }

  private readonly handlers: readonly (readonly [RegExp, Handler])[] = [
    [/^SELECT CURRENT_ROLE\(\) AS "role"$/, () => [{ role: this.role }]],
    [
      new RegExp(`^USE ROLE ${NAME}$`),
      ([, quoted]) => {
        const role = nameOf(quoted);
        if (!this.reaches('PROVISIONER', role)) {
          throw snowflakeError('390189', `Requested role '${role}' is not assigned to the executing user.`);
        }
        this.role = role;
        return [];
      },
    ],
    [
      new RegExp(`^CREATE (${ACCOUNT_KINDS}) IF NOT EXISTS ${NAME}(.*)$`),
      ([, kind = '', name, rest = '']) => this.create(kind.replace('STORAGE ', ''), nameOf(name), rest),
    ],
    [
      new RegExp(`^CREATE (SCHEMA|FILE FORMAT|STAGE) IF NOT EXISTS ${NAME}(.*)$`),
      ([, kind = '', name, rest = '']) => {
        if (kind === 'STAGE') this.checkStage(optionsOf(rest));
        this.mayCreateIn(parentOf(nameOf(name)));
        return this.create(kind, nameOf(name), rest);
      },
    ],
    [
      new RegExp(`^CREATE (OR REPLACE )?EXTERNAL TABLE ${NAME} (.*)$`),
      ([, replace, name, rest = '']) => this.createExternalTable(nameOf(name), rest, replace !== undefined),
    ],
    [
      new RegExp(`^DESC EXTERNAL TABLE ${NAME}$`),
      ([, name]) => {
        const { definition = '' } = this.mayAlter('EXTERNAL TABLE', nameOf(name)).options;
        const columns = [...definition.matchAll(/"(\w+)" ([A-Z_]+(?:\(\d+,\d+\))?) AS \(/g)];
        const sized = (type = '') => type.replace(/^VARCHAR$/, 'VARCHAR(16777216)').replace(/NTZ$/, 'NTZ(9)');
        return [
          { name: 'VALUE', type: 'VARIANT' },
          ...columns.map(([, column, type]) => ({ name: column, type: sized(type) })),
        ];
      },
    ],
    [
      new RegExp(`^ALTER TABLE ${NAME} ADD COLUMN (.* AS \\(.*\\))$`),
      ([, name, column = '']) => {
        const { options } = this.mayAlter('EXTERNAL TABLE', nameOf(name));
        options.definition = `(${column}, ${options.definition?.slice(1)}`;
        return [];
      },
    ],
    [
      new RegExp(`^ALTER TABLE ${NAME} DROP COLUMN "(\\w+)"$`),
      ([, name, column = '']) => {
        const { options } = this.mayAlter('EXTERNAL TABLE', nameOf(name));
        const without = new RegExp(`"${column}" \\S+ AS \\(VALUE:"\\w+"::[A-Z_]+(?:\\(\\d+,\\d+\\))?\\), `);
        options.definition = options.definition?.replace(without, '') ?? '';
        return [];
      },
    ],
    [
      new RegExp(`^ALTER (${ACCOUNT_KINDS}|FILE FORMAT|STAGE) ${NAME} SET (.*)$`),
      ([, kind = '', name, rest = '']) => this.alter(kind.replace('STORAGE ', ''), nameOf(name), rest),
    ],
    [
      new RegExp(`^ALTER USER ${NAME} UNSET (RSA_PUBLIC_KEY_2|RSA_PUBLIC_KEY)$`),
      ([, name, option = '']) => {
        delete this.mayAlter('USER', nameOf(name)).options[option];
        return [];
      },
    ],
    [
      new RegExp(`^ALTER EXTERNAL TABLE ${NAME} REFRESH(?: ('[^']*'))?$`),
      ([, name, below]) => {
        this.mayAlter('EXTERNAL TABLE', nameOf(name));
        this.list(nameOf(name));
        return this.refreshed(nameOf(name), textOf(below));
      },
    ],
    [
      /^SELECT SYSTEM\$EXTERNAL_TABLE_PIPE_STATUS\('(.*)'\) AS "status"$/,
      ([, name]) => {
        this.mayAlter('EXTERNAL TABLE', nameOf(name));
        return [{ status: JSON.stringify({ executionState: this.pipeState(nameOf(name)), pendingFileCount: 0 }) }];
      },
    ],
    [
      new RegExp(
        `^DROP (INTEGRATION|DATABASE|ROLE|WAREHOUSE|USER|EXTERNAL TABLE|STAGE|FILE FORMAT) IF EXISTS ${NAME}$`,
      ),
      ([, kind = '', name]) => this.drop(kind, nameOf(name)),
    ],
    [new RegExp(`^DESC INTEGRATION ${NAME}$`), ([, name]) => this.describe(nameOf(name))],
    [
      /^SHOW (INTEGRATION|DATABASE|ROLE|WAREHOUSE|USER)S LIKE ('.*')$/,
      ([, kind = '', pattern]) => {
        const like = new RegExp(`^${textOf(pattern).replaceAll('_', '.').replaceAll('%', '.*')}$`, 'i');
        return this.show(kind).filter(({ name }) => like.test(String(name)));
      },
    ],
    [new RegExp(`^SHOW SCHEMAS IN DATABASE ${NAME}$`), ([, name]) => this.show('SCHEMA', nameOf(name))],
    [
      new RegExp(`^SHOW EXTERNAL TABLES IN SCHEMA ${NAME}$`),
      ([, schema]) => {
        this.mayCreateIn(nameOf(schema));
        return this.show('EXTERNAL TABLE', nameOf(schema)).map((row) => ({ ...row, notification_channel: CHANNEL }));
      },
    ],
    [
      new RegExp(`^GRANT OWNERSHIP ON SCHEMA ${NAME} TO ROLE ${NAME} COPY CURRENT GRANTS$`),
      ([, schema, role]) => {
        this.mayAlter('SCHEMA', nameOf(schema)).owner = this.existing('ROLE', nameOf(role));
        return [];
      },
    ],
    [
      new RegExp(`^GRANT ROLE ${NAME} TO (ROLE|USER) ${NAME}$`),
      ([, role, kind, to]) => {
        this.mayAlter('ROLE', nameOf(role));
        this.grants.add(`${nameOf(role)} to ${kind} ${nameOf(to)}`);
        return [];
      },
    ],
    [
      new RegExp(
        `^GRANT (USAGE) ON (DATABASE|INTEGRATION|WAREHOUSE|SCHEMA|STAGE|FILE FORMAT) ${NAME} TO ROLE ${NAME}$`,
      ),
      ([, privilege, kind = '', name, role]) => {
        this.mayAlter(kind, nameOf(name));
        this.grants.add(`${privilege} on ${kind} ${nameOf(name)} to ${this.existing('ROLE', nameOf(role))}`);
        return [];
      },
    ],
    [
      new RegExp(`^GRANT (SELECT) ON (ALL|FUTURE) (EXTERNAL TABLES|TABLES|VIEWS) IN SCHEMA ${NAME} TO ROLE ${NAME}$`),
      ([, privilege, which, objects, schema, role]) => {
        this.mayAlter('SCHEMA', nameOf(schema));
        const to = this.existing('ROLE', nameOf(role));
        this.grants.add(`${privilege} on ${which} ${objects} in ${nameOf(schema)} to ${to}`);
        return [];
      },
    ],
  ];

  private readonly governing: readonly (readonly [RegExp, Handler])[] = [
    [
      new RegExp(`^CREATE (TAG|MASKING POLICY) IF NOT EXISTS ${NAME} (.*)$`),
      ([, kind = '', name, rest = '']) => {
        this.mayCreateIn(parentOf(nameOf(name)));
        if (!this.objects.has(`${kind} ${nameOf(name)}`))
          this.put(kind, nameOf(name), { owner: this.role, comment: rest });
        return [];
      },
    ],
    [
      new RegExp(`^ALTER MASKING POLICY ${NAME} SET BODY -> (.*)$`),
      ([, name, body = '']) => {
        this.mayAlter('MASKING POLICY', nameOf(name)).options.body = body;
        return [];
      },
    ],
    [
      new RegExp(`^ALTER TAG ${NAME} SET (MASKING POLICY .*) FORCE$`),
      ([, name, policies = '']) => {
        this.mayAlter('TAG', nameOf(name)).options.policies = policies;
        return [];
      },
    ],
    [
      new RegExp(`^ALTER SCHEMA ${NAME} SET TAG ${NAME} = ('.*')$`),
      ([, schema, tag, value]) => {
        this.mayAlter('TAG', nameOf(tag));
        this.mayAlter('SCHEMA', nameOf(schema)).options[nameOf(tag)] = textOf(value);
        return [];
      },
    ],
    [
      new RegExp(`^ALTER TABLE ${NAME} MODIFY (COLUMN .* SET TAG .*)$`),
      ([, name, columns = '']) => {
        const { options } = this.mayAlter('EXTERNAL TABLE', nameOf(name));
        for (const [, column = '', tag, value] of columns.matchAll(
          new RegExp(`COLUMN "(\\w+)" SET TAG ${NAME} = ('[^']*')`, 'g'),
        )) {
          if (!this.grants.has(`APPLY on TAG ${nameOf(tag)} to ${this.role}`)) {
            throw snowflakeError('003001', `Insufficient privileges to operate on tag '${nameOf(tag)}'.`);
          }
          options[`tag of ${column}`] = textOf(value);
        }
        return [];
      },
    ],
    [
      new RegExp(`^GRANT (APPLY) ON (TAG) ${NAME} TO ROLE ${NAME}$`),
      ([, privilege, kind = '', name, role]) => {
        this.mayAlter(kind, nameOf(name));
        this.grants.add(`${privilege} on ${kind} ${nameOf(name)} to ${this.existing('ROLE', nameOf(role))}`);
        return [];
      },
    ],
  ];

  private create(kind: string, name: string, rest: string): readonly Row[] {
    const key = `${kind} ${name}`;
    if (this.objects.has(key)) return [{ status: `${name} already exists, statement succeeded.` }];
    const { COMMENT, ...options } = optionsOf(rest);
    const created = this.put(kind, name, { owner: this.role, comment: textOf(COMMENT), options });
    if (kind === 'INTEGRATION') created.externalId = `ID_${created.made}`;
    return [{ status: `${name} successfully created.` }];
  }

  private createExternalTable(name: string, rest: string, replace: boolean): readonly Row[] {
    const taken = [`EXTERNAL TABLE ${name}`, `TABLE ${name}`].find((key) => this.objects.has(key));
    if (taken && !replace) throw snowflakeError('002002', `Object '${name}' already exists.`);
    this.mayCreateIn(parentOf(name));
    if (!rest.includes(' REFRESH_ON_CREATE = FALSE')) this.list(name);
    const [definition = '', comment] = rest.replace(' COPY GRANTS', '').split(' COMMENT = ');
    this.put('EXTERNAL TABLE', name, { owner: this.role, comment: textOf(comment), options: { definition } });
    return [];
  }

  private alter(kind: string, name: string, rest: string): readonly Row[] {
    const object = this.mayAlter(kind, name);
    const { COMMENT, ...options } = optionsOf(rest);
    if (kind === 'STAGE') this.checkStage(options);
    if (COMMENT !== undefined) object.comment = textOf(COMMENT);
    Object.assign(object.options, options);
    return [];
  }

  private drop(kind: string, name: string): readonly Row[] {
    if (!this.objects.has(`${kind} ${name}`)) return [];
    this.mayAlter(kind, name);
    this.objects.delete(`${kind} ${name}`);
    for (const key of this.objects.keys()) {
      if (kind === 'DATABASE' && key.split(' ').at(-1)?.startsWith(`${name}.`)) this.objects.delete(key);
    }
    for (const granted of this.grants)
      if (granted.split(' ').some((word) => word === name)) this.grants.delete(granted);
    return [];
  }

  private describe(name: string): readonly Row[] {
    const { options, externalId } = this.get('INTEGRATION', name);
    return [
      { property: 'ENABLED', property_value: 'true' },
      { property: 'STORAGE_AWS_IAM_USER_ARN', property_value: 'arn:aws:iam::999999999999:user/snowflake' },
      { property: 'STORAGE_AWS_ROLE_ARN', property_value: textOf(options.STORAGE_AWS_ROLE_ARN) },
      { property: 'STORAGE_AWS_EXTERNAL_ID', property_value: externalId },
    ];
  }

  private show(kind: string, parent?: string): Row[] {
    return this.names(kind)
      .filter((name) => parent === undefined || parentOf(name) === parent)
      .map((name) => {
        const { comment, owner } = this.get(kind, name);
        return { name: name.split('.').at(-1), comment, owner };
      });
  }

  private checkStage(options: Record<string, string>): void {
    const url = textOf(options.URL);
    const name = nameOf(options.STORAGE_INTEGRATION);
    const integration = this.get('INTEGRATION', name);
    if (!this.grants.has(`USAGE on INTEGRATION ${name} to ${this.role}`)) {
      throw snowflakeError('003001', `Insufficient privileges to operate on integration '${name}'.`);
    }
    const allowed = textOf(integration.options.STORAGE_ALLOWED_LOCATIONS?.slice(1, -1));
    if (!url.startsWith(allowed)) {
      throw snowflakeError('003167', `Location '${url}' is not allowed by integration '${name}'.`);
    }
  }

  private list(table: string): void {
    if (!this.assumable()) {
      throw snowflakeError('003167', 'Error assuming AWS_ROLE. Please verify the role and externalId are configured.');
    }
    this.listed.set(table, this.bucket);
  }

  private existing(kind: string, name: string): string {
    this.get(kind, name);
    return name;
  }

  private mayAlter(kind: string, name: string): CatalogueObject {
    const object = this.get(kind, name);
    if (this.reaches(this.role, object.owner)) return object;
    throw snowflakeError('003001', `Insufficient privileges to operate on ${kind.toLowerCase()} '${name}'.`);
  }

  private mayCreateIn(parent: string): void {
    this.mayAlter(parent.includes('.') ? 'SCHEMA' : 'DATABASE', parent);
  }

  /** Whether a role is, or inherits, another. */
  private reaches(role: string, other: string): boolean {
    return role === other || this.grants.has(`${other} to ROLE ${role}`);
  }
}
