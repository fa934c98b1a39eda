import type { SourceQuality } from '../answers';
import { StackedDays } from './charts';
import { count, share } from './format';
import { Scroll } from './parts';

/** How good each source's records are: published, duplicates and rejected by day. */
export const Quality = ({ sources }: { sources: readonly SourceQuality[] }) => (
  <>
    <ul class="legend" aria-label="Colours of the bars">
      <li class="key-published">published</li>
      <li class="key-duplicates">duplicates</li>
      <li class="key-rejected">rejected</li>
    </ul>
    <Scroll label="Quality of each source">
      <table>
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">By day of arrival</th>
            <th scope="col" class="right">
              Files
            </th>
            <th scope="col" class="right">
              Records
            </th>
            <th scope="col" class="right">
              Rejected
            </th>
            <th scope="col">Most frequent reason</th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <tr key={source.source}>
              <th scope="row">{source.source}</th>
              <td>
                <StackedDays days={source.days} />
              </td>
              <td class="right">{count(source.files)}</td>
              <td class="right">{count(source.read)}</td>
              <td class="right">{share(source.rejected, source.read)}</td>
              <td>{Object.keys(source.rejectedByReason)[0] ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  </>
);
