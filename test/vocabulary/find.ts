/** Words to avoid, each as a regular expression, with what to write instead. */
export type Vocabulary = Readonly<Record<string, string>>;

export interface Finding {
  readonly line: number;
  readonly words: string;
  readonly instead: string;
}

/** Between two words of a comment there may be a line break and the marks that begin the next line. */
const GAP = '\\s+(?:(?://|--|[*#>|])\\s*)?';

/** The words of a text that the vocabulary says to avoid, in the order of their lines. */
export function findWords(text: string, vocabulary: Vocabulary): Finding[] {
  return Object.entries(vocabulary)
    .flatMap(([pattern, instead]) =>
      [...text.matchAll(new RegExp(`(?<![\\w-])(?:${pattern.replaceAll(' ', GAP)})(?![\\w-])`, 'gi'))].map((match) => ({
        line: text.slice(0, match.index).split('\n').length,
        words: match[0].replaceAll(new RegExp(GAP, 'g'), ' '),
        instead,
      })),
    )
    .sort((one, other) => one.line - other.line);
}
