import { max } from 'd3-array';
import { scaleBand, scaleLinear, scaleUtc } from 'd3-scale';
import { curveMonotoneX, line } from 'd3-shape';
import type { QualityOfDay } from '../../records';
import { count, rating } from './format';

/** A value of one day, or of the month that begins with it. */
export interface Point {
  readonly day: string;
  readonly value: number;
}

const WIDTH = 480;
const HEIGHT = 150;
const MARGIN = { top: 8, right: 12, bottom: 24, left: 36 };
const [LEFT, RIGHT] = [MARGIN.left, WIDTH - MARGIN.right];
const [TOP, BOTTOM] = [MARGIN.top, HEIGHT - MARGIN.bottom];

/** What a chart says, for who cannot see it. */
function said(points: readonly Point[], text: (value: number) => string): string {
  const values = points.map(({ value }) => value);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return 'No data';
  return `From ${first.day} (${text(first.value)}) to ${last.day} (${text(last.value)}); lowest ${text(Math.min(...values))}, highest ${text(Math.max(...values))}`;
}

interface AxesProps {
  readonly ticks: readonly { readonly y: number; readonly label: string }[];
  readonly points: readonly Point[];
}

/** Lines of the scale, and the first and the last day. */
const Axes = ({ ticks, points }: AxesProps) => (
  <g class="axis">
    {ticks.map(({ y, label }) => (
      <g key={label}>
        <line x1={LEFT} x2={RIGHT} y1={y} y2={y} />
        <text x={LEFT - 6} y={y + 4} text-anchor="end">
          {label}
        </text>
      </g>
    ))}
    <text x={LEFT} y={HEIGHT - 6}>
      {points[0]?.day}
    </text>
    {points.length > 1 && (
      <text x={RIGHT} y={HEIGHT - 6} text-anchor="end">
        {points.at(-1)?.day}
      </text>
    )}
  </g>
);

interface TrendProps {
  readonly points: readonly Point[];
  readonly low: number;
  readonly high: number;
}

/** A line through values in time. */
export function Trend({ points, low, high }: TrendProps) {
  const times = points.map(({ day }) => new Date(day));
  const x = scaleUtc([times[0] ?? new Date(), times.at(-1) ?? new Date()], [LEFT, RIGHT]);
  const y = scaleLinear([low, high], [BOTTOM, TOP]);
  const path = line<Point>(
    ({ day }) => x(new Date(day)),
    ({ value }) => y(value),
  ).curve(curveMonotoneX);
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Rating. ${said(points, rating)}`}>
      <Axes ticks={y.ticks(4).map((tick) => ({ y: y(tick), label: String(tick) }))} points={points} />
      <path class="trend" d={path([...points]) ?? ''} />
      {points.map((point) => (
        <circle
          key={point.day}
          class="dot"
          cx={x(new Date(point.day))}
          cy={y(point.value)}
          r={points.length > 40 ? 1.5 : 3}
        >
          <title>{`${point.day.slice(0, 7)}: ${rating(point.value)}`}</title>
        </circle>
      ))}
    </svg>
  );
}

/** A bar for each day. */
export function Bars({ points }: { points: readonly Point[] }) {
  const x = scaleBand(
    points.map(({ day }) => day),
    [LEFT, RIGHT],
  ).padding(0.15);
  const y = scaleLinear([0, max(points, ({ value }) => value) ?? 1], [BOTTOM, TOP]).nice(3);
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Reviews. ${said(points, count)}`}>
      <Axes ticks={y.ticks(3).map((tick) => ({ y: y(tick), label: count(tick) }))} points={points} />
      {points.map(({ day, value }) => (
        <rect key={day} class="bar" x={x(day)} y={y(value)} width={x.bandwidth()} height={BOTTOM - y(value)}>
          <title>{`${day}: ${count(value)}`}</title>
        </rect>
      ))}
    </svg>
  );
}

const DAYS_WIDTH = 220;
const DAYS_HEIGHT = 28;
/** Days shown beside a source, the newest. */
const DAYS = 30;

/** Published, duplicate and rejected records of the newest days, one bar a day; its height is relative to the source's best day. */
export function StackedDays({ days }: { days: readonly QualityOfDay[] }) {
  const shown = days.slice(-DAYS);
  const most = max(shown, ({ read }) => read) || 1;
  const y = scaleLinear([0, most], [0, DAYS_HEIGHT]);
  const step = Math.min(14, DAYS_WIDTH / shown.length);
  const text = shown.map(({ day, read, rejected }) => `${day}: ${count(read)} read, ${count(rejected)} rejected`);
  return (
    <svg
      class="days"
      viewBox={`0 0 ${DAYS_WIDTH} ${DAYS_HEIGHT}`}
      width={DAYS_WIDTH}
      height={DAYS_HEIGHT}
      role="img"
      aria-label={text.join('; ')}
    >
      {shown.map(({ day, published, duplicates, rejected }, index) => {
        const parts = { published, duplicates, rejected };
        let below = 0;
        return (
          <g key={day}>
            <title>{text[index]}</title>
            {Object.entries(parts).map(([part, records]) => {
              const height = records > 0 ? Math.max(1.5, y(records)) : 0;
              below += height;
              return (
                <rect
                  key={part}
                  class={part}
                  x={index * step}
                  y={Math.max(0, DAYS_HEIGHT - below)}
                  width={step - 2}
                  height={height}
                />
              );
            })}
          </g>
        );
      })}
    </svg>
  );
}
