/** Lines that fit on one page of the font size used. */
const LINES = 60;

/**
 * A PDF of one page that shows these lines: ASCII, at most 60 lines of about 90 characters. Plain objects and no
 * compression, so that it is readable here and by every reader. (PDF 1.4, ISO 32000-1, 7.5: file structure)
 */
export function makePdf(lines: string[]): Uint8Array {
  const shown = lines.slice(0, LINES).map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) Tj T*`);
  const stream = ['BT /F1 10 Tf 12 TL 50 790 Td', ...shown, 'ET'].join('\n');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const entries = ['0000000000 65535 f ', ...offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n `)];
  const xref = `xref\n0 ${entries.length}\n${entries.join('\n')}\n`;
  const trailer = `trailer\n<< /Size ${entries.length} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return new TextEncoder().encode(body + xref + trailer);
}
