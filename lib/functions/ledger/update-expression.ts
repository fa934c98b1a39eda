/** Parts of a DynamoDB UpdateItem request, as the DocumentClient takes them. */
export interface UpdateExpression {
  readonly UpdateExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Record<string, unknown>;
}

/** What an update does to the attributes of a row. */
export interface Change {
  /** Attributes and their new values. One whose value is undefined is removed: nothing of an earlier state remains. */
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** An attribute that is counted up by one, from 0 where it is not there. */
  readonly increment?: string;
}

/** The change as an update expression. Every name is a placeholder, because `status` and others are reserved words of DynamoDB. */
export function updateExpression({ set, remove = [], increment }: Change): UpdateExpression {
  const given = Object.entries(set).filter(([, value]) => value !== undefined);
  const absent = new Set([...Object.keys(set).filter((name) => set[name] === undefined), ...remove]);
  const names = [...given.map(([name]) => name), ...absent];
  const values = Object.fromEntries(given.map(([name, value]) => [`:${name}`, value]));
  const assignments = given.map(([name]) => `#${name} = :${name}`);
  if (increment) {
    names.push(increment);
    assignments.push(`#${increment} = if_not_exists(#${increment}, :zero) + :one`);
    Object.assign(values, { ':zero': 0, ':one': 1 });
  }
  const removal = absent.size > 0 ? ` REMOVE ${[...absent].map((name) => `#${name}`).join(', ')}` : '';
  return {
    UpdateExpression: `SET ${assignments.join(', ')}${removal}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: values,
  };
}
