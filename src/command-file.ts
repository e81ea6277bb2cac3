/** A name and its value, as a step hands them to the runner. */
export interface NamedValue {
  name: string;
  value: string;
}

/**
 * Names and values of a command file as the runner reads it: NAME=value, or NAME<<DELIMITER, lines, DELIMITER.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
 * @throws Error that says at which line it is not one
 */
export function readCommandFile(text: string): NamedValue[] {
  const lines = text.split(/\r?\n/);
  const found: NamedValue[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (!line) continue;
    const [, name = '', kind, rest = ''] = /^(.*?)(=|<<)(.*)$/s.exec(line) ?? [];
    if (!name || !kind || (kind === '<<' && !rest))
      throw new Error(`line ${at + 1} is neither NAME=value nor NAME<<END`);
    if (kind === '=') {
      found.push({ name, value: rest });
      continue;
    }
    const end = lines.indexOf(rest, at + 1);
    if (end < 0) throw new Error(`what begins at line ${at + 1} does not end: there is no line ${rest}`);
    found.push({ name, value: lines.slice(at + 1, end).join('\n') });
    at = end;
  }
  return found;
}
