import { useEffect, useRef } from 'preact/hooks';
import { accounts } from '../../records';
import type { FileLife } from '../answers';
import { useAnswer } from './asking';
import { count, utc } from './format';
import { Scroll, Status } from './parts';

interface FileDialogProps {
  readonly fileKey: string;
  readonly close: () => void;
}

/** One file's life, in a dialog: Escape closes it, and the focus goes back to where it was. */
export function FileDialog({ fileKey, close }: FileDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { answer, error } = useAnswer<FileLife[]>(`/api/file?key=${encodeURIComponent(fileKey)}`, 10);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="file-title" onClose={close}>
      <header class="head">
        <h2 id="file-title">{fileKey}</h2>
        <button type="button" class="close" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      {error && (
        <p class="notice" role="status">
          {error}
        </p>
      )}
      {!answer && !error && <p class="hint">Loading …</p>}
      {answer?.map((life) => (
        <Version key={life.versionId} life={life} />
      ))}
    </dialog>
  );
}

function Version({ life }: { life: FileLife }) {
  return (
    <article>
      <h3>
        Version {life.versionId} <Status status={life.status} />
      </h3>
      {life.reason && <p class="notice">{life.reason}</p>}
      <dl>
        <Fact name="Source">{life.source ?? 'not recognised'}</Fact>
        <Fact name="Size">{life.bytes === null ? '–' : `${count(life.bytes)} bytes`}</Fact>
        <Fact name="Records">{accounts(life, count)}</Fact>
        <Fact name="Batch">{`${life.batch}, attempt ${life.attempt}`}</Fact>
        <Fact name="Execution">{life.executionArn}</Fact>
      </dl>
      <h4>States of its last execution</h4>
      <ol class="life">
        <li>
          <span class="figures">{utc(life.arrivedAt)}</span> arrived
        </li>
        {life.states.map(({ status, at, reason }) => (
          <li key={status + at}>
            <span class="figures">{utc(at)}</span> <Status status={status} /> {reason}
          </li>
        ))}
      </ol>
      {life.rejected > 0 && <Rejected life={life} />}
    </article>
  );
}

const Fact = ({ name, children }: { name: string; children: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

function Rejected({ life: { rejected, rejectedRecords, rejectedByReason } }: { life: FileLife }) {
  const reasons = Object.entries(rejectedByReason).map(([reason, records]) => `${reason} ${count(records)}`);
  return (
    <>
      <h4>Rejected records</h4>
      <p>{reasons.join(', ')}</p>
      <Scroll label="Rejected records">
        <table>
          <thead>
            <tr>
              <th scope="col" class="right">
                Record
              </th>
              <th scope="col" class="right">
                Bytes
              </th>
              <th scope="col">Reasons</th>
            </tr>
          </thead>
          <tbody>
            {rejectedRecords.map(({ record, bytes, reasons: codes }) => (
              <tr key={record}>
                <th scope="row" class="right">
                  {count(record)}
                </th>
                <td class="right">{count(bytes)}</td>
                <td>{codes.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="hint">
        {rejected > rejectedRecords.length && `The first ${count(rejectedRecords.length)} of ${count(rejected)}. `}
        What a record holds may be personal data and is not shown here: npm run reviews -- rejects KEY
        --show-personal-data shows it, and that is recorded.
      </p>
    </>
  );
}
