/**
 * A URL as messages, log, summary and reports name it: without what may open something. A query may be a signature, a fragment a
 * token, and what stands before an @ is a password: https://www.rfc-editor.org/rfc/rfc3986#section-3
 */
export function nameOfUrl(url: string): string {
  // as the parser of URLs reads it, https:/, https:/// and https:\\ are https://, and line breaks are nothing
  const written = url
    .trim()
    .replace(/[\t\r\n]/g, '')
    .replace(/^(https?:)[/\\]*/i, '$1//');
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*:\/\/)/i.exec(written) ?? [];
  // a password with a / or a ? in it: nobody knows where it ends
  if (scheme && written.includes('@') && !URL.canParse(written)) return `${scheme}…`;
  const open = written.replace(/[?#].*$/s, '');
  const rest = open.slice(scheme.length);
  const path = rest.search(/[/\\]/);
  const host = path < 0 ? rest : rest.slice(0, path);
  return scheme + host.slice(host.lastIndexOf('@') + 1) + (path < 0 ? '' : rest.slice(path));
}

/** A text of somebody else, such as an error of Helm, in which every URL is named so. */
export function namingUrls(text: string): string {
  return text.replace(/\b(?:https?|oci):\/\/[^\s"'`<>|\\]+/gi, (found) => {
    const url = found.replace(/[).,:;\]}]+$/, ''); // a sentence goes on behind it
    return nameOfUrl(url) + found.slice(url.length);
  });
}

/** The URL of a path below another one, whose query stays: it may be what grants access. */
export function below(base: string, path: string): string {
  const [, place = base, query = ''] = /^([^?#]*)(\?[^#]*)?/.exec(base) ?? [];
  return `${place.replace(/\/+$/, '')}/${path}${query}`;
}

/** Whether what is sent to a URL, or comes from it, can be read and changed on the way: by http, and not within this machine. */
export function isOpenOnTheWay(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const isHere = /^127(\.\d+){3}$/.test(host) || host === '::1' || host === 'localhost';
  return protocol === 'http:' && !isHere;
}
