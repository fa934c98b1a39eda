import type { ComponentChildren } from 'preact';
import type { Asked } from './asking';

const SIGNS: Readonly<Record<string, string>> = {
  PUBLISHED: '✔',
  SUCCEEDED: '✔',
  RUNNING: '●',
  RECEIVED: '●',
  PROCESSING: '●',
  EMPTY: '○',
  DUPLICATE: '○',
  QUARANTINED: '⚠',
};

/** A state in words, with a sign: never by its colour alone. */
export const Status = ({ status }: { status: string }) => (
  <span class={`status status-${status.toLowerCase()}`}>
    <span aria-hidden="true">{SIGNS[status] ?? '✖'}</span> {status}
  </span>
);

interface SectionProps<T> {
  readonly id: string;
  readonly title: string;
  /** One sentence on what is to be seen. */
  readonly hint: string;
  readonly asked: Asked<T>;
  readonly isEmpty: (answer: T) => boolean;
  /** What to say, and to do, where there is nothing. */
  readonly empty: ComponentChildren;
  readonly children: (answer: T) => ComponentChildren;
}

/** A part of the page, in whichever state its answer is: awaited, empty, refused, there. */
export function Section<T>({ id, title, hint, asked, isEmpty, empty, children }: SectionProps<T>) {
  const { answer, error } = asked;
  return (
    <section id={id} class="card" aria-labelledby={`${id}-title`} aria-busy={!answer && !error}>
      <header class="head">
        <h2 id={`${id}-title`}>{title}</h2>
        <p class="hint">{hint}</p>
      </header>
      {error && (
        <p class="notice" role="status">
          {error}
        </p>
      )}
      {answer && (isEmpty(answer) ? <p class="empty">{empty}</p> : children(answer))}
      {!answer && !error && <Loading />}
    </section>
  );
}

const Loading = () => (
  <p class="loading">
    <span>Loading …</span>
  </p>
);

/** A table that may be wider than the screen: the keyboard can scroll it. */
export const Scroll = ({ label, children }: { label: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard (WCAG 2.1.1)
  <section class="scroll" aria-label={label} tabIndex={0}>
    {children}
  </section>
);
