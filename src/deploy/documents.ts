import { Composer, Parser, type CST, type Document, type LineCounter } from 'yaml';
import { messageOf } from '../errors.js';

/** Why a YAML text is not read, in a clause, and where in it. */
export class YamlFault extends Error {
  /** @param offset in UTF-16 units from the start of the text */
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message.slice(0, LONGEST));
    this.name = 'YamlFault';
  }
}

/** Characters of a message: the library quotes what it does not understand, whole. */
const LONGEST = 200;

/**
 * What a text may ask of the parser, which cannot be interrupted. A token is a name, a value, a sign, a comment or a blank
 * between them; a line such as "replicas: 1" has six.
 */
export interface TokenLimits {
  /** Of all documents, and of a single one. */
  tokens: number;
  tokensOfDocument: number;
}

/**
 * Levels of mappings and lists. The library calls itself once or more per level; a CustomResourceDefinition of Kubernetes has
 * up to 60 levels.
 */
export const DEEPEST = 200;

/** Errors of a text that are collected before it is given up. */
const MOST_ERRORS = 20;

/** Helm takes the last of two members of the same name, and merges `<<`. Scalars are texts: see scalars.ts. */
const AS_HELM = { uniqueKeys: false, merge: true, schema: 'failsafe', prettyErrors: false } as const;

/**
 * The documents of a YAML text, one after the other, so that only one is held at a time. A text is given up at its first error,
 * and as soon as it passes a limit: before the library composes what it holds.
 *
 * @throws YamlFault
 */
export function* documentsIn(text: string, lines: LineCounter, limits: TokenLimits): Generator<Document.Parsed> {
  const parser = new LimitedParser(lines, limits);
  const composer = new Composer(AS_HELM);
  // the library's own collects all errors of a document, with a stack trace for each
  Object.defineProperty(composer, 'onError', { value: stoppingAtError() });
  try {
    for (const document of composer.compose(parser.parse(text))) {
      const error = document.errors[0];
      if (error) throw new YamlFault(firstLine(error.message), error.pos[0]);
      yield document;
    }
  } catch (error) {
    throw error instanceof YamlFault ? error : new YamlFault(firstLine(messageOf(error)), parser.offset);
  }
}

/** The library's parser, which builds tokens without calling itself, with the limits looked at after each token. */
class LimitedParser extends Parser {
  private seen = 0;
  private seenBefore = 0;
  private errors = 0;

  constructor(
    lines: LineCounter,
    private readonly limits: TokenLimits,
  ) {
    super(lines.addNewLine);
  }

  override *next(source: string): Generator<CST.Token, void> {
    const { tokens, tokensOfDocument } = this.limits;
    this.seen += 1;
    if (this.seen > tokens) throw this.over(`the text has more than ${tokens} tokens`);
    if (this.seen - this.seenBefore > tokensOfDocument)
      throw this.over(`the document has more than ${tokensOfDocument} tokens`);
    for (const token of super.next(source)) {
      if (token.type === 'document') this.seenBefore = this.seen;
      if (token.type === 'error' && (this.errors += 1) > MOST_ERRORS) throw this.over(firstLine(token.message));
      yield token;
    }
    if (this.stack.length > DEEPEST) throw this.over(`mappings and lists are nested more than ${DEEPEST} levels deep`);
  }

  private over(what: string): YamlFault {
    return new YamlFault(what, this.offset);
  }
}

/** As the library's Composer hands it to what composes the nodes. */
type ErrorSource = number | [number, number] | { offset: number };

function stoppingAtError(): (source: ErrorSource, code: string, message: string, isWarning?: boolean) => void {
  let first: YamlFault | undefined;
  return (source, _code, message, isWarning) => {
    if (isWarning) return; // of a tag or directive that it does not know
    const offset = typeof source === 'number' ? source : Array.isArray(source) ? source[0] : source.offset;
    first ??= new YamlFault(firstLine(message), offset); // the library catches it, and says the same of each level above
    throw first;
  };
}

function firstLine(message: string): string {
  return message.split(/[\r\n]/, 1)[0] ?? '';
}
