import { useState } from 'preact/hooks';
import type { ExecutionRow, StateTimes } from '../answers';
import { useAnswer } from './asking';
import { count, span, utc } from './format';
import { Scroll, Status } from './parts';

/** Sources that are named; more are counted. */
const NAMED = 2;

function holds({ files, sources }: ExecutionRow): string {
  if (files === 0) return '–';
  const names = sources.length > NAMED ? `${sources.length} sources` : sources.join(', ');
  return `${count(files)} ${files === 1 ? 'file' : 'files'}, ${names}`;
}

/** Executions as the console of Step Functions lists them; one opens to its states. */
export function Executions({ rows }: { rows: readonly ExecutionRow[] }) {
  const [open, setOpen] = useState<string>();
  return (
    <Scroll label="List of executions">
      <table>
        <thead>
          <tr>
            <th scope="col">Execution</th>
            <th scope="col">Status</th>
            <th scope="col">State</th>
            <th scope="col">Holds</th>
            <th scope="col">Started (UTC)</th>
            <th scope="col" class="right">
              Time
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={row.arn}
              row={row}
              open={row.arn === open}
              toggle={() => setOpen(row.arn === open ? undefined : row.arn)}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Row({ row, open, toggle }: { row: ExecutionRow; open: boolean; toggle: () => void }) {
  return (
    <>
      <tr class={open ? 'open' : ''}>
        <th scope="row">
          <button type="button" class="link" aria-expanded={open} onClick={toggle}>
            {row.name}
          </button>
        </th>
        <td>
          <Status status={row.status} />
        </td>
        <td>{row.state ?? '–'}</td>
        <td title={row.sources.join(', ')}>{holds(row)}</td>
        <td class="figures">{utc(row.startedAt)}</td>
        <td class="right">{span(row.startedAt, row.endedAt)}</td>
      </tr>
      {open && (
        <tr class="detail">
          <td colSpan={6}>
            <States row={row} />
          </td>
        </tr>
      )}
    </>
  );
}

/** States of one execution, each with a bar from when it was entered until it was left. */
function States({ row }: { row: ExecutionRow }) {
  const { answer, error } = useAnswer<StateTimes[]>(`/api/states?arn=${encodeURIComponent(row.arn)}`, 3);
  if (!answer) return <p class="hint">{error ?? 'Loading …'}</p>;
  const from = Date.parse(row.startedAt);
  // The list of executions may say a moment earlier than the history that one has ended.
  const times = [row.endedAt ?? new Date().toISOString(), ...answer.flatMap(({ leftAt }) => leftAt ?? [])];
  const whole = Math.max(1, Math.max(...times.map(Date.parse)) - from);
  const place = (time: string | null): number =>
    time === null ? 100 : Math.min(100, (100 * (Date.parse(time) - from)) / whole);
  return (
    <>
      <ol class="states" aria-label={`States of ${row.name}`}>
        {answer.map(({ name, enteredAt, leftAt }) => (
          <li key={`${name}-${enteredAt}`}>
            <span class="state-name">{name}</span>
            <svg class="state-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
              <rect
                class={leftAt || !row.endedAt ? 'bar' : 'bar unfinished'}
                x={place(enteredAt)}
                y="1"
                width={Math.max(0.6, place(leftAt) - place(enteredAt))}
                height="6"
              />
            </svg>
            <span class="right figures">{leftAt || !row.endedAt ? span(enteredAt, leftAt) : 'not left'}</span>
          </li>
        ))}
      </ol>
      {row.console && (
        <p>
          <a href={row.console} rel="noreferrer" target="_blank">
            Open in the console of Step Functions
          </a>
        </p>
      )}
    </>
  );
}
