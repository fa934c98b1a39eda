import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { lexer, type Token, type Tokens, walkTokens } from 'marked';
import { ROOT } from '../../local/paths';

/** Every token of a Markdown file, those within others included. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  walkTokens(lexer(text), (token) => {
    tokens.push(token);
  });
  return tokens;
}

/** The anchors that GitHub and the site give to the headings. */
function anchorsOf(text: string): Set<string> {
  const slugger = new GithubSlugger();
  const headings = tokensOf(text).filter((token): token is Tokens.Heading => token.type === 'heading');
  return new Set(headings.map((heading) => slugger.slug(plain(heading.tokens))));
}

/** Text of a heading without its markup. */
const plain = (tokens: readonly Token[]): string =>
  tokens
    .map((token) => ('tokens' in token && token.tokens ? plain(token.tokens) : 'text' in token ? token.text : ''))
    .join('');

/**
 * Links of a Markdown text that lead nowhere, each with the reason.
 *
 * @param file its path from the repository's top, from which relative links start
 */
export function brokenLinks(file: string, text: string): string[] {
  const links = tokensOf(text).flatMap((token) =>
    token.type === 'link' || token.type === 'image' ? [token.href] : [],
  );
  return links.flatMap((href: string) => {
    // Other hosts are not asked: a test must not depend on the network.
    if (/^(https?|mailto):/.test(href)) return [];
    const [path = '', anchor] = decodeURI(href).split('#');
    const target = path === '' ? file : join(dirname(file), path);
    if (path !== '' && !existsSync(join(ROOT, target))) return [`${file}: ${href} (no file ${target})`];
    if (anchor === undefined) return [];
    const anchors = anchorsOf(path === '' ? text : readFileSync(join(ROOT, target), 'utf8'));
    return anchors.has(anchor) ? [] : [`${file}: ${href} (no heading #${anchor} in ${target})`];
  });
}

/** A line of a `bash` block: one command, as a reader copies it. */
export interface Command {
  readonly file: string;
  readonly text: string;
}

/** The commands of a Markdown text, in order, without their comments. */
export function commandsOf(file: string, text: string): Command[] {
  return tokensOf(text)
    .filter((token): token is Tokens.Code => token.type === 'code' && token.lang === 'bash')
    .flatMap((block) => block.text.split('\n'))
    .map((line) => line.replace(/\s+#\s.*$/, '').trim())
    .filter((line) => line !== '')
    .map((line) => ({ file, text: line }));
}

/** First lines of the paragraphs and list items that go over more than one line. */
export function wrappedParagraphs(text: string): string[] {
  const prose = tokensOf(text).filter(
    ({ type, ...token }) => type === 'paragraph' || (type === 'text' && 'tokens' in token),
  );
  return prose
    .map(({ raw }) => raw.trim().split('\n'))
    .flatMap(([first = '', ...more]) => (more.length > 0 ? [first] : []));
}
