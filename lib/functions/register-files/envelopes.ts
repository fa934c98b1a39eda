import { type Envelope, envelopes } from '../../contracts/envelopes';
import { follow } from './recognition';
import { isObject, type Shape } from './value-scanner';

// As deep as the jobs look (glue-scripts/reviews/envelopes).
const MAX_DEPTH = 5;

// Keys by which a database writes a value with its type, each standing alone in its object.
const DYNAMODB_SCALARS = new Set(['S', 'N', 'B', 'BOOL', 'NULL']);
const DYNAMODB_CONTAINERS = new Set(['M', 'L', 'SS', 'NS', 'BS']);
const EXTENDED_JSON = new Set([
  '$oid',
  '$date',
  '$numberInt',
  '$numberLong',
  '$numberDouble',
  '$numberDecimal',
  '$uuid',
]);

/** The record that a value holds: what is inside of its envelopes, in plain notation; the value itself where it has none. */
export function openEnvelopes(value: Shape | undefined, depth = MAX_DEPTH): Shape | undefined {
  const envelope = depth > 0 ? envelopeOf(value) : undefined;
  if (!envelope?.record) {
    return withoutTypes(value, EXTENDED_JSON, new Set());
  }
  const record = follow(value, envelope.record);
  const plain = envelope.notation === 'dynamodb' ? withoutTypes(record, DYNAMODB_SCALARS, DYNAMODB_CONTAINERS) : record;
  return openEnvelopes(plain, depth - 1);
}

/** Whether a record is inside of this value, and not the value itself. */
export function hasEnvelope(value: Shape): boolean {
  return envelopeOf(value)?.record !== undefined;
}

function envelopeOf(value: Shape | undefined): Envelope | undefined {
  if (!isObject(value)) {
    return undefined;
  }
  const { members } = value;
  return envelopes.find(
    ({ keys, anyOf, optional, record }) =>
      keys.every((key) => members.has(key)) &&
      (anyOf?.some((key) => members.has(key)) ?? true) &&
      (!record || [...members.keys()].every((key) => keys.includes(key) || optional.includes(key))),
  );
}

/** The shape as it would be if every value that stands in an object with its type stood there itself. */
function withoutTypes(
  shape: Shape | undefined,
  scalars: ReadonlySet<string>,
  containers: ReadonlySet<string>,
): Shape | undefined {
  if (shape === undefined || shape === 'scalar') {
    return shape;
  }
  if (shape.kind === 'array') {
    return {
      ...shape,
      elements: shape.elements.map((element) => withoutTypes(element, scalars, containers) ?? element),
    };
  }
  const [[key, inner] = []] = shape.members;
  if (shape.members.size === 1 && key !== undefined && inner !== undefined) {
    if (scalars.has(key)) {
      return 'scalar';
    }
    if (containers.has(key)) {
      return withoutTypes(inner, scalars, containers);
    }
  }
  const members = [...shape.members].map(
    ([name, member]) => [name, withoutTypes(member, scalars, containers) ?? member] as const,
  );
  return { ...shape, members: new Map(members) };
}
