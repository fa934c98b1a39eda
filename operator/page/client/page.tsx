import { useEffect, useState } from 'preact/hooks';
import type { ExecutionRow, FileRow, Overview, Presentation as PresentationAnswer, SourceQuality } from '../answers';
import { useAnswer } from './asking';
import { Executions } from './executions';
import { FileDialog } from './file-dialog';
import { Files } from './files';
import { Flow } from './flow';
import { count, utc } from './format';
import { Section } from './parts';
import { Presentation } from './presentation';
import { Quality } from './quality';

const SPANS = { '1h': 'last hour', '24h': 'last 24 hours', '7d': 'last 7 days', '30d': 'last 30 days' } as const;
type Span = keyof typeof SPANS;

/** The file that the address names, so that a link to a file can be passed on. */
const fileInAddress = (): string | undefined => new URLSearchParams(location.hash.slice(1)).get('file') ?? undefined;

function useFile(): [string | undefined, (key: string | undefined) => void] {
  const [file, setFile] = useState(fileInAddress);
  useEffect(() => {
    const follow = (): void => setFile(fileInAddress());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const choose = (key: string | undefined): void => {
    history.replaceState(null, '', key ? `#${new URLSearchParams({ file: key })}` : location.pathname);
    setFile(key);
  };
  return [file, choose];
}

/** The whole page. */
export function Page() {
  const [since, setSince] = useState<Span>('30d');
  const [file, chooseFile] = useFile();
  const overview = useAnswer<Overview>(`/api/overview?since=${since}`, 3);
  const executions = useAnswer<ExecutionRow[]>(`/api/executions?since=${since}`, 3);
  const files = useAnswer<FileRow[]>(`/api/files?since=${since}`, 3);
  const quality = useAnswer<SourceQuality[]>(`/api/quality?since=${since}`, 10);
  const presentation = useAnswer<PresentationAnswer>('/api/presentation', 15);
  const drop = 'Drop one: npm run local -- drop PATH';
  return (
    <>
      <a class="skip" href="#flow">
        Skip to the flow
      </a>
      <Header overview={overview.answer} since={since} choose={setSince} />
      <main>
        <Section
          id="flow"
          title="Flow"
          hint="What each stage has done with the files of this time, from the raw bucket to the presentation tables."
          asked={overview}
          isEmpty={() => false}
          empty=""
        >
          {(answer) => (
            <>
              <Flow overview={answer} />
              <Balance overview={answer} />
            </>
          )}
        </Section>
        <Section
          id="executions"
          title="Executions"
          hint="Of the state machine, the newest first. Open one to see its states and how long each took."
          asked={executions}
          isEmpty={(rows) => rows.length === 0}
          empty={`No execution in the ${SPANS[since]}. A file that arrives starts one.`}
        >
          {(rows) => <Executions rows={rows} />}
        </Section>
        <Section
          id="files"
          title="Files"
          hint="Every version of every file, by the ledger. Open one to see its whole life and its rejected records."
          asked={files}
          isEmpty={(rows) => rows.length === 0}
          empty={`No file in the ${SPANS[since]}. ${drop}`}
        >
          {(rows) => <Files rows={rows} choose={chooseFile} />}
        </Section>
        <Section
          id="quality"
          title="Quality of each source"
          hint="Records by the day on which their file arrived. The height of a bar is relative to the best day of its source."
          asked={quality}
          isEmpty={(sources) => sources.length === 0}
          empty={`No file in the ${SPANS[since]}. ${drop}`}
        >
          {(sources) => <Quality sources={sources} />}
        </Section>
        <Section
          id="presentation"
          title="Presentation tables"
          hint="What dashboards show. dbt renews them after every batch."
          asked={presentation}
          isEmpty={({ products }) => products.length === 0}
          empty="The presentation tables are empty: dbt has not built them yet."
        >
          {(answer) => <Presentation answer={answer} />}
        </Section>
      </main>
      {file && <FileDialog key={file} fileKey={file} close={() => chooseFile(undefined)} />}
    </>
  );
}

interface HeaderProps {
  readonly overview: Overview | undefined;
  readonly since: Span;
  readonly choose: (since: Span) => void;
}

const Header = ({ overview, since, choose }: HeaderProps) => (
  <header class="top">
    <h1>
      Review pipeline <span class="environment">{overview ? `${overview.environment}, ${overview.region}` : '…'}</span>
    </h1>
    <label>
      Time
      <select value={since} onChange={({ currentTarget }) => choose(currentTarget.value as Span)}>
        {Object.entries(SPANS).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
    <p class="hint figures">{overview ? `as of ${utc(overview.at)} UTC` : ''}</p>
  </header>
);

/** That every record is accounted for, and what waits. */
function Balance({ overview: { records, files, queues, withoutWarehouse } }: { overview: Overview }) {
  const { read, published, duplicates, deleted, rejected } = records;
  const states = Object.entries(files).map(([status, number]) => `${count(number)} ${status}`);
  const letters = queues.filter(({ queue, messages }) => queue.startsWith('dead letters') && messages > 0);
  return (
    <>
      <p class="balance">
        <strong>{count(read)}</strong> read = <strong>{count(published)}</strong> published +{' '}
        <strong>{count(duplicates)}</strong> duplicates +{' '}
        {deleted > 0 && (
          <>
            <strong>{count(deleted)}</strong> deleted +{' '}
          </>
        )}
        <strong>{count(rejected)}</strong> rejected
        {states.length > 0 && <span class="hint"> · files: {states.join(', ')}</span>}
      </p>
      {withoutWarehouse && <p class="notice">Snowflake is not shown: {withoutWarehouse}</p>}
      {letters.map(({ queue, messages }) => (
        <p key={queue} class="notice">
          {count(messages)} {queue}: npm run reviews -- status shows them, docs/runbook.md says what to do.
        </p>
      ))}
    </>
  );
}
