/** A piece of SQL, and the values of its literals: messages must not repeat them. */
export interface Sql {
  readonly text: string;
  readonly literals: readonly string[];
}

/** Longest identifier (characters). "Identifier requirements", Snowflake SQL reference. */
const MAX_IDENTIFIER_LENGTH = 255;

/**
 * The one place where a value becomes part of SQL: between the marks, with every mark in it doubled. Between single quotes Snowflake
 * also reads backslashes as escapes ("String and binary data types", Snowflake SQL reference); between double quotes it does not.
 */
function quoted(value: string, mark: '"' | "'"): string {
  const unescaped = mark === "'" ? value.replaceAll('\\', '\\\\') : value;
  return `${mark}${unescaped.replaceAll(mark, `${mark}${mark}`)}${mark}`;
}

/**
 * A name, or a name in its database and schema: `"REVIEWS"."RAW"."PRODUCTS"`. Quoted, a name is taken as it is written, capitals included.
 *
 * @throws RangeError if Snowflake accepts no such name
 */
export function identifier(...names: readonly string[]): Sql {
  for (const name of names) {
    if (name.length === 0 || name.length > MAX_IDENTIFIER_LENGTH || name.includes('\0')) {
      throw new RangeError(
        `No name for Snowflake: ${JSON.stringify(name.slice(0, 60))} (${name.length} characters); expected 1 to ${MAX_IDENTIFIER_LENGTH}, none of them NUL.`,
      );
    }
  }
  return { text: names.map((name) => quoted(name, '"')).join('.'), literals: [] };
}

/** A string literal. */
export function literal(value: string): Sql {
  return { text: quoted(value, "'"), literals: [value] };
}

/** A whole number. */
export function wholeNumber(value: number): Sql {
  if (!Number.isSafeInteger(value)) throw new RangeError(`Not a whole number: ${value}.`);
  return { text: String(value), literals: [] };
}

/**
 * SQL with values filled in: ``sql`DROP ROLE IF EXISTS ${identifier(role)}` ``. Each value is SQL itself, so an unquoted text is a
 * type error; a list is joined by commas.
 */
export function sql(strings: TemplateStringsArray, ...values: readonly (Sql | readonly Sql[])[]): Sql {
  const pieces = values.map((value) => ('text' in value ? value : joined(value)));
  return {
    text: strings.map((text, index) => text + (pieces[index]?.text ?? '')).join(''),
    literals: pieces.flatMap(({ literals }) => literals),
  };
}

function joined(list: readonly Sql[]): Sql {
  return { text: list.map(({ text }) => text).join(', '), literals: list.flatMap(({ literals }) => literals) };
}
