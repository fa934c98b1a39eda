import type { Overview, Stage } from '../answers';
import { count } from './format';

/** The flow as it is: one box for each stage, in the order in which a review passes them. */
export const Flow = ({ overview }: { overview: Overview }) => (
  <ol class="flow">
    {overview.stages.map((stage) => (
      <Box key={stage.name} stage={stage} />
    ))}
  </ol>
);

const Box = ({ stage: { name, by, figure, unit, note, atWork, troubled } }: { stage: Stage }) => (
  <li class={`stage${atWork ? ' at-work' : ''}${troubled ? ' troubled' : ''}`}>
    <h3>
      {name}
      {atWork && <span class="sign working">at work</span>}
      {troubled && !atWork && <span class="sign trouble">look here</span>}
    </h3>
    <p class="by">{by}</p>
    <p class="figure">{figure === null ? '–' : count(figure)}</p>
    <p class="unit">{unit}</p>
    <p class="note">{note}</p>
  </li>
);
