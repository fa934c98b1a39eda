import { useState } from 'preact/hooks';
import type { FileRow } from '../answers';
import { count, shortKey, utc } from './format';
import { Scroll, Status } from './parts';

const SHOWN = 12;

interface FilesProps {
  readonly rows: readonly FileRow[];
  readonly choose: (key: string) => void;
}

/** The newest files of the ledger, those first that somebody should look at where asked for. */
export function Files({ rows, choose }: FilesProps) {
  const [status, setStatus] = useState('');
  const [source, setSource] = useState('');
  const [all, setAll] = useState(false);
  const wanted = rows.filter((row) => (!status || row.status === status) && (!source || row.source === source));
  const shown = all ? wanted : wanted.slice(0, SHOWN);
  return (
    <>
      <div class="filters">
        <Choice label="Status" value={status} choose={setStatus} values={rows.map((row) => row.status)} />
        <Choice label="Source" value={source} choose={setSource} values={rows.flatMap((row) => row.source ?? [])} />
      </div>
      <Scroll label="List of files">
        <table>
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Source</th>
              <th scope="col">Status</th>
              {['Read', 'Published', 'Duplicates', 'Rejected'].map((name) => (
                <th key={name} scope="col" class="right">
                  {name}
                </th>
              ))}
              <th scope="col">Arrived (UTC)</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.key + row.versionId}>
                <th scope="row">
                  <button type="button" class="link" aria-haspopup="dialog" onClick={() => choose(row.key)}>
                    {shortKey(row.key)}
                  </button>
                </th>
                <td>{row.source ?? '–'}</td>
                <td>
                  <Status status={row.status} />
                </td>
                <td class="right">{count(row.read)}</td>
                <td class="right">{count(row.published)}</td>
                <td class="right">{count(row.duplicates)}</td>
                <td class="right">{count(row.rejected)}</td>
                <td class="figures">{utc(row.arrivedAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {wanted.length > shown.length && (
        <button type="button" class="more" onClick={() => setAll(true)}>
          Show all {count(wanted.length)}
        </button>
      )}
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly values: readonly string[];
  readonly choose: (value: string) => void;
}

const Choice = ({ label, value, values, choose }: ChoiceProps) => (
  <label>
    {label}
    <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
      <option value="">all</option>
      {[...new Set(values)].sort().map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  </label>
);
